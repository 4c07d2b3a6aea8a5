"""Moves the outline of a chart apart where it only just crosses itself.

The teeth on both sides of a narrow gulf may touch when a chart is laid out. Cutting the chart for
them would be a waste: the two edges are pushed apart and their surroundings follow.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from .parametrize import FlatTriangles
from .soundness import Outline, find_crossings
from .untangle import untangle

ROUNDS = 12
MAX_CROSSINGS = 0.04
"""Charts of which more than this share of the outline crosses overlap, they do not touch."""
FOLLOWING = 4
"""Rings of vertices that follow."""
REACH = 16
"""How far around a crossing anything moves, in edges of the outline."""
EXTRA_GAP = 0.15
"""How far apart edges are pushed, as a share of their length."""


def repel_outlines(position: np.ndarray, outline: Outline, triangles: FlatTriangles) -> np.ndarray:
    """Complex128 [V]: places of the cut vertices, changed only around crossings of outlines.

    position: complex128 [V]. triangles: of the charts; none of them is to be turned over. Outlines
    may still cross afterwards (`find_crossings`).
    """
    one, _ = find_crossings(position, outline)
    if not len(one):
        return position
    share = np.bincount(outline.chart[one], minlength=outline.chart.max() + 1)
    share = share / np.maximum(np.bincount(outline.chart), 1)
    few = (share > 0) & (share <= MAX_CROSSINGS)
    touching = one[few[outline.chart[one]]]
    if not len(touching):
        return position
    local = _select_around(position, triangles, outline.edges, touching, few)
    used, vertices = np.unique(local.vertices, return_inverse=True)
    local = replace(local, vertices=vertices.reshape(-1, 3))
    number = np.full(len(position), -1)
    number[used] = np.arange(len(used))
    edges, apex = number[outline.edges], number[outline.apex]
    outline = replace(outline, edges=edges, apex=apex).select(
        (edges >= 0).all(axis=1) & (apex >= 0) & few[outline.chart]
    )
    moved = position[used]
    for _ in range(ROUNDS):
        one, two = find_crossings(moved, outline)
        if not len(one):
            break
        shift = _push_apart(moved, outline, one, two)
        moved = untangle(moved + _spread(shift, local.vertices), local, rounds=20)
    position = position.copy()
    position[used] = moved
    return position


def _select_around(
    position: np.ndarray,
    triangles: FlatTriangles,
    edges: np.ndarray,
    touching: np.ndarray,
    charts: np.ndarray,
) -> FlatTriangles:
    """The triangles of charts, bool [C], within REACH edges of those that touch, int."""
    middles = position[edges[touching]].mean(axis=1)
    ends = position[edges]
    reach = REACH * np.abs(ends[:, 1] - ends[:, 0]).mean()
    corners = position[triangles.vertices].mean(axis=1)
    tree = cKDTree(np.stack([middles.real, middles.imag], axis=-1))
    candidates = np.flatnonzero(charts[triangles.chart])
    away, _ = tree.query(
        np.stack([corners.real, corners.imag], axis=-1)[candidates], distance_upper_bound=reach
    )
    mask = np.zeros(len(triangles.chart), bool)
    mask[candidates[np.isfinite(away)]] = True
    return triangles.select(mask)


def _push_apart(
    position: np.ndarray, outline: Outline, one: np.ndarray, two: np.ndarray
) -> np.ndarray:
    """Complex128 [V]: shifts of the ends of crossing edges."""
    edges = outline.edges
    middle = (position[edges].sum(axis=1) + position[outline.apex]) / 3
    apart = middle[one] - middle[two]
    apart /= np.maximum(np.abs(apart), 1e-30)
    first, second = position[edges[one]], position[edges[two]]

    def along(points: np.ndarray) -> np.ndarray:
        return (np.conj(apart)[:, None] * points).real

    depth = along(second).max(axis=1) - along(first).min(axis=1)
    length = (np.abs(first[:, 1] - first[:, 0]) + np.abs(second[:, 1] - second[:, 0])) / 2
    step = apart * np.clip(depth / 2 + EXTRA_GAP * length, 0, length / 2)
    ends = np.concatenate([edges[one].reshape(-1), edges[two].reshape(-1)])
    value = np.concatenate([np.repeat(step, 2), np.repeat(-step, 2)])
    count = len(position)
    uses = np.maximum(np.bincount(ends, minlength=count), 1)
    total = np.bincount(ends, value.real, count) + 1j * np.bincount(ends, value.imag, count)
    return total / uses


def _spread(shift: np.ndarray, vertices: np.ndarray) -> np.ndarray:
    """Shifts complex128 [V] that fade into the rings around what is shifted."""
    fixed = shift != 0
    reached = fixed
    for _ in range(FOLLOWING):
        near = vertices[reached[vertices].any(axis=1)]
        reached = reached.copy()
        reached[near] = True
    at, corners = np.unique(near, return_inverse=True)
    corners = corners.reshape(-1, 3)
    still, local = fixed[at], shift[at]
    tail, head = corners.reshape(-1), np.roll(corners, -1, axis=1).reshape(-1)
    ends = np.concatenate([tail, head])
    uses = np.bincount(ends)
    for _ in range(FOLLOWING):
        value = local[np.concatenate([head, tail])]
        mean = (np.bincount(ends, value.real) + 1j * np.bincount(ends, value.imag)) / uses
        local = np.where(still, local, mean)
    shift = shift.copy()
    shift[at] = local
    return shift
