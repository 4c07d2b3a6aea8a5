"""An image file as Blender's image, upright as its EXIF data says: Blender itself ignores that."""

from __future__ import annotations

import bpy
import numpy as np

MAX_SIDE = 1600
"""Pixels of the longer side of a turned copy."""


def load_upright(path: str, orientation: int = 1) -> bpy.types.Image:
    """The file's image: one of the file where its pixels are upright, else a packed, turned copy.

    orientation: EXIF's number, 1 to 8. Raises RuntimeError when Blender cannot open it.
    """
    if orientation == 1:
        return bpy.data.images.load(path, check_existing=True)
    lying = bpy.data.images.load(path, check_existing=False)
    try:
        width, height = lying.size
        if width * height == 0:
            raise RuntimeError(f"{path!r} cannot be decoded")
        shrink = min(1.0, MAX_SIDE / max(width, height))
        if shrink < 1.0:
            lying.scale(max(1, round(width * shrink)), max(1, round(height * shrink)))
        width, height = lying.size
        flat = np.empty(width * height * lying.channels, np.float32)
        lying.pixels.foreach_get(flat)
        turned = turn_upright(flat.reshape(height, width, lying.channels)[::-1], orientation)
        image = bpy.data.images.new(
            lying.name, turned.shape[1], turned.shape[0], alpha=lying.channels == 4
        )
        rgba = np.ones((*turned.shape[:2], 4), np.float32)
        rgba[..., : turned.shape[2]] = turned
        image.pixels.foreach_set(np.ascontiguousarray(rgba[::-1]).ravel())
        image.pack()
        return image
    finally:
        bpy.data.images.remove(lying)


def turn_upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """[h, w, c], row 0 at the top, as the file holds them -> upright.

    EXIF 2.3, tag Orientation: where the file's row 0 and column 0 are in the upright picture.
    """
    if orientation in (5, 6, 7, 8):  # the file's rows are the picture's columns
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (2, 3, 6, 7):  # column 0 is at the right
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):  # row 0 is at the bottom
        pixels = pixels[::-1]
    return pixels
