"""Collects the closed solids of an aircraft, each with its name and paint, into one mesh.

Unlike `geometry.assembly`, paint may vary over one solid (liveries, camouflage, wing tips), and a
part named for one side is mirrored to the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ...data.formats.mesh import Mesh, clean
from ..geometry import sweep
from ..geometry.surface import Surface, join

Colour = tuple[float, float, float]
Paint = Colour | Callable[[np.ndarray], np.ndarray]
"""One colour, or a function of the faces' middles float64 [F, 3] to colours [F, 3]."""


class Assembly:
    """Parts so far. A name with `{side}` is a part of the left side, mirrored to the right."""

    def __init__(self) -> None:
        self._pieces: list[tuple[str, Surface, np.ndarray]] = []

    def add(self, name: str, surface: Surface, paint: Paint) -> None:
        """Add one closed solid in metres; a name given twice continues that part."""
        if "{side}" in name:
            self.add(name.format(side="left"), surface, paint)
            self.add(name.format(side="right"), surface.mirrored(0), paint)
            return
        self._add(name, surface, surface.triangles.mean(axis=1), paint)

    def _add(self, name: str, surface: Surface, middles: np.ndarray, paint: Paint) -> None:
        colours = paint(middles) if callable(paint) else np.tile(paint, (len(middles), 1))
        self._pieces.append((name, surface, np.asarray(colours, np.float32)))

    def loft(self, name: str, sections: np.ndarray, paint: Paint) -> None:
        """Add the solid through closed sections [S, K, 3], its ends fans around their middle."""
        ends = [np.broadcast_to(end.mean(axis=0), end.shape)[None] for end in sections[[0, -1]]]
        closed = np.concatenate([ends[0], sections, ends[1]])
        surface = sweep.loft(closed, caps=False).outward()
        # both halves of a quad are painted alike, or borders between colours would have teeth
        first, second = np.split(surface.triangles.mean(axis=1), 2)
        middles = np.tile((first + second) / 2, (2, 1))
        for side, factor in (("left", 1.0), ("right", -1.0)) if "{side}" in name else (("", 1.0),):
            placed = surface if factor > 0 else surface.mirrored(0)
            self._add(name.format(side=side), placed, middles * [factor, 1, 1], paint)

    def revolve(
        self,
        name: str,
        profile: Sequence[tuple[float, float]],
        origin: Sequence[float],
        paint: Paint,
        axis: int = 1,
        around: int = 18,
    ) -> None:
        """Add a solid of revolution about a coordinate axis moved to `origin`.

        profile: (way along the axis, radius) in metres. It may run back and forth (a duct), so long
        as it starts and ends with radius 0.
        """
        table = np.asarray(profile, np.float64)
        self.add(name, sweep.revolve(table, axis, around).moved(*origin), paint)

    def strut(
        self,
        name: str,
        points: Sequence[Sequence[float]] | np.ndarray,
        radius: float | Sequence[float],
        paint: Paint,
        flat: float = 1.0,
        around: int = 8,
    ) -> None:
        """Add a bar through points [N, 3]; `flat` below 1 thins it across Y (as struts are)."""
        line = np.asarray(points, np.float64)
        radii = np.broadcast_to(np.asarray(radius, np.float64), (len(line),))
        turn = (np.arange(around) + 0.5) / around * 2 * np.pi
        rings = []
        for point, size, way in zip(line, radii, np.gradient(line, axis=0), strict=True):
            way = way / np.linalg.norm(way)
            helper = np.eye(3)[1 if abs(way[1]) < 0.9 else 2]
            wide = helper - way * np.dot(helper, way)
            wide /= np.linalg.norm(wide)
            thin = np.cross(way, wide) * flat
            ring = np.cos(turn)[:, None] * wide + np.sin(turn)[:, None] * thin
            rings.append(point + ring * size)
        self.loft(name, np.stack(rings), paint)

    def lowest(self) -> float:
        """The lowest z of everything so far, metres."""
        return min(float(surface.vertices[:, 2].min()) for _, surface, _ in self._pieces)

    def mesh(self) -> Mesh:
        """Everything added, one group a part name. Raises MeshError when nothing was added."""
        whole = join(surface for _, surface, _ in self._pieces)
        names = list(dict.fromkeys(name for name, _, _ in self._pieces))
        counts = [len(surface.faces) for _, surface, _ in self._pieces]
        groups = np.repeat([names.index(name) for name, _, _ in self._pieces], counts)
        colours = np.concatenate([colours for _, _, colours in self._pieces])
        return clean(
            Mesh(
                vertices=whole.vertices,
                faces=whole.faces,
                face_colours=np.clip(colours, 0, 1).astype(np.float32),
                face_uvs=np.zeros((len(groups), 3, 2), np.float32),
                face_textures=np.full(len(groups), -1, np.int32),
                face_groups=groups.astype(np.int32),
                group_names=tuple(names),
            )
        )
