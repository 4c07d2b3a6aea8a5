"""What the artist is doing in Blender's windows, and how a result gets in between."""

from __future__ import annotations

import contextlib
from typing import Any

import bpy


def find_obstacle(modal: frozenset[str]) -> str | None:
    """Why a result cannot go into the scene now, as words for the panel; None: it can.

    modal: identifiers of operators that ran when it was asked for, and therefore are no drag.
    """
    if bpy.app.is_job_running("RENDER"):
        return "Inserted when the render is done"
    for window in bpy.context.window_manager.windows:
        active = window.view_layer.objects.active
        if active is not None and active.mode != "OBJECT":
            return "Inserted when you are back in Object Mode"
    if any(name not in modal for name in list_modal()):
        return "Inserted when the running tool is done"
    return None


def read_selection(view_layer: bpy.types.ViewLayer) -> tuple[frozenset[int], int]:
    """Session uids of the selected objects, and of the active one (0: none)."""
    selected = frozenset(item.session_uid for item in view_layer.objects.selected)
    active = view_layer.objects.active
    return selected, active.session_uid if active else 0


def list_modal() -> frozenset[str]:
    """Identifiers of the operators that run in the windows."""
    windows = bpy.context.window_manager.windows
    return frozenset(one.bl_idname for window in windows for one in window.modal_operators)


def find_window(scene: bpy.types.Scene | None = None) -> bpy.types.Window | None:
    """The window that shows the scene, or any; None: there is none."""
    windows = list(bpy.context.window_manager.windows)
    return next((window for window in windows if window.scene == scene), (windows or [None])[0])


def override_context(window: bpy.types.Window | None) -> Any:
    """The context of a click into the window's 3D view, so that undo and redo panel work."""
    if window is None:  # some background sessions have none
        return contextlib.nullcontext()
    if bpy.app.background:  # its areas were never drawn; Blender crashes when one is the context
        return bpy.context.temp_override(window=window)
    areas = sorted(window.screen.areas, key=lambda area: area.type != "VIEW_3D")
    region = next(region for region in areas[0].regions if region.type == "WINDOW")
    return bpy.context.temp_override(window=window, area=areas[0], region=region)


def redraw() -> None:
    """Draw the sidebars again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "IMAGE_EDITOR"):
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()
