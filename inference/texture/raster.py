"""Which cells of a square grid the triangles of a plane cover, and with which weights.

Scan conversion by edge functions (Pineda 1988, "A Parallel Algorithm for Polygon Rasterization",
section 3), done for all rows of all triangles at once. Pixel coordinates: x to the right, y down,
cell (row, column) has its centre at (column + 0.5, row + 0.5).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..types import PolygonMesh

LEAST_AREA = 1e-9
"""Triangles with less, in cells, have no inside."""


def split_polygons(
    mesh: PolygonMesh, plane: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Triangles of a mesh's polygons, as corners of the mesh.

    plane: float [L, 2], where every corner lies in a chart; a quad that is not convex there is cut
    along the diagonal that stays inside. None: cut where the mesh itself bends least.

    Returns
    -------
    int32 [T, 3]: corners of the triangles, in the polygon's order. int32 [T]: their polygon.
    """
    sizes, starts = mesh.sizes, mesh.starts
    corners, polygons = [], []
    for size in np.unique(sizes):
        which = np.flatnonzero(sizes == size)
        first = starts[which]
        if size == 4:
            swap = _prefer_other_diagonal(mesh, first, plane)
            order = np.where(swap[:, None], [1, 2, 3, 1, 3, 0], [0, 1, 2, 0, 2, 3])
            corners.append((first[:, None] + order).reshape(-1, 3))
            polygons.append(np.repeat(which, 2))
            continue
        for step in range(1, size - 1):  # a fan
            corners.append(first[:, None] + np.array([0, step, step + 1]))
            polygons.append(which)
    if not corners:
        return np.zeros((0, 3), np.int32), np.zeros(0, np.int32)
    return np.concatenate(corners).astype(np.int32), np.concatenate(polygons).astype(np.int32)


def _prefer_other_diagonal(
    mesh: PolygonMesh, first: np.ndarray, plane: np.ndarray | None
) -> np.ndarray:
    """bool [Q]: whether quads are better cut from corner 1 to 3 than from 0 to 2."""
    around = first[:, None] + np.arange(4)
    if plane is not None:
        at = plane[around].astype(np.float64)
        halves = [_signed(at[:, [0, 1, 2]]), _signed(at[:, [0, 2, 3]])]
        others = [_signed(at[:, [1, 2, 3]]), _signed(at[:, [1, 3, 0]])]
        facing = np.sign(halves[0] + halves[1])
        return np.minimum(*(half * facing for half in halves)) < np.minimum(
            0.0, np.minimum(*(half * facing for half in others))
        )
    at = mesh.vertices[mesh.corners[around]]
    return np.linalg.norm(at[:, 1] - at[:, 3], axis=1) < np.linalg.norm(at[:, 0] - at[:, 2], axis=1)


def _signed(triangles: np.ndarray) -> np.ndarray:
    """Float [T]: twice the signed areas of triangles [T, 3, 2]."""
    (ax, ay), (bx, by) = ((triangles[:, k] - triangles[:, 0]).T for k in (1, 2))
    return ax * by - ay * bx


@dataclass(frozen=True)
class Fragments:
    """Some of the cells that triangles cover.

    cell: int64 [N], row * side + column. triangle: int32 [N]. weights: float32 [N, 3], of the
    triangle's corners at the cell's centre; they sum to 1 and are linear in the plane.
    """

    cell: np.ndarray
    triangle: np.ndarray
    weights: np.ndarray

    def interpolate(
        self, values: np.ndarray, triangles: np.ndarray, which: np.ndarray | None = None
    ) -> np.ndarray:
        """Float32 [N, K] from values float32 [V, K] at the corners int [T, 3] of all triangles.

        which: int [M], only these fragments.
        """
        triangle = self.triangle if which is None else self.triangle.take(which)
        weights = self.weights if which is None else self.weights.take(which, axis=0)
        corners = triangles.take(triangle, axis=0)
        total = values.take(corners[:, 0], axis=0)
        total *= weights[:, :1]
        for corner in (1, 2):
            part = values.take(corners[:, corner], axis=0)
            part *= weights[:, corner, None]
            total += part
        return total


@dataclass(frozen=True)
class Spans:
    """Runs of cells, one for every row of every triangle: all that was covered, in little memory.

    triangle: int32 [R]. cell: int64 [R], the first one. count: int64 [R]. weights: float64 [R, 2],
    of the first two corners at the first cell; slopes: float64 [T, 2], their growth to the right.
    """

    triangle: np.ndarray
    cell: np.ndarray
    count: np.ndarray
    weights: np.ndarray
    slopes: np.ndarray

    def parts(self, limit: int = 1 << 18) -> Iterator[slice]:
        """Runs with about `limit` fragments together, in the order of the triangles."""
        ends = np.cumsum(self.count)
        total = int(ends[-1]) if len(ends) else 0
        cuts = np.searchsorted(ends, np.arange(limit, total + limit, limit), side="left") + 1
        first = 0
        for last in np.minimum(cuts, len(ends)).tolist():
            if last > first:
                yield slice(first, last)
            first = last

    def expand_all(self) -> Fragments:
        """All fragments at once."""
        return self.expand_part(slice(0, len(self.cell)))

    def expand_part(self, part: slice) -> Fragments:
        """The fragments of some runs, see `parts`."""
        count, triangle = self.count[part], self.triangle[part]
        step = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
        start = self.weights[part].astype(np.float32)
        growth = self.slopes[triangle].astype(np.float32)
        known = np.repeat(start, count, axis=0)
        known += np.repeat(growth, count, axis=0) * step[:, None].astype(np.float32)
        weights = np.empty((len(step), 3), np.float32)
        weights[:, :2] = np.clip(known, 0.0, 1.0)  # float32 may step over an edge
        weights[:, 2] = np.maximum(1.0 - weights[:, 0] - weights[:, 1], 0.0)
        return Fragments(
            np.repeat(self.cell[part], count) + step, np.repeat(triangle, count), weights
        )


def find_spans(triangles: np.ndarray, side: int) -> Spans:
    """The runs of cells of a square of side x side that triangles float [T, 3, 2] cover.

    A cell belongs to a triangle that holds its centre; of two triangles that share an edge, to one.
    Both orientations count; what lies beyond the square is left out.
    """
    points = np.ascontiguousarray(triangles, np.float64)
    area = _signed(points)
    solid = np.abs(area) > LEAST_AREA
    area = np.where(solid, area, 1.0)
    # every triangle in two pieces, below and above its middle corner, of one edge on either side
    edges, limits = _halve(points)
    ends = np.ceil(limits - 0.5).clip(0, side).astype(np.int64)
    rows = np.where(solid[:, None], np.diff(ends, axis=1), 0).reshape(-1)
    piece = np.repeat(np.arange(len(rows)), rows)
    row = np.arange(len(piece)) + np.repeat(ends[:, :2].reshape(-1) - np.cumsum(rows) + rows, rows)
    middle = row + 0.5
    near = edges.reshape(-1, 6).take(piece, axis=0)
    left, right = (near[:, k] + (middle - near[:, k + 1]) * near[:, k + 2] for k in (0, 3))
    first = np.ceil(left - 0.5).clip(0, side)
    count = (np.ceil(right - 0.5).clip(0, side) - first).astype(np.int64)
    kept = np.flatnonzero(count > 0)
    triangle, row, first = (piece[kept] // 2).astype(np.int32), row[kept], first[kept]

    a, b, c = points[:, 0], points[:, 1], points[:, 2]
    slopes = np.stack((b[:, 1] - c[:, 1], c[:, 1] - a[:, 1]), axis=1) / area[:, None]
    rises = np.stack((c[:, 0] - b[:, 0], a[:, 0] - c[:, 0]), axis=1) / area[:, None]
    from_c = np.stack((first + 0.5, middle[kept]), axis=1) - c.take(triangle, axis=0)
    weights = slopes.take(triangle, axis=0) * from_c[:, :1]
    weights += rises.take(triangle, axis=0) * from_c[:, 1:]
    return Spans(triangle, row * side + first.astype(np.int64), count[kept], weights, slopes)


def _halve(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The edges to the left and the right of the two halves of triangles [T, 3, 2].

    Returns
    -------
    float64 [T, 2, 2, 3]: of each half and side x and y of the edge's first end and its growth of x
    with y. An edge is counted from the same end in both its triangles, so both get the same bits.
    float64 [T, 3]: the heights between which the halves lie.
    """
    order = np.lexsort((points[..., 0], points[..., 1]), axis=-1)
    low, middle, high = np.take_along_axis(points, order[..., None], axis=1).transpose(1, 0, 2)
    long, below, above = _lean(low, high), _lean(low, middle), _lean(middle, high)
    turn = _signed(np.stack((low, high, middle), axis=1))
    bulges_left = (turn > 0)[:, None]  # of the long edge
    halves = [
        np.stack((np.where(bulges_left, short, long), np.where(bulges_left, long, short)), axis=1)
        for short in (below, above)
    ]
    heights = np.stack((low[:, 1], middle[:, 1], high[:, 1]), axis=1)
    return np.stack(halves, axis=1), heights


def _lean(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """float64 [T, 3]: the first end of edges and their growth of x with y, 0 for level ones."""
    height = second[:, 1] - first[:, 1]
    lean = (second[:, 0] - first[:, 0]) / np.where(height == 0, 1.0, height)
    return np.column_stack((first, np.where(height == 0, 0.0, lean)))
