"""Flying boats: a hull with a step, a high wing, floats at its tips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .assembly import Assembly
from .body import Body, pod, shaped
from .common import Draw, add_tail, add_window_row, add_wing
from .engines import (
    Propeller,
    add_propeller,
    add_pylon,
)
from .gear import add_float
from .lifting import Wing
from .light import BLADE
from .livery import DARK_GLASS, Livery, airline, military
from .turboprop import propeller_engine, straight_tail, straight_wing


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
