"""Airliners and business jets."""

from __future__ import annotations

import numpy as np

from .assembly import Assembly
from .body import pod
from .cabin import Cabin, add_belly, add_body, add_cockpit, jet_gear, low_wing, swept_tail
from .common import (
    Draw,
    add_stripe,
    add_tail,
    add_window_row,
    add_wing,
    add_winglets,
)
from .gear import shifted
from .jets import hang_jets, side_jets, tail_jet
from .lifting import Planform, Wing
from .livery import airline, beyond


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
