"""What a .glb file holds, read from its JSON. Standard library only."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any


def read_glb(path: Path) -> dict[str, Any]:
    """Plain types: primitives, attributes, images, textured, coloured. Raises ValueError.

    textured: every primitive has UVs and a material whose base colour is an embedded image.
    coloured: every primitive has vertex colours.
    """
    data = path.read_bytes()
    if len(data) < 20 or data[:4] != b"glTF":
        raise ValueError(f"{path.name} is no .glb file")
    length, kind = struct.unpack_from("<I4s", data, 12)
    if kind != b"JSON":
        raise ValueError(f"{path.name} does not begin with JSON")
    document = json.loads(data[20 : 20 + length])
    primitives = [one for mesh in document.get("meshes", []) for one in mesh["primitives"]]
    names = [sorted(one["attributes"]) for one in primitives]
    return {
        "primitives": len(primitives),
        "attributes": sorted({name for group in names for name in group}),
        "images": len(document.get("images", [])),
        "textured": bool(primitives)
        and all(
            "TEXCOORD_0" in one["attributes"] and _has_texture(document, one) for one in primitives
        ),
        "coloured": bool(primitives) and all("COLOR_0" in group for group in names),
    }


def _has_texture(document: dict[str, Any], primitive: dict[str, Any]) -> bool:
    """Whether the primitive's base colour is an image with bytes of its own."""
    try:
        material = document["materials"][primitive["material"]]
        texture = material["pbrMetallicRoughness"]["baseColorTexture"]
        image = document["images"][document["textures"][texture["index"]]["source"]]
    except (KeyError, IndexError):
        return False
    return "bufferView" in image
