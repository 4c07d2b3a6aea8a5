"""Where a new object stands when several come at once."""

from __future__ import annotations

import bpy
import numpy as np

from .record import MARK

GAP = 0.1
"""Between two objects, of the wider one's width."""


def move_beside(item: bpy.types.Object, scene: bpy.types.Scene) -> None:
    """Move a new object to the right (+X) until its box meets no other generated object's.

    The object must not be turned, scaled or parented, as `insert` leaves it.
    """
    for view_layer in scene.view_layers:
        view_layer.update()  # objects that have just come have no world matrix before
    others = [_find_box(other) for other in scene.objects if other != item and _is_solid(other)]
    low, high = _find_box(item)
    shift = 0.0
    while True:
        met = [
            box
            for box in others
            if (low[0] + shift < box[1][0] and box[0][0] < high[0] + shift)
            and (low[1] < box[1][1] and box[0][1] < high[1])
        ]
        if not met:
            break
        right = max(box[1][0] for box in met)
        width = max(high[0] - low[0], *(box[1][0] - box[0][0] for box in met))
        shift = right + GAP * width - low[0]
    item.location.x += shift


def _is_solid(item: bpy.types.Object) -> bool:
    return item.type == "MESH" and MARK in item


def _find_box(item: bpy.types.Object) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest corner in the world."""
    matrix = np.array(item.matrix_world)
    corners = np.array([tuple(corner) for corner in item.bound_box]) @ matrix[:3, :3].T
    corners += matrix[:3, 3]
    return corners.min(axis=0), corners.max(axis=0)
