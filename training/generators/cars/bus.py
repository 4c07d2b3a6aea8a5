"""City buses with low floors, coaches, double-deckers and school buses."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from ..geometry.assembly import Assembly
from ..geometry.sweep import bar, box, rounded_box
from .details import Skin, add_bumper, lamp, line, plate_number, rectangle
from .draw import Draw
from .greenhouse import Greenhouse
from .lower import Arch, End, LowerBody
from .paint import AMBER, GLASS, LAMP, LINE, PLASTIC, PLATE, RUBBER, TAIL, Paint, make_paint
from .wheels import Wheel, add_wheel_pair


@dataclass(frozen=True)
class _Bus:
    length: float
    width: float
    height: float
    belt: float
    wheel: float
    axles: tuple[float, ...]
    bonnet: float
    rake: float
    decks: int


def make_bus(kind: str, draw: Draw) -> Assembly:
    """A `city_bus` (also double-deckers and school buses) or a `coach`."""
    bus = _draw_bus(kind, draw)
    paint = make_paint(draw, two_tone=0.45, chrome=0.2)
    boxy = draw.spread(0.0, 1.0)
    body, house = _shells(bus, draw, boxy)
    assembly = Assembly()
    lower = body.surface()
    assembly.add("body", lower, paint.body)
    assembly.add("body", house.surface(), paint.second)
    skin = Skin(lower)
    _add_glass(assembly, bus, house, draw)
    _add_wheels(assembly, bus, paint, draw)
    _add_fittings(assembly, bus, body, house, skin, paint, draw)
    return assembly


def _draw_bus(kind: str, draw: Draw) -> _Bus:
    coach = kind == "coach"
    decks, bonnet = 1, 0.0
    if not coach and draw.chance(0.25):
        decks = 2
    elif not coach and draw.chance(0.2):
        bonnet = draw.between(0.7, 1.4)
    length = draw.spread(6.2, 13.5) if not coach else draw.spread(8.2, 14.2)
    height = {1: draw.spread(2.7, 3.25), 2: draw.spread(4.0, 4.45)}[decks]
    if coach:
        height = draw.spread(3.0, 3.95)
    wheel = draw.spread(0.40, 0.50)
    first = draw.spread(2.0, 2.9) * min(1.0, length / 10.5) if not bonnet else bonnet * 0.62 + 0.15
    rear = draw.spread(0.20, 0.29) * length
    axles = [first, length - rear]
    if coach and length > 11.5 and draw.chance(0.5):
        axles.append(length - rear + wheel * 2.7)
    return _Bus(
        length=length,
        width=draw.spread(2.15, 2.55),
        height=height,
        belt=draw.spread(1.05, 1.4) if not coach else draw.spread(1.35, 1.9),
        wheel=wheel,
        axles=tuple(axles),
        bonnet=bonnet,
        rake=draw.spread(64, 87) if coach else draw.spread(74, 89),
        decks=decks,
    )


def _shells(bus: _Bus, draw: Draw, boxy: float) -> tuple[LowerBody, Greenhouse]:
    half = bus.width / 2
    low = draw.between(0.26, 0.38)
    top = [(0.0, bus.belt)]
    plan = [(0.0, half * 0.97), (1.2, half), (bus.length, half * 0.985)]
    if bus.bonnet:
        hood = bus.belt * draw.between(0.92, 1.0)
        top = [(0.0, hood * 0.93), (bus.bonnet - 0.05, hood), (bus.bonnet + 0.25, bus.belt)]
        plan = [(0.0, half * 0.74), (bus.bonnet, half * 0.86), (bus.bonnet + 0.5, half)]
        plan.append((bus.length, half))
    top.append((bus.length, bus.belt))
    arch = bus.wheel * draw.between(1.10, 1.22)
    exponent = draw.choice([2.0, 2.6, 4.0])
    round_front = 0.30 - 0.22 * boxy
    body = LowerBody(
        front=0.0,
        rear=bus.length,
        top=tuple(top),
        shoulder=((0.0, 0.06 if bus.bonnet else 0.008), (bus.bonnet + 0.5, 0.008)),
        bottom=((0.0, low), (bus.length - 1.0, low), (bus.length, low + 0.12)),
        plan=tuple(plan),
        nose=End(
            0.2 + round_front,
            0.10 - 0.07 * boxy,
            0.08 if bus.bonnet else 0.0,
            0.04,
            round_front,
            0.04,
        ),
        tail=End(0.15, 0.03, 0.0, 0.04, 0.08 - 0.05 * boxy, 0.0),
        arches=tuple(Arch(y, bus.wheel, arch, exponent) for y in bus.axles),
        tuck_low=0.02,
        tuck_high=0.01,
        flare=0.0,
    )
    rise = bus.height - bus.belt
    header = bus.bonnet + rise / np.tan(np.radians(bus.rake))
    back = draw.between(80, 89)
    house = Greenhouse(
        body=body,
        cowl=bus.bonnet + 0.01,
        header=header,
        tail_top=bus.length - 0.01 - rise / np.tan(np.radians(back)),
        tail_base=bus.length - 0.01,
        roof_front=bus.height - draw.between(0.0, 0.12),
        roof_middle=bus.height,
        roof_rear=bus.height - draw.between(0.0, 0.06),
        peak=0.3,
        tumble=draw.between(0.02, 0.10) * rise,
        ledge=0.004,
        edge=0.22 - 0.12 * boxy,
        bow_front=round_front,
        bow_rear=0.08 - 0.05 * boxy,
        front_curve=draw.between(1.0, 1.3),
        crown=0.05,
        square=9 + 6 * boxy,
    )
    return body, house


def _add_glass(assembly: Assembly, bus: _Bus, house: Greenhouse, draw: Draw) -> None:
    rows = [(0.06, draw.between(0.70, 0.82))]
    if bus.decks == 2:
        rows = [(0.04, 0.34), (0.52, 0.84)]
    pitch = draw.between(1.1, 2.0)
    for i, (low, high) in enumerate(rows):
        drop = 0.02 if not i else 0.0
        assembly.add(
            "glass_windscreen", house.windscreen(max(low - drop, 0.03), high + 0.05, 0.06), GLASS
        )
        if i or draw.chance(0.8):
            assembly.add("glass_rear", house.windscreen(low + 0.08, high, 0.12, rear=True), GLASS)
        start = bus.bonnet + 0.55
        end = bus.length - draw.between(0.25, 0.9)
        edges = np.linspace(start, end, max(3, round((end - start) / pitch)) + 1)
        for first, last in itertools.pairwise(edges):
            pane = house.side_pane(first + 0.04, last - 0.04, (0, 0), low, high, columns=4)
            assembly.add_pair("glass_side", pane, GLASS)


def _add_wheels(assembly: Assembly, bus: _Bus, paint: Paint, draw: Draw) -> None:
    outside = bus.width / 2 - 0.03
    style = draw.choice(["disc", "dish", "spokes"])
    for i, y in enumerate(bus.axles):
        wheel = Wheel(bus.wheel, 0.28, bus.wheel * 0.6, style, 10, twin=i == 1, colour=paint.rim)
        name = ("wheel_f{}", "wheel_r{}", "wheel_t{}")[i]
        add_wheel_pair(assembly, name, wheel, outside, y)
    inner = outside - 0.66
    assembly.add(
        "underbody", box((-inner, 0.4, 0.3), (inner, bus.length - 0.4, bus.belt - 0.2)), RUBBER
    )


def _add_fittings(
    assembly: Assembly, bus: _Bus, body: LowerBody, house: Greenhouse, skin: Skin, paint: Paint,
    draw: Draw,
) -> None:  # fmt: skip
    """Doors on the kerb side, lamps, bumpers, mirrors, roof units, line sign, luggage flaps."""
    half = bus.width / 2 * (0.76 if bus.bonnet else 0.97)
    low = float(body.sill_height(np.array([1.0]))[0])
    z = low + draw.between(0.22, 0.4)
    size = (draw.between(0.2, 0.36), draw.between(0.12, 0.22))
    grid = rectangle((0, 0), size)
    assembly.add_pair(
        "light_head", lamp(skin, grid, half * 0.94 - size[0] / 2, z + 0.08, 12, False), LAMP
    )
    tail = rectangle((0, 0), (0.14, draw.between(0.2, 0.5)))
    assembly.add_pair(
        "light_tail", lamp(skin, tail, bus.width / 2 * 0.9, bus.belt * 0.68, 8, True), TAIL
    )
    add_bumper(
        assembly,
        skin,
        False,
        half * 0.97,
        low + 0.13,
        0.24,
        0.05,
        draw.choice([PLASTIC, paint.body]),
    )
    add_bumper(assembly, skin, True, bus.width / 2 * 0.95, low + 0.2, 0.22, 0.05, PLASTIC)
    grille = rectangle((0, low + 0.5), (bus.width * draw.between(0.2, 0.5), 0.2), columns=6)
    assembly.add("grille", skin.on_front(grille, 0.01), LINE)
    assembly.add("plate_rear", plate_number(skin, low + 0.42, True), PLATE)
    doors = [bus.axles[0] - bus.wheel - 1.25] if not bus.bonnet else [bus.bonnet + 0.3]
    if not bus.bonnet and draw.chance(0.7):
        doors.append((bus.axles[0] + bus.axles[1]) / 2 - 0.5)
    for i, y in enumerate(doors):
        y = max(y, 0.15 + bus.bonnet)
        for x in (y, y + 0.55, y + 1.1):
            places = line([(x, low + 0.08), (x, bus.belt * 0.6), (x, bus.belt - 0.02)], 0.03)
            strip = skin.on_left(places, 0.006, 0.01)
            assembly.add(f"door_line_{i}", strip.mirrored(0) if strip else None, LINE)
    for i in range(draw.whole(0, 4) if bus.belt > 1.3 else 0):
        y = bus.axles[0] + bus.wheel + 0.4 + 1.2 * i
        if y > bus.axles[1] - bus.wheel - 0.4:
            break
        places = line([(y, low + 0.1), (y, bus.belt * 0.55), (y, bus.belt * 0.78)], 0.02)
        assembly.add_pair("flap_line", skin.on_left(places, 0.005, 0.01), LINE)
    rise = bus.height - bus.belt
    foot = house.place(np.array([0.95]), np.array([0.02]), np.array([0.55 / bus.decks]))[0]
    size_m = (0.16, 0.12, draw.between(0.3, 0.5))
    x = bus.width / 2 + 0.14
    y = float(foot[1]) - draw.between(0.05, 0.3)
    head = rounded_box(size_m, (x, y, bus.belt + rise * 0.5 / bus.decks), 0.04)
    assembly.add_pair("mirror", head, PLASTIC)
    arm = bar(
        (float(foot[0]) - 0.05, float(foot[1]) + 0.1, float(foot[2]) + 0.1),
        (x, y, bus.belt + rise * 0.5 / bus.decks + 0.1),
        0.02,
        6,
    )
    assembly.add_pair("mirror", arm, PLASTIC)
    if bus.decks == 1:
        for share in draw.choice([(0.5,), (0.3, 0.72), (0.25,), ()]):
            size_u = (
                bus.width * draw.between(0.5, 0.75),
                draw.between(1.2, 2.6),
                draw.between(0.14, 0.3),
            )
            y = bus.length * share
            assembly.add(
                "roof_unit",
                rounded_box(size_u, (0, y, bus.height + size_u[2] / 2 - 0.05), 0.1),
                paint.second,
            )
    if bus.bonnet:
        for x in (-0.8, -0.3, 0.3, 0.8):
            assembly.add(
                "light_roof",
                rounded_box((0.14, 0.1, 0.08), (x, house.header + 0.12, bus.height - 0.02), 0.02),
                AMBER,
            )
