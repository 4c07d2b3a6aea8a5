"""Texts longer than a label."""

import textwrap

import bpy
from bpy.app.translations import pgettext_iface as iface_

COLUMNS = 36
"""Characters that fit a label in a box at the sidebar's usual width."""
_ICON_COLUMNS = 4
"""What an icon takes of them."""


def draw_lines(
    layout: bpy.types.UILayout, text: str, icon: str = "NONE", columns: int = COLUMNS
) -> None:
    """A text over as many labels as it needs; Blender's labels do not wrap.

    It is translated as a whole.
    """
    column = layout.column(align=True)
    width = columns if icon == "NONE" else columns - _ICON_COLUMNS
    for number, line in enumerate(textwrap.wrap(iface_(text), width)):
        shown = icon if number == 0 else "BLANK1" if icon != "NONE" else icon
        column.label(text=line, icon=shown)
