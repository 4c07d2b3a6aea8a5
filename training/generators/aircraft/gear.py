"""Landing gear: wheels, legs, spats, floats, skids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .assembly import Assembly, Colour, Paint
from .body import Body, cosine_steps, curve, pod

TYRE: Colour = (0.09, 0.09, 0.09)
STEEL: Colour = (0.6, 0.61, 0.63)


def add_wheel(
    parts: Assembly, name: str, centre: Sequence[float], radius: float, width: float
) -> None:
    """Add a tyre with its hub; the axle lies along X."""
    w, r = width / 2, radius
    profile = [(-0.8 * w, 0.0), (-0.8 * w, 0.5 * r), (-w, 0.62 * r), (-0.85 * w, 0.88 * r)]
    profile += [(-0.4 * w, r), (0.4 * w, r)]
    profile += [(0.85 * w, 0.88 * r), (w, 0.62 * r), (0.8 * w, 0.5 * r), (0.8 * w, 0.0)]
    _, y, z = centre

    def colours(middles: np.ndarray) -> np.ndarray:
        away = np.hypot(middles[:, 1] - y, middles[:, 2] - z)
        return np.where((away < 0.56 * r)[:, None], STEEL, TYRE)

    parts.revolve(name, profile, centre, colours, axis=0, around=16)


@dataclass(frozen=True)
class Leg:
    """A leg of landing gear. radius: of a wheel, metres. width: of a tyre. abreast: wheels side by
    side. rows: axles one behind the other. thick: of the leg, metres."""

    radius: float
    width: float
    thick: float
    abreast: int = 1
    rows: int = 1


def add_leg(
    parts: Assembly, suffix: str, leg: Leg, top: Sequence[float], axle: Sequence[float]
) -> None:
    """Add a leg from `top` to the middle of its axles, with the wheels there.

    suffix: `nose`, `tail` or `{side}`; parts are called gear_... and wheel_....
    """
    start, end = np.asarray(top, np.float64), np.asarray(axle, np.float64)
    parts.strut(f"gear_{suffix}", [start, (start + end) / 2, end], leg.thick / 2, STEEL)
    gap = leg.width * (1.35 if leg.abreast > 1 else 0.0)
    pitch = leg.radius * 2.15
    ys = [(i - (leg.rows - 1) / 2) * pitch for i in range(leg.rows)]
    xs = [(i - (leg.abreast - 1) / 2) * gap for i in range(leg.abreast)]
    if leg.abreast == 1:  # a fork; its arms are left out, the axle joins wheel and leg
        out = np.array([leg.width / 2 + leg.thick / 2, 0.0, 0.0])
        parts.strut(f"gear_{suffix}", [end - out, end + out], leg.thick * 0.4, STEEL)
    for y in ys:
        axle_middle = end + [0.0, y, 0.0]
        if leg.abreast > 1:
            ends = [axle_middle + [xs[0], 0, 0], axle_middle + [xs[-1], 0, 0]]
            parts.strut(f"gear_{suffix}", ends, leg.thick * 0.4, STEEL)
        for x in xs:
            add_wheel(parts, f"wheel_{suffix}", axle_middle + [x, 0, 0], leg.radius, leg.width)
    if leg.rows > 1:
        ends = [end + [0, ys[0], 0], end + [0, ys[-1], 0]]
        parts.strut(f"gear_{suffix}", ends, leg.thick * 0.45, STEEL)


def add_spat(
    parts: Assembly, suffix: str, centre: Sequence[float], radius: float, width: float, paint: Paint
) -> None:
    """Add a wheel fairing around a wheel; the tyre looks out below."""
    x, y, z = centre
    body = pod(
        (x, y + 0.35 * radius, z + 0.25 * radius),
        radius * 4.2,
        width * 1.9,
        radius * 1.9,
        nose=0.35,
        blunt=(0.5, 0.8),
        power=2.6,
    )
    parts.loft(f"spat_{suffix}", shifted(body, x), paint)


def shifted(body: Body, x: float) -> np.ndarray:
    """The sections [S, K, 3] of a body moved sideways to x, metres."""
    return body.sections() + np.array([x, 0.0, 0.0])


def add_float(
    parts: Assembly,
    name: str,
    place: tuple[float, float, float],
    length: float,
    width: float,
    paint: Paint,
) -> None:
    """Add a float with a keel and a step; `place` is the middle of its deck's front end."""
    x, y, z = place
    s = np.unique(np.concatenate([cosine_steps(0, 1, 17), [0.545, 0.55]]))
    depth = length * 0.13
    half = curve([(0, 0.05), (0.08, 0.55), (0.3, 1), (0.6, 0.95), (0.9, 0.5), (1, 0.2)], s)
    keel = curve([(0, 0.25), (0.08, 0.72), (0.3, 1.0), (0.55, 1.0)], np.minimum(s, 0.55))
    aft = curve([(0.55, 0.85), (0.8, 0.5), (1, 0.12)], np.maximum(s, 0.55))
    keel = np.where(s <= 0.5451, keel, aft)
    deck = curve([(0, -0.05), (0.1, 0.12), (0.4, 0.1), (1, 0.0)], s) * depth
    body = Body(
        y + s * length,
        half * width / 2,
        z + deck,
        z - keel * depth,
        waist=0.75,
        upper=2.2,
        lower=1.25,
    )
    parts.loft(name, shifted(body, x), paint)
