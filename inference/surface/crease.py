"""Where two smooth patches of a surface meet in an edge, and which patch each face belongs to.

Marching cubes cuts every sharp edge with a bevel. The faces of the bevel, and those that were bent
by smoothing, learn here of the flat patch beside them: the patch is found by walking from them to
ever flatter neighbourhoods. That is the choice of the most consistent patch of Zhang, Deng, Zhang,
Bouaziz and Liu, "Guided Mesh Normal Filtering" (2015), section 3.2, by descent instead of by trying
every patch around a face. Vertices between two patches then go to where the planes of the patches
meet, the least-squares point of Ju, Losasso, Schaefer and Warren, "Dual Contouring of Hermite Data"
(2002), section 2.1, as Kobbelt, Botsch, Schwanecke and Seidel, "Feature Sensitive Surface
Extraction from Volume Data" (2001), do it for marching cubes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .graph import SurfaceGraph, measure_lengths

_BENT = 0.06
"""1 - |mean normal| of a vertex' surroundings from which they may hold an edge (about 20 degrees
around the mean)."""
_FLAT = 0.35
"""Share of that which the patch beside an edge may have: round parts are as bent everywhere."""
_CLEAN = 3.0
"""Degrees of scatter that it may have: what looks like an edge of a rough surface is often none."""
_OTHER = 1.0
"""Difference of unit normals from which a face cannot be of a patch: it is 60 degrees off."""
_LEANING, _ROUND = 0.25, 0.65
"""What leans from its patch by the first (a difference of unit normals) is the bevel of an edge;
where that is more than the second of what is near, the edge is round, and stays so."""
_ALONG = 4
"""Rings over which an edge is as round as its roundest part, lest it be sharp by spots."""
_STEPS = 5
"""How far, in edges, a face looks for its patch."""
_SPLIT = 0.94
"""Length of the mean normal of a vertex' faces below which they belong to two patches."""
_HOLD = 0.03
"""Weight of a vertex' own place against the planes, as a share of theirs."""


@dataclass(frozen=True)
class Patches:
    """Patches of about three edges' width, one around every vertex, and the way to flatter ones.

    bend: float64 [V], 1 - length of the mean normal after smoothing: 0 where flat. normals: float64
    [V, 3]. scatter: float64 [V], degrees between the faces and their patch before smoothing.
    flatter: int64 [V], the vertex of the flattest patch a few steps away.
    """

    bend: np.ndarray
    normals: np.ndarray
    scatter: np.ndarray
    flatter: np.ndarray


@dataclass(frozen=True)
class Creases:
    """Faces near sharp edges.

    near: bool [F]. patch: int64 [F], the vertex whose patch the face belongs to (only where
    near). normals: float64 [F, 3], of that patch; elsewhere those given.
    """

    near: np.ndarray
    patch: np.ndarray
    normals: np.ndarray


def find_patches(graph: SurfaceGraph, cross: np.ndarray, smooth_cross: np.ndarray) -> Patches:
    """Patches of a surface.

    cross: float64 [F, 3], the faces' area vectors: their sums are what tells a patch's normal, for
    bumps cancel in them. smooth_cross: those of the same faces after smoothing, which tell how bent
    a patch is.
    """
    both = [cross, smooth_cross]
    size = [measure_lengths(vectors)[:, None] for vectors in both]
    total = graph.corners @ np.concatenate(both + size, axis=1)
    total += graph.adjacency @ total
    total[:, 6:] = np.maximum(total[:, 6:], 1e-30)
    bend = 1 - measure_lengths(total[:, 3:6]) / total[:, 7]
    length = measure_lengths(total[:, :3])
    scatter = np.degrees(np.sqrt(2 * np.maximum(1 - length / total[:, 6], 0)))
    normals = total[:, :3] / np.maximum(length, 1e-30)[:, None]
    order = np.argsort(bend, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    stored = graph.adjacency
    lowest = np.minimum.reduceat(rank[stored.indices], stored.indptr[:-1])
    step = order[np.minimum(lowest, rank)]
    flatter = step
    for _ in range(_STEPS - 1):
        flatter = step[flatter]
    return Patches(bend, normals, scatter, flatter)


def is_bent(graph: SurfaceGraph, patches: Patches) -> np.ndarray:
    """Bool [F]: faces that an edge may be near."""
    return (patches.bend > _BENT)[graph.faces].any(axis=1)


def find_creases(
    graph: SurfaceGraph,
    patches: Patches,
    guide: np.ndarray,
    normals: np.ndarray,
    area: np.ndarray,
) -> Creases:
    """Faces near an edge that flat and clean patches meet in, at once and not by a round.

    guide: float64 [F, 3], kept where no edge is near. normals, area: of the faces.
    """
    a, b, c = graph.faces.T
    bend = patches.bend
    first = np.where(bend[a] < bend[b], a, b)
    patch = patches.flatter[np.where(bend[first] < bend[c], first, c)]
    most = np.maximum(np.maximum(bend[a], bend[b]), bend[c])
    near = (most > _BENT) & (bend[patch] < _FLAT * most) & (patches.scatter[patch] < _CLEAN)
    beside = patches.normals[patch]
    lean = measure_lengths(normals - beside)
    near &= lean < _OTHER
    leaning = near & (lean > _LEANING)
    around = graph.corners @ np.stack([area * leaning, area * near], axis=1)
    around = graph.spread(around, 2)
    is_round = around[:, 0] > _ROUND * around[:, 1]
    is_round = graph.spread(is_round[:, None].astype(np.float64), _ALONG)[:, 0] > 0
    near &= ~is_round[graph.faces].any(axis=1)
    return Creases(near, patch, np.where(near[:, None], beside, guide))


def sharpen_creases(
    graph: SurfaceGraph, creases: Creases, positions: np.ndarray, area: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where the vertices between two patches or more belong.

    positions: float64 [V, 3], voxels. area: float64 [F].

    Returns
    -------
    int64 [N] vertices, and float64 [N, 3] their new positions.
    """
    touched = np.zeros(graph.vertex_count, bool)
    touched[graph.faces[creases.near].reshape(-1)] = True
    mean = measure_lengths(graph.corners @ creases.normals) / graph.valence[:, 0]
    chosen = np.flatnonzero(touched & (mean < _SPLIT))
    if not len(chosen):
        return chosen, positions[chosen]
    middle = graph.centre_faces(positions)
    total = graph.corners @ np.concatenate([middle * area[:, None], area[:, None]], axis=1)
    total += graph.adjacency @ total
    centre = total[:, :3] / total[:, 3:]
    rows = graph.corners[chosen]
    face, owner = rows.indices, np.repeat(np.arange(len(chosen)), np.diff(rows.indptr))
    point = np.where(creases.near[face, None], centre[creases.patch[face]], middle[face])
    normal, weight = creases.normals[face], area[face]
    height = np.einsum("nd,nd->n", normal, point - positions[chosen[owner]])
    square = np.empty((len(chosen), 3, 3))
    right = np.empty((len(chosen), 3))
    for row in range(3):
        weighted = weight * normal[:, row]
        right[:, row] = np.bincount(owner, weighted * height, len(chosen))
        for column in range(3):
            square[:, row, column] = np.bincount(owner, weighted * normal[:, column], len(chosen))
    hold = np.maximum(_HOLD * np.trace(square, axis1=1, axis2=2), 1e-12)
    square += np.eye(3) * hold[:, None, None]
    return chosen, positions[chosen] + np.linalg.solve(square, right[:, :, None])[:, :, 0]
