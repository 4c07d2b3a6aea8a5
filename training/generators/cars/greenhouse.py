"""The greenhouse: pillars, roof and the panes of glass between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..geometry.surface import Surface
from ..geometry.sweep import loft, plate
from .lower import LowerBody

_STEPS = 56
# height share, inset as a share of the edge radius
_LEVELS = (
    (0.0, 0.0),
    (0.2, 0.0),
    (0.45, 0.0),
    (0.68, 0.0),
    (0.84, 0.06),
    (0.92, 0.2),
    (0.97, 0.48),
    (1.0, 1.0),
)
_ROOF_RINGS = (0.8, 0.55, 0.28, 0.04)


@dataclass(frozen=True)
class Greenhouse:
    """Stands on a lower body. Metres.

    cowl, header: y of the windscreen's foot and top; tail_base, tail_top: the same at the back.
    roof_front, roof_middle, roof_rear: heights of the roof's middle line, the middle one at share
    `peak` of its length. tumble: how far the sides lean in by the roof. ledge: step in from the
    lower body. edge: radius of the roof's edge. bow_front, bow_rear: how far the glass bows in
    plan. rear_curve: above 1 the tail falls slowly at first, as in a fastback. crown: how much
    higher the middle of the roof is than its edge. square: exponent of the plan's corners.
    """

    body: LowerBody
    cowl: float
    header: float
    tail_top: float
    tail_base: float
    roof_front: float
    roof_middle: float
    roof_rear: float
    peak: float = 0.4
    tumble: float = 0.12
    ledge: float = 0.03
    edge: float = 0.10
    bow_front: float = 0.12
    bow_rear: float = 0.08
    rear_curve: float = 1.0
    front_curve: float = 1.0
    crown: float = 0.035
    square: float = 7.0
    narrow_rear: float = 0.0
    sink: float = 0.04

    def front_line(self, h: np.ndarray) -> np.ndarray:
        """y of the windscreen's middle at height share `h`."""
        return self.cowl + (self.header - self.cowl) * np.asarray(h) ** self.front_curve

    def rear_line(self, h: np.ndarray) -> np.ndarray:
        """y of the rear screen's middle at height share `h`."""
        h = np.asarray(h, np.float64)
        return self.tail_base + (self.tail_top - self.tail_base) * h**self.rear_curve

    def roof_height(self, v: np.ndarray) -> np.ndarray:
        """Height of the roof's side edges at share `v` of its length."""
        v = np.asarray(v, np.float64)
        rise = np.where(
            v < self.peak,
            self.roof_front + (self.roof_middle - self.roof_front) * _ease(v / self.peak),
            self.roof_rear + (self.roof_middle - self.roof_rear) * _ease((1 - v) / (1 - self.peak)),
        )
        return rise - self.crown

    def place(self, u: np.ndarray, v: np.ndarray, h: np.ndarray) -> np.ndarray:
        """float64 [..., 3]: u across (-1..1), v along (0 front, 1 rear), h up (0 base, 1 roof)."""
        u, v, h = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in (u, v, h)))
        front = self.front_line(h) + self.bow_front * u**2
        rear = self.rear_line(h) - self.bow_rear * u**2
        y = front + (rear - front) * v
        shoulder = self.body.half_width(y) * (1 - self.body.tuck_high)
        width = shoulder - self.ledge - self.tumble * (0.75 * h + 0.25 * h**2)
        width = width * (1 - self.narrow_rear * v**2)
        base = self.body.shoulder_height(y) - self.sink
        low = np.minimum(base, self.roof_height(v) - 0.05)
        z = low + (self.roof_height(v) - low) * h
        return np.stack([u * width, y, z], axis=-1)

    def share_along(self, y: np.ndarray, h: np.ndarray) -> np.ndarray:
        """v of the side's point at `y` and height share `h`."""
        front = self.front_line(h) + self.bow_front
        rear = self.rear_line(h) - self.bow_rear
        return (np.asarray(y) - front) / (rear - front)

    def side_reach(self, v: np.ndarray) -> np.ndarray:
        """|u| of the outline at `v`."""
        return np.maximum(1 - np.abs(2 * np.asarray(v) - 1) ** self.square, 0) ** (1 / self.square)

    def end_reach(self, u: np.ndarray) -> np.ndarray:
        """v of the outline's front at `u`; 1 minus it is the rear's."""
        return (
            1 - np.maximum(1 - np.abs(np.asarray(u)) ** self.square, 0) ** (1 / self.square)
        ) / 2

    def surface(self) -> Surface:
        """The closed skin of pillars and roof."""
        turn = np.arange(_STEPS) / _STEPS * 2 * np.pi
        # more points at the ends' corners than along the sides
        cosine, sine = np.cos(turn), np.sin(turn)
        reach = (np.abs(cosine) ** self.square + np.abs(sine) ** self.square) ** (-1 / self.square)
        u, w = reach * cosine, reach * sine
        length = abs(self.tail_top - self.header)
        rings = []
        for h, inset in _LEVELS:
            shrink_u = 1 - inset * self.edge / max(self.body.half_width(self.header), 0.3)
            shrink_w = 1 - inset * self.edge / max(length / 2, 0.3)
            rings.append(self.place(u * shrink_u, (1 + w * shrink_w) / 2, np.full(_STEPS, h)))
        rim_u = 1 - self.edge / max(self.body.half_width(self.header), 0.3)
        rim_w = 1 - self.edge / max(length / 2, 0.3)
        for scale in _ROOF_RINGS:
            ring = self.place(u * rim_u * scale, (1 + w * rim_w * scale) / 2, np.ones(_STEPS))
            ring[:, 2] += self.crown * (1 - scale**2)
            rings.append(ring)
        return loft(np.array(rings))

    def pane(self, grid: np.ndarray, lift: float = 0.008, sink: float = 0.02) -> Surface:
        """A thin plate over points [n, m, 3] of the skin, standing out by `lift`."""
        return thicken(grid, np.array([0.0, (self.header + self.tail_top) / 2, 0.6]), lift, sink)

    def windscreen(
        self, low: float = 0.10, high: float = 0.90, margin: float = 0.13, rear: bool = False
    ) -> Surface:
        """The front (or rear) pane between height shares, `margin` of the half width left over."""
        h = np.linspace(low, high, 7)[:, None]
        u = np.linspace(-1 + margin, 1 - margin, 13)[None]
        v = self.end_reach(u)
        return self.pane(self.place(u, 1 - v if rear else v, h))

    def side_pane(
        self,
        start: float,
        end: float,
        lean: tuple[float, float],
        low: float,
        high: float,
        columns: int = 10,
    ) -> Surface | None:
        """A left side pane between the y of its ends at mid height.

        lean: how much farther back each end is at the top than at the foot, metres. The outlines
        of windscreen and tail cut it off 0.1 of a metre before them. None where nothing is left.
        """
        h = np.linspace(low, high, 6)
        up = (h - (low + high) / 2) / (high - low)
        first = np.maximum(start + lean[0] * up, self.front_line(h) + self.bow_front + 0.08)
        last = np.minimum(end + lean[1] * up, self.rear_line(h) - self.bow_rear - 0.08)
        if (last - first).max() < 0.12:
            return None
        last = np.maximum(last, first + 0.015)
        y = first[:, None] + (last - first)[:, None] * np.linspace(0, 1, columns)[None]
        v = np.clip(self.share_along(y, h[:, None]), 0.0, 1.0)
        return self.pane(self.place(self.side_reach(v), v, h[:, None] + 0 * v))


def _ease(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0, 1)
    return 1 - (1 - t) ** 2


def thicken(grid: np.ndarray, centre: np.ndarray, lift: float, sink: float) -> Surface:
    """A closed plate along a grid of points [n, m, 3], `lift` outward from `centre`."""
    first, second = np.gradient(grid, axis=0), np.gradient(grid, axis=1)
    normal = np.cross(first, second)
    normal /= np.maximum(np.linalg.norm(normal, axis=2, keepdims=True), 1e-9)
    if np.einsum("ijk,ijk->ij", normal, grid - centre).sum() < 0:
        normal = -normal
    return plate(grid + normal * lift, grid - normal * sink)
