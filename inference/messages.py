"""The messages that carry domain structures: what protocol.py lists, written and read in one place.

Each pair of functions is one message: the side that makes it, the side that reads it.
"""

from __future__ import annotations

import math
import os
from dataclasses import asdict
from typing import Any

import numpy as np

from .errors import BozzettoError, error_from_kind
from .protocol import Message
from .settings import GenerateSettings
from .types import (
    COAT_PHASES,
    PHASES,
    BaseMesh,
    ColourSource,
    CutPreview,
    Pinhole,
    ReducedMesh,
    Source,
)

Arrays = dict[str, np.ndarray]
MAX_DETAILS = 8192
"""Characters of a traceback that an error carries: its end."""


def make_request(
    job: int,
    source: Source,
    settings: GenerateSettings,
    task: str = "generate",
    *,
    memory_limit: int = 0,
) -> tuple[dict, Arrays]:
    """Header and arrays of "generate" or "cut" (`task`).

    A path becomes absolute, for the worker is elsewhere.
    """
    header: dict[str, Any] = {"type": task, "id": job, "name": source.name}
    header["settings"] = settings.to_dict()
    header["memory_limit"] = int(memory_limit)
    arrays = {}
    if source.path:
        header["path"] = os.path.abspath(source.path)
    if source.encoded is not None:
        arrays["encoded"] = np.frombuffer(source.encoded, np.uint8)
    if source.pixels is not None:
        arrays["pixels"] = np.asarray(source.pixels, np.float32)
    return header, arrays


def read_request(message: Message) -> tuple[Source, GenerateSettings]:
    """What a "generate" or "cut" asks for. Raises KeyError, SettingsError."""
    header, arrays = message.header, message.arrays
    source = Source(
        path=header.get("path", ""),
        encoded=arrays["encoded"].tobytes() if "encoded" in arrays else None,
        pixels=arrays.get("pixels"),
        name=header.get("name", ""),
    )
    return source, GenerateSettings.from_dict(header["settings"])


def read_memory_limit(message: Message) -> int:
    """Bytes that a "generate" lets the worker take; 0, or none said: no limit."""
    limit = message.header.get("memory_limit", 0)
    return limit if isinstance(limit, int) and limit > 0 else 0


def make_result(job: int, mesh: BaseMesh) -> tuple[dict, Arrays]:
    """Header and arrays of "result"."""
    described = {"name": mesh.name, "category": mesh.category, "info": mesh.info}
    arrays = {
        "vertices": np.asarray(mesh.vertices, np.float32),
        "faces": np.asarray(mesh.faces, np.int32),
    }
    if mesh.thumbnail is not None:
        arrays["thumbnail"] = np.asarray(mesh.thumbnail, np.uint8)
    if mesh.colour is not None:
        described["colour"], arrays["colour"] = write_colour(mesh.colour)
    if mesh.reduced is not None:
        reduced = mesh.reduced
        described["reduced"] = {"symmetric": reduced.symmetric, "report": reduced.report}
        arrays["reduced_vertices"] = np.asarray(reduced.vertices, np.float32)
        arrays["reduced_faces"] = np.asarray(reduced.faces, np.int32)
    return {"type": "result", "id": job, "mesh": described}, arrays


def read_result(message: Message) -> BaseMesh:
    """The mesh of a "result". Raises KeyError, TypeError or ValueError where it is none."""
    vertices, faces = _read_triangles(message.arrays, "")
    thumbnail = message.arrays.get("thumbnail")
    if thumbnail is not None:
        check_picture(thumbnail)
    mesh = message.header["mesh"]
    name, category, info = str(mesh["name"]), str(mesh["category"]), dict(mesh["info"])
    colour = read_colour(mesh["colour"], message.arrays["colour"]) if "colour" in mesh else None
    reduced = None
    if "reduced" in mesh:
        described = mesh["reduced"]
        reduced = ReducedMesh(
            *_read_triangles(message.arrays, "reduced_"),
            bool(described["symmetric"]),
            dict(described["report"]),
        )
    return BaseMesh(vertices, faces, name, category, info, thumbnail, colour, reduced)


def _read_triangles(arrays: Arrays, prefix: str) -> tuple[np.ndarray, np.ndarray]:
    vertices, faces = arrays[f"{prefix}vertices"], arrays[f"{prefix}faces"]
    for array, kind in ((vertices, "f"), (faces, "i")):
        if array.ndim != 2 or array.shape[1] != 3 or array.dtype.kind != kind:
            raise ValueError(f"an array is {array.dtype} {array.shape}")
    if faces.size and not (faces.min() >= 0 and faces.max() < len(vertices)):
        raise ValueError("faces name vertices that do not exist")
    return vertices, faces


def make_cutout(job: int, preview: CutPreview) -> tuple[dict, Arrays]:
    """Header and arrays of "cutout"."""
    header = {"type": "cutout", "id": job, "confidence": float(preview.confidence)}
    return {**header, "messages": list(preview.messages)}, {"rgba": preview.rgba}


def read_cutout(message: Message) -> CutPreview:
    """The preview of a "cutout". Raises KeyError, TypeError or ValueError where it is none."""
    rgba = message.arrays["rgba"]
    check_picture(rgba)
    messages = tuple(str(text) for text in message.header["messages"])
    return CutPreview(rgba, float(message.header["confidence"]), messages)


def check_picture(array: np.ndarray) -> None:
    """Raises ValueError unless it is uint8 [height, width, 4]."""
    if array.ndim != 3 or array.shape[2] != 4 or array.dtype != np.uint8 or not array.size:
        raise ValueError(f"a picture is {array.dtype} {array.shape}")


def write_colour(source: ColourSource) -> tuple[dict[str, Any], np.ndarray]:
    """Header entry and array of a ColourSource."""
    described = {"pinhole": asdict(source.pinhole), "mirror": source.mirror}
    return described, np.ascontiguousarray(source.rgba, np.uint8)


def read_colour(described: dict[str, Any], rgba: np.ndarray) -> ColourSource:
    """The inverse. Raises KeyError, TypeError or ValueError where it is none."""
    check_picture(rgba)
    if rgba.shape[0] != rgba.shape[1]:
        raise ValueError(f"a square picture is {rgba.shape}")
    pinhole, mirror = described["pinhole"], described["mirror"]
    right, up, forward = (_read_vector(axis, 3) for axis in pinhole["axes"])
    return ColourSource(
        rgba,
        Pinhole(
            eye=_read_vector(pinhole["eye"], 3),
            axes=(right, up, forward),
            half_side=_read_vector([pinhole["half_side"]], 1)[0],
            centre=_read_vector(pinhole["centre"], 2),
        ),
        None if mirror is None else float(mirror),
    )


def _read_vector(values: Any, count: int) -> tuple[float, ...]:
    vector = tuple(float(value) for value in values)
    if len(vector) != count or not all(math.isfinite(value) for value in vector):
        raise ValueError(f"a vector is {values!r}")
    return vector


def make_progress(job: int, phase: str, fraction: float) -> dict[str, Any]:
    """Header of "progress"; the fraction is brought into 0..1."""
    fraction = min(max(float(fraction), 0.0), 1.0)
    return {"type": "progress", "id": job, "phase": phase, "fraction": fraction}


def read_progress(message: Message) -> tuple[str, float]:
    """Phase and fraction of a "progress". Raises KeyError, TypeError, ValueError."""
    phase, fraction = message.header["phase"], float(message.header["fraction"])
    if phase not in (*PHASES, *COAT_PHASES) or not 0.0 <= fraction <= 1.0:
        raise ValueError(f"phase {phase!r}, fraction {fraction}")
    return phase, fraction


def make_error(job: int | None, error: BozzettoError, details: str = "") -> dict[str, Any]:
    """Header of "error"; details: a traceback, where the error is a defect."""
    header = {"type": "error", "kind": error.kind, "message": error.message, "fix": error.fix}
    if job is not None:
        header["id"] = job
    return {**header, "details": details[-MAX_DETAILS:]}


def read_error(message: Message) -> BozzettoError:
    """The error of an "error", its details as a note; what is not said stays empty."""
    kind, text, fix, details = (
        str(message.header.get(key, "")) for key in ("kind", "message", "fix", "details")
    )
    error = error_from_kind(kind, text, fix)
    if details:
        error.add_note(details)
    return error
