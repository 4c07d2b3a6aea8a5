"""One colour for a material of Blender that is a graph of shader nodes.

A procedural material has no one colour. What people would call its colour is near the mean of the
constants that reach the base colour: ramps, mixes and plain values upstream of it.
"""

from __future__ import annotations

import colorsys
import hashlib
from typing import Any

import numpy as np

_SHADER_COLOURS = {
    "BSDF_PRINCIPLED": "Base Color",
    "BSDF_DIFFUSE": "Color",
    "BSDF_GLOSSY": "Color",
    "BSDF_GLASS": "Color",
    "BSDF_REFRACTION": "Color",
    "BSDF_TRANSLUCENT": "Color",
    "BSDF_SHEEN": "Color",
    "EMISSION": "Color",
}
_MAX_NODES = 400


def material_colour(material: Any, name: str) -> tuple[float, float, float]:
    """sRGB colour of a bpy Material; a colour seeded by `name` where its graph has no constant."""
    found: list[np.ndarray] = []
    if material is not None and material.node_tree is not None:
        for node in _all_nodes(material.node_tree):
            socket = node.inputs.get(_SHADER_COLOURS.get(node.type, ""))
            if socket is not None:
                found += _constants(socket)
    found = [colour for colour in found if np.isfinite(colour).all()]
    if not found:
        return seeded_colour(name)
    linear = np.clip(np.mean(found, axis=0), 0.0, 1.0)
    red, green, blue = (float(value) for value in srgb(linear))
    return red, green, blue


def seeded_colour(name: str) -> tuple[float, float, float]:
    """A colour as things of wood, cloth and paint have, the same in every run for one name."""
    digest = hashlib.md5(name.encode()).digest()
    hue, saturation, value = (byte / 255 for byte in digest[:3])
    return colorsys.hsv_to_rgb(hue, 0.1 + 0.5 * saturation, 0.3 + 0.6 * value)


def srgb(linear: np.ndarray) -> np.ndarray:
    """Display values of linear light in 0-1 (IEC 61966-2-1)."""
    low = 12.92 * linear
    return np.where(linear <= 0.0031308, low, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


def _all_nodes(tree: Any, depth: int = 0) -> list[Any]:
    nodes = []
    for node in tree.nodes:
        if node.type == "GROUP" and node.node_tree is not None and depth < 4:
            nodes += _all_nodes(node.node_tree, depth + 1)
        else:
            nodes.append(node)
    return nodes[:_MAX_NODES]


def _constants(socket: Any) -> list[np.ndarray]:
    """Linear colours [3] upstream of a colour input; a ramp counts once, as its mean."""
    found: list[np.ndarray] = []
    seen: set[int] = set()
    waiting = [socket]
    while waiting and len(seen) < _MAX_NODES:
        current = waiting.pop()
        if not current.is_linked:
            if current.type == "RGBA":
                found.append(np.array(current.default_value[:3]))
            continue
        for link in current.links:
            node = link.from_node
            if node.as_pointer() in seen:
                continue
            seen.add(node.as_pointer())
            if node.type == "VALTORGB":
                stops = [np.array(stop.color[:3]) for stop in node.color_ramp.elements]
                found.append(np.mean(stops, axis=0))
            elif node.type == "RGB":
                found.append(np.array(node.outputs[0].default_value[:3]))
            else:
                # Only the inputs that carry colour: a texture's scale is not one.
                waiting += [i for i in node.inputs if i.type == "RGBA" and i.enabled]
    return found
