"""PMD, the mesh format of the Pyrogenesis engine (0 A.D.), version 4 and older.

Layout, little endian: `PSMD`, version, size, vertex count, from version 4 the number of texture
coordinate sets; vertices (position, normal, texture coordinates, four bone numbers, four weights);
triangles of 16-bit indices; bones at rest; points that props are fastened to.
Described by https://trac.wildfiregames.com/wiki/PMD_File_Format.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from .mesh import MAX_TRIANGLES, MeshError

MAX_VERTICES = 65_536  # what its 16-bit indices reach
MAX_BONES = 256
MAX_PROP_POINTS = 1_024
MAX_UV_SETS = 8
NO_BONE = 0xFF
_TRANSFORM = 7  # floats: translation, quaternion x, y, z, w


@dataclass(frozen=True)
class PropPoint:
    """Where props are fastened. transform: float64 [7]; bone: its parent, NO_BONE without one."""

    name: str
    transform: np.ndarray
    bone: int


@dataclass(frozen=True)
class Pmd:
    """One mesh in the engine's frame: left-handed, Y up, units facing -Z.

    vertices: float64 [V, 3]. uvs: float32 [V, 2], the first set. faces: int32 [F, 3].
    bones: uint8 [V, 4] and weights: float64 [V, 4]; a bone outside `rest` does not count.
    rest: float64 [B, 7], bone to mesh at rest, as translation and quaternion (x, y, z, w).
    """

    vertices: np.ndarray
    uvs: np.ndarray
    faces: np.ndarray
    bones: np.ndarray
    weights: np.ndarray
    rest: np.ndarray
    prop_points: tuple[PropPoint, ...]

    def prop_point(self, name: str) -> PropPoint | None:
        """The point of that name; names with and without the prefix `prop-` are the same."""
        wanted = name.removeprefix("prop-")
        for point in self.prop_points:
            if point.name.removeprefix("prop-") == wanted:
                return point
        return None


class BinaryReader:
    """Reads a hostile file front to back; every method raises MeshError past its end."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name, self.position = data, name, 0

    def take(self, size: int) -> bytes:
        """The next `size` bytes."""
        if size < 0 or self.position + size > len(self.data):
            raise MeshError(f"{self.name}: cut off at byte {len(self.data)}")
        self.position += size
        return self.data[self.position - size : self.position]

    def unsigned(self, limit: int, what: str) -> int:
        """A 32-bit number that must not be above `limit`."""
        (value,) = struct.unpack("<I", self.take(4))
        if value > limit:
            raise MeshError(f"{self.name}: {value} {what}, more than {limit}")
        return value

    def floats(self, rows: int, columns: int) -> np.ndarray:
        """float64 [rows, columns], every value finite."""
        raw = np.frombuffer(self.take(4 * rows * columns), "<f4").reshape(rows, columns)
        if not np.isfinite(raw).all():
            raise MeshError(f"{self.name}: a number is not finite")
        return raw.astype(np.float64)


def parse_pmd(data: bytes, name: str) -> Pmd:
    """Read the bytes of a PMD file; `name` is for messages. Raises MeshError."""
    reader = BinaryReader(data, name)
    if reader.take(4) != b"PSMD":
        raise MeshError(f"{name}: not a PMD file")
    version = reader.unsigned(4, "is its version")
    reader.take(4)
    count = reader.unsigned(MAX_VERTICES, "vertices")
    sets = reader.unsigned(MAX_UV_SETS, "sets of texture coordinates") if version >= 4 else 1
    skin = 24 + 8 * sets
    stride = skin + 4 + 16
    table = np.frombuffer(reader.take(count * stride), np.uint8).reshape(count, stride)
    vertices = _as_floats(table[:, :12])
    if not np.isfinite(vertices).all():
        raise MeshError(f"{name}: a vertex is not finite")
    uvs = _as_floats(table[:, 24:32]) if sets else np.zeros((count, 2))
    uvs = np.nan_to_num(uvs, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)
    weights = np.nan_to_num(_as_floats(table[:, skin + 4 :]), nan=0.0, posinf=0.0, neginf=0.0)
    face_count = reader.unsigned(MAX_TRIANGLES, "triangles")
    faces = np.frombuffer(reader.take(6 * face_count), "<u2").reshape(-1, 3).astype(np.int32)
    if face_count and faces.max() >= count:
        raise MeshError(f"{name}: a face refers to a vertex that is not there")
    rest = reader.floats(reader.unsigned(MAX_BONES, "bones"), _TRANSFORM)
    points = _prop_points(reader) if version >= 2 else ()
    return Pmd(vertices, uvs, faces, table[:, skin : skin + 4].copy(), weights, rest, points)


def _prop_points(reader: BinaryReader) -> tuple[PropPoint, ...]:
    points = []
    for _ in range(reader.unsigned(MAX_PROP_POINTS, "prop points")):
        name = reader.take(reader.unsigned(256, "letters in a name")).decode("utf-8", "replace")
        transform = reader.floats(1, _TRANSFORM)[0]
        points.append(PropPoint(name, transform, reader.take(1)[0]))
    return tuple(points)


def _as_floats(columns: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(columns).view("<f4").astype(np.float64)
