"""Operators around weights: check, download, import, remove, choose."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ..inference.errors import BozzettoError
from ..inference.store.published import TRIPOSR
from ..scene import weights
from .setup import redraw

INTERVAL = 0.05  # seconds between two steps


def begin(operator: bpy.types.Operator, start: Callable[[], None]) -> set[str]:
    """Begin it; do it to the end where there is no window. Maps errors to reports."""
    try:
        start()
        if bpy.app.background:
            operator.report({"INFO"}, weights.run())
        elif not bpy.app.timers.is_registered(pump):
            bpy.app.timers.register(pump, first_interval=0.0, persistent=True)
    except BozzettoError as error:
        weights.failure = error
        redraw()
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    redraw()
    return {"FINISHED"}


def pump() -> float | None:
    """Blender's timer: a step of the work; None ends it."""
    more = weights.step()
    redraw()
    return INTERVAL if more else None


def stop() -> None:
    """The extension is disabled or Blender quits."""
    if bpy.app.timers.is_registered(pump):
        bpy.app.timers.unregister(pump)
    weights.close()


class _Idle:
    """Polls of operators that need the list for themselves."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Nothing else may be done to the weights."""
        reason = weights.find_obstacle()
        if reason:
            cls.poll_message_set(reason)
        return not reason


class BOZZETTO_OT_verify_weights(_Idle, bpy.types.Operator):
    """Read every file of weights and compare it with its checksum"""

    bl_idname = "bozzetto.verify_weights"
    bl_label = "Verify Weights"
    bl_options = set()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Begin it in the window, do it in background."""
        return begin(self, weights.start_check)


class BOZZETTO_OT_import_weights(_Idle, bpy.types.Operator):
    """Copy a checkpoint into the extension's folder, once it was checked and holds no code.

    Bozzetto's own .safetensors, published IM-NET checkpoints (IM_SVR .pth), TripoSR's model.ckpt"""

    bl_idname = "bozzetto.import_weights"
    bl_label = "Import Checkpoint"
    bl_options = set()

    filepath: bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: bpy.props.StringProperty(
        default="*.safetensors;*.pth;*.pt;*.ckpt", options={"HIDDEN", "SKIP_SAVE"}
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a folder to keep it in, and an interpreter that can look into it."""
        reason = weights.find_import_obstacle()
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask for the file."""
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Begin it in the window, do it in background."""
        return begin(self, lambda: weights.start_import(self.filepath))


class BOZZETTO_OT_download_weights(bpy.types.Operator):
    """Download the weights that TripoSR's authors have published (1.7 GB), check and convert them.

    What has arrived is kept when it is cancelled or interrupted, and the next click goes on"""

    bl_idname = "bozzetto.download_weights"
    bl_label = "Download Weights"
    bl_options = set()

    engine: bpy.props.StringProperty(default=TRIPOSR.engine, options={"HIDDEN", "SKIP_SAVE"})

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Blender must be allowed to go online, and they must not be there already."""
        reason = weights.find_download_obstacle(TRIPOSR.engine)  # there is one engine of the kind
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Begin it in the window, do it in background."""
        return begin(self, lambda: weights.start_download(self.engine))


class BOZZETTO_OT_remove_weights(_Idle, bpy.types.Operator):
    """Delete this imported checkpoint from the extension's folder"""

    bl_idname = "bozzetto.remove_weights"
    bl_label = "Remove Checkpoint"
    bl_options = set()

    name: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Delete it."""
        try:
            weights.remove(weights.find_weights(self.name))
        except BozzettoError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        redraw()
        self.report({"INFO"}, weights.message)
        return {"FINISHED"}


class BOZZETTO_OT_cancel_weights(bpy.types.Operator):
    """Stop the check, the import or the download; what was downloaded is kept for another try"""

    bl_idname = "bozzetto.cancel_weights"
    bl_label = "Cancel"
    bl_options = set()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Stop it."""
        found = weights.cancel()
        redraw()
        return {"FINISHED"} if found else {"CANCELLED"}


class BOZZETTO_OT_choose_weights(bpy.types.Operator):
    """Use these weights for the scene's next generations"""

    bl_idname = "bozzetto.choose_weights"
    bl_label = "Choose Weights"
    bl_options = {"INTERNAL", "UNDO"}

    name: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set checkpoint, and the engine that it belongs to; no name: the engine's usual ones."""
        group = context.scene.bozzetto
        try:
            item = weights.find_weights(self.name) if self.name else None
        except BozzettoError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if item is not None and item.engine:
            group.engine = item.engine
        # What the engine would take anyway is not named: the file stays right on other machines.
        usual = item is None or weights.is_installed(item)
        group.checkpoint = "" if usual else str(item.path)
        return {"FINISHED"}


CLASSES = (
    BOZZETTO_OT_verify_weights,
    BOZZETTO_OT_download_weights,
    BOZZETTO_OT_import_weights,
    BOZZETTO_OT_remove_weights,
    BOZZETTO_OT_cancel_weights,
    BOZZETTO_OT_choose_weights,
)
