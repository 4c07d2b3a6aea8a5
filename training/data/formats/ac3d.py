"""AC3D (`.ac`) files: objects in a tree, each with materials, an optional texture and surfaces."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .mesh import DEFAULT_COLOUR, MAX_TRIANGLES, Mesh, MeshError, fan
from .textures import decode_texture

MAX_FILE_BYTES = 80_000_000
SURFACE_TYPE, TYPE_POLYGON, TYPE_STRIP = 0x0F, 0, 4
MAX_DEPTH = 64


def load_ac3d(path: Path) -> Mesh:
    """Read an AC3D file and the textures beside it, in the file's frame (Y up) and units (m).

    Lines and open poly-lines are left out; polygons become fans and strips triangles.
    Raises MeshError for a file that is missing, too big, not AC3D or without faces.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise MeshError(f"{path.name}: larger than {MAX_FILE_BYTES} bytes")
        text = path.read_bytes().decode("latin-1")
    except OSError as error:
        raise MeshError(f"{path.name}: {error.strerror}") from error
    if not text.startswith("AC3D"):
        raise MeshError(f"{path.name}: not an AC3D file")
    return _Ac3dReader(text, path).parse()


@dataclass
class _Object:
    """What one OBJECT block of the file says."""

    rotation: np.ndarray
    location: np.ndarray
    name: str = ""
    texture: str | None = None
    repeat: tuple[float, float] = (1.0, 1.0)
    offset: tuple[float, float] = (0.0, 0.0)
    first_vertex: int = 0
    vertex_count: int = 0


@dataclass
class _Soup:
    vertices: list[np.ndarray] = field(default_factory=list)
    count: int = 0
    faces: list[tuple[int, int, int]] = field(default_factory=list)
    uvs: list[tuple[tuple[float, float], ...]] = field(default_factory=list)
    materials: list[int] = field(default_factory=list)
    textures: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)


class _Ac3dReader:
    def __init__(self, text: str, path: Path) -> None:
        self.lines = text.splitlines()
        self.path = path
        self.position = 0
        self.soup = _Soup()
        self.colours: list[tuple[float, ...]] = []
        self.names: list[str] = []
        self.texture_numbers: dict[str, int] = {}
        self.texture_images: list[np.ndarray] = []

    def parse(self) -> Mesh:
        try:
            while self.position < len(self.lines):
                line = self.lines[self.position]
                if line.startswith("MATERIAL"):
                    self.colours.append(_material_colour(line))
                    self.position += 1
                elif line.startswith("OBJECT"):
                    self._object(np.eye(3), np.zeros(3), 0)
                else:
                    self.position += 1
        except (IndexError, ValueError) as error:
            raise MeshError(f"{self.path.name}: line {self.position + 1}: {error}") from error
        return self._mesh()

    def _object(self, rotation: np.ndarray, location: np.ndarray, depth: int) -> None:
        """Read one OBJECT block and its children; `rotation`, `location` are the parent's."""
        if depth > MAX_DEPTH:
            raise MeshError(f"{self.path.name}: objects nested deeper than {MAX_DEPTH}")
        here = _Object(rotation, location)
        own_rotation, own_location = np.eye(3), np.zeros(3)
        self.position += 1
        while self.position < len(self.lines):
            words = self.lines[self.position].split()
            key = words[0] if words else ""
            if key == "OBJECT":
                return
            self.position += 1
            if key == "name":
                here.name = _rest_of(self.lines[self.position - 1], key)
            elif key == "data":
                self._skip_data(int(words[1]))
            elif key == "texture":
                here.texture = _rest_of(self.lines[self.position - 1], key)
            elif key == "texrep":
                here.repeat = (float(words[1]), float(words[2]))
            elif key == "texoff":
                here.offset = (float(words[1]), float(words[2]))
            elif key == "rot":
                own_rotation = np.array([float(word) for word in words[1:10]]).reshape(3, 3).T
            elif key == "loc":
                own_location = np.array([float(word) for word in words[1:4]])
            elif key == "numvert":
                here.rotation = rotation @ own_rotation
                here.location = rotation @ own_location + location
                self._vertices(here, int(words[1]))
            elif key == "numsurf":
                self._surfaces(here, int(words[1]))
            elif key == "kids":
                child_rotation = rotation @ own_rotation
                child_location = rotation @ own_location + location
                for _ in range(int(words[1])):
                    if not self._seek_object():
                        return  # some files promise more children than they have
                    self._object(child_rotation, child_location, depth + 1)
                return

    def _take(self, count: int) -> list[list[str]]:
        """The words of the next `count` lines, blank ones (which some exporters leave) left out."""
        rows: list[list[str]] = []
        while len(rows) < count:
            words = self.lines[self.position].split()
            self.position += 1
            if words:
                rows.append(words)
        return rows

    def _seek_object(self) -> bool:
        """Go to the next OBJECT line; false at the end of the file."""
        while self.position < len(self.lines):
            if self.lines[self.position].startswith("OBJECT"):
                return True
            self.position += 1
        return False

    def _skip_data(self, characters: int) -> None:
        """Pass over the text after `data N`: N characters, line ends counted."""
        while characters > 0 and self.position < len(self.lines):
            characters -= len(self.lines[self.position]) + 1
            self.position += 1

    def _vertices(self, here: _Object, count: int) -> None:
        points = np.array([[float(word) for word in row[:3]] for row in self._take(count)])
        here.first_vertex, here.vertex_count = self.soup.count, count
        if count:
            self.soup.vertices.append(points.reshape(-1, 3) @ here.rotation.T + here.location)
        self.soup.count += count

    def _surfaces(self, here: _Object, count: int) -> None:
        texture = self._texture_number(here.texture)
        group = len(self.names)
        self.names.append(here.name)
        for _ in range(count):
            while not self.lines[self.position].startswith("SURF"):
                self.position += 1
            flags = int(self.lines[self.position].split()[1], 16) & SURFACE_TYPE
            material = 0
            while not self.lines[self.position].startswith("refs"):
                if self.lines[self.position].startswith("mat"):
                    material = int(self.lines[self.position].split()[1])
                self.position += 1
            corners = int(self.lines[self.position].split()[1])
            self.position += 1
            rows = self._take(corners)
            self._triangles(here, flags, rows, (material, texture, group))

    def _triangles(
        self, here: _Object, flags: int, rows: list[list[str]], tags: tuple[int, int, int]
    ) -> None:
        indices = [int(row[0]) for row in rows]
        if any(not 0 <= index < here.vertex_count for index in indices):
            return
        uvs = [
            (
                float(row[1]) * here.repeat[0] + here.offset[0],
                float(row[2]) * here.repeat[1] + here.offset[1],
            )
            if len(row) >= 3
            else (0.0, 0.0)
            for row in rows
        ]
        if flags == TYPE_POLYGON:
            corners = fan(len(rows))
        elif flags == TYPE_STRIP:
            corners = [
                (i, i + 1, i + 2) if i % 2 == 0 else (i + 1, i, i + 2) for i in range(len(rows) - 2)
            ]
        else:
            return
        base, soup = here.first_vertex, self.soup
        for a, b, c in corners:
            soup.faces.append((base + indices[a], base + indices[b], base + indices[c]))
            soup.uvs.append((uvs[a], uvs[b], uvs[c]))
            soup.materials.append(tags[0])
            soup.textures.append(tags[1])
            soup.groups.append(tags[2])
        if len(soup.faces) > MAX_TRIANGLES:
            raise MeshError(f"{self.path.name}: more than {MAX_TRIANGLES} triangles")

    def _texture_number(self, name: str | None) -> int:
        if not name:
            return -1
        if name not in self.texture_numbers:
            data = _read_beside(self.path, name)
            image = decode_texture(data) if data is not None else None
            self.texture_numbers[name] = -1 if image is None else len(self.texture_images)
            if image is not None:
                self.texture_images.append(image)
        return self.texture_numbers[name]

    def _mesh(self) -> Mesh:
        soup = self.soup
        if not soup.faces:
            raise MeshError(f"{self.path.name}: no faces")
        colours = np.array(self.colours or [DEFAULT_COLOUR], np.float32)
        materials = np.clip(np.array(soup.materials, np.int32), 0, len(colours) - 1)
        return Mesh(
            vertices=np.concatenate(soup.vertices),
            faces=np.array(soup.faces, np.int32),
            face_colours=colours[materials],
            face_uvs=np.array(soup.uvs, np.float32),
            face_textures=np.array(soup.textures, np.int32),
            face_groups=np.array(soup.groups, np.int32),
            textures=tuple(self.texture_images),
            group_names=tuple(self.names),
        )


def _rest_of(line: str, key: str) -> str:
    """What follows the keyword of a line, without quotes."""
    return line.partition(key)[2].strip().strip('"')


def _material_colour(line: str) -> tuple[float, ...]:
    """The diffuse colour (0-1) of a MATERIAL line, the default where it has none."""
    try:
        words = shlex.split(line)
        start = words.index("rgb") + 1
        values = tuple(min(max(float(word), 0.0), 1.0) for word in words[start : start + 3])
    except ValueError:
        return DEFAULT_COLOUR
    return values if len(values) == 3 else DEFAULT_COLOUR


def _read_beside(path: Path, name: str) -> bytes | None:
    """A texture's bytes: where the file says, else the same file name beside the mesh."""
    name = name.replace("\\", "/")
    for candidate in (path.parent / name, path.parent / Path(name).name):
        if candidate.is_file() and candidate.stat().st_size <= MAX_FILE_BYTES:
            return candidate.read_bytes()
    return None
