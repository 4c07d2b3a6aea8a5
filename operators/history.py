"""Operators of the file's history: run again, restore settings, select the object, forget."""

from typing import Any

import bpy

from ..inference.errors import BozzettoError
from ..panels.properties import write_settings
from ..scene import history
from ..scene.insert import select_alone
from . import jobs
from .generate import find_runtime_reason, run
from .shape_properties import write_shape

_INDEX: dict[str, Any] = {
    "name": "Entry",
    "description": "Place in the list, from 0; below 0: the chosen entry",
    "default": -1,
    "min": -1,
    "options": {"SKIP_SAVE"},
}


class _OfEntry:
    """Polls of operators that need an entry."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be one."""
        if not context.scene.bozzetto.history:
            cls.poll_message_set("Nothing was generated in this file yet")
            return False
        return True


class BOZZETTO_OT_history_run(_OfEntry, bpy.types.Operator):
    """Generate again with the same picture, settings and seed; the panel's settings stay"""

    bl_idname = "bozzetto.history_run"
    bl_label = "Run Again"
    bl_options = set()

    index: bpy.props.IntProperty(**_INDEX)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be an entry and an interpreter."""
        reason = find_runtime_reason()
        if reason:
            cls.poll_message_set(reason)
            return False
        return super().poll(context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From a button: queue it and let the artist go on."""
        return self._run(context, wait=bpy.app.background)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """From a script: wait for the object."""
        return self._run(context, wait=True)

    def _run(self, context: bpy.types.Context, *, wait: bool) -> set[str]:
        try:
            entry = history.find_entry(context.scene, self.index)
            settings, picture, shape = history.read_entry(entry)
            chosen = history.find_picture(picture)
        except BozzettoError as error:
            jobs.record_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        shape = write_shape(shape)
        return run(self, context, chosen, wait=wait, settings=settings, insertion=shape)


class BOZZETTO_OT_history_restore(_OfEntry, bpy.types.Operator):
    """Put this generation's picture and settings back into the panel"""

    bl_idname = "bozzetto.history_restore"
    bl_label = "Restore Settings"
    bl_options = {"UNDO"}

    index: bpy.props.IntProperty(**_INDEX)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Write them."""
        group = context.scene.bozzetto
        try:
            entry = history.find_entry(context.scene, self.index)
            settings, picture, shape = history.read_entry(entry)
        except BozzettoError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        write_settings(group, settings, shape)
        name = picture.get("image", "")
        image = bpy.data.images.get(name) if name else None
        if image is not None:
            group.image = image
        elif picture.get("path"):
            group.image, group.filepath = None, picture["path"]
        else:
            self.report({"WARNING"}, f"The image {name!r} is no longer in the file")
        return {"FINISHED"}


class BOZZETTO_OT_history_select(_OfEntry, bpy.types.Operator):
    """Select the object of this generation, and only it"""

    bl_idname = "bozzetto.history_select"
    bl_label = "Select Object"
    bl_options = {"UNDO"}

    index: bpy.props.IntProperty(**_INDEX)

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Objects are selected in Object Mode."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave Edit or Sculpt mode first")
            return False
        return super().poll(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Select it."""
        try:
            entry = history.find_entry(context.scene, self.index)
        except BozzettoError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        item = history.find_object(context.scene, entry)
        if item is None:
            self.report({"WARNING"}, "The object is gone; Run Again makes it anew")
            return {"CANCELLED"}
        if context.view_layer.objects.get(item.name) != item or not item.visible_get():
            self.report({"WARNING"}, f"{item.name} is hidden, or in a collection that is")
            return {"CANCELLED"}
        select_alone(item, context.view_layer)
        return {"FINISHED"}


class BOZZETTO_OT_history_remove(_OfEntry, bpy.types.Operator):
    """Forget this generation; its object stays"""

    bl_idname = "bozzetto.history_remove"
    bl_label = "Remove"
    bl_options = {"UNDO"}

    index: bpy.props.IntProperty(**_INDEX)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove it."""
        try:
            history.remove_entry(context.scene, self.index)
        except BozzettoError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class BOZZETTO_OT_history_clear(_OfEntry, bpy.types.Operator):
    """Forget all generations of this file; objects stay"""

    bl_idname = "bozzetto.history_clear"
    bl_label = "Clear History"
    bl_options = {"UNDO"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Clear it."""
        history.clear(context.scene)
        return {"FINISHED"}


CLASSES = (
    BOZZETTO_OT_history_run,
    BOZZETTO_OT_history_restore,
    BOZZETTO_OT_history_select,
    BOZZETTO_OT_history_remove,
    BOZZETTO_OT_history_clear,
)
