"""The furniture catalogues of Sweet Home 3D: OBJ models in `.sh3f` archives (zip files).

Which model is which class, and what had to be corrected, is in `sweethome_tables`.
"""

from __future__ import annotations

import os
import posixpath
import re
import zipfile
from functools import lru_cache
from pathlib import Path

from ..formats.mesh import Mesh, MeshError, clean
from ..formats.obj import load_obj
from ..packages import Package
from . import sweethome_tables as tables
from .axes import Y_UP_FACING_PLUS_Z, object_rotation, rotate
from .entry import Entry, Loaded, unpacked
from .ground import drop_ground

PACKAGES = (
    Package(
        "sweethome3d-furniture",
        "1.8-1",
        "3ccb90c63f9525e887a767b9cd5c8b6933b8b6b2973a615a5359ee68a2118668",
    ),
)
SOURCE, PACKAGE = "sweethome", PACKAGES[0].name
FOLDER = "usr/share/sweethome3d/furniture"
CATALOGUE = "PluginFurnitureCatalog.properties"
LICENCES = {
    "BlendSwap-CC-0": "CC0-1.0",
    "BlendSwap-CC-BY": "CC-BY-3.0",
    "KatorLegaz": "CC-BY-3.0-US",
    "Reallusion": "CC-BY-3.0-US",
    "Scopia": "CC-BY-3.0",
}
MAX_MEMBER_BYTES = 200_000_000
# Classes whose models may stand on a sheet that means the road.
ON_GROUND = ("car", "truck", "airplane")


def list_entries(data: Path) -> list[Entry]:
    """The models that the tables give a class, in the order of the catalogues.

    Raises MeshError for a catalogue without a known licence.
    """
    return [
        entry for entry in list_models(data) if entry.kind and entry.name not in tables.EXCLUDED
    ]


def list_models(data: Path) -> list[Entry]:
    """Every OBJ model of the catalogues; `kind` is empty where the tables have no class for it.

    payload: archive's file name, member, (width, depth, height) in metres or None, and the
    catalogue's own rotation of the model (row-major 3x3) or None.
    """
    kinds = tables.kinds()
    entries: list[Entry] = []
    for path in sorted((unpacked(data, PACKAGE) / FOLDER).glob("*.sh3f")):
        text = _read(_archive(path, os.getpid()), CATALOGUE).decode("latin-1")
        licence = LICENCES.get(path.stem)
        if licence is None:
            raise MeshError(f"{path.name}: no licence is known for this catalogue")
        for _, item in sorted(parse_properties(text).items()):
            member = item.get("model", "").lstrip("/")
            if not member.lower().endswith(".obj"):
                continue
            name = f"{path.stem.lower()}/{posixpath.basename(posixpath.dirname(member))}"
            entries.append(
                Entry(
                    source=SOURCE,
                    package=PACKAGE,
                    name=name,
                    kind=kinds.get(name, ""),
                    label=item.get("name", ""),
                    licence=licence,
                    author=item.get("creator", "") or path.stem,
                    identity=tables.IDENTITIES.get(name, ""),
                    payload=(
                        path.name,
                        member,
                        _size(item),
                        _rotation(item.get("modelRotation", "")),
                    ),
                )
            )
    return entries


def load(entry: Entry, data: Path) -> Loaded:
    """The mesh of an entry in the axes of object space, with the catalogue's size.

    Raises MeshError.
    """
    file_name, member, size, own = entry.payload
    mesh = load_model(unpacked(data, PACKAGE) / FOLDER / file_name, member)
    if entry.kind in ON_GROUND:
        mesh = drop_ground(mesh, up=1)
    yaw = tables.YAW_FIXES.get(entry.name, 0.0)
    if size is not None and round(yaw / 90) % 2 == 1:
        size = (size[1], size[0], size[2])
    return Loaded(rotate(mesh, object_rotation(Y_UP_FACING_PLUS_Z, yaw, own)), size)


def load_model(path: Path, member: str) -> Mesh:
    """An OBJ file of an archive in its own frame (Y up, mostly facing +Z). Raises MeshError."""
    archive = _archive(path, os.getpid())
    names = {name.lower(): name for name in archive.namelist()}

    def read(name: str) -> bytes | None:
        found = names.get(posixpath.normpath(name).lower())
        return None if found is None else _read(archive, found)

    return clean(load_obj(read, member))


def parse_properties(text: str) -> dict[int, dict[str, str]]:
    """Entries `key#number=value` of a Sweet Home 3D catalogue, by number."""
    entries: dict[int, dict[str, str]] = {}
    for line in text.splitlines():
        left, sign, value = line.strip().partition("=")
        key, mark, number = left.partition("#")
        if sign and mark and number.isdigit() and not line.startswith("#"):
            value = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m.group(1), 16)), value)
            entries.setdefault(int(number), {})[key.strip()] = value.strip()
    return entries


@lru_cache(maxsize=8)
def _archive(path: Path, process: int) -> zipfile.ZipFile:
    """An open archive; forked processes must not share one, they would share its file position."""
    return zipfile.ZipFile(path)


def _read(archive: zipfile.ZipFile, member: str) -> bytes:
    size = archive.getinfo(member).file_size
    if size > MAX_MEMBER_BYTES:
        raise MeshError(f"{member}: larger than {MAX_MEMBER_BYTES} bytes")
    return archive.read(member)


def _size(item: dict[str, str]) -> tuple[float, float, float] | None:
    """Width, depth and height in metres, None where the catalogue does not say all three."""
    try:
        width, depth, height = (float(item[key]) / 100.0 for key in ("width", "depth", "height"))
    except (KeyError, ValueError):
        return None
    return (width, depth, height) if min(width, depth, height) > 0 else None


def _rotation(text: str) -> tuple[float, ...] | None:
    try:
        values = tuple(float(word) for word in text.split())
    except ValueError:
        return None
    return values if len(values) == 9 else None
