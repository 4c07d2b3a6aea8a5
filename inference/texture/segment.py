"""Cuts a surface into patches that face one way, with short borders along its creases.

Each polygon takes one of the six directions of the object's own frame, so that a symmetric object
gets symmetric patches. The choice is a mean-field solution of a Potts model on the dual graph:
what a polygon faces against what its neighbours chose, across an edge the less the sharper it is.
That is how borders become short and come to lie on creases (compare Merriman, Bence & Osher 1994,
whose diffusion and choice in turn move borders by their curvature).
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array, diags_array

from .halfedges import HalfEdges

DIRECTIONS = np.array([[1, 0, 0], [-1, 0, 0], [0, 0, 1], [0, 0, -1], [0, 1, 0], [0, -1, 0]], float)
"""The last ones lose ties, and mirrored polygons break ties alike."""
SMOOTHING_RADIUS = 0.012
"""Reach of the smoothing of normals, as a share of the box diagonal."""
MAX_SMOOTHING = 24
CREASE_COSINE = 0.85
"""Normals of neighbours are averaged less and less below this cosine."""
FACING, AGREEING = 5.0, 7.0
"""Weights of what a polygon faces and of what its neighbours chose."""
ROUNDS = 10


def smooth_normals(
    halfedges: HalfEdges, normals: np.ndarray, areas: np.ndarray, diagonal: float
) -> np.ndarray:
    """Unit normals float64 [P, 3] without the noise of the sampling; creases stay.

    normals, areas: [P, 3] and [P], of the polygons. diagonal: of the bounding box.
    """
    sides = halfedges.sides
    if not len(sides):
        return normals
    step = np.sqrt(areas.mean()) or 1.0
    rounds = int(np.clip(2 * (SMOOTHING_RADIUS * diagonal / step) ** 2, 2, MAX_SMOOTHING))
    length = halfedges.length[halfedges.inner[:, 0]]
    for number in range(rounds):
        if number % 4 == 0:
            cosine = np.einsum("ed,ed->e", normals[sides[:, 0]], normals[sides[:, 1]])
            weight = np.exp(-((1 - cosine) / (1 - CREASE_COSINE)))
            # Against each other, so that a polygon that only noise sets apart is smoothed too.
            blend = _couple(sides, length * weight, np.ones(len(weight)), areas, share=0.5)
            blend = csr_array(blend + diags_array(1 - blend.sum(axis=1)))
        normals = blend @ normals
        normals /= np.maximum(np.linalg.norm(normals, axis=1), 1e-12)[:, None]
    return normals


def _couple(
    sides: np.ndarray, length: np.ndarray, weight: np.ndarray, mass: np.ndarray, share: float
) -> csr_array:
    """A matrix [P, P] that averages the neighbours by the length of their edge and by mass.

    Rows sum to share where all weights, float64 [E] in 0..1, are 1; what they take away is missing.
    """
    count = len(mass)
    row, column = np.concatenate([sides, sides[:, ::-1]]).T
    value = np.concatenate([length, length]) * mass[column]
    total = np.bincount(row, value, count)[row]
    value = share * np.concatenate([weight, weight]) * value / np.maximum(total, 1e-300)
    return coo_array((value, (row, column)), shape=(count, count)).tocsr()


def choose_directions(
    halfedges: HalfEdges, normals: np.ndarray, directions: np.ndarray = DIRECTIONS
) -> np.ndarray:
    """Int64 [P]: index of the direction, [D, 3], that every polygon takes.

    normals: float64 [P, 3], smoothed.
    """
    facing = FACING * (normals @ directions.T)
    sides = halfedges.sides
    if not len(sides):
        return np.argmax(facing, axis=1)
    cosine = np.einsum("ed,ed->e", normals[sides[:, 0]], normals[sides[:, 1]]).clip(0, 1)
    length = halfedges.length[halfedges.inner[:, 0]]
    blend = _couple(sides, length, 0.1 + (1 - 0.1) * cosine**4, np.ones(len(normals)), share=1.0)
    facing, blend = facing.astype(np.float32), blend.astype(np.float32)
    chance = _soften(facing)
    for _ in range(ROUNDS):
        chance = _soften(facing + np.float32(AGREEING) * (blend @ chance))
    # Rounded, so that mirrored polygons do not differ by the order of a sum.
    label = np.argmax(np.round(chance, 4), axis=1)
    return _straighten(halfedges, label, len(directions))


def _soften(score: np.ndarray) -> np.ndarray:
    weight = np.exp(score - score.max(axis=1, keepdims=True))
    return weight / weight.sum(axis=1, keepdims=True)


def _straighten(halfedges: HalfEdges, label: np.ndarray, count: int) -> np.ndarray:
    """Moves polygons to the label along over half of their outline: no teeth along the borders."""
    polygons = np.arange(len(label))
    for _ in range(4):
        share = np.zeros((len(label), count))
        one, two = halfedges.sides.T
        length = halfedges.length[halfedges.inner[:, 0]]
        share += np.bincount(
            np.concatenate([one * count + label[two], two * count + label[one]]),
            np.concatenate([length, length]),
            share.size,
        ).reshape(share.shape)
        best = np.argmax(share, axis=1)
        gain = share[polygons, best] - share[polygons, label]
        total = share.sum(axis=1)
        half = share[polygons, best] > 0.51 * total
        moves = np.where(halfedges.sizes == 3, gain > 1e-9 * total, half & (gain > 0))
        # Of two neighbours that would swap, only the one that gains more moves.
        blocked = moves[one] & moves[two]
        gain = np.where(moves, gain, -1.0)
        moves[np.where(gain[one] < gain[two], one, two)[blocked]] = False
        if not moves.any():
            break
        label = np.where(moves, best, label)
    return label
