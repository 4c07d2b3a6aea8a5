"""The runtime in the preferences and in the sidebar: its state, and the buttons that fit it."""

from __future__ import annotations

import bpy

from ..inference.runtime.folder import State
from ..operators.remedies import SYSTEM
from ..scene import runtime, runtime_setup
from .lines import draw_lines
from .remedy_buttons import draw_remedy

_PREFERENCES_COLUMNS = 90
"""Characters that fit a line of the preferences."""


def draw_box(layout: bpy.types.UILayout, preferences: bpy.types.AddonPreferences) -> None:
    """All of it, for the preferences."""
    box = layout.box()
    box.use_property_split = True
    status = runtime_setup.find_status()
    _draw_status(box, status)
    if runtime_setup.find_task() is not None:
        draw_progress(box, columns=_PREFERENCES_COLUMNS)
    else:
        _draw_outcome(box)
        box.prop(preferences, "torch_build")
        box.prop(preferences, "base_python")
        row = box.row()
        row.scale_y = 1.6
        label = {State.MISSING: "Set Up", State.DAMAGED: "Repair"}.get(status.state)
        if label is not None:
            row.operator("bozzetto.set_up_runtime", text=label, icon="IMPORT")
    row = box.row()
    if status.state is not State.MISSING:
        row.operator("bozzetto.verify_runtime", icon="CHECKMARK")
        if status.state is State.READY:
            row.operator("bozzetto.set_up_runtime", text="Repair", icon="FILE_REFRESH")
    folder = runtime.find_runtime_folder()
    if folder is not None and folder.holds_anything():
        row.operator("bozzetto.remove_runtime", icon="TRASH")
    row.operator("bozzetto.show_set_up_log", icon="TEXT")
    row.operator("bozzetto.copy_set_up_report", icon="COPYDOWN")
    if preferences.worker_python:
        draw_lines(
            box,
            "Not in use: the field Python below names another one. Empty it to use this.",
            icon="INFO",
            columns=_PREFERENCES_COLUMNS,
        )


def draw_missing(layout: bpy.types.UILayout, reason: str) -> None:
    """In the sidebar, where no worker could start: why, and the button that helps."""
    box = layout.box()
    if runtime_setup.find_task() is not None:
        draw_progress(box)
        return
    draw_lines(box, reason, icon="ERROR")
    failure = runtime_setup.failure
    if failure is not None:
        draw_lines(box, f"{failure.message} {failure.fix}")
    if runtime.find_runtime_folder() is not None and not runtime.is_named_by_hand():
        if not bpy.app.online_access:
            draw_remedy(box, SYSTEM)
        missing = runtime_setup.find_status().state is State.MISSING
        row = box.row()
        row.scale_y = 1.4
        text = "Set Up" if missing else "Repair"
        row.operator("bozzetto.set_up_runtime", text=text, icon="IMPORT")
    box.operator(
        "preferences.addon_show", text="Open Preferences", icon="PREFERENCES"
    ).module = runtime.PACKAGE


def draw_progress(layout: bpy.types.UILayout, columns: int = 0) -> None:
    """The running task's bar, its last line and Cancel."""
    progress = runtime_setup.find_task().progress
    layout.progress(text=progress.phase, factor=progress.fraction)
    limit = columns or 44
    layout.label(text=progress.line[:limit])
    layout.operator("bozzetto.cancel_set_up", icon="X")


def _draw_status(layout: bpy.types.UILayout, status: object) -> None:
    if status.state is State.MISSING:
        text, icon = "The Python that runs the network: not set up", "INFO"
    elif status.state is State.DAMAGED:
        text, icon = f"The Python that runs the network is damaged. {status.reason}", "ERROR"
    else:
        text = f"Ready: {runtime_setup.describe_record(status.record)}"
        icon = "CHECKMARK"
    draw_lines(layout, text, icon=icon, columns=_PREFERENCES_COLUMNS)
    for note in status.record.get("notes", ()):
        draw_lines(layout, note, icon="INFO", columns=_PREFERENCES_COLUMNS)


def _draw_outcome(layout: bpy.types.UILayout) -> None:
    failure = runtime_setup.failure
    if failure is not None:
        draw_lines(layout, failure.message, icon="ERROR", columns=_PREFERENCES_COLUMNS)
        draw_lines(layout, failure.fix, columns=_PREFERENCES_COLUMNS)
    elif runtime_setup.message:
        draw_lines(layout, runtime_setup.message, columns=_PREFERENCES_COLUMNS)
