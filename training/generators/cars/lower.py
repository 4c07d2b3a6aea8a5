"""The lower body: a skin lofted along the car, with wheel arches and openings from above."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..geometry.curves import smooth_step, through
from ..geometry.surface import Surface
from ..geometry.sweep import loft

_SIDE = np.array([0.0, 0.06, 0.15, 0.27, 0.40, 0.53, 0.66, 0.78, 0.88, 0.95, 1.0])
_TOP = np.array([1.0, 0.985, 0.93, 0.82, 0.66, 0.46, 0.24])


@dataclass(frozen=True)
class Arch:
    """A wheel arch: centre (y, z), radius, and how square it is (2 is round)."""

    y: float
    z: float
    radius: float
    exponent: float = 2.0

    def height(self, y: np.ndarray) -> np.ndarray:
        """Height of the edge over `y`, -inf outside."""
        share = np.abs(y - self.y) / self.radius
        inside = share <= 1.0
        rise = np.maximum(1 - np.minimum(share, 1) ** self.exponent, 0) ** (1 / self.exponent)
        return np.where(inside, self.z + self.radius * rise, -np.inf)


@dataclass(frozen=True)
class Opening:
    """A hollow that is open above: cockpit or bed. y from `start` to `end`; metres."""

    start: float
    end: float
    floor: float
    wall: float  # thickness of the side walls at the rail


@dataclass(frozen=True)
class End:
    """How the nose or the tail is rounded. Metres and shares.

    length: how far the rounding reaches along the car. corner: share of the width lost at the end.
    drop, rise: how much the top comes down and the bottom comes up there. bow: how much farther
    the middle reaches than the sides. rake: how much farther the bottom reaches than the top.
    """

    length: float = 0.35
    corner: float = 0.12
    drop: float = 0.12
    rise: float = 0.10
    bow: float = 0.12
    rake: float = 0.0


@dataclass(frozen=True)
class LowerBody:
    """All heights and widths as (y, value) points of smooth curves along the car.

    top: the middle line. shoulder: how far the side edge lies below it. bottom: the sill. plan:
    half widths. waist: share of the side's height where it is widest. tuck_low, tuck_high: share
    of the width lost at the sill and at the shoulder. bulges: (y, length, height) of humps of the
    wings over the wheels. flare: how far arches stand out.
    """

    front: float
    rear: float
    top: tuple[tuple[float, float], ...]
    shoulder: tuple[tuple[float, float], ...]
    bottom: tuple[tuple[float, float], ...]
    plan: tuple[tuple[float, float], ...]
    nose: End
    tail: End
    arches: tuple[Arch, ...] = ()
    openings: tuple[Opening, ...] = ()
    waist: float = 0.55
    tuck_low: float = 0.06
    tuck_high: float = 0.05
    round_high: float = 2.2
    flare: float = 0.02
    bulges: tuple[tuple[float, float, float], ...] = field(default=())
    crown: float = 2.0

    def stations(self) -> np.ndarray:
        """float64 [n]: places of the sections, denser at arches, ends and edges of openings."""
        length = self.rear - self.front
        ends = 1 - np.cos(np.linspace(0, np.pi / 2, 7))
        places = [
            np.linspace(self.front, self.rear, 26),
            self.front + self.nose.length * ends,
            self.rear - self.tail.length * ends,
        ]
        for arch in self.arches:
            turn = np.cos(np.linspace(0, np.pi, 15))
            places.append(arch.y + arch.radius * turn)
            places.append(arch.y + np.array([-1.0, 1.0]) * (arch.radius + 0.002))
        for opening in self.openings:
            for edge in (opening.start, opening.end):
                places.append(np.array([edge - 0.002, edge + 0.002]))
        at = np.unique(np.clip(np.concatenate(places), self.front, self.rear))
        return at[np.concatenate([[True], np.diff(at) > 1e-3 * min(length, 1.0)])]

    def _end_shares(self, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """1 at the very nose (tail), 0 where its rounding begins, along a quarter circle."""
        nose = np.clip(1 - (y - self.front) / self.nose.length, 0, 1)
        tail = np.clip(1 - (self.rear - y) / self.tail.length, 0, 1)
        return 1 - np.sqrt(1 - nose**2), 1 - np.sqrt(1 - tail**2)

    def half_width(self, y: np.ndarray) -> np.ndarray:
        """Half width at the waist."""
        nose, tail = self._end_shares(np.asarray(y, np.float64))
        return through(self.plan, y) * (1 - self.nose.corner * nose) * (1 - self.tail.corner * tail)

    def top_height(self, y: np.ndarray) -> np.ndarray:
        """Height of the middle line of hood, belt and deck."""
        nose, tail = self._end_shares(np.asarray(y, np.float64))
        return through(self.top, y) - self.nose.drop * nose - self.tail.drop * tail

    def shoulder_height(self, y: np.ndarray) -> np.ndarray:
        """Height of the edge between side and top."""
        return self.top_height(y) - through(self.shoulder, y)

    def sill_height(self, y: np.ndarray) -> np.ndarray:
        """Height of the lower edge away from arches."""
        nose, tail = self._end_shares(np.asarray(y, np.float64))
        return through(self.bottom, y) + self.nose.rise * nose + self.tail.rise * tail

    def _side(self, share: np.ndarray) -> np.ndarray:
        low = np.clip(1 - share / self.waist, 0, 1)
        high = np.clip((share - self.waist) / (1 - self.waist), 0, 1)
        return (1 - self.tuck_low * low**2) * (1 - self.tuck_high * high**self.round_high)

    def surface(self) -> Surface:
        """The closed skin."""
        y = self.stations()
        shoulder = self.shoulder_height(y)
        edge = self.sill_height(y)
        for arch in self.arches:
            edge = np.maximum(edge, np.minimum(arch.height(y), shoulder - 0.04))
        x, z = self._walls(y, edge, shoulder)
        top_x, top_z = self._lid(y, x[:, -1], z[:, -1], shoulder)
        middle, under = self.top_height(y), edge.copy()
        for opening in self.openings:
            inside = (y > opening.start) & (y < opening.end)
            hollow_x, hollow_z = _hollow(opening, x[inside, -1], z[inside, -1])
            top_x[inside], top_z[inside] = hollow_x, hollow_z
            middle[inside] = opening.floor
            # arches reach higher than the floor of a bed, its underside must not
            under[inside] = np.minimum(edge[inside], opening.floor - 0.03)
        half_x = np.concatenate([x[:, :1] * [[0.35, 0.8]], x[:, :-1], top_x], axis=1)
        half_z = np.concatenate([under[:, None] + [[0.0, 0.0]], z[:, :-1], top_z], axis=1)
        zero = np.zeros((len(y), 1))
        ring_x = np.concatenate([zero, half_x, zero, -half_x[:, ::-1]], axis=1)
        ring_z = np.concatenate([under[:, None], half_z, middle[:, None], half_z[:, ::-1]], axis=1)
        ring_y = self._shifted(y, ring_x, ring_z)
        return loft(np.stack([ring_x, ring_y, ring_z], axis=2))

    def _humps(self, y: np.ndarray) -> np.ndarray:
        """float64 [n, 1]: height of the wings' humps along the car."""
        rise = np.zeros(len(y))
        for place, length, height in self.bulges:
            rise += height * np.exp(-(((y - place) / length) ** 2))
        return rise[:, None]

    def _walls(
        self, y: np.ndarray, edge: np.ndarray, shoulder: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """x and z, float64 [n, rows] each, of the left side from its lower edge to the shoulder."""
        sill = self.sill_height(y)
        z = edge[:, None] + (shoulder - edge)[:, None] * _SIDE
        share = (z - sill[:, None]) / np.maximum(shoulder - sill, 1e-3)[:, None]
        x = self.half_width(y)[:, None] * self._side(np.clip(share, 0, 1))
        for arch in self.arches:
            away = np.hypot(y[:, None] - arch.y, z - arch.z) / arch.radius - 1
            x = x + self.flare * np.exp(-((np.maximum(away, 0) / 0.16) ** 2)) * (away > -0.3)
        return x, z + self._humps(y) * _hump_share(np.ones(1)) * _SIDE**3

    def _lid(
        self, y: np.ndarray, x: np.ndarray, z: np.ndarray, shoulder: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """x and z, float64 [n, columns] each, of hood and deck from the side's edge inward."""
        crown = (self.top_height(y) - shoulder)[:, None] * (1 - _TOP**self.crown)
        lid_z = shoulder[:, None] + crown + self._humps(y) * _hump_share(_TOP)
        lid_z[:, 0] = z
        return x[:, None] * _TOP, lid_z

    def _shifted(self, y: np.ndarray, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Places along the car after bow and rake of the ends."""
        result = np.repeat(y[:, None], x.shape[1], axis=1)
        half = max(value for _, value in self.plan)
        middle = (self.sill_height(y) + self.top_height(y)) / 2
        tall = float(np.max(self.top_height(y) - self.sill_height(y)))
        across = np.minimum(np.abs(x) / half, 1.0) ** 2
        upward = (z - middle[:, None]) / tall
        for end, sign, place in ((self.nose, 1.0, self.front), (self.tail, -1.0, self.rear)):
            reach = end.length + 0.12
            fade = 1 - smooth_step(0.0, reach, np.abs(y - place))[:, None]
            result += sign * fade * (end.bow * across + end.rake * upward)
        return result


def _hump_share(across: np.ndarray) -> np.ndarray:
    """How much of a wing's hump is there at a share `across` of the half width."""
    return np.exp(-(((across - 0.84) / 0.2) ** 2))


def _hollow(opening: Opening, x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x and z, float64 [n, columns] each: over the rail at (x, z), down the wall, to the floor."""
    inner = np.maximum(x - opening.wall, 0.05)[:, None]
    rail, floor = z[:, None], np.full((len(x), 1), opening.floor)
    across = [x[:, None], inner + 0.001, inner * [[1.0, 1.0, 0.98, 0.7, 0.4]]]
    down = [rail, rail, 0.75 * rail + 0.25 * floor, floor + 0.02, floor, floor, floor]
    return np.concatenate(across, axis=1), np.concatenate(down, axis=1)
