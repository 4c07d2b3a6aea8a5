"""Merges patches into few charts that unfold nearly without stretch.

How far a chart is from unfolding is told by its normals: those of a developable surface of constant
slope lie on a circle of the sphere (Julius, Kraevoy & Sheffer 2005, D-Charts, section 3), so it is
the smallest eigenvalue of their covariance, the variance around the best such circle. Its moments
add up when charts merge.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .halfedges import HalfEdges, join_polygons
from .seams import SeamGraph, SeamPath, build_seam_graph

MAX_SPREAD = 0.02
"""Largest variance of a chart's normals around a circle (a cap of 60 degrees on a sphere)."""
SMALL_SHARE, SMALL_SPREAD = 0.004, 0.08
"""Charts under this share of the area are merged up to this larger variance."""
TINY_SHARE = 0.0004
"""Charts under this share of the area are merged wherever they touch most."""
MIN_CONTACT = 0.15
"""Charts merge only along a path of this share of the smaller one's outline."""
HIDDEN = np.array([0.0, 0.8, -0.6])
"""Where a seam is seen least: behind and below."""
CONTACT_BONUS, HIDDEN_PENALTY = 0.02, 0.01
MIRROR_REACH = 0.04
"""How far a mirrored path may be off, as a share of the box diagonal."""

LONGEST_SLIT = 0.03
"""Longest seam within a chart that is glued shut, as a share of the box diagonal."""
SYMMETRIC_SHARE = 0.7
"""An object mirrors itself if so much of its seams does."""


@dataclass
class _Shape:
    """Moments of a chart's normals, weighted by area: sum, vector, and upper triangle."""

    area: float
    first: np.ndarray
    second: np.ndarray

    def __add__(self, other: _Shape) -> _Shape:
        return _Shape(self.area + other.area, self.first + other.first, self.second + other.second)

    @cached_property
    def spread(self) -> float:
        """Variance of the normals around the circle that fits them best."""
        if self.area <= 0:
            return 0.0
        x, y, z = (self.first / self.area).tolist()
        xx, yy, zz, xy, xz, yz = (self.second / self.area).tolist()
        return _smallest_eigenvalue(
            xx - x * x, yy - y * y, zz - z * z, xy - x * y, xz - x * z, yz - y * z
        )


def _smallest_eigenvalue(xx: float, yy: float, zz: float, xy: float, xz: float, yz: float) -> float:
    """Of a symmetric matrix, in closed form (Smith 1961)."""
    off = xy * xy + xz * xz + yz * yz
    mean = (xx + yy + zz) / 3
    size = math.sqrt(((xx - mean) ** 2 + (yy - mean) ** 2 + (zz - mean) ** 2 + 2 * off) / 6)
    if size < 1e-15:
        return max(mean, 0.0)
    a, b, c = (xx - mean) / size, (yy - mean) / size, (zz - mean) / size
    d, e, f = xy / size, xz / size, yz / size
    half = (a * (b * c - f * f) - d * (d * c - f * e) + e * (d * f - b * e)) / 2
    angle = math.acos(min(1.0, max(-1.0, half))) / 3
    return max(mean + 2 * size * math.cos(angle + 2 * math.pi / 3), 0.0)


def merge_charts(
    halfedges: HalfEdges, label: np.ndarray, normals: np.ndarray, areas: np.ndarray, diagonal: float
) -> tuple[np.ndarray, np.ndarray]:
    """The patches, int64 [P], and the seams, bool [I], after all merges that are worth it.

    label: int [P], patches differ in it or do not touch. normals: float64 [P, 3], smoothed.
    areas: float64 [P]. diagonal: of the bounding box.
    """
    sides = halfedges.sides
    chart = join_polygons(halfedges, label[sides[:, 0]] != label[sides[:, 1]])
    seam = chart[sides[:, 0]] != chart[sides[:, 1]]
    graph = build_seam_graph(halfedges, chart, seam, normals, LONGEST_SLIT * diagonal)
    _Merger(graph, _measure_shapes(chart, normals, areas), MIRROR_REACH * diagonal).run()
    return chart, graph.collect_seams()


def _measure_shapes(chart: np.ndarray, normals: np.ndarray, areas: np.ndarray) -> list[_Shape]:
    x, y, z = normals.T
    columns = (np.ones(len(x)), x, y, z, x * x, y * y, z * z, x * y, x * z, y * z)
    table = np.stack([np.bincount(chart, areas * column) for column in columns], axis=-1)
    return [_Shape(float(row[0]), row[1:4], row[4:]) for row in table]


class _Merger:
    """Greedy: the best merge first, mirrored ones together."""

    def __init__(self, graph: SeamGraph, shapes: list[_Shape], reach: float) -> None:
        self.graph = graph
        self.shape = dict(enumerate(shapes))
        self.version = {chart: chart for chart in self.shape}  # no two ever have the same
        self.total = sum(shape.area for shape in shapes)
        self.reach = reach
        self.heap: list[tuple[float, int, int, int]] = []
        self.merged = 0
        self.places: np.ndarray | None = None
        self.outlines: dict[int, float] = {}
        self.symmetric = bool(graph.paths) and self._is_symmetric()

    def run(self) -> None:
        for number in range(len(self.graph.paths)):
            self._offer(number)
        while self.heap:
            _, number, at_a, at_b = heapq.heappop(self.heap)
            path = self.graph.paths[number]
            if not self._can_glue(number):
                continue
            if (self.version[path.a], self.version[path.b]) != (at_a, at_b):
                continue
            self._merge(number)

    def _merge(self, number: int) -> None:
        path = self.graph.paths[number]
        if not self.symmetric or self._limit(self._smaller(path)) > MAX_SPREAD:
            self._glue(number)  # also what is too small to care for symmetry
            return
        mirrored = self._find_mirrored(path)
        if mirrored == number:
            self._glue(number)
        if mirrored is None or mirrored == number:
            return
        other = self.graph.paths[mirrored]
        joined = {path.a, path.b, other.a, other.b}
        if len(joined) == 4:
            possible = self._cost(other) is not None
        elif len(joined) == 3:
            whole = sum((self.shape[c] for c in joined), _Shape(0, np.zeros(3), np.zeros(6)))
            possible = whole.spread <= MAX_SPREAD
        else:
            possible = False  # the second would close the chart to a ring
        if possible:
            self._glue(number)
            mirrored = self.graph.find_living(mirrored)
            if self._can_glue(mirrored):
                self._glue(mirrored)

    def _smaller(self, path: SeamPath) -> float:
        return min(self.shape[path.a].area, self.shape[path.b].area)

    def _glue(self, number: int) -> None:
        keep, gone = self.graph.glue(number)
        self.places = None
        self.outlines.clear()  # slits may have been closed in others, too
        self.shape[keep] = self.shape[keep] + self.shape.pop(gone)
        self.version[keep] = self.version[gone] = len(self.version) + self.merged
        self.merged += 1
        for other in sorted(self.graph.of_chart[keep]):
            self._offer(other)

    def _offer(self, number: int) -> None:
        path = self.graph.paths[number]
        if self._can_glue(number):
            cost = self._cost(path)
            if cost is not None:
                heapq.heappush(
                    self.heap, (cost, number, self.version[path.a], self.version[path.b])
                )

    def _can_glue(self, number: int) -> bool:
        path = self.graph.paths[number]
        return path.alive and path.a != path.b

    def _limit(self, area: float) -> float:
        if area < TINY_SHARE * self.total:
            return math.inf
        return SMALL_SPREAD if area < SMALL_SHARE * self.total else MAX_SPREAD

    def _cost(self, path: SeamPath) -> float | None:
        """Lower is better; None: these do not merge."""
        one, two = self.shape[path.a], self.shape[path.b]
        limit = self._limit(self._smaller(path))
        outlines = self._outline(path.a), self._outline(path.b)
        spread = (one + two).spread
        if spread > limit:
            return None
        if limit == MAX_SPREAD and path.length < MIN_CONTACT * min(outlines):
            return None
        contact = path.length / max(math.sqrt(outlines[0] * outlines[1]), 1e-300)
        cost = spread - max(one.spread, two.spread) - CONTACT_BONUS * contact
        cost += HIDDEN_PENALTY * float(path.normal @ HIDDEN) / max(path.length, 1e-300)
        # Small ones first: they take part in no decision about large ones.
        return round(cost - (limit > MAX_SPREAD), 7)

    def _outline(self, chart: int) -> float:
        if chart not in self.outlines:
            paths = (self.graph.paths[number] for number in self.graph.of_chart[chart])
            self.outlines[chart] = sum(path.length * (1 + (path.a == path.b)) for path in paths)
        return self.outlines[chart]

    def _find_mirrored(self, path: SeamPath) -> int | None:
        """The living path that is the path's mirror image in the plane x = 0."""
        if self.places is None:
            self._list_places()
        middle, length = path.moment / max(path.length, 1e-300), path.length
        away = np.linalg.norm(self.places - middle * (-1, 1, 1), axis=1)
        away[np.abs(self.lengths - length) > 0.15 * length + self.reach / 2] = np.inf
        best = int(np.argmin(away))
        return int(self.numbers[best]) if away[best] < self.reach else None

    def _list_places(self) -> None:
        """Middles and lengths of the living paths, until the next merge."""
        living = [p for p in range(len(self.graph.paths)) if self._can_glue(p)]
        paths = [self.graph.paths[p] for p in living]
        self.numbers = np.array(living, np.int64)
        self.lengths = np.array([path.length for path in paths])
        moments = np.array([path.moment for path in paths]).reshape(-1, 3)
        self.places = moments / np.maximum(self.lengths, 1e-300)[:, None]

    def _is_symmetric(self) -> bool:
        """Whether most of the seams have a mirror image."""
        paths = self.graph.paths
        found = sum(p.length for p in paths if self._find_mirrored(p) is not None)
        return found > SYMMETRIC_SHARE * sum(path.length for path in paths)
