"""MegaGlest: units and buildings of its factions, and trees, stones and statues of its tilesets.

A unit is shown as its XML file says it stands, walks and fights; these poses are one body. Which
object is which class, and what was corrected, is in `megaglest_tables`.
"""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

from ..formats.g3d import count_frames, load_g3d
from ..formats.mesh import Mesh, MeshError
from ..packages import Package
from . import megaglest_tables as tables
from .axes import Y_UP_FACING_PLUS_Z, object_rotation, rotate
from .entry import Entry, Loaded, unpacked

PACKAGES = (
    Package(
        "megaglest-data",
        "3.13.0-3",
        "ed4783d9fc78e201a548b266f7c30325eb16cfd58a20bf4597dd6e622f84a07e",
    ),
)
SOURCE, PACKAGE = "megaglest", PACKAGES[0].name
FOLDER = "usr/share/games/megaglest"
FACTIONS = "techs/megapack/factions"
LICENCE = "CC-BY-SA-3.0"
AUTHORS = {
    "magic": "The Glest Team, The MegaGlest Team",
    "tech": "The Glest Team, The MegaGlest Team",
    "indian": "Titus Tscharntke, Philipp Tscharntke",
    "norsemen": "Titus Tscharntke, Raphael Schröder, Philipp Tscharntke",
    "egypt": "Titus Tscharntke",
    "persian": "Titus Tscharntke, Philipp Tscharntke",
    "romans": "Jacob Vejvoda",
}
MAX_FILE_BYTES = 80_000_000
# Skill of the XML file -> what the pose is called and which share of its animation is shown.
POSES = {"stop": ("", 0.0), "move": ("walk", 0.25), "attack": ("fight", 0.5)}
POSED = ("person", "quadruped", "bird", "creature")


def list_entries(data: Path) -> list[Entry]:
    """Units and buildings first, in the order of their names, then the objects of the land."""
    root = unpacked(data, PACKAGE) / FOLDER
    entries = [
        _entry(f"{unit}/{pose}" if pose else unit, kind, unit, (file, share))
        for unit, kind in sorted(tables.unit_kinds().items())
        for pose, file, share in _poses(root, unit, kind)
        if f"{unit}/{pose}" not in tables.EXCLUDED_POSES
    ]
    for name, kind in sorted(tables.land_kinds().items()):
        entries.append(_entry(name, kind, tables.IDENTITIES.get(name, ""), (f"{name}.g3d", 0.0)))
    return entries


def load(entry: Entry, data: Path) -> Loaded:
    """The mesh of an entry in the axes of object space, without a size. Raises MeshError."""
    file, share = entry.payload
    mesh = load_frame(unpacked(data, PACKAGE) / FOLDER / file, share)
    yaw = tables.YAW_FIXES.get(entry.name, tables.YAW_FIXES.get(entry.identity, 0.0))
    return Loaded(rotate(mesh, object_rotation(Y_UP_FACING_PLUS_Z, yaw)))


def load_frame(path: Path, share: float) -> Mesh:
    """The frame at `share` (0-1) of a file's animation, in the engine's frame. Raises MeshError."""

    def read_texture(name: str) -> bytes | None:
        beside = path.parent / name.replace("\\", "/")
        return _read(beside) if beside.is_file() else None

    data = _read(path)
    frame = int(share * count_frames(data, path.name)) if share else 0
    return load_g3d(data, path.name, read_texture, frame)


def _entry(name: str, kind: str, identity: str, payload: tuple[str, float]) -> Entry:
    last = name.removesuffix("/walk").removesuffix("/fight").rpartition("/")[2]
    return Entry(
        source=SOURCE,
        package=PACKAGE,
        name=name,
        kind=kind,
        label=last.replace("_", " "),
        licence=LICENCE,
        author=AUTHORS.get(name.partition("/")[0], "The MegaGlest Team"),
        identity=identity,
        payload=payload,
    )


def _poses(root: Path, unit: str, kind: str) -> Iterator[tuple[str, str, float]]:
    """Name of the pose, file under `root` and share of the animation, one a kind of skill."""
    faction, _, name = unit.partition("/")
    folder = f"{FACTIONS}/{faction}/units/{name}"
    try:
        skills = ElementTree.fromstring(_read(root / folder / f"{name}.xml")).iter("skill")
    except ElementTree.ParseError as error:
        raise MeshError(f"{unit}: {error}") from error
    seen: set[str] = set()
    for skill in skills:
        kind_node, animation = skill.find("type"), skill.find("animation")
        of = kind_node.get("value", "") if kind_node is not None else ""
        file = animation.get("path", "") if animation is not None else ""
        if of not in POSES or of in seen or not file or (of != "stop" and kind not in POSED):
            continue
        seen.add(of)
        pose, share = POSES[of]
        yield pose, f"{folder}/{file}", share


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise MeshError(f"{path.name}: larger than {MAX_FILE_BYTES} bytes")
        return path.read_bytes()
    except OSError as error:
        raise MeshError(f"{path.name}: {error.strerror}") from error
