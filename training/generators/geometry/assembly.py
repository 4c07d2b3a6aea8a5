"""Named, coloured parts put together to one mesh."""

from __future__ import annotations

import numpy as np

from ...data.formats.mesh import Mesh, MeshError, clean
from .surface import Surface, join

Colour = tuple[float, float, float]


class Assembly:
    """Parts in the order they came; a name given twice continues the part of that name."""

    def __init__(self) -> None:
        self._pieces: list[tuple[str, Surface, Colour]] = []

    def add(self, name: str, surface: Surface | None, colour: Colour) -> None:
        """Add a piece to the part `name`; colour in display values 0-1. None adds nothing."""
        if surface is not None:
            self._pieces.append((name, surface, colour))

    def add_pair(self, name: str, surface: Surface | None, colour: Colour) -> None:
        """The piece as `name`_left, its mirror image in x = 0 as `name`_right.

        The piece has to be the left one, on +X: objects face -Y.
        """
        if surface is not None:
            self.add(f"{name}_left", surface, colour)
            self.add(f"{name}_right", surface.mirrored(0), colour)

    def part(self, name: str) -> Surface:
        """All pieces of a part as one surface. Raises MeshError if there are none."""
        return join(surface for part, surface, _ in self._pieces if part == name)

    def to_mesh(self) -> Mesh:
        """The mesh whose `group_names` are the parts. Raises MeshError without any."""
        if not self._pieces:
            raise MeshError("an assembly without parts")
        names = list(dict.fromkeys(name for name, _, _ in self._pieces))
        whole = join(surface for _, surface, _ in self._pieces)
        counts = [len(surface.faces) for _, surface, _ in self._pieces]
        total = len(whole.faces)
        colours = np.repeat(
            np.array([colour for _, _, colour in self._pieces], np.float32), counts, axis=0
        )
        groups = np.repeat([names.index(name) for name, _, _ in self._pieces], counts)
        return clean(
            Mesh(
                vertices=whole.vertices,
                faces=whole.faces,
                face_colours=colours,
                face_uvs=np.zeros((total, 3, 2), np.float32),
                face_textures=np.full(total, -1, np.int32),
                face_groups=groups.astype(np.int32),
                group_names=tuple(names),
            )
        )
