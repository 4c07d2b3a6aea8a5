"""How many triangles of a plane cover each point of a grid: silhouettes, and overlaps of UVs."""

from __future__ import annotations

import numpy as np

_GAP = 1e-6
"""Grid units by which a triangle must reach past a point: neighbours share none on their edge."""


def count_cover(triangles: np.ndarray, side: int) -> np.ndarray:
    """int32 [side, side]: how many triangles hold each cell's centre in their interior.

    triangles: float64 [T, 3, 2], (x, y) in cells; the row is y. What reaches beyond the grid is cut
    off. Triangles that share an edge never both count a centre. Each row of each triangle is one
    span, whose ends are added up and summed along the row.
    """
    low, high = triangles[:, :, 1].min(axis=1), triangles[:, :, 1].max(axis=1)
    # centres are at row + 0.5; a row belongs to low <= row + 0.5 < high
    first = np.clip(np.ceil(low - 0.5), 0, side).astype(np.int64)
    last = np.clip(np.ceil(high - 0.5), 0, side).astype(np.int64)
    counts = np.maximum(last - first, 0)
    which = np.repeat(np.arange(len(triangles)), counts)
    rows = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    left = np.full(len(which), np.inf)
    right = np.full(len(which), -np.inf)
    height = rows + 0.5
    for corner in range(3):
        a = triangles[which, corner]
        b = triangles[which, (corner + 1) % 3]
        upward = (a[:, 1] <= height) & (height < b[:, 1])
        downward = (b[:, 1] <= height) & (height < a[:, 1])
        crosses = upward | downward
        # always from the lower end, so that neighbours get the same number
        start = np.where(upward[:, None], a, b)[crosses]
        end = np.where(upward[:, None], b, a)[crosses]
        share = (height[crosses] - start[:, 1]) / (end[:, 1] - start[:, 1])
        place = start[:, 0] + share * (end[:, 0] - start[:, 0])
        left[crosses] = np.minimum(left[crosses], place)
        right[crosses] = np.maximum(right[crosses], place)
    enter = np.ceil(np.clip(left + _GAP - 0.5, 0, side)).astype(np.int64)
    leave = np.ceil(np.clip(right - _GAP - 0.5, 0, side)).astype(np.int64)
    wide = leave > enter
    steps = np.zeros((side, side + 1), np.int64)
    flat = rows[wide] * (side + 1)
    steps += np.bincount(flat + enter[wide], minlength=steps.size).reshape(steps.shape)
    steps -= np.bincount(flat + leave[wide], minlength=steps.size).reshape(steps.shape)
    return np.cumsum(steps, axis=1)[:, :side].astype(np.int32)


def intersect_over_union(first: np.ndarray, second: np.ndarray) -> float:
    """Of two masks of one shape; 1 when both are empty."""
    either = np.count_nonzero(first | second)
    return float(np.count_nonzero(first & second) / either) if either else 1.0
