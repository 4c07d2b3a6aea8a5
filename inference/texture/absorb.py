"""Hangs crumbs on to the charts beside them.

Where a chart was cut because its outline crossed itself, a few polygons may be left alone that
would lie well on the other side of their seam. They are moved there as they lie, without another
layout.
"""

from __future__ import annotations

import numpy as np

from .halfedges import group_nodes
from .layout import Layout
from .parametrize import FlatTriangles, find_flips, measure_areas
from .soundness import Outline, find_crossings, find_unbounded, join_outlines
from .stretch import measure_stretch

MOST_POLYGONS, LARGEST_SHARE = 16, 0.01
"""A crumb has no more polygons, and no more of all polygons."""
MOST_STRETCH = 1.5
"""How much a crumb may be stretched when it is moved."""


def absorb_crumbs(layout: Layout) -> None:
    """Glues every crumb to a chart beside it, if that stays sound; the longest seam first."""
    sizes = np.bincount(layout.chart)
    limit = min(MOST_POLYGONS, LARGEST_SHARE * len(layout.chart))
    crumbs = np.flatnonzero(sizes <= limit)
    if len(crumbs):
        absorber = _Absorber(layout)
        for crumb in crumbs[np.argsort(sizes[crumbs], kind="stable")]:
            absorber.absorb(int(crumb))
        layout.number_anew()


class _Absorber:
    """The layout while crumbs are moved: outlines, and the places of cut vertices."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.outline = layout.trace()
        self.position = layout.place_vertices()
        self.number = np.arange(len(self.position))
        """The vertex that each becomes when a crumb is glued; itself but within `_glue`."""
        inner = layout.halfedges.inner
        self.edge = np.full(len(layout.halfedges.corners), -1)
        self.edge[inner[:, 0]] = self.edge[inner[:, 1]] = np.arange(len(inner))
        self.guarded = layout.halfedges.polygon[layout.guards[:, 0]]  # ascending

    def absorb(self, crumb: int) -> None:
        polygons = np.flatnonzero(self.layout.chart == crumb)
        for own in self._list_runs(crumb):
            if self._glue(polygons, own):
                return

    def _list_runs(self, crumb: int) -> list[np.ndarray]:
        """Runs of a crumb's half-edges along one other chart, the longest first."""
        halfedges, chart = self.layout.halfedges, self.layout.chart
        own = self.outline.corner[self.outline.chart == crumb]
        own = own[halfedges.twin[own] >= 0]
        other = chart[halfedges.polygon[halfedges.twin[own]]]
        own, other = own[other != crumb], other[other != crumb]
        if not len(own):
            return []
        ends = halfedges.corners[np.stack([own, halfedges.next[own]], axis=-1)]
        one, two = np.nonzero(
            (ends[:, None, :, None] == ends[None, :, None, :]).any(axis=(2, 3))
            & (other[:, None] == other[None])
        )
        run = group_nodes(len(own), one, two)
        length = np.bincount(run, halfedges.length[own])
        return [own[run == r] for r in np.argsort(-length, kind="stable")]

    def _glue(self, polygons: np.ndarray, own: np.ndarray) -> bool:
        """Moves a crumb to the other side of its half-edges in own; False: it does not fit."""
        layout, halfedges = self.layout, self.layout.halfedges
        its = halfedges.twin[own]
        crumb = int(layout.chart[polygons[0]])
        chart = int(layout.chart[halfedges.polygon[its[0]]])
        own_ends = layout.cut[np.concatenate([own, halfedges.next[own]])]
        its_ends = layout.cut[np.concatenate([halfedges.next[its], its])]
        number = self.number
        number[own_ends] = its_ends
        agree = (number[own_ends] == its_ends).all()
        number[own_ends] = own_ends
        if not agree:
            return False  # the other chart is open where the run passes
        start, end = self.position[own_ends], self.position[its_ends]
        turn = (np.conj(start - start.mean()) * (end - end.mean())).sum()
        turn /= max(abs(turn), 1e-300)
        corners = np.concatenate(
            [halfedges.starts[p] + np.arange(halfedges.sizes[p]) for p in polygons]
        )
        moved = self.position.copy()
        at = layout.cut[corners]
        moved[at] = (moved[at] - start.mean()) * turn + end.mean()
        moved[own_ends] = end
        if not _keeps_shape(moved, layout.flatten(self._list_guards(polygons))):
            return False
        number[own_ends] = its_ends
        both = np.isin(self.outline.chart, (crumb, chart))
        rim = self.outline.select(both)
        rim = Outline(
            number[rim.edges], number[rim.apex], np.full(len(rim.chart), chart), rim.corner
        )
        rim = rim.select(~np.isin(rim.corner, np.concatenate([own, its])))
        fits = not len(find_crossings(moved, rim)[0])
        fits = fits and not len(find_unbounded(moved, rim, np.array([chart])))
        if fits:
            layout.place[corners] = moved[at]
            layout.cut[corners] = number[at]
            layout.chart[polygons] = chart
            layout.seam[self.edge[own]] = False
            self.outline = join_outlines(self.outline.select(~both), rim)
            self.position = moved
        number[own_ends] = own_ends
        return fits

    def _list_guards(self, polygons: np.ndarray) -> np.ndarray:
        low = np.searchsorted(self.guarded, polygons)
        high = np.searchsorted(self.guarded, polygons, side="right")
        rows = [np.arange(a, b) for a, b in zip(low, high, strict=True)]
        return self.layout.guards[np.concatenate(rows)]


def _keeps_shape(position: np.ndarray, triangles: FlatTriangles) -> bool:
    """Whether no triangle is turned over, stretched or squeezed by more than MOST_STRETCH."""
    corners = position[triangles.vertices]
    if find_flips(position, triangles).any():
        return False
    stretch = measure_stretch(triangles.flat, corners)
    scale = np.sqrt(measure_areas(corners).sum() / triangles.area.sum())
    largest, smallest = stretch.largest / scale, stretch.smallest / scale
    return bool(largest.max() < MOST_STRETCH and smallest.min() > 1 / MOST_STRETCH)
