"""How the triangles of a mesh hang together: edges, shells, volumes, and what is not a manifold.

Faces are int64 [F, 3], vertices float64 [V, 3]; nothing here knows fields or Blender.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True)
class EdgeTable:
    """The undirected edges of a mesh.

    edges: int64 [E, 2], lower vertex first, in lexicographic order.
    faces_at: int64 [E], how many faces meet at each edge.
    halves: int64 [3F], the half-edges (3 * face + corner where it starts) grouped by edge.
    starts: int64 [E], where an edge's half-edges begin in `halves`.
    """

    edges: np.ndarray
    faces_at: np.ndarray
    halves: np.ndarray
    starts: np.ndarray


def list_edges(faces: np.ndarray, vertex_count: int) -> EdgeTable:
    """The edges of faces int [F, 3]."""
    tail, head = faces.reshape(-1), faces[:, [1, 2, 0]].reshape(-1)
    key = np.minimum(tail, head) * np.int64(vertex_count) + np.maximum(tail, head)
    halves = np.argsort(key, kind="stable")
    ordered = key[halves]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    faces_at = np.diff(starts, append=len(ordered))
    edges = np.stack(np.divmod(ordered[starts], max(vertex_count, 1)), axis=-1)
    return EdgeTable(edges, faces_at, halves, starts)


def measure_edges(vertices: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Float64 [E]: lengths of edges int [E, 2]."""
    way = vertices.take(edges[:, 0], axis=0)
    way -= vertices.take(edges[:, 1], axis=0)
    return np.sqrt(np.einsum("ed,ed->e", way, way))


def cross_faces(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Float64 [F, 3]: normals of the faces, as long as twice their area."""
    (ax, ay, az), (bx, by, bz), (cx, cy, cz) = (
        vertices.take(faces[:, corner], axis=0).T for corner in range(3)
    )
    ux, uy, uz, vx, vy, vz = bx - ax, by - ay, bz - az, cx - ax, cy - ay, cz - az
    return np.stack([uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx], axis=1)


def average_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Float64 [V, 3]: unit normals of the vertices, weighted by area; zero where undefined."""
    cross = cross_faces(vertices, faces)
    total = np.stack(
        [
            np.bincount(faces.reshape(-1), np.repeat(cross[:, axis], 3), len(vertices))
            for axis in range(3)
        ],
        axis=-1,
    )
    length = np.linalg.norm(total, axis=1, keepdims=True)
    return np.divide(total, length, out=np.zeros_like(total), where=length > 0)


def measure_volumes(
    vertices: np.ndarray, faces: np.ndarray, labels: np.ndarray, count: int
) -> np.ndarray:
    """Float64 [count]: signed volume of every group of faces; labels int [F] name the group."""
    centred = vertices - vertices.mean(axis=0) if len(vertices) else vertices
    a, b, c = (centred[faces[:, corner]] for corner in range(3))
    return np.bincount(labels, np.einsum("ij,ij->i", a, np.cross(b, c)) / 6, count)


def measure_volume(vertices: np.ndarray, faces: np.ndarray) -> float:
    """Signed volume of a closed mesh, positive when its faces look outward."""
    return float(measure_volumes(vertices, faces, np.zeros(len(faces), np.int64), 1)[0])


def label_shells(faces: np.ndarray, vertex_count: int) -> tuple[int, np.ndarray]:
    """Number of shells (sets of faces joined by vertices) and the shell of each face, int [F]."""
    rows = np.concatenate([faces[:, 0], faces[:, 1]])
    columns = np.concatenate([faces[:, 1], faces[:, 2]])
    graph = coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(vertex_count,) * 2)
    _, labels = connected_components(graph, directed=False)
    used, labels = np.unique(labels[faces[:, 0]], return_inverse=True)
    return len(used), labels.reshape(-1)


def drop_unused(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The vertices that faces use, and the new number of each old vertex (-1: dropped)."""
    used = np.zeros(len(vertices), bool)
    used[faces.reshape(-1)] = True
    number = np.where(used, np.cumsum(used) - 1, -1)
    return vertices[used], number


def label_fans(
    faces: np.ndarray, vertex_count: int, table: EdgeTable | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Which corners form one fan of faces around a vertex.

    Two faces at a vertex belong to the same fan when they share a manifold edge there: one where
    exactly two faces meet, in opposite directions. A manifold vertex has one fan. table: of the
    faces, where it is known.

    Returns
    -------
    int [F, 3] the fan of every corner, and int [fans] the vertex of every fan.
    """
    table = table or list_edges(faces, vertex_count)
    pairs = table.starts[table.faces_at == 2]
    first, second = table.halves[pairs], table.halves[pairs + 1]
    flat = faces.reshape(-1)
    opposed = flat[first] != flat[second]
    first, second = first[opposed], second[opposed]
    after = np.arange(len(flat)).reshape(-1, 3)[:, [1, 2, 0]].reshape(-1)
    rows = np.concatenate([first, after[first]])
    columns = np.concatenate([after[second], second])
    graph = coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(len(flat),) * 2)
    count, labels = connected_components(graph, directed=False)
    vertex_of = np.empty(count, np.int64)
    vertex_of[labels] = flat
    return labels.reshape(-1, 3).astype(np.int64), vertex_of


def split_fans(
    vertices: np.ndarray, faces: np.ndarray, apart: float
) -> tuple[np.ndarray, np.ndarray]:
    """Give every fan a vertex of its own, so that only manifold vertices are left.

    Where solids touch in a point or an edge, the vertex is doubled, and each copy moves by `apart`
    towards its own fan, so that no tool that merges by distance joins them again.

    Returns
    -------
    vertices float64 [V', 3] and faces int64 [F, 3], in the order given.
    """
    fans, vertex_of = label_fans(faces, len(vertices))
    copies = np.bincount(vertex_of, minlength=len(vertices))
    if not (copies > 1).any():
        return vertices, faces
    moved = vertices[vertex_of]
    split = copies[vertex_of] > 1
    centre = np.zeros_like(moved)
    middle = vertices[faces].mean(axis=1)
    for axis in range(3):
        centre[:, axis] = np.bincount(fans.reshape(-1), np.repeat(middle[:, axis], 3), len(moved))
    centre /= np.bincount(fans.reshape(-1), minlength=len(moved))[:, None]
    towards = centre - moved
    length = np.linalg.norm(towards, axis=1, keepdims=True)
    unit = np.divide(towards, length, out=np.zeros_like(towards), where=length > 0)
    moved[split] += unit[split] * np.minimum(apart, length[split] / 2)
    return moved, fans


def count_defects(
    faces: np.ndarray, vertex_count: int, table: EdgeTable | None = None
) -> dict[str, int]:
    """How far a mesh is from a closed manifold: all zero for one.

    boundary_edges: one face; non_manifold_edges: three or more, or two of the same direction;
    non_manifold_vertices: more than one fan of faces; loose_vertices: no face. table: of the faces,
    where it is known.
    """
    table = table or list_edges(faces, vertex_count)
    flat = faces.reshape(-1)
    pairs = table.starts[table.faces_at == 2]
    same = flat[table.halves[pairs]] == flat[table.halves[pairs + 1]]
    _, vertex_of = label_fans(faces, vertex_count, table)
    fans = np.bincount(vertex_of, minlength=vertex_count)
    return {
        "boundary_edges": int((table.faces_at == 1).sum()),
        "non_manifold_edges": int((table.faces_at > 2).sum() + same.sum()),
        "non_manifold_vertices": int((fans > 1).sum()),
        "loose_vertices": int((fans == 0).sum()),
    }
