"""The file's history in the sidebar: what was generated, and what can be done with it."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..inference.errors import SettingsError
from ..operators.generate import find_weights_reason
from ..scene import history, thumbnails
from .lines import draw_lines

_SCALE = 5.0


class BOZZETTO_UL_history(bpy.types.UIList):
    """Generations, newest first"""

    bl_idname = "BOZZETTO_UL_history"

    def draw_item(
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: object,
        item: bpy.types.PropertyGroup,
        icon: int,
        active_data: object,
        active_property: str,
    ) -> None:
        """Thumbnail, name, engine and when."""
        row = layout.row(align=True)
        number = find_icon(item)
        if number:
            row.label(text=item.name, icon_value=number, translate=False)
        else:
            row.label(text=item.name, icon="IMAGE_DATA", translate=False)
        side = row.row()
        side.alignment = "RIGHT"
        side.active = False
        side.label(text=f"{item.engine}  {item.when[5:]}", translate=False)


class BOZZETTO_PT_history(bpy.types.Panel):
    """What was generated in this file"""

    bl_idname = "BOZZETTO_PT_history"
    bl_label = "History"
    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Bozzetto"
    bl_parent_id = "BOZZETTO_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """The list, and the chosen entry."""
        layout, group = self.layout, context.scene.bozzetto
        if not group.history:
            layout.label(text="Nothing was generated in this file yet")
            return
        row = layout.row()
        row.template_list(
            "BOZZETTO_UL_history", "", group, "history", group, "history_index", rows=4
        )
        side = row.column(align=True)
        side.operator("bozzetto.history_remove", text="", icon="REMOVE")
        side.operator("bozzetto.history_clear", text="", icon="TRASH")
        if 0 <= group.history_index < len(group.history):
            _draw_entry(layout, context.scene, group.history[group.history_index])


def _draw_entry(
    layout: bpy.types.UILayout, scene: bpy.types.Scene, entry: bpy.types.PropertyGroup
) -> None:
    row = layout.row()
    icon = find_icon(entry)
    if icon:
        row.template_icon(icon_value=icon, scale=_SCALE)
    column = row.column(align=True)
    for text in describe_entry(entry):
        column.label(text=text, translate=False)
    there = history.find_object(scene, entry) is not None
    column = layout.column(align=True)
    line = column.row(align=True)
    lack = find_entry_lack(entry)
    running = line.row(align=True)
    running.enabled = not lack
    running.operator("bozzetto.history_run", icon="FILE_REFRESH")
    selecting = line.row(align=True)
    selecting.enabled = there
    selecting.operator(
        "bozzetto.history_select",
        text="Select Object" if there else "Object Is Gone",
        icon="RESTRICT_SELECT_OFF",
    )
    column.operator("bozzetto.history_restore", icon="LOOP_BACK")
    if lack:
        draw_lines(layout, f"{lack}.", icon="ERROR")


def find_entry_lack(entry: bpy.types.PropertyGroup) -> str:
    """What weights are missing to run it again; empty: none, or the entry is damaged anyway."""
    try:
        settings, _, _ = history.read_entry(entry)
    except SettingsError:
        return ""
    return find_weights_reason(settings.engine, settings.checkpoint)


def describe_entry(entry: bpy.types.PropertyGroup) -> list[str]:
    """Engine and class, when, seconds, seed, as lines for the panel."""
    made = f"{entry.engine}, {entry.category}" if entry.category else entry.engine
    return [
        made,
        entry.when,
        iface_("{seconds} s, seed {seed}").format(seconds=f"{entry.seconds:.1f}", seed=entry.seed),
    ]


def find_icon(entry: bpy.types.PropertyGroup) -> int:
    """Icon number of an entry's thumbnail, made on first use; 0: it has none."""
    key = f"history {entry.identity}"
    if entry.thumbnail and not thumbnails.has(key):
        pixels = history.unpack_pixels(entry.thumbnail)
        if pixels is None:
            return 0
        return thumbnails.show_pixels(key, pixels)
    return thumbnails.find_icon(key)


CLASSES = (BOZZETTO_UL_history, BOZZETTO_PT_history)
