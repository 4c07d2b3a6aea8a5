"""Volumetric intersection over union, measured by points in the padded box."""

from __future__ import annotations

import numpy as np

from .shape import Shape

POINTS = 100_000
PADDING = 0.05
"""The box is padded on every side by this share of its longest edge."""


def unit_points(count: int, rng: np.random.Generator) -> np.ndarray:
    """Float64 [count, 3]: uniform points of the unit cube, to be scaled to a box."""
    return rng.random((count, 3))


def padded_box(truth: Shape, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The corners of the box around the truth and another box (low, high [3]), padded.

    The other box counts too: what a prediction puts beside the truth's box is wrong volume, and
    points of the truth's box alone would not see it.
    """
    low, high = np.minimum(truth.low, low), np.maximum(truth.high, high)
    pad = PADDING * float((high - low).max())
    return low - pad, high + pad


def iou_of(first: np.ndarray, second: np.ndarray) -> float:
    """Intersection over union of two bool arrays; 0 where both are empty."""
    either = int((first | second).sum())
    return float((first & second).sum() / either) if either else 0.0


def volume_iou(truth: Shape, prediction: Shape, points: np.ndarray, votes: int = 3) -> float:
    """IoU of two closed shapes in the same frame on `points` of the unit cube [N, 3]."""
    low, high = padded_box(truth, prediction.low, prediction.high)
    scaled = low + points * (high - low)
    return iou_of(truth.inside(scaled, votes), prediction.inside(scaled, votes))
