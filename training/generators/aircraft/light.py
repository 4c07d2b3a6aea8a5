"""Light airplanes with one or two propellers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .assembly import Assembly
from .body import Body, pod, shaped
from .common import Draw, Tail, add_stripe, add_tail, add_wing, add_winglets, fillet_fin
from .engines import Propeller, add_propeller
from .gear import Leg, add_float, add_leg, add_spat, shifted
from .lifting import Planform, Wing
from .livery import GLASS, Livery, beyond, private

BLADE = (0.13, 0.13, 0.14)


@dataclass(frozen=True)
class Light:
    """A light airplane's fuselage. cowl, cabin, roof, tail: shares of the length where the cowling
    ends, the roof begins, the roof ends, and the boom begins. Heights in metres from the thrust
    line; half is the half width of the cabin."""

    length: float
    half: float
    cowl_top: float
    cowl_bottom: float
    belly: float
    roof: float
    cowl: float
    cabin: float
    roof_end: float
    boom: float
    boom_top: float
    tail_z: float
    nose_half: float
    box: float

    def body(self) -> Body:
        """The body from the cowling's front to the tail cone."""
        end = 0.05 * self.length**0.5
        top = [
            (0, self.cowl_top * 0.72),
            (self.cowl * 0.6, self.cowl_top),
            (self.cowl, self.cowl_top + 0.04),
            (self.cabin, self.roof),
            (self.roof_end, self.roof * 0.98),
            (self.boom, self.boom_top),
            (1, self.tail_z + end),
        ]
        bottom = [
            (0, self.cowl_bottom * 0.7),
            (self.cowl * 0.7, self.cowl_bottom),
            (self.cabin, self.belly),
            (self.roof_end, self.belly),
            (1, self.tail_z - end),
        ]
        width = [
            (0, self.nose_half),
            (self.cowl, self.half * 0.86),
            (self.cabin, self.half),
            (self.roof_end, self.half * 0.97),
            (self.boom, self.half * 0.55),
            (1, 0.05),
        ]
        upper = [(0, 2.5), (self.cabin, self.box), (self.roof_end, self.box), (1, 2.2)]
        return shaped(self.length, top, bottom, width, upper, self.box, round_nose=self.cowl * 0.28)


def draw_light(draw: Draw, high: bool, twin: bool) -> Light:
    """Proportions of a cabin with the wing above or below."""
    length = draw(6.2, 8.8) + (1.8 if twin else 0.0)
    cowl = draw(0.15, 0.24)
    cabin = cowl + draw(0.07, 0.12)
    roof_end = cabin + draw(0.12, 0.30 if twin else 0.24)
    boom = roof_end + draw(0.08, 0.22)
    roof = draw(0.72, 0.95) if high else draw(0.55, 0.75)
    return Light(
        length,
        draw(0.48, 0.66),
        draw(0.22, 0.34),
        -draw(0.34, 0.5),
        -draw(0.45, 0.62),
        roof,
        cowl,
        cabin,
        roof_end,
        boom,
        draw(0.2, 0.42),
        draw(0.0, 0.22),
        draw(0.16, 0.38),
        draw(2.4, 4.2),
    )


def add_cabin_glass(parts: Assembly, draw: Draw, light: Light, body: Body) -> None:
    """Add windshield and side windows of a closed cabin."""
    long = light.length
    a = (light.cowl + 0.18 * (light.cabin - light.cowl)) * long
    b = (light.cowl + 0.86 * (light.cabin - light.cowl)) * long
    low = body.turn_at((a + b) / 2, light.cowl_top * draw(0.7, 1.0))
    parts.loft("cockpit_glass", body.patch(a, b, max(low, 20), 180 - max(low, 20), 0.012), GLASS)
    start, end = light.cabin * long - 0.25, (light.roof_end + draw(-0.02, 0.06)) * long
    panes = int(draw(1, 4))
    sill = draw(0.05, 0.25) * light.roof + 0.1
    for i in range(panes):
        first = start + (end - start) * i / panes + 0.04
        last = start + (end - start) * (i + 1) / panes - 0.04
        turns = [body.turn_at((first + last) / 2, z) for z in (sill, 0.86 * light.roof)]
        if turns[1] > turns[0] + 2:
            patch = body.patch(first, last, turns[0], turns[1], 0.01)
            parts.loft("cabin_windows_{side}", patch, GLASS)


def light_wing(draw: Draw, light: Light, high: bool, twin: bool) -> Wing:
    """Straight or tapered wing of a light airplane."""
    span = light.length * draw(1.15, 1.5)
    chord = span / draw(6.0, 10.5 if high or twin else 8.5)
    style = draw.of("straight", "taper", "outer", "ellipse", weights=(4, 4, 3, 0.7))
    base = Planform(
        span / 2,
        chord,
        1.0,
        draw(-2, 3),
        draw(0.0, 0.4),
        thickness=draw(0.12, 0.17),
        tip_thickness=0.11,
        camber=0.03,
        twist=2.0,
        angle=draw(0.5, 3) if high else draw(4, 7),
        rounding=draw(0.015, 0.12),
    )
    if style == "taper":
        base = replace(base, taper=draw(0.4, 0.75), root_chord=chord * 1.25, sweep=draw(-1, 6))
    elif style == "outer":
        kink = draw(0.35, 0.6)
        base = replace(
            base, kink=kink, kink_chord=1.0, taper=draw(0.5, 0.75), root_chord=chord * 1.1
        )
    elif style == "ellipse":
        base = replace(
            base, ellipse=1.0, root_chord=chord * 1.25, axis=draw(0.3, 0.5), rounding=0.0
        )
    y = light.cabin * light.length - draw(-0.1, 0.25) * base.root_chord
    if not high:
        y = light.cabin * light.length - draw(0.0, 0.3) * base.root_chord
    z = light.roof - 0.04 if high else light.belly + 0.08 * base.root_chord
    return Wing(base, (0.0, y, z), draw(1, 3))


def light_tail(draw: Draw, light: Light, kind: str, span: float) -> Tail:
    """Tail of a light airplane."""
    height = draw(0.95, 1.5) * (light.length / 7.5) ** 0.7
    chord = height * draw(0.6, 0.95)
    fin = fillet_fin(draw, height, chord, draw(5, 40), draw(0.4, 0.75), draw(0, 0.6))
    fin = replace(fin, rounding=draw(0.03, 0.25))
    y = light.length - fin.root_chord + draw(0.0, 0.15)
    width = span * draw(0.28, 0.36)
    plane = Planform(
        width / 2,
        width * draw(0.22, 0.34),
        draw(0.45, 1.0),
        draw(0, 12),
        0.25,
        camber=0.0,
        thickness=0.1,
        angle=draw(0, 4),
        rounding=draw(0.03, 0.2),
    )
    plane_y = light.length - plane.root_chord - draw(-0.1, 0.35)
    if kind == "v":
        plane = replace(plane, angle=draw(30, 40), span=plane.span * 1.25, sweep=draw(8, 20))
    z = light.tail_z
    return Tail(kind, fin, plane, (0, y, z - 0.02), (0, plane_y, z + 0.04), draw(0.25, 0.6))


def fixed_gear(parts: Assembly, draw: Draw, light: Light, body: Body, livery: Livery) -> None:
    """Nose or tail wheel, main wheels on spring legs, sometimes with spats."""
    radius, width = draw(0.19, 0.26), draw(0.13, 0.18)
    ground = light.belly - draw(0.5, 0.8)
    spats = draw.chance(0.45)
    tail_dragger = draw.chance(0.35)
    y = light.cabin * light.length + (-0.25 if tail_dragger else draw(0.6, 0.9))
    x = draw(0.95, 1.4)
    axle = (x, y, ground + radius)
    leg = Leg(radius, width, 0.12)
    add_leg(parts, "{side}", leg, (light.half * 0.7, y, light.belly + 0.08), axle)
    if spats:
        add_spat(parts, "{side}", axle, radius, width, livery.accent)
    if tail_dragger:
        z = float(body.at("bottom", light.length * 0.95))
        tail = Leg(0.1, 0.07, 0.07)
        add_leg(
            parts,
            "tail",
            tail,
            (0, light.length * 0.94, z + 0.05),
            (0, light.length * 0.97, z - 0.22),
        )
        return
    nose_y = light.cowl * light.length * 0.55
    small = Leg(radius * 0.9, width * 0.9, 0.1)
    axle = (0, nose_y, ground + radius * 0.9)
    add_leg(parts, "nose", small, (0, nose_y, light.cowl_bottom * 0.8), axle)
    if spats:
        add_spat(parts, "nose", axle, radius * 0.9, width, livery.accent)


def add_floats(parts: Assembly, light: Light, wing: Wing, livery: Livery) -> None:
    """Two floats under the fuselage with their struts."""
    long = light.length * 0.82
    x, z = 1.05, light.belly - 0.75
    y = wing.root[1] + 0.5 * wing.plan.root_chord - 0.48 * long
    add_float(parts, "float_{side}", (x, y, z), long, 0.75, livery.body)
    for share in (0.3, 0.62):
        foot = (x, y + share * long, z - 0.05)
        parts.strut(
            "strut_{side}",
            [(light.half * 0.8, foot[1], light.belly + 0.1), foot],
            0.06,
            livery.trim,
            0.5,
        )
        parts.strut("strut", [(-x, foot[1], z - 0.1), (x, foot[1], z - 0.1)], 0.045, livery.trim)


def add_wing_struts(parts: Assembly, draw: Draw, light: Light, wing: Wing, livery: Livery) -> None:
    """One or two struts on each side from the fuselage's floor to a high wing."""
    out = draw(0.4, 0.58) * wing.plan.span
    foot = np.array(
        [light.half * 0.9, wing.root[1] + 0.35 * wing.plan.root_chord, light.belly + 0.12]
    )
    spots = (0.3,) if draw.chance(0.6) else (0.15, 0.6)
    for share in spots:
        parts.strut("strut_{side}", [foot, wing.point(out, share)], 0.07, livery.wing, 0.45)


def wing_propellers(
    parts: Assembly, draw: Draw, wing: Wing, x: float, size: float, livery: Livery, radius: float
) -> None:
    """A nacelle with a piston or turbine engine on each wing."""
    edge = wing.point(x, 0.0)
    chord = wing.chord(wing.eta_at(x))
    ahead = draw(0.7, 1.1) * size * 1.9
    long = ahead + chord * draw(0.75, 1.1)
    z = float(edge[2]) + draw(-0.05, 0.15) * size
    body = pod(
        (0, edge[1] - ahead + long / 2, z),
        long,
        size,
        size * draw(0.95, 1.2),
        0.3,
        (0.3, 0.75),
        2.6,
    )
    parts.loft("engine_1_{side}", shifted(body, x), livery.engine)
    propeller = Propeller(
        int(draw.of(2, 3, 4)),
        radius,
        radius * 0.16,
        size * 0.26,
        draw(0, 120),
        spinner_length=draw(1.0, 1.8),
    )
    hub = (x, float(edge[1]) - ahead + 0.05, z)
    add_propeller(parts, "_{side}", propeller, hub, BLADE, livery.accent)


def light(rng: np.random.Generator) -> Assembly:
    """Light airplanes: high and low wing, fixed and retracted gear, floats, twins."""
    draw, parts, livery = Draw(rng), Assembly(), private(rng)
    high, twin = draw.chance(0.45), draw.chance(0.25)
    shape = draw_light(draw, high, twin)
    body = shape.body()
    parts.loft("fuselage", body.sections(), livery.body)
    canopy = not high and not twin and draw.chance(0.35)
    if canopy:
        bubble_canopy(parts, draw, shape)
    else:
        add_cabin_glass(parts, draw, shape, body)
    wing = light_wing(draw, shape, high, twin)
    tips = (
        beyond(livery.wing, livery.accent, 0.93 * wing.plan.span)
        if draw.chance(0.3)
        else livery.wing
    )
    add_wing(parts, wing, tips)
    add_winglets(parts, wing, "blended" if draw.chance(0.1) else "none", 0.5, livery.accent)
    kind = str(draw.of("conventional", "t", "cruciform", "v", weights=(8, 2.2, 1, 0.8)))
    add_tail(parts, light_tail(draw, shape, kind, 2 * wing.plan.span), livery.tail, livery.wing)
    if draw.chance(0.6):
        add_stripe(
            parts,
            body,
            0.3 * shape.cowl * shape.length,
            0.93 * shape.length,
            draw(-0.15, 0.1),
            draw(0.08, 0.2),
            livery.accent,
        )
    radius = draw(0.85, 1.02)
    if twin:
        wing_propellers(
            parts, draw, wing, draw(0.29, 0.36) * wing.plan.span, draw(0.72, 0.95), livery, radius
        )
    else:
        propeller = Propeller(
            int(draw.of(2, 3, weights=(3, 1))),
            radius,
            radius * draw(0.15, 0.2),
            draw(0.14, 0.2),
            draw(0, 180),
            spinner_length=draw(1.0, 2.2),
        )
        add_propeller(parts, "", propeller, (0, 0.01, 0.0), BLADE, livery.accent)
    gear = (
        draw.of("fixed", "up", "floats", weights=(6, 3.5, 1.2))
        if not twin
        else draw.of("fixed", "up")
    )
    if gear == "floats":
        add_floats(parts, shape, wing, livery)
    elif gear == "fixed":
        fixed_gear(parts, draw, shape, body, livery)
    if high and draw.chance(0.72):
        add_wing_struts(parts, draw, shape, wing, livery)
    return parts


def bubble_canopy(parts: Assembly, draw: Draw, shape: Light) -> None:
    """A canopy over the cabin instead of roof and windows."""
    start, end = shape.cowl * 1.02 * shape.length, (shape.roof_end + 0.04) * shape.length
    glass = pod(
        (0, (start + end) / 2, shape.roof * 0.62),
        end - start,
        shape.half * 1.86,
        shape.roof * draw(0.85, 1.1),
        nose=draw(0.36, 0.5),
        blunt=(0.75, 0.75),
        power=2.3,
    )
    parts.loft("canopy", glass.sections(), GLASS)
