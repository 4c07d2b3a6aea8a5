"""G3D, the mesh format of Glest and MegaGlest, versions 3 and 4: meshes with morphed frames.

Layout, little endian: `G3D` and the version; per mesh a head with the counts of frames, vertices
and indices, colour and textures; positions and normals of every frame; texture coordinates;
indices. Version 4 is described by the `g3d_specs.txt` in MegaGlest's source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .binary import Reader
from .mesh import MAX_TRIANGLES, Mesh, MeshError, clean
from .textures import decode_texture

ReadTexture = Callable[[str], bytes | None]
MAX_MESHES = 256
MAX_FRAMES = 4_096
MAX_VERTICES = 500_000
_NAME_BYTES = 64
_MAX_TEXTURES = 32


@dataclass(frozen=True)
class _Part:
    """frames: [frames, V, 3]; uvs: [V, 2], v up; faces: [F, 3]; colour: [3] in 0-1."""

    name: str
    frames: np.ndarray
    uvs: np.ndarray
    faces: np.ndarray
    colour: np.ndarray
    texture: str


def count_frames(data: bytes, name: str) -> int:
    """The number of animation frames: that of the mesh with most of them. Raises MeshError."""
    return max(len(part.frames) for part in _parse(data, name))


def load_g3d(data: bytes, name: str, read_texture: ReadTexture, frame: int = 0) -> Mesh:
    """Read one frame of a G3D file's bytes; `name` is for messages.

    read_texture gives the bytes of a texture by the name that the file says, None without one.
    frame: from 0; meshes with fewer frames stand in their last. The frame of coordinates is the
    engine's: right-handed, Y up, units facing +Z. Groups are the meshes of the file.
    Raises MeshError for a file that is cut off, of another version, too big or without faces.
    """
    parts = _parse(data, name)
    textures: list[np.ndarray] = []
    number: dict[str, int] = {"": -1}
    for part in parts:
        if part.texture not in number:
            content = read_texture(part.texture)
            image = None if content is None else decode_texture(content)
            number[part.texture] = -1 if image is None else len(textures)
            if image is not None:
                textures.append(image)
    first = np.cumsum([0, *(part.frames.shape[1] for part in parts)])
    faces = np.concatenate([part.faces + base for part, base in zip(parts, first, strict=False)])
    uvs = np.concatenate([part.uvs for part in parts])
    sizes = [len(part.faces) for part in parts]
    return clean(
        Mesh(
            vertices=np.concatenate(
                [part.frames[min(frame, len(part.frames) - 1)] for part in parts]
            ).astype(np.float64),
            faces=faces.astype(np.int32),
            face_colours=np.repeat([part.colour for part in parts], sizes, axis=0).astype(
                np.float32
            ),
            face_uvs=uvs[faces].astype(np.float32),
            face_textures=np.repeat([number[part.texture] for part in parts], sizes).astype(
                np.int32
            ),
            face_groups=np.repeat(np.arange(len(parts)), sizes).astype(np.int32),
            textures=tuple(textures),
            group_names=tuple(part.name for part in parts),
        )
    )


def _parse(data: bytes, name: str) -> list[_Part]:
    """All meshes of the file that have faces; MeshError when none has."""
    reader = Reader(data, name)
    if reader.take(3) != b"G3D":
        raise MeshError(f"{name}: not a G3D file")
    version = reader.byte()
    if version == 4:
        count = reader.short()
        reader.byte()
    elif version == 3:
        count = reader.integer()
    else:
        raise MeshError(f"{name}: G3D version {version} is not known")
    if count > MAX_MESHES:
        raise MeshError(f"{name}: {count} meshes, more than {MAX_MESHES}")
    read = _part_4 if version == 4 else _part_3
    parts = [part for part in (read(reader) for _ in range(count)) if len(part.faces)]
    if not parts:
        raise MeshError(f"{name}: no faces")
    return parts


def _part_4(reader: Reader) -> _Part:
    name = _text(reader)
    frames, vertices, indices = reader.integer(), reader.integer(), reader.integer()
    _check(reader, frames, vertices, indices)
    colour = reader.floats(8)[:3]
    reader.integer()
    bits = reader.integer()
    names = [_text(reader) for bit in range(_MAX_TEXTURES) if bits >> bit & 1]
    positions = reader.floats(frames * vertices * 3)
    reader.take(frames * vertices * 12)
    uvs = reader.floats(vertices * 2) if bits else np.zeros(vertices * 2)
    return _part(
        reader, name, positions, uvs, colour, names[0] if bits & 1 else "", frames, indices
    )


def _part_3(reader: Reader) -> _Part:
    frames, normals, uv_frames, colours = (reader.integer() for _ in range(4))
    vertices, indices, properties = (reader.integer() for _ in range(3))
    _check(reader, frames, vertices, indices)
    if max(normals, uv_frames, colours) > MAX_FRAMES:
        raise MeshError(f"{reader.name}: more than {MAX_FRAMES} frames")
    texture = _text(reader)
    positions = reader.floats(frames * vertices * 3)
    reader.take(normals * vertices * 12)
    has_uvs = not properties & 1
    uvs = np.zeros(vertices * 2)
    if has_uvs and uv_frames:
        uvs = reader.floats(uv_frames * vertices * 2)[: vertices * 2]
    colour = reader.floats(4 * colours)[:3] if colours else np.full(3, 0.8)
    return _part(reader, "", positions, uvs, colour, texture if has_uvs else "", frames, indices)


def _part(
    reader: Reader,
    name: str,
    positions: np.ndarray,
    uvs: np.ndarray,
    colour: np.ndarray,
    texture: str,
    frames: int,
    index_count: int,
) -> _Part:
    indices = np.frombuffer(reader.take(4 * index_count), "<u4")
    points = positions.reshape(frames, -1, 3)
    if index_count and indices.max() >= points.shape[1]:
        raise MeshError(f"{reader.name}: a face refers to a vertex that is not there")
    return _Part(
        name=name,
        frames=points,
        uvs=np.nan_to_num(uvs.reshape(-1, 2), nan=0.0, posinf=0.0, neginf=0.0),
        faces=indices[: index_count // 3 * 3].astype(np.int64).reshape(-1, 3),
        colour=np.clip(np.nan_to_num(colour), 0.0, 1.0),
        texture=texture,
    )


def _check(reader: Reader, frames: int, vertices: int, indices: int) -> None:
    if not 1 <= frames <= MAX_FRAMES:
        raise MeshError(f"{reader.name}: {frames} frames, not 1 to {MAX_FRAMES}")
    if vertices > MAX_VERTICES or indices > 3 * MAX_TRIANGLES:
        raise MeshError(f"{reader.name}: {vertices} vertices or {indices} indices in a mesh")


def _text(reader: Reader) -> str:
    return reader.take(_NAME_BYTES).split(b"\0", 1)[0].decode("latin-1").strip()
