"""The sidebar's tab."""

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..inference.store.published import find_published
from ..operators import jobs, status
from ..operators.export import list_exported
from ..operators.generate import find_runtime_reason, find_weights_reason
from ..operators.remedies import find_remedies
from ..operators.shape_properties import NAMES
from ..operators.window import find_obstacle
from ..scene.replace import find_lack
from .batch_box import draw_batches
from .lines import draw_lines
from .picture import draw_picture
from .remedy_buttons import draw_remedy
from .runtime_box import draw_missing
from .weights_box import draw_missing_weights

ENGINE_LIMITS = {
    "pixel": "Keeps the outline. Surfaces are rough, what the picture hides is a guess.",
    "imnet": "A usual shape of its class, smooth. Outline, thin parts and details are not kept.",
    "triposr": "Its weights must be downloaded. A minute or more on a processor. Keeps the pose of "
    "the picture: leans forward when seen from above. We have not tried the published weights.",
}
"""What each engine is bad at, said before the click."""


class BOZZETTO_PT_main(bpy.types.Panel):
    """Picture, settings, Generate, and what is going on"""

    bl_idname = "BOZZETTO_PT_main"
    bl_label = "Generate from Image"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Bozzetto"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw it all."""
        layout, group = self.layout, context.scene.bozzetto
        draw_picture(layout, context)
        column = layout.column()
        column.use_property_split = True
        column.use_property_decorate = False
        column.prop(group, "engine")
        column.prop(group, "category")
        column.prop(group, "resolution")
        draw_lines(layout, ENGINE_LIMITS[group.engine], icon="INFO")
        _draw_mesh(layout, group)
        _draw_more(layout, group)
        draw_lack(layout, group)
        row = layout.row()
        row.scale_y = 1.6
        row.operator("bozzetto.generate", icon="MESH_MONKEY")
        if not find_lack(context.active_object):
            layout.operator("bozzetto.replace", icon="FILE_REFRESH")
        draw_jobs(layout)
        draw_messages(layout)
        if list_exported(context):
            layout.operator("bozzetto.export", icon="EXPORT", text="Export...")
            layout.operator("bozzetto.add_lods", icon="MOD_DECIM")
        draw_batches(layout)
        if not (jobs.requests or jobs.finished or jobs.later) and bpy.ops.bozzetto.release.poll():
            layout.operator("bozzetto.release", icon="TRASH")


def draw_lack(layout: bpy.types.UILayout, group: bpy.types.PropertyGroup) -> None:
    """What is missing before anything can be generated, with the buttons that get it."""
    if reason := find_runtime_reason():
        draw_missing(layout, reason)
    elif reason := find_weights_reason(group.engine, group.checkpoint):
        draw_missing_weights(layout, group.engine, reason)


def _draw_mesh(layout: bpy.types.UILayout, group: bpy.types.PropertyGroup) -> None:
    header, body = layout.panel("BOZZETTO_PT_main_mesh", default_closed=True)
    header.label(text="Mesh")
    if body is None:
        return
    body.use_property_split = True
    body.use_property_decorate = False
    for name in NAMES:
        row = body.row()
        row.enabled = name != "delight" or group.texture != "0"
        row.prop(group, name)


def _draw_more(layout: bpy.types.UILayout, group: bpy.types.PropertyGroup) -> None:
    header, body = layout.panel("BOZZETTO_PT_main_more", default_closed=True)
    header.label(text="More Settings")
    if body is None:
        return
    body.use_property_split = True
    body.use_property_decorate = False
    body.prop(group, "background")
    body.prop(group, "subject")
    if group.subject == "point":
        body.prop(group, "point")
    for name in ("facing", "symmetry", "seed", "location"):
        body.prop(group, name)
    body.prop(group, "frame")
    row = body.row(align=True)
    usual = "Bundled" if find_published(group.engine) is None else "Installed"
    row.prop(group, "checkpoint", placeholder=usual)
    row.menu("BOZZETTO_MT_weights", text="", icon="DOWNARROW_HLT")


def draw_jobs(layout: bpy.types.UILayout) -> None:
    """What runs, what waits, and Cancel."""
    running = jobs.find_running()
    if running is not None:
        layout.progress(
            text=status.describe_progress(running), factor=running.fraction, translate=False
        )
    if waiting := jobs.count_waiting():
        text = iface_("{count} waiting").format(count=waiting)
        layout.label(text=text, translate=False)
    if jobs.is_shaping():
        draw_lines(layout, jobs.SHAPING, icon="TIME")
    if jobs.finished:
        obstacle = find_obstacle(jobs.finished[0].modal)
        draw_lines(layout, obstacle or "Inserting", icon="TIME")
        layout.operator("bozzetto.insert_waiting", icon="IMPORT")
    if jobs.requests or jobs.finished or jobs.later:
        layout.operator("bozzetto.cancel", icon="X")


def draw_messages(layout: bpy.types.UILayout) -> None:
    """Notes on the last result, or the last error."""
    for note in jobs.notes:
        draw_lines(layout, note, icon="INFO")
    failure = jobs.failure
    if failure is None:
        return
    box = layout.box()
    draw_lines(box, failure.message, icon="ERROR")
    draw_lines(box, failure.fix)
    for remedy in find_remedies(failure.error, failure.settings):
        draw_remedy(box, remedy)
    box.operator("bozzetto.copy_report", icon="COPYDOWN")


CLASSES = (BOZZETTO_PT_main,)
