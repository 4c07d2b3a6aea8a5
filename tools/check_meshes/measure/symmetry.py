"""How far a mesh is from its own mirror image."""

from __future__ import annotations

import numpy as np
from mathutils.kdtree import KDTree

from .arrays import MeshArrays

_SAMPLES = 4000


def measure_symmetry(arrays: MeshArrays, plane: float) -> float:
    """Largest distance of a mirrored vertex to the nearest vertex, a share of the diagonal.

    plane: the x in which the object mirrors itself. Up to `_SAMPLES` vertices are asked.
    """
    points = arrays.vertices
    tree = KDTree(len(points))
    for index, point in enumerate(points.tolist()):
        tree.insert(point, index)
    tree.balance()
    asked = points[np.unique(np.linspace(0, len(points) - 1, _SAMPLES).astype(int))].copy()
    asked[:, 0] = 2 * plane - asked[:, 0]
    worst = max(tree.find(point)[2] for point in asked.tolist())
    return float(worst / max(arrays.diagonal, 1e-30))
