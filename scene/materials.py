"""Materials of generated objects."""

from __future__ import annotations

import bpy

_GREY = (0.55, 0.55, 0.55, 1.0)


def make_material(name: str) -> bpy.types.Material:
    """A plain grey Principled material."""
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):  # later every material has nodes
        material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = _GREY
    shader.inputs["Roughness"].default_value = 0.7
    material.diffuse_color = _GREY  # what Solid view shows
    return material
