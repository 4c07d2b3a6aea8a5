"""Operators that write generated objects into files of other programs."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..inference.errors import BozzettoError, ExportError
from ..scene.export import FORMATS, export_objects, list_formats
from ..scene.record import MARK
from . import jobs
from .batch import find_batch
from .batch_handle import batches

_items: list[tuple[str, str, str]] = []  # Blender keeps no reference to the texts


def _list_items(self: object, context: object) -> list[tuple[str, str, str]]:
    _items[:] = [(name, FORMATS[name].label, FORMATS[name].description) for name in list_formats()]
    return _items


def list_exported(context: bpy.types.Context) -> list[bpy.types.Object]:
    """The selected objects that were generated, the active one first."""
    active = context.view_layer.objects.active
    found = [item for item in context.view_layer.objects.selected if MARK in item]
    return sorted(found, key=lambda item: item != active)


class BOZZETTO_OT_export(bpy.types.Operator):
    """Write the selected generated objects into one file, with their modifiers"""

    bl_idname = "bozzetto.export"
    bl_label = "Export Base Mesh"
    bl_options = set()

    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    format: bpy.props.EnumProperty(
        name="Format", description="What kind of file is written", items=_list_items
    )
    check_existing: bpy.props.BoolProperty(default=True, options={"HIDDEN"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """A generated object must be selected, in Object Mode."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave Edit or Sculpt mode first")
            return False
        if not list_exported(context):
            cls.poll_message_set("Select an object that was generated")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for the file, named after the active object."""
        if not self.filepath:
            self.filepath = bpy.path.clean_name(list_exported(context)[0].name)
        self.check(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, context: bpy.types.Context) -> bool:
        """The name's ending follows the format that is chosen."""
        path = Path(self.filepath)
        suffix = path.suffix.lower().removeprefix(".")
        stem = path.with_suffix("") if suffix in FORMATS else path
        wanted = f"{stem}.{self.format}"
        changed, self.filepath = wanted != self.filepath, wanted
        return changed

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Write it; a name without a known ending gets the format's."""
        path = Path(bpy.path.abspath(self.filepath))
        if path.suffix.lower().removeprefix(".") not in FORMATS:
            path = path.with_name(f"{path.name}.{self.format}")
        try:
            written = export_objects(list_exported(context), path)
        except BozzettoError as error:
            jobs.record_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"Written: {', '.join(str(one) for one in written)}")
        return {"FINISHED"}


class BOZZETTO_OT_export_batch(bpy.types.Operator):
    """Write every result of the batch into a file of its own"""

    bl_idname = "bozzetto.export_batch"
    bl_label = "Export Results"
    bl_options = set()

    key: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    format: bpy.props.EnumProperty(
        name="Format", description="What kind of files are written", items=_list_items
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a batch, and Object Mode."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave Edit or Sculpt mode first")
            return False
        return bool(batches)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for the folder."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Write them; a file that is there already stops it before anything is written."""
        batch = find_batch(self.key)
        try:
            if batch is None or not batch.objects:
                raise ExportError("The batch has no objects in this file.", "Run it again.")
            folder = Path(bpy.path.abspath(self.directory)) if self.directory else None
            if folder is None or not folder.is_dir():
                raise ExportError("There is no such folder.", "Choose one that is there.")
            paths = [
                folder / f"{bpy.path.clean_name(item.name)}.{self.format}" for item in batch.objects
            ]
            if there := next((path for path in paths if path.exists()), None):
                raise ExportError(f"{str(there)!r} is there already.", "Choose another folder.")
            for item, path in zip(batch.objects, paths, strict=True):
                export_objects([item], path)
        except BozzettoError as error:
            jobs.record_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"Written: {len(paths)} files in {folder}")
        return {"FINISHED"}


CLASSES = (BOZZETTO_OT_export, BOZZETTO_OT_export_batch)
