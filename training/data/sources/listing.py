"""Where objects come from: the furniture catalogues of Sweet Home 3D and FlightGear's folders.

Both give `SourceObject`s: a name, what the package says about it and a way to load its mesh in
the source's own frame. Which of them are used, and as what, is decided in `catalogue`.
"""

from __future__ import annotations

import os
import posixpath
import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..formats.ac3d import load_ac3d
from ..formats.mesh import Mesh, MeshError, clean
from ..formats.obj import load_obj

SH3D_PACKAGE = "sweethome3d-furniture"
SH3D_FOLDER = "usr/share/sweethome3d/furniture"
SH3D_CATALOGUE = "PluginFurnitureCatalog.properties"
SH3D_LICENCES = {
    "BlendSwap-CC-0": "CC0-1.0",
    "BlendSwap-CC-BY": "CC-BY-3.0",
    "KatorLegaz": "CC-BY-3.0-US",
    "Reallusion": "CC-BY-3.0-US",
    "Scopia": "CC-BY-3.0",
}
FLIGHTGEAR_LICENCE = "GPL-2.0-or-later"
FLIGHTGEAR_AUTHOR = "FlightGear team and contributors"
FLIGHTGEAR_ROOT = "usr/share/games/flightgear"
FLIGHTGEAR_FOLDERS = {
    "flightgear-data-ai": ("AI/Aircraft",),
    "flightgear-data-base": (
        "Scenery/Models/Aircraft",
        "Scenery/Models/Transport",
        "Scenery/Models/Airport/Vehicle",
        "Scenery/Models/Airport/Pushback",
        "Scenery/Models/Military",
        "Aircraft/c172p/Models",
    ),
    "flightgear-data-models": ("Models/Aircraft", "Models/Geometry", "Models/Military"),
}
# Parts of an AC3D model that are no part of the body: propeller discs that stand for motion,
# shadows on the ground, light cones, ropes. Matched against the object names of the file.
NOT_BODY = re.compile(
    r"prop.{0,14}(disc|disk|blur|fast|slow)|prplr.?dis|(fast|slow|blur).{0,2}prop|[-_]blur$"
    r"|disquehelice|girohelice|propeller\.2$|(?<!no)shadow|light.?cone|beam|flare|halo|tow.?rope"
    r"|towline|\bground\b|contrail|afterburn|flame|banner|chocks?\b|condensation|\bdatum\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class SourceObject:
    """One mesh of a package before anything was decided about it.

    name: unique in its package and stable between runs, e.g. `scopia/bed1`.
    label: what the package calls it. category, tags: the package's own, may be empty.
    size_m: width, depth, height in metres as the catalogue says, None where it says nothing.
    rotation: row-major 3x3 that the catalogue applies to the mesh before display, or None.
    """

    package: str
    name: str
    label: str
    category: str
    tags: str
    licence: str
    author: str
    file: Path
    member: str = ""
    size_m: tuple[float, float, float] | None = None
    rotation: tuple[float, ...] | None = None


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


def list_furniture(unpacked: Path) -> list[SourceObject]:
    """Every object of the `.sh3f` files under `unpacked`/sweethome3d-furniture."""
    objects = []
    for path in sorted((unpacked / SH3D_PACKAGE / SH3D_FOLDER).glob("*.sh3f")):
        text = _archive(path).read(SH3D_CATALOGUE).decode("latin-1")
        licence = SH3D_LICENCES.get(path.stem)
        if licence is None:
            raise MeshError(f"{path.name}: no licence is known for this catalogue")
        for _, entry in sorted(parse_properties(text).items()):
            member = entry.get("model", "").lstrip("/")
            if not member.lower().endswith(".obj"):
                continue
            objects.append(
                SourceObject(
                    package=SH3D_PACKAGE,
                    name=f"{path.stem.lower()}/{posixpath.basename(posixpath.dirname(member))}",
                    label=entry.get("name", ""),
                    category=entry.get("category", ""),
                    tags=entry.get("tags", ""),
                    licence=licence,
                    author=entry.get("creator", "") or path.stem,
                    file=path,
                    member=member,
                    size_m=_size(entry),
                    rotation=_rotation(entry.get("modelRotation", "")),
                )
            )
    return objects


def list_flightgear(unpacked: Path) -> list[SourceObject]:
    """Every `.ac` file of FlightGear's folders with aircraft and vehicles, found by the path."""
    objects = []
    for package, folders in FLIGHTGEAR_FOLDERS.items():
        root = unpacked / package / FLIGHTGEAR_ROOT
        for folder in folders:
            for path in sorted((root / folder).rglob("*.ac")):
                if path.is_file():
                    relative = path.relative_to(root).as_posix()
                    objects.append(
                        SourceObject(
                            package=package,
                            name=relative.removesuffix(".ac"),
                            label=path.stem,
                            category=folder,
                            tags="",
                            licence=FLIGHTGEAR_LICENCE,
                            author=FLIGHTGEAR_AUTHOR,
                            file=path,
                        )
                    )
    return objects


def load_source(source: SourceObject, drop_groups: re.Pattern[str] = NOT_BODY) -> Mesh:
    """The object's mesh in its source's frame, without faces of groups that `drop_groups` finds.

    If nothing would be left, nothing is dropped. Raises MeshError.
    """
    if source.member:
        archive = _archive(source.file)
        names = {name.lower(): name for name in archive.namelist()}

        def read(path: str) -> bytes | None:
            member = names.get(posixpath.normpath(path).lower())
            return None if member is None else archive.read(member)

        mesh = load_obj(read, source.member)
    else:
        mesh = load_ac3d(source.file)
        drop = [i for i, name in enumerate(mesh.group_names) if drop_groups.search(name)]
        keep = ~np.isin(mesh.face_groups, np.array(drop, np.int64))
        if keep.any() and not keep.all():
            mesh = mesh.select_faces(keep)
    return clean(mesh)


def _archive(path: Path) -> zipfile.ZipFile:
    return _archive_of_process(path, os.getpid())


@lru_cache(maxsize=8)
def _archive_of_process(path: Path, process: int) -> zipfile.ZipFile:
    """An open archive; forked processes must not share one, they would share its file position."""
    return zipfile.ZipFile(path)


def _size(entry: dict[str, str]) -> tuple[float, float, float] | None:
    try:
        values = tuple(float(entry[key]) / 100.0 for key in ("width", "depth", "height"))
    except (KeyError, ValueError):
        return None
    return values if min(values) > 0 else None


def _rotation(text: str) -> tuple[float, ...] | None:
    try:
        values = tuple(float(word) for word in text.split())
    except ValueError:
        return None
    return values if len(values) == 9 else None
