"""No edge of a delivered mesh is too short for the tools that it meets."""

from __future__ import annotations

import numpy as np

from ..polygons import link_corners
from ..types import PolygonMesh
from .caps import lift_corners, measure_heights

SHORTEST_EDGE = 1e-4
"""No delivered edge is shorter than this share of the box diagonal."""
SAFE_EDGE = 1.5e-4
"""The same before a mesh is fitted into its box, which may shorten edges."""
_ROUNDS = 10
_MARGIN = 1.2


def spread_short_edges(mesh: PolygonMesh, shortest: float) -> PolygonMesh:
    """Move the ends of edges shorter than `shortest` apart, each by as much, along the edge.

    Connectivity stays, and no vertex moves farther than a few times `shortest`. Edges without a
    length are drawn out towards the middle of the polygon beside them.
    """
    links = link_corners(mesh)
    tails, heads = links.edges.T
    places = mesh.vertices
    for _ in range(_ROUNDS):
        along = places[heads].astype(np.float64) - places[tails]
        length = np.linalg.norm(along, axis=1)
        short = np.flatnonzero(length < shortest)
        if not len(short):
            break
        if places is mesh.vertices:
            places = mesh.vertices.astype(np.float64)
        for edge in short.tolist():
            a, b = int(tails[edge]), int(heads[edge])
            step, distance = along[edge], float(length[edge])
            if distance < 1e-3 * shortest:
                step = _find_way_out(mesh, links.polygon[links.edge == edge], places, a)
                distance = float(np.linalg.norm(step))
            middle = (places[a] + places[b]) / 2
            reach = step / distance * (_MARGIN * shortest / 2)
            places[a], places[b] = middle - reach, middle + reach
    return PolygonMesh(places.astype(mesh.vertices.dtype), mesh.corners, mesh.sizes)


def lift_flat_corners(mesh: PolygonMesh, lowest: float) -> PolygonMesh:
    """Move corners that lie on the line between their neighbours along a polygon off it, by a hair.

    However a quad is cut, none of its triangles is lower than `lowest` then. Vertices with x = 0
    stay there.
    """
    links = link_corners(mesh)
    before = np.empty(len(links.tails), np.int64)
    before[links.following] = np.arange(len(before))
    triangles = np.stack([links.tails[before], links.tails, links.heads], axis=-1)
    places = mesh.vertices
    for number in range(_ROUNDS):
        low = np.flatnonzero(measure_heights(places, triangles) < lowest)
        if not len(low):
            break
        if places is mesh.vertices:
            places = mesh.vertices.astype(np.float64)
        lift_corners(places, triangles, low, lowest, sideways=number % 3 == 2)
    return PolygonMesh(places.astype(mesh.vertices.dtype), mesh.corners, mesh.sizes)


def _find_way_out(
    mesh: PolygonMesh, beside: np.ndarray, places: np.ndarray, vertex: int
) -> np.ndarray:
    """A direction that is not zero, float64 [3]: from the vertex into a polygon beside it."""
    starts = mesh.starts
    for polygon in beside.tolist():
        corners = mesh.corners[starts[polygon] : starts[polygon] + mesh.sizes[polygon]]
        way = places[corners].mean(axis=0) - places[vertex]
        if np.linalg.norm(way) > 0.0:
            return way
    return np.array([0.0, 1.0, 0.0])
