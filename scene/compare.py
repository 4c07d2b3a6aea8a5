"""The source picture with its mesh: in a camera where it was taken from, or beside it."""

from __future__ import annotations

import math
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ..inference.errors import PictureError
from .record import read_record
from .upright import load_upright

COMPARE = "bozzetto_compare"
"""Key of the custom property on objects and images that were made to compare."""
_SENSOR = 36.0  # millimetres of the camera's longer or shorter side; only the ratio to lens counts
_OPACITY = 0.5
_GAP = 0.1
"""Between mesh and picture, of the mesh's longest side."""
_FILL = 0.85
"""Share of the cut's square that the object's longest side fills."""


def add_comparison(item: bpy.types.Object, scene: bpy.types.Scene) -> bpy.types.Object:
    """Add what shows the source picture with a generated object; the camera or empty.

    A camera, with the picture as its background, where the engine estimated one; else an image
    empty to the left of the object. It is the object's child and goes with it. An earlier one is
    replaced. Raises PictureError when the picture is gone, SettingsError when the object was not
    generated; nothing is left behind then.
    """
    record = read_record(item)
    image = load_picture(record)
    view = record["info"].get("view")
    if view is None:
        child = _make_empty(item, image, record)
    else:
        child = _make_camera(item, image, record["info"], scene)
    name = child.name
    if remove_comparison(item):  # only now: the picture may be the earlier one's
        child.name = name.removesuffix(".001")
    child[COMPARE] = True
    child.parent = item
    collections = [c for c in item.users_collection if c.is_editable] or [scene.collection]
    collections[0].objects.link(child)
    return child


def find_comparison(item: bpy.types.Object | None) -> bpy.types.Object | None:
    """The camera or empty that shows the object's source picture, if there is one."""
    if item is None:
        return None
    return next((child for child in item.children if COMPARE in child), None)


def remove_comparison(item: bpy.types.Object) -> bool:
    """Remove camera or empty and what was loaded for it; whether there was one.

    Views that look through the camera go back to perspective.
    """
    child = find_comparison(item)
    if child is None:
        return False
    leave_views(child)
    data = child.data
    images = [data] if child.type == "EMPTY" else [one.image for one in data.background_images]
    bpy.data.objects.remove(child)
    if isinstance(data, bpy.types.Camera) and not data.users:
        bpy.data.cameras.remove(data)
    for image in images:
        if image is not None and COMPARE in image and not image.users:
            bpy.data.images.remove(image)
    return True


def load_picture(record: dict[str, Any]) -> bpy.types.Image:
    """The picture of a record as an image that stands upright. Raises PictureError.

    An image of the file where there is one, or a new one that is marked with `COMPARE`.
    """
    origin = record["picture"]
    name, path = origin.get("image", ""), origin.get("path", "")
    problem: Exception | None = None
    if path:
        orientation = record["info"].get("picture", {}).get("orientation", 1)
        known = set(bpy.data.images)
        try:
            image = load_upright(path, orientation)
        except (RuntimeError, OSError) as error:
            problem = error
        else:
            if image not in known:
                image[COMPARE] = True
            return image
    if name and (image := bpy.data.images.get(name)) is not None:
        return image
    if path:
        raise PictureError(
            f"The picture {path!r} cannot be opened.", "Put the file back."
        ) from problem
    raise PictureError(
        f"The image {name!r}, which the object was made from, is no longer in the file.",
        "Open it again under that name.",
    )


def fit_camera(camera: bpy.types.Camera, view: dict[str, Any], scene: bpy.types.Scene) -> None:
    """Set lens and shift so that the picture, fitted into the scene's frame, is where it was seen.

    Right as long as the frame stays wider, or stays narrower, than the picture.
    """
    (half_width, half_height), (right, up) = view["half_size"], view["centre"]
    render = scene.render
    frame = (render.resolution_x * render.pixel_aspect_x) / (
        render.resolution_y * render.pixel_aspect_y
    )
    # The picture fills the frame's width, or its height: that side is the one the lens is for.
    wide = half_width / half_height >= frame
    half = half_width if wide else half_height
    camera.sensor_fit = "HORIZONTAL" if wide else "VERTICAL"
    camera.sensor_width = camera.sensor_height = _SENSOR
    camera.lens_unit = "MILLIMETERS"
    camera.lens = _SENSOR / (2 * half)
    camera.shift_x, camera.shift_y = right / (2 * half), up / (2 * half)


def look_through(
    space: bpy.types.SpaceView3D, child: bpy.types.Object, scene: bpy.types.Scene
) -> None:
    """Let a 3D view look through the camera; the scene's own camera stays what it is."""
    record = read_record(child.parent)
    fit_camera(child.data, record["info"]["view"], scene)
    space.use_local_camera = True
    space.camera = child
    space.region_3d.view_perspective = "CAMERA"


def looks_through(space: bpy.types.Space | None, child: bpy.types.Object) -> bool:
    """Whether that 3D view looks through the camera."""
    return (
        isinstance(space, bpy.types.SpaceView3D)
        and space.use_local_camera
        and space.camera == child
        and space.region_3d.view_perspective == "CAMERA"
    )


def leave_views(child: bpy.types.Object) -> None:
    """No 3D view looks through the camera any more."""
    for screen in bpy.data.screens:
        for area in screen.areas:
            for space in area.spaces:
                if space.type == "VIEW_3D" and space.use_local_camera and space.camera == child:
                    if space.region_3d.view_perspective == "CAMERA":
                        space.region_3d.view_perspective = "PERSP"
                    space.use_local_camera = False


def _make_camera(
    item: bpy.types.Object, image: bpy.types.Image, info: dict[str, Any], scene: bpy.types.Scene
) -> bpy.types.Object:
    view = info["view"]
    scale = info.get("inserted", {}).get("scale", 1.0)
    right, up, forward = (Vector(axis) for axis in view["axes"])
    eye = Vector(view["eye"]) * scale
    camera = bpy.data.cameras.new(f"{item.name} camera")
    fit_camera(camera, view, scene)
    camera.clip_start, camera.clip_end = eye.length / 1000, eye.length * 10
    camera.show_background_images = True
    background = camera.background_images.new()
    background.image = image
    background.frame_method = "FIT"
    background.display_depth = "FRONT"
    background.alpha = _OPACITY
    child = bpy.data.objects.new(camera.name, camera)
    child.matrix_basis = (
        Matrix.Translation(eye) @ Matrix((right, up, -forward)).transposed().to_4x4()
    )
    return child


def _make_empty(
    item: bpy.types.Object, image: bpy.types.Image, record: dict[str, Any]
) -> bpy.types.Object:
    corners = np.array([tuple(corner) for corner in item.bound_box])
    low, high = corners.min(axis=0), corners.max(axis=0)
    longest = float((high - low).max())
    width, height = image.size[0] or 1, image.size[1] or 1
    cut = record["info"].get("picture", {})
    # So that the object in the picture is as large as the mesh.
    whole = max(cut["size"]) / cut["crop"][2] / _FILL if "crop" in cut else 1.0
    side = longest * whole
    child = bpy.data.objects.new(f"{item.name} picture", None)
    child.empty_display_type = "IMAGE"
    child.data = image
    child.empty_display_size = side
    child.empty_image_side = "FRONT"
    across = side * width / max(width, height)
    child.location = (
        float(low[0]) - _GAP * longest - across / 2,
        0.0,
        float(low[2] + high[2]) / 2,
    )
    child.rotation_euler = (math.pi / 2, 0.0, 0.0)
    return child
