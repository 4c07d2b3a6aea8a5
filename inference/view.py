"""Where a picture was taken from, in the frame of the mesh that is delivered."""

from __future__ import annotations

from typing import Any

from .types import Pinhole, Vec3


def describe_view(
    pinhole: Pinhole,
    *,
    crop: tuple[float, float, float],
    size: tuple[int, int],
    scale: float,
    ground: Vec3,
) -> dict[str, Any]:
    """The camera of the whole picture, in plain JSON types.

    pinhole: of the cutout's square, object space. crop: (left, top, side) of that square in the
    picture's pixels. size: (width, height) of the picture in pixels. scale, ground: as
    `finish_surface` places the mesh (info["placement"]).

    eye: place in the mesh's own space, metres. axes: unit vectors right, up, forward. half_size:
    half of the picture's width and height on the plane one unit in front of the eye. centre: the
    picture's middle on that plane, to the right and up.
    """
    left, top, side = crop
    width, height = size
    unit = 2 * pinhole.half_side / side  # of the plane, for one pixel
    right = pinhole.centre[0] + unit * (width / 2 - (left + side / 2))
    up = pinhole.centre[1] - unit * (height / 2 - (top + side / 2))
    return {
        "eye": [scale * (a - b) for a, b in zip(pinhole.eye, ground, strict=True)],
        "axes": [list(axis) for axis in pinhole.axes],
        "half_size": [unit * width / 2, unit * height / 2],
        "centre": [right, up],
    }
