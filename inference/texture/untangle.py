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
    for first in range(0, rounds, ROUNDS_PER_REACH):
        weak = _find_weak(position, triangles)
        # It comes slower than this only where it will not come at all.
        if not weak.any() or weak.sum() > 0.8 * before:
            break
        before = weak.sum()
        moved[triangles.vertices[weak]] = True
        patch = _Patch(position, _select_rings(triangles, moved))
        for _ in range(min(ROUNDS_PER_REACH, rounds - first)):
            if not patch.push():
                break
        position[patch.used] = patch.place
        moved[patch.used[patch.moved]] = True
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


class _Patch:
    """Some triangles, with their vertices numbered anew and all that stays the same for `push`.

    used: int64 [N], the vertices. place: complex128 [N]. moved: bool [N].
    """

    def __init__(self, position: np.ndarray, triangles: FlatTriangles) -> None:
        self.used, corners = np.unique(triangles.vertices, return_inverse=True)
        self.corners = np.ascontiguousarray(corners.reshape(-1, 3).T)
        self.place = position[self.used]
        self.moved = np.zeros(len(self.used), bool)
        area, flat = triangles.area, triangles.flat
        self.least, self.extra = LEAST_AREA * area, (GIVEN_AREA - LEAST_AREA) * area
        # An edge far shorter than the true triangle would make its corner leap.
        self.gentlest = 0.1 * np.maximum(area, 1e-30)
        # Nor does it go farther than the true triangle is long.
        self.longest = np.abs(flat[:, [1, 2, 0]] - flat).max(axis=1)

    def push(self) -> bool:
        """One round; whether any triangle had to push."""
        a, b, c = self.place.take(self.corners)
        ab, ac = b - a, c - a
        missing = self.least - (ab.real * ac.imag - ab.imag * ac.real) / 2
        weak = np.flatnonzero(missing > 0)
        if not len(weak):
            return False
        ab, ac = ab[weak], ac[weak]
        # The gradient of the area by a corner is the opposite edge, turned to the left, halved.
        gradient = 0.5j * np.stack([ac - ab, -ac, ab])
        square = gradient.real**2 + gradient.imag**2
        lack = missing[weak] + self.extra[weak]
        factor = lack / np.maximum(square.sum(axis=0), self.gentlest[weak])
        far = factor * np.sqrt(square)
        pushes = gradient * (factor * np.minimum(1, self.longest[weak] / np.maximum(far, 1e-300)))
        pushes, at = pushes.reshape(-1), self.corners[:, weak].reshape(-1)
        count = len(self.used)
        uses = np.bincount(at, minlength=count)
        shift = np.empty(count, complex)
        shift.real = np.bincount(at, pushes.real, count)
        shift.imag = np.bincount(at, pushes.imag, count)
        self.place += shift / np.sqrt(np.maximum(uses, 1))
        self.moved |= uses > 0
        return True
