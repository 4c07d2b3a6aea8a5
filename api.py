"""For scripts and the console.

    from bl_ext.user_default.bozzetto import api
    chair = api.generate("//chair.png", category="chair", seed=3)

Errors are raised as `BozzettoError`s; each says what happened and what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from .inference.errors import SettingsError
from .inference.jobs import Job
from .inference.settings import GenerateSettings
from .operators import jobs
from .scene import runtime
from .scene.deliver import deliver
from .scene.insert import InsertOptions
from .scene.picture import read_picture
from .scene.record import read_record, read_settings
from .scene.replace import find_lack
from .scene.shape_mesh import ShapeSettings

__all__ = ["cancel", "generate", "read_record", "read_settings", "release"]


def generate(
    picture: str | Path | bpy.types.Image,
    *,
    wait: bool = True,
    shape: ShapeSettings | None = None,
    location: tuple[float, float, float] = (0.0, 0.0, 0.0),
    replace: bpy.types.Object | None = None,
    on_progress: Callable[[Job], None] | None = None,
    **settings: Any,
) -> bpy.types.Object | Job:
    """Generate a base mesh from a picture and insert it into the current scene.

    picture: a file (Blender's // is understood) or an image datablock. shape: face budget, size,
    smoothing. location: of the object, in Blender units. replace: a generated object that gets the
    new mesh and keeps place, name, modifiers and materials. on_progress: called with the Job some
    fifty times a second. settings: fields of GenerateSettings, such as category, resolution, seed,
    or subject="point", point=(0.3, 0.6) for one object of several.

    Waits and returns the object. With wait=False, in a window only, the job is queued as by the
    button, its Job is returned, and the object is inserted at the origin when it is done.

    The same picture, settings and seed give the vertices that the button gives. Raises
    BozzettoError (PictureError, SettingsError, WorkerError ...); the scene is then unchanged.
    """
    context = bpy.context
    chosen = _read_keywords(settings)
    source, origin = read_picture(picture)
    shape = shape or ShapeSettings()
    if replace is not None and (lack := find_lack(replace)):
        raise SettingsError(f"The object {replace.name!r} cannot be replaced.", f"{lack}.")
    if not wait:
        if bpy.app.background:
            raise SettingsError(
                "Blender without a window cannot go on meanwhile.", "Use wait=True."
            )
        insertion = {"face_budget": shape.face_budget, "smooth_angle": shape.smooth_angle}
        insertion["size"] = shape.size
        insertion["replace"] = replace.session_uid if replace is not None else 0
        return jobs.submit(context, source, chosen, origin, insertion)
    number, _ = runtime.generate(
        source, chosen, on_progress=on_progress, picture=origin, scene=context.scene
    )
    jobs.start_pump()  # the worker stays warm, and somebody has to notice when it is idle
    item, messages = deliver(
        number,
        shape,
        scene=context.scene,
        view_layer=context.view_layer,
        options=InsertOptions(location=location),
        target=replace,
    )
    jobs.record_notes(messages)
    return item


def cancel() -> int:
    """Cancel all jobs of the window; how many there were."""
    return jobs.cancel_all()


def release() -> None:
    """Give back the memory that the worker holds; the next generation starts more slowly."""
    runtime.release()


def _read_keywords(settings: dict[str, Any]) -> GenerateSettings:
    return GenerateSettings.from_dict(settings)
