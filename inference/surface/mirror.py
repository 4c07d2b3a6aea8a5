"""Which vertices of a symmetric surface are each other's mirror images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

_NEAR = 0.25
"""Of a voxel: partners may differ by that, for edges are collapsed on either side on its own."""
_EXACT, _SHARE = 0.05, 0.9
"""A surface is symmetric when that share of its vertices has an image within so much of a voxel."""
_PROBES = 400
"""Vertices that are asked first, which is enough to tell most surfaces that are not."""


@dataclass(frozen=True)
class Mirror:
    """The halves of a surface that mirrors itself in the plane x = `plane`.

    one, other: int64 [P], vertices and their mirror images; every pair both ways round, a vertex on
    the mirror with itself. Vertices without an image are in neither.
    """

    plane: float
    one: np.ndarray
    other: np.ndarray

    def average(self, positions: np.ndarray, plane: float) -> np.ndarray:
        """Positions [V, 3] of the vertices with the mean of both halves for all pairs.

        plane: where the mirror lies in the frame of these positions.
        """
        image = positions[self.other] * [-1, 1, 1] + [2 * plane, 0, 0]
        result = positions.copy()
        result[self.one] = (positions[self.one] + image) / 2
        return result


def find_mirror(vertices: np.ndarray, plane: float, cell: float) -> Mirror | None:
    """The mirror of a surface, None where it does not mirror itself in x = plane.

    vertices: float64 [V, 3], object space. cell: length of a voxel.
    """
    image = vertices * [-1, 1, 1] + [2 * plane, 0, 0]
    tree = cKDTree(vertices, 32, compact_nodes=False, balanced_tree=False)
    some = image[:: -(-len(image) // _PROBES)]
    for asked in (some, image):
        apart, nearest = tree.query(asked, distance_upper_bound=_NEAR * cell)
        if (apart < _EXACT * cell).mean() < _SHARE:
            return None
    one = np.flatnonzero(np.isfinite(apart))
    other = nearest[one]
    # mutual ones only, so that every vertex is in one pair
    back = np.full(len(vertices), -1)
    back[one] = other
    mutual = back[other] == one
    return Mirror(plane, one[mutual], other[mutual])
