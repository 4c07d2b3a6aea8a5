"""Out into a file by the product's export, back by Blender's importer: is it the same mesh?"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..scratch import quiet, temporary_data
from .measure.arrays import read_arrays

TRIPS = {
    "obj": lambda path: bpy.ops.wm.obj_import(filepath=path),
    "fbx": lambda path: bpy.ops.import_scene.fbx(filepath=path),
}
_TOLERANCE = 1e-3
_KINDS = ("objects", "meshes", "materials", "images", "cameras", "lights", "collections")


def make_round_trip(api: Any, item: bpy.types.Object, kind: str) -> dict[str, Any]:
    """{"faults": [what came back otherwise]}. The file of the scene stays as it was.

    api: the extension's. kind: of `TRIPS`. Compared are polygons, vertices, box, volume, the UV
    layer and the image.
    """
    before = _describe(item)
    with (
        tempfile.TemporaryDirectory(prefix="bozzetto-trip-") as folder,
        temporary_data(_KINDS),
        quiet(),
    ):
        path = Path(folder) / f"trip.{kind}"
        api.export(item, path)
        known = set(bpy.data.objects)
        TRIPS[kind](str(path))
        found = [one for one in bpy.data.objects if one not in known and one.type == "MESH"]
        if len(found) != 1:
            return {"faults": [f"{len(found)} meshes came back"]}
        bpy.context.view_layer.update()
        after = _describe(found[0])
    faults = [
        f"{name} {before[name]} became {after[name]}"
        for name in ("polygons", "vertices", "uv_layers", "images")
        if before[name] != after[name]
    ]
    for name in ("low", "high", "volume"):
        reference = max(np.abs(before["high"] - before["low"]).max(), 1e-30)
        if name == "volume":
            reference = abs(before["volume"]) or 1.0
        if np.abs(np.subtract(after[name], before[name])).max() > _TOLERANCE * reference:
            faults.append(f"{name} {before[name]} became {after[name]}")
    return {"faults": faults}


def _describe(item: bpy.types.Object) -> dict[str, Any]:
    """In the world, so that axes and scales that importers put on the object count."""
    arrays, matrix = read_arrays(item.data), np.array(item.matrix_world)
    vertices = arrays.vertices @ matrix[:3, :3].T + matrix[:3, 3]
    a, b, c = (vertices[arrays.faces[:, corner]] for corner in range(3))
    return {
        "polygons": len(item.data.polygons),
        "vertices": len(vertices),
        "uv_layers": len(item.data.uv_layers),
        "images": sum(
            node.type == "TEX_IMAGE" and node.image is not None and node.image.size[0] > 0
            for material in item.data.materials
            if material is not None and material.node_tree is not None
            for node in material.node_tree.nodes
        ),
        "low": vertices.min(axis=0),
        "high": vertices.max(axis=0),
        "volume": float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6),
    }
