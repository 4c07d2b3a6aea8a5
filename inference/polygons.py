"""How a mesh of triangles and quads hangs together; only numpy, for both processes.

A half-edge has the number of the corner where it starts: corner c runs from `corners[c]` to the
vertex of the next corner of its polygon. Nothing here knows fields or Blender.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .types import PolygonMesh


@dataclass(frozen=True)
class HalfEdges:
    """The half-edges of a mesh with L corners, P polygons and E undirected edges.

    tails, heads: int64 [L], vertices. following: int64 [L], the next corner of the polygon.
    polygon: int64 [L]. edge: int64 [L], the number of the half-edge's edge. edges: int64 [E, 2],
    lower vertex first. uses: int64 [E], how many polygons meet there. twin: int64 [L], the opposite
    half-edge; -1 at a boundary, where more than two polygons meet, and where two disagree on
    outside.
    """

    tails: np.ndarray
    heads: np.ndarray
    following: np.ndarray
    polygon: np.ndarray
    edge: np.ndarray
    edges: np.ndarray
    uses: np.ndarray
    twin: np.ndarray


def list_following(sizes: np.ndarray) -> np.ndarray:
    """Int64 [L]: the next corner along its polygon, of every corner; sizes int [P]."""
    ends = np.cumsum(sizes, dtype=np.int64)
    following = np.arange(1, int(ends[-1]) + 1 if len(ends) else 1)
    following[ends - 1] = ends - sizes
    return following


def link_corners(mesh: PolygonMesh) -> HalfEdges:
    """The half-edges of a mesh."""
    tails = mesh.corners.astype(np.int64)
    following = list_following(mesh.sizes)
    heads = tails[following]
    count = max(len(mesh.vertices), 1)
    key = np.minimum(tails, heads) * count + np.maximum(tails, heads)
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    uses = np.diff(starts, append=len(ordered))
    edge = np.empty(len(key), np.int64)
    edge[order] = np.repeat(np.arange(len(starts)), uses)
    first = order[starts[uses == 2]]
    second = order[starts[uses == 2] + 1]
    opposed = tails[first] == heads[second]
    first, second = first[opposed], second[opposed]
    twin = np.full(len(key), -1, np.int64)
    twin[first], twin[second] = second, first
    return HalfEdges(
        tails=tails,
        heads=heads,
        following=following,
        polygon=np.repeat(np.arange(len(mesh.sizes)), mesh.sizes),
        edge=edge,
        edges=np.stack(np.divmod(ordered[starts], count), axis=-1),
        uses=uses,
        twin=twin,
    )


def label_fans(links: HalfEdges) -> np.ndarray:
    """Int64 [L]: one label for the corners of each fan of polygons around a vertex.

    Polygons belong to one fan when they share an edge there in opposite directions: a vertex of a
    closed manifold has one fan. From a corner to the next around its vertex is a permutation, or
    ends at a boundary; pointer doubling finds its cycles and ends (Wyllie 1979).
    """
    count = len(links.tails)
    here = np.arange(count)
    before = np.empty(count, np.int64)
    before[links.following] = here
    # the edge into this corner; its opposite half-edge starts at this vertex
    jump = links.twin[before]
    open_ends = jump < 0
    jump = np.where(open_ends, here, jump)
    label = here.copy()
    valence = int(np.bincount(links.tails).max(initial=1))
    for _ in range(max(valence, 1).bit_length()):
        label = np.minimum(label, label[jump])
        jump = jump[jump]
    return np.where(open_ends[jump], jump, label)


def count_fans(mesh: PolygonMesh, links: HalfEdges) -> np.ndarray:
    """Int64 [V]: fans of polygons at every vertex; 1 on a manifold, 0 without polygons."""
    _, first = np.unique(label_fans(links), return_index=True)
    return np.bincount(links.tails[first], minlength=len(mesh.vertices))


def count_defects(mesh: PolygonMesh, links: HalfEdges | None = None) -> dict[str, int]:
    """How far a mesh is from a closed manifold: all zero for one.

    boundary_edges: one polygon. non_manifold_edges: three or more, or two that disagree on
    outside. non_manifold_vertices: more than one fan. loose_vertices: no polygon. bad_polygons:
    a vertex twice, or the same vertices as another polygon.
    """
    links = links or link_corners(mesh)
    fans = count_fans(mesh, links)
    paired = int((links.twin >= 0).sum()) // 2
    return {
        "boundary_edges": int((links.uses == 1).sum()),
        "non_manifold_edges": int((links.uses >= 2).sum()) - paired,
        "non_manifold_vertices": int((fans > 1).sum()),
        "loose_vertices": int((fans == 0).sum()),
        "bad_polygons": count_bad_polygons(mesh),
    }


def count_bad_polygons(mesh: PolygonMesh) -> int:
    """How many polygons Blender would refuse: a vertex twice, or the vertices of another one."""
    bad, starts = 0, mesh.starts.astype(np.int64)
    for size in np.unique(mesh.sizes):
        first = starts[mesh.sizes == size]
        ordered = np.sort(mesh.corners[first[:, None] + np.arange(size)], axis=1)
        repeated = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        ordered = ordered[~repeated]
        ordered = ordered[np.lexsort(ordered.T)]
        twice = (ordered[1:] == ordered[:-1]).all(axis=1)
        bad += int(repeated.sum()) + int(twice.sum())
    return bad


def label_components(count: int, edges: np.ndarray) -> tuple[int, np.ndarray]:
    """Number of connected components of `count` nodes, and the component of each, int64 [count].

    edges: int [E, 2]. Hooking and pointer jumping (Shiloach and Vishkin 1982), few rounds whatever
    the mesh's length.
    """
    root = np.arange(count)
    first, second = edges[:, 0], edges[:, 1]
    while len(first):
        a, b = root[first], root[second]
        differ = a != b
        if not differ.any():
            break
        first, second, a, b = first[differ], second[differ], a[differ], b[differ]
        np.minimum.at(root, np.maximum(a, b), np.minimum(a, b))
        while True:
            jumped = root[root]
            if (jumped == root).all():
                break
            root = jumped
    names, labels = np.unique(root, return_inverse=True)
    return len(names), labels.reshape(-1).astype(np.int64)


def drop_unused(mesh: PolygonMesh) -> PolygonMesh:
    """The mesh without vertices that no polygon uses; the others keep their order."""
    used = np.zeros(len(mesh.vertices), bool)
    used[mesh.corners] = True
    if used.all():
        return mesh
    number = np.cumsum(used, dtype=np.int32) - 1
    return PolygonMesh(mesh.vertices[used], number[mesh.corners].astype(np.int32), mesh.sizes)


def pick_polygons(mesh: PolygonMesh, chosen: np.ndarray) -> PolygonMesh:
    """The mesh of some polygons, bool [P], without the vertices that the others alone use."""
    kept = np.repeat(chosen, mesh.sizes)
    return drop_unused(PolygonMesh(mesh.vertices, mesh.corners[kept], mesh.sizes[chosen]))


def split_polygons(mesh: PolygonMesh) -> np.ndarray:
    """Int32 [T, 3]: the polygons as triangles, quads cut along their shorter diagonal."""
    starts = mesh.starts.astype(np.int64)
    if (mesh.sizes == 3).all():
        return mesh.corners.reshape(-1, 3)
    triangles = mesh.corners[starts[mesh.sizes == 3][:, None] + np.arange(3)]
    quads = mesh.corners[starts[mesh.sizes == 4][:, None] + np.arange(4)]
    places = mesh.vertices[quads].astype(np.float64)
    even = np.linalg.norm(places[:, 0] - places[:, 2], axis=1)
    odd = np.linalg.norm(places[:, 1] - places[:, 3], axis=1)
    turned = np.where((even <= odd)[:, None], quads, np.roll(quads, -1, axis=1))
    halves = turned[:, [0, 1, 2, 0, 2, 3]].reshape(-1, 3)
    return np.concatenate([triangles, halves]).astype(np.int32)


def cross_triangles(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Float64 [F, 3]: normals of triangles int [F, 3], as long as twice their area."""
    a, b, c = (vertices[faces[:, corner]].astype(np.float64) for corner in range(3))
    return np.cross(b - a, c - a)


def measure_volume(vertices: np.ndarray, faces: np.ndarray) -> float:
    """Volume that triangles int [F, 3] enclose, positive when they look outward."""
    centred = vertices.astype(np.float64) - vertices.mean(axis=0, dtype=np.float64)
    a, b, c = (centred[faces[:, corner]] for corner in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)
