"""Bozzetto for scripts and the console: one picture becomes an editable base mesh.

    from bl_ext.user_default.bozzetto import api

    chair = api.generate("//chair.png", category="chair")     # waits; the object
    api.reshape(chair, topology="quads", face_budget=2000)     # without the network
    chair = api.generate("//chair.png", wait=False)            # goes on meanwhile; a handle
    shelf = api.batch("//photos", face_budget=3000)            # a whole folder, in a grid
    api.export(chair, "//chair.fbx")                           # or .glb, .obj, .stl, .usd

What can be set: help(api.GenerateSettings) and help(api.ShapeSettings). Lists of the values:
api.ENGINES (api.BUNDLED_ENGINES need no download), api.CATEGORIES, api.FACINGS. What can go wrong
is a BozzettoError: `message` says what happened, `fix` what to do about it. More examples:
docs/console.md and docs/scripts/.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import bpy

from .inference.batch.plan import plan_batch
from .inference.errors import BozzettoError, SettingsError
from .inference.job import Job
from .inference.settings import BUNDLED_ENGINES, CATEGORIES, ENGINES, FACINGS, GenerateSettings
from .inference.store.shelf import Weights
from .inference.suggest import suggest
from .operators import jobs
from .operators.batch_handle import Batch, start_batch
from .operators.generation import Generation
from .operators.shape_properties import NAMES, write_shape
from .scene import lods, runtime, shelves
from .scene import weights as weights_list
from .scene.deliver import deliver
from .scene.export import export_objects
from .scene.insert import InsertOptions
from .scene.picture import read_picture
from .scene.record import read_record, read_settings
from .scene.replace import find_lack
from .scene.reshape import reshape_object
from .scene.shape_mesh import ShapeSettings

__all__ = [
    "BUNDLED_ENGINES",
    "CATEGORIES",
    "ENGINES",
    "FACINGS",
    "Batch",
    "BozzettoError",
    "GenerateSettings",
    "Generation",
    "ShapeSettings",
    "Weights",
    "add_lods",
    "batch",
    "cancel",
    "export",
    "generate",
    "install_weights",
    "list_weights",
    "read_record",
    "read_settings",
    "release",
    "reshape",
]

_SHAPE_ALONE = tuple(name for name in NAMES if name != "size")  # both records have one


def generate(
    picture: str | Path | bpy.types.Image,
    *,
    wait: bool = True,
    shape: ShapeSettings | None = None,
    location: tuple[float, float, float] = (0.0, 0.0, 0.0),
    replace: bpy.types.Object | None = None,
    on_progress: Callable[[Job], None] | None = None,
    **settings: Any,
) -> bpy.types.Object | Generation:
    """Generate a base mesh from a picture and insert it into the current scene.

    picture: a file (Blender's // is understood) or an image datablock.
    location: of the object, in Blender units.
    replace: a generated object that gets the new mesh and keeps place, name, modifiers and
        materials.
    settings: fields of GenerateSettings, such as engine="pixel", category="chair", resolution=256,
        size=0.9 (metres), or subject="point", point=(0.3, 0.6) for one object of several; and
        topology, face_budget, smooth_angle, texture and delight of ShapeSettings.
    shape: the same as a ShapeSettings, for scripts that hold one.
    on_progress: called with the Job some fifty times a second while this waits.

    Waits and returns the object. With wait=False it returns a Generation at once: a handle with
    state, progress, message, poll(), wait(), cancel() and result; in a window Blender carries on by
    itself, and the object comes as one undo step.

    The same picture, settings and seed give the vertices that the button gives. Raises
    BozzettoError (PictureError, SettingsError, WorkerError ...); the scene is then unchanged.
    """
    context = bpy.context
    chosen, shape = _read_keywords(settings, shape)
    location = _check_location(location)
    shelves.require_weights(chosen)
    source, origin = read_picture(picture)
    if replace is not None and (lack := find_lack(replace)):
        raise SettingsError(f"The object {replace.name!r} cannot be replaced.", f"{lack}.")
    if not wait:
        insertion = _make_insertion(shape, location)
        insertion["replace"] = replace.session_uid if replace is not None else 0
        return Generation(
            jobs.enqueue(context.scene, context.view_layer, source, chosen, origin, insertion)
        )
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


def batch(
    pictures: str | Path | Iterable[str | Path],
    *,
    wait: bool = True,
    shape: ShapeSettings | None = None,
    location: tuple[float, float, float] = (0.0, 0.0, 0.0),
    columns: int = 0,
    summary: str | Path | None = None,
    on_progress: Callable[[Batch], None] | None = None,
    **settings: Any,
) -> Batch:
    """Generate from a folder or several pictures; the objects stand in a grid, in one collection.

    pictures: a folder, a file, or a list of both. Of a folder its pictures are taken in natural
        order; other files are left out with a note.
    location: where the first object stands. columns: of the grid; 0: about as many as rows.
    summary: a folder that gets summary.csv and summary.json at the end (with wait=True).
    on_progress: called with the Batch some fifty times a second while this waits.
    settings, shape: as for `generate`.

    Returns a Batch: `rows` (what became of each picture), `objects`, `failures`, `notes`, state,
    progress, message, poll(), wait(), cancel(), write_summary(folder). One picture that fails stops
    nothing and raises nothing: look at `failures`. With wait=False it returns at once.

    Each object is an undo step of its own; neither selection nor view changes. Raises PictureError
    when there is nothing to do, SettingsError, WorkerError when the network's Python is missing,
    WeightsError when the engine's weights are, and OSError when the summary cannot be written.
    """
    chosen, shape = _read_keywords(settings, shape)
    if summary is not None and not wait:
        raise SettingsError("A summary is written at the end.", "Call write_summary() then.")
    named = [pictures] if isinstance(pictures, str | Path) else list(pictures)
    plan = plan_batch([bpy.path.abspath(str(path)) for path in named])
    runtime.find_worker_python()
    shelves.require_weights(chosen)
    started = start_batch(
        plan.rows,
        chosen,
        _make_insertion(shape, (0.0, 0.0, 0.0)),
        scene=bpy.context.scene,
        name=plan.name,
        notes=plan.notes,
        anchor=_check_location(location),
        columns=columns,
    )
    if wait:
        started.wait(on_progress=on_progress)
        if summary is not None:
            started.write_summary(summary)
    return started


def reshape(
    item: bpy.types.Object, *, shape: ShapeSettings | None = None, **values: Any
) -> bpy.types.Object:
    """Give a generated object another topology, face budget, size or texture, without the network.

    values: fields of ShapeSettings: topology, face_budget, size (metres), smooth_angle (radians),
    texture (pixels), delight (0 to 1). What is not named gets its default: all triangles, the size
    as generated, 40 degrees, 1024 pixels, none. shape: the same as one record.

    Works for objects that were generated since this file was opened, as long as their results are
    kept (256 MB of them). Name, place, modifiers and materials stay; edits of the mesh are lost.
    Raises SettingsError or InsertError; the object is then unchanged.
    """
    known = [field.name for field in fields(ShapeSettings)]
    unknown = sorted(set(values) - set(known))
    if unknown:
        hints = "".join(suggest(name, known) for name in unknown)
        raise SettingsError(
            f"Unknown settings: {', '.join(unknown)}.", f"{hints}Known are: {', '.join(known)}."
        )
    shape = _change_shape(shape, values)
    unit = bpy.context.scene.unit_settings.scale_length
    jobs.record_notes(reshape_object(item, shape, scale_length=unit))
    return item


def export(items: bpy.types.Object | Iterable[bpy.types.Object], path: str | Path) -> list[Path]:
    """Write objects of the current scene into one file: .glb, .fbx, .obj, .stl or .usd.

    items: an object, or several. path: the file; "//" starts at the .blend's folder. A file that is
    there is replaced. With their modifiers; metres (an STL's millimetres); the scene and its
    selection stay as they are. Returns what was written: the file, and what belongs to it, such as
    an OBJ's materials. Raises ExportError, a BozzettoError; nothing is written then.

    >>> api.export(chair, "//chair.fbx")
    """
    several = [items] if isinstance(items, bpy.types.Object) else list(items)
    return export_objects(several, Path(bpy.path.abspath(str(path))))


def add_lods(item: bpy.types.Object, count: int = 3) -> list[bpy.types.Object]:
    """Levels of detail of a generated object, in the current scene beside it: NAME_LOD1 and so on.

    Each has half the faces of the one before, UVs and a texture of its own; at most `count`, fewer
    where nothing would be left of the shape. Works as long as `reshape` does. Raises SettingsError
    or InsertError; nothing is added then.
    """
    if not isinstance(count, int) or not 1 <= count <= 8:
        raise SettingsError(f"count {count!r} is out of range.", "Use 1 to 8.")
    return lods.add_lods(item, count, scene=bpy.context.scene)


def list_weights() -> list[Weights]:
    """The weights on this machine: those that ship, then what was downloaded or imported."""
    return weights_list.list_weights()


def install_weights(engine: str = "triposr", path: str | Path | None = None) -> Weights:
    """Install an engine's published weights, and wait for it: minutes.

    path: the published file (TripoSR's model.ckpt), or another checkpoint to import; None: download
    it, which Blender must be allowed to (`blender --online-mode`). A download that was interrupted
    goes on where it stopped. Raises WeightsError (installed already, refused, another file, no
    room), OfflineError, WorkerError when the network's Python is missing; nothing is changed then.
    """
    if path is None:
        weights_list.start_download(engine)
    else:
        weights_list.start_import(str(path))
    weights_list.run()
    return weights_list.latest


def cancel() -> int:
    """Cancel all jobs of the window and batches; how many jobs there were."""
    return jobs.cancel_all()


def release() -> None:
    """Give back the memory that the worker holds; the next generation starts more slowly."""
    runtime.release()


def _read_keywords(
    values: dict[str, Any], shape: ShapeSettings | None
) -> tuple[GenerateSettings, ShapeSettings]:
    """Sort keywords into both records. Raises SettingsError with what was probably meant."""
    known = [field.name for field in fields(GenerateSettings) if field.name != "version"]
    unknown = sorted(set(values) - {*known, *_SHAPE_ALONE, "version"})
    if unknown:
        hints = "".join(suggest(name, (*known, *_SHAPE_ALONE)) for name in unknown)
        raise SettingsError(
            f"Unknown settings: {', '.join(unknown)}.",
            f"{hints}Known are: {', '.join((*known, *_SHAPE_ALONE))}.",
        )
    shaping = {name: value for name, value in values.items() if name in _SHAPE_ALONE}
    rest = {name: value for name, value in values.items() if name not in _SHAPE_ALONE}
    return GenerateSettings.from_dict(rest), _change_shape(shape, shaping)


def _change_shape(shape: ShapeSettings | None, values: dict[str, Any]) -> ShapeSettings:
    if not isinstance(shape, ShapeSettings | None):
        raise SettingsError(
            f"shape is a {type(shape).__name__}.", "Use api.ShapeSettings(face_budget=2000)."
        )
    try:
        return replace(shape or ShapeSettings(), **values)
    except TypeError as error:
        raise SettingsError(f"Settings have a value of the wrong type: {error}.") from error


def _check_location(location: Iterable[float]) -> tuple[float, float, float]:
    try:
        x, y, z = (float(value) for value in location)
    except (TypeError, ValueError) as error:
        raise SettingsError(
            f"location {location!r} is no place.", "Use three numbers, such as (1, 0, 0)."
        ) from error
    return x, y, z


def _make_insertion(shape: ShapeSettings, location: tuple[float, float, float]) -> dict[str, Any]:
    """Properties for `bozzetto.insert_result`."""
    return {**write_shape(shape), "offset": location}
