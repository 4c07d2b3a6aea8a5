"""Levels of detail: the same shape with ever fewer faces."""

from __future__ import annotations

import uuid
from dataclasses import asdict, fields, replace

import bpy

from ..inference.errors import InsertError
from ..inference.types import BaseMesh
from .insert import InsertOptions, insert
from .placement import move_beside
from .preparation import describe_prepared, find_result, prepare
from .record import make_record, read_record
from .runtime import results
from .shape_mesh import ShapeSettings
from .topology.choose import choose_budget

LEAST_FACES = 64
"""No level is asked for fewer: what is left then is no shape any more."""
LEAST_TEXTURE = 512


def list_levels(mesh: BaseMesh, settings: ShapeSettings, count: int) -> list[ShapeSettings]:
    """At most `count` settings: these, then each with half the faces and half the texture.

    There are fewer where a level would have under LEAST_FACES.
    """
    levels = [settings]
    faces = mesh.usual.faces if settings.topology == "triangles" else mesh.faces
    budget = choose_budget(faces, settings.topology, settings.face_budget)
    texture = settings.texture
    for _ in range(count - 1):
        budget //= 2
        if budget < LEAST_FACES:
            break
        texture = max(texture // 2, LEAST_TEXTURE) if texture else 0
        levels.append(replace(settings, face_budget=budget, texture=texture))
    return levels[:count]


def add_lods(
    item: bpy.types.Object, count: int, *, scene: bpy.types.Scene
) -> list[bpy.types.Object]:
    """Objects beside a generated one, each with half the faces of the one before.

    They are named NAME_LOD1 and so on, with a mesh, UVs and a texture of their own; at most
    `count`, fewer where a level would be no shape any more. Waits for the worker.

    Raises SettingsError when the object was not generated, InsertError when its result is no longer
    kept; nothing is left behind then.
    """
    record = read_record(item)
    number = results.find_number(item.session_uid)
    if not number:
        raise InsertError(
            f"The result of {item.name!r} is not kept: only those of this session are.",
            "Generate it again.",
        )
    result, unit = find_result(number), scene.unit_settings.scale_length
    known = {field.name for field in fields(ShapeSettings)}
    shape = ShapeSettings(**{k: v for k, v in record["shape"].items() if k in known})
    levels = list_levels(result.mesh, shape, count + 1)[1:]
    ready = [prepare(number, level, unit) for level in levels]  # all, before anything is inserted
    made = []
    for index, (level, prepared) in enumerate(zip(levels, ready, strict=True), 1):
        info = describe_prepared(result.mesh.info, prepared)
        lod = insert(
            prepared,
            name=f"{item.name}_LOD{index}",
            category=result.mesh.category,
            smooth_angle=level.smooth_angle,
            record=make_record(
                result.settings, info, result.picture, asdict(level), uuid.uuid4().hex
            ),
            scene=scene,
            view_layer=None,
            options=InsertOptions(location=tuple(item.location), select=False),
        )
        move_beside(lod, scene)
        made.append(lod)
    return made
