"""Operators of the preferences: the report, the extension's folder, its cache."""

from __future__ import annotations

import bpy

from ..inference.errors import BozzettoError
from ..panels.properties import read_settings
from ..scene import cache, runtime_setup, weights
from ..scene.error_report import format_report
from ..scene.system_report import make_system_report
from . import jobs
from .setup import redraw


def collect_errors() -> tuple[str, ...]:
    """The last errors of generating, setting up and importing, as reports."""
    found = [jobs.failure.report] if jobs.failure is not None else []
    found += [
        format_report(error)
        for error in (runtime_setup.failure, weights.failure)
        if error is not None
    ]
    return tuple(found)


class BOZZETTO_OT_copy_system_report(bpy.types.Operator):
    """Copy versions, device, weights, settings and the last errors; your folders are left out"""

    bl_idname = "bozzetto.copy_system_report"
    bl_label = "Copy Report"
    bl_options = set()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """To the clipboard."""
        try:
            settings = read_settings(context.scene.bozzetto)
        except BozzettoError:  # a setting that is not allowed: the last error tells it
            settings = None
        context.window_manager.clipboard = make_system_report(settings, collect_errors())
        self.report({"INFO"}, "Report copied")
        return {"FINISHED"}


class BOZZETTO_OT_open_folder(bpy.types.Operator):
    """Show the folder that holds the extension's Python, imported checkpoints and downloads"""

    bl_idname = "bozzetto.open_folder"
    bl_label = "Open Folder"
    bl_options = set()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """It must exist."""
        folder = cache.find_folder()
        if folder is None or not folder.is_dir():
            cls.poll_message_set("Nothing was written there yet")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """In the system's file browser."""
        return bpy.ops.wm.path_open(filepath=str(cache.find_folder()))


class BOZZETTO_OT_clear_cache(bpy.types.Operator):
    """Delete downloads that were kept for another try; nothing that is in use is lost"""

    bl_idname = "bozzetto.clear_cache"
    bl_label = "Clear Cache"
    bl_options = set()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be something to delete, and nobody who uses it."""
        reason = cache.find_obstacle()
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Delete it."""
        try:
            size = cache.clear()
        except BozzettoError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        redraw()
        self.report({"INFO"}, f"{size / 1e6:.0f} MB given back")
        return {"FINISHED"}


CLASSES = (
    BOZZETTO_OT_copy_system_report,
    BOZZETTO_OT_open_folder,
    BOZZETTO_OT_clear_cache,
)
