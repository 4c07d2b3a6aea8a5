"""Racing cars: open wheels, GT cars, prototypes."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly
from ..geometry.sweep import box, extrude, rounded_box, tube
from .details import Skin, lamp, rectangle
from .draw import Draw
from .driver import add_driver
from .formula import make_formula
from .greenhouse import Greenhouse
from .lower import Arch, End, LowerBody, Opening
from .paint import GLASS, LAMP, RUBBER, STEEL, TAIL, any_paint, make_paint
from .passenger import make_passenger
from .wheels import Wheel, add_wheels
from .wings import add_rear_wing


def make_racing(kind: str, draw: Draw) -> Assembly:
    """One of the four sorts."""
    share = draw.spread(0.0, 1.0)
    sort = ("formula", "prototype", "gt", "cigar")[int(np.searchsorted((0.36, 0.62, 0.85), share))]
    if sort == "gt":
        return _make_gt(draw)
    if sort == "prototype":
        return _make_prototype(draw)
    return make_formula(draw, old=sort == "cigar")


def _make_gt(draw: Draw) -> Assembly:
    assembly = make_passenger("gt", draw)
    body = assembly.part("body")
    low, high = body.bounds
    colour = draw.choice([any_paint(draw), RUBBER])
    half = high[0]
    splitter = rounded_box((2 * half * 0.92, 0.5, 0.04), (0, low[1] + 0.18, 0.09), 0.015)
    assembly.add("splitter", splitter, RUBBER)
    y = high[1] - draw.between(0.25, 0.42)
    z = high[2] * draw.between(0.86, 1.06)
    add_rear_wing(
        assembly,
        draw,
        half * draw.between(0.78, 0.95),
        y,
        z,
        high[2] * 0.5,
        colour,
        draw.between(0.25, 0.36),
    )
    sill = rounded_box((0.12, (high[1] - low[1]) * 0.42, 0.06), (half * 0.95, 0.0, 0.10), 0.02, 1)
    assembly.add_pair("sill", sill, RUBBER)
    for i in range(5):
        x = half * 0.7 * (i - 2) / 2
        assembly.add(
            "diffuser",
            box((x - 0.012, high[1] - 0.42, 0.09), (x + 0.012, high[1] + 0.02, 0.28)),
            RUBBER,
        )
    return assembly


def _make_prototype(draw: Draw) -> Assembly:
    paint = make_paint(draw, two_tone=0.4, chrome=0.0)
    base, half = draw.spread(2.55, 3.05), draw.spread(0.90, 1.0)
    front, rear = -base / 2 - draw.spread(0.72, 1.05), base / 2 + draw.spread(0.55, 0.95)
    wheel = Wheel(
        draw.spread(0.32, 0.36), 0.31, 0.24, "spokes", draw.choice([5, 7, 10]), colour=paint.rim
    )
    deck = draw.spread(0.50, 0.64)
    axle = base / 2
    arch = wheel.radius * 1.10
    hump = wheel.radius * 2 + 0.07 - deck + draw.between(0.0, 0.08)
    open_top = draw.chance(0.35)
    cowl = -axle + draw.spread(0.35, 0.85)
    openings = (
        (Opening(cowl + 0.45, cowl + 1.35, 0.16, half * draw.between(0.42, 0.55)),)
        if open_top
        else ()
    )
    body = LowerBody(
        front=front,
        rear=rear,
        top=(
            (front, draw.spread(0.22, 0.36)),
            (-axle + 0.1, deck - 0.06),
            (0.0, deck),
            (axle, deck + 0.04),
            (rear, deck - draw.between(0.0, 0.15)),
        ),
        shoulder=((front, 0.03), (0.0, 0.05), (rear, 0.03)),
        bottom=((front, 0.07), (0.0, 0.06), (rear, 0.13)),
        plan=(
            (front, half * draw.between(0.82, 0.95)),
            (-axle, half),
            (0.0, half * draw.between(0.9, 1.0)),
            (axle, half),
            (rear, half * draw.between(0.85, 0.97)),
        ),
        nose=End(draw.between(0.2, 0.45), 0.12, 0.08, 0.01, draw.between(0.05, 0.3), 0.1),
        tail=End(0.12, 0.04, 0.03, 0.05, 0.02, 0.0),
        arches=(Arch(-axle, wheel.radius, arch), Arch(axle, wheel.radius, arch)),
        openings=openings,
        flare=0.0,
        tuck_low=0.03,
        tuck_high=0.04,
        bulges=((-axle, 0.42, hump), (axle, 0.50, hump)),
    )
    assembly = Assembly()
    lower = body.surface()
    assembly.add("body", lower, paint.body)
    skin = Skin(lower)
    inner = half - wheel.width - 0.06
    assembly.add(
        "underbody",
        box(
            (-inner, front + 0.4, 0.07), (inner, rear - 0.4, deck - 0.14 if not open_top else 0.14)
        ),
        RUBBER,
    )
    height = draw.spread(0.98, 1.14)
    header = cowl + draw.between(0.55, 0.85)
    end = header + draw.between(1.3, 1.9)
    if not open_top:
        house = Greenhouse(
            body=body,
            cowl=cowl,
            header=header,
            tail_top=header + 0.55,
            tail_base=min(end, rear - 0.3),
            roof_front=height - 0.03,
            roof_middle=height,
            roof_rear=height - 0.06,
            tumble=0.16,
            ledge=half * draw.between(0.26, 0.36),
            edge=0.12,
            bow_front=0.35,
            bow_rear=0.2,
            rear_curve=1.3,
            crown=0.05,
            square=3.2,
            narrow_rear=0.35,
        )
        assembly.add("body", house.surface(), paint.second)
        assembly.add("glass_windscreen", house.windscreen(0.10, 0.86, 0.10), GLASS)
        y = cowl + 0.75
        assembly.add_pair("glass_side", house.side_pane(y, y + 0.6, (0.0, -0.2), 0.2, 0.84), GLASS)
    else:
        add_driver(assembly, draw, cowl + 1.05, 0.16, height - 0.12, paint)
        assembly.add(
            "roll_bar",
            tube(
                np.array(
                    [
                        (-0.3, cowl + 1.4, deck - 0.05),
                        (-0.25, cowl + 1.4, height),
                        (0.25, cowl + 1.4, height),
                        (0.3, cowl + 1.4, deck - 0.05),
                    ]
                ),
                0.035,
            ),
            STEEL,
        )
    add_wheels(assembly, wheel, wheel, (half - 0.02, half - 0.02), axle)
    if draw.chance(0.6):
        fin_start = header + 0.6
        fin = [
            (fin_start, deck),
            (rear - 0.15, deck - 0.02),
            (rear - 0.1, height - 0.1),
            (fin_start + 0.3, height - 0.05),
        ]
        assembly.add("fin", extrude(np.array(fin), -0.014, 0.014, axis=0), paint.body)
    add_rear_wing(
        assembly,
        draw,
        half * draw.between(0.88, 0.99),
        rear - 0.38,
        draw.between(0.88, 1.06),
        deck - 0.15,
        RUBBER,
    )
    grid = rectangle((0, 0), (draw.between(0.14, 0.3), draw.between(0.07, 0.13)))
    assembly.add_pair("light_head", lamp(skin, grid, half * 0.72, 0.36, 12, False, 0.015), LAMP)
    tail = rectangle((0, 0), (0.22, 0.06))
    assembly.add_pair("light_tail", lamp(skin, tail, half * 0.75, deck - 0.14, 0, True), TAIL)
    nose = rounded_box((2 * half * 0.95, 0.4, 0.035), (0, front + 0.22, 0.075), 0.012)
    assembly.add("splitter", nose, RUBBER)
    return assembly
