"""UVs, texture and vertex colours of a mesh, as the worker made them, in Blender's data."""

from __future__ import annotations

import bpy
import numpy as np

from ..inference.types import PackedCoating
from .picture import decode_srgb

UV_MAP, COLOUR = "UVMap", "Color"
"""Names that Blender itself gives a first UV map and a first colour attribute."""
TEXTURE_MARK = "bozzetto_texture"
"""Key of the custom property on images that are a generated object's colours."""


def apply_coating(mesh: bpy.types.Mesh, coating: PackedCoating) -> None:
    """Give a mesh its UV map and its colour attribute.

    mesh: with the polygons that the coating was made for, in the same order.
    """
    layer = mesh.uv_layers.new(name=UV_MAP, do_init=False)
    layer.uv.foreach_set("vector", np.ascontiguousarray(coating.uv, np.float32).ravel())
    attribute = mesh.color_attributes.new(COLOUR, "BYTE_COLOR", "POINT")
    colours = coating.colours.astype(np.float32) / 255.0
    attribute.data.foreach_set("color_srgb", colours.ravel())
    mesh.color_attributes.active_color = attribute
    mesh.color_attributes.render_color_index = mesh.color_attributes.active_color_index


def make_texture(coating: PackedCoating, name: str) -> bpy.types.Image:
    """The texture as a packed image of the file."""
    side = int(coating.report["side"])
    image = bpy.data.images.new(name, side, side)
    image.pack(data=coating.texture, data_len=len(coating.texture))
    image.source = "FILE"  # of its packed bytes, not Blender's own black picture
    image[TEXTURE_MARK] = True
    return image


def average_colour(coating: PackedCoating) -> tuple[float, float, float, float]:
    """The mean of the vertices' colours, in linear light."""
    mean = decode_srgb(coating.colours[:, :3].astype(np.float32) / 255.0).mean(axis=0)
    return (*(float(value) for value in mean), 1.0)
