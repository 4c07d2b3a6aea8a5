"""Open cabins: seats, steering wheel, dashboard, frames, hoops."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly, Colour
from ..geometry.surface import Surface, join
from ..geometry.sweep import revolve, rounded_box, tube
from .draw import Draw
from .greenhouse import Greenhouse
from .lower import LowerBody
from .paint import GLASS, PLASTIC, RUBBER, STEEL, Paint
from .plan import Plan


def seat(width: float, floor: float, high: float, headrest: bool = True) -> Surface:
    """A seat whose cushion's middle is at x = y = 0 and whose back ends at `high`."""
    base = floor + 0.22
    cushion = rounded_box((width, 0.50, 0.18), (0, 0, base - 0.04), 0.05, axis=0)
    pieces = [cushion]
    tall = max(high - base, 0.25)
    back = rounded_box((width * 0.95, 0.13, tall), (0, 0, tall / 2), 0.06, axis=0).rotated(0, -16)
    pieces.append(back.moved(0, 0.25, base))
    if headrest:
        rest = rounded_box((width * 0.5, 0.09, 0.18), (0, 0.22 * tall + 0.30, high + 0.07), 0.04, 0)
        pieces.append(rest)
    return join(pieces)


def steering_wheel(x: float, y: float, z: float, radius: float = 0.18) -> Surface:
    """A steering wheel on its column, leaning toward the driver behind it."""
    turn = np.linspace(0, 2 * np.pi, 17)[:-1]
    section = np.stack([np.sin(turn[::2]) * 0.016, radius + np.cos(turn[::2]) * 0.016], axis=1)
    ring = revolve(np.concatenate([section, section[:1]]), axis=1, steps=20)
    hub = revolve(np.array([[-0.02, 0], [-0.02, 0.05], [0.02, 0.05], [0.02, 0]]), 1, 10)
    spoke = rounded_box((2 * radius, 0.018, 0.03), (0, 0, 0), 0.008)
    column = tube(np.array([[0, 0, 0], [0, -0.4, 0.0]]), 0.025, 6)
    return join([ring, hub, spoke, column]).rotated(0, 24).moved(x, y, z)


def add_hoops(assembly: Assembly, half: float, y: float, low: float, high: float) -> None:
    """A bar over the full width: roll hoop or sports bar."""
    path = [(-half, y, low), (-half * 0.94, y, high - 0.06), (-half * 0.82, y, high)]
    path += [(half * 0.82, y, high), (half * 0.94, y, high - 0.06), (half, y, low)]
    assembly.add("roll_bar", tube(np.array(path), 0.03, 8), STEEL)


def add_cabin(
    assembly: Assembly, plan: Plan, body: LowerBody, house: Greenhouse, paint: Paint, draw: Draw
) -> None:
    """Everything inside and over the cockpit of a convertible."""
    opening = body.openings[0]
    h = np.linspace(0.04, 0.96, 9)[:, None]
    u = np.linspace(-0.93, 0.93, 15)[None]
    grid = house.place(u, house.end_reach(u), h)
    assembly.add("glass_windscreen", house.pane(grid, 0.008, 0.012), GLASS)
    rim = np.concatenate([grid[:, 0], grid[-1, 1:-1], grid[::-1, -1]])
    assembly.add("windscreen_frame", tube(rim, 0.022, 8), paint.trim)
    half = float(body.half_width(np.array([opening.start]))[0]) * 0.92 - opening.wall
    belt = float(body.shoulder_height(np.array([opening.start + 0.2]))[0])
    dash = rounded_box((2 * half, 0.34, 0.22), (0, opening.start + 0.08, belt - 0.10), 0.06, axis=0)
    assembly.add("dashboard", dash, RUBBER)
    rows = 2 if opening.end - opening.start > 1.75 and draw.chance(0.7) else 1
    first = opening.start + draw.between(0.82, 0.95)
    first = min(first, opening.end - 0.32)
    wide, top = min(0.50, half * 0.82), belt + draw.between(0.02, 0.16)
    headrest = plan.year > 1970
    cushion = seat(wide, opening.floor, top, headrest).moved(half * 0.52, first)
    assembly.add_pair("seat_front", cushion, paint.leather)
    if rows == 2:
        bench = seat(2 * half * 0.92, opening.floor + 0.06, belt + 0.02, False)
        assembly.add("seat_rear", bench.moved(0, opening.end - 0.30), paint.leather)
    side = 1 if draw.chance(0.7) else -1
    wheel = steering_wheel(side * half * 0.52, opening.start + 0.36, belt - 0.02)
    assembly.add("steering_wheel", wheel, RUBBER)
    _add_top(assembly, house, opening.end, belt, half, paint.leather, draw)


def _add_top(
    assembly: Assembly, house: Greenhouse, y: float, belt: float, half: float, colour: Colour,
    draw: Draw,
) -> None:  # fmt: skip
    """The folded top behind the seats, or hoops, or neither."""
    choice = draw.choice(["folded", "hoops", "none"], [5, 2, 3])
    if choice == "folded":
        tall = draw.between(0.10, 0.20)
        pack = rounded_box(
            (2 * half, draw.between(0.3, 0.5), tall), (0, y + 0.12, belt + tall / 4), 0.07, axis=0
        )
        assembly.add("folded_top", pack, colour)
    elif choice == "hoops":
        for x in (-half * 0.52, half * 0.52):
            path = np.array(
                [
                    (x - 0.17, y - 0.02, belt - 0.1),
                    (x - 0.15, y - 0.02, belt + 0.16),
                    (x, y - 0.02, belt + 0.22),
                    (x + 0.15, y - 0.02, belt + 0.16),
                    (x + 0.17, y - 0.02, belt - 0.1),
                ]
            )
            assembly.add("roll_bar", tube(path, 0.025, 8), PLASTIC)
