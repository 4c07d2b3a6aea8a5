"""How far a surface with another topology is from the original."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...inference.polygons import measure_volume, split_polygons
from ...inference.types import PolygonMesh
from .nearest import Nearest, choose_points
from .original import Original

PROBES = 2_000
"""Points on either surface from which the other one is measured."""


def measure_fidelity(mesh: PolygonMesh, original: Original) -> dict[str, Any]:
    """Distances between both surfaces, in voxels of the original's extraction.

    mesh: in metres, where the original stands. distance_max and distance_mean: from vertices and
    middles of polygons of the one to the other and from vertices of the other to the one, at most
    PROBES each way, so that what lies between is not seen. volume_change: share.
    """
    triangles = split_polygons(mesh)
    middles = np.add.reduceat(mesh.vertices[mesh.corners].astype(np.float64), mesh.starts)
    points = np.concatenate([mesh.vertices, middles / mesh.sizes[:, None]])
    there = original.nearest.measure(choose_points(points, PROBES))
    back = Nearest(mesh.vertices, triangles).measure(choose_points(original.vertices, PROBES))
    volume = measure_volume(mesh.vertices, triangles)
    return {
        "distance_max": float(max(there.max(), back.max())) / original.cell,
        "distance_mean": float((there.mean() + back.mean()) / 2) / original.cell,
        "volume_change": volume / original.volume - 1.0,
    }
