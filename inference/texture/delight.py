"""Takes shading out of a picture where the mesh's normals explain it.

Under distant light a matte surface's brightness is a second-order polynomial of its normal
(Ramamoorthi and Hanrahan 2001, "An Efficient Representation for Irradiance Environment Maps",
section 3). Nine coefficients are fitted to the logarithm of the luminance. Paint differs in colour
where light does not, so only differences between pixels of the same chromaticity count (the
assumption of colour retinex: Grosse et al. 2009, "Ground Truth Dataset and Baseline Evaluations for
Intrinsic Image Algorithms", section 4): a red face beside a blue one is no shading.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .colours import LUMINANCE

MOST = 2.0
"""Greatest factor by which a pixel becomes brighter or darker."""
DARKEST = 0.004
"""Of linear light: below, a picture's logarithm is noise."""
BURNT_OUT = 0.98
SURVEY = 16_000
"""Pixels that are enough to fit to."""
BINS = 12
"""Chromaticities along each of two axes that are told apart."""
ROUNDS = 8
TUKEY = 4.685
RIDGE = 1e-3
LEAST_PIXELS = 64
LEAST_EXPLAINED, CLEARLY_EXPLAINED = 0.1, 0.35
"""Shares of variance: chance explains the first, and nothing is divided out; from the second on,
what was asked for."""


@dataclass(frozen=True)
class Shading:
    """How a picture's light falls. coefficients: float64 [8], of the polynomials but the constant.

    offset: what makes the median of the log shading 0. explained: share of the variance of log
    luminance among pixels of the same chromaticity, 0..1.
    """

    coefficients: np.ndarray
    offset: float
    explained: float

    def find_gain(self, normals: np.ndarray, amount: float) -> np.ndarray:
        """Float32 [N]: what colours (linear) at unit normals [N, 3] are multiplied by, so that
        `amount` (0..1) of the shading is gone; between 1 / `MOST` and `MOST`."""
        doubt = CLEARLY_EXPLAINED - LEAST_EXPLAINED
        trust = np.clip((self.explained - LEAST_EXPLAINED) / doubt, 0.0, 1.0)
        light = evaluate_harmonics(normals) @ self.coefficients - self.offset
        limit = np.log(MOST)
        return np.exp(-np.clip(light, -limit, limit) * (amount * trust)).astype(np.float32)


def evaluate_harmonics(normals: np.ndarray) -> np.ndarray:
    """Float64 [N, 8]: unscaled real spherical harmonics, orders 1 and 2, at unit normals [N, 3]."""
    x, y, z = normals.astype(np.float64).T
    return np.stack((x, y, z, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y), axis=1)


def estimate_shading(colours: np.ndarray, normals: np.ndarray, weights: np.ndarray) -> Shading:
    """Fit the light to what was seen.

    colours: float [N, 3], linear light. normals: float [N, 3], unit. weights: float [N], 0: not
    used. Robust: iteratively reweighted with Tukey's biweight. Too little to go by: no shading.
    """
    luminance = colours @ LUMINANCE
    used = np.flatnonzero((weights > 0) & (luminance > DARKEST) & (colours.max(axis=1) < BURNT_OUT))
    if len(used) < LEAST_PIXELS:
        return Shading(np.zeros(8), 0.0, 0.0)
    used = used[:: -(-len(used) // SURVEY)]
    weight = weights[used].astype(np.float64)
    target = np.log(luminance[used].astype(np.float64))
    basis = evaluate_harmonics(normals[used])
    paint = _label_chromaticity(colours[used])
    factor = weight
    for _ in range(ROUNDS):
        y = _centre(target[:, None], paint, factor)[:, 0]
        b = _centre(basis, paint, factor)
        gram = (b * factor[:, None]).T @ b
        gram += RIDGE * np.trace(gram) / 8 * np.eye(8) + 1e-9 * np.eye(8)
        coefficients = np.linalg.solve(gram, (b * factor[:, None]).T @ y)
        rest = y - b @ coefficients
        scale = 1.4826 * np.median(np.abs(rest - np.median(rest))) + 1e-6
        factor = weight * np.clip(1 - (rest / (TUKEY * scale)) ** 2, 0, None) ** 2
    y = _centre(target[:, None], paint, weight)[:, 0]
    rest = y - _centre(basis, paint, weight) @ coefficients
    before = (weight * y**2).sum()
    explained = 1 - (weight * rest**2).sum() / before if before > 1e-6 * weight.sum() else 0.0
    offset = float(np.median(basis @ coefficients))
    return Shading(coefficients, offset, float(np.clip(explained, 0.0, 1.0)))


def _label_chromaticity(colours: np.ndarray) -> np.ndarray:
    """int [N]: the same for pixels of about the same red and green share."""
    share = colours[:, :2] / np.maximum(colours.sum(axis=1, keepdims=True), 1e-6)
    steps = np.clip((share * BINS).astype(np.int64), 0, BINS - 1)
    return np.unique(steps[:, 0] * BINS + steps[:, 1], return_inverse=True)[1].reshape(-1)


def _centre(values: np.ndarray, label: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Values [N, K] less the weighted mean of their label."""
    count = int(label.max()) + 1
    total = np.maximum(np.bincount(label, weight, count), 1e-12)
    means = [np.bincount(label, weight * column, count) / total for column in values.T]
    return values - np.stack(means, axis=1)[label]
