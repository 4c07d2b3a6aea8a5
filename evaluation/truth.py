"""The true solid of an object at 128³, and the closed surface that all metrics compare with."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_matrix, diags
from skimage.measure import marching_cubes

from ..training.data.formats.mesh import Mesh
from ..training.data.occupancy import Solid, occupancy_grid
from .metrics.shape import Shape
from .objects import seed_of

RESOLUTION = 128
MIN_THICKNESS = 1.45 / RESOLUTION
"""Thinner parts are thickened to it: the least that always holds a cell centre."""
TRUTH_VERSION = 2
PARTS = 8
"""Points in a cell at the surface, a quarter of the cell from its middle along each axis."""
THIN = 7
"""Least count of a cell of a part that holds no block of two cells."""
LEVEL = 0.49
"""Share of a cell on the surface: under a half, so that cells at the least allowed stay inside."""
SMOOTHING_STEPS, STAIRS_STEPS = 1, 6
SHRINK, SWELL = 0.5, -0.55
STRAY = 0.35
"""In cells: how far smoothing may move a vertex along any axis."""


def true_coverage(item_id: str, mesh: Mesh, digest: str, cache: Path) -> np.ndarray:
    """Uint8 [128, 128, 128] of the cube [-0.5, 0.5]³, index order x, y, z; kept in `cache`.

    `PARTS` in cells inside the solid, 0 outside, and how many of a cell's `PARTS` points are inside
    in cells that touch both.
    """
    path = cache / "truth" / f"{digest}-v{TRUTH_VERSION}.npz"
    if path.exists():
        with np.load(path) as stored:
            return stored["coverage"]
    rng = np.random.default_rng(seed_of(item_id, "solid"))
    solid = Solid(mesh, rng, min_thickness=MIN_THICKNESS)
    coverage = refine_coverage(solid, occupancy_grid(solid, RESOLUTION))
    save_arrays(path, coverage=coverage)
    return coverage


def refine_coverage(solid: Solid, grid: np.ndarray) -> np.ndarray:
    """Uint8 [n, n, n] from the solid at cell centres, bool [n, n, n]; see `true_coverage`."""
    around = np.ones((3, 3, 3), bool)
    mixed = ndimage.binary_dilation(grid, around) & ~ndimage.binary_erosion(grid, around)
    cells = np.argwhere(mixed)
    centres = (cells + 0.5) / grid.shape[0] - 0.5
    count = np.zeros(len(cells), np.uint8)
    for corner in np.ndindex(2, 2, 2):
        count += solid.inside(centres + (np.array(corner) - 0.5) / 2 / grid.shape[0])
    coverage = grid.astype(np.uint8) * PARTS
    coverage[tuple(cells.T)] = count
    # No cell whose middle is inside may be lost, or posts that share four cells would fall apart;
    # what holds no block of two cells counts more, which keeps the widths right on average.
    coverage[grid] = np.maximum(coverage[grid], PARTS // 2)
    thin = grid & ~ndimage.binary_opening(grid, np.ones((2, 2, 2), bool))
    coverage[thin] = np.maximum(coverage[thin], THIN)
    return coverage


def shape_of_coverage(coverage: np.ndarray) -> Shape:
    """The closed true surface from `true_coverage`.

    Measured against formulas at 128³ (IoU; normals; volume): ball 0.998; 0.99; 1.00, turned box
    0.995; 0.98; 1.00, turned post four cells wide 0.94; 0.97; 0.97, turned sheet of the least
    thickness 0.88; 0.98; 1.08, posts of the least thickness 0.6-0.7; 0.8-0.9; 0.8-1.0.
    Raises ValueError for an empty solid.
    """
    return _march(coverage.astype(np.float32) / PARTS, LEVEL, SMOOTHING_STEPS)


def shape_of_grid(grid: np.ndarray) -> Shape:
    """The closed surface around the cells of bool [n, n, n] in the cube [-0.5, 0.5]³.

    For solids of which no more is known; the stairs are smoothed away. Raises ValueError for an
    empty grid.
    """
    return _march(grid.astype(np.float32), 0.5, STAIRS_STEPS)


def _march(values: np.ndarray, level: float, steps: int) -> Shape:
    if not (values > level).any():
        raise ValueError("the solid is empty")
    vertices, faces, _, _ = marching_cubes(np.pad(values, 1), level, gradient_direction="ascent")
    smooth = _smooth(vertices.astype(np.float64), faces, steps)
    return Shape((smooth - 0.5) / values.shape[0] - 0.5, faces)


def _smooth(vertices: np.ndarray, faces: np.ndarray, steps: int) -> np.ndarray:
    """Vertices [V, 3] in cells, smoothed (Taubin, "A signal processing approach to fair surface
    design", 1995), none farther than `STRAY` from its place (Gibson, "Constrained elastic surface
    nets", 1998), so that thin parts stay.
    """
    count = len(vertices)
    rows, columns = faces[:, [0, 1, 2, 1, 2, 0]].T.reshape(-1), faces[:, [1, 2, 0, 0, 1, 2]].T
    columns = columns.reshape(-1)
    links = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(count, count)).tocsr()
    links.data[:] = 1.0  # an edge of two faces counts once
    mean = diags(1.0 / np.asarray(links.sum(axis=1)).reshape(-1)) @ links
    moved = vertices
    for step in range(2 * steps):
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
