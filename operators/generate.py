"""Operators that start a generation: the button's, and the file browser's and drop's."""

import os
from typing import Any

import bpy

from ..inference.errors import BozzettoError
from ..inference.settings import GenerateSettings
from ..inference.types import Source
from ..panels.properties import find_chosen, read_insertion, read_settings
from ..scene import runtime, runtime_setup, shelves, weights
from ..scene.picture import read_picture
from ..scene.replace import find_lack
from . import jobs

NO_PICTURE = "Choose a picture first"


class BOZZETTO_OT_generate(bpy.types.Operator):
    """Generate an editable base mesh from the chosen picture"""

    bl_idname = "bozzetto.generate"
    bl_label = "Generate from Image"
    bl_options = set()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a picture, an interpreter and weights."""
        reason = find_reason(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From a button: queue it and let the artist go on."""
        if bpy.app.background:
            return self.execute(context)
        return run(self, context, find_chosen(context.scene.bozzetto), wait=False)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """From a script: wait for the object."""
        return run(self, context, find_chosen(context.scene.bozzetto), wait=True)


class BOZZETTO_OT_replace(bpy.types.Operator):
    """Generate from the chosen picture into the active generated object.

    Its place, name, modifiers and materials stay"""

    bl_idname = "bozzetto.replace"
    bl_label = "Replace Active"
    bl_options = set()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a picture, an interpreter, weights, and a generated object."""
        reason = find_reason(context) or find_lack(context.active_object)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From a button: queue it and let the artist go on."""
        return self._run(context, wait=bpy.app.background)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """From a script: wait for it."""
        return self._run(context, wait=True)

    def _run(self, context: bpy.types.Context, *, wait: bool) -> set[str]:
        target = {"replace": context.active_object.session_uid, "select": False}
        picture = find_chosen(context.scene.bozzetto)
        return run(self, context, picture, wait=wait, insertion=target)


class BOZZETTO_OT_generate_from_file(bpy.types.Operator):
    """Generate an editable base mesh from a picture file; one each from several"""

    bl_idname = "bozzetto.generate_from_file"
    bl_label = "Base Mesh from Image"
    bl_options = set()

    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"})
    files: bpy.props.CollectionProperty(
        type=bpy.types.OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"}
    )
    filter_image: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be an interpreter and weights."""
        reason = find_scene_reason(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Dropped files have their path; else ask for one."""
        if self._list_paths():
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Queue them in the window, wait in background."""
        paths = self._list_paths()
        beside = {"beside": True} if len(paths) > 1 else {}
        answers = [
            run(self, context, path, wait=bpy.app.background, insertion=beside)
            for path in paths or [self.filepath]
        ]
        return {"FINISHED"} if {"FINISHED"} in answers else {"CANCELLED"}

    def _list_paths(self) -> list[str]:
        """What was dropped or chosen."""
        names = [file.name for file in self.files if file.name]
        if names and self.directory:
            return [os.path.join(self.directory, name) for name in names]
        return [self.filepath] if self.filepath else []


def run(
    operator: bpy.types.Operator,
    context: bpy.types.Context,
    picture: bpy.types.Image | str,
    *,
    wait: bool,
    settings: GenerateSettings | None = None,
    insertion: dict[str, Any] | None = None,
) -> set[str]:
    """Generate from a picture; maps every error to a report.

    settings: the scene's, unless given. insertion: properties for `bozzetto.insert_result` that
    take precedence over the scene's.
    """
    origin = None
    jobs.forget_messages()
    try:
        settings = settings or read_settings(context.scene.bozzetto)
        source, origin = read_picture(picture)
        insertion = {**read_insertion(context.scene.bozzetto), **(insertion or {})}
        if wait:
            _generate_and_insert(context, source, settings, origin, insertion)
        else:
            jobs.submit(context, source, settings, origin, insertion)
    except BozzettoError as error:
        jobs.record_failure(error, settings, origin)
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    return {"FINISHED"}


def _generate_and_insert(
    context: bpy.types.Context,
    source: Source,
    settings: GenerateSettings,
    origin: dict,
    insertion: dict,
) -> None:
    number, _ = runtime.generate(source, settings, picture=origin, scene=context.scene)
    jobs.start_pump()  # the worker stays warm, and somebody has to notice when it is idle
    jobs.call_insert_result(job=number, **insertion)


def find_reason(context: bpy.types.Context) -> str:
    """Why nothing can be generated now; empty: it can."""
    group = context.scene.bozzetto
    if not find_chosen(group):
        return NO_PICTURE
    return find_scene_reason(context)


def find_scene_reason(context: bpy.types.Context) -> str:
    """Why the scene's engine could not start, whatever the picture; empty: it could."""
    group = context.scene.bozzetto
    return find_runtime_reason() or find_weights_reason(group.engine, group.checkpoint)


def find_weights_reason(engine: str, checkpoint: str) -> str:
    """What weights an engine lacks, and whether they are on their way; empty: none."""
    reason = shelves.find_lack(engine, checkpoint)
    if reason and weights.find_progress() is not None:
        return "The weights are being worked on; wait until that is done"
    return reason


def find_runtime_reason() -> str:
    """Why no worker could start; empty: it could."""
    try:
        runtime.find_worker_python()
    except BozzettoError as error:
        if runtime_setup.find_task() is not None:
            return "The Python that runs the network is being worked on; wait until it is done"
        return str(error).rstrip(".")  # Blender adds its own full stop
    return ""


CLASSES = (BOZZETTO_OT_generate, BOZZETTO_OT_replace, BOZZETTO_OT_generate_from_file)
