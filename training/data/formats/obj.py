"""Wavefront OBJ with MTL colours and textures, read through a function that gives file bytes."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .mesh import DEFAULT_COLOUR, MAX_TRIANGLES, Mesh, MeshError, fan
from .textures import decode_texture

ReadFile = Callable[[str], bytes | None]


@dataclass(frozen=True)
class Material:
    """Diffuse colour (0-1) and the path of its texture, None without one."""

    colour: tuple[float, float, float] = DEFAULT_COLOUR
    texture: str | None = None
    opacity: float = 1.0


def parse_mtl(text: str) -> dict[str, Material]:
    """Materials by name; lines that cannot be understood are passed over."""
    materials: dict[str, Material] = {}
    name: str | None = None
    for line in text.splitlines():
        key, _, rest = line.strip().partition(" ")
        rest = rest.strip()
        if key == "newmtl":
            name = rest
            materials[name] = Material()
        elif name is not None:
            old = materials[name]
            if key == "Kd":
                colour = _floats(rest, 3)
                if colour is not None:
                    colour = tuple(min(max(value, 0.0), 1.0) for value in colour)
                    materials[name] = Material(colour, old.texture, old.opacity)
            elif key == "d":
                opacity = _floats(rest, 1)
                if opacity is not None:
                    materials[name] = Material(old.colour, old.texture, opacity[0])
            elif key.lower() == "map_kd" and rest:
                # options such as `-s 1 1 1` come before the file's name
                path = rest.split()[-1] if rest.startswith("-") else rest
                materials[name] = Material(old.colour, path, old.opacity)
    return materials


def load_obj(read: ReadFile, path: str) -> Mesh:
    """Read the OBJ file at `path`; `read(path)` gives bytes, or None where there is no file.

    Polygons become fans, coordinates stay in the file's own frame and units.
    Raises MeshError for a file that is missing, too big or without faces.
    """
    data = read(path)
    if data is None:
        raise MeshError(f"{path}: no such file")
    return _ObjReader(read, path).parse(data.decode("utf-8", "replace"))


class _ObjReader:
    def __init__(self, read: ReadFile, path: str) -> None:
        self.read, self.path = read, path
        self.folder = posixpath.dirname(path)
        self.materials: dict[str, Material] = {}
        self.vertices: list[tuple[float, ...]] = []
        self.uvs: list[tuple[float, ...]] = []
        self.corners: list[tuple[int, int, int]] = []  # vertices of each triangle
        self.uv_corners: list[tuple[int, int, int]] = []
        self.face_materials: list[str] = []
        self.face_groups: list[int] = []
        self.groups: dict[str, int] = {"": 0}

    def parse(self, text: str) -> Mesh:
        material, group = "", 0
        for line in text.splitlines():
            key, _, rest = line.strip().partition(" ")
            if key == "v":
                self.vertices.append(_floats(rest, 3) or (0.0, 0.0, 0.0))
            elif key == "vt":
                self.uvs.append(_floats(rest, 2) or (0.0, 0.0))
            elif key == "f":
                self._face(rest, material, group)
                if len(self.corners) > MAX_TRIANGLES:
                    raise MeshError(f"{self.path}: more than {MAX_TRIANGLES} triangles")
            elif key == "usemtl":
                material = rest.strip()
            elif key in ("g", "o"):
                group = self.groups.setdefault(rest.strip(), len(self.groups))
            elif key == "mtllib":
                library = self.read(posixpath.join(self.folder, rest.strip()))
                if library is not None:
                    self.materials.update(parse_mtl(library.decode("utf-8", "replace")))
        if not self.corners:
            raise MeshError(f"{self.path}: no faces")
        return self._mesh()

    def _face(self, rest: str, material: str, group: int) -> None:
        vertex_count, uv_count = len(self.vertices), len(self.uvs)
        polygon: list[tuple[int, int]] = []
        for corner in rest.split():
            parts = corner.split("/")
            vertex = _index(parts[0], vertex_count)
            if vertex is None:
                return
            uv = _index(parts[1], uv_count) if len(parts) > 1 else None
            polygon.append((vertex, -1 if uv is None else uv))
        for a, b, c in fan(len(polygon)):
            self.corners.append((polygon[a][0], polygon[b][0], polygon[c][0]))
            self.uv_corners.append((polygon[a][1], polygon[b][1], polygon[c][1]))
            self.face_materials.append(material)
            self.face_groups.append(group)

    def _mesh(self) -> Mesh:
        names = sorted(set(self.face_materials))
        number = {name: i for i, name in enumerate(names)}
        textures: list[np.ndarray] = []
        colours = np.zeros((len(names), 3), np.float32)
        texture_of = np.full(len(names), -1, np.int32)
        loaded: dict[str, int] = {}
        # renamed materials: where the library has but one, it is the one meant
        only = next(iter(self.materials.values())) if len(self.materials) == 1 else Material()
        for i, name in enumerate(names):
            material = self.materials.get(name, only)
            colours[i] = material.colour
            if material.texture is None:
                continue
            path = posixpath.join(self.folder, material.texture.replace("\\", "/"))
            if path not in loaded:
                data = self.read(path)
                texture = decode_texture(data) if data is not None else None
                loaded[path] = -1 if texture is None else len(textures)
                if texture is not None:
                    textures.append(texture)
            texture_of[i] = loaded[path]
        material_of = np.array([number[name] for name in self.face_materials], np.int32)
        uv_corners = np.array(self.uv_corners, np.int64)
        table = np.array([*self.uvs, (0.0, 0.0)], np.float32)
        face_textures = texture_of[material_of]
        face_textures[(uv_corners < 0).any(axis=1)] = -1
        return Mesh(
            vertices=np.array(self.vertices, np.float64),
            faces=np.array(self.corners, np.int32),
            face_colours=colours[material_of],
            face_uvs=table[uv_corners],
            face_textures=face_textures,
            face_groups=np.array(self.face_groups, np.int32),
            textures=tuple(textures),
            group_names=tuple(self.groups),
        )


def _floats(text: str, count: int) -> tuple[float, ...] | None:
    """The first `count` numbers of a line, None if they are not there."""
    try:
        values = tuple(float(part) for part in text.split()[:count])
    except ValueError:
        return None
    return values if len(values) == count else None


def _index(text: str, count: int) -> int | None:
    """OBJ's 1-based or negative index as 0-based, None if it points outside."""
    try:
        value = int(text)
    except ValueError:
        return None
    value = value - 1 if value > 0 else count + value
    return value if 0 <= value < count else None
