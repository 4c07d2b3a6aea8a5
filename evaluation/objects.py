"""Which held-out objects are judged, and their meshes."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..training.data.formats.mesh import Mesh, clean, normalise
from ..training.data.packages import fetch_packages
from ..training.data.sources.entry import REGISTRY, Entry, open_source
from ..training.data.splits import object_hash

MAX_OBJECTS = 200
GENERATED_SHARE = 4
"""At most one in so many objects is a generated one: they are shown, real ones count."""


@dataclass(frozen=True)
class JudgedObject:
    """A row of the pack: index of the row, and what `training.data.pack` says of it."""

    row: int
    id: str
    package: str
    name: str
    kind: str
    group: int
    generated: bool
    source: str = ""


def choose_objects(index: dict[str, Any], split: str, limit: int) -> list[JudgedObject]:
    """At most `limit` originals of a split, as many of each class as the rarer ones allow.

    index: a pack's `index.json`. Classes take turns, and in a class the hash of the name decides;
    a second object of one body (a group) comes after all first ones. Deterministic; a smaller
    limit gives a subset of the same objects, but for the share of generated ones.
    """
    found = [
        JudgedObject(
            row=row,
            id=item["id"],
            package=item["package"],
            name=item["name"],
            kind=item["class"],
            group=item["group"],
            generated=bool(item.get("generated", False)),
            source=item.get("source", ""),
        )
        for row, item in enumerate(index["objects"])
        if item["split"] == split and item["variant_of"] is None
    ]
    limit = min(limit, MAX_OBJECTS)
    generated = take_turns([item for item in found if item.generated], limit // GENERATED_SHARE)
    real = take_turns([item for item in found if not item.generated], limit - len(generated))
    return real + generated


def take_turns(objects: list[JudgedObject], limit: int) -> list[JudgedObject]:
    """The first `limit` objects when classes take turns."""
    objects = sorted(objects, key=lambda item: object_hash(item.package, item.name))
    seen: Counter[int] = Counter()
    by_class: dict[str, list[tuple[int, int, JudgedObject]]] = defaultdict(list)
    for place, item in enumerate(objects):
        by_class[item.kind].append((seen[item.group], place, item))
        seen[item.group] += 1
    turns = [
        (turn, kind, item)
        for kind, ranked in by_class.items()
        for turn, (_, _, item) in enumerate(sorted(ranked, key=lambda entry: entry[:2]))
    ]
    turns.sort(key=lambda entry: entry[:2])
    return [item for _, _, item in turns[:limit]]


def find_entries(objects: Iterable[JudgedObject], data: Path) -> dict[str, Entry]:
    """The sources' entries of some objects by id; packages are fetched where they are missing.

    Raises LookupError when a source lists one of them no longer.
    """
    wanted: dict[str, set[str]] = defaultdict(set)
    for item in objects:
        wanted[item.source or source_of_package(item.package)].add(item.id)
    entries: dict[str, Entry] = {}
    for name, ids in wanted.items():
        source = open_source(name)
        fetch_packages(data, source.PACKAGES)
        entries |= {entry.id: entry for entry in source.list_entries(data) if entry.id in ids}
        missing = sorted(ids - entries.keys())
        if missing:
            raise LookupError(
                f"{len(missing)} objects of the pack are no longer listed by {name}, the first is "
                f"{missing[0]}: build the pack anew."
            )
    return entries


def source_of_package(package: str) -> str:
    """The source that reads a package, for packs that do not say. Raises LookupError."""
    for name in REGISTRY:
        if any(item.name == package for item in open_source(name).PACKAGES):
            return name
    raise LookupError(f"no source reads the package {package}")


def load_mesh(entry: Entry, data: Path) -> Mesh:
    """The entry's mesh in object space: Z up, facing -Y, box centred, its diagonal 1."""
    return normalise(clean(open_source(entry.source).load(entry, data).mesh))[0]


def digest_mesh(item_id: str, mesh: Mesh) -> str:
    """16 hexadecimal digits that change with the object or anything of its mesh."""
    digest = hashlib.md5(item_id.encode())
    for array in (mesh.vertices, mesh.faces, mesh.face_colours, mesh.face_uvs, mesh.face_textures):
        digest.update(np.ascontiguousarray(array))
    for texture in mesh.textures:
        digest.update(np.ascontiguousarray(texture))
    return digest.hexdigest()[:16]


def seed_of(item_id: str, purpose: str) -> int:
    """A seed that depends on nothing but the object and what it is for."""
    return int(hashlib.md5(f"{item_id}|evaluation|{purpose}".encode()).hexdigest()[:12], 16)
