"""Colours for the part of a surface that no picture shows: as smooth as a soap film over it.

Minimises sum c_i |u_i - g_i|^2 + u^T L u with the cotangent Laplacian L of the mesh (Pinkall and
Polthier 1993, "Computing Discrete Minimal Surfaces and Their Conjugates", section 2; a screened
Poisson equation), so that the film depends on the surface and not on how it is cut into triangles.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_array, csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu
from scipy.spatial import cKDTree

HOLD = 20.0
"""How much a vertex that is surely known counts against one neighbour."""
ANCHOR = 1e-4
"""The same for the guess at a vertex of a part of which nothing is known."""
LEAST_KNOWN = 0.02
"""Sum of certainties with which a part counts as known."""
LEVELS = 12
"""Steps of each colour channel that are told apart."""
RARE = 0.03
GROUP = 8
"""Vertices of a group that is solved as one first."""
TOLERANCE = 1e-4  # of linear light: a third of the darkest byte's step
MOST_STEPS = 300
TINY = 1e-300
COTANGENT = (0.05, 5.0)


def fill_surface(
    vertices: np.ndarray, triangles: np.ndarray, colours: np.ndarray, certainty: np.ndarray
) -> np.ndarray:
    """Colours for all vertices, float32 [V, 3].

    vertices: float [V, 3]. triangles: int [T, 3]. colours: float [V, 3], what is known, any where
    certainty float [V] in 0..1 is 0. Every value stays between the least and the greatest known.
    A part of which nothing is known takes the colours of what is nearest. Nothing known at all:
    colours come back as given.
    """
    if not (certainty > 0).any():
        return colours.astype(np.float32)
    hold = HOLD * certainty.astype(np.float64)
    known = colours.astype(np.float64)
    graph = weigh_edges(vertices, triangles)
    count, part = connected_components(graph, directed=False)
    unknown = (np.bincount(part, certainty, count) < LEAST_KNOWN)[part]
    if unknown.any():
        best = certainty >= 0.5 * certainty.max()
        _, nearest = cKDTree(vertices[best]).query(vertices[unknown])
        guess = known[best][nearest]
        weight = hold[unknown] + ANCHOR
        known[unknown] = (hold[unknown, None] * known[unknown] + ANCHOR * guess) / weight[:, None]
        hold[unknown] = weight
    solution = _solve(graph, hold, known, _group_vertices(vertices, graph))
    held = known[hold > 0]
    return np.clip(solution, held.min(axis=0), held.max(axis=0)).astype(np.float32)


def rate_colours(colours: np.ndarray, certainty: np.ndarray) -> np.ndarray:
    """float64 [V] in 0..1: how common each colour is among what is known.

    colours: float [V, 3], linear light. certainty: float [V]. A hidden part is more likely to have
    a common colour than that of a highlight.
    """
    steps = (np.sqrt(np.clip(colours, 0.0, 1.0)) * (LEVELS - 1) + 0.5).astype(np.int64)
    label = (steps[:, 0] * LEVELS + steps[:, 1]) * LEVELS + steps[:, 2]
    counts = np.bincount(label, certainty, LEVELS**3).reshape((LEVELS,) * 3)
    counts = ndimage.gaussian_filter(counts, 1.0, mode="constant")
    if not counts.max() > 0:
        return np.ones(len(colours))
    return (counts / counts.max()).reshape(-1)[label].clip(RARE)


def weigh_edges(vertices: np.ndarray, triangles: np.ndarray) -> csr_array:
    """Symmetric [V, V]: half the cotangents of the two angles across every edge, kept positive."""
    count = len(vertices)
    corner = vertices[triangles].astype(np.float64)
    rows, columns, weights = [], [], []
    for k in range(3):
        a = corner[:, (k + 1) % 3] - corner[:, k]
        b = corner[:, (k + 2) % 3] - corner[:, k]
        double_area = np.linalg.norm(np.cross(a, b), axis=1)
        cotangent = np.einsum("tk,tk->t", a, b) / np.maximum(double_area, 1e-30)
        rows.append(triangles[:, (k + 1) % 3])
        columns.append(triangles[:, (k + 2) % 3])
        weights.append(np.clip(cotangent, *COTANGENT) / 2)
    row, column = np.concatenate(rows), np.concatenate(columns)
    weight = np.concatenate(weights)
    half = coo_array((weight, (row, column)), shape=(count, count)).tocsr()
    return (half + half.T).tocsr()


def _solve(graph: csr_array, hold: np.ndarray, known: np.ndarray, cell: np.ndarray) -> np.ndarray:
    """The minimum, float64 [V, K]; vertices without a face keep what is known.

    Conjugate gradients for all K columns at once. cell: int [V], connected groups of vertices; the
    preconditioner adds an exact solution on these groups, which carries colours across the holes,
    to the diagonal's (two-level additive Schwarz: Smith, Bjorstad, Gropp 1996, "Domain
    Decomposition", section 2.3).
    """
    total = np.asarray(graph.sum(axis=1)).reshape(-1) + hold
    loose = total == 0
    total[loose] = 1.0
    matrix = (diags_array(total) - graph).tocsr()
    count = int(cell.max()) + 1
    one = np.ones(len(cell))
    gather = csr_array((one, (cell, np.arange(len(cell)))), shape=(count, len(cell)))
    # symmetric and diagonally dominant: no pivoting, and a symmetric order keeps the fill-in low
    coarse = splu(
        (gather @ matrix @ gather.T).tocsc(),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    scale = 1 / total[:, None]
    target = hold[:, None] * known
    target[loose] = known[loose]
    solution = coarse.solve(gather @ target)[cell]
    rest = target - matrix @ solution
    direction, energy = np.zeros_like(rest), np.ones(rest.shape[1])
    for step in range(MOST_STEPS):
        wanted = rest * scale
        if np.abs(wanted).max() < TOLERANCE:
            break
        wanted += coarse.solve(gather @ rest)[cell]
        fresh = np.einsum("vk,vk->k", rest, wanted)
        direction = wanted + (fresh / np.maximum(energy, TINY) if step else 0.0) * direction
        energy = fresh
        image = matrix @ direction
        length = energy / np.maximum(np.einsum("vk,vk->k", direction, image), TINY)
        solution += length * direction
        rest -= length * image
    return solution


def _group_vertices(vertices: np.ndarray, graph: csr_array) -> np.ndarray:
    """int [V]: connected groups of about `GROUP` vertices, those that share a cell of a grid."""
    edges = graph.tocoo()
    length = np.linalg.norm(vertices[edges.row] - vertices[edges.col], axis=1)
    if not len(length):
        return np.arange(len(vertices))
    size = np.sqrt(GROUP) * max(float(np.median(length)), TINY)
    grid = np.floor((vertices - vertices.min(axis=0)) / size).astype(np.int64)
    key = (grid[:, 0] * (grid[:, 1].max() + 1) + grid[:, 1]) * (grid[:, 2].max() + 1) + grid[:, 2]
    kept = key[edges.row] == key[edges.col]
    within = coo_array((kept[kept], (edges.row[kept], edges.col[kept])), shape=graph.shape)
    return connected_components(within, directed=False)[1]
