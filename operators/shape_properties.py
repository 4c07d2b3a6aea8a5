"""The properties that shape a result: of the insertion, of the scene's settings, of a record."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..scene.shape_mesh import SMOOTH_ANGLE, ShapeSettings

TOPOLOGY = {
    "name": "Topology",
    "description": "What the surface is made of",
    "items": (
        ("triangles", "Triangles", "As extracted, reduced to the face budget"),
        ("quads", "Quads", "Even quads along the surface (QuadriFlow), for editing"),
        ("voxel", "Voxel", "Even small quads on a grid (Voxel Remesh), for sculpting"),
    ),
    "default": "triangles",
}
FACE_BUDGET = {
    "name": "Face Budget",
    "description": "Number of faces wanted; 0 gives a usual number: about 20,000 triangles at the "
    "detail of 128, 5,000 quads. More triangles than were extracted keep all of them",
    "default": 0,
    "min": 0,
    "soft_max": 200_000,
}
SMOOTHING = {
    "name": "Smooth Angle",
    "description": "Edges between faces that meet at a larger angle stay sharp",
    "subtype": "ANGLE",
    "default": SMOOTH_ANGLE,
    "min": 0.0,
    "max": math.pi,
}
TEXTURE = {
    "name": "Texture",
    "description": "UVs, and colours from the picture: pixels across of the texture",
    "items": (
        ("0", "None", "A plain grey mesh without UVs"),
        ("512", "512", "512 x 512 pixels"),
        ("1024", "1024", "1024 x 1024 pixels"),
        ("2048", "2048", "2048 x 2048 pixels"),
        ("4096", "4096", "4096 x 4096 pixels"),
    ),
    "default": "1024",
}
DELIGHT = {
    "name": "Delight",
    "description": "How much of the picture's light and shade is taken out of the colours",
    "subtype": "FACTOR",
    "default": 0.0,
    "min": 0.0,
    "max": 1.0,
}
NAMES = ("topology", "face_budget", "size", "smooth_angle", "texture", "delight")
"""Fields of ShapeSettings, in the order in which panels show them."""


def read_shape(properties: Mapping[str, Any] | Any) -> ShapeSettings:
    """The shape that an operator's, a group's or a stored insertion's properties describe.

    What is not there gets its default. Raises SettingsError.
    """
    values = {}
    for name in NAMES:
        value = (
            properties.get(name) if isinstance(properties, Mapping) else getattr(properties, name)
        )
        if value is not None:
            values[name] = value
    if "texture" in values:
        values["texture"] = int(values["texture"])
    if 0 < values.get("face_budget", 0) < 4:
        values["face_budget"] = 4  # a slider stops there on its way
    return ShapeSettings(**values)


def write_shape(shape: ShapeSettings | Mapping[str, Any]) -> dict[str, Any]:
    """The same as properties. shape: settings, or those of a record, perhaps an older one's."""
    stored = shape if isinstance(shape, Mapping) else vars(shape)
    values = {name: stored[name] for name in NAMES if name in stored}
    if "texture" in values:
        values["texture"] = str(values["texture"])
    return values
