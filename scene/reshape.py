"""An object that was generated in this session gets another topology, size or texture."""

from __future__ import annotations

import contextlib
from dataclasses import asdict

import bpy

from ..inference.errors import InsertError
from .coating import apply_coating
from .insert import smooth_by_angle
from .materials import renew_texture
from .mesh_arrays import fill_mesh
from .preparation import describe_prepared, prepare
from .record import read_record, write_record
from .runtime import results
from .shape_mesh import ShapeSettings


def reshape_object(
    item: bpy.types.Object, shape: ShapeSettings, *, scale_length: float = 1.0
) -> tuple[str, ...]:
    """Give the object a new mesh from its kept result, without running the network.

    Name, place, modifiers and materials stay, with a new texture in ours; what was edited by hand
    in the mesh is lost. scale_length: metres in one Blender unit. Returns what the artist should
    know.

    Raises SettingsError when the object was not generated, InsertError when its result is no longer
    kept or the object is in Edit Mode; everything is then as it was.
    """
    record = read_record(item)
    number = results.find_number(item.session_uid)
    if not number:
        raise InsertError(
            f"The result of {item.name!r} is not kept: only those of this session are.",
            "Generate it again.",
        )
    if item.mode != "OBJECT":
        raise InsertError(f"{item.name!r} is in {item.mode.title()} Mode.", "Leave that mode.")
    prepared = prepare(number, shape, scale_length)
    old = item.data
    with contextlib.ExitStack() as undo:
        mesh = bpy.data.meshes.new(old.name)
        undo.callback(bpy.data.meshes.remove, mesh)
        fill_mesh(mesh, prepared.shaped.mesh)
        if mesh.validate():
            raise InsertError("The result holds faces that Blender refuses.", "Generate again.")
        smooth_by_angle(mesh, shape.smooth_angle)
        if prepared.coating is not None:
            apply_coating(mesh, prepared.coating)
        for material in old.materials:
            mesh.materials.append(material)
        item.data = mesh
        undo.pop_all()
    record["shape"] = asdict(shape)
    record["info"] = describe_prepared(record["info"], prepared)
    write_record(item, record)
    if not old.users:
        name = old.name
        bpy.data.meshes.remove(old)
        mesh.name = name
    if prepared.coating is not None:
        renew_texture(item, prepared.coating)
    return prepared.messages
