"""The true solid of an object at 128³, and the closed surface that all metrics compare with."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from scipy.sparse import coo_matrix, diags
from skimage.measure import marching_cubes

from ..training.data.formats.mesh import Mesh
from ..training.data.occupancy import Solid, occupancy_grid
from .metrics.shape import Shape
from .objects import seed_of

RESOLUTION = 128
MIN_THICKNESS = 1.45 / RESOLUTION
"""Thinner parts are thickened to it: the least that always holds a cell centre."""
TRUTH_VERSION = 1
SMOOTHING_STEPS = 6
SHRINK, SWELL = 0.5, -0.55
STRAY = 0.35
"""In cells: the true surface is within half a one; a little less keeps the thinnest posts whole."""


def true_grid(item_id: str, mesh: Mesh, digest: str, cache: Path) -> np.ndarray:
    """Bool [128, 128, 128] of the cube [-0.5, 0.5]³, index order x, y, z; kept in `cache`."""
    path = cache / "truth" / f"{digest}-v{TRUTH_VERSION}.npz"
    if path.exists():
        with np.load(path) as stored:
            return np.unpackbits(stored["grid"]).astype(bool).reshape((RESOLUTION,) * 3)
    rng = np.random.default_rng(seed_of(item_id, "solid"))
    grid = occupancy_grid(Solid(mesh, rng, min_thickness=MIN_THICKNESS), RESOLUTION)
    save_arrays(path, grid=np.packbits(grid.reshape(-1)))
    return grid


def shape_of_grid(grid: np.ndarray) -> Shape:
    """The closed surface around the cells of bool [n, n, n] in the cube [-0.5, 0.5]³.

    Marching cubes of cells that are inside or not gives stairs. They are smoothed (Taubin, "A
    signal processing approach to fair surface design", 1995), while no vertex moves farther from
    its place than `STRAY` along any axis (Gibson, "Constrained elastic surface nets", 1998).
    Measured against formulas at 128³: normals of a ball 0.98 (0.92 with the stairs), volumes of
    balls, boxes and sheets within 2 %, that of a post 1.45 cells thick 0.84.

    Raises ValueError for an empty grid.
    """
    if not grid.any():
        raise ValueError("the solid is empty")
    resolution = grid.shape[0]
    vertices, faces, _, _ = marching_cubes(
        np.pad(grid, 1).astype(np.float32), 0.5, gradient_direction="ascent"
    )
    smooth = _smooth(vertices.astype(np.float64), faces)
    return Shape((smooth - 0.5) / resolution - 0.5, faces)


def _smooth(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Vertices [V, 3] in cells, smoothed within half a cell of their places."""
    count = len(vertices)
    rows, columns = faces[:, [0, 1, 2, 1, 2, 0]].T.reshape(-1), faces[:, [1, 2, 0, 0, 1, 2]].T
    columns = columns.reshape(-1)
    links = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(count, count)).tocsr()
    links.data[:] = 1.0  # an edge of two faces counts once
    mean = diags(1.0 / np.asarray(links.sum(axis=1)).reshape(-1)) @ links
    moved = vertices
    for step in range(2 * SMOOTHING_STEPS):
        factor = SWELL if step % 2 else SHRINK
        moved = moved + factor * (mean @ moved - moved)
        moved = np.clip(moved, vertices - STRAY, vertices + STRAY)
    return moved


def save_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Write an .npz file completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    with partial.open("wb") as file:
        np.savez_compressed(file, **arrays)
    os.replace(partial, path)
