"""Deformed variants of a shape: a smooth map of space that can be run backwards.

A variant has other proportions (axes scaled), leans, tapers or curves along one axis, and bulges
in gentle waves. The map never folds: the scaling and the axis step are inverted exactly, and the
waves move neighbouring points by less than they are apart (their Jacobian's norm is bounded by
`MAX_STRAIN` < 1 everywhere, so the identity plus the waves is injective by Banach's theorem, and
its inverse is the limit of a contraction).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SCALE_RANGE = (0.75, 1.35)
MAX_STRAIN = 0.42
MAX_TAPER, MAX_SHEAR, MAX_BEND = 0.7, 0.15, 0.3
SHARE_AXIAL, SHARE_WAVY, SHARE_LOPSIDED = 0.45, 0.6, 0.12
WAVES = 4
TOLERANCE = 1e-5
ITERATIONS = 24  # MAX_STRAIN ** 24 is 1e-9


@dataclass(frozen=True)
class Warp:
    """A smooth injective map of space, in object space units.

    factors: float64 [3], axes are scaled by these first. axis: 1 or 2 (y or z), which the second
    step goes along: with t the coordinate on that axis, the two others are multiplied by
    exp(`taper` t) and moved by `shear` t + `bend` t² (float64 [3] each, 0 on the axis).
    amplitudes, frequencies, phases: float64 [K, 3], [K, 3], [K, 2], waves that are added last:
    a wave is sin(f_y y + f_z z + phase 1) times cos(f_x x + phase 0) in y and z, and times
    sin(f_x x + phase 0) in x, so with phase 0 = 0 left and right mirror each other.

    Raises ValueError for waves that could fold space.
    """

    factors: np.ndarray
    axis: int
    taper: float
    shear: np.ndarray
    bend: np.ndarray
    amplitudes: np.ndarray
    frequencies: np.ndarray
    phases: np.ndarray

    def __post_init__(self) -> None:
        if not (self.factors > 0).all():
            raise ValueError(f"factors must be positive, not {self.factors}")
        if self.shear[self.axis] != 0 or self.bend[self.axis] != 0:
            raise ValueError("shear and bend must leave their own axis alone")
        if self.strain > MAX_STRAIN + 1e-9:
            raise ValueError(f"waves with a strain of {self.strain:.3f} could fold space")

    @property
    def strain(self) -> float:
        """Upper bound of the norm of the waves' Jacobian, anywhere."""
        norms = np.linalg.norm(self.amplitudes, axis=1) * np.linalg.norm(self.frequencies, axis=1)
        return float(norms.sum())

    def forward(self, points: np.ndarray) -> np.ndarray:
        """Where points [..., 3] go; float64 of the same shape."""
        points = np.asarray(points, np.float64) * self.factors
        along = points[..., self.axis : self.axis + 1]
        points = points * self._widening(along) + self._offset(along)
        return points + self._waves(points)

    def inverse(self, points: np.ndarray) -> np.ndarray:
        """Where points [..., 3] come from, to about 0.00001; float64 of the same shape."""
        target = np.asarray(points, np.float64)
        points = target - self._waves(target)
        for _ in range(ITERATIONS if len(self.amplitudes) else 0):
            closer = target - self._waves(points)
            change = np.abs(closer - points).max(initial=0.0)
            points = closer
            if change < TOLERANCE * (1 - MAX_STRAIN):
                break
        along = points[..., self.axis : self.axis + 1]
        return (points - self._offset(along)) / self._widening(along) / self.factors

    def _widening(self, along: np.ndarray) -> np.ndarray:
        """Factors [..., 3] of a point that is `along` [..., 1] far on the axis."""
        return np.exp(self.taper * along * (np.arange(3) != self.axis))

    def _offset(self, along: np.ndarray) -> np.ndarray:
        return along * self.shear + along**2 * self.bend

    def _waves(self, points: np.ndarray) -> np.ndarray:
        # single precision: its error is a hundredth of the tolerance, and it is three times faster
        x, y, z = (points[..., i].astype(np.float32) for i in range(3))
        moved = np.zeros((*points.shape[:-1], 3), np.float32)
        rows = (self.amplitudes, self.frequencies, self.phases)
        for amplitude, frequency, phase in zip(
            *(row.astype(np.float32) for row in rows), strict=True
        ):
            across = x * frequency[0] + phase[0]
            height = np.sin(y * frequency[1] + z * frequency[2] + phase[1])
            moved[..., 0] += amplitude[0] * height * np.sin(across)
            height *= np.cos(across)
            moved[..., 1] += amplitude[1] * height
            moved[..., 2] += amplitude[2] * height
        return moved


def random_warp(rng: np.random.Generator) -> Warp:
    """A deformation after which most objects still are what they were.

    Axes scaled by 0.75..1.35; in 45 % taper, shear and bend along y or z; in 60 % waves. Left and
    right stay alike in 88 %.
    """
    factors = np.exp(rng.uniform(*np.log(SCALE_RANGE), 3))
    lopsided = rng.random() < SHARE_LOPSIDED
    axis = int(rng.integers(1, 3))
    taper, shear, bend = 0.0, np.zeros(3), np.zeros(3)
    if rng.random() < SHARE_AXIAL:
        sides = [i for i in range(3) if i != axis and (i != 0 or lopsided)]
        if rng.random() < 0.6:
            taper = float(rng.uniform(-MAX_TAPER, MAX_TAPER))
        if rng.random() < 0.5:
            shear[sides] = rng.uniform(-MAX_SHEAR, MAX_SHEAR, len(sides))
        if rng.random() < 0.5:
            bend[sides] = rng.uniform(-MAX_BEND, MAX_BEND, len(sides))
    count = WAVES if rng.random() < SHARE_WAVY else 0
    amplitudes = rng.normal(size=(count, 3))
    frequencies = rng.normal(size=(count, 3))
    frequencies *= rng.uniform(2, 8, (count, 1)) / np.linalg.norm(
        frequencies, axis=1, keepdims=True
    )
    phases = rng.uniform(-np.pi, np.pi, (count, 2))
    if not lopsided:
        phases[:, 0] = 0
    norms = np.linalg.norm(amplitudes, axis=1) * np.linalg.norm(frequencies, axis=1)
    amplitudes *= rng.uniform(0.3, 1.0) * MAX_STRAIN / max(float(norms.sum()), 1e-9)
    return Warp(factors, axis, taper, shear, bend, amplitudes, frequencies, phases)
