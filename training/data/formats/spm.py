"""SPM, the mesh format of SuperTuxKart: one file of buffers, each with at most two textures.

Layout, little endian: `SP`; version (5 bits) and kind (animated or static); flags (normals, vertex
colours, tangents); bounding box; pairs of texture names; sectors of buffers of vertices and
indices; for animated ones the bones. An animated mesh stands in its bind pose. Described by the
exporter `io_scene_spm` of https://github.com/supertuxkart/stk-blender.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np

from .binary import Reader
from .mesh import MAX_TRIANGLES, Mesh, MeshError, clean
from .textures import decode_texture

ReadTexture = Callable[[str], bytes | None]
MAX_VERTICES = 2_000_000
MAX_BUFFERS = 4_096
ANIMATED, STATIC = 1, 2
_HAS_NORMALS, _HAS_COLOURS, _HAS_TANGENTS = 1, 2, 4
_WHITE = 128  # a vertex colour of one byte
_SKIN_BYTES = 16  # four bone numbers and four weights of 16 bits


def load_spm(data: bytes, name: str, read_texture: ReadTexture) -> Mesh:
    """Read an SPM file's bytes; `name` is for messages.

    read_texture gives the bytes of a texture by the name that the file says, None without one.
    The frame is the engine's: left-handed, Y up, karts face +Z, units metres. Groups are textures.
    Raises MeshError for a file that is cut off, not SPM, too big or without faces.
    """
    reader = Reader(data, name)
    if reader.take(2) != b"SP":
        raise MeshError(f"{name}: not an SPM file")
    kind, flags = reader.byte() & 7, reader.byte()
    if kind not in (ANIMATED, STATIC):
        raise MeshError(f"{name}: SPM of kind {kind} is not known")
    reader.take(24)
    materials = [(_text(reader), _text(reader)) for _ in range(reader.short())]
    buffers: list[_Buffer] = []
    vertex_count = face_count = 0
    for _ in range(reader.short()):
        for _ in range(reader.short()):
            buffers.append(_Buffer(reader, kind, flags, materials))
            vertex_count += len(buffers[-1].vertices)
            face_count += len(buffers[-1].faces)
            if (
                len(buffers) > MAX_BUFFERS
                or vertex_count > MAX_VERTICES
                or face_count > MAX_TRIANGLES
            ):
                raise MeshError(f"{name}: too many buffers, vertices or triangles")
    if not face_count:
        raise MeshError(f"{name}: no faces")
    return clean(_join(buffers, materials, read_texture))


class _Buffer:
    """vertices [V, 3], colours [V, 3] in 0-1, uvs [V, 2] (v down), faces [F, 3], its material."""

    def __init__(
        self, reader: Reader, kind: int, flags: int, materials: list[tuple[str, str]]
    ) -> None:
        count, index_count = reader.integer(), reader.integer()
        self.material = reader.short()
        if count > MAX_VERTICES or index_count > 3 * MAX_TRIANGLES:
            raise MeshError(f"{reader.name}: {count} vertices or {index_count} indices in a buffer")
        if self.material >= len(materials):
            raise MeshError(f"{reader.name}: a buffer has a material that is not there")
        first, second = materials[self.material]
        vertices = np.empty((count, 3))
        self.uvs = np.zeros((count, 2), np.float32)
        self.colours = np.ones((count, 3), np.float32)
        after = (4 if second else 0) + (4 if flags & _HAS_TANGENTS else 0)
        for row in range(count):
            vertices[row] = struct.unpack("<3f", reader.take(12))
            if flags & _HAS_NORMALS:
                reader.take(4)
            if flags & _HAS_COLOURS and reader.byte() != _WHITE:
                self.colours[row] = np.frombuffer(reader.take(3), np.uint8) / 255.0
            if first:
                self.uvs[row] = np.frombuffer(reader.take(4), "<f2")
                reader.take(after)
            if kind == ANIMATED:
                reader.take(_SKIN_BYTES)
        self.vertices = vertices
        self.uvs = np.nan_to_num(self.uvs, nan=0.0, posinf=0.0, neginf=0.0)
        wide = count > 255
        raw = reader.take(index_count * (2 if wide else 1))
        indices = np.frombuffer(raw, "<u2" if wide else np.uint8).astype(np.int32)
        self.faces = indices[: len(indices) // 3 * 3].reshape(-1, 3)
        if len(self.faces) and self.faces.max() >= count:
            raise MeshError(f"{reader.name}: a face refers to a vertex that is not there")


def _join(
    buffers: list[_Buffer], materials: list[tuple[str, str]], read_texture: ReadTexture
) -> Mesh:
    textures: list[np.ndarray] = []
    number: dict[str, int] = {"": -1}
    for buffer in buffers:
        texture = materials[buffer.material][0]
        if texture not in number:
            data = read_texture(texture)
            image = None if data is None else decode_texture(data)
            number[texture] = -1 if image is None else len(textures)
            if image is not None:
                textures.append(image)
    first = np.cumsum([0, *(len(buffer.vertices) for buffer in buffers)])
    uvs = np.concatenate([buffer.uvs for buffer in buffers])
    uvs[:, 1] = 1.0 - uvs[:, 1]
    colours = np.concatenate([buffer.colours for buffer in buffers])
    faces = np.concatenate(
        [buffer.faces + base for buffer, base in zip(buffers, first, strict=False)]
    ).astype(np.int32)
    sizes = [len(buffer.faces) for buffer in buffers]
    names = [materials[buffer.material][0] for buffer in buffers]
    groups = sorted(set(names))
    return Mesh(
        vertices=np.concatenate([buffer.vertices for buffer in buffers]),
        faces=faces,
        face_colours=colours[faces].mean(axis=1).astype(np.float32),
        face_uvs=uvs[faces].astype(np.float32),
        face_textures=np.repeat([number[name] for name in names], sizes).astype(np.int32),
        face_groups=np.repeat([groups.index(name) for name in names], sizes).astype(np.int32),
        textures=tuple(textures),
        group_names=tuple(groups),
    )


def _text(reader: Reader) -> str:
    return reader.take(reader.byte()).decode("utf-8", "replace")
