"""The operator that inserts a finished result; its redo panel shapes it again."""

import dataclasses

import bpy

from ..inference.errors import BozzettoError
from ..scene.deliver import deliver, find_scene
from ..scene.insert import InsertOptions
from ..scene.placement import move_beside
from ..scene.preparation import Preparation, find_result
from ..scene.replace import find_target
from ..scene.shape_mesh import ShapeSettings
from . import jobs
from .shape_properties import (
    DELIGHT,
    FACE_BUDGET,
    NAMES,
    SMOOTHING,
    TEXTURE,
    TOPOLOGY,
    read_shape,
)

LOCATION = {
    "name": "Location",
    "description": "Where the object stands",
    "items": (
        ("ORIGIN", "World Origin", "Stand at the origin of the world"),
        ("CURSOR", "3D Cursor", "Stand at the 3D cursor"),
    ),
    "default": "ORIGIN",
}


class BOZZETTO_OT_insert_result(bpy.types.Operator):
    """Insert a generated base mesh into the scene"""

    bl_idname = "bozzetto.insert_result"
    bl_label = "Insert Base Mesh"
    bl_options = {"REGISTER", "UNDO"}

    job: bpy.props.IntProperty(options={"HIDDEN", "SKIP_SAVE"})
    topology: bpy.props.EnumProperty(**TOPOLOGY)
    face_budget: bpy.props.IntProperty(**FACE_BUDGET)
    size: bpy.props.FloatProperty(
        name="Size (m)",
        description="Length of the longest side in metres; 0 keeps the size it was generated with",
        default=0.0,
        min=0.0,
        max=10_000.0,
        precision=3,
    )
    smooth_angle: bpy.props.FloatProperty(**SMOOTHING)
    texture: bpy.props.EnumProperty(**TEXTURE)
    delight: bpy.props.FloatProperty(**DELIGHT)
    location: bpy.props.EnumProperty(**LOCATION)
    select: bpy.props.BoolProperty(default=True, options={"HIDDEN", "SKIP_SAVE"})
    frame: bpy.props.BoolProperty(default=False, options={"HIDDEN", "SKIP_SAVE"})
    offset: bpy.props.FloatVectorProperty(
        size=3, subtype="TRANSLATION", options={"HIDDEN", "SKIP_SAVE"}
    )
    collection: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    batch: bpy.props.StringProperty(options={"HIDDEN", "SKIP_SAVE"})
    beside: bpy.props.BoolProperty(default=False, options={"HIDDEN", "SKIP_SAVE"})
    replace: bpy.props.IntProperty(
        description="Session uid of the object whose mesh is replaced; 0: a new object",
        options={"HIDDEN", "SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Objects are inserted in Object Mode only."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Leave Edit or Sculpt mode first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Shape and insert the kept result."""
        slow = None
        try:
            scene = find_scene(find_result(self.job).scene_uid) or context.scene
            start = scene.cursor.location if self.location == "CURSOR" else (0.0, 0.0, 0.0)
            place = [a + b for a, b in zip(start, self.offset, strict=True)]
            target = find_target(self.replace) if self.replace else None
            shape = read_shape(self)
            slow = self._find_slow(scene, shape)
            item, messages = deliver(
                self.job,
                dataclasses.replace(shape, topology="triangles") if slow else shape,
                scene=scene,
                view_layer=context.view_layer if scene == context.scene else None,
                options=InsertOptions(
                    location=tuple(place),
                    select=self.select,
                    collection=self.collection,
                    batch=self.batch,
                ),
                target=target,
            )
        except BozzettoError as error:
            if slow is not None:
                slow.cancel()
            jobs.record_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        if slow is not None:
            messages += ("Quads are being laid out; until then these are triangles.",)
            self._change_later(slow, item)
        if self.replace and target is None:
            messages += ("The object to be replaced is gone; this is a new one.",)
        if self.beside and target is None:
            move_beside(item, scene)
        jobs.record_notes(messages)
        for message in messages:
            self.report({"WARNING"}, message)
        if self.frame and self.select and target is None:
            _frame_selected(context)
            self.frame = False  # the redo panel leaves the view alone
        self.report({"INFO"}, f"{item.name}: {len(item.data.polygons):,} faces")
        return {"FINISHED"}

    def _find_slow(self, scene: bpy.types.Scene, shape: ShapeSettings) -> Preparation | None:
        """What would hold up the window for seconds, begun; None: nothing."""
        if bpy.app.background or shape.topology != "quads":
            return None
        preparation = Preparation(self.job, shape, scene.unit_settings.scale_length)
        return preparation if preparation.takes_long else None

    def _change_later(self, preparation: Preparation, item: bpy.types.Object) -> None:
        properties = {name: getattr(self, name) for name in (*NAMES, "job")}
        properties |= {"replace": item.session_uid, "select": False}
        jobs.change_later(preparation, properties)

    def draw(self, context: bpy.types.Context) -> None:
        """The redo panel: what can still be changed. A replaced object stays where it is."""
        layout = self.layout
        layout.use_property_split = True
        for name in NAMES:
            layout.prop(self, name)
        if not self.replace:
            layout.prop(self, "location")


def _frame_selected(context: bpy.types.Context) -> None:
    if bpy.ops.view3d.view_selected.poll():
        bpy.ops.view3d.view_selected()


CLASSES = (BOZZETTO_OT_insert_result,)
