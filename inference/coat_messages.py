"""The messages of a coating: a shaped mesh goes to the worker, UVs and colours come back."""

from __future__ import annotations

from typing import Any

import numpy as np

from .messages import Arrays, read_colour, write_colour
from .protocol import Message
from .types import CoatRequest, PackedCoating, PolygonMesh

MAX_SIDE = 4096
"""Pixels across of the largest texture."""
_PNG = b"\x89PNG\r\n\x1a\n"


def make_coat_request(
    job: int, request: CoatRequest, *, memory_limit: int = 0
) -> tuple[dict[str, Any], Arrays]:
    """Header and arrays of "coat"."""
    colour, rgba = write_colour(request.source)
    header = {
        "type": "coat",
        "id": job,
        "side": int(request.side),
        "delight": float(request.delight),
        "colour": colour,
        "memory_limit": int(memory_limit),
    }
    mesh = request.mesh
    arrays = {
        "vertices": np.asarray(mesh.vertices, np.float32),
        "corners": np.asarray(mesh.corners, np.int32),
        "sizes": np.asarray(mesh.sizes, np.int32),
        "picture": rgba,
    }
    return header, arrays


def read_coat_request(message: Message) -> CoatRequest:
    """What a "coat" asks for. Raises KeyError, TypeError or ValueError where it is none."""
    header, arrays = message.header, message.arrays
    side, delight = int(header["side"]), float(header["delight"])
    if not 16 <= side <= MAX_SIDE or not 0.0 <= delight <= 1.0:
        raise ValueError(f"side {side}, delight {delight}")
    mesh = PolygonMesh(arrays["vertices"], arrays["corners"], arrays["sizes"])
    if len(mesh.corners) != int(mesh.sizes.sum()):
        raise ValueError(f"{len(mesh.corners)} corners of {int(mesh.sizes.sum())}")
    if mesh.corners.min() < 0 or mesh.corners.max() >= len(mesh.vertices):
        raise ValueError("corners name vertices that do not exist")
    return CoatRequest(mesh, read_colour(header["colour"], arrays["picture"]), side, delight)


def make_coating(job: int, coating: PackedCoating) -> tuple[dict[str, Any], Arrays]:
    """Header and arrays of "coating"."""
    arrays = {
        "uv": np.asarray(coating.uv, np.float32),
        "texture": np.frombuffer(coating.texture, np.uint8),
        "colours": np.asarray(coating.colours, np.uint8),
    }
    return {"type": "coating", "id": job, "report": coating.report}, arrays


def read_coating(message: Message, request: CoatRequest) -> PackedCoating:
    """The answer to `request`. Raises KeyError, TypeError or ValueError where it is none."""
    uv, colours = message.arrays["uv"], message.arrays["colours"]
    texture = message.arrays["texture"].tobytes()
    if uv.shape != (len(request.mesh.corners), 2) or uv.dtype != np.float32:
        raise ValueError(f"uv is {uv.dtype} {uv.shape}")
    if colours.shape != (len(request.mesh.vertices), 4) or colours.dtype != np.uint8:
        raise ValueError(f"colours are {colours.dtype} {colours.shape}")
    if not np.isfinite(uv).all() or not texture.startswith(_PNG):
        raise ValueError("uv or texture is damaged")
    return PackedCoating(uv, texture, colours, dict(message.header["report"]))
