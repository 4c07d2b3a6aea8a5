"""Airliners, business jets and turboprop transports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .assembly import Assembly
from .body import Body, curve, pod
from .common import (
    Draw,
    Tail,
    add_stripe,
    add_tail,
    add_window_row,
    add_wing,
    add_winglets,
    fillet_fin,
)
from .engines import Nacelle, add_nacelle, add_pylon
from .gear import Leg, add_leg, shifted
from .lifting import Planform, Wing
from .livery import DARK_GLASS, Livery, airline, beyond


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
    middle = (a + b) / 2
    height = float(body.at("top", middle) - body.at("bottom", middle))
    low = float(body.at("bottom", middle)) + 0.66 * height
    turn = body.turn_at(middle, low)
    lift = 0.008 * cabin.diameter
    parts.loft("cockpit_glass", body.patch(a, b, 91.5, 180 - turn, lift), DARK_GLASS)
    parts.loft("cockpit_glass", body.patch(a, b, turn, 88.5, lift), DARK_GLASS)


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


def hang_jets(
    parts: Assembly, draw: Draw, wing: Wing, count: int, diameter: float, livery: Livery
) -> None:
    """Hang `count` turbofans under both wings, named from the middle outward."""
    nacelle = Nacelle(
        diameter * draw(1.35, 1.9),
        diameter,
        draw.of(0.62, 0.72, 1.0, weights=(3, 3, 1)),
        draw(0.8, 0.88),
    )
    spots = [draw(0.30, 0.37)] if count == 2 else [draw(0.28, 0.33), draw(0.52, 0.62)]
    ring = livery.engine if draw.chance(0.4) else (0.75, 0.76, 0.78)
    for i, share in enumerate(spots):
        x = share * wing.plan.span
        under = wing.point(x, 0.1, -0.8)
        ahead = nacelle.length * draw(0.62, 0.8)
        lip = (x, float(under[1]) - ahead, float(under[2]) - diameter * draw(0.56, 0.66))
        name = f"engine_{i + 1}_" + "{side}"
        add_nacelle(parts, name, nacelle, lip, livery.engine, ring)
        low = np.array([x, lip[1] + 0.2 * nacelle.length, lip[2] + 0.4 * diameter])
        high = wing.point(x, 0.0, -0.3) + [0, -0.02 * nacelle.length, 0]
        add_pylon(
            parts,
            f"pylon_{i + 1}_" + "{side}",
            (low, 0.85 * nacelle.length),
            (high, 0.6 * wing.chord(share)),
            0.16 * diameter,
            livery.engine,
        )


def side_jets(
    parts: Assembly, draw: Draw, cabin: Cabin, body: Body, diameter: float, y: float, livery: Livery
) -> None:
    """Mount a turbofan on either side of the rear fuselage; y is the inlet's station."""
    d = cabin.diameter
    nacelle = Nacelle(diameter * draw(1.9, 2.6), diameter, draw.of(1.0, 0.8), draw(0.76, 0.86))
    z = draw(0.12, 0.3) * d
    skin = float(body.at("half_width", y + 0.5 * nacelle.length))
    lip = (skin * 0.95 + diameter * draw(0.58, 0.72), y, z)
    add_nacelle(parts, "engine_1_{side}", nacelle, lip, livery.engine, (0.75, 0.76, 0.78))
    front = y + 0.25 * nacelle.length
    low = (np.array([skin * 0.5, front + 0.1 * diameter, z - 0.06 * d]), 0.62 * nacelle.length)
    high = (np.array([lip[0], front, z]), 0.6 * nacelle.length)
    add_pylon(parts, "pylon_1_{side}", low, high, 0.2 * diameter, livery.body)


def tail_jet(
    parts: Assembly, draw: Draw, tail: Tail, cabin: Cabin, d: float, livery: Livery
) -> None:
    """Add the middle engine of a three-engined jet at the root of the fin."""
    y, z = tail.fin_root[1], tail.fin_root[2]
    if draw.chance(0.5):  # straight through the fin
        lift = 0.5 * d + 0.1 * cabin.diameter
        nacelle = Nacelle(max(tail.fin.root_chord * 1.1, 2.2 * d), d, 1.0, 0.84)
        add_nacelle(
            parts, "engine_2", nacelle, (0, y - 0.25 * d, z + lift), livery.engine, livery.engine
        )
        return
    # an inlet before the fin; its duct bends down to the end of the fuselage
    s = np.linspace(0, 1, 9)
    ring = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    radius = d / 2 * curve([(0, 0.9), (0.2, 1.0), (1, 0.7)], s)
    height = z + 0.4 * d - s**2 * 0.6 * d
    place = np.stack(
        [
            radius[:, None] * np.cos(ring),
            (y - 0.6 * d + s * tail.fin.root_chord * 0.9)[:, None] + 0 * ring,
            height[:, None] + radius[:, None] * np.sin(ring),
        ],
        axis=-1,
    )
    parts.loft("engine_2", place, livery.body)
    profile = [(-0.02 * d, 0), (-0.02 * d, 0.38 * d), (0.1 * d, 0.38 * d), (0.1 * d, 0)]
    parts.revolve("engine_2", profile, (0, y - 0.6 * d, z + 0.4 * d), (0.08, 0.08, 0.09))
    end = [(-0.9 * d, 0), (-0.9 * d, 0.42 * d), (0.12 * d, 0.34 * d), (0.0, 0.28 * d), (0.0, 0)]
    parts.revolve(
        "engine_2",
        end,
        (0, cabin.length + 0.1 * d, cabin.upsweep * cabin.diameter / 2),
        (0.4, 0.4, 0.42),
    )


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


def airliner(rng: np.random.Generator) -> Assembly:
    """Jets with two to four engines, narrow and wide bodies, low or high tail."""
    draw, parts, livery = Draw(rng), Assembly(), airline(rng)
    layout = str(
        draw.of(
            "twin",
            "quad",
            "rear",
            "tri_wing",
            "tri_rear",
            "deck",
            "hump",
            "high",
            weights=(24, 8, 9, 5, 5, 4, 5, 5),
        )
    )
    wide = layout in ("deck", "hump", "tri_wing") or (
        layout in ("twin", "quad") and draw.chance(0.4)
    )
    d = draw(5.0, 6.2) if wide else draw(2.9, 4.0)
    slender = draw(8.2, 12.5) if layout not in ("deck", "hump") else draw(9.5, 11.5)
    if layout in ("rear", "tri_rear"):
        slender = draw(9.0, 13.5)
    if layout == "high":
        slender = draw(7.2, 9.0)
    cabin = Cabin(
        d * slender,
        d,
        draw(1.2, 1.9),
        draw(2.6, 3.6),
        draw(0.08, 0.3),
        draw(0.3, 0.72),
        tall=draw(1.15, 1.3) if layout == "deck" else draw(0.98, 1.08),
        hump=(draw(0.35, 0.5), draw(0.2, 0.4)) if layout == "hump" else (0.0, 0.3),
        blunt=draw(0.5, 0.68),
        ramp=draw(1.3, 1.8),
        tail_width=draw(0.08, 0.2),
    )
    body = add_body(parts, draw, cabin, livery, draw.chance(0.88))
    rear = layout in ("rear", "tri_rear")
    high = layout == "high"
    t_like = rear or high
    span = cabin.length * (draw(0.75, 0.98) if rear else draw(0.86, 1.12))
    sweep = draw(12, 22) if high else draw(22, 39)
    plan = low_wing(draw, span, draw(7.2, 11.0), sweep, -3.0 if high else draw(4, 7))
    y = cabin.length * (draw(0.40, 0.47) if rear else draw(0.29, 0.36))
    wing = Wing(plan, (0.0, y, (0.42 if high else -0.3) * d * cabin.tall), 2.0)
    tips = beyond(livery.wing, livery.accent, 0.96 * span / 2) if draw.chance(0.3) else livery.wing
    add_wing(parts, wing, tips)
    add_winglets(
        parts,
        wing,
        str(draw.of("none", "blended", "raked", "fence", weights=(3, 4, 2, 1.5))),
        draw(0.04, 0.075) * span / 2 * 1.6,
        livery.accent if draw.chance(0.4) else livery.wing,
    )
    if high:
        fairing = pod(
            (0, y + 0.5 * plan.root_chord, 0.42 * d), plan.root_chord * 1.5, d * 0.8, d * 0.3
        )
        parts.loft("wing_fairing", fairing.sections(), livery.body)
    else:
        add_belly(parts, wing, cabin, livery)
    tail = swept_tail(draw, "t" if t_like else "conventional", cabin, body, min(sweep, 34), t_like)
    add_tail(parts, tail, livery.tail, livery.wing)
    size = d * (draw(0.48, 0.62) if layout in ("twin", "tri_wing") else draw(0.36, 0.46))
    if rear:
        side_jets(
            parts, draw, cabin, body, d * draw(0.4, 0.52), cabin.length * draw(0.69, 0.76), livery
        )
    elif high or layout in ("quad", "deck", "hump"):
        hang_jets(parts, draw, wing, 4, size, livery)
    else:
        hang_jets(parts, draw, wing, 2, size, livery)
    if layout.startswith("tri"):
        tail_jet(parts, draw, tail, cabin, d * draw(0.4, 0.5), livery)
    if draw.chance(0.4):
        ground = min(parts.lowest() - 0.08 * d, -0.78 * d)
        if high:
            ground = -0.75 * d
        jet_gear(parts, cabin, wing, ground, wide and not high)
    return parts


def business_jet(rng: np.random.Generator) -> Assembly:
    """Small jets with engines at the tail."""
    draw, parts, livery = Draw(rng), Assembly(), airline(rng)
    d = draw(1.55, 2.6)
    cabin = Cabin(
        d * draw(7.0, 10.5),
        d,
        draw(1.4, 2.4),
        draw(2.2, 3.2),
        draw(0.1, 0.35),
        draw(0.25, 0.65),
        tall=draw(1.0, 1.12),
        blunt=draw(0.55, 0.8),
        ramp=draw(1.2, 1.8),
        tail_width=draw(0.1, 0.25),
    )
    body = cabin.body()
    parts.loft("fuselage", body.sections(), livery.body)
    add_cockpit(parts, cabin, body, draw(0.38, 0.46), draw(0.62, 0.74))
    start = cabin.nose * d * draw(1.0, 1.2)
    count = int(draw(4, 9))
    size = (draw(0.12, 0.2) * d, draw(0.14, 0.2) * d)
    add_window_row(
        parts, body, start, start + count * d * 0.36, 0.14 * d, size, draw(0.34, 0.42) * d
    )
    if draw.chance(0.7):
        add_stripe(
            parts,
            body,
            0.3 * d,
            cabin.length - 1.2 * d,
            draw(-0.2, 0.0) * d,
            draw(0.05, 0.14) * d,
            livery.accent,
        )
    sweep = draw(2, 36)
    span = cabin.length * draw(0.85, 1.1)
    plan = (
        low_wing(draw, span, draw(6.0, 9.5), sweep, draw(2, 5))
        if sweep > 15
        else Planform(
            span / 2,
            span / draw(6.5, 9.5) * 1.35,
            draw(0.3, 0.45),
            sweep,
            0.0,
            angle=draw(3, 5.5),
            twist=2.0,
            thickness=0.14,
            rounding=draw(0.01, 0.03),
        )
    )
    wing = Wing(plan, (0.0, cabin.length * draw(0.38, 0.46), -0.36 * d), 2.0)
    add_wing(parts, wing, livery.wing)
    add_belly(parts, wing, cabin, livery)
    style = str(draw.of("none", "blended", "none", "tank", weights=(2, 4, 1, 0.8)))
    if style == "tank":
        tip = wing.leading_edge(1.0)
        tank = pod(
            (0, tip[1] + 0.5 * wing.chord(1.0), tip[2]), wing.chord(0.9) * 2.4, 0.3 * d, 0.3 * d
        )
        parts.loft("tip_tank_{side}", shifted(tank, float(tip[0])), livery.accent)
    else:
        add_winglets(parts, wing, style, draw(0.08, 0.14) * span / 2, livery.wing)
    kind = str(draw.of("t", "cruciform", "conventional", weights=(7, 2, 1)))
    tail = swept_tail(draw, kind, cabin, body, max(sweep, 20), True)
    add_tail(parts, tail, livery.tail, livery.wing)
    jet = d * draw(0.42, 0.56)
    side_jets(parts, draw, cabin, body, jet, cabin.length * draw(0.6, 0.68), livery)
    if draw.chance(0.2):
        tail_jet(parts, draw, tail, cabin, jet * 0.9, livery)
    if draw.chance(0.45):
        jet_gear(parts, cabin, wing, -draw(0.85, 1.0) * d, False)
    return parts
