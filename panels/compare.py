"""The source picture shown with its mesh, in the sidebar."""

from __future__ import annotations

import bpy

from ..operators.compare import find_compared
from ..scene import compare


class BOZZETTO_PT_compare(bpy.types.Panel):
    """The source picture with the active generated object"""

    bl_idname = "BOZZETTO_PT_compare"
    bl_label = "Compare with Picture"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Bozzetto"
    bl_parent_id = "BOZZETTO_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """What there is to do with the active object."""
        layout = self.layout
        item = find_compared(context)
        if item is None:
            layout.label(text="Make a generated object active first", icon="INFO")
            return
        child = compare.find_comparison(item)
        if child is None:
            layout.operator("bozzetto.compare", icon="IMAGE_REFERENCE")
            return
        if child.type == "CAMERA":
            looking = compare.looks_through(context.space_data, child)
            layout.operator(
                "bozzetto.look_through",
                text="Stop Looking Through" if looking else "Look Through",
                icon="CAMERA_DATA",
                depress=looking,
            )
            column = layout.column()
            column.use_property_split = True
            column.use_property_decorate = False
            for background in child.data.background_images:
                column.prop(background, "alpha", text="Opacity")
                column.prop(background, "display_depth", text="Picture")
            layout.label(text="The camera is an estimate", icon="INFO")
        else:
            layout.label(text="This engine estimates no camera", icon="INFO")
            layout.prop(child, "empty_display_size", text="Size")
        layout.operator("bozzetto.remove_comparison", icon="X")


CLASSES = (BOZZETTO_PT_compare,)
