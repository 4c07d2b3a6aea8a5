"""Operators around a batch: many pictures in one go, its results and its summary."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..inference.batch.plan import Plan, file_key, plan_batch
from ..inference.batch.summary import STEM, describe_counts
from ..inference.errors import BozzettoError
from ..panels.properties import read_insertion, read_settings
from . import batch_handle, jobs
from .generate import find_scene_reason


def find_batch(key: str = "") -> batch_handle.Batch | None:
    """The batch with that key, or the newest one that the panel shows."""
    known = [batch for batch in batch_handle.batches if key in ("", batch.key)]
    return known[-1] if known else None


def start(context: bpy.types.Context, plan: Plan) -> batch_handle.Batch:
    """Begin a batch with the scene's settings. Raises BozzettoError."""
    scene = context.scene
    group = scene.bozzetto
    at_cursor = group.location == "CURSOR"
    return batch_handle.start_batch(
        plan.rows,
        read_settings(group),
        read_insertion(group),
        scene=scene,
        name=plan.name,
        notes=plan.notes,
        anchor=tuple(scene.cursor.location) if at_cursor else (0.0, 0.0, 0.0),
    )


class BOZZETTO_OT_batch(bpy.types.Operator):
    """Generate from many pictures: choose several, or none for the whole folder"""

    bl_idname = "bozzetto.batch"
    bl_label = "Batch from Images"
    bl_options = set()

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
        """Ask for the pictures."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Begin it in the window, wait for it in background."""
        batch = None
        try:
            batch = start(context, plan_batch(self._read_paths()))
            if bpy.app.background:
                batch.wait()
        except BozzettoError as error:
            if batch is not None:
                batch.cancel()
            jobs.record_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        for row in batch.failures:  # only in background: in the window they are still to come
            self.report({"WARNING"}, f"{row.picture}: {row.error} {row.fix}")
        self.report({"INFO"}, f"{batch.name}: {describe_counts(batch.rows)}")
        return {"FINISHED"}

    def _read_paths(self) -> list[Path]:
        if not self.directory:
            return []
        folder = Path(bpy.path.abspath(self.directory))
        names = sorted((item.name for item in self.files if item.name), key=file_key)
        return [folder / name for name in names] or [folder]


class _OnBatch:
    """Operators on the batch with that key, or on the newest one that the panel shows."""

    key: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a batch."""
        return bool(batch_handle.batches)


class BOZZETTO_OT_cancel_batch(_OnBatch, bpy.types.Operator):
    """Stop the batch; what is inserted already stays"""

    bl_idname = "bozzetto.cancel_batch"
    bl_label = "Cancel Batch"
    bl_options = set()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Cancel it."""
        batch = find_batch(self.key)
        if batch is None or batch.finished:
            return {"CANCELLED"}
        batch.cancel()
        return {"FINISHED"}


class BOZZETTO_OT_close_batch(_OnBatch, bpy.types.Operator):
    """Show this batch no longer; its objects stay"""

    bl_idname = "bozzetto.close_batch"
    bl_label = "Close"
    bl_options = set()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Forget it, unless it runs."""
        batch = find_batch(self.key)
        if batch is None or not batch.finished:
            return {"CANCELLED"}
        batch_handle.batches.remove(batch)
        jobs.redraw()
        return {"FINISHED"}


class BOZZETTO_OT_select_batch(_OnBatch, bpy.types.Operator):
    """Select the objects that the batch has made, and frame them"""

    bl_idname = "bozzetto.select_batch"
    bl_label = "Select Results"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a batch, and Object Mode."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave Edit or Sculpt mode first")
            return False
        return bool(batch_handle.batches)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Select those that this view layer shows."""
        batch = find_batch(self.key)
        layer = context.view_layer
        items = [item for item in batch.objects if layer.objects.get(item.name) == item]
        if not items:
            self.report({"WARNING"}, "No result of this batch is in sight")
            return {"CANCELLED"}
        bpy.ops.object.select_all(action="DESELECT")
        for item in items:
            item.select_set(True, view_layer=layer)
        layer.objects.active = items[0]
        if bpy.ops.view3d.view_selected.poll():
            bpy.ops.view3d.view_selected()
        return {"FINISHED"}


class BOZZETTO_OT_save_batch_summary(_OnBatch, bpy.types.Operator):
    """Write what became of each picture into a folder: summary.csv and summary.json"""

    bl_idname = "bozzetto.save_batch_summary"
    bl_label = "Save Summary"
    bl_options = set()

    directory: bpy.props.StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE"})
    filter_folder: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for the folder."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Write both files."""
        batch = find_batch(self.key)
        if batch is None or not self.directory:
            self.report({"ERROR"}, "Choose a folder for the summary")
            return {"CANCELLED"}
        there = Path(bpy.path.abspath(self.directory)) / f"{STEM}.json"
        if there.exists():  # a batch without a window may want to go on from it
            self.report({"ERROR"}, f"{there} is there already: choose another folder")
            return {"CANCELLED"}
        try:
            table, record = batch.write_summary(self.directory)
        except OSError as error:
            self.report({"ERROR"}, f"The summary cannot be written: {error}. Choose another folder")
            return {"CANCELLED"}
        self.report({"INFO"}, f"Written: {table} and {record.name}")
        return {"FINISHED"}


CLASSES = (
    BOZZETTO_OT_batch,
    BOZZETTO_OT_cancel_batch,
    BOZZETTO_OT_close_batch,
    BOZZETTO_OT_select_batch,
    BOZZETTO_OT_save_batch_summary,
)
