"""Cuts a chart in two: between two places along the cheapest seam, or by what faces which way."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from .halfedges import HalfEdges, group_nodes, join_polygons
from .segment import choose_directions

SMALLEST_PART = 0.1
"""A part that faces another way holds at least this share of the chart's polygons."""
SEED_SHARE = 0.03
"""Share of a chart's polygons around a place that stay with it."""
CRUMB_SHARE = 0.05
"""Pieces under this share of a chart's polygons do not come off as a third part."""
BORDER_PRICE, CREASE_PRICE = 0.3, 0.3
"""What a seam costs along the border of two patches and along a sharp crease, against elsewhere."""


@dataclass(frozen=True)
class Piece:
    """Polygons that hang together.

    polygons: int64 [N], ascending. edges: int64 [E], numbers of the inner edges between them.
    sides: int64 [E, 2], their polygons, as places in `polygons`. price: float64 [E], of a seam.
    """

    polygons: np.ndarray
    edges: np.ndarray
    sides: np.ndarray
    price: np.ndarray

    def part(self, cut: np.ndarray) -> list[Piece]:
        """What is left of it without the edges in cut, bool [E]."""
        sides = self.sides[~cut]
        piece = group_nodes(len(self.polygons), sides[:, 0], sides[:, 1])
        return [self._select(piece == number, ~cut) for number in range(piece.max() + 1)]

    def _select(self, inside: np.ndarray, kept: np.ndarray) -> Piece:
        number = np.cumsum(inside) - 1
        kept = kept & inside[self.sides[:, 0]] & inside[self.sides[:, 1]]
        return Piece(
            self.polygons[inside], self.edges[kept], number[self.sides[kept]], self.price[kept]
        )


def take_piece(
    halfedges: HalfEdges, price: np.ndarray, seam: np.ndarray, polygons: np.ndarray
) -> Piece:
    """The chart made of polygons, int64 [N], ascending; price: float64 [I]; seam: bool [I]."""
    number = np.full(len(halfedges.sizes), -1)
    number[polygons] = np.arange(len(polygons))
    sides = number[halfedges.sides]
    edges = np.flatnonzero((sides >= 0).all(axis=1) & ~seam)
    return Piece(polygons, edges, sides[edges], price[edges])


def price_seams(halfedges: HalfEdges, normals: np.ndarray, border: np.ndarray) -> np.ndarray:
    """Float64 [I]: the price of a seam along every inner edge.

    normals: float64 [P, 3]. border: bool [I], the edges between patches.
    """
    one, two = halfedges.sides.T
    cosine = np.einsum("ed,ed->e", normals[one], normals[two]).clip(0, 1)
    price = halfedges.length[halfedges.inner[:, 0]] * (
        CREASE_PRICE + (1 - CREASE_PRICE) * cosine**4
    )
    return price * np.where(border, BORDER_PRICE, 1.0)


def separate_places(piece: Piece, one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Bool [E]: the edges whose cut parts two places of a piece the cheapest way.

    It is a minimum cut of the dual graph. one, two: int, polygons at the two places; each keeps its
    surroundings.
    """
    count, sides = len(piece.polygons), piece.sides
    number = np.searchsorted(piece.polygons, np.concatenate([one, two]))
    graph = _connect(sides, np.ones(len(sides)), count + 1)
    seeds = max(1, int(SEED_SHARE * count))
    first = _grow(graph, number[: len(one)], max(seeds, len(one)), count)
    second = _grow(graph, number[len(one) :], max(seeds, len(two)), count)
    first = np.setdiff1d(first, number[len(one) :])
    second = np.setdiff1d(second, first)
    capacity = piece.price / max(piece.price.max(initial=0.0), 1e-300)
    links = np.concatenate(
        [
            sides,
            np.stack([np.full(len(first), count), first], axis=-1),
            np.stack([second, np.full(len(second), count + 1)], axis=-1),
        ]
    )
    value = np.concatenate(
        [(capacity * 1e5).astype(np.int64) + 1, np.full(len(first) + len(second), 2**30)]
    )
    network = _connect(links, value, count + 2).astype(np.int32)
    flow = maximum_flow(network, count, count + 1).flow
    rest = csr_array(network - flow)
    rest.data = np.maximum(rest.data, 0)
    rest.eliminate_zeros()
    reached = breadth_first_order(rest, count, return_predecessors=False)
    part = np.zeros(count, bool)
    part[reached[reached < count]] = True
    # Only what hangs together around the first place, so that no crumbs come off.
    part &= _label(part, sides) == _label(part, sides)[number[0]]
    label = _label(~part, sides)
    crumb = np.bincount(label)[label] < CRUMB_SHARE * count
    part |= crumb & (label != label[number[len(one)]])
    return part[sides[:, 0]] != part[sides[:, 1]]


def divide_evenly(halfedges: HalfEdges, normals: np.ndarray, piece: Piece) -> np.ndarray:
    """Bool [E]: the edges whose cut divides a piece of two polygons or more.

    Where its normals, float64 [P, 3], differ enough, the parts are what faces to either side of
    their mean along the direction in which they vary most; else the halves of its longest axis.
    """
    part = _part_by_normal(halfedges, normals, piece)
    if part is None:
        part = _part_by_place(halfedges, piece)
    return part[piece.sides[:, 0]] != part[piece.sides[:, 1]]


def _connect(links: np.ndarray, value: np.ndarray, count: int) -> csr_array:
    row, column = np.concatenate([links, links[:, ::-1]]).T
    return coo_array((np.concatenate([value, value]), (row, column)), shape=(count, count)).tocsr()


def _grow(graph: csr_array, start: np.ndarray, size: int, hub: int) -> np.ndarray:
    """The first `size` nodes that are reached from start; hub: a node without links."""
    link = _connect(
        np.stack([np.full(len(start), hub), start], axis=-1), np.ones(len(start)), hub + 1
    )
    order = breadth_first_order(csr_array(graph + link), hub, return_predecessors=False)
    return order[1 : size + 1]


def _label(mask: np.ndarray, sides: np.ndarray) -> np.ndarray:
    """Int64 [N]: the components of the nodes in mask; the others are components of one."""
    within = mask[sides].all(axis=1)
    return group_nodes(len(mask), sides[within, 0], sides[within, 1])


def _part_by_normal(halfedges: HalfEdges, normals: np.ndarray, piece: Piece) -> np.ndarray | None:
    facing = normals[piece.polygons]
    mean = facing.mean(axis=0)
    values, axes = np.linalg.eigh(np.cov(facing.T, bias=True))
    axis = axes[:, -1] * np.sqrt(max(values[-1], 0.0))
    axis = axis * np.sign(axis[np.argmax(np.abs(axis))] or 1.0)
    number = np.zeros(len(halfedges.sizes), np.int64)
    number[piece.polygons] = np.arange(len(piece.polygons))
    alone = replace(
        halfedges,
        sizes=halfedges.sizes[piece.polygons],
        polygon=number[halfedges.polygon],
        inner=halfedges.inner[piece.edges],
    )
    part = choose_directions(alone, facing, np.stack([mean + axis, mean - axis]))
    # Only the largest piece of one part, so that no crumbs come off.
    label = join_polygons(alone, part[piece.sides[:, 0]] != part[piece.sides[:, 1]])
    part = (label == np.argmax(np.bincount(label))).astype(np.int64)
    share = part.mean()
    return part if SMALLEST_PART <= share <= 1 - SMALLEST_PART else None


def _part_by_place(halfedges: HalfEdges, piece: Piece) -> np.ndarray:
    first = halfedges.corners[halfedges.starts[piece.polygons]]
    away = halfedges.points[first]
    away = away - away.mean(axis=0)
    axis = np.linalg.eigh(away.T @ away)[1][:, -1]
    along = away @ (axis * np.sign(axis[np.argmax(np.abs(axis))] or 1.0))
    part = np.zeros(len(along), np.int64)
    part[np.argsort(along, kind="stable")[len(along) // 2 :]] = 1
    return part
