"""Finds charts that do not lie flat in the plane without covering themselves.

A layout without triangles turned over covers every point as often as its outline winds around it.
So it covers none twice exactly if the outline does not touch itself and just one of its loops runs
counter-clockwise: no need to compare triangles, and no limit of resolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .halfedges import HalfEdges, group_nodes


@dataclass(frozen=True)
class Outline:
    """The outlines of charts, counter-clockwise around them.

    edges: int64 [O, 2], cut vertices from tail to head. apex: int64 [O], the one before
    the tail. chart, corner: int64 [O], their charts and half-edges.
    """

    edges: np.ndarray
    apex: np.ndarray
    chart: np.ndarray
    corner: np.ndarray

    def select(self, mask: np.ndarray) -> Outline:
        """The edges in mask, bool [O] or int."""
        return Outline(self.edges[mask], self.apex[mask], self.chart[mask], self.corner[mask])


def join_outlines(one: Outline, two: Outline) -> Outline:
    """Both."""
    return Outline(
        np.concatenate([one.edges, two.edges]),
        np.concatenate([one.apex, two.apex]),
        np.concatenate([one.chart, two.chart]),
        np.concatenate([one.corner, two.corner]),
    )


def trace_outline(
    halfedges: HalfEdges, seam: np.ndarray, cut: np.ndarray, chart: np.ndarray
) -> Outline:
    """seam: bool [I]. cut: int64 [L], cut vertices. chart: int64 [P]. Ordered by chart."""
    corner = np.concatenate([np.flatnonzero(halfedges.twin < 0), halfedges.inner[seam].reshape(-1)])
    polygon = halfedges.polygon[corner]
    order = np.lexsort((corner, chart[polygon]))
    corner, polygon = corner[order], polygon[order]
    edges = np.stack([cut[corner], cut[halfedges.next[corner]]], axis=-1)
    return Outline(edges, cut[halfedges.previous[corner]], chart[polygon], corner)


def find_unbounded(position: np.ndarray, outline: Outline, charts: np.ndarray) -> np.ndarray:
    """Int64: those of charts whose outline is not one counter-clockwise loop around holes."""
    edges, chart = outline.edges, outline.chart
    if not len(edges):
        return charts
    vertices, ends = np.unique(edges, return_inverse=True)
    ends = ends.reshape(edges.shape)
    loop = group_nodes(len(vertices), ends[:, 0], ends[:, 1])[ends[:, 0]]
    area = (np.conj(position[edges[:, 0]]) * position[edges[:, 1]]).imag
    signed = np.bincount(loop, area)
    owner = np.zeros(len(signed), np.int64)
    owner[loop] = chart
    outer = np.bincount(owner[signed > 0], minlength=charts.max() + 1)
    return charts[outer[charts] != 1]


def find_crossings(position: np.ndarray, outline: Outline) -> tuple[np.ndarray, np.ndarray]:
    """Int64 [X] twice: pairs of edges of one chart's outline that cross or touch.

    Edges that share a vertex do not count. They are compared within the cells of a grid.
    """
    edges, chart = outline.edges, outline.chart
    if not len(edges):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    start, end = position[edges[:, 0]], position[edges[:, 1]]
    cell = 1.5 * np.abs(end - start).mean() or 1.0
    one, two = _pair_by_cell(start / cell, end / cell, chart)
    apart = (edges[one][:, :, None] != edges[two][:, None, :]).all(axis=(1, 2))
    one, two = one[apart], two[apart]
    hit = _cross(start[one], end[one], start[two], end[two])
    return one[hit], two[hit]


def _pair_by_cell(
    start: np.ndarray, end: np.ndarray, chart: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of edges of one chart whose boxes meet in a unit cell; a pair may come twice."""
    low_x = np.floor(np.minimum(start.real, end.real)).astype(np.int64)
    low_y = np.floor(np.minimum(start.imag, end.imag)).astype(np.int64)
    wide = np.floor(np.maximum(start.real, end.real)).astype(np.int64) - low_x + 1
    high = np.floor(np.maximum(start.imag, end.imag)).astype(np.int64) - low_y + 1
    edge = np.repeat(np.arange(len(start)), wide * high)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(wide * high) - wide * high, wide * high)
    x, y = low_x[edge] + step % wide[edge], low_y[edge] + step // wide[edge]
    x, y = x - x.min(), y - y.min()
    key = (chart[edge] * (y.max() + 1) + y) * (x.max() + 1) + x
    order = np.argsort(key, kind="stable")
    edge, key = edge[order], key[order]
    pairs = []
    for gap in range(1, len(key)):
        same = key[gap:] == key[:-gap]
        if not same.any():
            break
        pairs.append(np.stack([edge[:-gap][same], edge[gap:][same]]))
    if not pairs:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    one, two = np.concatenate(pairs, axis=1)
    return one, two


def _cross(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Bool: segment a-b meets segment c-d, touching included."""

    def side(start: np.ndarray, end: np.ndarray, point: np.ndarray) -> np.ndarray:
        return np.sign((np.conj(end - start) * (point - start)).imag)

    def meets(along: str) -> np.ndarray:
        p, q, r, s = (getattr(value, along) for value in (a, b, c, d))
        return (np.minimum(p, q) <= np.maximum(r, s)) & (np.minimum(r, s) <= np.maximum(p, q))

    return (
        (side(a, b, c) * side(a, b, d) <= 0)
        & (side(c, d, a) * side(c, d, b) <= 0)
        & meets("real")
        & meets("imag")
    )


def count_coverage(start: np.ndarray, end: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Int32 [rows, columns]: how often outlines cover the middle of every texel, row 0 at v = 0.

    start, end: complex128 [O], ends of the outlines' edges in texels, counter-clockwise around
    what they enclose. Without triangles turned over this is how many of them lie there.
    """
    low, high = np.minimum(start.imag, end.imag), np.maximum(start.imag, end.imag)
    first = np.ceil(low - 0.5).astype(np.int64).clip(0, rows)
    count = np.ceil(high - 0.5).astype(np.int64).clip(0, rows) - first
    edge = np.repeat(np.arange(len(start)), count)
    row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    a, b = start[edge], end[edge]
    across = a.real + (row + 0.5 - a.imag) * (b.real - a.real) / (b.imag - a.imag)
    column = np.ceil(across - 0.5).astype(np.int64).clip(0, columns)
    # Going down, the inside is to the right.
    steps = np.bincount(
        row * (columns + 1) + column,
        np.where(b.imag < a.imag, 1, -1),
        rows * (columns + 1),
    )
    steps = steps.astype(np.int32).reshape(rows, columns + 1)
    return np.cumsum(steps, axis=1, dtype=np.int32)[:, :columns]
