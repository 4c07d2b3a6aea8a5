"""A new mesh for an object that is there: it stays where and what it is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import bpy

from ..inference.errors import InsertError
from .coating import COLOUR, UV_MAP, apply_coating
from .materials import renew_texture
from .mesh_arrays import fill_mesh
from .preparation import Prepared
from .record import MARK, write_record


def find_lack(item: bpy.types.Object | None) -> str:
    """Why the object's mesh cannot be replaced, as words for a button; empty: it can."""
    if item is None or item.type != "MESH" or MARK not in item:
        return "Make a generated object active first"
    if not item.is_editable or item.override_library is not None:
        return "The active object is linked from another file"
    return ""


def find_target(uid: int) -> bpy.types.Object | None:
    """The object with that session uid, if its mesh can still be replaced."""
    item = next((item for item in bpy.data.objects if item.session_uid == uid), None)
    return item if item is not None and not find_lack(item) and item.users_scene else None


def replace_mesh(
    item: bpy.types.Object,
    prepared: Prepared,
    *,
    smooth: Callable[[bpy.types.Mesh], None],
    record: dict[str, Any],
) -> tuple[str, ...]:
    """Give the object the new mesh; what the artist should know about it.

    Transform, name, modifiers, materials, custom properties, parents and children stay; the texture
    in a material that we made is renewed. Objects that share the old mesh keep it. smooth: called
    with the new mesh, sets its shading. On any error everything is as it was. Raises InsertError.
    """
    old = item.data
    with contextlib.ExitStack() as undo:
        mesh = bpy.data.meshes.new(old.name)
        undo.callback(bpy.data.meshes.remove, mesh)
        fill_mesh(mesh, prepared.shaped.mesh)
        if mesh.validate():
            raise InsertError("The result holds faces that Blender refuses.", "Generate again.")
        smooth(mesh)
        if prepared.coating is not None:
            apply_coating(mesh, prepared.coating)
        for material in old.materials:
            mesh.materials.append(material)
        undo.pop_all()
    lost = _list_lost(item)
    groups = [group.name for group in item.vertex_groups]
    # Slots that hold their material on the object keep it: they belong to the object.
    item.data = mesh
    for name in groups:  # the mesh holds them; modifiers name them
        item.vertex_groups.new(name=name)
    write_record(item, record)
    if not old.users:
        name = old.name
        bpy.data.meshes.remove(old)
        mesh.name = name
    if prepared.coating is not None:
        renew_texture(item, prepared.coating)
    return lost


def _list_lost(item: bpy.types.Object) -> tuple[str, ...]:
    things = []
    if item.data.shape_keys is not None:
        things.append("shape keys")
    if item.vertex_groups:
        things.append("vertex weights")
    ours = COLOUR in item.data.color_attributes  # else the artist has unwrapped a plain mesh
    if any(layer.name != UV_MAP or not ours for layer in item.data.uv_layers):
        things.append("UV maps")
    if not things:
        return ()
    return (f"The former mesh's {', '.join(things)} went with it.",)
