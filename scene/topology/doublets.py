"""Quads that no tool can cut into triangles without four of them meeting in one edge.

Two quads that share two edges in a row (a doublet) may both be cut between the same corners, and so
may quads whose diagonal is an edge of others. Files of triangles then hold an edge of four faces.
"""

from __future__ import annotations

import numpy as np

from ...inference.polygons import drop_unused, link_corners
from ...inference.types import PolygonMesh

_ROUNDS = 20


def make_cuttable(mesh: PolygonMesh) -> PolygonMesh:
    """The mesh without doublets, and with those quads cut that must not be cut anyhow.

    No vertex moves. What was a closed manifold still is one, and still mirrors itself in its
    vertices where it did, but for middles of quads of which neither diagonal is free.
    """
    return _cut_quads(_merge_doublets(mesh))


def _merge_doublets(mesh: PolygonMesh) -> PolygonMesh:
    """Without vertices that have two edges and two polygons: those become one polygon."""
    for _ in range(_ROUNDS):
        links = link_corners(mesh)
        valence = np.bincount(links.edges.reshape(-1), minlength=len(mesh.vertices))
        uses = np.bincount(mesh.corners, minlength=len(mesh.vertices))
        inner = np.ones(len(mesh.vertices), bool)
        inner[links.tails[links.twin < 0]] = inner[links.heads[links.twin < 0]] = False
        merged: dict[int, list[int]] = {}
        gone: set[int] = set()
        for vertex in np.flatnonzero((valence == 2) & (uses == 2) & inner).tolist():
            one, two = links.polygon[links.tails == vertex].tolist()
            if {one, two} & (gone | merged.keys()) or one == two:
                continue
            first, second = (_turn_to(mesh, polygon, vertex) for polygon in (one, two))
            # [vertex, a, ..., b] and [vertex, b, ..., a]
            ring = first[1:] + second[2:-1]
            if len(ring) in (3, 4) and len(set(ring)) == len(ring):
                merged[one] = ring
                gone.add(two)
        if not merged:
            break
        mesh = _replace(mesh, {**{two: [] for two in gone}, **{k: [v] for k, v in merged.items()}})
    return mesh


def _turn_to(mesh: PolygonMesh, polygon: int, vertex: int) -> list[int]:
    """The polygon's corners, that vertex first."""
    start = int(mesh.starts[polygon])
    ring = mesh.corners[start : start + int(mesh.sizes[polygon])].tolist()
    at = ring.index(vertex)
    return ring[at:] + ring[:at]


def _cut_quads(mesh: PolygonMesh) -> PolygonMesh:
    """Cut quads along the diagonal that is free where the other one is an edge, or of another quad,
    too; around a new vertex in the middle where neither is.
    """
    which = np.flatnonzero(mesh.sizes == 4)
    if not len(which):
        return mesh
    quads = mesh.corners[mesh.starts[which].astype(np.int64)[:, None] + np.arange(4)]
    count = len(mesh.vertices)
    edges = link_corners(mesh).edges.astype(np.int64)
    ends = np.sort(quads.astype(np.int64)[:, [[0, 2], [1, 3]]], axis=2)
    keys = ends[..., 0] * count + ends[..., 1]
    known, number = np.unique(
        np.concatenate([keys.reshape(-1), edges[:, 0] * count + edges[:, 1]]), return_inverse=True
    )
    uses = np.bincount(number.reshape(-1), minlength=len(known))
    number = number.reshape(-1)[: keys.size].reshape(-1, 2)
    pieces: dict[int, list[list[int]]] = {}
    middles: list[np.ndarray] = []
    for row in np.flatnonzero((uses[number] > 1).any(axis=1)).tolist():
        taken = uses[number[row]] > 1
        if not taken.any():
            continue  # cutting another quad has freed it
        a, b, c, d = quads[row].tolist()
        if not taken[1]:
            pieces[int(which[row])] = [[b, c, d], [b, d, a]]
            uses[number[row, 0]] -= 1
        elif not taken[0]:
            pieces[int(which[row])] = [[a, b, c], [a, c, d]]
            uses[number[row, 1]] -= 1
        else:
            middle = count + len(middles)
            middles.append(mesh.vertices[quads[row]].mean(axis=0))
            pieces[int(which[row])] = [[p, q, middle] for p, q in ((a, b), (b, c), (c, d), (d, a))]
            uses[number[row]] -= 1
    if not pieces:
        return mesh
    places = np.concatenate([mesh.vertices, *(m[None] for m in middles)])
    places = places.astype(mesh.vertices.dtype)
    return _replace(PolygonMesh(places, mesh.corners, mesh.sizes), pieces)


def _replace(mesh: PolygonMesh, pieces: dict[int, list[list[int]]]) -> PolygonMesh:
    """The mesh with some polygons replaced by others, at the end."""
    kept = np.ones(len(mesh.sizes), bool)
    kept[list(pieces)] = False
    new = [piece for group in pieces.values() for piece in group]
    corners = [mesh.corners[np.repeat(kept, mesh.sizes)], *(np.array(one, np.int32) for one in new)]
    sizes = [mesh.sizes[kept], np.array([len(one) for one in new], np.int32)]
    return drop_unused(
        PolygonMesh(
            mesh.vertices,
            np.concatenate(corners).astype(np.int32),
            np.concatenate(sizes).astype(np.int32),
        )
    )
