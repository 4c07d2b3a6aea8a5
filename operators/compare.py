"""Operators that show the source picture with its mesh."""

import bpy

from ..inference.errors import BozzettoError
from ..scene import compare
from ..scene.record import MARK
from . import jobs


def find_compared(context: bpy.types.Context) -> bpy.types.Object | None:
    """The generated object that is meant: the active one, or the parent of the active camera."""
    item = context.active_object
    if item is not None and compare.COMPARE in item:
        item = item.parent
    return item if item is not None and item.type == "MESH" and MARK in item else None


class _OfObject:
    """Polls of operators that need a generated object."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be one, and Object Mode."""
        if find_compared(context) is None:
            cls.poll_message_set("Make a generated object active first")
            return False
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave Edit or Sculpt mode first")
            return False
        return True


class BOZZETTO_OT_compare(_OfObject, bpy.types.Operator):
    """Show the source picture with the object.

    In a camera that stands where the picture was taken from, as far as the engine could tell, else
    as a picture beside the object"""

    bl_idname = "bozzetto.compare"
    bl_label = "Add Source Picture"
    bl_options = {"REGISTER", "UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Add camera or empty."""
        item = find_compared(context)
        try:
            child = compare.add_comparison(item, context.scene)
        except BozzettoError as error:
            jobs.record_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if child.type == "EMPTY":
            self.report(
                {"INFO"}, "This engine estimates no camera: the picture stands beside the object"
            )
        return {"FINISHED"}


class BOZZETTO_OT_look_through(_OfObject, bpy.types.Operator):
    """Look through the source picture's camera, or stop; the scene's camera stays what it is"""

    bl_idname = "bozzetto.look_through"
    bl_label = "Look Through"
    bl_options = set()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a camera and a 3D view."""
        child = compare.find_comparison(find_compared(context))
        if child is None or child.type != "CAMERA":
            cls.poll_message_set("Add the source picture first")
            return False
        return context.space_data is not None and context.space_data.type == "VIEW_3D"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Toggle it in this 3D view."""
        child = compare.find_comparison(find_compared(context))
        if compare.looks_through(context.space_data, child):
            compare.leave_views(child)
            return {"FINISHED"}
        try:
            compare.look_through(context.space_data, child, context.scene)
        except BozzettoError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class BOZZETTO_OT_remove_comparison(_OfObject, bpy.types.Operator):
    """Remove the source picture's camera, or the picture beside the object"""

    bl_idname = "bozzetto.remove_comparison"
    bl_label = "Remove Source Picture"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be one."""
        if not super().poll(context):
            return False
        return compare.find_comparison(find_compared(context)) is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove it."""
        compare.remove_comparison(find_compared(context))
        return {"FINISHED"}


CLASSES = (BOZZETTO_OT_compare, BOZZETTO_OT_look_through, BOZZETTO_OT_remove_comparison)
