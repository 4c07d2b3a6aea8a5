"""Actors of the Pyrogenesis engine (0 A.D.): which meshes, textures and motions make an object.

An actor is an XML file of groups; of every group one variant is chosen, and later variants override
what earlier ones said. A variant names a mesh, textures, animations, and props: other actors that
are fastened to points of the mesh. Variants may include files of `art/variants`.
"""

from __future__ import annotations

import itertools
import os
import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

from ..formats.mesh import MeshError

MAX_FILE = 64 << 20
MAX_PARTS = 1_000
MAX_DEPTH = 6  # props on props
MAX_INCLUDES = 8
ARCHIVE = "usr/share/games/0ad/mods/public/public.zip"
# what the engine shows only while something is thrown, garrisoned, burning or being built
HIDDEN_POINTS = ("projectile", "loaded-projectile", "garrisoned", "ammo", "delimitator", "dirt")
# crews stand beside their engines, and a pike six metres long leaves nothing of its bearer to see
LEFT_OUT_POINTS = ("operator", "engineer")
HIDDEN_PROPS = ("particle/", "props/units/blood", "props/units/weapons/sarissa")


@dataclass(frozen=True)
class Animation:
    """name: what it shows (walk, idle), lower case; file below `art/animation`; key: id or name."""

    name: str
    key: str
    file: str


@dataclass(frozen=True)
class Part:
    """A resolved actor: one mesh with what belongs to it, and the parts fastened to it.

    mesh, texture: files below `art/meshes` and `art/textures/skins`; either may be empty.
    colour: the actor's own tint, 0-1, or None. props: pairs of point and part.
    """

    mesh: str
    texture: str
    material: str
    colour: tuple[float, float, float] | None
    animations: tuple[Animation, ...]
    props: tuple[tuple[str, Part], ...]

    def walk(self) -> Iterator[Part]:
        """This part and all that hang on it, parents first."""
        yield self
        for _, part in self.props:
            yield from part.walk()


@dataclass
class _Draft:
    mesh: str = ""
    textures: dict[str, str] = field(default_factory=dict)
    colour: tuple[float, float, float] | None = None
    animations: dict[str, list[Animation]] = field(default_factory=dict)
    props: dict[str, list[str]] = field(default_factory=dict)


class Archive:
    """The game's archive of art; files are read whole, bounded in size."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path)
        self.names = frozenset(self.zip.namelist())
        self._xml: dict[str, ElementTree.Element | None] = {}

    def read(self, name: str) -> bytes | None:
        """The bytes of a file, or None where there is none. Raises MeshError if it is too big."""
        if name not in self.names:
            return None
        if self.zip.getinfo(name).file_size > MAX_FILE:
            raise MeshError(f"{name}: more than {MAX_FILE} bytes")
        try:
            return self.zip.read(name)
        except (zipfile.BadZipFile, OSError) as error:
            raise MeshError(f"{name}: {error}") from error

    def xml(self, name: str) -> ElementTree.Element | None:
        """The root of an XML file, None where there is none or it cannot be parsed."""
        if name not in self._xml:
            data = self.read(name)
            root = None
            # the game's files declare no entities; bombs do
            if data is not None and b"<!ENTITY" not in data:
                try:
                    root = ElementTree.fromstring(data)
                except ElementTree.ParseError:
                    root = None
            self._xml[name] = root
        return self._xml[name]

    def actors(self) -> list[str]:
        """All actor files, relative to `art/actors`, in order."""
        start = "art/actors/"
        return sorted(
            name[len(start) :]
            for name in self.names
            if name.startswith(start) and name.endswith(".xml")
        )


def open_archive(path: Path) -> Archive:
    """The archive at `path`, opened once a process. Raises MeshError."""
    # a forked process would share the parent's place in the file
    return _open_archive(path, os.getpid())


@lru_cache(maxsize=2)
def _open_archive(path: Path, _process: int) -> Archive:
    try:
        return Archive(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise MeshError(f"{path}: {error}") from error


def resolve(archive: Archive, actor: str, choice: int = 0) -> Part | None:
    """The part that an actor (file below `art/actors`) describes, None without any mesh.

    choice: which of a group's variants is taken, modulo their number; only variants that the
    engine would pick at random count, so none of the states (death, carrying, under attack).
    Raises MeshError for an actor of too many parts.
    """
    return _resolve(archive, actor, choice, frozenset(), 0, itertools.count())


def _resolve(
    archive: Archive,
    actor: str,
    choice: int,
    chosen: frozenset[str],
    depth: int,
    counter: Iterator[int],
) -> Part | None:
    """One actor and its props.

    chosen: names of the variants that the parents took; a prop takes those of the same name, so
    that reins move as their horse does. counter: counts the parts of the whole.
    """
    if next(counter) > MAX_PARTS:
        raise MeshError(f"{actor}: an actor of more than {MAX_PARTS} parts")
    root = archive.xml(f"art/actors/{actor}")
    root = _best_quality(archive, root, posixpath.dirname(actor))
    if root is None or depth > MAX_DEPTH:
        return None
    draft = _Draft()
    for group in root.iterfind("group"):
        variants = group.findall("variant")
        likely = [one for one in variants if _frequency(archive, one) > 0] or variants[:1]
        if not variants:
            continue
        alike = [one for one in variants if one.get("name", "").lower() in chosen]
        variant = alike[0] if alike else likely[choice % len(likely)]
        chosen |= {variant.get("name", "").lower()} - {""}
        _apply(archive, variant, draft, 0)
    props = tuple(
        (point, part)
        for point, files in sorted(draft.props.items())
        for file in files
        if not _hidden(point, file)
        and (part := _resolve(archive, file, choice, chosen, depth + 1, counter)) is not None
    )
    if not draft.mesh and not props:
        return None
    return Part(
        mesh=draft.mesh,
        texture=draft.textures.get("baseTex", ""),
        material=(root.findtext("material") or "").strip(),
        colour=draft.colour,
        animations=tuple(a for many in draft.animations.values() for a in many),
        props=props,
    )


def _best_quality(
    archive: Archive, root: ElementTree.Element | None, folder: str
) -> ElementTree.Element | None:
    """Actors with levels of detail: the finest one."""
    if root is None or root.tag != "qualitylevels":
        return root
    levels = root.findall("actor")
    if not levels:
        return None
    finest = levels[-1]
    file = finest.get("file")
    if file:
        found = archive.xml(f"art/actors/{file}")
        return found if found is not None else archive.xml(f"art/actors/{folder}/{file}")
    inline = root.find("inline")
    return inline if finest.get("inline") is not None else finest


def _frequency(archive: Archive, variant: ElementTree.Element) -> float:
    text = variant.get("frequency")
    if text is None and variant.get("file"):
        included = archive.xml(f"art/variants/{variant.get('file')}")
        text = included.get("frequency") if included is not None else None
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def _apply(archive: Archive, variant: ElementTree.Element, draft: _Draft, depth: int) -> None:
    file = variant.get("file")
    if file and depth < MAX_INCLUDES:
        included = archive.xml(f"art/variants/{file}")
        if included is not None:
            _apply(archive, included, draft, depth + 1)
    draft.mesh = (variant.findtext("mesh") or draft.mesh).strip()
    draft.colour = _colour(variant.findtext("color")) or draft.colour
    for texture in variant.iterfind("textures/texture"):
        draft.textures[texture.get("name", "")] = texture.get("file", "")
    own: dict[str, list[Animation]] = {}
    for item in variant.iterfind("animations/animation"):
        name, path = item.get("name", "").lower(), item.get("file", "")
        if path:
            own.setdefault(name, []).append(Animation(name, item.get("id", name).lower(), path))
    draft.animations.update(own)
    props: dict[str, list[str]] = {}
    for prop in variant.iterfind("props/prop"):
        point = props.setdefault(prop.get("attachpoint", ""), [])
        if prop.get("actor"):
            point.append(prop.get("actor", ""))
    draft.props.update(props)


def _hidden(point: str, file: str) -> bool:
    return point.lower().startswith(HIDDEN_POINTS + LEFT_OUT_POINTS) or file.startswith(
        HIDDEN_PROPS
    )


def _colour(text: str | None) -> tuple[float, float, float] | None:
    try:
        values = [min(max(float(word) / 255, 0.0), 1.0) for word in (text or "").split()]
    except ValueError:
        return None
    return (values[0], values[1], values[2]) if len(values) == 3 else None
