"""Whether an OpenEXR file is whole enough to be given to Blender.

OpenEXR's reader in Blender 4.3 never returns from a file that ends within its header, and leaves
rows out of one that ends within its pixels. Layout: the OpenEXR project, "OpenEXR File Layout".
"""

from __future__ import annotations

import io
import struct
from typing import BinaryIO

from ..inference.errors import PictureError

MAGIC = b"\x76\x2f\x31\x01"
MAX_HEADER = 64 << 20
"""Bytes that the headers may take: previews and metadata of a renderer are far smaller."""
_MAX_NAME = 255
_MAX_PARTS = 1024
_MULTI_PART = 0x1000
# Rows of a chunk by number of the compression, none to DWAB.
_ROWS = (1, 1, 1, 16, 32, 16, 32, 32, 32, 256)

Attributes = dict[str, bytes]


def check_exr(stream: BinaryIO, name: str, max_pixels: int) -> None:
    """Read headers and chunk table; `stream` is at the file's start and can be sought.

    name: for the error. max_pixels: of the largest part.

    Raises PictureError: the file is cut short or damaged, or its picture is too large.
    """
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    try:
        flags = struct.unpack("<I", _take(stream, 8)[4:])[0]
        parts = _read_parts(stream, multiple=bool(flags & _MULTI_PART))
        windows = [struct.unpack("<4i", part["dataWindow"]) for part in parts]
        for low_x, low_y, high_x, high_y in windows:
            width, height = high_x - low_x + 1, high_y - low_y + 1
            if min(width, height) < 1:
                raise ValueError("an empty picture")
            if width * height > max_pixels:
                raise PictureError(
                    f"The picture {name!r} has {width} x {height} pixels.",
                    f"Scale it down to less than {max_pixels // 1_000_000} million pixels.",
                )
        counts = [_count_chunks(part) for part in parts]
        if None not in counts:
            _check_table(stream, sum(counts), size)
    except (KeyError, ValueError, IndexError, struct.error) as error:
        raise PictureError(
            f"The file {name!r} cannot be decoded: it is cut short or damaged.",
            "Render or export it again.",
        ) from error


def _take(stream: BinaryIO, count: int) -> bytes:
    """The next bytes, all of them. Raises ValueError."""
    if not 0 <= count <= MAX_HEADER or stream.tell() + count > MAX_HEADER:
        raise ValueError("a header of that size")
    data = stream.read(count)
    if len(data) < count:
        raise ValueError("the file ends")
    return data


def _take_name(stream: BinaryIO) -> str:
    name = b""
    while (byte := _take(stream, 1)) != b"\0":
        name += byte
        if len(name) > _MAX_NAME:
            raise ValueError("an endless name")
    return name.decode("latin-1")


def _read_parts(stream: BinaryIO, *, multiple: bool) -> list[Attributes]:
    parts = []
    while len(parts) < _MAX_PARTS:
        part: Attributes = {}
        while name := _take_name(stream):
            _take_name(stream)  # its type
            part[name] = _take(stream, struct.unpack("<i", _take(stream, 4))[0])
        if part:
            parts.append(part)
        if not multiple or not part:  # several parts end with an empty header
            return parts
    raise ValueError("too many parts")


def _count_chunks(part: Attributes) -> int | None:
    """How many chunks the part has; None: tiles, whose number is not worth working out here."""
    if "chunkCount" in part:
        return struct.unpack("<i", part["chunkCount"])[0]
    compression = part["compression"][0]
    if "tiles" in part or compression >= len(_ROWS):
        return None
    _, low, _, high = struct.unpack("<4i", part["dataWindow"])
    return -(-(high - low + 1) // _ROWS[compression])


def _check_table(stream: BinaryIO, count: int, size: int) -> None:
    """Every chunk begins within the file. Raises ValueError."""
    table = stream.tell() + 8 * count
    if count < 1 or table > size:
        raise ValueError("the chunk table is not whole")
    for (offset,) in struct.iter_unpack("<Q", stream.read(8 * count)):
        if not table <= offset < size:
            raise ValueError("a chunk is not there")
