"""Which results are made: pictures x engines x topologies x face budgets. Standard library only."""

from __future__ import annotations

import hashlib
import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ENGINES = ("pixel", "imnet")
TOPOLOGIES = ("triangles", "quads", "voxel")
BUDGETS = (1_000, 5_000, 20_000, 100_000)
USUAL = 0
"""The budget of the mesh as it is delivered when the artist asks for nothing."""


@dataclass(frozen=True)
class Key:
    """One result. picture: its short name in the plan. budget: faces; 0: the usual number."""

    picture: str
    engine: str
    topology: str
    budget: int

    @property
    def stem(self) -> str:
        """Name of its files, without an ending."""
        return f"{self.picture}-{self.engine}-{self.topology}-{self.budget or 'usual'}"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Key:
        """The key in a line of results."""
        return cls(
            str(values["picture"]),
            str(values["engine"]),
            str(values["topology"]),
            int(values["budget"]),
        )


def plan_keys(
    pictures: Sequence[str],
    engines: Sequence[str],
    topologies: Sequence[str],
    budgets: Sequence[int],
) -> list[Key]:
    """Every result, those of one generation together, the usual one first."""
    shapes = [("triangles", USUAL)]
    shapes += [(topology, budget) for topology in topologies for budget in budgets]
    return [
        Key(picture, engine, topology, budget)
        for picture in pictures
        for engine in engines
        for topology, budget in dict.fromkeys(shapes)
    ]


def sample_keys(keys: Sequence[Key], count: int) -> list[Key]:
    """At least `count` of the keys, or all, in their order.

    Of every generation the usual mesh, and as many of the other shapes from each; topologies
    and budgets take turns over the pictures of an engine, so that each is made about as often.
    """
    groups: dict[tuple[str, str], list[Key]] = {}
    for key in keys:
        groups.setdefault((key.picture, key.engine), []).append(key)
    chosen: set[Key] = {key for key in keys if key.budget == USUAL}
    each = -(-max(0, count - len(chosen)) // max(1, len(groups)))
    turns: dict[str, int] = {}
    for (_, engine), group in groups.items():
        shapes = [key for key in group if key.budget != USUAL]
        turn = turns.setdefault(engine, len(turns) * len(shapes) // 2)
        for step in range(turn, turn + min(each, len(shapes))):
            chosen.add(shapes[step * _find_stride(len(shapes)) % len(shapes)])
        turns[engine] = turn + each
    return [key for key in keys if key in chosen]


def _find_stride(count: int) -> int:
    """Steps that meet all of `count` places before one comes again, and neighbours seldom."""
    return next((step for step in (5, 7, 3, 2) if math.gcd(step, count) == 1), 1)


def name_pictures(paths: Sequence[Path]) -> dict[str, Path]:
    """A short name, safe in file names, for every picture; equal stems get a number."""
    named: dict[str, Path] = {}
    for path in paths:
        stem = re.sub(r"[^A-Za-z0-9_]+", "_", path.stem).strip("_") or "picture"
        name, number = stem, 2
        while name in named:
            name, number = f"{stem}_{number}", number + 1
        named[name] = path
    return named


def fingerprint(extension: Path, sources: Sequence[Path]) -> str:
    """16 hexadecimal digits that change with what makes or measures a result.

    extension: the built zip, of which names and contents count, not the times. sources: files.
    """
    digest = hashlib.sha256()
    with zipfile.ZipFile(extension) as archive:
        for entry in sorted(archive.infolist(), key=lambda one: one.filename):
            digest.update(f"{entry.filename} {entry.CRC}\n".encode())
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
