"""Steps for the README's pictures: the panel with our chair, then its mesh in the scene."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import bpy
from mathutils import Euler

GENERATE = "bpy.ops.bozzetto.generate("
TURN = (1.2, 0.0, 0.6)  # radians: from the right, a little above
BELOW = 32  # pixels from a point on the last button to the panel's edge
ROOM = 1.5  # times the distance at which the object fills the view


def steps(ui: Any) -> Generator[float, None, None]:
    """Parameters: picture, a path. Facts: the panel's box on the screenshot, the object."""
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    group = bpy.context.scene.bozzetto
    group.image = bpy.data.images.load(ui.parameters["picture"])
    bpy.ops.ed.undo_push(message="Choose a picture")
    region = yield from ui.open_sidebar("Bozzetto")
    yield 1.0  # the thumbnail is drawn in the background
    yield from ui.find_button(GENERATE)
    _, row = ui.pointer
    height = bpy.context.window_manager.windows[0].height
    top, bottom = height - region.y - region.height, height - row + BELOW
    ui.record("panel", [region.x, top, region.x + region.width, bottom])
    yield from ui.rest_pointer()
    yield from ui.shot("panel")
    yield from ui.click_button(GENERATE)
    yield from ui.wait(lambda: bpy.context.selected_objects, 120)
    ui.record("object", [item.name for item in bpy.context.selected_objects])
    view = ui.area("VIEW_3D").spaces.active.region_3d
    yield from ui.rest_pointer()
    yield 1.0  # the view moves smoothly to the object
    view.view_rotation = Euler(TURN).to_quaternion()
    view.view_distance *= ROOM
    yield 1.0
    yield from ui.shot("window_result")
