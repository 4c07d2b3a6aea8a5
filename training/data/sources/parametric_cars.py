"""Cars, trucks and buses of our own generator, with named parts and real sizes."""

from __future__ import annotations

from pathlib import Path

from ...generators.cars.vehicle import COUNTS, TRUCKS, make_vehicle
from ..packages import Package
from .entry import GENERATORS, Entry, Loaded, code_digest, extents

PACKAGES: tuple[Package, ...] = ()
NAME = "bozzetto-cars"


def list_entries(data: Path) -> list[Entry]:
    """`vehicle.COUNTS` shapes of every kind, named KIND/NUMBER."""
    code = code_digest(GENERATORS / "cars", GENERATORS / "geometry")
    return [
        Entry(
            source="parametric_cars",
            package=NAME,
            name=f"{kind}/{number:04d}",
            kind="truck" if kind in TRUCKS else "car",
            label=f"{kind.replace('_', ' ')} {number}",
            licence="CC0-1.0",
            author="Bozzetto contributors",
            generated=True,
            payload=(code,),
        )
        for kind, count in COUNTS.items()
        for number in range(count)
    ]


def load(entry: Entry, data: Path) -> Loaded:
    """The mesh of an entry, made from its name. Raises KeyError for a name it does not list."""
    mesh = make_vehicle(entry.name)
    return Loaded(mesh, extents(mesh))
