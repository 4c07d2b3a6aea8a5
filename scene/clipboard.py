"""The picture in the system's clipboard, by Blender's own operator of the Image Editor."""

from __future__ import annotations

import bpy

from ..inference.errors import PictureError

_COPY_FIRST = "Copy a picture first, or choose a file."


def paste_picture(context: bpy.types.Context) -> bpy.types.Image:
    """A new, packed image of the file with what the clipboard holds.

    Blender pastes into an Image Editor: one that is open, which keeps the image it shows, or an
    area that is one for a moment. Raises PictureError when the clipboard holds no picture.
    """
    if not _has_window():
        raise PictureError("Blender without a window has no clipboard.", "Choose a file.")
    if not _can_read_pictures():
        raise PictureError(
            "On this system Blender cannot read pictures from the clipboard.",
            "Save the picture as a file and choose that.",
        )
    window, area, is_borrowed = _choose_area(context)
    before = set(bpy.data.images)
    kind = area.ui_type
    if is_borrowed:
        area.ui_type = "IMAGE_EDITOR"
    space = area.spaces.active
    shown = space.image
    try:
        _paste(window, area)
    finally:
        space.image = shown
        if is_borrowed:
            area.ui_type = kind
    image = next((image for image in bpy.data.images if image not in before), None)
    if image is None:
        raise PictureError("The clipboard holds no picture.", _COPY_FIRST)
    if image.packed_file is None:
        image.pack()  # it has no file: without it the picture would be lost with the session
    return image


def _paste(window: bpy.types.Window, area: bpy.types.Area) -> None:
    region = next(region for region in area.regions if region.type == "WINDOW")
    with bpy.context.temp_override(window=window, area=area, region=region):
        if not bpy.ops.image.clipboard_paste.poll():
            return
        try:
            bpy.ops.image.clipboard_paste("EXEC_DEFAULT", False)
        except RuntimeError as error:  # the operator's report
            raise PictureError(str(error).removeprefix("Error: ").strip(), _COPY_FIRST) from error


def _choose_area(
    context: bpy.types.Context,
) -> tuple[bpy.types.Window, bpy.types.Area, bool]:
    """An Image Editor, else an area that can be one for a moment: rather not the one clicked in."""
    windows = [context.window, *(w for w in context.window_manager.windows if w != context.window)]
    areas = [(window, area) for window in windows for area in window.screen.areas]
    for window, area in areas:
        if area.type == "IMAGE_EDITOR":
            return window, area, False
    others = [pair for pair in areas if pair[1] != context.area]
    window, area = (others or areas)[0]
    return window, area, True


def _has_window() -> bool:
    return not bpy.app.background


def _can_read_pictures() -> bool:
    """Whether the window system gives pictures; True where this Blender does not tell."""
    try:
        from _bpy import _wm_capabilities  # as Blender's own preferences; crashes without a window
    except ImportError:
        return True
    return bool(_wm_capabilities().get("CLIPBOARD_IMAGES", True))
