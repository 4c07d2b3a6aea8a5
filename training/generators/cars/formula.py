"""Open-wheeled racing cars: today's with wings, and the cigars of the sixties."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly
from ..geometry.curves import superellipse
from ..geometry.surface import Surface
from ..geometry.sweep import bar, box, extrude, loft, revolve, rounded_box, tube
from .details import exhaust
from .draw import Draw
from .driver import add_driver
from .lower import End, LowerBody, Opening
from .paint import GLASS, LINE, RUBBER, STEEL, TAIL, Paint, make_paint
from .wheels import Wheel, add_wheels
from .wings import add_rear_wing, blade, end_plate


def make_formula(draw: Draw, old: bool) -> Assembly:
    """An open-wheeled car; `old` for one of the sixties, without wings."""
    paint = make_paint(draw, two_tone=0.5, chrome=0.0)
    base = draw.spread(2.25, 2.55) if old else draw.spread(2.5, 3.6)
    axle, track = base / 2, draw.spread(0.76, 0.86) if old else draw.spread(0.86, 1.0)
    front = -axle - (draw.spread(0.45, 0.75) if old else draw.spread(0.75, 1.15))
    rear = axle + (draw.spread(0.3, 0.65) if old else draw.spread(0.25, 0.5))
    seat_y = draw.spread(-0.15, 0.30)
    low = 0.11 if old else 0.07
    high = draw.spread(0.62, 0.78)
    nose = draw.spread(0.30, 0.48) if old else draw.spread(0.22, 0.42)
    cockpit = (seat_y - 0.42, seat_y + 0.40)
    waist = draw.spread(0.33, 0.42)
    tip = 0.20 if old else draw.between(0.09, 0.16)
    body = LowerBody(
        front=front,
        rear=rear,
        top=(
            (front, nose),
            (-axle, nose + 0.16),
            (cockpit[0], high - 0.04),
            (cockpit[1], high),
            (axle, high * draw.between(0.72, 0.9)),
            (rear, high * draw.between(0.5, 0.68)),
        ),
        shoulder=((front, 0.05), (-axle, 0.09), (cockpit[0], 0.08), (axle, 0.14), (rear, 0.1)),
        bottom=(
            (front, max(nose - 0.22, low + 0.02)),
            (-axle, low + 0.06),
            (cockpit[0], low),
            (axle, low),
            (rear, low + 0.14),
        ),
        plan=(
            (front, tip),
            (-axle, tip + 0.10),
            (cockpit[0], waist - 0.03),
            (cockpit[1], waist),
            (axle, waist * draw.between(0.45, 0.75)),
            (rear, 0.12),
        ),
        nose=End(0.35 if old else 0.2, 0.45, 0.07, 0.06, 0.04, 0.0),
        tail=End(0.2, 0.3, 0.05, 0.05, 0.0, 0.0),
        openings=(Opening(*cockpit, 0.2, 0.07),),
        waist=0.5,
        tuck_low=0.25 if old else 0.12,
        tuck_high=0.2 if old else 0.1,
        flare=0.0,
        crown=2.0,
    )
    assembly = Assembly()
    assembly.add("body", body.surface(), paint.body)
    radius = draw.spread(0.30, 0.345) if not old else draw.spread(0.29, 0.33)
    widths = (0.20, 0.26) if old else (draw.between(0.27, 0.34), draw.between(0.36, 0.43))
    big = radius * draw.between(1.0, 1.10)
    front_wheel = Wheel(
        radius,
        widths[0],
        radius * (0.62 if old else 0.66),
        "spokes",
        draw.choice([5, 8, 10]),
        colour=paint.rim,
    )
    rear_wheel = Wheel(big, widths[1], big * 0.62, "spokes", front_wheel.spokes, colour=paint.rim)
    add_wheels(assembly, front_wheel, rear_wheel, (track, track), axle)
    _add_suspension(assembly, body, axle, track, (front_wheel, rear_wheel))
    add_driver(assembly, draw, seat_y + 0.12, 0.2, high + 0.14, paint)
    if old:
        _add_old_fittings(assembly, draw, body, cockpit, rear, high, paint)
    else:
        _add_modern_fittings(
            assembly, draw, front, rear, axle, track, cockpit, high, waist, nose, paint
        )
    return assembly


def _add_suspension(
    assembly: Assembly, body: LowerBody, axle: float, track: float, wheels: tuple[Wheel, Wheel]
) -> None:
    for y, wheel in ((-axle, wheels[0]), (axle, wheels[1])):
        end = track - wheel.width * 0.55
        for z in (wheel.radius * 0.72, wheel.radius * 1.25):
            for shift in (-0.26, 0.2):
                at = np.array([y + shift])
                start = max(float(body.half_width(at)[0]) * 0.7, 0.05)
                arm = bar((start, y + shift, z), (end, y, z), 0.018, 6)
                assembly.add_pair("suspension", arm, RUBBER)


def _add_old_fittings(
    assembly: Assembly, draw: Draw, body: LowerBody, cockpit: tuple[float, float], rear: float,
    high: float, paint: Paint,
) -> None:  # fmt: skip
    """Small windscreen, long pipes, the engine's trumpets, roll hoop, mouth of the radiator."""
    y = cockpit[0] - 0.02
    screen = revolve(
        np.array([[0.0, 0.30], [0.17, 0.24], [0.17, 0.225], [0.0, 0.285]] + [[0.0, 0.30]]),
        axis=2,
        steps=20,
    )
    front_half = screen.vertices[screen.faces].mean(axis=1)[:, 1] < 0.02
    screen = Surface(screen.vertices, screen.faces[front_half])
    assembly.add("glass_windscreen", screen.moved(0, y + 0.26, high - 0.10), GLASS)
    hoop = [
        (-0.19, 0, high - 0.1),
        (-0.15, 0, high + 0.22),
        (0.15, 0, high + 0.22),
        (0.19, 0, high - 0.1),
    ]
    assembly.add("roll_bar", tube(np.array(hoop) + [0, cockpit[1] + 0.08, 0], 0.022), STEEL)
    start = cockpit[1] + 0.25
    for i in range(draw.whole(2, 4)):
        trumpet = revolve(np.array([[0, 0], [0, 0.02], [0.12, 0.03], [0.12, 0]]), axis=2, steps=8)
        assembly.add_pair("trumpet", trumpet.moved(0.07, start + 0.13 * i, high - 0.08), STEEL)
    pipe = bar((0.16, start, 0.34), (0.14, rear + draw.between(0.0, 0.25), 0.36), 0.04)
    assembly.add_pair("exhaust", pipe, STEEL)
    at = np.array([body.front + 0.01])
    mouth = superellipse(16, float(body.half_width(at)[0]) * 0.8, 0.09, 2.2)
    centre = (float(body.top_height(at)[0]) + float(body.sill_height(at)[0])) / 2
    outline = np.stack([mouth[:, 1] + centre, mouth[:, 0]], axis=1)
    assembly.add("grille", extrude(outline, body.front - 0.02, body.front + 0.05, axis=1), LINE)


def _add_modern_fittings(
    assembly: Assembly, draw: Draw, front: float, rear: float, axle: float, track: float,
    cockpit: tuple[float, float], high: float, waist: float, nose: float, paint: Paint,
) -> None:  # fmt: skip
    """Wings, side pods, floor, air box, halo, mirrors, rear lamp."""
    half = track * draw.between(0.82, 0.99)
    flaps = draw.whole(1, 3)
    z = draw.between(0.10, 0.16)
    for i in range(flaps + 1):
        piece = blade(
            half, 0.24 - 0.03 * i, 0.03, front - 0.02 + 0.17 * i, z + 0.045 * i, -6 * i - 2
        )
        assembly.add("wing_front", piece, paint.second if i else paint.body)
    plate = end_plate(half, (front - 0.06, front + 0.2 * flaps + 0.28), (z - 0.05, z + 0.2))
    assembly.add_pair("wing_plate", plate, paint.second)
    for x in (-0.06, 0.06):
        assembly.add(
            "wing_front",
            box((x - 0.012, front + 0.02, z), (x + 0.012, front + 0.24, nose - 0.05)),
            RUBBER,
        )
    wide = draw.between(0.5, 0.68)
    tall = draw.between(0.34, 0.52)
    start, end = cockpit[0] + draw.between(0.05, 0.35), axle - 0.12
    y = np.linspace(start, end, 12)
    share = np.linspace(0, 1, 12)
    outer = waist * 0.6 + (wide * track * 1.05 - waist * 0.6 + 0.2) * (1 - 0.75 * share**2.2)
    outer = np.minimum(outer, track - 0.06)
    top = 0.08 + tall * (1 - 0.35 * share**2)
    sections = []
    for place, far, lid in zip(y, outer, top, strict=True):
        curve = superellipse(20, (far - 0.05) / 2, (lid - 0.08) / 2, 4.0)
        middle = np.array([(far + 0.05) / 2, (lid + 0.08) / 2])
        ring = curve + middle
        sections.append(np.stack([ring[:, 0], np.full(20, place), ring[:, 1]], axis=1))
    assembly.add_pair("sidepod", loft(np.array(sections)), paint.body)
    size = outer[0] * 0.72
    mouth = box((size * 0.55, start - 0.012, 0.22), (outer[0] * 0.92, start + 0.02, top[0] - 0.06))
    assembly.add_pair("air_intake", mouth, LINE)
    floor = [
        (-waist * 0.6, start - 0.25),
        (waist * 0.6, start - 0.25),
        (track - 0.12, start + 0.05),
        (track - 0.12, axle - 0.42),
        (0.36, axle + 0.25),
        (-0.36, axle + 0.25),
        (-track + 0.12, axle - 0.42),
        (-track + 0.12, start + 0.05),
    ]
    assembly.add("floor", extrude(np.array(floor), 0.05, 0.075, axis=2), RUBBER)
    box_top = high + draw.between(0.22, 0.36)
    y = np.linspace(cockpit[1] + 0.06, rear - 0.2, 12)
    share = np.linspace(0, 1, 12)
    sections = []
    for place, t in zip(y, share, strict=True):
        lid = box_top - (box_top - high * 0.66) * t**1.3
        base = high - 0.25 - 0.12 * t
        curve = superellipse(16, 0.15 * (1 - 0.7 * t) + 0.02, (lid - base) / 2, 2.6)
        ring = curve + np.array([0.0, (lid + base) / 2])
        sections.append(np.stack([ring[:, 0], np.full(16, place), ring[:, 1]], axis=1))
    assembly.add("engine_cover", loft(np.array(sections)), paint.body)
    hole = superellipse(14, 0.09, 0.08, 2.4)
    outline = np.stack([hole[:, 1] + box_top - 0.12, hole[:, 0]], axis=1)
    assembly.add("air_intake", extrude(outline, cockpit[1] + 0.04, cockpit[1] + 0.1, axis=1), LINE)
    if draw.chance(0.45):
        side = [
            (0.24, cockpit[1] + 0.05, high + 0.02),
            (0.25, cockpit[1] - 0.2, high + 0.17),
            (0.15, cockpit[0] + 0.12, high + 0.2),
            (0.0, cockpit[0] - 0.02, high + 0.15),
        ]
        path = np.array(side + [(-x, y, z) for x, y, z in side[-2::-1]])
        assembly.add("halo", tube(path, 0.026, 8), RUBBER)
        assembly.add(
            "halo",
            bar((0, cockpit[0] - 0.02, high + 0.15), (0, cockpit[0] - 0.14, high - 0.08), 0.02, 6),
            RUBBER,
        )
    elif draw.chance(0.5):
        fin = [
            (cockpit[1] + 0.5, high),
            (rear, high * 0.75),
            (rear, box_top - 0.08),
            (cockpit[1] + 0.5, box_top - 0.1),
        ]
        assembly.add("fin", extrude(np.array(fin), -0.012, 0.012, axis=0), paint.second)
    wing_z = draw.between(0.78, 1.02)
    add_rear_wing(
        assembly,
        draw,
        min(0.52, track * 0.62),
        rear - 0.12,
        wing_z,
        0.3,
        paint.second,
        draw.between(0.28, 0.4),
    )
    mirror = rounded_box((0.16, 0.07, 0.08), (waist + 0.14, cockpit[0] + 0.02, high + 0.04), 0.02)
    assembly.add_pair("mirror", mirror, paint.body)
    assembly.add_pair(
        "mirror",
        bar(
            (waist - 0.06, cockpit[0] + 0.02, high - 0.1),
            (waist + 0.14, cockpit[0] + 0.02, high + 0.03),
            0.012,
            5,
        ),
        RUBBER,
    )
    assembly.add("light_tail", rounded_box((0.08, 0.05, 0.12), (0, rear + 0.01, 0.36), 0.015), TAIL)
    assembly.add("exhaust", exhaust(0.0, rear + 0.02, 0.46, 0.05), STEEL)
