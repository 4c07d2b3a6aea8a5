"""Small holes, as QuadriFlow leaves them, closed with quads."""

from __future__ import annotations

import numpy as np

from ...inference.polygons import link_corners
from ...inference.types import PolygonMesh

_LONGEST = 16
"""Edges around a hole that is still small."""


def fill_holes(mesh: PolygonMesh, meant: np.ndarray | None = None) -> PolygonMesh:
    """The mesh with a strip of quads, and a triangle where their number is odd, in each small hole.

    meant: bool [V]; an open edge along such vertices alone is no hole. Holes that touch each other,
    and those around which the strip would double an edge that is there, stay open.
    """
    links = link_corners(mesh)
    open_edges = np.flatnonzero((links.twin < 0) & (links.uses[links.edge] == 1))
    if not len(open_edges):
        return mesh
    # The hole's own half-edges run the other way.
    after: dict[int, int] = {}
    for tail, head in zip(
        links.heads[open_edges].tolist(), links.tails[open_edges].tolist(), strict=True
    ):
        after[tail] = -1 if tail in after else head
    known = set(map(tuple, links.edges.tolist()))
    corners, sizes = [mesh.corners], [mesh.sizes]
    while after:
        ring = _follow(after)
        if not 3 <= len(ring) <= _LONGEST or (meant is not None and meant[ring].all()):
            continue
        pieces = _fill_ring(ring)
        inner = [tuple(sorted(piece[1:3])) for piece in pieces[:-1]]
        if known.intersection(inner):
            continue
        known.update(inner)
        for piece in pieces:
            corners.append(np.array(piece, np.int32))
            sizes.append(np.array([len(piece)], np.int32))
    return PolygonMesh(mesh.vertices, np.concatenate(corners), np.concatenate(sizes))


def _follow(after: dict[int, int]) -> list[int]:
    """Take the ring of one hole out of the map from vertex to next vertex; empty: it is none."""
    first = next(iter(after))
    ring, here = [], first
    while here in after:
        following = after.pop(here)
        ring.append(here)
        here = following
    return ring if here == first else []


def _fill_ring(ring: list[int]) -> list[list[int]]:
    """Polygons between opposite sides of the ring, from one end of it to the other."""
    pieces = []
    left, right = 0, len(ring) - 1
    while right - left >= 3:
        pieces.append([ring[left], ring[left + 1], ring[right - 1], ring[right]])
        left, right = left + 1, right - 1
    if right - left == 2:
        pieces.append([ring[left], ring[left + 1], ring[right]])
    return pieces
