"""FlightGear's aircraft and scenery: AC3D models in the folders of three packages.

Which model is which class, and what had to be corrected, is in `flightgear_tables`.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from ..formats.ac3d import load_ac3d
from ..formats.mesh import Mesh, clean
from ..packages import Package
from . import flightgear_tables as tables
from .axes import Y_UP_FACING_MINUS_X, object_rotation, rotate
from .entry import Entry, Loaded, extents, unpacked
from .ground import drop_ground

PACKAGES = (
    Package(
        "flightgear-data-ai",
        "1:2020.3.16+dfsg-1",
        "a86b2acbf99ff2d49698abd2a2f4bc28ab0cf5a744218b4ca4d8aede8a67dc2f",
    ),
    Package(
        "flightgear-data-base",
        "1:2020.3.16+dfsg-1",
        "f37bdab5ebc52c0dc622f9feead4301410a97bf6ec47bd595d3253c7681f0332",
    ),
    Package(
        "flightgear-data-models",
        "1:2020.3.16+dfsg-1",
        "e3f24a2e1b5fb34168aed4440e7cbfa41f8ce1196e42351abc5012f6e4263b4c",
    ),
)
SOURCE = "flightgear"
ROOT = "usr/share/games/flightgear"
LICENCE = "GPL-2.0-or-later"
AUTHOR = "FlightGear team and contributors"  # the packages name no author per file
FOLDERS = {
    "flightgear-data-ai": ("AI/Aircraft",),
    "flightgear-data-base": (
        "Aircraft/c172p/Models",
        "Aircraft/Generic/Pilot",
        "Scenery/Models",
        "Scenery/Objects",
    ),
    "flightgear-data-models": ("Models",),
}
# Parts of a model that are no part of the body: propeller discs that stand for motion, shadows on
# the ground, light cones and glows, ropes, wakes. Matched against the object names of the file.
NOT_BODY = re.compile(
    r"prop.{0,14}(disc|disk|blur|fast|slow)|prplr.?dis|(fast|slow|blur).{0,2}prop|[-_]blur$"
    r"|disquehelice|girohelice|propeller\.2$|(?<!no)(?<!silver_)shadow|light.?cone|(?<!ob_)beam|flare|halo|tow.?rope"
    r"|towline|\bground\b|contrail|afterburn|flame|banner|chocks?\b|condensation|\bdatum\b"
    r"|^wake\b|flash\d*$|light.?(plate|volume)|conelumiere|^(red|green|white)[-.]?light\b",
    re.IGNORECASE,
)


def list_entries(data: Path) -> list[Entry]:
    """The models that the tables give a class, by package, folder and path."""
    return [entry for entry in list_models(data) if entry.kind]


def list_models(data: Path) -> list[Entry]:
    """Every `.ac` file of the folders; `kind` is empty where the tables have no class for it.

    The name is the path without `.ac`.
    """
    entries = []
    for package, folders in FOLDERS.items():
        root = unpacked(data, package) / ROOT
        for folder in folders:
            for path in sorted((root / folder).rglob("*.ac")):
                if not path.is_file():
                    continue
                name = path.relative_to(root).as_posix().removesuffix(".ac")
                kind = tables.classify(name)
                entries.append(
                    Entry(
                        source=SOURCE,
                        package=package,
                        name=name,
                        kind=kind or "",
                        label=path.stem,
                        licence=LICENCE,
                        author=AUTHOR,
                        identity=tables.identity(name),
                    )
                )
    return entries


def load(entry: Entry, data: Path) -> Loaded:
    """The mesh of an entry in the axes of object space; the files are in metres.

    Raises MeshError.
    """
    mesh = load_ac3d(unpacked(data, entry.package) / ROOT / f"{entry.name}.ac")
    if entry.name not in tables.WHOLE:
        extra = tables.DROP_GROUPS.get(entry.name)
        pattern = NOT_BODY if extra is None else re.compile(f"{NOT_BODY.pattern}|{extra}", re.I)
        mesh = without_groups(mesh, pattern)
    mesh = drop_ground(clean(mesh), up=1)
    yaw = tables.yaw_fix(entry.name)
    mesh = rotate(mesh, object_rotation(Y_UP_FACING_MINUS_X, yaw))
    return Loaded(mesh, extents(mesh))


def without_groups(mesh: Mesh, pattern: re.Pattern[str]) -> Mesh:
    """The mesh without faces of groups whose name `pattern` finds; all of it if none would stay."""
    drop = [i for i, name in enumerate(mesh.group_names) if pattern.search(name)]
    keep = ~np.isin(mesh.face_groups, np.array(drop, np.int64))
    return mesh.select_faces(keep) if keep.any() and not keep.all() else mesh
