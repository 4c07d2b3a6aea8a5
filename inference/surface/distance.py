"""Distances from points to a surface of triangles."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree


def measure_distances(points: np.ndarray, vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Float64 [N]: exact distances of points float [N, 3] from triangles int [F, 3].

    vertices: float [V, 3], all of them used. The nearest vertex bounds what is looked for; large
    triangles are looked for on their own, so that they do not widen the search for all.
    """
    points = np.asarray(points, np.float64)
    corners = np.asarray(vertices, np.float64)[faces]
    best, _ = cKDTree(vertices).query(points)
    middles = corners.mean(axis=1)
    reach = np.linalg.norm(corners - middles[:, None], axis=2).max(axis=1)
    sizes = np.ceil(np.log2(np.maximum(reach, 1e-30)))
    for size in np.unique(sizes):
        some = np.flatnonzero(sizes == size)
        near = cKDTree(middles[some]).query_ball_point(points, best + reach[some].max())
        counts = np.fromiter(map(len, near), np.int64, len(near))
        asked = np.repeat(np.arange(len(points)), counts)
        triangles = some[np.concatenate([*map(np.asarray, near), []]).astype(np.int64)]
        np.minimum.at(best, asked, _distance_to_triangles(points[asked], corners[triangles]))
    return best


def _distance_to_triangles(points: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Of every point [N, 3] from its triangle [N, 3, 3]: over its middle, else over its edges."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    normal = np.cross(b - a, c - a)
    size = np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-30)
    normal = normal / size
    inside = np.ones(len(points), bool)
    best = np.full(len(points), np.inf)
    for start, end in ((a, b), (b, c), (c, a)):
        along, to = end - start, points - start
        inside &= np.einsum("nd,nd->n", np.cross(along, to), normal) >= 0
        length = np.maximum(np.einsum("nd,nd->n", along, along), 1e-30)
        share = (np.einsum("nd,nd->n", to, along) / length).clip(0, 1)
        best = np.minimum(best, np.linalg.norm(to - share[:, None] * along, axis=1))
    return np.where(inside, np.abs(np.einsum("nd,nd->n", points - a, normal)), best)
