"""Where an object stands, how large it is, what it is called, how it is shaded."""

from __future__ import annotations

from typing import Any

import bmesh
import numpy as np

from .arrays import MeshArrays

_ANGLE = 0.01
"""Radians around the smoothing angle in which an edge may be either."""


def measure_placement(item: Any, arrays: MeshArrays, *, scale_length: float) -> dict[str, Any]:
    """Plain types. low, high: corners of the box in the mesh's own space, metres.

    scale_length: metres in one Blender unit. rotated, scaled, parented: whether a transform is left
    on the object.
    """
    low = arrays.vertices.min(axis=0) * scale_length
    high = arrays.vertices.max(axis=0) * scale_length
    basis = item.matrix_basis
    return {
        "name": item.name,
        "low": [round(float(value), 7) for value in low],
        "high": [round(float(value), 7) for value in high],
        "diagonal": float(np.linalg.norm(high - low)),
        "rotated": bool(abs(basis.to_quaternion().angle) > 1e-6),
        "scaled": max(abs(value - 1) for value in basis.to_scale()) > 1e-6,
        "parented": item.parent is not None,
        "modifiers": len(item.modifiers),
    }


def measure_shading(mesh: Any, smooth_angle: float) -> dict[str, Any]:
    """flat: polygons that are not smooth. wrong_edges: sharp ones that should be smooth, or not."""
    flat = np.empty(len(mesh.polygons), bool)
    mesh.polygons.foreach_get("use_smooth", flat)
    work = bmesh.new()
    try:
        work.from_mesh(mesh)
        wrong = 0
        sharp = 0
        for edge in work.edges:
            sharp += not edge.smooth
            if len(edge.link_faces) != 2:
                continue
            angle = edge.calc_face_angle()
            if abs(angle - smooth_angle) > _ANGLE:
                wrong += edge.smooth == (angle > smooth_angle)
    finally:
        work.free()
    return {"flat": int((~flat).sum()), "wrong_edges": wrong, "sharp_edges": sharp}
