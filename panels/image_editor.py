"""The section in the Image Editor's sidebar: generate from the image that is shown."""

from __future__ import annotations

import bpy

from ..scene import matte_preview
from .lines import draw_lines
from .main import draw_jobs, draw_lack, draw_messages
from .picture import draw_preview


class BOZZETTO_PT_image_editor(bpy.types.Panel):
    """Generate from the image that this editor shows"""

    bl_idname = "BOZZETTO_PT_image_editor"
    bl_label = "Generate from Image"
    bl_space_type = "IMAGE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Bozzetto"

    def draw(self, context: bpy.types.Context) -> None:
        """Few settings: the 3D view's sidebar has them all."""
        layout, group = self.layout, context.scene.bozzetto
        image = context.space_data.image
        if image is None:
            draw_lines(layout, "Open an image here first.", icon="INFO")
            return
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        for name in ("engine", "category", "resolution", "background", "subject"):
            column.prop(group, name)
        if group.subject == "point":
            column.prop(group, "point")
        layout.operator("bozzetto.preview_cut", icon="MOD_MASK").editor = True
        if matte_preview.shows(image):
            draw_preview(layout)
        draw_lack(layout, group)
        row = layout.row()
        row.scale_y = 1.6
        row.operator("bozzetto.generate_from_image", text="Generate from Image", icon="MESH_MONKEY")
        draw_jobs(layout)
        draw_messages(layout)


CLASSES = (BOZZETTO_PT_image_editor,)
