"""Operators around a generation: cancel, release, insert what waits, reports."""

import bpy

from ..scene import runtime
from . import jobs


class BOZZETTO_OT_cancel(bpy.types.Operator):
    """Stop generating; nothing is inserted"""

    bl_idname = "bozzetto.cancel"
    bl_label = "Cancel"
    bl_options = set()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Cancel every job."""
        if not jobs.cancel_all():
            return {"CANCELLED"}
        jobs.record_notes(("Cancelled; nothing was inserted.",))
        self.report({"INFO"}, "Generation cancelled")
        return {"FINISHED"}


class BOZZETTO_OT_release(bpy.types.Operator):
    """Give back the memory that the network holds; the next generation starts more slowly"""

    bl_idname = "bozzetto.release"
    bl_label = "Release Memory"
    bl_options = set()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a worker."""
        queue = runtime.find_queue()
        if queue is None or queue.pid is None:
            cls.poll_message_set("No memory is held")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Let the worker go."""
        runtime.release()
        return {"FINISHED"}


class BOZZETTO_OT_insert_waiting(bpy.types.Operator):
    """Insert the waiting base mesh now"""

    bl_idname = "bozzetto.insert_waiting"
    bl_label = "Insert Now"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a result, and Object Mode."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave Edit or Sculpt mode first")
            return False
        return bool(jobs.finished)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Insert it whatever runs."""
        jobs.insert_now(jobs.finished.pop(0))
        return {"FINISHED"}


class BOZZETTO_OT_copy_report(bpy.types.Operator):
    """Copy the last error with all that helps to understand it"""

    bl_idname = "bozzetto.copy_report"
    bl_label = "Copy Report"
    bl_options = set()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be an error."""
        return jobs.failure is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        """To the clipboard."""
        context.window_manager.clipboard = jobs.failure.report
        self.report({"INFO"}, "Report copied")
        return {"FINISHED"}


CLASSES = (
    BOZZETTO_OT_cancel,
    BOZZETTO_OT_release,
    BOZZETTO_OT_insert_waiting,
    BOZZETTO_OT_copy_report,
)
