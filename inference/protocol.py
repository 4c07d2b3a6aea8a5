"""What Blender's process and the worker process say to each other over the worker's pipes.

A message is: the header's length (unsigned 32-bit, little-endian), the header (UTF-8 JSON object),
then the raw bytes of the arrays that the header's "arrays" lists, in that order, little-endian,
C-contiguous. Never pickle: the two sides may have different numpy versions, and whatever arrives is
checked. Header keys: "type" (below), "id" (number of the job, where there is one), and:

requests   generate  id, settings (dict), name, memory_limit (bytes, 0: none); either path (str:
                     an image file), or encoded (array uint8 [n]: an image file's bytes), or pixels
                     (array float32 [h, w, 4], sRGB, straight alpha, row 0 at the top)
           cut       as generate: what of the picture it would take
           cancel    id            stop that job now
           release                 give back models and memory, stay alive
           ping                    answered by pong
           quit                    exit (closing the pipe does the same)
responses  ready     protocol, python, pid, torch, device, missing (modules that cannot be imported,
                     empty when all is well; otherwise the worker exits after it), detail
           heartbeat activity      about every second, from the first moment; activity is a number
                                   that grows while a computation gets on
           progress  id, phase, fraction
           result    id, mesh (dict: name, category, info), arrays vertices [V, 3], faces [F, 3],
                     and where there is one thumbnail uint8 [side, side, 4]
           cutout    id, confidence, messages, array rgba uint8 [h, w, 4]    (answers cut)
           error     id, kind, message, fix, details    (kind "Cancelled" answers a cancel; without
                                   an id: the worker cannot go on and exits)
           released                answers release
           pong
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from .errors import WorkerError

PROTOCOL = 2
MAX_HEADER = 1 << 20
MAX_PAYLOAD = 1 << 31
DTYPES = {"u1": np.dtype("u1"), "i4": np.dtype("<i4"), "f4": np.dtype("<f4")}
_LENGTH = struct.Struct("<I")
_BLOCK = 1 << 24


class TruncatedMessageError(WorkerError):
    """The stream ended in the middle of a message, as when its writer was killed."""


@dataclass(frozen=True)
class Message:
    """One message: `header` is a JSON object with a "type", `arrays` are by name."""

    header: dict[str, Any]
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """What kind of message this is."""
        return self.header["type"]

    @property
    def id(self) -> int | None:
        """Number of the job that this message is about."""
        return self.header.get("id")


def encode_message(
    header: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None
) -> list[bytes | memoryview]:
    """The parts of one message in the order in which they are written; arrays are not copied.

    Raises ValueError for an array type that is not in `DTYPES`, for a header with other than finite
    JSON values and for one that is too large, so that nothing is ever written by halves.
    """
    listed, parts = [], []
    for name, array in (arrays or {}).items():
        code = f"{array.dtype.kind}{array.dtype.itemsize}"
        if code not in DTYPES:
            raise ValueError(f"array {name!r} has type {array.dtype}, not one of {list(DTYPES)}")
        part = np.ascontiguousarray(array, DTYPES[code])
        listed.append({"name": name, "dtype": code, "shape": list(part.shape)})
        parts.append(memoryview(part).cast("B") if part.size else b"")
    if sum(len(part) for part in parts) > MAX_PAYLOAD:
        raise ValueError(f"arrays are larger than {MAX_PAYLOAD} bytes")
    try:
        encoded = json.dumps({**header, "arrays": listed}, allow_nan=False).encode()
    except TypeError as error:
        raise ValueError(f"header is not JSON: {error}") from error
    if len(encoded) > MAX_HEADER:
        raise ValueError(f"header of {len(encoded)} bytes is larger than {MAX_HEADER}")
    return [_LENGTH.pack(len(encoded)) + encoded, *parts]


def write_message(
    stream: BinaryIO, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None
) -> None:
    """Write one message and flush. Raises ValueError as `encode_message`, OSError as the stream."""
    for part in encode_message(header, arrays):
        stream.write(part)
    stream.flush()


def decode_message() -> Generator[int, bytes | bytearray, Message]:
    """Decodes one message: yields how many bytes it needs next, is sent them, returns the message.

    The arrays are the memory that was sent. Raises WorkerError when what arrives is not a message.
    Sizes and types are checked before bytes are asked for.
    """
    (length,) = _LENGTH.unpack((yield _LENGTH.size))
    if not 2 <= length <= MAX_HEADER:
        raise WorkerError(f"A message's header claims {length} bytes.")
    encoded = yield length
    try:
        header = json.loads(encoded, parse_constant=_refuse_constant)
        listed = header.pop("arrays", [])
        if not isinstance(header["type"], str):
            raise TypeError("type is not a string")
        plan = [_plan(entry) for entry in listed]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WorkerError(f"A message cannot be understood: {error}.") from error
    if sum(size for _, _, _, size in plan) > MAX_PAYLOAD:
        raise WorkerError("A message's arrays are too large.")
    arrays = {}
    for name, dtype, shape, size in plan:
        data = (yield size) if size else bytearray()
        arrays[name] = np.frombuffer(data, dtype).reshape(shape)
    return Message(header, arrays)


def read_message(stream: BinaryIO) -> Message | None:
    """Read one message from a blocking stream; None when it ends between two messages.

    The arrays are writable. Raises WorkerError when what arrives is not a message, its subclass
    TruncatedMessageError when the stream ends in the middle of one. Memory is taken only for what
    really arrives.
    """
    decoder = decode_message()
    data = stream.read(next(decoder))
    if not data:
        return None
    if len(data) != _LENGTH.size:
        raise TruncatedMessageError("A message ended in the middle.")
    try:
        while True:
            data = _read(stream, decoder.send(data))
    except StopIteration as end:
        return end.value


class MessageAssembler:
    """Messages out of bytes that arrive little by little, as from a pipe that is polled."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._decoder = decode_message()
        self._size, self._data = next(self._decoder), bytearray()
        self._fresh = True

    @property
    def wanted(self) -> int:
        """How many bytes to add at most, at least 1."""
        return self._size - len(self._data)

    @property
    def under_way(self) -> bool:
        """Whether a message has begun and not ended."""
        return not self._fresh

    def add(self, data: bytes) -> Message | None:
        """Take at most `wanted` bytes; the message that they complete. Raises WorkerError."""
        self._data += data
        self._fresh = False
        if len(self._data) < self._size:
            return None
        try:
            self._size = self._decoder.send(self._data)
        except StopIteration as end:
            self._begin()
            return end.value
        self._data = bytearray()
        return None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _plan(entry: dict[str, Any]) -> tuple[str, np.dtype, tuple[int, ...], int]:
    """Name, type, shape and size in bytes of an array that is announced."""
    shape, dtype = tuple(entry["shape"]), DTYPES[entry["dtype"]]
    if len(shape) > 4:
        raise ValueError(f"{len(shape)} dimensions")
    # Each length is bounded too: numpy refuses the shape (0, 10**30), which holds no bytes.
    if any(type(length) is not int or not 0 <= length <= MAX_PAYLOAD for length in shape):
        raise ValueError("a shape is not made of reasonable numbers")
    if math.prod(length for length in shape if length) > MAX_PAYLOAD:
        raise ValueError("a shape is too large")
    return str(entry["name"]), dtype, shape, math.prod(shape) * dtype.itemsize


def _read(stream: BinaryIO, size: int) -> bytearray:
    """Exactly `size` bytes, taken block by block: a false size must not reserve memory."""
    data = bytearray()
    while len(data) < size:
        block = stream.read(min(size - len(data), _BLOCK))
        if not block:
            raise TruncatedMessageError("A message ended in the middle.")
        data += block
    return data
