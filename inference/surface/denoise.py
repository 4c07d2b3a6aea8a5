"""What the faces of a rough surface would look towards if it were not rough.

Bilateral filtering of normals (Zheng, Fu, Au, Tai: "Bilateral Normal Filtering for Mesh Denoising",
2011), with three differences. The filter is solved for at once, as an implicit step of anisotropic
diffusion, instead of in many small steps. How similar two faces are is judged by a guide, the
normals of a smoothed copy, or near an edge of the patch that a face belongs to (`crease`). And how
far it reaches follows the roughness that is found on the spot: where a surface is clean it stays as
it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .conjugate import solve_symmetric
from .crease import Creases, Patches, find_creases, find_patches, is_bent
from .graph import SurfaceGraph, measure_lengths

_SMOOTHING_ROUNDS = 5
_QUIET, _ROUGH = 1.0, 4.0
"""Degrees between faces and guide: at the first nothing is done, from the second on all."""
_BENDING = 0.5
"""Share of a patch's own bend by which faces differ from the guide without being rough."""
_SIMILAR = 0.35
"""Difference of two guides' unit normals at which faces count little for each other."""
_OUTLIER = 0.35
"""Difference of a face near an edge from its patch at which its own normal counts little."""
_SURROUNDINGS = 6
"""Rounds of averaging over which roughness is measured."""
_SMEARED = 3
"""Rings around what may be an edge that its smoothing reaches."""
_LEAST = 1e-3
"""Of a square voxel: area that even the smallest face counts for."""


@dataclass(frozen=True)
class Denoised:
    """The filtered view of a surface of V vertices and F faces.

    normals: float64 [F, 3]. trust: float64 [F], 0..1, little for the faces that cut an edge off.
    area: float64 [F], square voxels. directions: float64 [V, 3], unit normals of the smoothed copy.
    roughness: float64 [V], 0 (clean) .. 1 (as rough as is treated). creases: faces near edges.
    """

    normals: np.ndarray
    trust: np.ndarray
    area: np.ndarray
    directions: np.ndarray
    roughness: np.ndarray
    creases: Creases


def denoise_normals(graph: SurfaceGraph, positions: np.ndarray, *, spread: float) -> Denoised:
    """Filter the normals of a closed mesh.

    positions: float64 [V, 3], in voxels. spread: how far, in voxels, faces listen to each other
    where the surface is rough.
    """
    smooth = positions
    for _ in range(_SMOOTHING_ROUNDS):
        smooth = (smooth + (graph.adjacency @ smooth) / graph.valence) / 2
    cross, smooth_cross = graph.cross_faces(positions), graph.cross_faces(smooth)
    size = measure_lengths(cross)
    normals = cross / np.maximum(size, 1e-30)[:, None]
    area = size / 2 + _LEAST
    plain = _normalise(smooth_cross)
    patches = find_patches(graph, cross, smooth_cross)
    bent = is_bent(graph, patches)
    degrees = _measure_roughness(graph, normals - plain, area, bent, patches)
    creases = find_creases(graph, patches, plain, normals, area)
    share = ((degrees - _QUIET) / (_ROUGH - _QUIET)).clip(0, 1)
    roughness = share * share * (3 - 2 * share)

    apart = measure_lengths(normals - creases.normals) / _OUTLIER
    trust = np.where(creases.near, np.exp(-(apart**2) / 2), 1.0)
    weight = _link_faces(graph, positions, creases, roughness, spread)
    data = area * trust + 1e-6
    a, b, c = graph.edge_of.reshape(-1, 3).T
    linked = weight[a] + weight[b] + weight[c]
    found = solve_symmetric(
        graph.weigh_faces(-weight.astype(np.float32), data + linked),
        (data[:, None] * normals).astype(np.float32),
        creases.normals.astype(np.float32),
        tolerance=0.03,
        rounds=30,
    )
    return Denoised(
        _normalise(found.astype(np.float64)),
        trust,
        area,
        _normalise(graph.corners @ smooth_cross),
        roughness,
        creases,
    )


def _normalise(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(measure_lengths(vectors), 1e-30)[:, None]


def _measure_roughness(
    graph: SurfaceGraph, apart: np.ndarray, area: np.ndarray, bent: np.ndarray, patches: Patches
) -> np.ndarray:
    """Float64 [V], degrees: how far faces lean from the guide, beyond what the shape's bend tells.

    Faces that may be near an edge do not count where there is anything else around; and there the
    patch beside the edge has the last word, for the smoothing of the edge reaches beyond it.
    """
    weight = area * np.where(bent, 1e-3, 1.0)
    squared = np.einsum("fd,fd->f", apart, apart)
    known = 2 * graph.centre_faces(patches.bend)
    values = graph.corners @ np.stack([weight * squared, weight * known, weight], axis=1)
    values = graph.spread(values, _SURROUNDINGS)
    excess = np.maximum(values[:, 0] - _BENDING**2 * values[:, 1], 0)
    degrees = np.degrees(np.sqrt(excess / values[:, 2]))
    near = graph.spread((graph.corners @ bent)[:, None], _SMEARED)[:, 0] > 0
    return np.where(near, np.minimum(degrees, patches.scatter[patches.flatter]), degrees)


def _link_faces(
    graph: SurfaceGraph,
    positions: np.ndarray,
    creases: Creases,
    roughness: np.ndarray,
    spread: float,
) -> np.ndarray:
    """Float64 [E]: how much the two faces of an edge listen to each other."""
    first, second = graph.halves.T // 3
    middle = graph.centre_faces(positions)
    # slivers lie next to each other: without the bound they would hold on to each other alone
    apart = np.maximum(measure_lengths(middle[first] - middle[second]), 0.25)
    a, b = graph.edges.T
    length = measure_lengths(positions[a] - positions[b])
    unlike = measure_lengths(creases.normals[first] - creases.normals[second]) / _SIMILAR
    reach = spread**2 / 2 * (roughness[a] + roughness[b])
    # near an edge every face listens to its own side, however clean it is
    reach = np.where(creases.near[first] | creases.near[second], np.maximum(reach, 1.0), reach)
    return length / apart * np.exp(-(unlike**2) / 2) * reach
