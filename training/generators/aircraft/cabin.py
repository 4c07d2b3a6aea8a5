"""Round fuselages, swept wings and tails that jets and propeller transports share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .assembly import Assembly
from .body import Body, curve, pod
from .common import (
    Draw,
    Tail,
    add_stripe,
    add_window_row,
    fillet_fin,
)
from .gear import Leg, add_leg
from .lifting import Planform, Wing
from .livery import DARK_GLASS, Livery


@dataclass(frozen=True)
class Cabin:
    """A round fuselage. length, diameter: metres. nose, tail: their lengths in diameters. droop:
    height of the nose's tip below the axis, in radii. upsweep: height of the tail's end, in radii.
    tall: height over width. hump: extra height of the front top in radii and its end as a share of
    the length. flat: exponent of the sections. ramp: how early the belly rises, 1 evenly."""

    length: float
    diameter: float
    nose: float
    tail: float
    droop: float
    upsweep: float
    tall: float = 1.0
    hump: tuple[float, float] = (0.0, 0.3)
    flat: float = 2.0
    ramp: float = 1.5
    blunt: float = 0.6
    tail_width: float = 0.12

    def body(self) -> Body:
        """The body from y = 0 to its length around z = 0."""
        r, long = self.diameter / 2, self.length
        nose, tail = self.nose * self.diameter, long - self.tail * self.diameter
        y = np.unique(
            np.concatenate(
                [
                    nose * np.linspace(0.0, 1.0, 13) ** 1.9,
                    np.linspace(nose, tail, 8),
                    tail + (long - tail) * np.linspace(0, 1, 13),
                ]
            )
        )
        u = np.clip(y / nose, 0, 1)
        v = np.clip((y - tail) / (long - tail), 0, 1)
        grow = (1 - (1 - u) ** 2) ** self.blunt
        high, low = r * self.tall, -r * self.tall
        tip = -self.droop * r
        # over the cockpit the top rises later than the belly and sides do
        rise = 0.62 * grow + 0.38 * np.clip(
            curve([(0, 0), (0.25, 0.1), (0.6, 0.8), (1, 1)], u), 0, 1
        )
        end = self.upsweep * r
        top = tip + (high - tip) * rise
        top = top + (end + self.tail_width * r - high) * v**2.6
        bottom = tip + (low - tip) * grow
        bottom = bottom + (end - self.tail_width * r - low) * v**self.ramp
        width = r * grow * (1 - (1 - self.tail_width) * v**1.9)
        size, share = self.hump
        if size > 0:
            bump = curve(
                [(0, 0), (0.06, 0.3), (0.12, 1), (share, 1), (share + 0.13, 0), (1, 0)], y / long
            )
            top = top + size * r * bump
        waist = np.clip(-bottom / np.maximum(top - bottom, 1e-6), 0.4, 0.6)
        return Body(y, width, top, bottom, waist, self.flat, self.flat)


def add_cockpit(parts: Assembly, cabin: Cabin, body: Body, start: float, end: float) -> None:
    """Add the cockpit's panes between two shares of the nose's length."""
    nose = cabin.nose * cabin.diameter
    a, b = start * nose, end * nose
    front = a + 0.5 * (b - a)
    base, height = float(body.at("bottom", front)), float(body.at("top", front))
    sill = base + 0.68 * (height - base)
    low, high = body.turn_at(front, sill), body.turn_at(front, base + 0.9 * (height - base))
    lift = 0.006 * cabin.diameter
    # the windshield reaches to the middle, the side panes behind it are lower
    for start_y, end_y, top in ((a, front, 88.0), (front, b, high)):
        for first, last in ((low, top), (180 - top, 180 - low)):
            patch = body.patch(start_y, end_y, first, last, lift)
            parts.loft("cockpit_glass", patch, DARK_GLASS)


def add_body(parts: Assembly, draw: Draw, cabin: Cabin, livery: Livery, windows: bool) -> Body:
    """Add fuselage, cockpit, windows and cheatline."""
    body = cabin.body()
    parts.loft("fuselage", body.sections(), livery.body)
    add_cockpit(parts, cabin, body, draw(0.30, 0.36), draw(0.50, 0.60))
    r = cabin.diameter / 2
    start, end = cabin.nose * 1.15 * 2 * r, cabin.length - cabin.tail * 2 * r * 0.75
    if windows:
        z = 0.16 * r
        pitch = draw.of(0.0, 0.27 * r, 0.4 * r)
        add_window_row(parts, body, start, end, z, (0.14 * r, 0.2 * r), float(pitch))
        if cabin.hump[0] > 0.2 or cabin.tall > 1.12:
            stop = end if cabin.hump[0] == 0 else cabin.hump[1] * cabin.length
            add_window_row(parts, body, start, stop, 0.75 * r, (0.14 * r, 0.2 * r), float(pitch))
    if draw.chance(0.4):
        add_stripe(
            parts, body, 0.5 * start, end, draw(-0.25, 0.1) * r, draw(0.1, 0.3) * r, livery.accent
        )
    return body


def low_wing(draw: Draw, span: float, aspect: float, sweep: float, dihedral: float) -> Planform:
    """A swept wing of a jet with a break of the trailing edge."""
    mean = span / aspect
    taper, kink = draw(0.16, 0.32), draw(0.28, 0.42)
    outer = draw(0.52, 0.62)
    root = mean / (kink * (1 + outer) / 2 + (1 - kink) * (outer + taper) / 2)
    return Planform(
        span / 2,
        root,
        taper,
        sweep,
        0.0,
        kink,
        outer,
        angle=dihedral,
        thickness=0.14,
        tip_thickness=0.10,
        twist=3.0,
        camber=0.015,
        rounding=draw(0.01, 0.03),
    )


def swept_tail(draw: Draw, kind: str, cabin: Cabin, body: Body, sweep: float, t_like: bool) -> Tail:
    """Fin and tailplanes of a jet transport in proportion to its fuselage."""
    d, long = cabin.diameter, cabin.length
    scale = (long * d) ** 0.5
    height = draw(0.56, 0.72) * scale * (0.85 if t_like else 1.0) * 0.78
    chord = height * draw(0.85, 1.1)
    fin_sweep = draw(36, 46)
    fin = fillet_fin(
        draw,
        height,
        chord,
        fin_sweep,
        draw(0.55, 0.75) if t_like else draw(0.3, 0.42),
        draw(0.0, 0.35),
    )
    fin_y = long - fin.root_chord - draw(0.12, 0.28) * chord * (1.0 if t_like else 1.2)
    z = float(body.at("top", fin_y + 0.6 * fin.root_chord)) - 0.12 * d
    span = draw(0.30, 0.40) * long * (0.9 if t_like else 1.0)
    span = min(span, 2.0 * height)
    plane = Planform(
        span / 2,
        span * draw(0.24, 0.32),
        draw(0.3, 0.5),
        sweep + draw(0, 6),
        0.0,
        angle=draw(-4, 0) if t_like else draw(4, 8),
        camber=0.0,
        thickness=0.10,
        rounding=0.03,
    )
    plane_y = long - plane.root_chord - draw(0.3, 0.7) * d
    plane_z = float(body.at("top", plane_y) + body.at("bottom", plane_y)) / 2 + 0.1 * d
    return Tail(kind, fin, plane, (0.0, fin_y, z), (0.0, plane_y, plane_z), draw(0.3, 0.5))


def add_belly(parts: Assembly, wing: Wing, cabin: Cabin, livery: Livery) -> None:
    """Add the fairing between a low wing and the fuselage."""
    d, chord = cabin.diameter, wing.plan.root_chord
    fairing = pod(
        (0, wing.root[1] + 0.62 * chord, -0.36 * d * cabin.tall),
        chord * 1.75,
        d * 1.04,
        d * 0.46,
        nose=0.42,
        blunt=(0.6, 0.7),
        power=2.6,
    )
    parts.loft("belly_fairing", fairing.sections(), livery.body)


def jet_gear(parts: Assembly, cabin: Cabin, wing: Wing, ground: float, heavy: bool) -> None:
    """Put a jet on its wheels: nose gear with two, main gear with two or four each."""
    d = cabin.diameter
    radius = 0.12 * d if heavy else 0.13 * d
    nose = Leg(radius * 0.8, radius * 0.5, 0.05 * d, 2)
    y = cabin.nose * d * 0.85
    add_leg(parts, "nose", nose, (0, y, -0.3 * d), (0, y, ground + nose.radius))
    main = Leg(radius, radius * 0.65, 0.07 * d, 2, 2 if heavy else 1)
    x = max(0.16 * wing.plan.span, 0.55 * d)
    top = wing.point(x, 0.72)
    add_leg(parts, "{side}", main, top, (x * 0.92, top[1] + 0.02 * d, ground + radius))
