"""Draws the buttons that an error offers."""

import bpy

from ..operators.remedies import Remedy


def draw_remedy(layout: bpy.types.UILayout, remedy: Remedy) -> None:
    """One button; it asks for what it needs, such as a file, as if clicked elsewhere."""
    row = layout.row()
    row.operator_context = "INVOKE_DEFAULT"
    button = row.operator(remedy.operator, text=remedy.text, icon=remedy.icon)
    for name, value in remedy.properties.items():
        setattr(button, name, value)
