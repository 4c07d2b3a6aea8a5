"""How far a reshaped mesh is from the mesh as it was extracted."""

from __future__ import annotations

from typing import Any

import numpy as np
from mathutils.bvhtree import BVHTree

from .arrays import MeshArrays, measure_areas
from .coverage import count_cover, intersect_over_union

_SAMPLES = 5000
_VIEWS = 4
_GRID = 256


def measure_deviation(arrays: MeshArrays, original: MeshArrays, *, voxel: float) -> dict[str, Any]:
    """Plain types. Both meshes are in one space. voxel: its side there; 0: unknown.

    hausdorff, mean: largest and mean distance, both ways, from points spread over one surface to
    the other, in voxels (of the diagonal / 128 where the voxel is unknown). volume_change: share.
    silhouette_iou: the least of views from the front, the side, three-quarter and above.
    """
    unit = voxel or original.diagonal / 128
    distances = np.concatenate(
        [_measure_distances(arrays, original), _measure_distances(original, arrays)]
    )
    volume, before = _measure_volume(arrays), _measure_volume(original)
    return {
        "voxel": unit,
        "hausdorff": float(distances.max() / unit),
        "mean": float(distances.mean() / unit),
        "volume_change": float(volume / before - 1) if before else 0.0,
        "silhouette_iou": _compare_silhouettes(arrays, original),
    }


def _measure_volume(arrays: MeshArrays) -> float:
    a, b, c = (arrays.vertices[arrays.faces[:, corner]] for corner in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def _measure_distances(first: MeshArrays, second: MeshArrays) -> np.ndarray:
    """Float64 [N]: from points of the first mesh to the surface of the second."""
    tree = BVHTree.FromPolygons(second.vertices.tolist(), second.faces.tolist())
    points = sample_surface(first, _SAMPLES)
    return np.array([tree.find_nearest(point)[3] for point in points.tolist()])


def sample_surface(arrays: MeshArrays, count: int) -> np.ndarray:
    """Float64 [count, 3]: points spread evenly over the area; the same for the same mesh."""
    areas = measure_areas(arrays.vertices[arrays.faces])
    ends = np.cumsum(areas)
    rng = np.random.default_rng(0)
    places = (np.arange(count) + rng.random(count)) / count * ends[-1]
    which = np.searchsorted(ends, places).clip(0, len(areas) - 1)
    root, share = np.sqrt(rng.random(count)), rng.random(count)
    weights = np.column_stack([1 - root, root * (1 - share), root * share])
    return np.einsum("nc,ncd->nd", weights, arrays.vertices[arrays.faces[which]])


def _compare_silhouettes(first: MeshArrays, second: MeshArrays) -> float:
    """The least intersection over union of parallel views."""
    centre = (second.vertices.min(axis=0) + second.vertices.max(axis=0)) / 2
    scale = _GRID * 0.9 / max(second.diagonal, 1e-30)
    worst = 1.0
    for axes in _list_axes():
        masks = []
        for arrays in (first, second):
            flat = (arrays.vertices - centre) @ axes.T * scale + _GRID / 2
            masks.append(count_cover(flat[arrays.faces], _GRID) > 0)
        worst = min(worst, intersect_over_union(*masks))
    return worst


def _list_axes() -> list[np.ndarray]:
    """Right and up of each view, float64 [2, 3]."""
    slant = np.sqrt(0.5)
    return [
        np.array([[1.0, 0, 0], [0, 0, 1]]),
        np.array([[0, 1.0, 0], [0, 0, 1]]),
        np.array([[slant, slant, 0], [0, 0, 1]]),
        np.array([[1.0, 0, 0], [0, 1, 0]]),
    ][:_VIEWS]
