"""How the corners of a polygon mesh hang together, and what becomes of it when seams cut it.

A half-edge has the number of the corner where it starts: corner c runs from `corners[c]` to
`corners[next[c]]` along the polygon `polygon[c]`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..polygons import label_components
from ..types import PolygonMesh

FEW_NODES = 600


@dataclass(frozen=True)
class HalfEdges:
    """The half-edges of a mesh with L corners, P polygons and I inner edges.

    points: float64 [V, 3], vertices. corners: int64 [L], their vertices. polygon: int64 [L].
    next, previous: int64 [L], neighbours along the polygon. twin: int64 [L], the half-edge of the
    other polygon along the same edge; -1 at a boundary and where more than two polygons meet.
    length: float64 [L], of the edges. inner: int64 [I, 2], the two half-edges of every edge that
    two polygons share.
    """

    points: np.ndarray
    corners: np.ndarray
    polygon: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray
    next: np.ndarray
    previous: np.ndarray
    twin: np.ndarray
    length: np.ndarray
    inner: np.ndarray

    @property
    def sides(self) -> np.ndarray:
        """Int64 [I, 2]: the two polygons of every inner edge."""
        return self.polygon[self.inner]


def link_corners(mesh: PolygonMesh) -> HalfEdges:
    """The half-edges of a mesh."""
    points = mesh.vertices.astype(np.float64)
    corners = mesh.corners.astype(np.int64)
    sizes = mesh.sizes.astype(np.int64)
    starts = np.cumsum(sizes) - sizes
    count = len(corners)
    following = np.arange(1, count + 1)
    following[starts + sizes - 1] = starts
    previous = np.empty(count, np.int64)
    previous[following] = np.arange(count)
    head = corners[following]
    twin = np.full(count, -1, np.int64)
    key = np.minimum(corners, head) * np.int64(len(points)) + np.maximum(corners, head)
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    paired = first[np.diff(first, append=count) == 2]
    inner = np.stack([order[paired], order[paired + 1]], axis=-1)
    inner = inner[
        corners[inner[:, 0]] == head[inner[:, 1]]
    ]  # else the polygons disagree on outside
    twin[inner[:, 0]], twin[inner[:, 1]] = inner[:, 1], inner[:, 0]
    return HalfEdges(
        points=points,
        corners=corners,
        polygon=np.repeat(np.arange(len(sizes)), sizes),
        starts=starts,
        sizes=sizes,
        next=following,
        previous=previous,
        twin=twin,
        length=np.linalg.norm(points[head] - points[corners], axis=1),
        inner=inner,
    )


def group_nodes(count: int, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Int64 [count]: number of the component of every node, links run from first to second."""
    if count < FEW_NODES:  # scipy's preparations take longer than all of this
        return label_components(count, np.stack([first, second], axis=-1))[1]
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def join_polygons(halfedges: HalfEdges, seam: np.ndarray) -> np.ndarray:
    """Int64 [P]: the chart of every polygon when the inner edges in seam, bool [I], are cut."""
    sides = halfedges.sides[~seam]
    return group_nodes(len(halfedges.sizes), sides[:, 0], sides[:, 1])


def cut_vertices(halfedges: HalfEdges, seam: np.ndarray) -> np.ndarray:
    """Int64 [L]: the vertex of every corner once the inner edges in seam, bool [I], are cut open.

    Corners share one exactly when one can walk from one to the other around the vertex without
    crossing a seam.
    """
    one, two = halfedges.inner[~seam].T
    return group_nodes(
        len(halfedges.corners),
        np.concatenate([one, halfedges.next[one]]),
        np.concatenate([halfedges.next[two], two]),
    )


def measure_polygons(halfedges: HalfEdges) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Centres float64 [P, 3], unit normals float64 [P, 3] (zero where undefined), areas [P]."""
    points = halfedges.points[halfedges.corners]
    centre = np.add.reduceat(points, halfedges.starts) / halfedges.sizes[:, None]
    spokes = points - centre[halfedges.polygon]
    cross = np.add.reduceat(np.cross(spokes, spokes[halfedges.next]), halfedges.starts) / 2
    area = np.linalg.norm(cross, axis=1)
    return centre, cross / np.maximum(area, 1e-300)[:, None], area


def split_polygons(halfedges: HalfEdges) -> np.ndarray:
    """Int64 [T, 3]: the corners of triangles that fill the polygons, in the polygons' order.

    A quad is split along the diagonal whose two triangles have the larger smallest area, so that
    one with a dent is not folded; larger polygons are fans.
    """
    starts, sizes, points = halfedges.starts, halfedges.sizes, halfedges.points
    first = np.repeat(starts, sizes - 2)
    step = np.arange(len(first)) - np.repeat(np.cumsum(sizes - 2) - (sizes - 2), sizes - 2)
    triangles = np.stack([first, first + step + 1, first + step + 2], axis=-1)
    quads = np.flatnonzero(sizes == 4)
    if len(quads):
        corner = points[halfedges.corners[starts[quads][:, None] + np.arange(4)]]
        other = np.array([[1, 2, 3], [3, 0, 1]])
        best = _smallest_area(corner, np.array([[0, 1, 2], [0, 2, 3]])) < _smallest_area(
            corner, other
        )
        rows = (np.cumsum(sizes - 2) - (sizes - 2))[quads[best]]
        for triangle in range(2):
            triangles[rows + triangle] = starts[quads[best]][:, None] + other[triangle]
    return triangles


def guard_polygons(halfedges: HalfEdges) -> np.ndarray:
    """Int64 [G, 3]: corners of triangles that all face up exactly where the polygons are convex.

    A triangle is its own; of a larger polygon it is every corner with its two neighbours.
    """
    corner = np.arange(len(halfedges.corners))
    size = halfedges.sizes[halfedges.polygon]
    corner = corner[(size > 3) | (corner == halfedges.starts[halfedges.polygon])]
    return np.stack([halfedges.previous[corner], corner, halfedges.next[corner]], axis=-1)


def _smallest_area(quad: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Float64 [Q]: signed by the quad's own normal."""
    normal = np.cross(quad[:, 2] - quad[:, 0], quad[:, 3] - quad[:, 1])
    areas = [
        np.einsum("qd,qd->q", np.cross(quad[:, b] - quad[:, a], quad[:, c] - quad[:, a]), normal)
        for a, b, c in triangles
    ]
    return np.minimum(*areas)
