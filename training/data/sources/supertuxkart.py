"""SuperTuxKart: karts with their drivers, and the props of its library, tracks and models.

Karts and library objects are put together as their XML files say; of levels of detail the finest
is taken. Which object is which class, and what was corrected, is in `supertuxkart_tables`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..formats.clusters import largest_cluster
from ..formats.joining import join_meshes
from ..formats.mesh import Mesh, MeshError
from ..formats.spm import load_spm
from ..packages import Package
from . import supertuxkart_tables as tables
from .axes import object_rotation, rotate
from .debian_copyright import licence_of, read_copyright
from .entry import Entry, Loaded, extents, unpacked

PACKAGES = (
    Package(
        "supertuxkart-data",
        "1.4+dfsg-2",
        "568d69cda50dc8ad1facb89514bd14953dfca736fdb83c49ae330b0aa7dd2364",
    ),
)
SOURCE, PACKAGE = "supertuxkart", PACKAGES[0].name
FOLDER = "usr/share/games/supertuxkart/data"
COPYRIGHT = "usr/share/doc/supertuxkart-data/copyright"
MAX_FILE_BYTES = 80_000_000
MAX_PARTS = 64
# Rows are the axes of object space in the engine's, which is left-handed: Y up, karts face +Z.
AXES = np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
_WHEELS = ("front-left", "front-right", "rear-left", "rear-right")
_GHOSTS = ("physic", "collision", "_col.", "_low.", "_medium.", "lod_")


def list_entries(data: Path) -> list[Entry]:
    """The objects that the tables give a class, in the order of their names."""
    stanzas = read_copyright(unpacked(data, PACKAGE) / COPYRIGHT)
    entries = []
    for name, kind in sorted(tables.kinds().items()):
        licence, author = licence_of(f"data/{name}", stanzas)
        entries.append(
            Entry(
                source=SOURCE,
                package=PACKAGE,
                name=name,
                kind=kind,
                label=label_of(name),
                licence=licence,
                author=author or "SuperTuxKart Team",
                identity=tables.IDENTITIES.get(name, ""),
            )
        )
    return entries


def label_of(name: str) -> str:
    """What people read: the last part of the name without the prefixes of the library."""
    last = name.rpartition("/")[2].removesuffix(".spm")
    for prefix in ("stklib_", "hd_", "stk_", "gfx_"):
        last = last.removeprefix(prefix)
    return last.removesuffix("_a").replace("_", " ")


def load(entry: Entry, data: Path) -> Loaded:
    """The mesh of an entry in the axes of object space. Raises MeshError.

    Sizes are not told: the game's world is a toy world, whose trees are as high as its cups.
    """
    mesh = load_object(unpacked(data, PACKAGE) / FOLDER, entry.name)
    if entry.name in tables.ONE_OF_MANY:
        mesh = largest_cluster(mesh)
    pitch = _turn(0, np.radians(tables.PITCH_FIXES.get(entry.name, 0.0)))
    rotation = object_rotation(AXES @ pitch, tables.YAW_FIXES.get(entry.name, 0.0))
    mesh = rotate(mesh, rotation)
    size = extents(mesh) if entry.kind in tables.TRUE_TO_SCALE else None
    return Loaded(mesh, size)


def load_object(root: Path, name: str) -> Mesh:
    """A kart, a library object (both named by folder) or one file, in the engine's frame."""
    path = root / name
    if name.endswith(".spm"):
        return _read_mesh(root, path)
    parts = _kart_parts(path) if name.startswith("karts/") else _library_parts(path)
    if not 1 <= len(parts) <= MAX_PARTS:
        raise MeshError(f"{name}: {len(parts)} parts, not 1 to {MAX_PARTS}")
    meshes = []
    for file, matrix, offset in parts:
        mesh = _read_mesh(root, file)
        meshes.append(mesh.with_vertices(mesh.vertices @ matrix.T + offset))
    return join_meshes(meshes)


_Part = tuple[Path, np.ndarray, np.ndarray]  # file, matrix [3, 3], offset [3]


def _kart_parts(folder: Path) -> list[_Part]:
    """Body, wheels where the kart has any, and what moves with its speed (a tail, a carpet)."""
    root = _parse(folder / "kart.xml")
    parts: list[_Part] = [(folder / root.get("model-file", ""), np.eye(3), np.zeros(3))]
    for wheel in _WHEELS:
        for node in root.findall(f"wheels/{wheel}"):
            offset = _vector(node.get("position"), 0.0)
            parts.append((folder / node.get("model", ""), np.eye(3), offset))
    for node in root.findall("speed-weighted-objects/object"):
        parts.append(_placed(folder, node, "position", "rotation"))
    return parts


def _library_parts(folder: Path, depth: int = 0) -> list[_Part]:
    """The visible meshes of a library object's node.xml, the finest of those drawn by distance."""
    scene = _parse(folder / "node.xml")
    finest: dict[str, str] = {}  # by group of levels of detail
    for node in scene.iter("static-object"):
        finest.setdefault(node.get("lod_group", ""), node.get("model", ""))
    parts = []
    for node in scene.iter("object"):
        model = node.get("model") or finest.get(node.get("lod_group", ""), "")
        hidden = node.get("interaction") == "physicsonly" or node.get("type") == "particle-emitter"
        if not model.endswith(".spm") or hidden:
            continue
        if any(word in model.lower() for word in _GHOSTS) or not (folder / model).is_file():
            continue
        node.set("model", model)
        parts.append(_placed(folder, node, "xyz", "hpr"))
    for node in scene.iter("library") if depth == 0 else ():
        matrix, offset = _transform(node, "xyz", "hpr")
        inner_folder = folder.parent / Path(node.get("name", "")).name
        for file, inner, inner_offset in _library_parts(inner_folder, depth + 1):
            parts.append((file, matrix @ inner, matrix @ inner_offset + offset))
    return parts


def _placed(folder: Path, node: ElementTree.Element, position: str, rotation: str) -> _Part:
    matrix, offset = _transform(node, position, rotation)
    return folder / node.get("model", ""), matrix, offset


def _transform(
    node: ElementTree.Element, position: str, rotation: str
) -> tuple[np.ndarray, np.ndarray]:
    """Matrix [3, 3] and offset [3]: scaled, then turned about X, Y and Z, then moved."""
    turn = np.eye(3)
    for axis, angle in enumerate(np.radians(_vector(node.get(rotation), 0.0))):
        turn = _turn(axis, float(angle)) @ turn
    scale = np.diag(_vector(node.get("scale"), 1.0))
    return turn @ scale, _vector(node.get(position), 0.0)


def _turn(axis: int, angle: float) -> np.ndarray:
    """float64 [3, 3]: by `angle` in radians about one axis of the engine."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[first, first] = matrix[second, second] = np.cos(angle)
    matrix[first, second], matrix[second, first] = -np.sin(angle), np.sin(angle)
    return matrix


def _vector(text: str | None, default: float) -> np.ndarray:
    try:
        values = [float(word) for word in (text or "").split()]
    except ValueError as error:
        raise MeshError(f"{text!r} is not three numbers") from error
    return np.array(values if len(values) == 3 else [default] * 3)


def _parse(path: Path) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(_read(path).replace(b"\0", b""))
    except ElementTree.ParseError as error:
        raise MeshError(f"{path.name}: {error}") from error


def _read_mesh(root: Path, path: Path) -> Mesh:
    def read_texture(name: str) -> bytes | None:
        for candidate in (path.parent / name, *_shared_textures(root).get(name.lower(), ())):
            if candidate.is_file():
                return _read(candidate)
        return None

    return load_spm(_read(path), str(path.relative_to(root)), read_texture)


@lru_cache(maxsize=2)
def _shared_textures(root: Path) -> dict[str, tuple[Path, ...]]:
    """Pictures of the folders that every object may use, by file name in lower case."""
    found: dict[str, tuple[Path, ...]] = {}
    for folder in ("textures", "models", "library"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix.lower() in (".png", ".jpg", ".jpeg"):
                found.setdefault(path.name.lower(), (path,))
    return found


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise MeshError(f"{path.name}: larger than {MAX_FILE_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise MeshError(f"{path.name}: {error.strerror}") from error
