"""Home Decor for Minetest: household furniture as OBJ, whose pictures its Lua files choose.

Minetest gives the tiles of a node to the materials of its mesh in the order in which the file
first uses them. Tiles of the base game are not in the package; their colours are in the tables.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..formats.mesh import DEFAULT_COLOUR, Mesh, MeshError, clean
from ..formats.obj import load_obj
from ..formats.textures import decode_texture
from ..packages import Package
from . import homedecor_tables as tables
from .axes import object_rotation, rotate
from .entry import Entry, Loaded, extents, unpacked

PACKAGES = (
    Package(
        "minetest-mod-homedecor",
        "20210327.1-2",
        "555d078c37e2a26a66aea20affa8031ea7ff05e9def7c2f9eb60cd422feb9f6c",
    ),
)
SOURCE, PACKAGE = "homedecor", PACKAGES[0].name
FOLDER = "usr/share/games/minetest/mods/homedecor"
LICENCE, AUTHOR = "CC-BY-SA-4.0", "Vanessa Ezekowitz"
MAX_FILE_BYTES = 20_000_000
# Rows are the axes of object space in the file's, right-handed: Y up, the front of a node at -Z.
AXES = np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
# The same for meshes on whose backs they stand: the front at -X, the back of the file at -Z.
WALL_AXES = np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
_MESH = re.compile(r'mesh\s*=\s*"([\w.]+\.obj)"')
_TILES = re.compile(r"\btiles\s*=\s*\{")


def list_entries(data: Path) -> list[Entry]:
    """The meshes that the tables give a class, by name."""
    paths = _models(unpacked(data, PACKAGE) / FOLDER)
    return [
        Entry(
            source=SOURCE,
            package=PACKAGE,
            name=name,
            kind=kind,
            label=name.removeprefix("homedecor_").replace("_", " "),
            licence=LICENCE,
            author=AUTHOR,
            identity=tables.IDENTITIES.get(name, ""),
        )
        for name, kind in sorted(tables.kinds().items())
        if name in paths
    ]


def load(entry: Entry, data: Path) -> Loaded:
    """The mesh of an entry in the axes of object space; a node is a metre. Raises MeshError."""
    mesh = load_model(unpacked(data, PACKAGE) / FOLDER, entry.name)
    axes = WALL_AXES if entry.name in tables.WALL_MOUNTED else AXES
    mesh = rotate(mesh, object_rotation(axes, tables.YAW_FIXES.get(entry.name, 0.0)))
    return Loaded(mesh, extents(mesh))


def load_model(root: Path, name: str) -> Mesh:
    """The mesh called `name` with its tiles, in the file's own frame. Raises MeshError."""
    path = _models(root).get(name)
    if path is None or path.stat().st_size > MAX_FILE_BYTES:
        raise MeshError(f"{name}: no such mesh, or too big")
    mesh = load_obj(lambda member: path.read_bytes() if member == path.name else None, path.name)
    return clean(_with_tiles(root, mesh, _tiles(root).get(path.name, ())))


def parse_tiles(text: str) -> dict[str, tuple[str, ...]]:
    """Names of the tiles by mesh file, from the nodes that a Lua text registers.

    A tile is the picture's name without the modifiers behind `^`, or empty where the text computes
    it. Of the lists of tiles in the file the nearest to the mesh is taken.
    """
    lists = [(match.start(), _items(text, match.end())) for match in _TILES.finditer(text)]
    found: dict[str, tuple[str, ...]] = {}
    for match in _MESH.finditer(text):
        near = min(lists, key=lambda item: abs(item[0] - match.start()), default=None)
        if near is not None and abs(near[0] - match.start()) < 1500:
            found.setdefault(match.group(1), near[1])
    return found


def _items(text: str, start: int) -> tuple[str, ...]:
    """The items of a Lua list that opens before `start`: the first quoted picture of each."""
    items, depth, current = [], 1, ""
    for letter in re.sub(r"--[^\n]*", "", text[start : start + 4000]):
        depth += (letter == "{") - (letter == "}")
        if depth == 0 or (letter == "," and depth == 1):
            if current.strip():
                picture = re.search(r'"([^"^]+\.png)', current)
                items.append(picture.group(1) if picture else "")
            current = ""
            if depth == 0:
                break
        else:
            current += letter
    return tuple(items)


def _with_tiles(root: Path, mesh: Mesh, tiles: tuple[str, ...]) -> Mesh:
    """The mesh with the pictures of its tiles: the last holds for all groups after it."""
    if not tiles:
        return mesh
    used, first = np.unique(mesh.face_groups, return_index=True)
    order = used[np.argsort(first)]
    colours = np.tile(np.array(DEFAULT_COLOUR, np.float32), (len(mesh.faces), 1))
    numbers = np.full(len(mesh.faces), -1, np.int32)
    textures: list[np.ndarray] = []
    for position, group in enumerate(order):
        tile = tiles[min(position, len(tiles) - 1)]
        path = _pictures(root).get(tile)
        image = None if path is None else decode_texture(path.read_bytes())
        mask = mesh.face_groups == group
        if image is None:
            colours[mask] = tables.colour_of(tile)
        else:
            numbers[mask] = len(textures)
            textures.append(image)
    return Mesh(
        vertices=mesh.vertices,
        faces=mesh.faces,
        face_colours=colours,
        face_uvs=mesh.face_uvs,
        face_textures=numbers,
        face_groups=mesh.face_groups,
        textures=tuple(textures),
        group_names=mesh.group_names,
    )


@lru_cache(maxsize=2)
def _models(root: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(root.rglob("*.obj"))}


@lru_cache(maxsize=2)
def _pictures(root: Path) -> dict[str, Path]:
    return {path.name: path for path in sorted(root.rglob("*.png"))}


@lru_cache(maxsize=2)
def _tiles(root: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(root.rglob("*.lua")):
        for mesh, tiles in parse_tiles(path.read_text(encoding="utf-8", errors="replace")).items():
            found.setdefault(mesh, tiles)
    return found
