"""New shapes from the named parts of two: wheels of one car under another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from .formats.joining import join_meshes
from .formats.mesh import Mesh, MeshError


def exchange_parts(first: Mesh, second: Mesh, names: Sequence[str]) -> Mesh:
    """`first` with its parts of these names replaced by those of `second`.

    Each new part is moved and scaled axis by axis so that its box is that of the part it replaces.
    Both meshes must face the same way; the result is in the frame of `first`, its group names are
    those of `first`, and the textures of both follow each other. Raises MeshError where one of the
    two lacks a part, or where a name is asked for twice.
    """
    if len(set(names)) != len(names):
        raise MeshError("a part can be exchanged once only")
    kept = np.ones(len(first.faces), bool)
    fitted = []
    for name in names:
        old, new = _faces_of(first, name), _faces_of(second, name)
        kept &= ~old
        part = _fit(second.select_faces(new), first.select_faces(old))
        # the textures of `second` are appended once, below
        shifted = np.where(part.face_textures < 0, -1, part.face_textures + len(first.textures))
        group = np.full(len(part.faces), first.group_names.index(name), np.int32)
        fitted.append(
            replace(
                part,
                face_textures=shifted.astype(np.int32),
                face_groups=group,
                textures=(),
                group_names=(),
            )
        )
    body = replace(first.select_faces(kept), textures=(), group_names=())
    return replace(
        join_meshes([body, *fitted]),
        textures=first.textures + second.textures,
        group_names=first.group_names,
    )


def shared_parts(first: Mesh, second: Mesh) -> list[str]:
    """Names of parts that both have, in the order of `first`; the empty name is none."""
    names = [
        set(np.take(mesh.group_names, np.unique(mesh.face_groups))) for mesh in (first, second)
    ]
    shared = names[0] & names[1] - {""}
    return [name for name in dict.fromkeys(first.group_names) if name in shared]


def _faces_of(mesh: Mesh, name: str) -> np.ndarray:
    """bool [F]. Raises MeshError where no face has this group."""
    numbers = [i for i, other in enumerate(mesh.group_names) if other == name]
    faces = np.isin(mesh.face_groups, numbers)
    if not faces.any():
        raise MeshError(f"there is no part called {name}")
    return faces


def _fit(part: Mesh, place: Mesh) -> Mesh:
    """`part` in the box of `place`; an axis along which it has no extent is only moved."""
    low, high = part.bounds
    low_place, high_place = place.bounds
    size = high - low
    factors = np.where(size > 1e-9, (high_place - low_place) / np.maximum(size, 1e-9), 1.0)
    middle = (low_place + high_place) / 2
    used, faces = np.unique(part.faces, return_inverse=True)
    return replace(
        part,
        vertices=(part.vertices[used] - (low + high) / 2) * factors + middle,
        faces=faces.reshape(-1, 3).astype(np.int32),
    )
