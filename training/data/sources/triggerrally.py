"""Trigger Rally: rally cars, put together of body and four wheels as their XML files say."""

from __future__ import annotations

import os
import posixpath
import xml.etree.ElementTree as ElementTree
import zipfile
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..formats.joining import join_meshes
from ..formats.mesh import Mesh, MeshError, clean
from ..formats.obj import load_obj
from ..packages import Package
from .axes import rotate, rotation_z
from .entry import Entry, Loaded, extents, unpacked

PACKAGES = (
    Package(
        "trigger-rally-data",
        "0.6.6.1-3",
        "44ac51e6717e1aac7e93b76661cce19cf8bdba154dd1df2e93b7f593b2c37cb9",
    ),
)
SOURCE, PACKAGE = "triggerrally", PACKAGES[0].name
ARCHIVE = "usr/share/games/trigger-rally/data.zip"
LICENCE, AUTHOR = "GPL-2.0-or-later", "Jasmine Langridge, Richard Langridge and contributors"
MAX_MEMBER_BYTES = 20_000_000
MAX_WHEELS = 16


def list_entries(data: Path) -> list[Entry]:
    """The cars by name; the classes of one model (kit car, WRC, Super 500) are one body."""
    archive = _archive(unpacked(data, PACKAGE) / ARCHIVE, os.getpid())
    names = {
        posixpath.splitext(posixpath.basename(member))[0]
        for member in archive.namelist()
        if member.endswith(".vehicle")
    }
    return [
        Entry(
            source=SOURCE,
            package=PACKAGE,
            name=name,
            kind="car",
            label=name.replace("_", " "),
            licence=LICENCE,
            author=AUTHOR,
            identity=name.partition("_")[0],
        )
        for name in sorted(names)
    ]


def load(entry: Entry, data: Path) -> Loaded:
    """A car on its wheels in the axes of object space, in metres. Raises MeshError."""
    mesh = load_car(unpacked(data, PACKAGE) / ARCHIVE, entry.name)
    mesh = rotate(mesh, rotation_z(180))  # the game's cars face +Y, with Z up
    return Loaded(mesh, extents(mesh))


def load_car(path: Path, name: str) -> Mesh:
    """Body and wheels in the game's frame: Z up, facing +Y, metres. Raises MeshError."""
    archive = _archive(path, os.getpid())
    members = set(archive.namelist())

    def read(member: str) -> bytes | None:
        if member not in members:
            return None
        if archive.getinfo(member).file_size > MAX_MEMBER_BYTES:
            raise MeshError(f"{member}: larger than {MAX_MEMBER_BYTES} bytes")
        return archive.read(member)

    folder = f"vehicles/{name}"
    text = read(f"{folder}/{name}.vehicle")
    if text is None:
        raise MeshError(f"{name}: no such vehicle")
    meshes = []
    try:
        root = ElementTree.fromstring(text)
        settings, part = root.find("genparams"), root.find("part")
        if settings is None or part is None:
            raise MeshError(f"{name}: the file has no parameters or no part")
        wheels = part.findall("wheel")
        if len(wheels) > MAX_WHEELS:
            raise MeshError(f"{name}: {len(wheels)} wheels, more than {MAX_WHEELS}")
        body = load_obj(read, f"{folder}/{part.get('model', '')}")
        meshes.append(body.with_vertices(body.vertices * float(part.get("scale", "1"))))
        wheel = load_obj(read, f"{folder}/{settings.get('wheelmodel', '')}")
        for node in wheels:
            place = np.array([float(word) for word in node.get("pos", "").split(",")]).reshape(3)
            size = float(settings.get("wheelscale", "1")) * float(node.get("radius", "1"))
            turned = wheel.vertices * size
            if place[0] < 0:
                turned = -turned  # the rim looks outward on both sides
            meshes.append(wheel.with_vertices(turned + place))
    except (ElementTree.ParseError, ValueError) as error:
        raise MeshError(f"{name}: {error}") from error
    return clean(join_meshes(meshes))


@lru_cache(maxsize=2)
def _archive(path: Path, process: int) -> zipfile.ZipFile:
    """An open archive; forked processes must not share one, they would share its file position."""
    return zipfile.ZipFile(path)
