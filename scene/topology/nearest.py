"""Exact distances to a surface, by Blender's own tree."""

from __future__ import annotations

import numpy as np
from mathutils.bvhtree import BVHTree

from ...inference.polygons import split_polygons
from ...inference.types import PolygonMesh


class Nearest:
    """The nearest points of a surface. vertices: float32 [V, 3]. faces: int [F, 3]."""

    def __init__(self, vertices: np.ndarray, faces: np.ndarray) -> None:
        self._tree = BVHTree.FromPolygons(vertices.tolist(), faces.tolist(), all_triangles=True)

    @classmethod
    def of(cls, mesh: PolygonMesh) -> Nearest:
        """Of a mesh of triangles and quads, the quads cut along their shorter diagonal."""
        return cls(mesh.vertices, split_polygons(mesh))

    def measure(self, points: np.ndarray) -> np.ndarray:
        """Float64 [N]: distance of points float [N, 3] to the surface."""
        find = self._tree.find_nearest
        return np.array([find(point)[3] for point in points.tolist()], np.float64)

    def find(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distances float64 [N] of points float [N, 3], and int64 [N] the faces nearest to them."""
        find = self._tree.find_nearest
        found = [find(point)[2:] for point in points.tolist()]
        faces, distances = zip(*found, strict=True) if found else ((), ())
        return np.array(distances, np.float64), np.array(faces, np.int64)

    def project(self, points: np.ndarray) -> np.ndarray:
        """Float32 [N, 3]: the surface's points that are nearest to float [N, 3]."""
        find = self._tree.find_nearest
        return np.array([find(point)[0] for point in points.tolist()], np.float32)

    def cast(self, points: np.ndarray, ways: np.ndarray, reach: float) -> np.ndarray:
        """Float64 [N]: how far rays go from points float [N, 3] before they hit the surface.

        ways: float [N, 3], unit directions. reach: where a ray ends that hits nothing before.
        """
        ray = self._tree.ray_cast
        found = (
            ray(point, way, reach)[3]
            for point, way in zip(points.tolist(), ways.tolist(), strict=True)
        )
        return np.array([reach if distance is None else distance for distance in found], np.float64)


def choose_points(vertices: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of the vertices, spread evenly over their order: always the same ones."""
    if len(vertices) <= count:
        return vertices
    return vertices[np.linspace(0, len(vertices) - 1, count).astype(np.int64)]
