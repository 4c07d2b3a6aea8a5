"""Farm tractors."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly
from ..geometry.curves import rounded_rectangle
from ..geometry.sweep import bar, box, extrude, loft, rounded_box
from .cabin import seat, steering_wheel
from .draw import Draw
from .paint import GLASS, LAMP, LINE, PLASTIC, RUBBER, STEEL, TAIL, Paint, make_paint
from .wheels import Wheel, add_wheels, mud_guard


def make_tractor(kind: str, draw: Draw) -> Assembly:
    """A farm tractor with a cab, a roll bar, or nothing over the seat."""
    paint = make_paint(draw, two_tone=0.0, chrome=0.0)
    colour = draw.choice(
        [(0.70, 0.10, 0.08), (0.10, 0.38, 0.14), (0.12, 0.28, 0.60), (0.85, 0.45, 0.08), paint.body]
    )
    rim = draw.choice([(0.88, 0.75, 0.15), (0.85, 0.85, 0.83), colour])
    size = draw.spread(0.0, 1.0)
    base = 1.65 + 1.15 * size + draw.between(-0.1, 0.1)
    axle = base / 2
    big = 0.55 + 0.40 * size + draw.spread(-0.05, 0.05)
    small = big * draw.spread(0.52, 0.80)
    rear = Wheel(big, 0.30 + 0.28 * size, big * 0.58, "dish", colour=rim)
    front = Wheel(small, 0.18 + 0.22 * size, small * 0.52, "dish", colour=rim)
    outside = (0.72 + 0.30 * size, 0.80 + 0.36 * size)
    assembly = Assembly()
    add_wheels(assembly, front, rear, outside, axle)
    nose = -axle - small * draw.between(0.3, 1.0)
    dash = axle - big - draw.between(0.10, 0.3)
    half = draw.spread(0.26, 0.36) + 0.08 * size
    deck = small + draw.between(0.10, 0.25)
    hood_low, hood_high = deck - 0.05, deck + draw.spread(0.50, 0.78) + 0.1 * size
    slope = draw.between(0.0, 0.22)
    y = np.array([nose, nose + 0.06, nose + 0.2, (nose + dash) / 2, dash])
    sections = []
    for place, scale, lower in zip(
        y, (0.80, 0.94, 1.0, 1.0, 1.05), (0.12, 0.04, 0.0, 0.0, 0.0), strict=True
    ):
        share = (place - nose) / (dash - nose)
        top = hood_high - slope * (1 - share) - lower
        curve = rounded_rectangle(half * scale, (top - hood_low) / 2, 0.11, 4)
        sections.append(
            np.stack(
                [curve[:, 0], np.full(len(curve), place), curve[:, 1] + (top + hood_low) / 2],
                axis=1,
            )
        )
    assembly.add("body", loft(np.array(sections)), colour)
    front_top = hood_high - slope - 0.12
    grille = [
        (hood_low + 0.06, -half * 0.6),
        (hood_low + 0.06, half * 0.6),
        (front_top - 0.04, half * 0.62),
        (front_top - 0.04, -half * 0.62),
    ]
    assembly.add("grille", extrude(np.array(grille), nose - 0.02, nose + 0.05, axis=1), LINE)
    light = rounded_box((0.14, 0.06, 0.10), (half * 0.55, nose - 0.03, front_top - 0.10), 0.03, 1)
    assembly.add_pair("light_head", light, LAMP)
    assembly.add(
        "underbody", rounded_box((0.42, base + 0.3, 0.42), (0, 0.1, deck - 0.16), 0.06, 1), RUBBER
    )
    for place, wheel, wide in ((-axle, front, outside[0]), (axle, rear, outside[1])):
        z = wheel.radius
        reach = wide - wheel.width / 2
        assembly.add(
            "axle", bar((-reach, place, z), (reach, place, z), 0.09 + 0.05 * size, 10), RUBBER
        )
    guard = mud_guard(rear, outside[1], axle, 0.07)
    assembly.add_pair("mudguard_rear", guard, colour)
    weights = rounded_box((0.5, 0.22, 0.30), (0, nose - 0.12, deck - 0.1), 0.04, 0)
    if draw.chance(0.5):
        assembly.add("weights", weights, PLASTIC)
    if draw.chance(0.75):
        x = half * 0.7
        y_pipe = nose + (dash - nose) * draw.between(0.5, 0.85)
        assembly.add(
            "exhaust",
            bar(
                (x, y_pipe, hood_high - 0.1),
                (x, y_pipe, hood_high + draw.between(0.4, 0.9)),
                0.045,
                10,
            ),
            STEEL,
        )
    _add_place(
        assembly,
        draw,
        dash,
        axle,
        big,
        deck,
        hood_high,
        outside[1] - rear.width,
        size,
        colour,
        paint,
    )
    for x in (-0.3, 0.3):
        assembly.add(
            "hitch",
            bar((x, axle + 0.2, big * 0.6), (x, axle + big + 0.25, big * 0.5), 0.035, 6),
            RUBBER,
        )
    tail = rounded_box(
        (0.12, 0.05, 0.08), (outside[1] - 0.2, axle + big * 0.75, big + big * 0.72), 0.02, 1
    )
    assembly.add_pair("light_tail", tail, TAIL)
    return assembly


def _add_place(
    assembly: Assembly, draw: Draw, dash: float, axle: float, big: float, deck: float,
    hood: float, room: float, size: float, colour: tuple[float, float, float], paint: Paint,
) -> None:  # fmt: skip
    """The driver's place: floor, seat, wheel, and a cab or a bar above."""
    half = max(min(room - 0.04, 0.72 + 0.15 * size), 0.40)
    floor = max(deck - 0.05, big * 0.75)
    end = axle + big * 0.35
    assembly.add("floor", box((-half, dash - 0.05, floor - 0.06), (half, end, floor)), RUBBER)
    top = hood + draw.spread(0.75, 1.15)
    style = draw.choice(["cab", "bar", "open"], [5, 3, 2])
    if style == "cab":
        sections = []
        mid = (dash + end) / 2
        lengths = (end - dash) / 2
        for z, wide, long in (
            (floor, 0.8, 0.9),
            (hood, 1.0, 1.0),
            (hood + 0.05, 1.0, 1.0),
            (top - 0.06, 0.9, 0.92),
        ):
            curve = rounded_rectangle(half * wide, lengths * long, 0.06, 2)
            sections.append(
                np.stack([curve[:, 0], curve[:, 1] + mid, np.full(len(curve), z)], axis=1)
            )
        assembly.add("cab", loft(np.array(sections)), GLASS)
        roof = rounded_box((2 * half * 1.02, 2 * lengths * 1.08, 0.14), (0, mid, top), 0.08)
        assembly.add("roof", roof, colour)
        for sx in (1, -1):
            for sy in (-1, 1):
                low = (sx * half * 0.99, mid + sy * lengths * 0.99, hood)
                high = (sx * half * 0.90, mid + sy * lengths * 0.92, top)
                foot = (sx * half * 0.80, mid + sy * lengths * 0.9, floor)
                assembly.add("cab_pillar", bar(low, high, 0.04, 6), colour)
                assembly.add("cab_pillar", bar(foot, low, 0.04, 6), colour)
        return
    assembly.add("seat", seat(0.46, floor, floor + 0.75, False).moved(0, end - 0.42), PLASTIC)
    assembly.add("steering_wheel", steering_wheel(0, dash + 0.28, hood + 0.05, 0.2), RUBBER)
    if style == "bar":
        x, y = half * 0.9, end - 0.05
        for side in (-x, x):
            assembly.add("roll_bar", bar((side, y, floor), (side, y, top), 0.04, 8), RUBBER)
        assembly.add("roll_bar", bar((-x, y, top), (x, y, top), 0.04, 8), RUBBER)
        if draw.chance(0.5):
            canopy = rounded_box(
                (2 * half, end - dash + 0.2, 0.06), (0, (end + dash) / 2, top + 0.04), 0.02
            )
            assembly.add("roof", canopy, paint.second)
            for side in (-x, x):
                assembly.add(
                    "roll_bar", bar((side, dash, floor), (side, dash, top), 0.03, 8), RUBBER
                )
