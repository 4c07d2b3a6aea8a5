"""Deformed variants of a shape: other proportions, and gentle smooth bends."""

from __future__ import annotations

import numpy as np

from .formats.mesh import Mesh, normalise

SCALE_RANGE = (0.75, 1.35)
LATTICE = 4
LATTICE_SIGMA = 0.035
SHARE_DEFORMED = 0.5


def make_variant(mesh: Mesh, rng: np.random.Generator) -> tuple[Mesh, np.ndarray, float]:
    """A variant of a mesh in object space, in object space again.

    Every axis is scaled by 0.75..1.35 and half of the variants are bent by a smooth lattice, the
    same on the left and the right because nearly all of the objects are symmetric.
    Returns the mesh, the factors of x, y, z (float64 [3]) and the diagonal before it was put
    back to 1, so that a real size can be carried over.
    """
    factors = np.exp(rng.uniform(*np.log(SCALE_RANGE), 3))
    vertices = mesh.vertices * factors
    if rng.random() < SHARE_DEFORMED:
        vertices = bend(vertices, rng.normal(0, LATTICE_SIGMA, (LATTICE,) * 3 + (3,)))
    variant, diagonal = normalise(mesh.with_vertices(vertices))
    return variant, factors, diagonal


def bend(vertices: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Move vertices [N, 3] by a cubic Bernstein lattice of `offsets` [4, 4, 4, 3] over their box.

    The lattice is made mirror-symmetric in x first. Offsets are in the vertices' units.
    """
    mirrored = offsets[::-1] * np.array([-1.0, 1.0, 1.0])
    offsets = (offsets + mirrored) / 2**0.5
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    place = (vertices - low) / np.maximum(high - low, 1e-9)
    weights = [_bernstein(place[:, axis]) for axis in range(3)]
    return vertices + np.einsum("ni,nj,nk,ijkd->nd", *weights, offsets, optimize=True)


def _bernstein(values: np.ndarray) -> np.ndarray:
    """float64 [N, 4]: the cubic Bernstein polynomials at `values` [N] in 0-1."""
    rest = 1 - values
    return np.stack([rest**3, 3 * values * rest**2, 3 * values**2 * rest, values**3], axis=1)
