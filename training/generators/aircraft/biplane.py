"""Biplanes and a few triplanes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .assembly import Assembly
from .body import Body, pod, shaped
from .common import Draw, Tail, add_tail, add_wing, fillet_fin
from .engines import Propeller, add_cowling, add_propeller, add_radial
from .gear import Leg, add_leg
from .lifting import Planform, Wing
from .light import BLADE
from .livery import GLASS, Livery, beyond, military, private

WOOD = (0.42, 0.27, 0.14)
LEATHER = (0.16, 0.11, 0.08)


def add_open_cockpit(parts: Assembly, draw: Draw, body: Body, y: float, pilot: bool) -> None:
    """A dark opening with a rim, a small windscreen, and a pilot's head in it."""
    top = float(body.at("top", y + 0.3))
    half = float(body.at("half_width", y + 0.3)) * 0.62
    profile = [
        (-0.05, 0),
        (-0.05, half),
        (0.015, half),
        (0.04, half * 0.93),
        (0.01, half * 0.84),
        (0.005, 0),
    ]
    parts.revolve("cockpit", profile, (0, y + 0.35, top - 0.02), LEATHER, axis=2)
    screen = Planform(
        0.26, 0.1, 0.6, 50, 0.0, angle=90, thickness=0.3, tip_thickness=0.3, camber=0.0
    )
    parts.loft(
        "cockpit_glass",
        Wing(screen, (0.0, y - 0.02, top - 0.03)).sections(5) * np.array([9.0, 1, 1]),
        GLASS,
    )
    if pilot:
        head = pod((0, y + 0.4, top + 0.16), 0.24, 0.2, 0.3, 0.5)
        parts.loft("pilot", head.sections(), LEATHER)


def cross_axle_gear(
    parts: Assembly,
    body: Body,
    y: float,
    track: float,
    ground: float,
    radius: float,
    livery: Livery,
) -> None:
    """Two V struts a side and an axle between the wheels, as on biplanes."""
    foot = np.array([track / 2, y, ground + radius])
    half = float(body.at("half_width", y)) * 0.8
    bottom = float(body.at("bottom", y)) + 0.05
    for shift in (-0.35, 0.4):
        parts.strut("gear_{side}", [(half, y + shift, bottom), foot], 0.045, livery.trim, 0.6)
    parts.strut("gear_axle", [foot * [-1, 1, 1], foot], 0.035, livery.trim)
    leg = Leg(radius, 0.1, 0.05)
    add_leg(parts, "{side}", leg, foot - [0.06, 0, 0], foot + [0.04, 0, 0])


def tail_skid(parts: Assembly, body: Body, y: float) -> None:
    """A small tail wheel."""
    z = float(body.at("bottom", y))
    add_leg(parts, "tail", Leg(0.11, 0.07, 0.06), (0, y - 0.1, z + 0.06), (0, y + 0.02, z - 0.16))


def biplane(rng: np.random.Generator) -> Assembly:
    """Two (or three) strutted wings, radial or inline engine, open cockpits, fixed gear."""
    draw, parts, livery = Draw(rng), Assembly(), private(rng)
    if draw.chance(0.3):
        livery = military(rng, 1.5)
    length, engine = draw(5.6, 8.4), str(draw.of("bare", "cowled", "inline", weights=(3, 3, 3)))
    radius = draw(0.42, 0.58) if engine != "inline" else draw(0.3, 0.4)
    half = draw(0.36, 0.46)
    box = draw(2.2, 4.5)
    deck, low = draw(0.42, 0.6), -draw(0.45, 0.58)
    tail_z = draw(0.05, 0.25)
    nose = radius * (0.9 if engine != "inline" else 1.0)
    body = shaped(
        length,
        [
            (0, nose * 0.92),
            (0.14, max(nose, deck * 0.92)),
            (0.34, deck),
            (0.5, deck * 1.04),
            (0.62, deck * 0.86),
            (1, tail_z + 0.06),
        ],
        [
            (0, -nose * 0.92),
            (0.16, min(-nose, low)),
            (0.4, low),
            (0.62, low * 0.72),
            (1, tail_z - 0.1),
        ],
        [(0, nose * 0.9), (0.16, max(half, nose * 0.85)), (0.45, half), (1, 0.04)],
        [(0, 2.0), (0.2, 2.3), (1, 2.1)],
        [(0, 2.0), (0.2, box), (1, 2.5)],
        round_nose=0.02 if engine != "inline" else 0.06,
    )
    parts.loft("fuselage", body.sections(), livery.body)
    hub_y = -0.02
    if engine == "bare":
        hub_y = -0.42 * radius
        add_radial(
            parts, "", (0, hub_y + 0.06, 0), radius * 1.25, int(draw.of(5, 7, 9)), (0.3, 0.3, 0.31)
        )
    elif engine == "cowled":
        long = draw(0.6, 0.95)
        hub_y = -0.45 * long
        add_cowling(
            parts,
            "engine",
            (0, hub_y, 0),
            radius * 1.16,
            long,
            radius * draw(0.95, 1.05),
            livery.engine,
        )
    propeller = Propeller(
        2 + draw.chance(0.15), draw(1.05, 1.4), 0.2, draw(0.1, 0.22), draw(0, 180)
    )
    add_propeller(
        parts, "", propeller, (0, hub_y, 0), WOOD if draw.chance(0.5) else BLADE, livery.accent
    )
    triplane = draw.chance(0.1)
    gap, stagger = draw(1.35, 1.75), draw(-0.15, 0.7)
    span = draw(0.95, 1.4) * length
    chord = span / draw(5.2, 7.0)
    plan = Planform(
        span / 2,
        chord,
        draw(0.85, 1.0),
        draw(-1, 9) if draw.chance(0.35) else 0.0,
        0.3,
        angle=draw(0, 2.5),
        thickness=0.09,
        tip_thickness=0.08,
        camber=0.04,
        rounding=draw(0.04, 0.16),
    )
    y = draw(0.2, 0.26) * length
    low_z = low + draw(0.03, 0.14)
    upper = Wing(plan, (0, y, low_z + gap * (1.5 if triplane else 1.0)), 1.5)
    short = draw(0.72, 1.0)
    lower_plan = replace(
        plan, span=plan.span * short, root_chord=chord * draw(0.72, 1.0), angle=draw(1, 4)
    )
    lower = Wing(lower_plan, (0, y + stagger + 0.1, low_z), 1.5)
    paint = beyond(livery.wing, livery.accent, 0.9 * span / 2) if draw.chance(0.3) else livery.wing
    add_wing(parts, upper, paint, "wing_upper_{side}")
    add_wing(parts, lower, paint, "wing_lower_{side}")
    if triplane:
        middle = Wing(lower_plan, (0, y + stagger / 2, (low_z + upper.root[2]) / 2), 1.5)
        add_wing(parts, middle, paint, "wing_middle_{side}")
    bays = (0.72,) if draw.chance(0.75) else (0.42, 0.86)
    style = str(draw.of("pair", "n", "i"))
    for share in bays:
        x = share * lower_plan.span
        ends = [(lower.point(x, c), upper.point(x * draw(0.98, 1.04), c)) for c in (0.15, 0.68)]
        if style == "i":
            parts.strut(
                "strut_{side}",
                [(a + b) / 2 for a, b in zip(*ends, strict=True)],
                0.14,
                livery.trim,
                0.3,
            )
            continue
        for a, b in ends:
            parts.strut("strut_{side}", [a, b], 0.06, livery.trim, 0.5)
        if style == "n":
            parts.strut("strut_{side}", [ends[0][0], ends[1][1]], 0.05, livery.trim, 0.5)
    for share in (0.2, 0.65):
        end = upper.point(half * 1.3, share)
        foot_y = y + 0.2 + share * chord * 0.8
        foot = (half * 0.75, foot_y, float(body.at("top", foot_y)) * 0.7)
        parts.strut("strut_{side}", [foot, end], 0.045, livery.trim, 0.6)
    seats = 1 + draw.chance(0.45)
    for i in range(seats):
        add_open_cockpit(parts, draw, body, (0.48 - 0.16 * i) * length, draw.chance(0.5))
    height = draw(0.85, 1.25)
    fin = replace(
        fillet_fin(draw, height, draw(0.75, 1.15), draw(5, 35), draw(0.45, 0.8), draw(0, 0.3)),
        rounding=draw(0.15, 0.4),
        thickness=0.07,
    )
    tail_span = span * draw(0.27, 0.34)
    plane = Planform(
        tail_span / 2,
        tail_span * draw(0.3, 0.4),
        draw(0.6, 0.9),
        draw(0, 15),
        0.3,
        camber=0.0,
        thickness=0.07,
        rounding=draw(0.1, 0.35),
    )
    tail = Tail(
        "conventional",
        fin,
        plane,
        (0, length - fin.root_chord + 0.12, tail_z - 0.02),
        (0, length - plane.root_chord - 0.08, tail_z + 0.02),
    )
    add_tail(parts, tail, livery.tail, livery.wing)
    wheel = draw(0.26, 0.34)
    cross_axle_gear(
        parts, body, 0.2 * length, draw(1.4, 1.9), low - draw(0.55, 0.75), wheel, livery
    )
    tail_skid(parts, body, 0.96 * length)
    return parts
