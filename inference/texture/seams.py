"""The borders between the patches of a surface as a graph of paths, which merging glues shut.

Gluing two disks along one path gives a disk, also where the two meet along another path as well:
that one stays as a seam within the chart, which is how four sides of a leg become one sleeve with a
zip.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .halfedges import HalfEdges, group_nodes

FLATNESS = 0.95
"""Length of the mean normal along a path from which on it counts as flat."""


@dataclass
class SeamPath:
    """A run of seam edges between two junctions, with one chart on either side.

    a, b: the charts. length: in the mesh's unit. moment: sum of midpoint times length. normal: sum
    of the surface's normal times length. ends: junction vertices, none for a closed loop.
    members: numbers of the traced paths that it is made of. absorbed: the path that took it in.
    """

    a: int
    b: int
    length: float
    moment: np.ndarray
    normal: np.ndarray
    ends: list[int]
    members: list[int]
    absorbed: int = -1
    alive: bool = True

    def is_flat(self) -> bool:
        """Whether the surface along it faces one way."""
        return float(np.linalg.norm(self.normal)) > FLATNESS * self.length


@dataclass
class SeamGraph:
    """All paths, and which of them touch a chart or a junction.

    path_of_edge: int64 [I], number of the traced path of every inner edge, -1 where no seam is.
    """

    paths: list[SeamPath]
    of_chart: dict[int, set[int]]
    at_junction: dict[int, list[int]]
    path_of_edge: np.ndarray
    longest_slit: float

    def glue(self, number: int) -> tuple[int, int]:
        """Merges the charts on both sides of a path: the one that stays, and the one that goes."""
        path = self.paths[number]
        keep, gone = path.a, path.b
        if keep == gone:
            raise ValueError("a path within one chart cannot merge it with itself")
        path.alive = False
        self.of_chart[keep].discard(number)
        self.of_chart[gone].discard(number)
        for other in self.of_chart.pop(gone):
            touched = self.paths[other]
            touched.a = keep if touched.a == gone else touched.a
            touched.b = keep if touched.b == gone else touched.b
            self.of_chart[keep].add(other)
        for junction in path.ends:
            self.at_junction[junction].remove(number)
        for junction in set(path.ends):
            self._smooth(junction)
        for junction in set(path.ends):
            self._close_slit(junction)
        return keep, gone

    def _smooth(self, junction: int) -> None:
        """Two paths that are left at a junction become one, so that they are glued together."""
        meeting = self.at_junction[junction]
        if len(meeting) != 2:
            return
        first, second = meeting
        one, two = self.paths[first], self.paths[second]
        self.at_junction[junction] = []
        if first == second:
            one.ends = []
            return
        one.ends.remove(junction)
        two.ends.remove(junction)
        one.ends += two.ends
        one.length += two.length
        one.moment = one.moment + two.moment
        one.normal = one.normal + two.normal
        one.members += two.members
        two.alive, two.absorbed = False, first
        for end in two.ends:
            ends = self.at_junction[end]
            ends[ends.index(second)] = first
        for chart in (two.a, two.b):
            self.of_chart.get(chart, set()).discard(second)

    def _close_slit(self, junction: int) -> None:
        """A short seam that ends inside a chart, where it is flat, is glued shut."""
        while len(self.at_junction[junction]) == 1:
            number = self.at_junction[junction][0]
            slit = self.paths[number]
            others = [end for end in slit.ends if end != junction]
            if slit.a != slit.b or len(others) != 1 or len(self.at_junction[others[0]]) < 2:
                return
            if slit.length > self.longest_slit or not slit.is_flat():
                return  # it may be what lets the chart unfold
            slit.alive = False
            self.of_chart[slit.a].discard(number)
            self.at_junction[junction] = []
            junction = others[0]
            self.at_junction[junction].remove(number)
            self._smooth(junction)

    def find_living(self, number: int) -> int:
        """The path that a path has become part of."""
        while self.paths[number].absorbed >= 0:
            number = self.paths[number].absorbed
        return number

    def collect_seams(self) -> np.ndarray:
        """Bool [I]: the inner edges that are still seams."""
        kept = np.zeros(self.path_of_edge.max(initial=-1) + 2, bool)
        for path in self.paths:
            if path.alive:
                kept[path.members] = True
        kept[-1] = False
        return kept[self.path_of_edge]


def trace_paths(halfedges: HalfEdges, seam: np.ndarray) -> np.ndarray:
    """Int64 [I]: number of the path of every inner edge in seam, bool [I]; -1 elsewhere.

    Paths end where other than two seams or boundary edges meet.
    """
    edges = np.flatnonzero(seam)
    path = np.full(len(seam), -1, np.int64)
    if not len(edges):
        return path
    tips = halfedges.corners[halfedges.inner[edges]]
    degree = count_seams(halfedges, seam)
    vertex = tips.reshape(-1)
    order = np.argsort(vertex, kind="stable")
    passing = order[degree[vertex[order]] == 2]
    same = vertex[passing[1:]] == vertex[passing[:-1]]
    path[edges] = group_nodes(len(edges), passing[:-1][same] // 2, passing[1:][same] // 2)
    return path


def count_seams(halfedges: HalfEdges, seam: np.ndarray) -> np.ndarray:
    """Int64 [V]: how many seams, bool [I], and boundary edges meet at every vertex."""
    open_edges = np.flatnonzero(halfedges.twin < 0)
    return np.bincount(
        np.concatenate(
            [
                halfedges.corners[halfedges.inner[seam]].reshape(-1),
                halfedges.corners[open_edges],
                halfedges.corners[halfedges.next[open_edges]],
            ]
        ),
        minlength=len(halfedges.points),
    )


def build_seam_graph(
    halfedges: HalfEdges,
    chart: np.ndarray,
    seam: np.ndarray,
    normals: np.ndarray,
    longest_slit: float,
) -> SeamGraph:
    """The graph of the borders between charts, int [P]; seam: bool [I]; normals: [P, 3]."""
    path_of_edge = trace_paths(halfedges, seam)
    edges = np.flatnonzero(seam)
    number = path_of_edge[edges]
    count = number.max(initial=-1) + 1
    sides = halfedges.sides[edges]
    tips = halfedges.corners[halfedges.inner[edges]]
    length = halfedges.length[halfedges.inner[edges, 0]]
    middle = halfedges.points[tips].mean(axis=1) * length[:, None]
    facing = normals[sides].sum(axis=1) * (length / 2)[:, None]

    def total(values: np.ndarray) -> np.ndarray:
        return np.stack([np.bincount(number, column, count) for column in values.T], axis=-1)

    lengths, moments, facings = total(length[:, None])[:, 0], total(middle), total(facing)
    first = np.zeros(count, np.int64)
    first[number[::-1]] = np.arange(len(edges))[::-1]
    pairs = chart[sides[first]]
    charts = int(chart.max(initial=-1)) + 1
    paths = [
        SeamPath(int(a), int(b), float(lengths[p]), moments[p], facings[p], [], [p])
        for p, (a, b) in enumerate(pairs)
    ]
    of_chart: dict[int, set[int]] = {c: set() for c in range(charts)}
    for p, path in enumerate(paths):
        of_chart[path.a].add(p)
        of_chart[path.b].add(p)
    at_junction: dict[int, list[int]] = {}
    stops = count_seams(halfedges, seam)[tips] != 2
    for edge, side in zip(*np.nonzero(stops), strict=True):
        vertex, p = int(tips[edge, side]), int(number[edge])
        paths[p].ends.append(vertex)
        at_junction.setdefault(vertex, []).append(p)
    return SeamGraph(paths, of_chart, at_junction, path_of_edge, longest_slit)
