"""Transports with propellers, and engines and wings that other propeller airplanes share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .assembly import Assembly
from .body import Body, pod
from .common import Draw, Tail, add_stripe, add_tail, add_window_row, add_wing, fillet_fin
from .engines import (
    DARK,
    Propeller,
    add_cowling,
    add_propeller,
)
from .gear import Leg, add_leg, shifted
from .lifting import Planform, Wing
from .light import BLADE
from .livery import Livery, airline, beyond, military
from .transport import Cabin, add_cockpit


def propeller_engine(
    parts: Assembly,
    draw: Draw,
    wing: Wing,
    x: float,
    number: int,
    figures: tuple[float, float, bool],
    propeller: Propeller,
    livery: Livery,
) -> None:
    """A nacelle before the wing at distance x. figures: diameter, way before the wing, radial."""
    size, ahead, radial = figures
    edge, chord = wing.point(x, 0.0), wing.chord(wing.eta_at(x))
    long = ahead + 0.9 * chord
    z = float(edge[2]) - 0.02 * chord
    name = f"engine_{number}_" + "{side}"
    front = float(edge[1]) - ahead
    tall = 1.0 if radial else draw(1.05, 1.3)
    body = pod((0, front + long / 2, z), long, size, size * tall, 0.3, (0.3, 0.8), 2.2)
    parts.loft(name, shifted(body, x), livery.engine)
    hub = front + 0.04 * long
    if radial:
        add_cowling(
            parts,
            name,
            (x, front - 0.1 * size, z),
            size * 0.55,
            size * 0.95,
            size * 0.46,
            livery.engine,
        )
        hub = front - 0.12 * size
    else:
        mouth = pod(
            (0, front + 0.25 * size, z - 0.42 * size * tall),
            0.8 * size,
            0.45 * size,
            0.3 * size,
            0.3,
            (0.2, 0.8),
        )
        parts.loft(name, shifted(mouth, x), DARK)
    suffix = f"_{number}_" + "{side}"
    add_propeller(parts, suffix, propeller, (x, hub, z), BLADE, livery.accent)


def straight_wing(draw: Draw, span: float, aspect: float, thick: float) -> Planform:
    """An unswept wing, often with a straight middle part."""
    mean = span / aspect
    kink = draw(0.3, 0.45) if draw.chance(0.6) else 0.0
    taper = draw(0.35, 0.6)
    root = mean / ((1 + taper) / 2 + (kink * (1 - taper) / 2 if kink else 0.0))
    return Planform(
        span / 2,
        root,
        taper,
        draw(0, 5),
        draw(0.15, 0.4),
        kink,
        1.0,
        angle=draw(1, 5),
        thickness=thick,
        tip_thickness=0.11,
        camber=0.03,
        rounding=draw(0.01, 0.06),
        twist=2.0,
    )


def straight_tail(draw: Draw, kind: str, length: float, body: Body, size: float) -> Tail:
    """Tail of a propeller transport; size: height of the fin, metres."""
    chord = size * draw(0.75, 1.0)
    fin = fillet_fin(draw, size, chord, draw(12, 34), draw(0.4, 0.65), draw(0.0, 0.7))
    fin = replace(fin, rounding=draw(0.02, 0.2))
    if kind in ("twin", "pair"):
        fin = Planform(
            size * 0.6,
            chord * 0.8,
            draw(0.5, 0.75),
            draw(8, 25),
            0.2,
            angle=90.0,
            camber=0.0,
            rounding=draw(0.08, 0.4),
        )
    span = size * draw(1.7, 2.4)
    plane = Planform(
        span / 2,
        span * draw(0.25, 0.32),
        draw(0.4, 0.7),
        draw(3, 12),
        0.25,
        camber=0.0,
        angle=draw(0, 6),
        rounding=draw(0.02, 0.12),
    )
    y = length - fin.root_chord - draw(0.0, 0.06) * length
    z = float(body.at("top", y + 0.6 * fin.root_chord))
    plane_y = length - plane.root_chord - 0.015 * length
    plane_z = float(body.at("top", plane_y)) * 0.75 + float(body.at("bottom", plane_y)) * 0.25
    return Tail(
        kind,
        fin,
        plane,
        (0, y, z - 0.06 * size),
        (0, plane_y, plane_z),
        draw(0.2, 0.4),
        draw(0.2, 0.9),
    )


def turboprop(rng: np.random.Generator) -> Assembly:
    """Regional airliners, freighters and utility transports with propellers."""
    draw, parts = Draw(rng), Assembly()
    cargo = draw.chance(0.4)
    livery = military(rng, 5.0) if cargo and draw.chance(0.6) else airline(rng)
    four = draw.chance(0.55 if cargo else 0.15)
    radial = draw.chance(0.3)
    high = cargo or draw.chance(0.45)
    d = draw(3.4, 4.8) if cargo else draw(1.7, 2.9)
    slender = draw(6.2, 8.0) if cargo else draw(7.0, 11.0)
    if four and not cargo:
        d, slender = draw(2.8, 3.6), draw(7.5, 9.5)
    cabin = Cabin(
        d * slender,
        d,
        draw(1.0, 1.7),
        draw(2.4, 3.2),
        draw(0.1, 0.4),
        draw(0.45, 0.9),
        tall=draw(0.95, 1.12),
        flat=draw(2.0, 3.0),
        ramp=draw(0.9, 1.5) if cargo else draw(1.1, 1.7),
        blunt=draw(0.42, 0.65),
        tail_width=draw(0.1, 0.3),
    )
    body = cabin.body()
    long = cabin.length
    parts.loft("fuselage", body.sections(), livery.body)
    add_cockpit(parts, cabin, body, draw(0.34, 0.42), draw(0.58, 0.7))
    if not cargo:
        size = (draw(0.1, 0.16) * d, draw(0.12, 0.17) * d)
        add_window_row(
            parts,
            body,
            1.1 * cabin.nose * d,
            long - 0.8 * cabin.tail * d,
            draw(0.06, 0.16) * d,
            size,
            draw(0.28, 0.42) * d,
        )
        if draw.chance(0.6):
            add_stripe(
                parts, body, 0.4 * d, long - d, -0.05 * d, draw(0.05, 0.12) * d, livery.accent
            )
    span = long * (draw(1.15, 1.4) if cargo else draw(0.95, 1.25))
    plan = straight_wing(draw, span, draw(9.0, 12.5), 0.16)
    if high:
        plan = replace(plan, angle=draw(-2, 1.5))
    wing = Wing(plan, (0, long * draw(0.31, 0.38), d * (0.44 if high else -0.36) * cabin.tall), 2.5)
    tips = (
        beyond(livery.wing, livery.accent, 0.94 * plan.span) if draw.chance(0.25) else livery.wing
    )
    add_wing(parts, wing, tips)
    shape = pod(
        (0, wing.root[1] + 0.5 * plan.root_chord, d * (0.46 if high else -0.42)),
        plan.root_chord * 1.5,
        d * 0.8,
        d * 0.3,
        0.4,
        (0.6, 0.7),
        2.8,
    )
    parts.loft("wing_fairing", shape.sections(), livery.body)
    radius = min(draw(0.42, 0.56) * d, 2.1) if not four else draw(0.4, 0.5) * d
    radius = max(radius, 1.15)
    nacelle = (radius * draw(0.55, 0.7), draw(0.9, 1.5) * radius, radial)
    blades = int(draw.of(3, 4, 6)) if not radial else int(draw.of(3, 4))
    x = d / 2 + radius * draw(1.12, 1.35)
    spots = [x, x + radius * draw(2.2, 2.5)] if four else [x]
    for i, spot in enumerate(spots):
        propeller = Propeller(
            blades,
            radius,
            radius * draw(0.14, 0.2),
            nacelle[0] * 0.3,
            draw(0, 120),
            scimitar=draw(0, 0.5) if blades == 6 else 0.0,
        )
        propeller_engine(parts, draw, wing, spot, i + 1, nacelle, propeller, livery)
    kinds, weights = ("conventional", "t", "cruciform", "twin"), (5, 3 if high else 1.5, 1, 0.5)
    size = (long * d) ** 0.5 * draw(0.45, 0.56)
    tail = straight_tail(draw, str(draw.of(*kinds, weights=weights)), long, body, size)
    add_tail(parts, tail, livery.tail, livery.wing)
    if draw.chance(0.45):
        transport_gear(parts, draw, cabin, wing, high, spots[0])
    return parts


def transport_gear(
    parts: Assembly, draw: Draw, cabin: Cabin, wing: Wing, high: bool, engine_x: float
) -> None:
    """Wheels in blisters at the belly for high wings, under the engines for low ones."""
    d = cabin.diameter
    r = 0.13 * d
    y = wing.root[1] + 0.62 * wing.plan.root_chord
    ground = -0.5 * d - draw(0.22, 0.34) * d
    if high:
        blister = pod((0, y, -0.4 * d), draw(1.5, 2.6) * d, 0.32 * d, 0.3 * d, 0.4, (0.5, 0.6), 2.5)
        parts.loft("gear_fairing_{side}", shifted(blister, 0.46 * d), (0.7, 0.7, 0.7))
        top, axle = (0.46 * d, y, -0.4 * d), (0.52 * d, y, ground + r)
    else:
        ground -= 0.15 * d
        top, axle = tuple(wing.point(engine_x, 0.5)), (engine_x, y, ground + r)
    add_leg(
        parts,
        "{side}",
        Leg(r, r * 0.6, 0.06 * d, 1 if d < 2.2 else 2, 2 if d > 3.5 else 1),
        top,
        axle,
    )
    small = 0.8 * r
    add_leg(
        parts,
        "nose",
        Leg(small, small * 0.6, 0.05 * d, 2),
        (0, 0.8 * cabin.nose * d, -0.3 * d),
        (0, 0.8 * cabin.nose * d, ground + small),
    )
