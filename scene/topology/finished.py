"""Surfaces that were given another topology in this session: asking again is free."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

import numpy as np

from .original import Original, Remeshed

LIMIT = 128 << 20
"""Bytes that are kept; the newest stays however large it is."""

_kept: OrderedDict[tuple[str, str, int], Remeshed] = OrderedDict()


def identify(original: Original) -> str:
    """The same for two originals whose vertices, faces, voxel and plane are the same."""
    digest = hashlib.blake2b(digest_size=16)
    for array in (original.vertices, original.faces):
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(np.array([original.cell, original.plane]).tobytes())
    return digest.hexdigest()


def find(identity: str, topology: str, budget: int) -> Remeshed | None:
    """What was remembered; None: nothing."""
    key = (identity, topology, budget)
    if key in _kept:
        _kept.move_to_end(key)
    return _kept.get(key)


def remember(identity: str, topology: str, budget: int, remeshed: Remeshed) -> None:
    """Keep it as long as there is room; who was asked for longest ago goes first."""
    _kept[(identity, topology, budget)] = remeshed
    _kept.move_to_end((identity, topology, budget))
    while len(_kept) > 1 and sum(map(_measure, _kept.values())) > LIMIT:
        _kept.popitem(last=False)


def forget_all() -> None:
    """Give the memory back."""
    _kept.clear()


def _measure(remeshed: Remeshed) -> int:
    mesh = remeshed.mesh
    return mesh.vertices.nbytes + mesh.corners.nbytes + mesh.sizes.nbytes
