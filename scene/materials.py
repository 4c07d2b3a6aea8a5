"""Materials of generated objects."""

from __future__ import annotations

import bpy

from ..inference.types import PackedCoating
from .coating import TEXTURE_MARK, average_colour, make_texture

_GREY = (0.55, 0.55, 0.55, 1.0)
_ROUGHNESS = 0.7


def make_material(name: str, coating: PackedCoating | None = None) -> bpy.types.Material:
    """A Principled material: coloured by the coating's texture, or plain grey without one."""
    material = bpy.data.materials.new(name)
    try:
        if bpy.app.version < (5, 0, 0):  # later every material has nodes
            material.use_nodes = True
        shader = _find_shader(material)
        shader.inputs["Base Color"].default_value = _GREY
        shader.inputs["Roughness"].default_value = _ROUGHNESS
        material.diffuse_color = _GREY  # what Solid view shows
        if coating is not None:
            node = material.node_tree.nodes.new("ShaderNodeTexImage")
            node.location = shader.location.x - 320, shader.location.y
            material.node_tree.links.new(node.outputs["Color"], shader.inputs["Base Color"])
            material.node_tree.nodes.active = node  # what Solid view's Texture colours show
            _set_texture(material, node, coating, name)
    except BaseException:
        bpy.data.materials.remove(material)
        raise
    return material


def remove_material(material: bpy.types.Material) -> None:
    """Remove a material that `make_material` made, with its texture."""
    images = [node.image for node in _find_textures(material)]
    bpy.data.materials.remove(material)
    for image in images:
        if not image.users:
            bpy.data.images.remove(image)


def renew_texture(item: bpy.types.Object, coating: PackedCoating) -> None:
    """The object's material gets the texture of its new mesh, where it still has one of ours.

    A material that other objects wear too is copied first: their meshes have the former UVs.
    """
    for slot in item.material_slots:
        material = slot.material
        if material is None or not material.is_editable or not _find_textures(material):
            continue
        if material.users > 1:
            material = slot.material = material.copy()
        for node in _find_textures(material):
            old = node.image
            _set_texture(material, node, coating, item.name)
            if not old.users:
                name = old.name
                bpy.data.images.remove(old)
                node.image.name = name


def _set_texture(
    material: bpy.types.Material,
    node: bpy.types.ShaderNodeTexImage,
    coating: PackedCoating,
    name: str,
) -> None:
    node.image = make_texture(coating, name)
    material.diffuse_color = average_colour(coating)


def _find_textures(material: bpy.types.Material) -> list[bpy.types.ShaderNodeTexImage]:
    tree = material.node_tree
    return [
        node
        for node in (tree.nodes if tree is not None else ())
        if node.type == "TEX_IMAGE" and node.image is not None and TEXTURE_MARK in node.image
    ]


def _find_shader(material: bpy.types.Material) -> bpy.types.ShaderNode:
    return next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
