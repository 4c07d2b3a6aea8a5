"""A kept result goes into the scene: shaped, inserted, with its record. One way for everybody."""

from __future__ import annotations

import time
from dataclasses import asdict

import bpy

from ..inference.errors import PictureError
from .compare import add_comparison, find_comparison, remove_comparison
from .history import add_entry
from .insert import InsertOptions, insert, smooth_by_angle
from .preparation import describe_prepared, find_result, prepare
from .record import find_identity, make_record, write_record
from .replace import replace_mesh
from .runtime import results
from .shape_mesh import ShapeSettings


def deliver(
    number: int,
    shape: ShapeSettings,
    *,
    scene: bpy.types.Scene,
    view_layer: bpy.types.ViewLayer | None,
    options: InsertOptions | None = None,
    target: bpy.types.Object | None = None,
) -> tuple[bpy.types.Object, tuple[str, ...]]:
    """Insert the result kept under that number; the object and what the artist should be told.

    target: the object whose mesh is replaced instead, see `replace`. The generation is noted in the
    scene's history, once: where the target is of the same result, its entry is renewed. What was
    not prepared before (`preparation`) is now, which takes its time.
    Raises InsertError; the scene is then as it was.
    """
    result = find_result(number)
    mesh = result.mesh
    prepared = prepare(number, shape, scene.unit_settings.scale_length)
    started = time.perf_counter()
    info = describe_prepared(mesh.info, prepared)
    record = make_record(result.settings, info, result.picture, asdict(shape), result.identity)
    messages = (*mesh.info.get("messages", ()), *prepared.messages)
    if target is None:
        item = insert(
            prepared,
            name=mesh.name,
            category=mesh.category,
            smooth_angle=shape.smooth_angle,
            record=record,
            scene=scene,
            view_layer=view_layer,
            options=options,
        )
        again = False
    else:
        item, again = target, find_identity(target) == result.identity
        messages += replace_mesh(
            item,
            prepared,
            smooth=lambda new: smooth_by_angle(new, shape.smooth_angle),
            record=record,
        )
        messages += _renew_comparison(item, scene)
    info["timings"]["insert"] = round(time.perf_counter() - started, 4)
    write_record(item, record)
    results.remember_item(number, item.session_uid)
    add_entry(scene, item, record, mesh, again=again)
    return item, messages


def _renew_comparison(item: bpy.types.Object, scene: bpy.types.Scene) -> tuple[str, ...]:
    """The source picture shown with a replaced mesh is that of the new one."""
    if find_comparison(item) is None:
        return ()
    try:
        add_comparison(item, scene)
    except PictureError as error:
        remove_comparison(item)
        return (str(error),)
    return ()


def find_item(uid: int) -> bpy.types.Object | None:
    """The object with that session uid, if it still exists."""
    return next((item for item in bpy.data.objects if item.session_uid == uid), None)


def find_scene(uid: int) -> bpy.types.Scene | None:
    """The scene with that session uid, if it still exists."""
    return next((scene for scene in bpy.data.scenes if scene.session_uid == uid), None)
