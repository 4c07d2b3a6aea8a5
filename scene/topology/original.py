"""The surface that is given another topology, and what all ways of doing so ask about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ...inference.polygons import measure_volume
from ...inference.surface.halves import GAP, SNAP, cut_half, tidy_seam
from ...inference.types import BaseMesh, PolygonMesh
from .nearest import Nearest, choose_points
from .remnants import count_parts

_MAX_ASYMMETRY, _USUAL_ASYMMETRY = 0.75, 0.25
"""In voxels: how far the mirror image of any vertex, and of 99 % of them, may be from the surface
of an object that mirrors itself. Made exact, it changes by no more than that."""
_FIRST_LOOK = 400


class Original:
    """A closed surface of triangles, in metres.

    vertices: float32 [V, 3]. faces: int32 [F, 3]. cell: length of a voxel of its extraction; 0:
    its median edge, which is as long. plane: x of the plane in which it may mirror itself.
    """

    def __init__(
        self, vertices: np.ndarray, faces: np.ndarray, cell: float = 0.0, plane: float = 0.0
    ) -> None:
        self.vertices, self.faces = vertices, faces
        self.plane = plane
        self.diagonal = float(np.linalg.norm(np.ptp(vertices, axis=0)))
        if cell <= 0.0:
            edges = vertices[faces] - vertices[faces[:, [1, 2, 0]]]
            cell = float(np.median(np.linalg.norm(edges, axis=2)))
        self.cell = max(cell, 1e-6 * self.diagonal)

    @classmethod
    def of(cls, mesh: BaseMesh) -> Original:
        """Of a result; where it does not tell its voxel and its place they are estimated."""
        placement = mesh.info.get("placement", {})
        scale = float(placement.get("scale", 0.0))
        cell = scale * float(mesh.info.get("extraction", {}).get("cell", 0.0))
        plane = -scale * float(placement.get("ground", (0.0,))[0])
        return cls(mesh.vertices, mesh.faces, cell, plane)

    @property
    def mesh(self) -> PolygonMesh:
        """The same as polygons."""
        return PolygonMesh.from_triangles(self.vertices, self.faces)

    @cached_property
    def nearest(self) -> Nearest:
        """Distances to this surface."""
        return Nearest(self.vertices, self.faces)

    @cached_property
    def volume(self) -> float:
        """In cubic metres."""
        return measure_volume(self.vertices, self.faces)

    @cached_property
    def parts(self) -> int:
        """Number of connected components."""
        return count_parts(self.mesh)

    @cached_property
    def symmetric(self) -> bool:
        """Whether the surface is its own mirror image, to within a fraction of a voxel."""
        places = self.vertices.astype(np.float64)
        places[:, 0] = 2.0 * self.plane - places[:, 0]
        limit = _MAX_ASYMMETRY * self.cell
        if (self.nearest.measure(choose_points(places, _FIRST_LOOK)) > limit).any():
            return False
        distances = self.nearest.measure(places)
        usual = float(np.quantile(distances, 0.99))
        return bool(distances.max() <= limit and usual <= _USUAL_ASYMMETRY * self.cell)

    @cached_property
    def half(self) -> PolygonMesh:
        """What lies at x > plane, moved so that the plane is x = 0; its open edge is in the plane.

        Meaningful where the surface is symmetric.
        """
        places = self.vertices.astype(np.float64)
        places[:, 0] -= self.plane
        return self.tidy(cut_half(places, self.faces, SNAP * self.cell))

    def tidy(self, half: PolygonMesh) -> PolygonMesh:
        """`tidy_seam` with the gap that suits this surface."""
        return tidy_seam(half, GAP * self.cell)


@dataclass(frozen=True)
class Remeshed:
    """A surface with another topology, in metres, where the original stood.

    delivered: topology of the mesh, which may be another one than was asked for; messages say so.
    symmetric: whether it mirrors itself exactly in x = 0. report: plain JSON types.
    """

    mesh: PolygonMesh
    delivered: str
    symmetric: bool = False
    messages: tuple[str, ...] = ()
    report: dict[str, Any] = field(default_factory=dict)
