"""Vertices of different parts of a surface that lie in one place, parted by a hair.

Files such as .stl know no vertices: whoever reads one joins what lies in one place, and two edges
that touch become one where four faces meet.
"""

from __future__ import annotations

import numpy as np

from ..polygons import link_corners
from ..types import PolygonMesh

APART = 2e-5
"""Share of the box diagonal within which two vertices count as one place."""
_ROUNDS = 8
_MARGIN = 1.5


def find_touching(places: np.ndarray, apart: float) -> np.ndarray:
    """Int64 [N, 2]: pairs of vertices float [V, 3] that are nearer to each other than `apart`.

    Two that near share a cell of twice that size in one of eight grids, shifted by half a cell.
    """
    origin = places.min(axis=0) if len(places) else np.zeros(3)
    steps = (places.astype(np.float64) - origin) / (2 * apart)
    found = []
    for shift in np.ndindex(2, 2, 2):
        cells = np.floor(steps + np.array(shift) / 2).astype(np.int64)
        sides = cells.max(axis=0, initial=0) + 1
        key = (cells[:, 0] * sides[1] + cells[:, 1]) * sides[2] + cells[:, 2]
        order = np.argsort(key, kind="stable")
        ordered = key[order]
        for gap in range(1, len(order)):
            same = ordered[gap:] == ordered[:-gap]
            if not same.any():
                break
            found.append(np.stack([order[:-gap][same], order[gap:][same]], axis=-1))
    if not found:
        return np.zeros((0, 2), np.int64)
    pairs = np.unique(np.sort(np.concatenate(found), axis=1), axis=0)
    away = places[pairs[:, 0]].astype(np.float64) - places[pairs[:, 1]]
    return pairs[np.linalg.norm(away, axis=1) < apart]


def part_touching(mesh: PolygonMesh, apart: float, *, half: bool = False) -> PolygonMesh:
    """Move vertices in one place away from each other, each towards its own neighbours.

    half: the mesh is one half of a symmetric one; vertices in the plane x = 0 stay there. Vertices
    move by little more than `apart`; connectivity stays. What cannot be parted in a few rounds is
    for `find_touching` to tell.
    """
    pairs = find_touching(mesh.vertices, apart)
    if not len(pairs):
        return mesh
    places = mesh.vertices.astype(np.float64)
    seam = (mesh.vertices[:, 0] == 0.0) & half
    tails, heads = link_corners(mesh).edges.T
    uses = np.bincount(tails, minlength=len(places)) + np.bincount(heads, minlength=len(places))
    for _ in range(_ROUNDS):
        total = np.zeros_like(places)
        np.add.at(total, tails, places[heads])
        np.add.at(total, heads, places[tails])
        middles = total / np.maximum(uses, 1)[:, None]
        one, two = pairs.T
        way = middles[one] - middles[two]
        way[seam[one] | seam[two], 0] = 0.0
        length = np.linalg.norm(way, axis=1)
        unclear = length < 1e-3 * apart  # the same neighbourhood: any way that is not along x
        way[unclear] = (0.0, 0.6, 0.8)
        length[unclear] = 1.0
        near = np.linalg.norm(places[one] - places[two], axis=1)
        step = way / length[:, None] * ((_MARGIN * apart + near) / 2)[:, None]
        np.add.at(places, one, step)
        np.subtract.at(places, two, step)
        # as floats, as they are delivered: they may be rounded together again
        pairs = find_touching(places.astype(np.float32), apart)
        if not len(pairs):
            break
    return PolygonMesh(places.astype(mesh.vertices.dtype), mesh.corners, mesh.sizes)
