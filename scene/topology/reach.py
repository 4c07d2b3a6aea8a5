"""Tips, corners and rims of a surface that a coarser one cut off, reached again by its vertices."""

from __future__ import annotations

import numpy as np

from ...inference.polygons import split_polygons
from ...inference.types import PolygonMesh
from .draw import draw_vertices
from .nearest import Nearest

LOST_FROM, LOST_TO = 0.4, 2.5
"""In voxels of the original: what is nearer is not lost. In edges of the mesh: what is farther
belongs to a part that the mesh has not."""
_ROUNDS = 3


def reach_points(
    mesh: PolygonMesh,
    points: np.ndarray,
    *,
    near: float,
    far: float,
    gap: float | None = None,
    mirrored: bool = False,
) -> PolygonMesh:
    """Vertices moved onto those of the points that the mesh has lost, where no face turns over.

    Each goes to the farthest of the points that it is the nearest vertex to.

    Parameters
    ----------
    points: float [N, 3], on the surface that the mesh stands for. near, far: lost is what is
        between these distances from the mesh.
    gap: the mesh is the half at x >= 0 of a symmetric one: vertices with x = 0 stay in that plane,
        all others so far in front of it. mirrored: the mesh is symmetric, as `mirror_right` makes
        it: the right half's vertices, then their images in the same order; it stays so.
    """
    for _ in range(_ROUNDS):
        triangles = split_polygons(mesh)
        distance, triangle = Nearest(mesh.vertices, triangles).find(points)
        lost = np.flatnonzero((distance > near) & (distance < far))
        if not len(lost):
            break
        lost = lost[np.argsort(distance[lost], kind="stable")]  # of several the farthest comes last
        points = points[lost]
        corners = triangles[triangle[lost]]
        away = np.linalg.norm(mesh.vertices[corners] - points[:, None], axis=2)
        vertex = corners[np.arange(len(corners)), away.argmin(axis=1)]
        wanted, target = mesh.vertices.astype(np.float64), points.astype(np.float64)
        half = len(wanted) // 2
        if mirrored:
            left = vertex >= half
            target[left, 0] *= -1
            vertex = np.where(left, vertex - half, vertex)
        wanted[vertex] = target
        if gap is not None:
            right = slice(0, half if mirrored else len(wanted))
            seam = mesh.vertices[right, 0] == 0.0
            wanted[right, 0] = np.where(seam, 0.0, np.maximum(wanted[right, 0], gap))
        if mirrored:
            wanted[half:] = wanted[:half] * [-1, 1, 1]
        mesh = draw_vertices(mesh, wanted)
    return mesh
