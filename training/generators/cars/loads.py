"""What stands on a lorry's frame: boxes, beds, tippers, tanks, trailers."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly, Colour
from ..geometry.curves import superellipse
from ..geometry.surface import Surface
from ..geometry.sweep import bar, box, loft, rounded_box
from .draw import Draw
from .paint import LINE, PLASTIC, RUBBER, STEEL, TAIL, Paint, any_paint
from .wheels import Wheel, add_wheel_pair

WOOD: Colour = (0.45, 0.32, 0.20)


def add_box_body(
    assembly: Assembly, width: float, start: float, end: float, floor: float, paint: Paint,
    draw: Draw, tall: float | None = None,
) -> None:  # fmt: skip
    """A closed box with rear doors, sometimes with a cooler or corner posts."""
    colour = draw.choice([(0.92, 0.92, 0.90), any_paint(draw), paint.body], [5, 3, 2])
    tall = tall or draw.spread(1.7, 2.65) * (0.72 + 0.12 * width)
    top = floor + 0.1 + tall
    wide = width * draw.between(0.96, 1.04)
    size = (wide, end - start, tall)
    middle = (start + end) / 2
    assembly.add(
        "box",
        rounded_box(size, (0, middle, floor + 0.1 + tall / 2), draw.between(0.02, 0.12), 1),
        colour,
    )
    assembly.add(
        "frame",
        box((-width * 0.42, start, floor - 0.02), (width * 0.42, end, floor + 0.14)),
        RUBBER,
    )
    for x in (-wide / 2 + 0.04, -0.012, 0.012, wide / 2 - 0.04):
        assembly.add(
            "door_line_rear",
            box((x - 0.012, end - 0.01, floor + 0.14), (x + 0.012, end + 0.02, top - 0.06)),
            STEEL,
        )
    if draw.chance(0.5):
        count = draw.whole(3, 9)
        for i in range(1, count):
            y = start + (end - start) * i / count
            rib = box(
                (wide / 2 - 0.01, y - 0.02, floor + 0.14), (wide / 2 + 0.015, y + 0.02, top - 0.05)
            )
            assembly.add_pair("rib", rib, colour)
    if draw.chance(0.3):
        cooler = rounded_box((wide * 0.7, 0.4, 0.65), (0, start - 0.15, top - 0.45), 0.08, 2)
        assembly.add("cooler", cooler, (0.85, 0.85, 0.84))
    elif draw.chance(0.3):
        over = rounded_box((wide, 1.0, 0.6), (0, start - 0.45, top - 0.33), 0.1, 0)
        assembly.add("box", over, colour)


def add_flat_bed(
    assembly: Assembly, width: float, start: float, end: float, floor: float, paint: Paint,
    draw: Draw,
) -> None:  # fmt: skip
    """A deck with a head board, low sides or stakes; open above."""
    deck = floor + 0.16
    half = width / 2
    assembly.add("bed", box((-half, start, floor), (half, end, deck)), draw.choice([WOOD, STEEL]))
    board = draw.spread(0.5, 1.3)
    assembly.add(
        "head_board",
        box((-half, start, deck - 0.02), (half, start + 0.06, deck + board)),
        paint.trim,
    )
    style = draw.choice(["sides", "stakes", "bare"], [5, 3, 2])
    colour = draw.choice([paint.body, any_paint(draw), STEEL])
    if style == "sides":
        tall = draw.spread(0.3, 0.75)
        side = box((half - 0.05, start, deck - 0.1), (half, end, deck + tall))
        assembly.add_pair("bed_side", side, colour)
        assembly.add(
            "tail_gate", box((-half, end - 0.05, deck - 0.1), (half, end, deck + tall)), colour
        )
    elif style == "stakes":
        tall = draw.spread(0.7, 1.5)
        count = max(4, round((end - start) / 0.7))
        for y in np.linspace(start + 0.05, end - 0.05, count):
            post = box((half - 0.08, y - 0.035, deck - 0.1), (half - 0.01, y + 0.035, deck + tall))
            assembly.add_pair("stake", post, WOOD)
        for share in (0.3, 0.62, 0.94):
            z = deck + tall * share
            assembly.add_pair(
                "stake", box((half - 0.06, start, z - 0.05), (half - 0.03, end, z + 0.05)), WOOD
            )
            assembly.add(
                "stake", box((-half, end - 0.06, z - 0.05), (half, end - 0.03, z + 0.05)), WOOD
            )
    if draw.chance(0.25):
        y = start + 0.35
        assembly.add("crane", bar((0, y, deck), (0, y, deck + 1.3), 0.16, 10), paint.second)
        assembly.add(
            "crane", bar((0, y, deck + 1.25), (0.1, y + 1.6, deck + 1.5), 0.09, 8), paint.second
        )
        assembly.add(
            "crane", bar((0.1, y + 1.6, deck + 1.5), (0.1, y + 0.5, deck + 1.0), 0.07, 8), STEEL
        )


def add_tipper(
    assembly: Assembly, width: float, start: float, end: float, floor: float, paint: Paint,
    draw: Draw,
) -> None:  # fmt: skip
    """A trough with sloping walls, open above."""
    colour = draw.choice([any_paint(draw), paint.body, STEEL])
    tall = draw.spread(0.7, 1.4)
    half, wall, deck = width / 2, 0.07, floor + 0.12
    foot = half * draw.between(0.82, 1.0)
    lean = draw.between(0.0, 0.35)
    front = [(start, deck), (start + 0.0, deck + tall)]
    curve = [
        (-foot, 0),
        (-half, tall),
        (-half + wall, tall),
        (-foot + wall, wall),
        (foot - wall, wall),
        (half - wall, tall),
        (half, tall),
        (foot, 0),
    ]
    sections = []
    for y in np.linspace(start, end, 3):
        sections.append([(x, y + lean * (z / tall) * (y == end), deck + z) for x, z in curve])
    assembly.add("bed", loft(np.array(sections)), colour)
    assembly.add(
        "head_board",
        box(
            (-half, front[0][0] - 0.03, deck),
            (half, start + 0.05, deck + tall + draw.between(0.0, 0.4)),
        ),
        colour,
    )
    gate = box((-half + 0.02, end - 0.08, deck + 0.02), (half - 0.02, end, deck + tall * 0.94))
    assembly.add("tail_gate", gate, colour)
    for y in np.linspace(start + 0.25, end - 0.2, draw.whole(3, 6)):
        rib = box((half - 0.03, y - 0.05, deck + 0.05), (half + 0.04, y + 0.05, deck + tall))
        assembly.add_pair("rib", rib, colour)
    if draw.chance(0.4):
        roof = box(
            (-half * 0.95, start - draw.between(0.8, 1.3), deck + tall + 0.2),
            (half * 0.95, start + 0.05, deck + tall + 0.27),
        )
        assembly.add("head_board", roof, colour)
        assembly.add(
            "head_board",
            box(
                (-half * 0.9, start - 0.05, deck + tall - 0.05),
                (half * 0.9, start + 0.03, deck + tall + 0.25),
            ),
            colour,
        )


def tank(
    half: float, tall: float, start: float, end: float, middle: float, square: float
) -> Surface:
    """A vessel along y with domed ends."""
    dome = min(0.32, (end - start) / 6)
    turn = np.linspace(0.12, np.pi / 2, 6)
    y = np.concatenate([start + dome * (1 - np.sin(turn)), end - dome * (1 - np.sin(turn[::-1]))])
    scale = np.concatenate([1 - 0.9 * np.cos(turn) ** 2.2, (1 - 0.9 * np.cos(turn) ** 2.2)[::-1]])
    y[:6] = start + dome * (1 - np.cos(np.linspace(0.2, np.pi / 2, 6)))
    y[6:] = end - (y[:6] - start)[::-1]
    curve = superellipse(32, half, tall / 2, square)
    sections = []
    for place, size in zip(y, scale, strict=True):
        ring = curve * size
        sections.append(np.stack([ring[:, 0], np.full(32, place), ring[:, 1] + middle], axis=1))
    return loft(np.array(sections))


def add_tank(
    assembly: Assembly, width: float, start: float, end: float, floor: float, paint: Paint,
    draw: Draw,
) -> None:  # fmt: skip
    """A tank with saddles, manholes, a walkway and cabinets."""
    half = width / 2 * draw.spread(0.78, 1.0)
    tall = draw.spread(1.15, 1.9) * (0.55 + 0.2 * width)
    middle = floor + 0.12 + tall / 2
    colour = draw.choice([(0.80, 0.81, 0.82), paint.body, any_paint(draw)])
    assembly.add(
        "tank", tank(half, tall, start, end, middle, draw.choice([2.0, 2.4, 3.2, 4.5])), colour
    )
    for y in np.linspace(start + 0.5, end - 0.5, 3):
        saddle = box(
            (-half * 0.8, y - 0.08, floor - 0.05),
            (half * 0.8, y + 0.08, floor + 0.12 + tall * 0.22),
        )
        assembly.add("saddle", saddle, RUBBER)
    count = draw.whole(1, 5)
    for i in range(count):
        y = start + (end - start) * (i + 1) / (count + 1)
        lid = rounded_box((0.5, 0.5, 0.16), (0, y, middle + tall / 2 + 0.03), 0.12, 2)
        assembly.add("manhole", lid, STEEL)
    if draw.chance(0.6):
        z = middle + tall / 2 + draw.between(0.1, 0.25)
        for x in (-half * 0.35, half * 0.35):
            assembly.add("walkway", bar((x, start + 0.4, z), (x, end - 0.4, z), 0.02, 6), STEEL)
            for y in (start + 0.4, (start + end) / 2, end - 0.4):
                assembly.add(
                    "walkway", bar((x, y, middle + tall / 2 - 0.1), (x, y, z), 0.02, 6), STEEL
                )
    if draw.chance(0.6):
        size = (half * 2 * draw.between(0.8, 1.0), draw.between(0.4, 0.9), tall * 0.5)
        cabinet = rounded_box(size, (0, end - size[1] * 0.5 + 0.02, floor + tall * 0.2), 0.04, 1)
        assembly.add("cabinet", cabinet, paint.second)
    for x in (-0.2, 0.2):
        assembly.add(
            "ladder",
            bar((x, end + 0.04, floor), (x, end + 0.04 - 0.12, middle + tall / 2), 0.02, 6),
            STEEL,
        )
    for i in range(5):
        z = floor + 0.1 + tall * i / 5
        assembly.add("ladder", bar((-0.2, end + 0.02, z), (0.2, end + 0.02, z), 0.015, 5), STEEL)
    fender = box((half * 0.78, start + 0.1, floor + 0.04), (width / 2, end - 0.1, floor + 0.12))
    assembly.add_pair("side_deck", fender, PLASTIC)


def add_trailer(
    assembly: Assembly, width: float, start: float, hitch: float, floor: float, wheel: float,
    paint: Paint, draw: Draw,
) -> None:  # fmt: skip
    """A trailer on the fifth wheel: box or tank, with its own axles."""
    start = min(start, hitch - 0.6)
    end = start + draw.spread(8.0, 13.0)
    low = floor + 0.12
    if draw.chance(0.65):
        add_box_body(assembly, width, start, end, low, paint, draw, draw.between(2.3, 2.75))
    else:
        add_tank(assembly, width, start, end, low, paint, draw)
    assembly.add_pair(
        "trailer_frame", box((0.36, hitch - 0.5, low - 0.2), (0.48, end, low + 0.05)), RUBBER
    )
    shape = Wheel(wheel * 0.96, wheel * 0.62, wheel * 0.55, "dish", colour=paint.rim)
    for i in range(draw.whole(2, 3)):
        y = end - 1.4 - i * 2.5 * wheel
        add_wheel_pair(assembly, f"wheel_t{i}{{}}", shape, width / 2 - 0.02, y)
        axle = bar((-width / 2 + 0.2, y, shape.radius), (width / 2 - 0.2, y, shape.radius), 0.07)
        assembly.add("axle", axle, RUBBER)
        hanger = box((0.36, y - 0.15, shape.radius - 0.05), (0.48, y + 0.15, low))
        assembly.add_pair("trailer_frame", hanger, RUBBER)
    leg = box((0.5, hitch + 1.6, 0.25), (0.62, hitch + 1.75, low))
    assembly.add_pair("trailer_leg", leg, STEEL)
    assembly.add(
        "bumper_rear",
        box((-width * 0.46, end - 0.12, 0.45), (width * 0.46, end - 0.02, 0.6)),
        RUBBER,
    )
    assembly.add_pair(
        "trailer_frame", box((0.38, end - 0.14, 0.5), (0.46, end - 0.04, low)), RUBBER
    )
    light = rounded_box((0.34, 0.06, 0.12), (width * 0.36, end, 0.68), 0.02, 0)
    assembly.add_pair("light_tail", light, TAIL)
    assembly.add(
        "door_line_rear", box((-0.01, end, low + 0.2), (0.01, end + 0.02, low + 0.4)), LINE
    )
