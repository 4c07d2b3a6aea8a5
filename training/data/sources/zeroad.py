"""Objects of the game 0 A.D.: its animals and people posed by their animations, its ships, engines,
buildings, plants, rocks and things, put together from its actors with their props.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..formats.mesh import MeshError, clean
from ..packages import Package
from .entry import Entry, Loaded, extents, unpacked
from .zeroad_actors import ARCHIVE, Archive, Part, open_archive, resolve
from .zeroad_assembly import Pose, assemble
from .zeroad_ground import clip_below
from .zeroad_tables import (
    EXCLUDED,
    MAIN_MOUNT,
    MAIN_STRUCTURE,
    METRES_PER_UNIT,
    MINOR,
    RULES,
    YAWS,
    Rule,
)

NAME = "zeroad"
PACKAGES = (
    Package(
        "0ad-data",
        "0.0.26-1",
        "53745ae74d05bccf6783400fa98f3932b21729ab9d2e86151aa2c331c3455178",
    ),
)
LICENCE = "CC-BY-SA-3.0"
ON_GROUND = ("building", "structure", "plant")
AUTHOR = "Wildfire Games and the 0 A.D. community (https://www.wildfiregames.com/)"


def list_entries(data: Path) -> list[Entry]:
    """One entry for each body, or for each of its poses, of the unpacked package under `data`.

    The first actor that shows a set of meshes stands for it; those that only wear other textures
    are not listed. Raises MeshError where the package is not there.
    """
    return list(_entries(unpacked(data, PACKAGES[0].name) / ARCHIVE))


def load(entry: Entry, data: Path) -> Loaded:
    """The posed and assembled actor of an entry in object space. Raises MeshError."""
    actor, choice, animation, fraction, sized = entry.payload
    archive = open_archive(unpacked(data, entry.package) / ARCHIVE)
    part = resolve(archive, f"{actor}.xml", choice)
    if part is None:
        raise MeshError(f"{actor}: no mesh")
    mesh = assemble(archive, part, Pose(animation, fraction), player_colour(entry.body))
    yaw = next((degrees for pattern, degrees in YAWS if pattern.search(actor)), 0.0)
    if yaw:
        cos, sin = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
        turn = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        mesh = mesh.with_vertices(mesh.vertices @ turn.T)
    if entry.kind in ON_GROUND:
        mesh = clean(clip_below(mesh))
    if not len(mesh.faces):
        raise MeshError(f"{entry.name}: no faces")
    if not sized:
        return Loaded(mesh)
    x, y, z = extents(mesh)
    return Loaded(mesh, (x * METRES_PER_UNIT, y * METRES_PER_UNIT, z * METRES_PER_UNIT))


def player_colour(text: str) -> tuple[float, float, float]:
    """A colour for an owner's cloth and paint, drawn from `text`, 0.15-0.9 in each channel."""
    red, green, blue = hashlib.md5(text.encode()).digest()[:3]
    return tuple(0.15 + 0.75 * value / 255 for value in (red, green, blue))


def rule_of(actor: str) -> Rule | None:
    """The first rule that an actor's path matches, None where none does or it is left out."""
    rule = next((rule for rule in RULES if rule.pattern.search(actor)), None)
    return rule if rule is not None and rule.kind else None


def body_of(part: Part, kind: str) -> str:
    """Text that is equal for assemblies that count as one body: the meshes that matter."""
    meshes = {one.mesh.removesuffix(".dae") for one in part.walk() if one.mesh}
    if kind in ("building", "structure", "ship"):
        main = {mesh for mesh in meshes if MAIN_STRUCTURE.match(mesh)}
    elif kind == "quadruped":
        # one horse with a rider of each build; the rider's weapons do not make another object
        main = {mesh for mesh in meshes if MAIN_MOUNT.match(mesh)}
    else:
        main = {mesh for mesh in meshes if not MINOR.search(mesh)}
    return " ".join(sorted(main or meshes))


@lru_cache(maxsize=2)
def _entries(path: Path) -> tuple[Entry, ...]:
    return tuple(_list(open_archive(path)))


def _list(archive: Archive) -> Iterator[Entry]:
    seen: set[str] = set()
    for file in archive.actors():
        actor = file.removesuffix(".xml")
        rule = rule_of(actor)
        for choice in range(rule.choices if rule else 0):
            part = resolve(archive, file, choice)
            if part is None:
                break
            body = body_of(part, rule.kind)
            if body in seen or not _files_exist(archive, part):
                continue
            seen.add(body)
            name = f"{actor}~{choice}" if choice else actor
            if not EXCLUDED & {actor, name}:
                yield from _poses(part, rule, (actor, choice, name))


def _files_exist(archive: Archive, part: Part) -> bool:
    return all(
        f"art/meshes/{one.mesh}.cached.pmd" in archive.names for one in part.walk() if one.mesh
    )


def _identity(part: Part, kind: str) -> str:
    """The body alone, for people and animals: other weapons or another rider do not make another,
    and what shares a body must share a split. Empty for other kinds.
    """
    if kind not in ("person", "quadruped"):
        return ""
    return next((one.mesh for one in part.walk() if one.mesh), "")


def _poses(part: Part, rule: Rule, which: tuple[str, int, str]) -> Iterator[Entry]:
    actor, choice, name = which
    present = {one.name for one in part.animations}
    poses = [pose for pose in rule.poses if pose[0] in present][: rule.pose_count]
    for animation, fraction in poses or [("idle", 0.0)]:
        posed = f"{name}@{animation}-{fraction:.2f}" if poses else name
        if posed in EXCLUDED:
            continue
        yield Entry(
            source=NAME,
            package=PACKAGES[0].name,
            name=posed,
            kind=rule.kind,
            label=actor.rpartition("/")[2].replace("_", " "),
            licence=LICENCE,
            author=AUTHOR,
            identity=_identity(part, rule.kind) or name,
            payload=(actor, choice, animation, fraction, rule.sized),
        )
