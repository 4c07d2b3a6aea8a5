"""Lorries: a cab, a frame on its axles, and something behind the cab."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..geometry.assembly import Assembly
from ..geometry.sweep import bar, box, revolve, rounded_box
from .details import Skin, add_bumper, lamp, line, rectangle
from .draw import Draw
from .greenhouse import Greenhouse
from .loads import add_box_body, add_flat_bed, add_tank, add_tipper, add_trailer
from .lower import Arch, End, LowerBody
from .paint import AMBER, CHROME, GLASS, LAMP, LINE, PLASTIC, RUBBER, STEEL, TAIL, Paint, make_paint
from .wheels import Wheel, add_wheel_pair, mud_guard


@dataclass(frozen=True)
class Lorry:
    """Metres along y; nose at 0 until everything stands, then centred.

    bonnet: length of the hood before the windscreen, 0 for a cab over the engine. cab_rear: where
    the cab ends. axles: all of them, the first one steers. frame: height of the frame's top.
    """

    width: float
    bonnet: float
    cab_rear: float
    cab_height: float
    belt: float
    axles: tuple[float, ...]
    end: float
    wheel: float
    frame: float


def make_lorry(kind: str, draw: Draw) -> Assembly:
    """A box truck, flat bed, tanker or road tractor."""
    truck = _draw_lorry(kind, draw)
    paint = make_paint(draw, two_tone=0.3, chrome=0.35)
    assembly = Assembly()
    _add_cab(assembly, truck, paint, draw)
    _add_chassis(assembly, truck, paint, draw)
    start = truck.cab_rear + draw.between(0.06, 0.22)
    if kind == "box_truck":
        add_box_body(assembly, truck.width, start, truck.end, truck.frame, paint, draw)
    elif kind == "flatbed":
        if draw.chance(0.4):
            add_tipper(assembly, truck.width, start, truck.end, truck.frame, paint, draw)
        else:
            add_flat_bed(assembly, truck.width, start, truck.end, truck.frame, paint, draw)
    elif kind == "tanker":
        add_tank(assembly, truck.width, start, truck.end, truck.frame, paint, draw)
    else:
        hitch = truck.axles[-1] - 0.2
        plate = revolve(np.array([[0, 0], [0, 0.45], [0.1, 0.5], [0.1, 0]]), axis=2, steps=16)
        assembly.add("fifth_wheel", plate.moved(0, hitch, truck.frame), STEEL)
        if draw.chance(0.35):
            add_trailer(
                assembly, truck.width, start + 0.5, hitch, truck.frame, truck.wheel, paint, draw
            )
    return assembly


def _draw_lorry(kind: str, draw: Draw) -> Lorry:
    size = draw.spread(0.0, 1.0) if kind != "tractor_unit" else draw.spread(0.7, 1.0)
    wheel = 0.36 + 0.15 * size + draw.between(-0.02, 0.02)
    bonnet = draw.spread(0.7, 1.9) * (0.7 + 0.3 * size) if draw.chance(0.4) else 0.0
    cab = draw.spread(1.45, 1.9) + (draw.between(0.3, 0.8) if draw.chance(0.3 + 0.3 * size) else 0)
    first = draw.between(1.0, 1.45) if not bonnet else max(wheel * 1.7, bonnet * 0.62)
    cab_rear = bonnet + cab
    width = 1.95 + 0.58 * size
    length = draw.spread(4.9, 7.2) + 3.4 * size
    axles = [first]
    if kind == "tractor_unit":
        last = max(cab_rear, first + 2.2) + draw.between(0.6, 1.0)
        axles += [last, last + 2.6 * wheel] if draw.chance(0.45) else [last]
        end = axles[-1] + wheel + 0.25
    else:
        end = max(length, cab_rear + 2.4)
        last = end - draw.spread(0.18, 0.30) * (end - first)
        axles.append(max(last, cab_rear + wheel + 0.15))
        if size > 0.55 and draw.chance(0.6):
            axles[-1] -= 0.5 * wheel
            axles.append(axles[-1] + 2.4 * wheel)
        if size > 0.8 and draw.chance(0.25) and not bonnet:
            axles.insert(1, first + 2.5 * wheel)
        end = max(end, axles[-1] + wheel + 0.15)
    height = 2.05 + 0.85 * size + draw.spread(-0.15, 0.35)
    return Lorry(
        width=width,
        bonnet=bonnet,
        cab_rear=cab_rear,
        cab_height=height,
        belt=height * draw.spread(0.55, 0.62),
        axles=tuple(axles),
        end=end,
        wheel=wheel,
        frame=2 * wheel + draw.between(0.02, 0.12),
    )


def _add_cab(assembly: Assembly, truck: Lorry, paint: Paint, draw: Draw) -> None:
    half = truck.width / 2 * draw.between(0.93, 0.99)
    low = 0.32 + 0.2 * truck.wheel
    hood = draw.between(0.80, 0.98)
    nose_half = half * (draw.between(0.66, 0.92) if truck.bonnet else 0.98)
    arch = truck.wheel * 1.14
    top = [(0.0, truck.belt * (hood - 0.06 if truck.bonnet else 1.0))]
    if truck.bonnet:
        top += [(truck.bonnet - 0.05, truck.belt * hood), (truck.bonnet + 0.2, truck.belt)]
    top.append((truck.cab_rear, truck.belt))
    first = truck.axles[0]
    arches = (Arch(first, truck.wheel, arch, draw.choice([2.0, 2.6, 3.5])),)
    body = LowerBody(
        front=0.0,
        rear=truck.cab_rear,
        top=tuple(top),
        shoulder=((0.0, 0.05 if truck.bonnet else 0.01), (truck.bonnet + 0.2, 0.015)),
        bottom=((0.0, low), (max(first, 0.2), low + 0.06), (truck.cab_rear, low + 0.25)),
        plan=((0.0, nose_half), (truck.bonnet + 0.15, half), (truck.cab_rear, half)),
        nose=End(
            draw.between(0.12, 0.3),
            draw.between(0.03, 0.1),
            0.10 if truck.bonnet else 0.0,
            0.05,
            draw.between(0.05, 0.16),
            draw.between(-0.02, 0.06),
        ),
        tail=End(0.06, 0.02, 0.0, 0.0, 0.0, 0.0),
        arches=arches,
        tuck_low=0.03,
        tuck_high=0.02,
        flare=draw.between(0.0, 0.04),
    )
    rise = truck.cab_height - truck.belt
    header = truck.bonnet + rise / np.tan(np.radians(draw.between(66, 86)))
    header = min(header, truck.cab_rear - 0.7)
    house = Greenhouse(
        body=body,
        cowl=truck.bonnet + 0.03,
        header=header,
        tail_top=truck.cab_rear - 0.08,
        tail_base=truck.cab_rear - 0.01,
        roof_front=truck.cab_height - draw.between(0.0, 0.15),
        roof_middle=truck.cab_height,
        roof_rear=truck.cab_height,
        peak=0.6,
        tumble=draw.between(0.03, 0.12),
        ledge=0.005,
        edge=draw.between(0.08, 0.16),
        bow_front=draw.between(0.05, 0.18),
        bow_rear=0.02,
        crown=0.03,
        square=draw.between(8, 13),
    )
    lower = body.surface()
    assembly.add("body", lower, paint.body)
    assembly.add("body", house.surface(), paint.body)
    high = draw.between(0.70, 0.88)
    assembly.add("glass_windscreen", house.windscreen(0.06, high, 0.08), GLASS)
    door = min(truck.cab_rear - 0.12, header + draw.between(0.65, 0.95))
    assembly.add_pair(
        "glass_side",
        house.side_pane(truck.bonnet - 0.3, door, (0.0, 0.0), 0.06, high - 0.04),
        GLASS,
    )
    skin = Skin(lower)
    for i, y in enumerate((max(truck.bonnet + 0.15, 0.25), door + 0.05)):
        places = line([(y, low + 0.12), (y, truck.belt * 0.7), (y, truck.belt - 0.04)])
        assembly.add_pair(f"door_line_{i}", skin.on_left(places, 0.004, 0.01), LINE)
    assembly.add_pair(
        "handle",
        skin.on_left(rectangle((door - 0.12, truck.belt - 0.14), (0.2, 0.04)), 0.03),
        PLASTIC,
    )
    lid = float(body.top_height(np.array([0.05]))[0])
    _add_cab_face(assembly, truck, skin, (nose_half, low, lid), paint, draw)
    x = half + 0.16
    y = truck.bonnet + 0.25
    head = rounded_box(
        (0.20, 0.10, draw.between(0.35, 0.6)), (x, y, truck.belt + rise * 0.42), 0.04
    )
    assembly.add_pair("mirror", head, PLASTIC)
    arm = bar(
        (half - 0.12, y + 0.05, truck.belt + rise * 0.5), (x, y, truck.belt + rise * 0.5), 0.015, 6
    )
    assembly.add_pair("mirror", arm, PLASTIC)
    if draw.chance(0.4):
        visor = rounded_box(
            (truck.width * 0.78, 0.22, 0.03),
            (0, house.header - 0.10, truck.cab_height - 0.12),
            0.01,
        )
        assembly.add("sun_visor", visor, GLASS)
    if truck.bonnet and draw.chance(0.5):
        stack = bar(
            (half * 0.9, truck.cab_rear + 0.08, truck.frame),
            (half * 0.9, truck.cab_rear + 0.08, truck.cab_height + 0.3),
            0.07,
            10,
        )
        assembly.add_pair("exhaust", stack, CHROME)
    if draw.chance(0.35):
        for i in range(5):
            light = rounded_box(
                (0.10, 0.08, 0.05),
                ((i - 2) * half * 0.4, header + 0.16, truck.cab_height - 0.01),
                0.015,
            )
            assembly.add("light_roof", light, AMBER)


def _add_cab_face(
    assembly: Assembly, truck: Lorry, skin: Skin, nose: tuple[float, float, float], paint: Paint,
    draw: Draw,
) -> None:  # fmt: skip
    """Grille, lamps and bumper; nose: half width, lower edge and upper edge of the front."""
    half, low, lid = nose
    high = min(lid - 0.08, truck.belt * 0.86)
    bumper = low + 0.18
    width = half * (draw.between(1.0, 1.5) if truck.bonnet else draw.between(1.2, 1.75))
    bottom = bumper + 0.24
    grid = rectangle((0, (bottom + high) / 2), (width, max(high - bottom, 0.2)), columns=9)
    assembly.add("grille", skin.on_front(grid, 0.01), LINE)
    for i in range(draw.whole(2, 7)):
        z = bottom + (high - bottom) * (i + 0.5) / 7
        strip = line([(-width * 0.46, z), (0, z), (width * 0.46, z)], 0.03)
        assembly.add("grille", skin.on_front(strip, 0.025, 0.01), paint.trim)
    size = (draw.between(0.18, 0.3), draw.between(0.14, 0.22))
    z = bumper if draw.chance(0.4) and not truck.bonnet else bumper + 0.30
    x = half * 0.95 - size[0] / 2
    assembly.add_pair(
        "light_head",
        lamp(skin, rectangle((0, 0), size), x, z, 8, False, 0.1 if z == bumper else 0.02),
        LAMP,
    )
    add_bumper(
        assembly,
        skin,
        False,
        half * 1.0,
        bumper,
        draw.between(0.24, 0.36),
        0.08,
        draw.choice([PLASTIC, paint.body, CHROME]),
    )


def _add_chassis(assembly: Assembly, truck: Lorry, paint: Paint, draw: Draw) -> None:
    """Frame, wheels with guards, tanks, side guards and the rear bar with its lamps."""
    high, low = truck.frame, truck.frame - 0.24
    hood = truck.belt * 0.7 - 0.05
    rail = box((0.34, max(truck.bonnet, 0.3), low), (0.44, truck.end, high))
    assembly.add_pair("frame", rail, RUBBER)
    assembly.add(
        "frame",
        box((-0.42, max(truck.axles[0] - 0.8, 0.3), 0.45), (0.42, truck.cab_rear, min(high, hood))),
        RUBBER,
    )
    for y in np.linspace(truck.cab_rear, truck.end - 0.08, 5):
        assembly.add("frame", box((-0.4, y - 0.05, low), (0.4, y + 0.05, high - 0.02)), RUBBER)
    width = truck.wheel * draw.between(0.50, 0.60)
    outside = truck.width / 2 - 0.02
    style = draw.choice(["dish", "disc", "spokes"], [4, 3, 2])
    for i, y in enumerate(truck.axles):
        steers = i == 0 or (i == 1 and len(truck.axles) > 3)
        wheel = Wheel(
            truck.wheel,
            width,
            truck.wheel * 0.58,
            "disc" if steers and style == "dish" else style,
            10,
            twin=not steers,
            colour=paint.rim,
        )
        name = (
            "wheel_f{}"
            if i == 0
            else "wheel_r{}"
            if i == len(truck.axles) - 1
            else f"wheel_m{i}{{}}"
        )
        add_wheel_pair(assembly, name, wheel, outside, y)
        assembly.add(
            "axle",
            bar((-outside + 0.1, y, truck.wheel), (outside - 0.1, y, truck.wheel), 0.07),
            RUBBER,
        )
        if i and y > truck.cab_rear + 0.2:
            wide = Wheel(truck.wheel, width * 2.1, truck.wheel * 0.58)
            gap = min(0.05, max(truck.frame - 2 * truck.wheel - 0.03, 0.015))
            assembly.add_pair("mudguard", mud_guard(wide, outside, y, gap), PLASTIC)
    start, end = truck.cab_rear + 0.15, truck.axles[-1] - truck.wheel * 1.4
    later = [y for y in truck.axles[1:] if y > truck.cab_rear]
    end = (later[0] if later else end) - truck.wheel * 1.3
    if end - start > 0.6:
        tank = rounded_box(
            (0.5, min(draw.between(0.6, 1.3), end - start), 0.5),
            (outside - 0.3, start + 0.5, low - 0.1),
            0.12,
            axis=1,
        )
        assembly.add_pair("fuel_tank", tank, draw.choice([STEEL, PLASTIC, CHROME]))
    if end - start > 1.8 and draw.chance(0.6):
        for z in (0.55, 0.8):
            guard = box((outside - 0.05, start + 1.0, z), (outside - 0.02, end, z + 0.1))
            assembly.add_pair("side_guard", guard, STEEL)
    bar_z = 0.5
    assembly.add(
        "bumper_rear",
        rounded_box((truck.width * 0.94, 0.1, 0.14), (0, truck.end - 0.06, bar_z), 0.02, 0),
        RUBBER,
    )
    for x in (-0.39, 0.39):
        assembly.add(
            "bumper_rear",
            box((x - 0.04, truck.end - 0.12, bar_z), (x + 0.04, truck.end - 0.03, low + 0.05)),
            RUBBER,
        )
    light = rounded_box(
        (0.34, 0.06, 0.12), (truck.width * 0.36, truck.end - 0.01, bar_z + 0.16), 0.02, 0
    )
    assembly.add_pair("light_tail", light, TAIL)
