"""Fewer triangles for shapes of many parts, none of which may get lost.

Quadric errors (Garland and Heckbert 1997) count absolute distances: of a lamp whose shade is dense
the collapse takes the stem first, of a sofa with fine arms the seat. So each connected part gets
its own share of the triangles, and keeps more of them where it would lose its shape.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

Simplify = Callable[[np.ndarray, np.ndarray, int], tuple[np.ndarray, np.ndarray]]
"""Vertices float32 [V, 3], faces int32 [F, 3] and how many faces are wanted, to fewer of both."""

LEAST = 200  # triangles that every part may keep, where there are few parts
FEWEST = 12
ROUNDS, ENOUGH = 6, 1.1
"""One call may give up on dense flat sheets; it goes on where it is called again, until that many
times the wanted triangles are left."""
EXTENT, AREA = 0.02, 0.6
"""A part keeps its shape if its box stays within this share of its diagonal, and this share of its
area is left."""


def decimate(
    vertices: np.ndarray, faces: np.ndarray, groups: np.ndarray, target: int, simplify: Simplify
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """About `target` triangles of vertices float [V, 3] and faces int [F, 3], more where the parts
    are many. A new face belongs to the group (int [F]) of the nearest old one.

    Raises ValueError where no triangle has an area.
    """
    points, corners, groups = weld(vertices, faces, groups)
    parts = split_parts(corners, len(points))
    areas = [_measure_area(points[corners[part]]) for part in parts]
    budgets = share_budget(np.array([len(part) for part in parts]), np.array(areas), target)
    new_points, new_faces, offset = [], [], 0
    for part, budget in zip(parts, budgets.tolist(), strict=True):
        used, own = np.unique(corners[part], return_inverse=True)
        fewer, triangles = simplify_part(points[used], own.reshape(-1, 3), budget, simplify)
        new_points.append(fewer)
        new_faces.append(triangles + offset)
        offset += len(fewer)
    fewer, triangles = np.concatenate(new_points), np.concatenate(new_faces)
    nearest = cKDTree(points[corners].mean(axis=1)).query(fewer[triangles].mean(axis=1))[1]
    return fewer.astype(np.float64), triangles.astype(np.int32), groups[nearest]


def weld(
    vertices: np.ndarray, faces: np.ndarray, groups: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices that lie on each other joined (modifiers leave them where they meet), and triangles
    that have an area only. Raises ValueError where none has."""
    size = float(np.linalg.norm(np.ptp(vertices[np.unique(faces)], axis=0)))
    cells = np.round(vertices / max(1e-5 * size, 1e-12)).astype(np.int64)
    _, first, joined = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    corners = joined.reshape(-1)[faces]
    whole = (corners != np.roll(corners, 1, axis=1)).all(axis=1)
    if not whole.any():
        raise ValueError("no triangle has an area")
    return vertices[first], corners[whole], groups[whole]


def split_parts(faces: np.ndarray, count: int) -> list[np.ndarray]:
    """Numbers of the faces of every connected part; faces int [F, 3] of `count` vertices."""
    rows, columns = faces[:, [0, 1]].reshape(-1), faces[:, [1, 2]].reshape(-1)
    links = coo_matrix((np.ones(len(rows), bool), (rows, columns)), shape=(count, count))
    labels = connected_components(links, directed=False)[1][faces[:, 0]]
    order = np.argsort(labels, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def share_budget(counts: np.ndarray, areas: np.ndarray, target: int) -> np.ndarray:
    """Triangles int [P] that each part may keep: at least a few, the rest by its area."""
    least = np.minimum(counts, max(FEWEST, min(LEAST, target // (2 * len(counts)))))
    rest = max(target - int(least.sum()), 0)
    share = least + rest * areas / max(float(areas.sum()), 1e-30)
    return np.minimum(counts, share.astype(int))


def simplify_part(
    points: np.ndarray, faces: np.ndarray, budget: int, simplify: Simplify
) -> tuple[np.ndarray, np.ndarray]:
    """The part with `budget` triangles, or twice as many and so on until it keeps its shape."""
    while budget < len(faces):
        fewer, triangles = points.astype(np.float32), faces.astype(np.int32)
        for _ in range(ROUNDS):
            fewer, triangles = simplify(fewer, triangles, budget)
            if len(triangles) <= ENOUGH * budget:
                break
        if _keeps_shape(points, faces, fewer, triangles):
            return fewer, triangles
        budget *= 2
    return points.astype(np.float32), faces.astype(np.int32)


def _keeps_shape(
    points: np.ndarray, faces: np.ndarray, fewer: np.ndarray, triangles: np.ndarray
) -> bool:
    if not len(triangles):
        return False
    used = fewer[np.unique(triangles)]
    low, high = points.min(axis=0), points.max(axis=0)
    away = max(np.abs(used.min(axis=0) - low).max(), np.abs(used.max(axis=0) - high).max())
    if away > EXTENT * np.linalg.norm(high - low):
        return False
    return _measure_area(fewer[triangles]) >= AREA * _measure_area(points[faces])


def _measure_area(corners: np.ndarray) -> float:
    """Of triangles [F, 3, 3]."""
    cross = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return float(np.linalg.norm(cross, axis=1).sum() / 2)
