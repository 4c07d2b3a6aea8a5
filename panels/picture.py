"""The chosen picture in the sidebars: where it comes from, its thumbnail, what is cut out of it."""

from __future__ import annotations

import bpy

from ..scene import matte_preview, thumbnails
from .lines import draw_lines
from .properties import find_chosen

_SCALE = 7.0
"""Height of a large thumbnail, in rows of buttons."""


def draw_picture(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Choose it; see it, or what would be taken of it."""
    group = context.scene.bozzetto
    chosen = find_chosen(group)
    layout.template_ID_preview(group, "image", open="image.open", rows=3, cols=4)
    if group.image is None:
        layout.prop(group, "filepath", text="", placeholder="or a picture file")
        icon = thumbnails.find_file_icon(group.filepath) if group.filepath else 0
        if icon and not matte_preview.shows(chosen):
            layout.template_icon(icon_value=icon, scale=_SCALE)
    row = layout.row(align=True)
    row.operator("bozzetto.preview_cut", icon="MOD_MASK")
    row.operator("bozzetto.use_editor_image", text="", icon="IMAGE")
    row.operator("bozzetto.paste_picture", text="", icon="PASTEDOWN")
    if matte_preview.shows(chosen):
        draw_preview(layout)


def draw_preview(layout: bpy.types.UILayout) -> None:
    """The cut: what is taken in full colour, the rest dimmed; and what the artist should know."""
    preview = matte_preview.preview
    box = layout.box()
    row = box.row()
    row.label(text="Looking at the picture" if preview.waiting else "What will be taken")
    row.operator("bozzetto.close_cut_preview", text="", icon="X", emboss=False)
    if icon := matte_preview.find_icon():
        picture = box.column()
        picture.active = not preview.waiting
        picture.template_icon(icon_value=icon, scale=_SCALE)
    if preview.error is not None:
        draw_lines(box, preview.error.message, icon="ERROR")
        draw_lines(box, preview.error.fix)
    elif preview.cut is not None:
        for message in preview.cut.messages:
            draw_lines(box, message, icon="INFO")
