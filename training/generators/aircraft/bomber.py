"""Bombers: with propellers, swept jets, and flying wings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .assembly import Assembly
from .body import pod, shaped
from .common import Draw, Tail, add_tail, add_wing, fillet_fin
from .engines import (
    DARK,
    METAL,
    Nacelle,
    Propeller,
    add_nacelle,
    add_pylon,
)
from .gear import Leg, add_leg, shifted
from .lifting import Planform, Wing
from .livery import DARK_GLASS, GLASS, Livery, military
from .transport import Cabin, add_cockpit, hang_jets
from .turboprop import propeller_engine, straight_tail, straight_wing


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
