"""Put an actor of the Pyrogenesis engine together: pose its meshes and fasten its props."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from ..formats.mesh import DEFAULT_COLOUR, Mesh, MeshError, clean
from ..formats.pmd import NO_BONE, Pmd, parse_pmd
from ..formats.psa import frame_at, parse_psa
from ..formats.skinning import rigid_matrices, skin
from .zeroad_actors import Animation, Archive, Part
from .zeroad_skins import cut_out, is_cut_out, read_skin, tinted

MANY_TRIANGLES = 60_000  # cut-outs become coarser where an object gets near
# left-handed, Y up, facing -Z becomes right-handed, Z up, facing -Y
TO_OBJECT_SPACE = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])


@dataclass(frozen=True)
class Pose:
    """The moment that is shown. animation: its name (walk, idle), empty for the rest pose."""

    animation: str = ""
    fraction: float = 0.0


@dataclass
class _Soup:
    """Triangles of all parts so far."""

    player: tuple[float, float, float]
    triangles: list[np.ndarray] = field(default_factory=list)
    uvs: list[np.ndarray] = field(default_factory=list)
    texture_of: list[int] = field(default_factory=list)
    colours: list[tuple[float, float, float]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    textures: list[np.ndarray] = field(default_factory=list)
    numbers: dict[tuple, int] = field(default_factory=dict)


@lru_cache(maxsize=128)
def read_mesh(archive: Archive, file: str) -> Pmd:
    """A mesh below `art/meshes`. Raises MeshError."""
    path = f"art/meshes/{file}"
    data = archive.read(f"{path}.cached.pmd") or archive.read(path)
    if data is None:
        raise MeshError(f"{path}: no such file")
    return parse_pmd(data, path)


@lru_cache(maxsize=64)
def read_animation(archive: Archive, file: str) -> np.ndarray:
    """An animation below `art/animation`, float64 [frames, bones, 7]. Raises MeshError."""
    path = f"art/animation/{file}"
    data = archive.read(f"{path}.cached.psa") or archive.read(path)
    if data is None:
        raise MeshError(f"{path}: no such file")
    return parse_psa(data, path)


def assemble(archive: Archive, part: Part, pose: Pose, player: tuple[float, float, float]) -> Mesh:
    """The whole object in object space, in the engine's units (about metres).

    player: colour of what shows its owner's colour, 0-1. Raises MeshError.
    """
    soup = _Soup(player)
    _add(archive, part, pose, np.eye(4), "", soup)
    counts = [len(triangles) for triangles in soup.triangles]
    if not sum(counts):
        raise MeshError("the actor has no faces")
    total = sum(counts)
    vertices = np.concatenate(soup.triangles).reshape(-1, 3) @ TO_OBJECT_SPACE.T
    # the axes swap turns the engine's clockwise faces, which are left-handed, the right way round
    mesh = Mesh(
        vertices=vertices,
        faces=np.arange(3 * total, dtype=np.int32).reshape(-1, 3),
        face_colours=np.repeat(np.asarray(soup.colours, np.float32), counts, axis=0),
        face_uvs=np.concatenate(soup.uvs).astype(np.float32),
        face_textures=np.repeat(np.asarray(soup.texture_of, np.int32), counts),
        face_groups=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        textures=tuple(soup.textures),
        group_names=tuple(soup.names),
    )
    return clean(mesh)


def _add(
    archive: Archive, part: Part, pose: Pose, placed: np.ndarray, key: str, soup: _Soup
) -> None:
    """Append a part that stands at `placed` (float64 [4, 4]), and what hangs on it."""
    mesh = read_mesh(archive, part.mesh) if part.mesh else None
    points: dict[str, np.ndarray] = {}
    if mesh is not None:
        rest = rigid_matrices(mesh.rest)
        states, key = _states(archive, part, mesh, pose, key)
        bones = rest if states is None else rigid_matrices(states)
        vertices = mesh.vertices
        if states is not None:
            vertices = skin(vertices, mesh.bones, mesh.weights, rest, bones)
        _append(archive, part, mesh, vertices @ placed[:3, :3].T + placed[:3, 3], soup)
        for name in {name for name, _ in part.props}:
            point = mesh.prop_point(name)
            if point is not None:
                local = rigid_matrices(point.transform[None])[0]
                if point.bone != NO_BONE and point.bone < len(bones):
                    local = bones[point.bone] @ local
                points[name] = placed @ local
    for name, prop in part.props:
        if name in points:
            _add(archive, prop, pose, points[name], key, soup)
        elif mesh is None or name in ("", "root"):
            _add(archive, prop, pose, placed, key, soup)


def choose(part: Part, pose: Pose, key: str = "") -> Animation | None:
    """The part's animation for a pose: the one of its parent's key, else the first of that name.

    A part that lacks the animation idles: a rider has none for a feeding horse.
    """
    for name in (pose.animation, "idle"):
        named = [one for one in part.animations if one.name == name]
        if named:
            return next((one for one in named if one.key == key), named[0])
    return None


def _states(
    archive: Archive, part: Part, mesh: Pmd, pose: Pose, key: str
) -> tuple[np.ndarray | None, str]:
    """The bones' states in a pose (None: at rest) and the key by which props follow along."""
    animation = choose(part, pose, key)
    if animation is None or not len(mesh.rest):
        return None, key
    frames = read_animation(archive, animation.file)
    if frames.shape[1] != len(mesh.rest):
        return None, animation.key
    return frame_at(frames, pose.fraction), animation.key


def _append(archive: Archive, part: Part, mesh: Pmd, vertices: np.ndarray, soup: _Soup) -> None:
    triangles, uvs = vertices[mesh.faces], mesh.uvs[mesh.faces]
    pixels = read_skin(archive, part.texture) if part.texture else None
    number = -1
    if pixels is not None:
        if is_cut_out(part.material):
            spent = sum(len(one) for one in soup.triangles)
            limit = min(max(MANY_TRIANGLES - spent, 1_000), MANY_TRIANGLES // 3)
            triangles, uvs = cut_out(triangles, uvs, pixels, limit)
        colour = soup.player if part.material.startswith("player") else part.colour
        known = (part.texture, part.material, colour)
        if known not in soup.numbers:
            soup.numbers[known] = len(soup.textures)
            soup.textures.append(tinted(pixels, part.material, colour))
        number = soup.numbers[known]
    soup.triangles.append(triangles)
    soup.uvs.append(uvs)
    soup.texture_of.append(number)
    soup.colours.append(part.colour or DEFAULT_COLOUR)
    soup.names.append(part.mesh.removesuffix(".dae"))
