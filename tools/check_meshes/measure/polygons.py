"""Triangles and quads: how many, how regular."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import MeshArrays


def measure_polygons(arrays: MeshArrays) -> dict[str, Any]:
    """Shares of kinds and of regular vertices, angles of corners, planarity; plain types.

    quad_share: of the polygons. valence_4: share of vertices where four edges meet, 6 likewise.
    corner_angles: 5th, 50th and 95th percentile in degrees. warp: mean distance between the two
    diagonals of a quad as a share of their mean length; 0 is planar.
    """
    sizes, count = arrays.sizes, max(len(arrays.sizes), 1)
    starts = arrays.corners
    ends = arrays.corners[arrays.following]
    low, high = np.minimum(starts, ends), np.maximum(starts, ends)
    edges = np.unique(low * np.int64(len(arrays.vertices)) + high)
    number = max(len(arrays.vertices), 1)
    valence = np.bincount(np.concatenate(np.divmod(edges, number)), minlength=number)
    before = np.empty(len(arrays.corners), np.int64)
    before[arrays.following] = np.arange(len(arrays.corners))
    here = arrays.vertices[arrays.corners]
    one = arrays.vertices[ends] - here
    other = arrays.vertices[arrays.corners[before]] - here
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    cosines = np.einsum("ij,ij->i", one, other) / np.maximum(lengths, 1e-30)
    angles = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    return {
        "triangle_share": float((sizes == 3).sum() / count),
        "quad_share": float((sizes == 4).sum() / count),
        "valence_4": float((valence == 4).mean()),
        "valence_6": float((valence == 6).mean()),
        "corner_angles": [round(float(a), 2) for a in np.percentile(angles, (5, 50, 95))]
        if len(angles)
        else [],
        "warp": _measure_warp(arrays),
    }


def _measure_warp(arrays: MeshArrays) -> float:
    first = arrays.starts[arrays.sizes == 4]
    if not len(first):
        return 0.0
    a, b, c, d = (arrays.vertices[arrays.corners[first + corner]] for corner in range(4))
    across = np.cross(c - a, d - b)
    size = np.linalg.norm(across, axis=1)
    gap = np.abs(np.einsum("ij,ij->i", b - a, across)) / np.maximum(size, 1e-30)
    mean = (np.linalg.norm(c - a, axis=1) + np.linalg.norm(d - b, axis=1)) / 2
    return float((gap / np.maximum(mean, 1e-30)).mean())
