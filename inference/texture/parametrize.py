"""Lays charts out in the plane as rigidly as possible.

Every triangle is laid flat on its own first (complex numbers: real part u, imaginary part v). A
start follows from unfolding: each triangle's frame is turned so that it continues its parent's
across their common edge, and one Poisson solve makes positions of the frames. Then frames and
positions are found in turn: the local/global iteration of Liu, Zhang, Xu, Gotsman & Gortler 2008, A
Local/Global Approach to Mesh Parameterization, section 4.2 (ARAP). All charts share one matrix,
which is block-diagonal and factorised once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order
from scipy.sparse.linalg import splu

MIN_COTANGENT, MAX_COTANGENT = 0.05, 10.0
"""Weights of edges are kept in here: negative ones let triangles turn over."""
THINNEST, SMALLEST = 1e-4, 1e-3
"""Area of a triangle as a share of its squared length, and length as a share of the mean, at least:
it must not vanish in the plane."""
ROUNDS = 4
LEAST_FACING, MAX_AWAY = 0.2, 0.02
"""A chart is laid out as seen along its mean normal first, if no more than the second share of its
area is seen at less than the first share of its size."""


@dataclass(frozen=True)
class FlatTriangles:
    """Triangles laid flat, each on its own.

    points: float64 [T, 3, 3], of their corners in space. vertices: int64 [T, 3], cut vertices.
    flat: complex128 [T, 3], places of their corners, the first edge along the real axis. weights:
    float64 [T, 3], of the edges from corner k to k + 1. chart: int64 [T]. area: float64 [T].
    """

    points: np.ndarray
    vertices: np.ndarray
    flat: np.ndarray
    weights: np.ndarray
    chart: np.ndarray
    area: np.ndarray

    def select(self, mask: np.ndarray) -> FlatTriangles:
        """The triangles in mask, bool [T]; vertices keep their numbers."""
        return FlatTriangles(
            self.points[mask],
            self.vertices[mask],
            self.flat[mask],
            self.weights[mask],
            self.chart[mask],
            self.area[mask],
        )


def lay_flat(points: np.ndarray, vertices: np.ndarray, chart: np.ndarray) -> FlatTriangles:
    """Triangles in their own planes.

    points: float64 [T, 3, 3], of the triangles' corners in space. vertices: int64 [T, 3], cut
    vertices. chart: int64 [T].
    """
    along, across = points[:, 1] - points[:, 0], points[:, 2] - points[:, 0]
    reach = np.linalg.norm(along, axis=1) + np.linalg.norm(across, axis=1)
    smallest = SMALLEST * (reach.mean() or 1.0)
    length = np.maximum(np.linalg.norm(along, axis=1), smallest)
    double_area = np.linalg.norm(np.cross(along, across), axis=1)
    double_area = np.maximum(double_area, THINNEST * np.maximum(reach, smallest) ** 2)
    flat = np.zeros((len(points), 3), complex)
    flat[:, 1] = length
    flat[:, 2] = (np.einsum("td,td->t", along, across) + 1j * double_area) / length
    # Opposite to the edge from k to k + 1 is corner k + 2.
    apex = np.roll(flat, -2, axis=1)
    product = (flat - apex) * np.conj(np.roll(flat, -1, axis=1) - apex)
    cotangent = product.real / np.maximum(np.abs(product.imag), 1e-30)
    weights = cotangent.clip(MIN_COTANGENT, MAX_COTANGENT)
    return FlatTriangles(points, vertices, flat, weights, chart, double_area / 2)


def _project(points: np.ndarray, chart: np.ndarray) -> np.ndarray:
    """Complex128 [T, 3]: triangles as seen along the mean normal of their chart, int64 [T]."""
    cross = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    normal = np.stack([np.bincount(chart, column) for column in cross.T], axis=-1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1), 1e-300)[:, None]
    # Any axis across it: the one that is farthest from it is safe.
    axis = np.eye(3)[np.argmin(np.abs(normal), axis=1)]
    right = np.cross(axis, normal)
    right /= np.maximum(np.linalg.norm(right, axis=1), 1e-300)[:, None]
    ahead = np.cross(normal, right)
    along = np.einsum("tkd,td->tk", points, right[chart])
    return along + 1j * np.einsum("tkd,td->tk", points, ahead[chart])


def unfold_charts(triangles: FlatTriangles, rounds: int = ROUNDS) -> np.ndarray:
    """Complex128 [V]: places of the cut vertices, zero for those of no triangle.

    Every chart has its own area in space, and lies somewhere near the origin; charts overlap each
    other. Triangles may be turned over or overlap within a chart where it does not unfold well.
    """
    used, vertices = np.unique(triangles.vertices, return_inverse=True)
    vertices = vertices.reshape(-1, 3)
    count = len(used)
    edges = np.roll(triangles.flat, -1, axis=1) - triangles.flat
    tail, head = vertices, np.roll(vertices, -1, axis=1)
    weights = triangles.weights
    solver = splu(
        _build_laplacian(tail, head, weights, _choose_anchors(vertices, triangles.chart), count),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )

    def place(frames: np.ndarray) -> np.ndarray:
        pull = weights * frames[:, None] * edges
        right = np.zeros((count, 2))
        for sign, at in ((1, head), (-1, tail)):
            right[:, 0] += sign * np.bincount(at.reshape(-1), pull.real.reshape(-1), count)
            right[:, 1] += sign * np.bincount(at.reshape(-1), pull.imag.reshape(-1), count)
        return np.ascontiguousarray(solver.solve(right)).view(complex)[:, 0]

    position = place(_choose_frames(triangles, vertices))
    for _ in range(rounds):
        turn = (weights * np.conj(edges) * (position[head] - position[tail])).sum(axis=1)
        size = np.abs(turn)
        position = place(np.where(size > 1e-30, turn / np.maximum(size, 1e-30), 1.0))
    result = np.zeros(triangles.vertices.max() + 1, complex)
    result[used] = position
    return result


def _choose_frames(triangles: FlatTriangles, vertices: np.ndarray) -> np.ndarray:
    """Complex128 [T], of length 1: how every triangle is turned at first.

    Where a chart hardly turns away from its mean normal, as seen along it: that closes around
    holes. Else as it unfolds.
    """
    seen = _project(triangles.points, triangles.chart)
    away = measure_areas(seen) < LEAST_FACING * triangles.area
    lost = np.bincount(triangles.chart, triangles.area * away)
    flat = lost <= MAX_AWAY * np.bincount(triangles.chart, triangles.area)
    edges = np.roll(triangles.flat, -1, axis=1) - triangles.flat
    turn = (np.conj(edges) * (np.roll(seen, -1, axis=1) - seen)).sum(axis=1)
    turn /= np.maximum(np.abs(turn), 1e-30)
    frames = turn.copy()
    unclear = ~flat[triangles.chart] | (np.abs(turn) <= 0.5)
    # whole charts, as a tree goes through all of one
    asked = np.bincount(triangles.chart, unclear)[triangles.chart] > 0
    if asked.any():
        unfolded = _unfold_frames(vertices[asked], triangles.flat[asked], triangles.chart[asked])
        frames[unclear] = unfolded[unclear[asked]]
    return frames


def _choose_anchors(vertices: np.ndarray, chart: np.ndarray) -> np.ndarray:
    """One vertex of every chart, which keeps the chart from sliding."""
    return vertices[np.unique(chart, return_index=True)[1], 0]


def _build_laplacian(
    tail: np.ndarray, head: np.ndarray, weights: np.ndarray, anchors: np.ndarray, count: int
) -> coo_array:
    tail, head, weights = tail.reshape(-1), head.reshape(-1), weights.reshape(-1)
    row = np.concatenate([tail, head, tail, head, anchors])
    column = np.concatenate([head, tail, tail, head, anchors])
    value = np.concatenate([-weights, -weights, weights, weights, np.ones(len(anchors))])
    return coo_array((value, (row, column)), shape=(count, count)).tocsc()


def _unfold_frames(vertices: np.ndarray, flat: np.ndarray, chart: np.ndarray) -> np.ndarray:
    """Complex128 [T], of length 1: every triangle turned to continue its parent's in a tree.

    The tree is grown from each chart's middle triangle, breadth first.
    """
    count = len(vertices)
    tail, head = vertices.reshape(-1), np.roll(vertices, -1, axis=1).reshape(-1)
    key = np.minimum(tail, head) * (vertices.max() + 1) + np.maximum(tail, head)
    order = np.argsort(key, kind="stable")
    same = key[order[1:]] == key[order[:-1]]
    one, two = order[:-1][same], order[1:][same]
    roots = _find_middles(one // 3, two // 3, chart)
    top = np.full(len(roots), count)
    pairs = np.concatenate([np.stack([one // 3, two // 3]), np.stack([top, roots])], axis=1)
    graph = coo_array((np.ones(pairs.shape[1]), pairs), shape=(count + 1, count + 1)).tocsr()
    parent = breadth_first_order(graph, count, directed=False)[1][:count].astype(np.int64)
    parent = np.where((parent < 0) | (parent == count), np.arange(count), parent)
    edge = (np.roll(flat, -1, axis=1) - flat).reshape(-1)
    # Across an edge, a child's frame times its own edge is the parent's, run the other way.
    child_edge, parent_edge = np.full(count, -1), np.full(count, -1)
    for near, far in ((one, two), (two, one)):
        follows = parent[near // 3] == far // 3
        child_edge[near[follows] // 3], parent_edge[near[follows] // 3] = (
            near[follows],
            far[follows],
        )
    frame = np.ones(count, complex)
    moved = np.flatnonzero(child_edge >= 0)
    turn = -edge[parent_edge[moved]] * np.conj(edge[child_edge[moved]])
    frame[moved] = turn / np.maximum(np.abs(turn), 1e-30)
    while True:
        above = parent[parent]
        frame = frame * np.where(parent != np.arange(count), frame[parent], 1.0)
        if np.array_equal(above, parent):
            break
        parent = above
    return frame / np.abs(frame)


def _find_middles(one: np.ndarray, two: np.ndarray, chart: np.ndarray) -> np.ndarray:
    """Int64 [C]: of every chart a triangle that is far from its outline, counted in triangles."""
    count = len(chart)
    graph = coo_array((np.ones(len(one)), (one, two)), shape=(count + 1, count + 1)).tocsr()
    inner = np.bincount(np.concatenate([one, two]), minlength=count)
    rim = np.flatnonzero(inner < 3)
    link = coo_array((np.ones(len(rim)), (np.full(len(rim), count), rim)), shape=graph.shape)
    order = breadth_first_order((graph + link.tocsr()).tocsr(), count, directed=False)[0]
    order = order[order < count]
    last = np.full(chart.max() + 1, -1)
    last[chart] = np.arange(count)  # charts without an outline
    last[chart[order]] = order  # later entries win: these are the farthest
    return last[np.unique(chart)]


def find_flips(position: np.ndarray, triangles: FlatTriangles) -> np.ndarray:
    """Bool [T]: turned over, or squeezed to less than a hundred-thousandth of its area."""
    return measure_areas(position[triangles.vertices]) <= 1e-5 * triangles.area


def measure_areas(corners: np.ndarray) -> np.ndarray:
    """Float64 [T]: signed areas of triangles, complex [T, 3]."""
    one, two = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return (np.conj(one) * two).imag / 2
