"""Sailplanes: slender pod and boom, long thin wings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .assembly import Assembly
from .body import pod, shaped
from .common import Draw, Tail, add_stripe, add_tail, add_wing, add_winglets, fillet_fin
from .engines import Propeller, add_propeller
from .gear import Leg, add_leg
from .lifting import Planform, Wing
from .light import BLADE
from .livery import GLASS, beyond, private


def glider(rng: np.random.Generator) -> Assembly:
    """Sailplanes: slender pod and boom, long thin wings, one or two seats."""
    draw, parts, livery = Draw(rng), Assembly(), private(rng)
    white = (0.94, 0.94, 0.95)
    length, seats = draw(6.2, 7.2), 1 + draw.chance(0.4)
    length += (seats - 1) * draw(0.8, 1.6)
    half, head = draw(0.29, 0.36), draw(0.34, 0.44)
    pod_end, boom = draw(0.36, 0.46), draw(0.06, 0.1) * 1.2
    tail_z = draw(0.05, 0.3)
    body = shaped(
        length,
        [
            (0, 0.0),
            (0.1, 0.62 * head),
            (0.22, head),
            (pod_end - 0.06, head * 0.9),
            (pod_end + 0.12, boom + 0.08),
            (1, tail_z + 0.08),
        ],
        [
            (0, -0.06),
            (0.1, -0.62 * head),
            (0.24, -head),
            (pod_end, -head * 0.75),
            (pod_end + 0.2, -boom),
            (1, tail_z - 0.1),
        ],
        [
            (0, 0.04),
            (0.1, 0.6 * half),
            (0.24, half),
            (pod_end, half * 0.75),
            (pod_end + 0.16, boom),
            (1, 0.06),
        ],
        2.1,
        2.2,
        round_nose=0.03,
    )
    parts.loft("fuselage", body.sections(), white)
    start, end = draw(0.05, 0.09) * length, (pod_end - draw(0.05, 0.1)) * length
    glass = pod(
        (0, (start + end) / 2, head * draw(0.42, 0.52)),
        end - start,
        half * 1.8,
        head * draw(1.2, 1.5),
        draw(0.45, 0.6),
        (0.8, 0.8),
        2.0,
    )
    parts.loft("canopy", glass.sections(), GLASS)
    span = draw(13.5, 19) + (seats - 1) * draw(0, 7)
    chord = span / draw(17, 27)
    style = draw.of("double", "triple", "straight")
    plan = Planform(
        span / 2,
        chord * 1.25,
        draw(0.3, 0.45),
        draw(-1.5, 1.5),
        draw(0.2, 0.6),
        draw(0.55, 0.7) if style != "straight" else 0.0,
        draw(0.78, 0.9),
        angle=draw(2, 4),
        thickness=0.15,
        tip_thickness=0.12,
        camber=0.035,
        rounding=draw(0.01, 0.03),
        twist=1.0,
    )
    if style == "triple":
        plan = replace(plan, bend=draw(0.6, 0.85), bend_angle=draw(5, 12))
    high = draw.chance(0.25)
    wing = Wing(
        plan,
        (0, (pod_end - draw(0.05, 0.1)) * length, head * (0.95 if high else draw(0.3, 0.65))),
        2,
    )
    accent = livery.accent if draw.chance(0.5) else white
    add_wing(parts, wing, beyond(white, accent, draw(0.9, 0.96) * span / 2))
    add_winglets(parts, wing, "blended" if draw.chance(0.4) else "none", draw(0.35, 0.55), accent)
    kind = str(draw.of("t", "conventional", "cruciform", "v", weights=(7, 1.5, 0.8, 0.7)))
    height = draw(1.05, 1.4)
    fin = fillet_fin(draw, height, draw(0.75, 1.05), draw(3, 25), draw(0.55, 0.8), 0.0)
    plane_span = draw(2.5, 3.3)
    plane = Planform(
        plane_span / 2,
        draw(0.42, 0.62),
        draw(0.5, 0.8),
        draw(2, 8),
        0.3,
        camber=0.0,
        thickness=0.11,
        angle=draw(33, 42) if kind == "v" else 0.0,
        rounding=draw(0.03, 0.1),
    )
    tail = Tail(
        kind,
        fin,
        plane,
        (0, length - fin.root_chord, tail_z),
        (0, length - plane.root_chord * 1.15, tail_z + 0.02),
        0.5,
    )
    add_tail(parts, tail, white if draw.chance(0.6) else accent, white)
    if draw.chance(0.5):
        add_stripe(parts, body, 0.1 * length, 0.9 * length, -0.02, 0.07, accent)
    y, bottom = (pod_end - 0.06) * length, -head
    add_leg(
        parts, "main", Leg(0.19, 0.13, 0.1), (0, y, bottom + 0.2), (0, y, bottom - draw(-0.08, 0.1))
    )
    add_leg(
        parts,
        "tail",
        Leg(0.09, 0.06, 0.05),
        (0, 0.95 * length, tail_z),
        (0, 0.95 * length, float(body.at("bottom", 0.95 * length)) - 0.03),
    )
    if draw.chance(0.12):  # motor glider with a tractor propeller
        add_propeller(
            parts, "", Propeller(2, 0.75, 0.13, 0.1, draw(0, 180)), (0, 0.05, -0.02), BLADE, accent
        )
    return parts
