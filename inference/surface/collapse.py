"""Remove short edges from a closed manifold without opening it.

Edge collapse under the link condition (Dey, Edelsbrunner, Guha, Nekhayev: "Topology preserving edge
contraction", 1999), in rounds of edges that do not touch each other, shortest first.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array

from .topology import EdgeTable, cross_faces, list_edges, measure_edges

_ROUNDS = 40
_NEVER = np.iinfo(np.int64).max


def collapse_short_edges(
    vertices: np.ndarray, faces: np.ndarray, shortest: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Collapse edges shorter than `shortest` wherever that keeps a manifold and turns no face over.

    Parameters
    ----------
    vertices: float64 [V, 3]. faces: int64 [F, 3], a closed manifold.

    Returns
    -------
    vertices float64 [V, 3], moved (some unused now); faces int64 [F', 3]; int64 [V], the vertex
    that each vertex was drawn into. The surface is the image of the old one under that map.
    """
    vertices, drawn = vertices.copy(), np.arange(len(vertices))
    refused = np.zeros(0, np.int64)
    for _ in range(_ROUNDS):
        near = _find_region(vertices, faces, shortest)
        part = faces[near]
        table = list_edges(part, len(vertices))
        chosen, refused = _choose_edges(vertices, part, table, shortest, refused)
        if not len(chosen):
            break
        kept, removed = table.edges[chosen].T
        place, fine = _place_vertices(vertices, part, kept, removed)
        refused = np.union1d(refused, _key(table.edges[chosen[~fine]], len(vertices)))
        kept, removed = kept[fine], removed[fine]
        vertices[kept] = place[fine]
        target = np.arange(len(vertices))
        target[removed] = kept
        drawn = target[drawn]
        faces = target.take(faces)
        a, b, c = faces.T
        faces = faces[(a != b) & (b != c) & (c != a)]
    return vertices, faces, drawn


def _find_region(vertices: np.ndarray, faces: np.ndarray, shortest: float) -> np.ndarray:
    """Bool [F]: faces within two rings of a short edge: all that a round has to look at."""
    a, b, c = (np.ascontiguousarray(column) for column in faces.T)
    near = np.zeros(len(faces), bool)
    for one, two in ((a, b), (b, c), (c, a)):
        way = vertices.take(one, axis=0)
        way -= vertices.take(two, axis=0)
        near |= np.einsum("fd,fd->f", way, way) < shortest * shortest
    for _ in range(2):
        touched = np.zeros(len(vertices), bool)
        for column in (a, b, c):
            touched[column[near]] = True
        near = touched.take(a) | touched.take(b) | touched.take(c)
    return near


def _key(edges: np.ndarray, count: int) -> np.ndarray:
    return edges[:, 0] * np.int64(count) + edges[:, 1]


def _choose_edges(
    vertices: np.ndarray,
    faces: np.ndarray,
    table: EdgeTable,
    shortest: float,
    refused: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Short edges that may be collapsed together: no edge joins two of them."""
    edges, count = table.edges, len(vertices)
    length = measure_edges(vertices, edges)
    wanted = np.flatnonzero(
        (length < shortest) & (table.faces_at == 2) & ~np.isin(_key(edges, count), refused)
    )
    allowed = _keeps_manifold(faces, table, wanted, count)
    refused = np.union1d(refused, _key(edges[wanted[~allowed]], count))
    wanted = wanted[allowed]
    rank = np.empty(len(wanted), np.int64)
    rank[np.argsort(length[wanted], kind="stable")] = np.arange(len(wanted))
    best = np.full(count, _NEVER)
    np.minimum.at(best, edges[wanted].reshape(-1), np.repeat(rank, 2))
    around = best.copy()
    np.minimum.at(around, edges[:, 0], best[edges[:, 1]])
    np.minimum.at(around, edges[:, 1], best[edges[:, 0]])
    return wanted[rank == around[edges[wanted]].min(axis=1)], refused


def _keeps_manifold(
    faces: np.ndarray, table: EdgeTable, wanted: np.ndarray, count: int
) -> np.ndarray:
    """Bool: link condition, and no vertex left with fewer than three edges."""
    edges = table.edges
    rows, columns = np.concatenate([edges, edges[:, ::-1]]).T
    graph = coo_array((np.ones(len(rows), np.int32), (rows, columns)), shape=(count,) * 2).tocsr()
    valence = np.diff(graph.indptr)
    a, b = edges[wanted].T
    common = np.asarray(graph[a].multiply(graph[b]).sum(axis=1)).reshape(-1)
    opposite = []
    for side in range(2):
        half = table.halves[table.starts[wanted] + side]
        opposite.append(faces.reshape(-1)[half - half % 3 + (half + 2) % 3])
    return (
        (common == 2)
        & (np.minimum(valence[opposite[0]], valence[opposite[1]]) > 3)
        & (valence[a] + valence[b] > 6)
    )


def _place_vertices(
    vertices: np.ndarray, faces: np.ndarray, kept: np.ndarray, removed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where each joined vertex goes (the middle, else either end), and whether no face turns."""
    owner = np.full(len(vertices), -1)
    owner[kept] = owner[removed] = np.arange(len(kept))
    owners = owner[faces]
    around = (owners >= 0).sum(axis=1) == 1  # faces with both ends vanish
    faces, owners = faces[around], owners[around].max(axis=1)
    before = cross_faces(vertices, faces)
    place = np.empty((len(kept), 3))
    fine = np.zeros(len(kept), bool)
    for share in (0.5, 0.0, 1.0):
        trial = vertices[kept] * (1 - share) + vertices[removed] * share
        moved = vertices.copy()
        moved[kept] = moved[removed] = trial
        after = cross_faces(moved, faces)
        size = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
        turned = np.einsum("ij,ij->i", before, after) < 0.2 * size
        good = np.bincount(owners, turned, len(kept)) == 0
        place[good & ~fine] = trial[good & ~fine]
        fine |= good
    return place, fine


def spread_short_edges(
    vertices: np.ndarray, faces: np.ndarray, shortest: float, rounds: int = 10
) -> np.ndarray:
    """Lengthen edges that could not be collapsed, by moving their ends apart.

    Returns float64 [V, 3]. Without a direction (ends in one point) an edge opens across the normal
    of its vertices' faces.
    """
    table = list_edges(faces, len(vertices))
    for _ in range(rounds):
        length = measure_edges(vertices, table.edges)
        short = np.flatnonzero(length < shortest)
        if not len(short):
            break
        a, b = table.edges[short].T
        along = vertices[b] - vertices[a]
        flat = length[short] < shortest * 1e-3
        along[flat] = _pick_tangents(vertices, faces, a[flat])
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        push = along * (shortest * 1.1 - length[short])[:, None] / 2
        vertices = vertices.copy()
        np.add.at(vertices, b, push)
        np.subtract.at(vertices, a, push)
    return vertices


def _pick_tangents(vertices: np.ndarray, faces: np.ndarray, at: np.ndarray) -> np.ndarray:
    cross = cross_faces(vertices, faces)
    normal = np.zeros_like(vertices)
    np.add.at(normal, faces.reshape(-1), np.repeat(cross, 3, axis=0))
    helper = np.eye(3)[np.abs(normal[at]).argmin(axis=1)]
    tangent = np.cross(normal[at], helper)
    flat = np.linalg.norm(tangent, axis=1) == 0
    tangent[flat] = helper[flat]
    return tangent
