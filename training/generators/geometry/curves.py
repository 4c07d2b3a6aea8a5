"""Curves as rows of points: smooth lines through given points, arcs, closed sections."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import PchipInterpolator


def through(points: Sequence[tuple[float, float]], at: np.ndarray) -> np.ndarray:
    """Values at `at` of the smooth curve through (position, value) points, flat beyond its ends.

    Monotone cubic (Fritsch and Carlson, 1980), so it never overshoots. Positions must increase.
    """
    table = np.asarray(points, np.float64)
    inside = np.clip(np.asarray(at, np.float64), table[0, 0], table[-1, 0])
    return PchipInterpolator(table[:, 0], table[:, 1])(inside)


def smooth_step(low: float, high: float, at: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, a cubic between."""
    t = np.clip((np.asarray(at, np.float64) - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)


def superellipse(
    count: int, half_width: float, half_height: float, exponent: float = 2.0
) -> np.ndarray:
    """float64 [count, 2]: closed curve |x/a|^n + |y/b|^n = 1, counter-clockwise from +x.

    exponent: 2 is an ellipse, larger is boxier, 1 is a diamond.
    """
    turn = np.arange(count) / count * 2 * np.pi
    cosine, sine = np.cos(turn), np.sin(turn)
    # points along rays of even angle: boxy curves keep corners instead of points piled there
    radius = (np.abs(cosine) ** exponent + np.abs(sine) ** exponent) ** (-1 / exponent)
    return np.stack([half_width * radius * cosine, half_height * radius * sine], axis=1)


def rounded_rectangle(
    half_width: float, half_height: float, radius: float, steps: int = 4
) -> np.ndarray:
    """float64 [4 (steps + 1), 2]: rectangle with round corners, counter-clockwise."""
    radius = min(radius, half_width * 0.999, half_height * 0.999)
    quarter = np.linspace(0, np.pi / 2, steps + 1)
    corner = np.stack([np.cos(quarter), np.sin(quarter)], axis=1) * radius
    x, y = half_width - radius, half_height - radius
    turn = np.array([[0.0, 1.0], [-1.0, 0.0]])
    parts = []
    for centre in ((x, y), (-x, y), (-x, -y), (x, -y)):
        parts.append(corner + np.array(centre))
        corner = corner @ turn
    return np.concatenate(parts)


def resample(points: np.ndarray, count: int) -> np.ndarray:
    """float64 [count, D]: points evenly spread along the polyline [n, D], ends kept."""
    points = np.asarray(points, np.float64)
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    at = np.linspace(0, way[-1], count)
    return np.stack([np.interp(at, way, column) for column in points.T], axis=1)


def spline(points: Sequence[Sequence[float]], count: int) -> np.ndarray:
    """float64 [count, D]: Catmull-Rom curve through points [n, D], evenly spread along it."""
    known = np.asarray(points, np.float64)
    ends = np.concatenate([[2 * known[0] - known[1]], known, [2 * known[-1] - known[-2]]])
    t = np.linspace(0, 1, 12, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        pieces.append(
            b
            + t * (c - a) / 2
            + t**2 * (a - 2.5 * b + 2 * c - d / 2)
            + t**3 * (1.5 * b - a / 2 - 1.5 * c + d / 2)
        )
    return resample(np.concatenate([*pieces, known[-1:]]), count)
