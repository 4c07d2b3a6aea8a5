"""Fighters and attackers with propellers, one engine or two."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .assembly import Assembly
from .biplane import tail_skid
from .body import Body, pod, shaped
from .common import Draw, Tail, add_tail, add_wing, fillet_fin
from .engines import Propeller, add_cowling, add_propeller
from .gear import Leg, add_leg, shifted
from .lifting import Planform, Wing
from .light import BLADE
from .livery import GLASS, Livery, ahead, beyond, military


@dataclass(frozen=True)
class Warbird:
    """Main figures of a propeller fighter, metres."""

    length: float
    radial: bool
    bubble: bool
    half: float
    high: float
    low: float
    cockpit: float


def warbird_body(draw: Draw, plane: Warbird) -> Body:
    """Fuselage with the cockpit's hump or a straight back."""
    long, high, low = plane.length, plane.high, plane.low
    tail_z = draw(0.12, 0.32)
    back = 0.86 if plane.bubble else draw(1.25, 1.45)
    c = plane.cockpit
    nose = plane.high if plane.radial else plane.high * draw(0.55, 0.7)
    front = plane.half if plane.radial else plane.half * draw(0.6, 0.75)
    return shaped(
        long,
        [
            (0, nose * 0.95),
            (0.12, max(nose, 0.85 * high)),
            (c - 0.04, high),
            (c + 0.1, high * back),
            (c + 0.22, high * back * 0.82),
            (1, tail_z + 0.07),
        ],
        [
            (0, -nose * 0.95),
            (0.12, low * (1.0 if plane.radial else 0.88)),
            (c, low),
            (c + 0.16, low * 0.92),
            (1, tail_z - 0.12),
        ],
        [
            (0, front),
            (0.15, plane.half),
            (c + 0.05, plane.half * 0.96),
            (c + 0.3, plane.half * 0.5),
            (1, 0.05),
        ],
        draw(2.0, 2.6),
        draw(2.0, 3.0),
        round_nose=0.02 if plane.radial else 0.035,
    )


def warbird_wing(draw: Draw, length: float) -> Planform:
    """Elliptical, tapered or gull wing of a propeller fighter."""
    span = length * draw(1.08, 1.38)
    aspect = draw(5.3, 7.0)
    plan = Planform(
        span / 2,
        span / aspect * 1.3,
        draw(0.42, 0.6),
        draw(0, 4),
        draw(0.2, 0.4),
        thickness=0.15,
        tip_thickness=0.10,
        angle=draw(4, 7),
        rounding=draw(0.03, 0.12),
        twist=2.0,
    )
    style = draw.of("taper", "ellipse", "gull", "square", weights=(5, 2.2, 1.2, 2))
    if style == "ellipse":
        return replace(plan, ellipse=draw(0.85, 1.0), root_chord=span / aspect * 1.27, rounding=0.0)
    if style == "gull":
        return replace(plan, angle=-draw(12, 20), bend=draw(0.22, 0.32), bend_angle=draw(7, 11))
    if style == "square":
        return replace(plan, rounding=0.012, taper=draw(0.45, 0.6))
    return plan


def warbird(rng: np.random.Generator) -> Assembly:
    """Propeller fighters and attackers with one engine, and twin-engined ones."""
    draw, parts, livery = Draw(rng), Assembly(), military(rng, 2.2)
    twin = draw.chance(0.2)
    radial = draw.chance(0.5)
    length = draw(8.2, 10.6) + (1.8 if twin else 0.0)
    half = draw(0.55, 0.72) if radial and not twin else draw(0.42, 0.52)
    plane = Warbird(
        length,
        radial and not twin,
        draw.chance(0.55),
        half,
        half * draw(0.95, 1.15),
        -half * draw(1.1, 1.4),
        draw(0.3, 0.44),
    )
    body = warbird_body(draw, plane)
    nose_paint = livery.accent if draw.chance(0.25) else livery.engine
    parts.loft("fuselage", body.sections(), ahead(livery.body, nose_paint, 0.12 * length))
    y = plane.cockpit * length
    high = float(body.at("top", y))
    long = length * draw(0.2, 0.3)
    canopy = pod(
        (0, y + 0.38 * long, high * 0.84),
        long,
        half * draw(1.2, 1.5),
        high * draw(0.95, 1.25),
        draw(0.34, 0.46),
        (0.6, 0.8 if plane.bubble else 0.5),
        2.4,
    )
    parts.loft("canopy", canopy.sections(), GLASS)
    plan = warbird_wing(draw, length)
    wing = Wing(plan, (0, (draw(0.2, 0.27)) * length, plane.low * draw(0.45, 0.85)), 2.0)
    tips = beyond(livery.wing, livery.accent, 0.9 * plan.span) if draw.chance(0.2) else livery.wing
    add_wing(parts, wing, tips)
    blades, size = int(draw.of(3, 4, weights=(3, 2))), draw(1.45, 1.9)
    propeller = Propeller(
        blades,
        size,
        size * 0.16,
        half * (0.42 if radial else 0.55),
        draw(0, 120),
        spinner_length=draw(1.3, 2.2),
    )
    if twin:
        warbird_nacelles(parts, draw, wing, propeller, radial, livery)
    elif radial:
        cowl = draw(0.9, 1.3)
        add_cowling(
            parts, "engine", (0, -0.55 * cowl, 0), half * 1.13, cowl, half * 0.98, nose_paint
        )
        add_propeller(parts, "", propeller, (0, -0.5 * cowl, 0), BLADE, livery.accent)
    else:
        nose_half = float(body.at("half_width", 0.03 * length))
        propeller = replace(propeller, spinner=nose_half * 0.92)
        add_propeller(parts, "", propeller, (0, 0.015 * length, 0), BLADE, livery.accent)
        scoop = pod(
            (0, draw(0.2, 0.58) * length, plane.low * 0.98),
            draw(1.4, 2.2),
            half * 1.1,
            half * 0.9,
            0.35,
            (0.3, 0.8),
            3.0,
        )
        parts.loft("radiator", scoop.sections(), livery.body)
        for i in range(6):
            at = (
                float(body.at("half_width", 0.1 * length)) * 0.9,
                (0.08 + 0.025 * i) * length,
                0.12,
            )
            parts.strut(
                "exhaust_{side}", [at, (at[0] + 0.1, at[1] + 0.12, at[2])], 0.05, (0.2, 0.17, 0.15)
            )
    height = draw(1.15, 1.55)
    fin = replace(
        fillet_fin(draw, height, draw(1.2, 1.6), draw(8, 30), draw(0.4, 0.65), draw(0, 0.6)),
        rounding=draw(0.05, 0.3),
    )
    tail_span = 2 * plan.span * draw(0.29, 0.36)
    stab = Planform(
        tail_span / 2,
        tail_span * draw(0.27, 0.34),
        draw(0.5, 0.75),
        draw(3, 12),
        0.3,
        camber=0.0,
        rounding=draw(0.05, 0.2),
        angle=draw(0, 4),
    )
    tail_z = float(body.at("top", 0.97 * length))
    kind = "twin" if twin and draw.chance(0.4) else "conventional"
    if kind == "twin":
        fin = replace(fin, span=fin.span * 0.75)
    add_tail(
        parts,
        Tail(
            kind,
            fin,
            stab,
            (0, length - fin.root_chord + 0.1, tail_z - 0.1),
            (0, length - stab.root_chord - draw(0, 0.3), tail_z - 0.06),
        ),
        livery.tail,
        livery.wing,
    )
    if draw.chance(0.5):
        warbird_gear(parts, draw, wing, body, twin)
    return parts


def warbird_nacelles(
    parts: Assembly, draw: Draw, wing: Wing, propeller: Propeller, radial: bool, livery: Livery
) -> None:
    """Engines on both wings; sometimes long booms reach toward the tail."""
    x = max(draw(0.28, 0.34) * wing.plan.span, propeller.radius + 0.62)
    edge, chord = wing.point(x, 0.0), wing.chord(wing.eta_at(x))
    size, ahead_by = draw(0.9, 1.1), draw(1.3, 1.9)
    long = ahead_by + chord * draw(1.0, 1.3)
    body = pod(
        (0, edge[1] - ahead_by + long / 2, edge[2]), long, size, size * 1.1, 0.35, (0.28, 0.8), 2.2
    )
    parts.loft("engine_1_{side}", shifted(body, x), livery.engine)
    front = (x, float(edge[1]) - ahead_by, float(edge[2]))
    if radial:
        add_cowling(
            parts,
            "engine_1_{side}",
            (x, front[1] - 0.1, front[2]),
            size * 0.56,
            1.0,
            size * 0.42,
            livery.engine,
        )
    add_propeller(
        parts,
        "_{side}",
        replace(propeller, spinner=size * 0.3),
        (x, front[1] - 0.02, front[2]),
        BLADE,
        livery.accent,
    )


def warbird_gear(parts: Assembly, draw: Draw, wing: Wing, body: Body, twin: bool) -> None:
    """Tail wheel gear on the wings."""
    radius = draw(0.32, 0.4)
    x = draw(1.2, 1.7) if not twin else max(0.28 * wing.plan.span, 2.3)
    top = wing.point(x, 0.18)
    ground = float(body.at("bottom", 0.3 * body.stations[-1])) - draw(0.8, 1.2)
    add_leg(parts, "{side}", Leg(radius, 0.2, 0.13), top, (x, top[1] - 0.2, ground + radius))
    tail_skid(parts, body, 0.93 * float(body.stations[-1]))
