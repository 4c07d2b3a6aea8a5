"""Racing cars: open wheels of today and of the sixties, GT cars, prototypes."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly, Colour
from ..geometry.curves import superellipse
from ..geometry.surface import Surface
from ..geometry.sweep import bar, box, extrude, loft, revolve, rounded_box, tube
from .cabin import steering_wheel
from .details import Skin, exhaust, lamp, rectangle
from .draw import Draw
from .greenhouse import Greenhouse
from .lower import Arch, End, LowerBody, Opening
from .paint import GLASS, LAMP, LINE, RUBBER, STEEL, TAIL, Paint, any_paint, make_paint
from .passenger import make_passenger
from .wheels import Wheel, add_wheels


def make_racing(kind: str, draw: Draw) -> Assembly:
    """One of the four sorts."""
    sort = draw.choice(["formula", "cigar", "gt", "prototype"], [4, 2, 3, 3])
    if sort == "gt":
        return _make_gt(draw)
    if sort == "prototype":
        return _make_prototype(draw)
    return _make_formula(draw, old=sort == "cigar")


def blade(
    half: float, chord: float, thick: float, y: float, z: float, angle: float = 0.0
) -> Surface:
    """A wing element across the car, its leading edge to the front, pressing down."""
    t = np.linspace(0, 1, 9)
    shape = thick * 1.5 * np.sqrt(t) * (1 - t) + 0.008 * (t > 0)
    upper = np.stack([t * chord, shape * 0.4], axis=1)
    lower = np.stack([t * chord, -shape], axis=1)[::-1]
    outline = np.concatenate([upper, lower[:-1]])
    turn = np.radians(angle)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    outline = outline @ matrix + [y, z]
    return extrude(outline, -half, half, axis=0)


def end_plate(x: float, y: tuple[float, float], z: tuple[float, float]) -> Surface:
    """An upright plate at the end of a wing, corners cut."""
    cut = 0.25 * (z[1] - z[0])
    outline = [
        (y[0] + cut, z[0]),
        (y[1], z[0]),
        (y[1], z[1] - cut),
        (y[1] - cut, z[1]),
        (y[0], z[1]),
    ]
    return extrude(np.array([*outline, (y[0], z[0] + cut)]), x - 0.012, x + 0.012, axis=0)


def _add_rear_wing(
    assembly: Assembly, draw: Draw, half: float, y: float, z: float, foot: float, colour: Colour,
    chord: float = 0.3,
) -> None:  # fmt: skip
    angle = draw.between(6, 16)
    assembly.add("wing_rear", blade(half, chord, 0.05, y, z, -angle), colour)
    if draw.chance(0.5):
        assembly.add(
            "wing_rear",
            blade(half, chord * 0.5, 0.04, y + chord * 0.8, z + 0.11, -angle - 14),
            colour,
        )
    tall = draw.between(0.16, 0.34)
    assembly.add_pair(
        "wing_plate",
        end_plate(half, (y - 0.05, y + chord * 1.3), (z - tall * 0.5, z + tall * 0.6)),
        colour,
    )
    post = box((half * 0.35 - 0.015, y + 0.04, foot), (half * 0.35 + 0.015, y + chord * 0.7, z))
    assembly.add_pair("wing_post", post, RUBBER)


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
    _add_rear_wing(
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
            body=body, cowl=cowl, header=header, tail_top=header + 0.55, tail_base=min(end, rear - 0.3),
            roof_front=height - 0.03, roof_middle=height, roof_rear=height - 0.06, tumble=0.16,
            ledge=half * draw.between(0.26, 0.36), edge=0.12, bow_front=0.35, bow_rear=0.2,
            rear_curve=1.3, crown=0.05, square=3.2, narrow_rear=0.35,
        )  # fmt: skip
        assembly.add("body", house.surface(), paint.second)
        assembly.add("glass_windscreen", house.windscreen(0.10, 0.86, 0.10), GLASS)
        y = cowl + 0.75
        assembly.add_pair("glass_side", house.side_pane(y, y + 0.6, (0.0, -0.2), 0.2, 0.84), GLASS)
    else:
        _add_driver(assembly, draw, cowl + 1.05, 0.16, height - 0.12, paint)
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
    _add_rear_wing(
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


def _add_driver(
    assembly: Assembly, draw: Draw, y: float, floor: float, top: float, paint: Paint
) -> None:
    """Helmet and shoulders, or only the seat's back."""
    back = rounded_box((0.42, 0.12, top - floor - 0.1), (0, y + 0.16, (top + floor) / 2), 0.05, 0)
    assembly.add("seat", back, RUBBER)
    if draw.chance(0.7):
        turn = np.linspace(0, np.pi, 9)
        ball = revolve(np.stack([-np.cos(turn) * 0.15, np.sin(turn) * 0.13], 1), axis=2, steps=14)
        assembly.add("driver", ball.moved(0, y, top - 0.03), paint.second)
        chest = rounded_box((0.44, 0.24, 0.34), (0, y + 0.03, top - 0.34), 0.1, axis=0)
        assembly.add("driver", chest, paint.leather)
    assembly.add("steering_wheel", steering_wheel(0, y - 0.38, top - 0.26, 0.13), RUBBER)


def _make_formula(draw: Draw, old: bool) -> Assembly:
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
        top=((front, nose), (-axle, nose + 0.16), (cockpit[0], high - 0.04), (cockpit[1], high), (axle, high * draw.between(0.72, 0.9)), (rear, high * draw.between(0.5, 0.68))),
        shoulder=((front, 0.05), (-axle, 0.09), (cockpit[0], 0.08), (axle, 0.14), (rear, 0.1)),
        bottom=((front, max(nose - 0.22, low + 0.02)), (-axle, low + 0.06), (cockpit[0], low), (axle, low), (rear, low + 0.14)),
        plan=((front, tip), (-axle, tip + 0.10), (cockpit[0], waist - 0.03), (cockpit[1], waist), (axle, waist * draw.between(0.45, 0.75)), (rear, 0.12)),
        nose=End(0.35 if old else 0.2, 0.45, 0.07, 0.06, 0.04, 0.0),
        tail=End(0.2, 0.3, 0.05, 0.05, 0.0, 0.0),
        openings=(Opening(*cockpit, 0.2, 0.07),),
        waist=0.5,
        tuck_low=0.25 if old else 0.12,
        tuck_high=0.2 if old else 0.1,
        flare=0.0,
        crown=2.0,
    )  # fmt: skip
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
    _add_driver(assembly, draw, seat_y + 0.12, 0.2, high + 0.14, paint)
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
    _add_rear_wing(
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
