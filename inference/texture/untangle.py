"""Turns back the few triangles that a rigid layout leaves turned over.

Every triangle that has lost most of its area pushes its corners away from their opposite edges, all
three by as little as gives it a share of its area again, and those that it squeezes push in turn:
the projection of position based dynamics (Mueller, Heidelberger, Hennix & Ratcliff 2007, section
3.3) on area constraints.
"""

from __future__ import annotations

import numpy as np

from .parametrize import FlatTriangles, measure_areas

ROUNDS, ROUNDS_PER_REACH = 120, 20
LEAST_AREA, GIVEN_AREA = 0.3, 0.4
"""Shares of a triangle's true area: below the one it pushes, up to the other."""
RINGS = 3


def untangle(position: np.ndarray, triangles: FlatTriangles, rounds: int = ROUNDS) -> np.ndarray:
    """Complex128 [V]: places of the cut vertices, changed only around triangles that lost area.

    position: complex128 [V]. Some triangles may still be turned over afterwards (`find_flips`).
    """
    position = position.copy()
    moved, before = np.zeros(len(position), bool), np.inf
    for number in range(rounds):
        if number % ROUNDS_PER_REACH == 0:
            weak = _find_weak(position, triangles)
            # It comes slower than this only where it will not come at all.
            if not weak.any() or weak.sum() > 0.8 * before:
                break
            before = weak.sum()
            moved[triangles.vertices[weak]] = True
            local = _select_rings(triangles, moved)
        pushes, corners = _push(position, local)
        if not len(corners):
            continue
        at, spot, uses = np.unique(corners, return_inverse=True, return_counts=True)
        shift = np.bincount(spot, pushes.real) + 1j * np.bincount(spot, pushes.imag)
        position[at] += shift / np.sqrt(uses)
        moved[at] = True
    return position


def _find_weak(position: np.ndarray, triangles: FlatTriangles) -> np.ndarray:
    return measure_areas(position[triangles.vertices]) < LEAST_AREA * triangles.area


def _select_rings(triangles: FlatTriangles, vertices: np.ndarray) -> FlatTriangles:
    """The triangles within RINGS of vertices, bool [V]."""
    near = vertices.copy()
    for _ in range(RINGS):
        mask = near[triangles.vertices].any(axis=1)
        near[triangles.vertices[mask]] = True
    return triangles.select(mask)


def _push(position: np.ndarray, triangles: FlatTriangles) -> tuple[np.ndarray, np.ndarray]:
    """Complex128 [N] shifts, and int64 [N] the vertices that they move."""
    corners = position[triangles.vertices]
    missing = LEAST_AREA * triangles.area - measure_areas(corners)
    weak = missing > 0
    corners = corners[weak]
    lack = missing[weak] + (GIVEN_AREA - LEAST_AREA) * triangles.area[weak]
    # The gradient of the area by a corner is the opposite edge, turned to the left, halved.
    gradient = 0.5j * (np.roll(corners, -2, axis=1) - np.roll(corners, -1, axis=1))
    # An edge far shorter than the true triangle would make its corner leap.
    steepness = np.maximum(
        (np.abs(gradient) ** 2).sum(axis=1), 0.1 * np.maximum(triangles.area[weak], 1e-30)
    )
    pushes = gradient * (lack / steepness)[:, None]
    # Nor farther than the true triangle is long.
    longest = np.abs(np.roll(triangles.flat[weak], -1, axis=1) - triangles.flat[weak]).max(axis=1)
    pushes *= np.minimum(1, longest[:, None] / np.maximum(np.abs(pushes), 1e-300))
    return pushes.reshape(-1), triangles.vertices[weak].reshape(-1)
