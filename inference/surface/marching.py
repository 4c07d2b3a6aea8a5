"""Marching cubes over the bricks of a sparse lattice, welded into one mesh.

scikit-image's `marching_cubes` (Lewiner, Lopes, Vieira, Tavares: "Efficient implementation of
Marching Cubes' cases with topological guarantees", 2003) wants a dense volume. The bricks that the
surface crosses are packed side by side into volumes small enough for its float32 coordinates, the
cells between two packed bricks are masked, and the vertices that bricks share are found again by
the lattice edge they lie on. Cost and memory grow with the surface.
"""

from __future__ import annotations

import numpy as np
from skimage.measure import marching_cubes

from ..types import Cancel
from .lattice import BRICK, SparseLattice, select_cells

_SIDE = BRICK + 1
_PACK = 14  # bricks along a packed volume: 126 samples, where float32 still resolves 1e-5 cells
_LEAST, _MOST = 5e-3, 20.0
"""Bounds of a sample's distance from the level, in units of the median distance. A sample on the
level would put several vertices into one point; kept off it, every vertex lies at least
_LEAST / (_LEAST + _MOST) of a cell from its samples, which float32 coordinates can tell apart."""


def march_bricks(
    lattice: SparseLattice, bricks: np.ndarray, level: float, cancel: Cancel | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The surface at the level within some bricks.

    Parameters
    ----------
    lattice: its samples beyond the last known layer are outside.
    bricks: int [B, 3], lowest positions of bricks; all bricks that the surface crosses.
    level: value on the surface; higher is inside.
    cancel: asked between volumes.

    Returns
    -------
    vertices float64 [V, 3] in positions of the lattice, ordered by their lattice edge; faces int64
    [F, 3], counter-clockwise seen from outside. Both empty where nothing crosses.

    Raises Cancelled.
    """
    scale = _typical_distance(lattice, level)
    vertices, faces, total = [np.zeros((0, 3))], [np.zeros((0, 3), np.int64)], 0
    for start in range(0, len(bricks), _PACK**3):
        if cancel is not None:
            cancel.check()
        part = bricks[start : start + _PACK**3]
        distance = _gather_distances(lattice, part, level, scale)
        lowest, highest = distance.min(axis=(1, 2, 3)), distance.max(axis=(1, 2, 3))
        crossed = (lowest < 0) & (highest > 0)
        if crossed.any():
            found, triangles = _march_packed(distance[crossed], part[crossed])
            vertices.append(found)
            faces.append(triangles + total)
            total += len(found)
    return _weld(np.concatenate(vertices), np.concatenate(faces), lattice.shape)


def _typical_distance(lattice: SparseLattice, level: float) -> float:
    distance = np.abs(lattice.known_values() - np.float32(level))
    distance = distance[np.isfinite(distance) & (distance > 0)]
    return float(np.median(distance)) if len(distance) else 1.0


def _gather_distances(
    lattice: SparseLattice, bricks: np.ndarray, level: float, scale: float
) -> np.ndarray:
    """Float32 [B, 9, 9, 9]: signed distance from the level, bounded away from 0 and infinity."""
    local = np.indices((_SIDE,) * 3).transpose(1, 2, 3, 0)
    index = np.minimum(bricks[:, None, None, None] + local, lattice.shape - 1)
    values = lattice.get(index)
    distance = (values - np.float32(level)) / np.float32(scale)
    unknown = np.isnan(values)
    distance[unknown] = np.where(lattice.inside(index[unknown], level), _MOST, -_MOST)
    size = np.clip(np.abs(distance), _LEAST, _MOST)
    return np.where(distance > 0, size, -size).astype(np.float32)


def _march_packed(distance: np.ndarray, bricks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    side = 1
    while side**3 < len(distance):
        side += 1
    packed = np.full((side**3, _SIDE, _SIDE, _SIDE), -1, np.float32)
    packed[: len(distance)] = distance
    volume = packed.reshape((side,) * 3 + (_SIDE,) * 3).transpose(0, 3, 1, 4, 2, 5)
    volume = np.ascontiguousarray(volume).reshape((side * _SIDE,) * 3)
    # the mask is read at a cell's highest corner: the first layer of a brick closes the gap cells
    within = np.arange(side * _SIDE) % _SIDE != 0
    mask = within[:, None, None] & within[:, None] & within
    found, faces, _, _ = marching_cubes(volume, 0.0, gradient_direction="ascent", mask=mask)
    cell = found.astype(np.int64) // _SIDE
    brick = bricks[np.ravel_multi_index(select_cells(cell), (side,) * 3)]
    return found.astype(np.float64) - cell * _SIDE + brick, faces.astype(np.int64)


def _weld(
    vertices: np.ndarray, faces: np.ndarray, shape: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Join the vertices that lie on the same lattice edge (seen from up to four bricks)."""
    nearest = np.rint(vertices)
    offset = np.abs(vertices - nearest)
    axis = offset.argmax(axis=1)
    rows = np.arange(len(vertices))
    base = nearest.astype(np.int64)
    base[rows, axis] = np.floor(vertices[rows, axis])
    inner = (offset > 0).sum(axis=1) > 1  # a vertex within a cell, which no other brick sees
    base[inner] = np.floor(vertices[inner])
    key = np.ravel_multi_index(select_cells(base), tuple(shape)) * 4 + np.where(inner, 3, axis)
    _, first, joined = np.unique(key, return_index=True, return_inverse=True)
    return vertices[first], joined.reshape(-1)[faces]
