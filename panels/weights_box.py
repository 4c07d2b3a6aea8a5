"""The weights in the preferences and in the sidebars, and the menu that chooses among them."""

from __future__ import annotations

import bpy

from ..inference.store.published import Published, describe_bytes, find_published
from ..inference.store.shelf import Condition, Weights
from ..operators.remedies import IMPORT, SYSTEM
from ..scene import runtime, weights
from .lines import draw_lines
from .remedy_buttons import draw_remedy

_COLUMNS = 90
_ICONS = {
    Condition.UNCHECKED: "QUESTION",
    Condition.INTACT: "CHECKMARK",
    Condition.DAMAGED: "ERROR",
    Condition.MISSING: "CANCEL",
}


def draw_weights(layout: bpy.types.UILayout) -> None:
    """A row for each file, what is known of it, what could be downloaded, and the buttons."""
    for item in weights.list_weights():
        _draw_row(layout, item)
    for published in weights.list_missing():
        _draw_missing_row(layout, published)
    if weights.find_progress() is not None:
        draw_progress(layout)
    else:
        _draw_outcome(layout, _COLUMNS)
    row = layout.row()
    row.operator("bozzetto.verify_weights", icon="CHECKMARK")
    row.operator("bozzetto.import_weights", icon="IMPORT", text=IMPORT.text)


def draw_missing_weights(layout: bpy.types.UILayout, engine: str, reason: str) -> None:
    """In a sidebar, where the engine has no weights: why, and the buttons that help."""
    box = layout.box()
    if weights.find_progress() is not None:
        draw_progress(box)
        return
    published = find_published(engine)
    draw_lines(box, f"{reason}.", icon="ERROR")
    draw_lines(
        box,
        f"About {describe_bytes(published.size)} to download, "
        f"{describe_bytes(published.installed_size)} on the disk. "
        f"Licence of the weights: {published.licence}.",
    )
    _draw_outcome(box, 0)
    if not bpy.app.online_access:
        draw_remedy(box, SYSTEM)
    row = box.row()
    row.scale_y = 1.4
    _draw_download(row, published)
    draw_remedy(box, IMPORT)
    box.operator(
        "preferences.addon_show", text="Open Preferences", icon="PREFERENCES"
    ).module = runtime.PACKAGE


def draw_progress(layout: bpy.types.UILayout) -> None:
    """The bar of what is being done, and Cancel."""
    doing, fraction = weights.find_progress()
    row = layout.row()
    row.progress(text=doing, factor=fraction, translate=False)
    row.operator("bozzetto.cancel_weights", icon="X", text="")


def _draw_outcome(layout: bpy.types.UILayout, columns: int) -> None:
    width = {"columns": columns} if columns else {}
    if weights.failure is not None:
        draw_lines(layout, weights.failure.message, icon="ERROR", **width)
        draw_lines(layout, weights.failure.fix, **width)
    elif weights.message:
        draw_lines(layout, weights.message, icon="INFO", **width)


def _draw_row(layout: bpy.types.UILayout, item: Weights) -> None:
    condition = weights.find_condition(item)
    bad = condition in (Condition.DAMAGED, Condition.MISSING)
    published = find_published(item.engine) is not None
    origin = "Ships" if item.bundled else "Installed" if published else "Imported"
    row = _draw_facts(layout, item.name, _ICONS[condition], item.size, item.licence, origin, bad)
    if not item.bundled:
        row.operator("bozzetto.remove_weights", icon="TRASH", text="").name = item.id
    if bad:
        draw_lines(layout, f"{condition.value.capitalize()}. {item.fix}", columns=_COLUMNS)


def _draw_missing_row(layout: bpy.types.UILayout, published: Published) -> None:
    size, origin = published.size, "Not installed"
    _draw_facts(layout, published.name, "IMPORT", size, published.licence, origin, False)
    row = layout.row()
    split = row.split(factor=0.38)
    split.label(text=f"{describe_bytes(published.installed_size)} afterwards", icon="BLANK1")
    buttons = split.row(align=True)
    _draw_download(buttons, published)
    draw_remedy(buttons, IMPORT)


def _draw_facts(
    layout: bpy.types.UILayout,
    name: str,
    icon: str,
    size: int,
    licence: str,
    origin: str,
    bad: bool,
) -> bpy.types.UILayout:
    """One line; what buttons can be added to."""
    row = layout.row()
    row.alert = bad
    split = row.split(factor=0.38)
    split.label(text=name, icon=icon)
    split = split.split(factor=0.2)
    split.label(text=f"{size / 1e6:.1f} MB", translate=False)
    split = split.split(factor=0.55)
    split.label(text=licence, translate=False)
    split.label(text=origin)
    return row.row(align=True)


def _draw_download(layout: bpy.types.UILayout, published: Published) -> None:
    text = weights.describe_download(published)
    layout.operator("bozzetto.download_weights", text=text, icon="IMPORT").engine = published.engine


class BOZZETTO_MT_weights(bpy.types.Menu):
    """Weights to generate with"""

    bl_idname = "BOZZETTO_MT_weights"
    bl_label = "Weights"

    def draw(self, context: bpy.types.Context) -> None:
        """The engine's usual ones, then what was imported."""
        layout, group = self.layout, context.scene.bozzetto
        usual = "Bundled Weights" if find_published(group.engine) is None else "Installed Weights"
        layout.operator("bozzetto.choose_weights", text=usual, icon="PACKAGE").name = ""
        for item in weights.list_imported():
            text = f"{item.name} ({item.engine})"
            chosen = group.checkpoint == str(item.path)
            icon = "CHECKMARK" if chosen else "FILE"
            layout.operator("bozzetto.choose_weights", text=text, icon=icon).name = item.id
        layout.separator()
        layout.operator("bozzetto.import_weights", icon="IMPORT", text=IMPORT.text)


CLASSES = (BOZZETTO_MT_weights,)
