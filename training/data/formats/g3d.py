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
from .cutouts import decode_alpha, see_through
from .mesh import MAX_TRIANGLES, Mesh, MeshError, clean
from .textures import decode_texture

ReadTexture = Callable[[str], bytes | None]
MAX_MESHES = 256
MAX_FRAMES = 4_096
MAX_VERTICES = 500_000
_NAME_BYTES = 64
_MAX_TEXTURES = 32
_TEAM_COLOUR, _TEAM_COLOUR_3 = 1, 4  # bits of the properties in version 4 and 3


@dataclass(frozen=True)
class _Part:
    """frames: [frames, V, 3]; uvs: [V, 2], v up; faces: [F, 3]; colour: [3] in 0-1."""

    name: str
    frames: np.ndarray
    uvs: np.ndarray
    faces: np.ndarray
    colour: np.ndarray
    texture: str
    team_colour: bool  # the texture's alpha says where the player's colour shows


def count_frames(data: bytes, name: str) -> int:
    """The number of animation frames: that of the mesh with most of them. Raises MeshError."""
    return max(len(part.frames) for part in _parse(data, name))


def load_g3d(data: bytes, name: str, read_texture: ReadTexture, frame: int = 0) -> Mesh:
    """Read one frame of a G3D file's bytes; `name` is for messages.

    read_texture gives the bytes of a texture by the name that the file says, None without one.
    frame: from 0; meshes with fewer frames stand in their last. The frame of coordinates is the
    engine's: right-handed, Y up, units facing +Z. Groups are the meshes of the file. Faces that are
    mostly holes of their texture (grass, leaves) are left out.
    Raises MeshError for a file that is cut off, of another version, too big or without faces.
    """
    parts = _parse(data, name)
    holes: list[np.ndarray] = []
    textures: list[np.ndarray] = []
    number: dict[str, int] = {"": -1}
    for part in parts:
        if part.texture not in number:
            content = read_texture(part.texture)
            image = None if content is None else decode_texture(content)
            number[part.texture] = -1 if image is None else len(textures)
            if image is not None:
                textures.append(image)
        holes.append(_holes(part, read_texture))
    first = np.cumsum([0, *(part.frames.shape[1] for part in parts)])
    faces = np.concatenate([part.faces + base for part, base in zip(parts, first, strict=False)])
    uvs = np.concatenate([part.uvs for part in parts])
    sizes = [len(part.faces) for part in parts]
    if all(hole.all() for hole in holes):
        raise MeshError(f"{name}: nothing but pictures with holes")
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
        ).select_faces(~np.concatenate(holes))
    )


def _holes(part: _Part, read_texture: ReadTexture) -> np.ndarray:
    """bool [F]: the faces of a mesh that only carry a picture with holes."""
    content = read_texture(part.texture) if part.texture and not part.team_colour else None
    alpha = None if content is None else decode_alpha(content)
    if alpha is None:
        return np.zeros(len(part.faces), bool)
    return see_through(part.uvs[part.faces], alpha)


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
    properties = reader.integer()
    bits = reader.integer()
    names = [_text(reader) for bit in range(_MAX_TEXTURES) if bits >> bit & 1]
    positions = reader.floats(frames * vertices * 3)
    reader.take(frames * vertices * 12)
    uvs = reader.floats(vertices * 2) if bits else np.zeros(vertices * 2)
    texture = names[0] if bits & 1 else ""
    team = bool(properties & _TEAM_COLOUR)
    return _part(reader, _Head(name, frames, indices, colour, texture, team), positions, uvs)


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
    head = _Head(
        "", frames, indices, colour, texture if has_uvs else "", bool(properties & _TEAM_COLOUR_3)
    )
    return _part(reader, head, positions, uvs)


@dataclass(frozen=True)
class _Head:
    """What a mesh says about itself before its tables."""

    name: str
    frames: int
    indices: int
    colour: np.ndarray
    texture: str
    team_colour: bool


def _part(reader: Reader, head: _Head, positions: np.ndarray, uvs: np.ndarray) -> _Part:
    """Read the indices, which come last, and check them."""
    indices = np.frombuffer(reader.take(4 * head.indices), "<u4")
    points = positions.reshape(head.frames, -1, 3)
    if head.indices and indices.max() >= points.shape[1]:
        raise MeshError(f"{reader.name}: a face refers to a vertex that is not there")
    return _Part(
        name=head.name,
        frames=points,
        uvs=np.nan_to_num(uvs.reshape(-1, 2), nan=0.0, posinf=0.0, neginf=0.0),
        faces=indices[: head.indices // 3 * 3].astype(np.int64).reshape(-1, 3),
        colour=np.clip(np.nan_to_num(head.colour), 0.0, 1.0),
        texture=head.texture,
        team_colour=head.team_colour,
    )


def _check(reader: Reader, frames: int, vertices: int, indices: int) -> None:
    if not 1 <= frames <= MAX_FRAMES:
        raise MeshError(f"{reader.name}: {frames} frames, not 1 to {MAX_FRAMES}")
    if vertices > MAX_VERTICES or indices > 3 * MAX_TRIANGLES:
        raise MeshError(f"{reader.name}: {vertices} vertices or {indices} indices in a mesh")


def _text(reader: Reader) -> str:
    return reader.take(_NAME_BYTES).split(b"\0", 1)[0].decode("latin-1").strip()
