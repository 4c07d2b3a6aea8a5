"""The neighbourhoods of a closed mesh as sparse matrices, made once and used by many steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array

from .topology import list_edges


@dataclass(frozen=True)
class SurfaceGraph:
    """Who touches whom in a closed manifold of V vertices, F faces and E = 3F / 2 edges.

    faces: int64 [F, 3]. edges: int64 [E, 2]. edge_of: int64 [3F], the edge of every half-edge
    (3 * face + corner where it starts). halves: int64 [E, 2], the two half-edges of every edge.
    across: int64 [3F], the face on the other side of every half-edge. adjacency: float64 [V, V] in
    CSR, 1 where an edge joins two vertices. slots: int64 [2E], the edge of every stored entry of
    `adjacency`. corners: float64 [V, F] in CSR, 1 where a face has the vertex. valence: float64
    [V, 1].
    """

    faces: np.ndarray
    edges: np.ndarray
    edge_of: np.ndarray
    halves: np.ndarray
    across: np.ndarray
    adjacency: csr_array
    slots: np.ndarray
    corners: csr_array
    valence: np.ndarray

    @property
    def vertex_count(self) -> int:
        """V."""
        return self.adjacency.shape[0]

    def weigh_edges(self, weight: np.ndarray, diagonal: np.ndarray) -> csr_array:
        """The symmetric matrix [V, V] with a weight [E] for every edge and a diagonal [V]."""
        stored = self.adjacency
        links = csr_array((weight[self.slots], stored.indices, stored.indptr), shape=stored.shape)
        count = self.vertex_count
        own = csr_array((diagonal, np.arange(count), np.arange(count + 1)), shape=stored.shape)
        return links + own

    def weigh_faces(self, weight: np.ndarray, diagonal: np.ndarray) -> csr_array:
        """The symmetric matrix [F, F] with a weight [E] for neighbours and a diagonal [F]."""
        count = len(self.faces)
        column = np.empty((count, 4), np.int32)
        column[:, 0], column[:, 1:] = np.arange(count), self.across.reshape(-1, 3)
        value = np.empty((count, 4), weight.dtype)
        value[:, 0], value[:, 1:] = diagonal, weight[self.edge_of].reshape(-1, 3)
        start = np.arange(0, 4 * count + 1, 4, dtype=np.int32)
        return csr_array((value.reshape(-1), column.reshape(-1), start), shape=(count, count))

    def centre_faces(self, values: np.ndarray) -> np.ndarray:
        """Mean of the values [V, ...] at the corners of every face."""
        a, b, c = self.faces.T
        return (values[a] + values[b] + values[c]) / 3

    def cross_faces(self, positions: np.ndarray) -> np.ndarray:
        """Float64 [F, 3]: as `topology.cross_faces`, by components, which is faster."""
        corners = positions.T[:, self.faces.T]
        (ux, uy, uz), (vx, vy, vz) = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        return np.stack([uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx], axis=1)

    def spread(self, values: np.ndarray, rounds: int) -> np.ndarray:
        """Values [V, C], averaged over every vertex and its neighbours, `rounds` times."""
        for _ in range(rounds):
            values = (values + self.adjacency @ values) / (self.valence + 1)
        return values


def measure_lengths(vectors: np.ndarray) -> np.ndarray:
    """Float64 [N]: lengths of vectors [N, 3]."""
    return np.sqrt(np.einsum("nd,nd->n", vectors, vectors))


def connect_surface(faces: np.ndarray, vertex_count: int) -> SurfaceGraph:
    """The graph of a closed manifold, faces int64 [F, 3].

    Raises ValueError where an edge has not two faces of opposite directions, or a vertex no face.
    """
    table = list_edges(faces, vertex_count)
    flat = faces.reshape(-1)
    if not (table.faces_at == 2).all():
        raise ValueError("the mesh is not closed, or more than two faces meet at an edge")
    halves = table.halves.reshape(-1, 2)
    if (flat[halves[:, 0]] == flat[halves[:, 1]]).any():
        raise ValueError("neighbouring faces look to opposite sides")
    edge_count = len(table.edges)
    edge_of = np.empty(len(flat), np.int64)
    edge_of[halves] = np.arange(edge_count)[:, None]
    across = np.empty(len(flat), np.int64)
    across[halves] = halves[:, ::-1] // 3
    a, b = table.edges.T
    pairs = (np.concatenate([a, b]), np.concatenate([b, a]))
    number = np.tile(np.arange(1.0, edge_count + 1), 2)
    adjacency = coo_array((number, pairs), shape=(vertex_count,) * 2).tocsr()
    slots = adjacency.data.astype(np.int64) - 1
    adjacency.data[:] = 1.0
    valence = np.diff(adjacency.indptr).astype(np.float64)[:, None]
    if not valence.all():
        raise ValueError("a vertex has no face")
    corner = np.arange(0, len(flat) + 1, 3)
    shape = (len(faces), vertex_count)
    corners = csr_array((np.ones(len(flat)), flat, corner), shape=shape).T.tocsr()
    return SurfaceGraph(
        faces, table.edges, edge_of, halves, across, adjacency, slots, corners, valence
    )
