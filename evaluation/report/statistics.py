"""Means with bootstrap intervals, resampling objects: views of one object are not independent.

Percentile bootstrap over clusters (Efron & Tibshirani, "An Introduction to the Bootstrap", 1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
COVERAGE = 0.95
LEAST_VIEWS = 15
"""A class with fewer views is shown, and nothing is concluded from it."""


@dataclass(frozen=True)
class Estimate:
    """A mean over views with its 95 % interval; `views` and `groups` say how much is behind it."""

    mean: float
    low: float
    high: float
    views: int
    groups: int

    @property
    def verdict(self) -> str:
        """Of a difference: better, worse, open (the interval holds 0), or shown (too few views)."""
        if self.views < LEAST_VIEWS:
            return "shown"
        return "better" if self.low > 0 else "worse" if self.high < 0 else "open"


def bootstrap_mean(
    values: Sequence[float], groups: Sequence[object], seed: int = 0, resamples: int = RESAMPLES
) -> Estimate | None:
    """The mean of `values` [N] over views, and the interval from resampling whole groups.

    groups: for each view what it shares with others (its object, or objects of one body). None
    without values. With a single group the interval is the mean itself: nothing is known of it.
    """
    if not len(values):
        return None
    array = np.asarray(values, np.float64)
    _, number = np.unique(np.array([str(group) for group in groups]), return_inverse=True)
    count = int(number.max()) + 1
    sums, sizes = np.bincount(number, array), np.bincount(number).astype(np.float64)
    rng = np.random.default_rng(seed)
    chosen = rng.integers(0, count, (resamples, count))
    means = sums[chosen].sum(axis=1) / sizes[chosen].sum(axis=1)
    tail = (1 - COVERAGE) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Estimate(float(array.mean()), float(low), float(high), len(array), count)


def bootstrap_difference(
    first: Sequence[float | None],
    second: Sequence[float | None],
    groups: Sequence[object],
    seed: int = 0,
) -> Estimate | None:
    """The mean of first - second, view by view; pairs with a None are left out."""
    pairs = [
        (a - b, group)
        for a, b, group in zip(first, second, groups, strict=True)
        if a is not None and b is not None
    ]
    return bootstrap_mean([value for value, _ in pairs], [group for _, group in pairs], seed)
