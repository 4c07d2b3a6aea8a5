"""Parts thinner than a voxel, made as thick for as long as the voxels look at them."""

from __future__ import annotations

import numpy as np

from ...inference.polygons import cross_triangles, link_corners, split_polygons
from ...inference.types import PolygonMesh
from .nearest import Nearest

_SMOOTHINGS = 4


def thicken(mesh: PolygonMesh, nearest: Nearest, thickness: float) -> PolygonMesh:
    """The mesh with its surface moved outward wherever it is thinner than `thickness`.

    nearest: of the same mesh. Thickness is what a ray along the inward normal crosses (the shape
    diameter function of Shapira et al. 2008, with one ray). The surface may cut itself then.
    """
    normals = average_normals(mesh)
    start = mesh.vertices - normals * (1e-3 * thickness)
    across = nearest.cast(start, -normals, thickness)
    lift = np.maximum(thickness - across, 0.0) / 2
    tails, heads = link_corners(mesh).edges.T
    degree = np.bincount(tails, minlength=len(lift)) + np.bincount(heads, minlength=len(lift))
    for _ in range(_SMOOTHINGS):  # one ray may slip through a gap
        total = np.bincount(tails, lift[heads], len(lift))
        total += np.bincount(heads, lift[tails], len(lift))
        lift = np.maximum(lift, total / np.maximum(degree, 1))
    places = mesh.vertices + normals * lift[:, None]
    return PolygonMesh(places.astype(np.float32), mesh.corners, mesh.sizes)


def average_normals(mesh: PolygonMesh) -> np.ndarray:
    """Float64 [V, 3]: unit normals of the vertices, weighted by area; zero where undefined."""
    triangles = split_polygons(mesh)
    cross = np.repeat(cross_triangles(mesh.vertices, triangles), 3, axis=0)
    flat, count = triangles.reshape(-1), len(mesh.vertices)
    total = np.stack([np.bincount(flat, cross[:, axis], count) for axis in range(3)], axis=-1)
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.divide(total, length, out=np.zeros_like(total), where=length > 0)
