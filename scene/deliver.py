"""A kept result goes into the scene: shaped, inserted, with its record. One way for everybody."""

from __future__ import annotations

import time
from dataclasses import asdict

import bpy

from ..inference.errors import InsertError
from .insert import InsertOptions, insert
from .record import make_record
from .results import Result
from .runtime import results
from .shape_mesh import ShapeSettings, shape_mesh


def deliver(
    number: int,
    shape: ShapeSettings,
    *,
    scene: bpy.types.Scene,
    view_layer: bpy.types.ViewLayer | None,
    options: InsertOptions | None = None,
) -> tuple[bpy.types.Object, tuple[str, ...]]:
    """Insert the result kept under that number; the object and what the artist should be told.

    Raises InsertError; the scene is then as it was.
    """
    result = find_result(number)
    mesh, started = result.mesh, time.perf_counter()
    shaped = shape_mesh(mesh, shape, scale_length=scene.unit_settings.scale_length)
    messages = (*mesh.info.get("messages", ()), *shaped.messages)
    timings = dict(mesh.info.get("timings", {}))
    timings["insert"] = round(time.perf_counter() - started, 4)
    info = {**mesh.info, "timings": timings, "inserted": shaped.report}
    item = insert(
        shaped,
        name=mesh.name,
        category=mesh.category,
        smooth_angle=shape.smooth_angle,
        record=make_record(result.settings, info, result.picture, asdict(shape)),
        scene=scene,
        view_layer=view_layer,
        options=options,
    )
    return item, messages


def find_result(number: int) -> Result:
    """The kept result. Raises InsertError when it had to go."""
    result = results.find(number)
    if result is None:
        raise InsertError("This result is no longer kept.", "Generate again.")
    return result


def find_scene(uid: int) -> bpy.types.Scene | None:
    """The scene with that session uid, if it still exists."""
    return next((scene for scene in bpy.data.scenes if scene.session_uid == uid), None)
