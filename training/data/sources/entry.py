"""What a source of objects is: it lists entries and loads their meshes.

Every module of this package that `REGISTRY` names has

- `PACKAGES`: tuple of `packages.Package`, the pinned archives it reads (empty for a generator);
- `prepare(data)`: make everything else it needs under the data folder (generated meshes,
  environments), resumable, doing nothing when all is there. Optional;
- `list_entries(data)`: its entries, in a stable order, without loading meshes;
- `load(entry, data)`: the mesh of one entry. Raises MeshError.
"""

from __future__ import annotations

import hashlib
import importlib
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol, cast

import numpy as np

from ..formats.mesh import Mesh
from ..packages import Package

GENERATORS = Path(__file__).resolve().parents[2] / "generators"
REGISTRY: tuple[str, ...] = (
    "sweethome",
    "flightgear",
    "zeroad",
    "supertuxkart",
    "megaglest",
    "homedecor",
    "triggerrally",
    "pybullet",
    "infinigen",
    "anny",
    "parametric_cars",
    "parametric_aircraft",
)


@dataclass(frozen=True)
class Entry:
    """One object of a source, before its mesh is loaded.

    source: the module of this package that loads it. package, name: unique together and the same
    in every build; `md5(package/name)` decides the split. kind: a key of `classes.CLASSES`.
    label: what its package calls it, for people. licence: SPDX identifier. author: as the package
    says, or its project. identity: equal for poses, liveries and levels of detail of one body,
    which count as one object and share a split; empty: the name is the identity.
    generated: made by a generator rather than by a modeller.
    payload: whatever the source's `load` needs, hashable and picklable.
    """

    source: str
    package: str
    name: str
    kind: str
    label: str
    licence: str
    author: str
    identity: str = ""
    generated: bool = False
    payload: tuple = ()

    @property
    def id(self) -> str:
        """Unique over all sources; the text whose hash decides the split."""
        return f"{self.package}/{self.name}"

    @property
    def body(self) -> str:
        """Equal for entries that show one body."""
        return f"{self.package}/{self.identity or self.name}"


@dataclass(frozen=True)
class Loaded:
    """A mesh with the axes of object space (Z up, facing -Y), at any place and scale.

    mesh: where its source tells parts apart, `group_names` are their names and `face_groups` say
    which face belongs to which. size_m: extents in metres along x, y, z, None where unknown.
    """

    mesh: Mesh
    size_m: tuple[float, float, float] | None = None


@lru_cache
def code_digest(*folders: Path) -> str:
    """Changes with the code of a generator, so that its shapes are built anew: for `payload`."""
    files = sorted(file for folder in folders for file in folder.rglob("*.py"))
    return hashlib.md5(b"".join(file.read_bytes() for file in files)).hexdigest()


class Source(Protocol):
    """The functions of a source's module, see the head of this file."""

    PACKAGES: tuple[Package, ...]
    list_entries: Callable[[Path], list[Entry]]
    load: Callable[[Entry, Path], Loaded]


def open_source(name: str) -> Source:
    """The module of a source. Raises KeyError for a name that `REGISTRY` does not have."""
    if name not in REGISTRY:
        raise KeyError(name)
    return cast(Source, importlib.import_module(f".{name}", __package__))


def extents(mesh: Mesh) -> tuple[float, float, float]:
    """Lengths of the mesh's box along x, y, z."""
    low, high = mesh.bounds
    x, y, z = (float(value) for value in np.subtract(high, low))
    return x, y, z


def unpacked(data: Path, package: str) -> Path:
    """Where a package of `packages.fetch_packages` lies unpacked."""
    return data / "unpacked" / package


def list_all(data: Path, names: Iterable[str] = REGISTRY) -> list[Entry]:
    """The entries of several sources, ordered by id. Raises ValueError for an id met twice."""
    entries = [entry for name in names for entry in open_source(name).list_entries(data)]
    entries.sort(key=lambda entry: entry.id)
    for first, second in itertools.pairwise(entries):
        if first.id == second.id:
            raise ValueError(f"{first.id} is listed twice")
    return entries
