"""Airplanes and helicopters of this project's own generator, made when they are loaded."""

from __future__ import annotations

from pathlib import Path

from ...generators.aircraft import catalogue
from ..formats.mesh import MeshError
from ..packages import Package
from .entry import GENERATORS, Entry, Loaded, code_digest, extents

PACKAGES: tuple[Package, ...] = ()
PACKAGE = "bozzetto-aircraft"


def list_entries(data: Path) -> list[Entry]:
    """300 airplanes of ten kinds and 30 helicopters; the data folder is not used."""
    code = code_digest(GENERATORS / "aircraft", GENERATORS / "geometry")
    return [
        Entry(
            source="parametric_aircraft",
            package=PACKAGE,
            name=name,
            kind="helicopter" if name.startswith("helicopter/") else "airplane",
            label=name.replace("_", " ").replace("/", " "),
            licence="CC0-1.0",
            author="Bozzetto contributors",
            generated=True,
            payload=(code,),
        )
        for name in catalogue.names()
    ]


def load(entry: Entry, data: Path) -> Loaded:
    """The mesh of an entry in metres, with named parts. Raises MeshError for an unknown name."""
    try:
        mesh = catalogue.build(entry.name)
    except KeyError as error:
        raise MeshError(f"{entry.id}: no such kind of aircraft") from error
    return Loaded(mesh, extents(mesh))
