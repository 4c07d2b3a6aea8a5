"""Lays a surface out in the plane, chart by chart, and cuts the charts that do not lie well."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import numpy as np

from ..types import Cancel, PolygonMesh
from .charts import merge_charts
from .divide import Piece, divide_evenly, price_seams, separate_places, take_piece
from .halfedges import (
    HalfEdges,
    cut_vertices,
    group_nodes,
    guard_polygons,
    join_polygons,
    link_corners,
    measure_polygons,
    split_polygons,
)
from .parametrize import FlatTriangles, find_flips, lay_flat, measure_areas, unfold_charts
from .repel import repel_outlines
from .segment import choose_directions, smooth_normals
from .soundness import Outline, find_crossings, find_unbounded, trace_outline
from .stretch import measure_stretch
from .untangle import untangle

TOLERATED, MAX_LOSS = 3.0, 0.6
"""A chart is split where its mean of (squared stretch - 1) is more, no triangle counting as
stretched more than TOLERATED times."""

PATIENCE = 4
"""After so many rounds, what stretches is halved, rather than parted from its worst patch."""


@dataclass
class Layout:
    """A surface on its way into the plane.

    normals: float64 [P, 3], smoothed. triangles: int64 [T, 3], corners. guards: int64 [G, 3],
    corners of triangles none of which may be turned over. patch: int64 [P], what was merged into
    charts. price: float64 [I], of a seam. seam: bool [I]. cut: int64 [L], cut vertices. chart:
    int64 [P]. place: complex128 [L], of every corner, in the mesh's unit, chart by chart.
    splits: how many charts had to be cut.
    """

    halfedges: HalfEdges
    normals: np.ndarray
    triangles: np.ndarray
    guards: np.ndarray
    patch: np.ndarray
    price: np.ndarray
    seam: np.ndarray
    cut: np.ndarray
    chart: np.ndarray
    place: np.ndarray
    splits: int = 0

    def flatten(self, corners: np.ndarray) -> FlatTriangles:
        """Triangles of corners, int64 [T, 3], each in its own plane."""
        halfedges = self.halfedges
        return lay_flat(
            halfedges.points[halfedges.corners[corners]],
            self.cut[corners],
            self.chart[halfedges.polygon[corners[:, 0]]],
        )

    def trace(self) -> Outline:
        """The outlines of all charts."""
        return trace_outline(self.halfedges, self.seam, self.cut, self.chart)

    def place_vertices(self) -> np.ndarray:
        """Complex128 [V]: of all cut vertices."""
        position = np.zeros(self.cut.max() + 1, complex)
        position[self.cut] = self.place
        return position

    def open_seams(self, edges: np.ndarray) -> None:
        """Cuts some inner edges, int, too. Charts and vertices that stay whole keep their numbers,
        and of those that are cut one part does.
        """
        halfedges = self.halfedges
        self.seam = self.seam.copy()
        self.seam[edges] = True
        changed = np.zeros(self.chart.max() + 1, bool)
        changed[self.chart[halfedges.sides[edges]]] = True
        polygons = np.flatnonzero(changed[self.chart])
        inside = changed[self.chart[halfedges.polygon]]
        corners = np.flatnonzero(inside)
        one, two = halfedges.inner[~self.seam].T
        within = inside[one] & inside[two]
        one, two = one[within], two[within]
        number = np.zeros(len(inside), np.int64)
        number[corners] = np.arange(len(corners))
        group = group_nodes(
            len(corners),
            number[np.concatenate([one, halfedges.next[one]])],
            number[np.concatenate([halfedges.next[two], two])],
        )
        self.cut = self.cut.copy()
        self.cut[corners] = _split_numbers(self.cut[corners], group, self.cut.max() + 1)
        number = np.zeros(len(self.chart), np.int64)
        number[polygons] = np.arange(len(polygons))
        group = group_nodes(
            len(polygons), number[halfedges.polygon[one]], number[halfedges.polygon[two]]
        )
        self.chart = self.chart.copy()
        self.chart[polygons] = _split_numbers(self.chart[polygons], group, len(changed))

    def number_anew(self) -> None:
        """Charts and cut vertices from 0 on, by the seams."""
        self.cut = cut_vertices(self.halfedges, self.seam)
        self.chart = join_polygons(self.halfedges, self.seam)


def _split_numbers(old: np.ndarray, group: np.ndarray, free: int) -> np.ndarray:
    """Int64 [N]: one number for every group, int [N], that lies within one old number, int [N].

    The first group of an old number keeps it; the others get numbers from `free` on.
    """
    first = np.full(group.max(initial=-1) + 1, len(group))
    np.minimum.at(first, group, np.arange(len(group)))
    owner = old[first]
    order = np.argsort(first, kind="stable")
    keeper = order[np.unique(owner[order], return_index=True)[1]]
    new = np.full(len(first), -1)
    new[keeper] = owner[keeper]
    rest = order[new[order] < 0]
    new[rest] = free + np.arange(len(rest))
    return new[group]


def segment_surface(mesh: PolygonMesh, cancel: Cancel) -> Layout:
    """Charts as they should unfold, not laid out yet.

    Raises
    ------
    Cancelled: as asked for.
    """
    halfedges = link_corners(mesh)
    _, normals, areas = measure_polygons(halfedges)
    diagonal = float(np.linalg.norm(np.ptp(halfedges.points, axis=0)))
    cancel.check()
    normals = smooth_normals(halfedges, normals, areas, diagonal)
    label = choose_directions(halfedges, normals)
    cancel.check()
    patch, seam = merge_charts(halfedges, label, normals, areas, diagonal)
    one, two = halfedges.sides.T
    triangles = split_polygons(halfedges)
    return Layout(
        halfedges=halfedges,
        normals=normals,
        triangles=triangles,
        guards=triangles if halfedges.sizes.max() == 3 else guard_polygons(halfedges),
        patch=patch,
        price=price_seams(halfedges, normals, patch[one] != patch[two]),
        seam=seam,
        cut=cut_vertices(halfedges, seam),
        chart=join_polygons(halfedges, seam),
        place=np.zeros(len(halfedges.corners), complex),
    )


def lay_out(layout: Layout, cancel: Cancel) -> None:
    """Fills in the places, and cuts charts until all are sound.

    Then no guard is turned over, and no chart covers a place twice.

    Raises
    ------
    Cancelled: as asked for.
    """
    changed = np.ones(len(layout.chart), bool)
    for tries in count():
        if not changed.any():
            break
        cancel.check()
        polygon = layout.halfedges.polygon
        triangles = layout.flatten(layout.triangles[changed[polygon[layout.triangles[:, 0]]]])
        guards = triangles
        if layout.guards is not layout.triangles:
            guards = layout.flatten(layout.guards[changed[polygon[layout.guards[:, 0]]]])
        outline = layout.trace()
        outline = outline.select(changed[polygon[outline.corner]])
        position = layout.place_vertices()
        # What a cut has rid of its faults stays as it lies.
        anew = _measure_losses(position, guards) > MAX_LOSS
        if anew.any():
            part = triangles.select(anew[triangles.chart])
            fresh = unfold_charts(part)
            position[part.vertices] = fresh[part.vertices]
            position = untangle(position, guards)
            _lay_alone(layout, position, guards)
        position = repel_outlines(position, outline, guards)
        position = _equalise_scale(position, triangles)
        corners = changed[polygon]
        layout.place[corners] = position[layout.cut[corners]]
        cuts = _find_cuts(layout, guards, outline, position, tries)
        changed = np.isin(layout.chart, list(cuts))
        layout.splits += len(cuts)
        if cuts:
            layout.open_seams(np.concatenate(list(cuts.values())))


def _measure_losses(position: np.ndarray, triangles: FlatTriangles) -> np.ndarray:
    """Float64 [C]: means of the squared stretch, less one; infinite with triangles turned over."""
    flipped = find_flips(position, triangles)
    loss = _weigh_stretch(position, triangles, flipped)
    area = np.maximum(np.bincount(triangles.chart, triangles.area), 1e-300)
    mean = np.bincount(triangles.chart, loss) / area
    mean[triangles.chart[flipped]] = np.inf
    return mean


def _weigh_stretch(
    position: np.ndarray, triangles: FlatTriangles, flipped: np.ndarray
) -> np.ndarray:
    """Float64 [T]: squared stretch, less one, times the area."""
    largest = measure_stretch(triangles.flat, position[triangles.vertices]).largest
    largest = np.where(flipped, TOLERATED, np.minimum(largest, TOLERATED))
    return triangles.area * (largest**2 - 1)


def _find_cuts(
    layout: Layout, guards: FlatTriangles, outline: Outline, position: np.ndarray, tries: int
) -> dict[int, np.ndarray]:
    """New seams, inner edges, for every chart that is not sound; tries: rounds so far."""
    charts = np.unique(guards.chart)
    one, two = find_crossings(position, outline)
    crossing, polygon = outline.chart[one], layout.halfedges.polygon
    bad = set(np.flatnonzero(_measure_losses(position, guards) > MAX_LOSS).tolist())
    bad |= set(find_unbounded(position, outline, charts).tolist())
    cuts = {}
    for chart in sorted(bad | set(crossing.tolist())):
        polygons = np.flatnonzero(layout.chart == chart)
        if len(polygons) == 1:
            continue  # one polygon alone is as good as it gets
        at = np.flatnonzero(crossing == chart)
        pairs = polygon[outline.corner[np.stack([one[at], two[at]], axis=-1)]]
        pairs = pairs[pairs[:, 0] != pairs[:, 1]]
        piece = take_piece(layout.halfedges, layout.price, layout.seam, polygons)
        if len(pairs):
            cuts[chart] = _part_pairs(piece, pairs)
            continue
        places = None
        if tries < PATIENCE:
            worst = guards.select(guards.chart == chart)
            places = _choose_worst(layout, worst, position, polygons)
        if places is None:
            cut = divide_evenly(layout.halfedges, layout.normals, piece)
        else:
            cut = separate_places(piece, *places)
        cuts[chart] = piece.edges[cut]
    return cuts


def _part_pairs(piece: Piece, pairs: np.ndarray) -> np.ndarray:
    """Int64: inner edges whose cut parts the two polygons of every pair, int [N, 2]."""
    edges, waiting = [], [(piece, pairs)]
    while waiting:
        whole, crossing = waiting.pop()
        cut = separate_places(whole, *crossing[len(crossing) // 2][:, None])
        edges.append(whole.edges[cut])
        for part in whole.part(cut):
            together = np.isin(crossing, part.polygons).all(axis=1)
            if together.any():
                waiting.append((part, crossing[together]))
    return np.concatenate(edges)


def _choose_worst(
    layout: Layout, guards: FlatTriangles, position: np.ndarray, polygons: np.ndarray
) -> tuple[np.ndarray, np.ndarray] | None:
    """The patch of a chart that loses most, and its largest other; None: it is one patch.

    guards: of the chart. polygons: int64 [N], of the chart.
    """
    patch_of_vertex = np.zeros(len(position), np.int64)
    inside = np.isin(layout.halfedges.polygon, polygons)
    patch_of_vertex[layout.cut[inside]] = layout.patch[layout.halfedges.polygon[inside]]
    loss = _weigh_stretch(position, guards, find_flips(position, guards))
    total = np.bincount(patch_of_vertex[guards.vertices[:, 1]], loss, layout.patch.max() + 1)
    patch = layout.patch[polygons]
    size = np.bincount(patch, minlength=len(total))
    worst = int(np.argmax(np.where(size > 0, total, -np.inf)))
    size[worst] = 0
    if not size.any():
        return None
    return polygons[patch == worst], polygons[patch == np.argmax(size)]


def _lay_alone(layout: Layout, position: np.ndarray, guards: FlatTriangles) -> None:
    """Lays polygons that are alone in their chart and still folded on a circle."""
    counts = np.bincount(layout.chart)
    for chart in np.unique(guards.chart[find_flips(position, guards)]):
        if counts[chart] > 1:
            continue
        corners = np.flatnonzero(layout.halfedges.polygon == np.flatnonzero(layout.chart == chart))
        length = np.maximum(layout.halfedges.length[corners], 1e-3 / len(corners))
        angle = 2 * np.pi * np.cumsum(length) / length.sum()
        position[layout.cut[corners]] = np.exp(1j * angle) * length.sum() / (2 * np.pi)


def _equalise_scale(position: np.ndarray, triangles: FlatTriangles) -> np.ndarray:
    """Gives every chart the area that it has in space."""
    now = np.bincount(triangles.chart, measure_areas(position[triangles.vertices]))
    true = np.bincount(triangles.chart, triangles.area)
    scale = np.sqrt(np.where(now > 1e-9 * true, true / np.where(now > 0, now, 1), 1.0))
    of_vertex = np.ones(len(position))
    of_vertex[triangles.vertices] = scale[triangles.chart][:, None]
    return position * of_vertex
