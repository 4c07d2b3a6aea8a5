"""IM-NET's own way to sample a field, written from its description, to compare against.

Chen and Zhang, "Learning Implicit Fields for Generative Shape Modeling" (2019), as their improved
code does it: a 64^3 frame at cell centres; cells with a mixed 3^3 neighbourhood are evaluated at
4^3 points each (256^3 in all); a refined cell that holds anything inside draws in its neighbours
that were outside, without dilation; marching cubes at 0.5 on the grid padded to 258^3.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from skimage.measure import marching_cubes

FRAME, FINE = 64, 4
REAL = FRAME * FINE
LEVEL = 0.5
Occupancy = Callable[[np.ndarray], np.ndarray]
"""float32 [N, 3] -> float32 [N]."""
_CUBE = np.indices((3, 3, 3)).reshape(3, -1).T - 1


@dataclass(frozen=True)
class ReferenceSampling:
    """grid: float32 [258, 258, 258]; flags: bool [64, 64, 64] of the frame; the counts."""

    grid: np.ndarray
    frame_queries: int
    frame_occupied: int
    initial_queue: int
    uniform_inside_cells: int
    refined_cells: int
    refine_queries: int


def sample_reference(occupancy: Occupancy) -> ReferenceSampling:
    axis = ((np.arange(FRAME) + 0.5) / FRAME - 0.5).astype(np.float32)
    frame = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1).reshape(-1, 3)
    flags = (occupancy(frame) > LEVEL).reshape((FRAME,) * 3)
    occupied = int(flags.sum())
    padded = np.pad(flags, 1).astype(np.int8)
    around = sum(
        padded[1 + i : 65 + i, 1 + j : 65 + j, 1 + k : 65 + k] for i, j, k in _CUBE.tolist()
    )
    uniform = around == 27
    queued = (around > 0) & ~uniform
    initial = int(queued.sum())

    grid = np.zeros((REAL + 2,) * 3, np.float32)
    blocks = np.zeros((FRAME,) * 3 + (FINE,) * 3, np.float32)
    blocks[uniform] = 1.0
    local = np.indices((FINE,) * 3).reshape(3, -1).T
    wave, refined = np.argwhere(queued), 0
    while len(wave):
        refined += len(wave)
        index = FINE * wave[:, None] + local
        points = ((index + 0.5) / REAL - 0.5).astype(np.float32).reshape(-1, 3)
        values = occupancy(points).reshape(len(wave), -1)
        blocks[tuple(wave.T)] = values.reshape((-1,) + (FINE,) * 3)
        full = wave[(values > LEVEL).any(axis=1)]
        near = (full[:, None] + _CUBE).reshape(-1, 3)
        near = near[((near >= 0) & (near < FRAME)).all(axis=1)]
        joining = np.zeros_like(flags)
        joining[tuple(near.T)] = True
        joining &= ~flags
        flags = flags | joining
        # the reference queues by flag alone, so a mixed cell outside is evaluated a second time
        wave = np.argwhere(joining)
    grid[1:-1, 1:-1, 1:-1] = blocks.transpose(0, 3, 1, 4, 2, 5).reshape((REAL,) * 3)
    return ReferenceSampling(
        grid, FRAME**3, occupied, initial, int(uniform.sum()), refined, refined * FINE**3
    )


def march_reference(grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float32 [V, 3] vertices in the frame of the samples, int [F, 3] outward faces."""
    vertices, faces, _, _ = marching_cubes(grid, LEVEL, gradient_direction="ascent")
    return ((vertices - 0.5) / REAL - 0.5).astype(np.float32), faces


def optimize_vertices(vertices: np.ndarray, occupancy: Occupancy, rounds: int = 3) -> np.ndarray:
    """Move each vertex to the best of itself and 26 places around it, in ever smaller rounds."""
    offsets = _CUBE[(_CUBE != 0).any(axis=1)].astype(np.float32)
    for number in range(rounds):
        step = np.float32(1 / (REAL * 6 * 2**number))
        best = vertices.copy()
        error = np.abs(occupancy(vertices) - np.float32(LEVEL))
        for offset in offsets:
            place = vertices + offset * step
            found = np.abs(occupancy(place) - np.float32(LEVEL))
            better = found < error
            best[better], error[better] = place[better], found[better]
        vertices = best
    return vertices
