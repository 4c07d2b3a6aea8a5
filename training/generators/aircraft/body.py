"""Fuselages and other long bodies: superellipse sections along shaped curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import PchipInterpolator

AROUND = 28
"""Corners of a fuselage's section; always even, so that bodies are mirror symmetric."""


@dataclass(frozen=True)
class Body:
    """A body along +Y with sections that are symmetric in x.

    stations: float64 [S], y in metres, rising. half_width, top, bottom: float64 [S], metres; the
    widest height of a section is the share `waist` (scalar or [S]) between bottom and top.
    upper, lower: exponents of the superellipse above and below the waist, scalar or [S]: 2 an
    ellipse, 4 nearly a box, 1 a keel. around: corners of a section.
    """

    stations: np.ndarray
    half_width: np.ndarray
    top: np.ndarray
    bottom: np.ndarray
    waist: np.ndarray | float = 0.5
    upper: np.ndarray | float = 2.0
    lower: np.ndarray | float = 2.0
    around: int = AROUND

    def at(self, name: str, y: np.ndarray | float) -> np.ndarray:
        """A curve (by field name) interpolated at y, broadcast to its shape."""
        values = np.broadcast_to(np.asarray(getattr(self, name), np.float64), self.stations.shape)
        return np.interp(y, self.stations, values)

    def points(self, y: np.ndarray, turn: np.ndarray, offset: float = 0.0) -> np.ndarray:
        """float64 [len(y), len(turn), 3] on the skin, moved outward by `offset` metres.

        turn: radians around the axis, 0 on the left side (+X), pi/2 at the top.
        """
        y, turn = np.atleast_1d(y).astype(np.float64), np.atleast_1d(turn)
        c, s = np.cos(turn)[None], np.sin(turn)[None]
        top, bottom = self.at("top", y)[:, None], self.at("bottom", y)[:, None]
        middle = bottom + (top - bottom) * self.at("waist", y)[:, None]
        power = np.where(s >= 0, self.at("upper", y)[:, None], self.at("lower", y)[:, None])
        cx = np.sign(c) * np.abs(c) ** (2 / power)
        sz = np.sign(s) * np.abs(s) ** (2 / power)
        reach = np.where(s >= 0, top - middle, middle - bottom)
        x = cx * (self.at("half_width", y)[:, None]) + c * offset
        z = middle + sz * reach + s * offset
        return np.stack([x, np.broadcast_to(y[:, None], x.shape), z], axis=-1)

    def sections(self) -> np.ndarray:
        """Closed sections, float64 [S, around, 3], for a loft."""
        return self.points(self.stations, _turns(self.around))

    def patch(self, start: float, end: float, low: float, high: float, lift: float) -> np.ndarray:
        """Closed sections [S, K, 3] of a thin plate on the skin, `lift` metres proud of it.

        start, end: its range along y; low, high: around the axis in degrees, see `points`.
        """
        y = _refine(start, end, self.stations)
        turn = _refine(
            np.radians(low), np.radians(high), np.concatenate([_turns(self.around), [np.inf]])
        )
        outer = self.points(y, turn, lift)
        inner = self.points(y, turn[::-1], -2 * lift)
        return np.concatenate([outer, inner], axis=1)

    def turn_at(self, y: float, z: float) -> float:
        """Degrees around the axis where the left side of the skin has the height z at y."""
        turn = np.linspace(-np.pi / 2, np.pi / 2, 181)
        heights = self.points(np.array([y]), turn)[0, :, 2]
        return float(np.degrees(np.interp(z, heights, turn)))


def _turns(count: int) -> np.ndarray:
    # starts at the bottom, so that a corner lies on the plane of symmetry at top and bottom
    return np.arange(count) / count * 2 * np.pi - np.pi / 2


def _refine(start: float, end: float, knots: np.ndarray) -> np.ndarray:
    """start, the knots between, and end: a plate bends where the skin below it does."""
    margin = 1e-6 * abs(end - start)
    within = knots[(knots > start + margin) & (knots < end - margin)]
    return np.concatenate([[start], within, [end]])


def curve(points: Sequence[tuple[float, float]], at: np.ndarray) -> np.ndarray:
    """A smooth curve without overshoot through (position, value) pairs (monotone cubic)."""
    table = np.asarray(points, np.float64)
    return PchipInterpolator(table[:, 0], table[:, 1])(np.clip(at, table[0, 0], table[-1, 0]))


def cosine_steps(start: float, end: float, count: int) -> np.ndarray:
    """`count` values from start to end, dense at both ends."""
    return start + (end - start) * (1 - np.cos(np.linspace(0, np.pi, count))) / 2


def pod(
    centre: Sequence[float],
    length: float,
    width: float,
    height: float,
    nose: float = 0.4,
    blunt: tuple[float, float] = (0.5, 0.5),
    power: float = 2.0,
    waist: float = 0.5,
    count: int = 15,
) -> Body:
    """A drop-shaped body: tanks, fairings, canopies, spats, turrets.

    centre: of its box, metres. nose: share of the length in front of the widest section. blunt:
    exponent of the fall toward the front and the back end: 0.5 an ellipsoid, 1 a parabola, 1.5
    nearly a cone. power: of the superellipse sections.
    """
    x = cosine_steps(0.0, 1.0, count)
    front = 1 - (1 - np.minimum(x / nose, 1.0)) ** 2
    back = 1 - np.maximum((x - nose) / (1 - nose), 0.0) ** 2
    size = np.where(x < nose, front ** blunt[0], np.maximum(back, 0.0) ** blunt[1])
    size = np.maximum(size, 0.02)
    y = centre[1] + (x - 0.5) * length
    return Body(
        y,
        size * width / 2,
        centre[2] + height * ((1 - waist) * size + waist - 0.5),
        centre[2] - height * (waist * size - waist + 0.5),
        waist=waist,
        upper=power,
        lower=power,
        around=18,
    )


def shaped(
    length: float,
    top: Sequence[tuple[float, float]],
    bottom: Sequence[tuple[float, float]],
    half_width: Sequence[tuple[float, float]],
    upper: float | Sequence[tuple[float, float]] = 2.5,
    lower: float | Sequence[tuple[float, float]] = 2.5,
    waist: float = 0.5,
    round_nose: float = 0.0,
    count: int = 40,
) -> Body:
    """A body from y = 0 to `length` along control points (share of the length, metres).

    upper, lower: exponents, one number or control points. round_nose: share of the length over
    which the front end is rounded toward the middle of its first section, 0 for a flat front.
    """
    knots = [point[0] for line in (top, bottom, half_width) for point in line]
    share = np.unique(np.round(np.concatenate([np.linspace(0, 1, count), knots]), 5))
    if round_nose > 0:
        start = round_nose * (1 - np.cos(np.linspace(0, np.pi / 2, 7)))
        share = np.unique(np.round(np.concatenate([start, share[share > round_nose]]), 5))
    high, low, half = curve(top, share), curve(bottom, share), curve(half_width, share)
    if round_nose > 0:
        u = np.clip(share / round_nose, 0, 1)
        fill = np.maximum(np.sqrt(1 - (1 - u) ** 2), 0.03)
        middle = low + (high - low) * waist
        high, low, half = (
            middle + (high - middle) * fill,
            middle + (low - middle) * fill,
            half * fill,
        )
    powers = [
        value if isinstance(value, (int, float)) else curve(value, share)
        for value in (upper, lower)
    ]
    return Body(share * length, half, high, low, waist, powers[0], powers[1])
