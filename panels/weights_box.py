"""The weights in the preferences, and the menu that chooses among them."""

from __future__ import annotations

import bpy

from ..inference.store.shelf import Condition, Weights
from ..scene import weights
from .lines import draw_lines

_COLUMNS = 90
_ICONS = {
    Condition.UNCHECKED: "QUESTION",
    Condition.INTACT: "CHECKMARK",
    Condition.DAMAGED: "ERROR",
    Condition.MISSING: "CANCEL",
}


def draw_weights(layout: bpy.types.UILayout) -> None:
    """A row for each file, what is known of it, and the buttons."""
    for item in weights.list_weights():
        _draw_row(layout, item)
    progress = weights.find_progress()
    if progress is not None:
        doing, fraction = progress
        row = layout.row()
        row.progress(text=doing, factor=fraction)
        row.operator("bozzetto.cancel_weights", icon="X", text="")
    elif weights.failure is not None:
        draw_lines(layout, weights.failure.message, icon="ERROR", columns=_COLUMNS)
        draw_lines(layout, weights.failure.fix, columns=_COLUMNS)
    elif weights.message:
        draw_lines(layout, weights.message, icon="INFO", columns=_COLUMNS)
    row = layout.row()
    row.operator("bozzetto.verify_weights", icon="CHECKMARK")
    row.operator("bozzetto.import_weights", icon="IMPORT", text="Import Checkpoint...")


def _draw_row(layout: bpy.types.UILayout, item: Weights) -> None:
    condition = weights.find_condition(item)
    bad = condition in (Condition.DAMAGED, Condition.MISSING)
    row = layout.row()
    row.alert = bad
    split = row.split(factor=0.38)
    split.label(text=item.name, icon=_ICONS[condition])
    split = split.split(factor=0.2)
    split.label(text=f"{item.size / 1e6:.1f} MB", translate=False)
    split = split.split(factor=0.55)
    split.label(text=item.licence, translate=False)
    split.label(text="Ships" if item.bundled else "Imported")
    buttons = row.row(align=True)
    if not item.bundled:
        buttons.operator("bozzetto.remove_weights", icon="TRASH", text="").name = item.id
    if bad:
        draw_lines(layout, f"{condition.value.capitalize()}. {item.fix}", columns=_COLUMNS)


class BOZZETTO_MT_weights(bpy.types.Menu):
    """Weights to generate with"""

    bl_idname = "BOZZETTO_MT_weights"
    bl_label = "Weights"

    def draw(self, context: bpy.types.Context) -> None:
        """The bundled ones, then what was imported."""
        layout = self.layout
        layout.operator("bozzetto.choose_weights", text="Bundled Weights", icon="PACKAGE").name = ""
        imported = weights.list_imported()
        for item in imported:
            text = f"{item.name} ({item.engine})"
            chosen = context.scene.bozzetto.checkpoint == str(item.path)
            icon = "CHECKMARK" if chosen else "FILE"
            layout.operator("bozzetto.choose_weights", text=text, icon=icon).name = item.id
        layout.separator()
        layout.operator("bozzetto.import_weights", icon="IMPORT", text="Import Checkpoint...")


CLASSES = (BOZZETTO_MT_weights,)
