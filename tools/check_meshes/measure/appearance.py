"""Materials, images and colour attributes: whether a colour is wired so that it is seen."""

from __future__ import annotations

from typing import Any

import numpy as np


def measure_material(mesh: Any) -> dict[str, Any]:
    """Facts of the first material, plain types.

    materials: slots that hold one. principled: a Principled shader feeds the surface of the active
    output. sources: kinds of nodes, IMAGE or ATTRIBUTE, that feed its base colour. images: size,
    whether there are pixels and whether the .blend or a file holds them. solid_texture: Solid view
    shows an image, because its node is the active one. attributes: names that are asked for.
    """
    materials = [material for material in mesh.materials if material is not None]
    facts: dict[str, Any] = {"materials": len(materials), "principled": False, "sources": []}
    facts |= {"images": [], "attributes": [], "solid_texture": False}
    if not materials or materials[0].node_tree is None:
        return facts
    tree = materials[0].node_tree
    facts["name"] = materials[0].name
    output = tree.get_output_node("ALL")
    if output is None or not output.inputs["Surface"].is_linked:
        return facts
    shader = output.inputs["Surface"].links[0].from_node
    facts["principled"] = shader.type == "BSDF_PRINCIPLED"
    if not facts["principled"]:
        return facts
    for node in _walk_back(shader.inputs["Base Color"]):
        if node.type == "TEX_IMAGE" and node.image is not None:
            facts["sources"].append("IMAGE")
            facts["images"].append(_describe_image(node.image))
        elif node.type in ("ATTRIBUTE", "VERTEX_COLOR"):
            facts["sources"].append("ATTRIBUTE")
            name = node.attribute_name if node.type == "ATTRIBUTE" else node.layer_name
            facts["attributes"].append(name)
        elif node.type == "UVMAP":
            facts["uv_map"] = node.uv_map
    active = tree.nodes.active
    facts["solid_texture"] = bool(
        active is not None and active.type == "TEX_IMAGE" and active.image is not None
    )
    return facts


def _walk_back(socket: Any) -> list[Any]:
    """All nodes that feed an input, each once, nearest first."""
    found, waiting = [], [socket]
    while waiting:
        for link in waiting.pop(0).links:
            node = link.from_node
            if node not in found:
                found.append(node)
                waiting += list(node.inputs)
    return found


def _describe_image(image: Any) -> dict[str, Any]:
    width, height = image.size
    facts: dict[str, Any] = {"name": image.name, "size": [width, height]}
    facts["kept"] = bool(image.packed_file or image.filepath)
    facts["colour_space"] = image.colorspace_settings.name
    facts["has_data"] = bool(width and height)
    if facts["has_data"]:
        pixels = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(pixels)
        pixels = pixels.reshape(-1, image.channels)
        facts["spread"] = round(float(pixels[:, :3].std(axis=0).max()), 5)
        facts["mean"] = [round(float(value), 4) for value in pixels.mean(axis=0)]
    return facts


def measure_colours(mesh: Any) -> dict[str, Any]:
    """Facts of the active colour attribute, plain types; {"attributes": 0} without one.

    names: of all. kind: such as BYTE_COLOR. domain: POINT or CORNER. spread: largest standard
    deviation of red, green and blue. rendered: whether it is also the one that exporters take.
    """
    attributes = mesh.color_attributes
    facts: dict[str, Any] = {"attributes": len(attributes)}
    facts["names"] = [attribute.name for attribute in attributes]
    active = attributes.active_color
    if active is None:
        return {**facts, "attributes": 0} if not len(attributes) else {**facts, "active": ""}
    values = np.empty((len(active.data), 4), np.float32)
    active.data.foreach_get("color", values.ravel())
    index = attributes.render_color_index
    return {
        **facts,
        "active": active.name,
        "kind": active.data_type,
        "domain": active.domain,
        "finite": bool(np.isfinite(values).all()),
        "spread": round(float(values[:, :3].std(axis=0).max()), 5) if len(values) else 0.0,
        "rendered": 0 <= index < len(attributes) and attributes[index].name == active.name,
    }
