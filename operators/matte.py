"""Operators of the cut's preview: what of the picture would be modelled."""

import bpy

from ..inference.errors import BozzettoError
from ..panels.properties import find_chosen, read_settings
from ..scene import matte_preview, runtime
from . import jobs
from .generate import NO_PICTURE, find_runtime_reason


class BOZZETTO_OT_preview_cut(bpy.types.Operator):
    """Show what of the picture would be modelled; nothing is generated"""

    bl_idname = "bozzetto.preview_cut"
    bl_label = "Preview Cut"
    bl_options = set()

    editor: bpy.props.BoolProperty(
        name="Of the Image Editor",
        description="Show it of the Image Editor's image, which becomes the chosen one",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a picture and an interpreter; no engine is loaded."""
        shown = getattr(context.space_data, "image", None)
        chosen = shown is not None or find_chosen(context.scene.bozzetto)
        reason = find_runtime_reason() if chosen else NO_PICTURE
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Ask in the window, wait in background."""
        group = context.scene.bozzetto
        if self.editor and getattr(context.space_data, "image", None) is not None:
            group.image = context.space_data.image
        try:
            job = matte_preview.show(find_chosen(group), read_settings(group))
            if bpy.app.background:
                try:
                    runtime.get_queue().wait(job)
                finally:
                    matte_preview.take(job)
        except BozzettoError as error:
            jobs.record_failure(error, read_settings(group))
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        jobs.start_pump()
        return {"FINISHED"}


class BOZZETTO_OT_close_cut_preview(bpy.types.Operator):
    """Show the picture instead of the cut"""

    bl_idname = "bozzetto.close_cut_preview"
    bl_label = "Close Preview"
    bl_options = set()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a preview."""
        return matte_preview.preview is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Forget it."""
        matte_preview.close()
        return {"FINISHED"}


CLASSES = (BOZZETTO_OT_preview_cut, BOZZETTO_OT_close_cut_preview)
