"""The operator that adds levels of detail."""

import bpy

from ..inference.errors import BozzettoError, InsertError
from ..scene.lods import add_lods
from ..scene.record import read_record
from ..scene.replace import find_lack
from . import jobs


class BOZZETTO_OT_add_lods(bpy.types.Operator):
    """Add levels of detail of the active generated object beside it, each with half the faces"""

    bl_idname = "bozzetto.add_lods"
    bl_label = "Levels of Detail"
    bl_options = {"REGISTER", "UNDO"}

    count: bpy.props.IntProperty(
        name="Levels", description="How many are added", default=3, min=1, max=8
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """A generated object must be active, in Object Mode."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave Edit or Sculpt mode first")
            return False
        if lack := find_lack(context.active_object):
            cls.poll_message_set(lack)
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Make and insert them."""
        item = context.active_object
        try:
            if not bpy.app.background and read_record(item)["shape"].get("topology") == "quads":
                raise InsertError(
                    "Laying out quads several times would hold up the window for long.",
                    "Use triangles, or api.add_lods in a script without a window.",
                )
            made = add_lods(item, self.count, scene=context.scene)
        except BozzettoError as error:
            jobs.record_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        counts = ", ".join(f"{len(lod.data.polygons):,}" for lod in made)
        self.report({"INFO"}, f"{len(made)} levels of detail: {counts} faces")
        return {"FINISHED"}


CLASSES = (BOZZETTO_OT_add_lods,)
