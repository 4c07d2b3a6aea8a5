"""Blender's QuadriFlow on the mesh as extracted: what quads are compared with."""

from __future__ import annotations

import time
from typing import Any

import bpy
import numpy as np

from ..scratch import quiet
from .measure.arrays import MeshArrays, read_arrays
from .measure.manifold import measure_manifold
from .measure.polygons import measure_polygons

_SHORTEST = 2e-4
"""Blender's operator refuses a mesh with an edge under 1e-4 units, and answers FINISHED."""


def measure_quadriflow(original: MeshArrays, budget: int) -> dict[str, Any]:
    """Facts of QuadriFlow's result, plain types: with the mesh as it is, and scaled up if refused.

    refused: as it is. seconds, faces, quad_share, valence_4, defects (boundary and non-manifold
    edges and vertices) of the first that worked; "refused_scaled" where neither did.
    """
    lengths = np.linalg.norm(
        original.vertices[original.faces] - original.vertices[original.faces[:, [1, 2, 0]]], axis=2
    )
    scale = max(1.0, _SHORTEST / max(float(lengths.min()), 1e-12))
    facts = _run(original, budget, 1.0)
    refused = facts is None
    if refused and scale > 1.0:
        facts = _run(original, budget, scale)
    return {"refused": refused, "refused_scaled": facts is None, **(facts or {})}


def _run(original: MeshArrays, budget: int, scale: float) -> dict[str, Any] | None:
    """None: the operator left the mesh as it was."""
    mesh = bpy.data.meshes.new("Quads baseline")
    holder = bpy.data.objects.new("Quads baseline", mesh)
    layer = bpy.context.view_layer
    active = layer.objects.active
    try:
        mesh.from_pydata((original.vertices * scale).tolist(), [], original.faces.tolist())
        bpy.context.scene.collection.objects.link(holder)
        layer.objects.active = holder
        holder.select_set(True)
        started = time.perf_counter()
        try:
            with quiet():
                bpy.ops.object.quadriflow_remesh(mode="FACES", target_faces=budget, seed=0)
        except RuntimeError:
            return None
        seconds = time.perf_counter() - started
        if len(holder.data.polygons) == len(original.triangles):
            return None
        arrays = read_arrays(holder.data)
        shares, mesh_facts = measure_polygons(arrays), measure_manifold(holder.data, arrays)
        names = ("boundary_edges", "non_manifold_edges", "non_manifold_vertices")
        return {
            "seconds": seconds,
            "faces": len(holder.data.polygons),
            "quad_share": shares["quad_share"],
            "valence_4": shares["valence_4"],
            "defects": sum(mesh_facts[name] for name in names),
        }
    finally:
        data = holder.data
        bpy.data.objects.remove(holder)
        bpy.data.meshes.remove(data)
        layer.objects.active = active
