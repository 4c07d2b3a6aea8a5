"""Propeller transports, bombers, flying wings and flying boats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .assembly import Assembly
from .body import Body, pod, shaped
from .common import Draw, Tail, add_stripe, add_tail, add_window_row, add_wing, fillet_fin
from .engines import (
    DARK,
    METAL,
    Nacelle,
    Propeller,
    add_cowling,
    add_nacelle,
    add_propeller,
    add_pylon,
)
from .gear import Leg, add_float, add_leg, shifted
from .lifting import Planform, Wing
from .light import BLADE
from .livery import DARK_GLASS, GLASS, Livery, airline, beyond, military
from .transport import Cabin, add_cockpit, hang_jets


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


def bomber(rng: np.random.Generator) -> Assembly:
    """Propeller bombers, swept jet bombers, tailless deltas and flying wings."""
    style = Draw(rng).of("propeller", "swept", "wing", weights=(6, 3, 1.4))
    return {"propeller": propeller_bomber, "swept": jet_bomber, "wing": flying_wing}[str(style)](
        rng
    )


def propeller_bomber(rng: np.random.Generator) -> Assembly:
    """Two or four engines, turrets, glazed noses, single or twin fins."""
    draw, parts = Draw(rng), Assembly()
    livery = military(rng, 4.0)
    four, radial = draw.chance(0.5), draw.chance(0.7)
    long = draw(18, 30) if four else draw(13, 18.5)
    half, high = long * draw(0.045, 0.056), long * draw(0.05, 0.068)
    tail_z = draw(0.1, 0.35) * high
    cockpit = draw(0.1, 0.18)
    hump = draw(1.0, 1.3)
    body = shaped(
        long,
        [
            (0, 0.45 * high),
            (cockpit * 0.7, 0.75 * high),
            (cockpit + 0.06, hump * high),
            (0.4, high),
            (0.7, 0.8 * high),
            (1, tail_z + 0.18 * high),
        ],
        [
            (0, -0.5 * high),
            (0.1, -0.9 * high),
            (0.3, -high),
            (0.55, -0.95 * high),
            (1, tail_z - 0.2 * high),
        ],
        [(0, 0.55 * half), (0.1, 0.88 * half), (0.3, half), (0.6, 0.85 * half), (1, 0.2 * half)],
        draw(2.0, 3.4),
        draw(2.0, 3.4),
        round_nose=draw(0.025, 0.06),
    )
    parts.loft("fuselage", body.sections(), livery.body)
    if draw.chance(0.7):
        parts.loft(
            "nose_glass", body.patch(0.012 * long, draw(0.04, 0.07) * long, -70, 250, 0.02), GLASS
        )
    y = cockpit * long
    top = float(body.at("top", y + 0.03 * long))
    canopy = pod(
        (0, y + 0.04 * long, top * 0.9), 0.13 * long, half * 1.5, high * 0.7, 0.35, (0.6, 0.7), 2.5
    )
    parts.loft("canopy", canopy.sections(), DARK_GLASS)
    turret = 0.62 * half
    for place in draw.rng.permutation(4)[: int(draw(1, 4))]:
        at, side = ((0.42, 1), (0.58, 1), (0.55, -1), (0.96, 0))[int(place)]
        z = float(body.at("top" if side > 0 else "bottom", at * long)) if side else tail_z
        dome = pod(
            (0, at * long + 0.02 * long * (side == 0), z),
            turret * 2,
            turret * 1.6,
            turret * 1.4,
            0.5,
        )
        parts.loft("turret", dome.sections(), DARK_GLASS)
        end = (0, (at - 0.04) * long if side else 1.03 * long, z + 0.15 * side)
        parts.strut("gun", [(0, at * long, z + 0.15 * side), end], 0.06, (0.1, 0.1, 0.1))
    span = long * (draw(1.28, 1.5) if four else draw(1.2, 1.42))
    plan = replace(straight_wing(draw, span, draw(7.5, 10.5), 0.17), angle=draw(2, 6), kink=0.0)
    if draw.chance(0.2):
        plan = replace(plan, ellipse=0.8)
    wing = Wing(plan, (0, long * draw(0.25, 0.33), high * draw(-0.6, 0.35)), 2.0)
    add_wing(parts, wing, livery.wing)
    radius = span * (0.052 if four else draw(0.072, 0.085))
    nacelle = (radius * draw(0.68, 0.85), radius * draw(0.7, 1.1), radial)
    x = half + radius * 1.2
    for i, spot in enumerate([x, x + radius * draw(2.25, 2.6)] if four else [x]):
        propeller = Propeller(
            int(draw.of(3, 4, weights=(3, 1))),
            radius,
            radius * 0.16,
            nacelle[0] * 0.22,
            draw(0, 120),
        )
        propeller_engine(parts, draw, wing, spot, i + 1, nacelle, propeller, livery)
    kind = str(draw.of("conventional", "twin", weights=(6, 4)))
    tail = straight_tail(draw, kind, long, body, long * draw(0.15, 0.2))
    add_tail(parts, tail, livery.tail, livery.wing)
    if draw.chance(0.4):
        wheel = 0.035 * long
        top_of = wing.point(x, 0.3)
        ground = -high - 0.075 * long
        add_leg(
            parts,
            "{side}",
            Leg(wheel, wheel * 0.5, 0.012 * long),
            top_of,
            (x, float(top_of[1]), ground + wheel),
        )
        z = float(body.at("bottom", 0.9 * long))
        add_leg(
            parts,
            "tail",
            Leg(0.4 * wheel, 0.2 * wheel, 0.006 * long),
            (0, 0.9 * long, z),
            (0, 0.91 * long, z - 0.02 * long),
        )
    return parts


def jet_bomber(rng: np.random.Generator) -> Assembly:
    """Large swept jets with podded engines, or with propellers on a swept wing."""
    draw, parts = Draw(rng), Assembly()
    livery = military(rng, 6.0)
    long, slender = draw(32, 48), draw(11.5, 15)
    d = long / slender
    cabin = Cabin(
        long,
        d,
        draw(1.6, 2.6),
        draw(3.2, 4.6),
        draw(0.0, 0.2),
        draw(0.2, 0.6),
        tall=draw(1.0, 1.25),
        blunt=draw(0.55, 0.8),
        tail_width=draw(0.15, 0.3),
        flat=draw(2.0, 2.8),
    )
    body = cabin.body()
    parts.loft("fuselage", body.sections(), livery.body)
    add_cockpit(parts, cabin, body, 0.42, 0.62)
    span, sweep = long * draw(0.85, 1.2), draw(30, 42)
    root = span / draw(6.5, 9.0) * 1.4
    plan = Planform(
        span / 2,
        root,
        draw(0.28, 0.45),
        sweep,
        0.0,
        thickness=0.12,
        tip_thickness=0.09,
        angle=draw(-3, 2),
        rounding=0.015,
        twist=2.0,
    )
    wing = Wing(plan, (0, long * draw(0.25, 0.32), d * draw(0.15, 0.45)), 2.0)
    add_wing(parts, wing, livery.wing)
    if draw.chance(0.3):
        radius = span * 0.055
        for i, share in enumerate((0.28, 0.55)):
            propeller = Propeller(4, radius, radius * 0.15, radius * 0.2, draw(0, 90))
            figures = (radius * 0.55, radius * 1.3, False)
            propeller_engine(parts, draw, wing, share * span / 2, i + 1, figures, propeller, livery)
    elif draw.chance(0.5):
        for i, share in enumerate((0.36, 0.64)):
            twin_pod(parts, wing, share * span / 2, i + 1, d * draw(0.4, 0.5), livery)
    else:
        hang_jets(parts, draw, wing, int(draw.of(2, 4)), d * draw(0.36, 0.46), livery)
    size = (long * d) ** 0.5 * draw(0.5, 0.65)
    fin = fillet_fin(draw, size, size * draw(0.8, 1.0), draw(32, 46), draw(0.35, 0.6), draw(0, 0.2))
    wide = size * draw(1.6, 2.0)
    plane = Planform(
        wide / 2,
        wide * 0.3,
        draw(0.35, 0.5),
        sweep,
        0.0,
        camber=0.0,
        rounding=0.02,
        angle=draw(0, 6),
    )
    y = long - fin.root_chord - 0.04 * long
    z = float(body.at("top", y + 0.6 * fin.root_chord))
    middle = float(body.at("top", 0.95 * long) + body.at("bottom", 0.95 * long)) / 2
    add_tail(
        parts,
        Tail(
            "conventional",
            fin,
            plane,
            (0, y, z - 0.1 * d),
            (0, long - plane.root_chord * 1.2, middle),
        ),
        livery.tail,
        livery.wing,
    )
    if draw.chance(0.5):  # wheels in tandem under the belly, small ones at the tips
        for at in (0.28, 0.62):
            ground = float(body.at("bottom", at * long)) - 0.35 * d
            leg = Leg(0.16 * d, 0.1 * d, 0.1 * d, 2, 2)
            suffix = "nose" if at < 0.5 else "main"
            add_leg(parts, suffix, leg, (0, at * long, -0.4 * d), (0, at * long, ground + 0.16 * d))
    return parts


def twin_pod(
    parts: Assembly, wing: Wing, x: float, number: int, diameter: float, livery: Livery
) -> None:
    """Two jets side by side on one pylon, as the B-52 has."""
    nacelle = Nacelle(diameter * 2.6, diameter, 1.0, 0.8)
    under = wing.point(x, 0.0)
    y, z = float(under[1]) - 1.7 * diameter, float(under[2]) - 1.15 * diameter
    for i, shift in enumerate((-0.52, 0.52)):
        name = f"engine_{2 * number - 1 + i}_" + "{side}"
        add_nacelle(parts, name, nacelle, (x + shift * diameter, y, z), livery.engine, METAL)
    low = (np.array([x, y + 0.5 * diameter, z]), 2.0 * diameter)
    high = (wing.point(x, 0.02), 0.5 * wing.chord(wing.eta_at(x)))
    add_pylon(parts, f"pylon_{number}_" + "{side}", low, high, 0.25 * diameter, livery.engine)


def flying_wing(rng: np.random.Generator) -> Assembly:
    """Tailless bombers: a delta with a fin, or a wing alone."""
    draw, parts = Draw(rng), Assembly()
    livery = military(rng, 6.0)
    fin = draw.chance(0.5)
    span = draw(28, 52)
    sweep = draw(32, 42) if not fin else draw(44, 54)
    root = span * (draw(0.30, 0.42) if not fin else draw(0.55, 0.68))
    plan = Planform(
        span / 2,
        root,
        draw(0.08, 0.22),
        sweep,
        0.0,
        draw(0.25, 0.4),
        draw(0.4, 0.62),
        thickness=0.12,
        tip_thickness=0.09,
        camber=0.01,
        rounding=0.01,
        angle=draw(-2, 2),
    )
    wing = Wing(plan, (0.0, root * (0.06 if not fin else 0.35), 0.0))
    add_wing(parts, wing, livery.wing)
    d = 0.13 * root if fin else 0.2 * root
    long = root * (1.35 if fin else 0.9)
    hull = pod((0, long / 2, 0.03 * root), long, d * (1.0 if fin else 1.5), d, 0.4, (0.6, 0.8), 2.2)
    parts.loft("fuselage", hull.sections(), livery.body)
    y = 0.12 * long
    top = float(hull.at("top", y))
    canopy = pod((0, y + 0.05 * long, top), 0.16 * long, d * 0.5, d * 0.35, 0.4, (0.7, 0.8))
    parts.loft("cockpit_glass", canopy.sections(), DARK_GLASS)
    x = draw(0.1, 0.17) * span / 2 + 0.4 * d
    size = 0.1 * root * draw(0.6, 0.9)
    at = wing.point(x, 0.15)
    engine = pod(
        (0, at[1] + 0.3 * root, at[2] + 0.05 * root),
        0.6 * root,
        size * 2.6,
        size * 1.3,
        0.35,
        (0.25, 0.7),
        3.5,
    )
    parts.loft("engine_1_{side}", shifted(engine, x), livery.engine)
    mouth = pod(
        (0, at[1] + 0.02 * root, at[2] + 0.055 * root),
        0.06 * root,
        size * 1.9,
        size * 0.8,
        0.5,
        (0.2, 0.2),
        3.5,
    )
    parts.loft("intake_{side}", shifted(mouth, x), DARK)
    if fin:
        height = span * draw(0.17, 0.22)
        plate = Planform(
            height, height * 1.1, 0.5, draw(35, 48), 0.0, angle=90, camber=0.0, rounding=0.02
        )
        parts.loft("fin", Wing(plate, (0, long - height * 1.2, 0.2 * d)).sections(), livery.tail)
    return parts


def flying_boat(rng: np.random.Generator) -> Assembly:
    """Hulls with a step, a high wing, engines on it or above it, floats at the tips."""
    draw, parts = Draw(rng), Assembly()
    livery = airline(rng) if draw.chance(0.5) else military(rng, 4.0)
    small = draw.chance(0.35)
    long = draw(7.5, 10) if small else draw(18, 32)
    half, deck = long * draw(0.05, 0.065), long * draw(0.05, 0.075)
    keel = -long * draw(0.065, 0.085)
    tail_z = draw(0.5, 1.1) * deck
    step = draw(0.46, 0.54)
    body = shaped(
        long,
        [
            (0, 0.25 * deck),
            (0.12, 0.8 * deck),
            (0.28, deck * 1.05),
            (0.55, deck),
            (1, tail_z + 0.25 * deck),
        ],
        [
            (0, 0.0),
            (0.06, 0.6 * keel),
            (0.2, keel),
            (step, keel),
            (step + 0.012, 0.78 * keel),
            (0.75, 0.3 * keel),
            (1, tail_z - 0.3 * deck),
        ],
        [
            (0, 0.25 * half),
            (0.1, 0.8 * half),
            (0.25, half),
            (0.55, half * 0.95),
            (0.8, 0.5 * half),
            (1, 0.12 * half),
        ],
        draw(2.0, 3.2),
        [(0, 1.4), (0.2, 1.25), (step, 1.25), (0.8, 1.6), (1, 2.0)],
        waist=0.42,
        round_nose=0.03,
    )
    parts.loft("hull", body.sections(), livery.body)
    y = 0.13 * long
    top = float(body.at("top", y + 0.03 * long))
    canopy = pod(
        (0, y + 0.05 * long, top * 0.92), 0.2 * long, half * 1.6, deck * 0.75, 0.35, (0.6, 0.7), 2.5
    )
    parts.loft("cockpit_glass", canopy.sections(), DARK_GLASS)
    if not small:
        add_window_row(
            parts,
            body,
            0.3 * long,
            0.6 * long,
            0.35 * deck,
            (0.02 * long, 0.016 * long),
            0.04 * long,
        )
    span = long * draw(1.15, 1.6)
    plan = replace(straight_wing(draw, span, draw(7.5, 11), 0.16), angle=draw(0, 3))
    parasol = draw.chance(0.45)
    lift = draw(0.35, 0.8) * deck if parasol else -0.05 * deck
    wing = Wing(plan, (0, long * draw(0.27, 0.36), float(body.at("top", 0.4 * long)) + lift), 3.0)
    add_wing(parts, wing, livery.wing)
    if parasol:
        mast = (
            np.array([0, wing.root[1] + 0.1 * plan.root_chord, 0.6 * deck]),
            0.8 * plan.root_chord,
        )
        head = (
            np.array([0, wing.root[1] + 0.1 * plan.root_chord, wing.root[2]]),
            0.75 * plan.root_chord,
        )
        add_pylon(parts, "pylon", mast, head, half * 0.7, livery.body)
        for share in (0.2, 0.65):
            foot_y = wing.root[1] + share * plan.root_chord
            foot = (half * 0.9, foot_y, 0.1 * deck)
            parts.strut(
                "strut_{side}",
                [foot, wing.point(0.36 * plan.span, share)],
                0.009 * long,
                livery.trim,
                0.4,
            )
    boat_engines(parts, draw, wing, body, small, span, livery)
    x = draw(0.6, 0.95) * plan.span
    size = 0.2 * long
    under = wing.point(x, 0.4)
    drop = max(float(under[2]) - 0.35 * keel, 0.05 * long)
    at = (x, float(under[1]) - size * 0.45, float(under[2]) - drop)
    add_float(parts, "float_{side}", at, size, size * 0.24, livery.accent)
    for shift in (-0.15, 0.15):
        parts.strut(
            "strut_{side}",
            [under, (x, at[1] + (0.45 + shift) * size, at[2])],
            0.006 * long,
            livery.trim,
            0.5,
        )
    kind = str(draw.of("conventional", "t", "cruciform", "twin", weights=(4, 2.5, 2, 1.5)))
    tail = straight_tail(draw, kind, long, body, long * draw(0.14, 0.19))
    add_tail(parts, tail, livery.tail, livery.wing)
    return parts


def boat_engines(
    parts: Assembly, draw: Draw, wing: Wing, body: Body, small: bool, span: float, livery: Livery
) -> None:
    """One engine on a pylon for small boats, two or four on the wing for others."""
    radial = draw.chance(0.7)
    if small:
        long = float(body.stations[-1])
        y, z = wing.root[1] + 0.4 * wing.plan.root_chord, wing.root[2] + 0.11 * long
        pusher = draw.chance(0.6)
        pod_body = pod((0, y, z), 0.2 * long, 0.07 * long, 0.075 * long, 0.45, (0.5, 0.5))
        parts.loft("engine_1", pod_body.sections(), livery.engine)
        low = (np.array([0, y - 0.05 * long, wing.root[2]]), 0.1 * long)
        add_pylon(
            parts,
            "pylon_1",
            low,
            (np.array([0, y - 0.05 * long, z]), 0.1 * long),
            0.02 * long,
            livery.body,
        )
        propeller = Propeller(
            int(draw.of(2, 3)), 0.105 * long, 0.017 * long, 0.018 * long, draw(0, 120)
        )
        hub = (0, y + 0.1 * long * (0.95 if pusher else -0.95), z)
        add_propeller(parts, "", propeller, hub, BLADE, livery.accent, pusher)
        return
    four = draw.chance(0.4)
    radius = span * (0.048 if four else 0.065)
    figures = (radius * 0.75, radius * draw(0.6, 0.9), radial)
    x = radius * draw(1.2, 1.9)
    for i, spot in enumerate([x, x + 2.3 * radius] if four else [x]):
        propeller = Propeller(3, radius, radius * 0.16, figures[0] * 0.22, draw(0, 120))
        raised = replace(wing, root=(wing.root[0], wing.root[1], wing.root[2] + 0.15 * radius))
        propeller_engine(parts, draw, raised, spot, i + 1, figures, propeller, livery)
