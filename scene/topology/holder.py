"""A mesh that hangs in the scene for a moment, so that Blender's own tools can work on it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import bpy

from ...inference.types import PolygonMesh
from ..mesh_arrays import fill_mesh, read_polygons

_NAME = ".bozzetto"


@contextlib.contextmanager
def hold_mesh(polygons: PolygonMesh) -> Iterator[bpy.types.Object]:
    """An object of that mesh in the current scene, gone afterwards, with whatever mesh it has then.

    In a scene of its own Blender 4.3 crashes when the redo panel runs an operator that makes it,
    removes it and then fails.
    """
    mesh = bpy.data.meshes.new(_NAME)
    holder = bpy.data.objects.new(_NAME, mesh)
    linked = bpy.context.scene.collection.objects
    try:
        fill_mesh(mesh, polygons)
        linked.link(holder)
        yield holder
    finally:
        mesh = holder.data
        if holder.name in linked:
            linked.unlink(holder)  # else Blender 5.2's view layer lists None in its place
        bpy.data.objects.remove(holder)
        bpy.data.meshes.remove(mesh)
        # else the view layer's list of objects holds None, and the next export fails or crashes
        bpy.context.view_layer.update()


def run_modifier(holder: bpy.types.Object, kind: str, **values: Any) -> PolygonMesh:
    """The mesh as one modifier of that kind leaves it; the object itself stays as it is."""
    modifier = holder.modifiers.new(kind.title(), kind)
    try:
        for name, value in values.items():
            setattr(modifier, name, value)
        evaluated = holder.evaluated_get(bpy.context.evaluated_depsgraph_get())
        try:
            return read_polygons(evaluated.to_mesh())
        finally:
            evaluated.to_mesh_clear()
    finally:
        holder.modifiers.remove(modifier)
