"""What Blender's process and the worker process say to each other over the worker's pipes.

A message is: the header's length (unsigned 32-bit, little-endian), the header (UTF-8 JSON object),
then the raw bytes of the arrays that the header's "arrays" lists, in that order, little-endian,
C-contiguous. Never pickle: the two sides may have different numpy versions, and whatever arrives is
checked. Header keys: "type" (below), "id" (number of the job, where there is one), and:

requests   generate  id, settings (dict), name; either path (str: an image file), or encoded (array
                     uint8 [n]: an image file's bytes), or pixels (array float32 [h, w, 4], sRGB,
                     straight alpha, row 0 at the top)
           cancel    id            stop that job now
           release                 give back models and memory, stay alive
           ping                    answered by pong
           quit                    exit (closing the pipe does the same)
responses  ready     protocol, python, torch, device, pid
           progress  id, phase, fraction
           result    id, mesh (dict: name, category, info), arrays vertices [V, 3], faces [F, 3]
           error     id, kind, message, fix     (kind "Cancelled" answers a cancel)
           released                answers release
           pong
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from .errors import WorkerError

PROTOCOL = 1
MAX_HEADER = 1 << 20
MAX_PAYLOAD = 1 << 31
DTYPES = {"u1": np.dtype("u1"), "i4": np.dtype("<i4"), "f4": np.dtype("<f4")}
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True)
class Message:
    """One message: `header` is a JSON object with a "type", `arrays` are by name."""

    header: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """What kind of message this is."""
        return self.header["type"]


def write_message(
    stream: BinaryIO, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None
) -> None:
    """Write one message and flush. Raises ValueError for an array type that is not in `DTYPES`."""
    listed, parts = [], []
    for name, array in (arrays or {}).items():
        code = f"{array.dtype.kind}{array.dtype.itemsize}"
        if code not in DTYPES:
            raise ValueError(f"array {name!r} has type {array.dtype}, not one of {list(DTYPES)}")
        part = np.ascontiguousarray(array, DTYPES[code])
        listed.append({"name": name, "dtype": code, "shape": list(part.shape)})
        parts.append(part)
    encoded = json.dumps({**header, "arrays": listed}, allow_nan=False).encode()
    if len(encoded) > MAX_HEADER:
        raise ValueError(f"header of {len(encoded)} bytes is larger than {MAX_HEADER}")
    stream.write(_LENGTH.pack(len(encoded)) + encoded)
    for part in parts:
        stream.write(memoryview(part).cast("B") if part.size else b"")
    stream.flush()


def read_message(stream: BinaryIO) -> Message | None:
    """Read one message; None when the stream ends between two messages.

    Raises WorkerError when what arrives is not a message (sizes and types are checked before
    anything is allocated) or ends in the middle.
    """
    prefix = stream.read(_LENGTH.size)
    if not prefix:
        return None
    (length,) = _LENGTH.unpack(_whole(prefix, _LENGTH.size))
    if not 2 <= length <= MAX_HEADER:
        raise WorkerError(f"A message's header claims {length} bytes.")
    try:
        header = json.loads(_whole(stream.read(length), length))
        listed = header.pop("arrays", [])
        if not isinstance(header["type"], str):
            raise TypeError("type is not a string")
        plan = [_plan(entry) for entry in listed]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WorkerError(f"A message cannot be understood: {error}.") from error
    if sum(count * dtype.itemsize for _, dtype, _, count in plan) > MAX_PAYLOAD:
        raise WorkerError("A message's arrays are too large.")
    arrays = {}
    for name, dtype, shape, count in plan:
        size = count * dtype.itemsize
        arrays[name] = np.frombuffer(_whole(stream.read(size), size), dtype).reshape(shape)
    return Message(header, arrays)


def _plan(entry: dict[str, Any]) -> tuple[str, np.dtype, tuple[int, ...], int]:
    shape = tuple(int(length) for length in entry["shape"])
    if len(shape) > 4 or any(length < 0 for length in shape):
        raise ValueError(f"shape {shape}")
    return str(entry["name"]), DTYPES[entry["dtype"]], shape, math.prod(shape)


def _whole(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise WorkerError("A message ended in the middle.")
    return data
