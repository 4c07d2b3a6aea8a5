"""Small pictures for the panels. They live beside the file's data and are never saved with it."""

from __future__ import annotations

from pathlib import Path

import bpy
import bpy.utils.previews
import numpy as np

MAX_COUNT = 200
"""Kept at most; then all are made anew as they are asked for."""
_previews: bpy.utils.previews.ImagePreviewCollection | None = None


def find_file_icon(path: str) -> int:
    """Icon number of an image file's thumbnail, which Blender loads by itself; 0: no such file."""
    file = Path(bpy.path.abspath(path))
    try:
        stamp = file.stat().st_mtime_ns if file.is_file() else 0
    except (OSError, ValueError):
        return 0
    if not stamp:
        return 0
    key = f"file {stamp} {file}"
    previews = _get_previews()
    if key not in previews:
        previews.load(key, str(file), "IMAGE")
    return previews[key].icon_id


def find_icon(key: str) -> int:
    """Icon number of a picture shown before under that key; 0: there is none."""
    return _previews[key].icon_id if _previews is not None and key in _previews else 0


def has(key: str) -> bool:
    """Whether there is one under that key."""
    return _previews is not None and key in _previews


def show_pixels(key: str, rgba: np.ndarray) -> int:
    """Icon number for uint8 [h, w, 4], straight alpha, row 0 at the top; kept under the key."""
    previews = _get_previews()
    forget(key)  # a new one: Blender keeps drawing the old pixels of a changed one
    preview = previews.new(key)
    preview.image_size = rgba.shape[1], rgba.shape[0]
    pixels = (rgba[::-1].astype(np.float32) / 255).ravel()
    preview.image_pixels_float.foreach_set(pixels)
    return preview.icon_id


def forget(key: str) -> None:
    """Free one."""
    if _previews is not None and key in _previews:
        del _previews[key]


def count() -> int:
    """How many are kept."""
    return 0 if _previews is None else len(_previews)


def close() -> None:
    """Free all: the extension is disabled."""
    global _previews
    if _previews is not None:
        bpy.utils.previews.remove(_previews)
        _previews = None


def _get_previews() -> bpy.utils.previews.ImagePreviewCollection:
    global _previews
    if _previews is not None and len(_previews) >= MAX_COUNT:
        close()
    if _previews is None:
        _previews = bpy.utils.previews.new()
    return _previews
