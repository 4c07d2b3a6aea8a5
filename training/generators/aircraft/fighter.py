"""Jet fighters and trainers: delta, swept and straight wings, canards, one or two engines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .assembly import Assembly
from .body import Body, pod, shaped
from .common import Draw, Tail, add_tail, add_wing
from .engines import METAL
from .fighter_parts import Jet, add_intakes, add_nozzles, add_stores, jet_gear
from .lifting import Planform, Wing
from .livery import GLASS, Livery, ahead, military


def jet_body(draw: Draw, jet: Jet) -> Body:
    """Fuselage with a pointed nose, a spine and the waist of the area rule."""
    h, w = jet.high, jet.half
    c = jet.cockpit
    rear = w * (1.0 if jet.engines == 1 else 1.15)
    waist = draw(0.86, 1.0)
    blunt = jet.intake == "nose"
    nose = (
        [(0, 0.42 * h), (0.08, 0.62 * h)]
        if blunt
        else [(0, 0.03), (0.07, 0.3 * h), (0.14, 0.52 * h)]
    )
    low = (
        [(0, -0.42 * h), (0.08, -0.62 * h)]
        if blunt
        else [(0, -0.03), (0.07, -0.3 * h), (0.14, -0.5 * h)]
    )
    side = (
        [(0, 0.45 * w), (0.1, 0.7 * w)]
        if blunt
        else [(0, 0.03), (0.07, 0.36 * w), (0.14, 0.56 * w)]
    )
    droop = -draw(0, 0.18) * h if not blunt else 0.0
    top = [
        *nose,
        (c, 0.75 * h),
        (c + 0.12, h * draw(0.85, 1.1)),
        (0.6, 0.9 * h),
        (0.85, 0.66 * h),
        (1, 0.5 * h),
    ]
    bottom = [*low, (c + 0.08, -0.85 * h), (0.5, -h), (0.75, -0.88 * h), (1, -0.42 * h)]
    width = [*side, (c, 0.72 * w), (c + 0.16, w), (0.58, w * waist), (0.8, rear), (1, rear * 0.72)]
    top = [(s, z + droop * max(0.0, 1 - s / 0.3)) for s, z in top]
    bottom = [(s, z + droop * max(0.0, 1 - s / 0.3)) for s, z in bottom]
    upper = [(0, 2.0), (c, 2.2), (0.5, jet.flat), (1, 2.1 if jet.engines == 1 else 3.0)]
    return shaped(jet.length, top, bottom, width, upper, upper)


def jet_wing(draw: Draw, style: str, jet: Jet) -> Wing:
    """Wing by style: delta, cropped, swept, trapezoid, straight."""
    long = jet.length
    if style == "delta":
        sweep = draw(52, 62)
        span = long * draw(0.56, 0.72)
        root = span / 2 * np.tan(np.radians(sweep)) / (1 - 0.06) * draw(0.98, 1.05)
        plan = Planform(span / 2, float(root), draw(0.03, 0.1), sweep, 0.0)
        if draw.chance(0.3):  # double delta
            plan = replace(
                plan,
                crank=draw(0.3, 0.45),
                crank_sweep=sweep - draw(8, 15),
                sweep=sweep + draw(8, 12),
                kink=0.4,
                kink_chord=draw(0.42, 0.5),
                root_chord=float(root) * 1.15,
                taper=0.06,
            )
        y = 0.93 * long - plan.root_chord
    elif style == "swept":
        span, sweep = long * draw(0.66, 0.88), draw(32, 48)
        plan = Planform(span / 2, span * draw(0.26, 0.33), draw(0.3, 0.55), sweep, 0.0)
        y = long * draw(0.3, 0.38)
    elif style == "trapezoid":
        span, sweep = long * draw(0.58, 0.76), draw(30, 44)
        plan = Planform(span / 2, span * draw(0.42, 0.54), draw(0.18, 0.32), sweep, 0.0)
        y = long * draw(0.36, 0.44)
    else:
        span = long * draw(0.8, 1.05)
        plan = Planform(span / 2, span * draw(0.2, 0.26), draw(0.35, 0.6), draw(2, 16), 0.0)
        y = long * draw(0.36, 0.44)
    thick = draw(0.045, 0.07) if style != "straight" else 0.11
    plan = replace(
        plan,
        thickness=thick,
        tip_thickness=thick * 0.8,
        camber=0.005,
        angle=draw(-6, 3),
        rounding=0.01,
    )
    z = jet.high * float(draw.of(draw(0.1, 0.5), draw(-0.5, -0.1)))
    return Wing(plan, (0.0, float(y), z))


def fighter(rng: np.random.Generator) -> Assembly:
    """Jet fighters of many layouts."""
    draw, parts, livery = Draw(rng), Assembly(), military(rng, 3.0)
    style = str(draw.of("delta", "swept", "trapezoid", "straight", weights=(3, 3, 4, 1.3)))
    engines = 2 if draw.chance(0.45) else 1
    choices = ("side", "chin", "nose") if engines == 1 else ("side", "below")
    weights = (4, 2.0, 1.6) if engines == 1 else (4, 1.3)
    length = draw(10.5, 16.0) if engines == 1 else draw(14.0, 20.0)
    if style == "straight":
        length = draw(9.5, 13.0)
    half = length * draw(0.05, 0.064) * (1.3 if engines == 2 else 1.0)
    jet = Jet(
        length,
        half,
        length * draw(0.05, 0.062),
        engines,
        str(draw.of(*choices, weights=weights)),
        draw(0.17, 0.24),
        draw(2.2, 4.0),
    )
    if jet.intake == "nose":
        jet = replace(jet, cockpit=draw(0.24, 0.3))
    body = jet_body(draw, jet)
    radome = (0.2, 0.2, 0.21) if draw.chance(0.5) else livery.engine
    parts.loft("fuselage", body.sections(), ahead(livery.body, radome, draw(0.04, 0.09) * length))
    seats = 1 + draw.chance(0.3)
    long = length * (draw(0.15, 0.21) + 0.07 * (seats - 1))
    y = jet.cockpit * length
    top = float(body.at("top", y + 0.3 * long))
    canopy = pod(
        (0, y + 0.22 * long, top - 0.05 * jet.high),
        long,
        float(body.at("half_width", y)) * draw(1.25, 1.6),
        jet.high * draw(1.0, 1.4),
        draw(0.34, 0.46),
        (0.75, 0.85),
        2.1,
    )
    parts.loft("canopy", canopy.sections(), GLASS)
    add_intakes(parts, draw, jet, body, livery.body)
    add_nozzles(parts, draw, jet, body)
    wing = jet_wing(draw, style, jet)
    add_wing(parts, wing, livery.wing)
    if style == "trapezoid" and draw.chance(0.65):
        add_strakes(parts, draw, jet, wing, livery)
    canards = style == "delta" and draw.chance(0.6)
    if canards:
        size = draw(0.09, 0.13) * length
        plan = Planform(
            size,
            size * draw(0.8, 1.1),
            draw(0.15, 0.4),
            draw(42, 55),
            0.0,
            thickness=0.06,
            tip_thickness=0.05,
            camber=0.0,
            rounding=0.01,
            angle=draw(-4, 8),
        )
        canard = Wing(
            plan,
            (jet.half * 0.7, (jet.cockpit + draw(0.1, 0.16)) * length, jet.high * draw(0.2, 0.5)),
        )
        add_wing(parts, canard, livery.wing, "canard_{side}")
    jet_tail(parts, draw, jet, body, style, livery)
    if draw.chance(0.55):
        add_stores(parts, draw, jet, wing)
    if draw.chance(0.3):
        jet_gear(parts, draw, jet, body)
    if draw.chance(0.4):
        z = float(body.at("top", 0.0) + body.at("bottom", 0.0)) / 2
        if jet.intake != "nose":
            parts.strut("probe", [(0, 0.02, z), (0, -0.06 * length, z)], [0.05, 0.02], METAL)
    return parts


def add_strakes(parts: Assembly, draw: Draw, jet: Jet, wing: Wing, livery: Livery) -> None:
    """Leading edge extensions that run forward from the wing's roots."""
    x = jet.half * 0.75
    reach = draw(0.14, 0.24) * jet.length
    width = jet.half * draw(0.55, 0.9)
    sweep = float(np.degrees(np.arctan(reach / width)))
    plan = Planform(
        width,
        reach * 1.25,
        0.2,
        sweep,
        0.0,
        thickness=0.05,
        tip_thickness=0.1,
        camber=0.0,
        rounding=0.0,
    )
    edge = wing.point(x + width, 0.0)
    parts.loft(
        "strake_{side}",
        Wing(plan, (x, float(edge[1]) - reach, float(edge[2]))).sections(),
        livery.wing,
    )


def jet_tail(parts: Assembly, draw: Draw, jet: Jet, body: Body, style: str, livery: Livery) -> None:
    """Single or twin fins; tailplanes unless the wing is a delta."""
    long = jet.length
    twin = draw.chance(0.65 if jet.engines == 2 else 0.1)
    height = draw(0.12, 0.15) * long if twin else draw(0.15, 0.21) * long
    chord = height * draw(0.95, 1.35)
    fin = Planform(
        height,
        chord,
        draw(0.25, 0.5),
        draw(32, 52),
        0.0,
        angle=90 - (draw(0, 28) if twin else 0),
        camber=0.0,
        thickness=0.06,
        tip_thickness=0.05,
        rounding=0.01,
    )
    y = long * draw(0.93, 1.0) - chord
    top = float(body.at("top", y + 0.6 * chord))
    x = float(body.at("half_width", y + 0.5 * chord)) * draw(0.6, 0.85) if twin else 0.0
    root = (x, y, top - (0.3 if twin else 0.1) * jet.high)
    span = draw(0.15, 0.2) * long
    plane = Planform(
        span,
        span * draw(0.65, 0.9),
        draw(0.25, 0.5),
        draw(35, 48),
        0.0,
        camber=0.0,
        thickness=0.05,
        tip_thickness=0.04,
        angle=draw(-8, 3),
        rounding=0.01,
    )
    kind = "pair" if twin else str(draw.of("conventional", "t", "cruciform", weights=(8, 0.8, 0.8)))
    if style == "delta" and draw.chance(0.75):
        if twin:
            parts.loft("fin_{side}", Wing(fin, root).sections(), livery.tail)
        else:
            parts.loft("fin", Wing(fin, root).sections(), livery.tail)
        return
    if kind in ("t", "cruciform"):
        plane = replace(plane, span=span * 0.85)
    place = (jet.half * 0.4, long * draw(1.0, 1.06) - plane.root_chord, draw(-0.25, 0.1) * jet.high)
    add_tail(parts, Tail(kind, fin, plane, root, place), livery.tail, livery.wing)
