"""Helicopters: cabin and boom, rotors with thick blades, skids, wheels or floats."""

from __future__ import annotations

import numpy as np

from .assembly import Assembly
from .body import Body, pod, shaped
from .common import Draw, add_stripe, add_window_row
from .engines import METAL, add_pylon
from .gear import Leg, add_leg, shifted
from .lifting import Planform, Wing, naca_loop
from .livery import DARK_GLASS, GLASS, Livery, lower, military, private

BLADE = (0.2, 0.2, 0.21)


def add_rotor(
    parts: Assembly,
    name: str,
    hub: tuple[float, float, float],
    blades: int,
    radius: float,
    chord: float,
    turn: float,
    cone: float = 2.0,
) -> None:
    """A rotor that turns about Z: blades that droop or rise by `cone` degrees, and its head."""
    loop = naca_loop(0.14, 0.0, points=6)
    share = np.array([0.06, 0.14, 0.18, 0.6, 0.97, 1.0])
    width = np.array([0.4, 0.45, 1.0, 1.0, 1.0, 0.55]) * chord
    away, rise = share * radius, np.sin(np.radians(cone)) * share * radius
    side = (loop[None, :, 0] - 0.35) * width[:, None]
    up = loop[None, :, 1] * width[:, None] * 1.4 + rise[:, None]
    out = np.broadcast_to(away[:, None], side.shape)
    for i in range(blades):
        angle = np.radians(turn) + 2 * np.pi * i / blades
        x = out * np.cos(angle) - side * np.sin(angle)
        y = out * np.sin(angle) + side * np.cos(angle)
        parts.loft(name, np.asarray(hub) + np.stack([x, y, up], axis=-1), BLADE)
    r = 0.06 * radius
    head = [(-r * 0.5, 0), (-r * 0.5, 0.55 * r), (0, r), (r * 0.4, 0.6 * r), (r * 0.5, 0)]
    parts.revolve(f"{name}_head", head, hub, METAL, axis=2, around=12)


def add_tail_rotor(
    parts: Assembly, hub: tuple[float, float, float], blades: int, radius: float, turn: float
) -> None:
    """A rotor that turns about X, beside the fin."""
    loop = naca_loop(0.16, 0.0, points=6)
    share = np.array([0.08, 0.3, 0.95, 1.0])
    width = np.array([0.5, 1.0, 1.0, 0.5]) * radius * 0.19
    side, thick = (loop[None, :, 0] - 0.4) * width[:, None], loop[None, :, 1] * width[:, None]
    out = np.broadcast_to((share * radius)[:, None], side.shape)
    for i in range(blades):
        angle = np.radians(turn) + 2 * np.pi * i / blades
        y, z = (
            out * np.cos(angle) - side * np.sin(angle),
            out * np.sin(angle) + side * np.cos(angle),
        )
        parts.loft("tail_rotor", np.asarray(hub) + np.stack([thick, y, z], axis=-1), BLADE)
    head = [
        (-0.14 * radius, 0),
        (-0.14 * radius, 0.14 * radius),
        (0.1 * radius, 0.1 * radius),
        (0.1 * radius, 0),
    ]
    parts.revolve("tail_rotor", head, hub, METAL, axis=0, around=10)


def add_skids(
    parts: Assembly, body: Body, start: float, end: float, ground: float, track: float
) -> None:
    """Two skids with curved tips and two cross tubes."""
    x = track / 2
    line = [
        (x, start - 0.5, ground + 0.28),
        (x, start - 0.25, ground + 0.06),
        (x, start, ground),
        (x, end, ground),
    ]
    parts.strut("skid_{side}", line, 0.055, METAL)
    long = end - start
    for y in (start + 0.2 * long, start + 0.8 * long):
        bottom = float(body.at("bottom", y)) + 0.12
        tube = [
            (0, y, bottom),
            (0.55 * x, y, bottom - 0.06),
            (x * 0.92, y, (ground + bottom) / 2),
            (x, y, ground),
        ]
        parts.strut("gear_{side}", tube, 0.045, METAL)


def helicopter(rng: np.random.Generator) -> Assembly:
    """One main rotor with a tail rotor or a fan in the fin; sometimes two rotors in tandem."""
    draw = Draw(rng)
    if draw.chance(0.12):
        return tandem(rng)
    parts, armed = Assembly(), draw.chance(0.18)
    livery = military(rng, 2.0) if armed or draw.chance(0.35) else private(rng)
    cabin = draw(2.6, 6.5)
    half = float(np.clip(cabin * draw(0.17, 0.27), 0.6, 1.2))
    if armed:
        cabin, half = draw(5.0, 6.5), draw(0.45, 0.55)
    roof, floor = half * draw(0.8, 1.15), -half * draw(0.85, 1.05)
    if armed:
        roof, floor = draw(0.75, 0.95), -draw(0.75, 0.9)
    tail = cabin * draw(0.6, 1.0) + draw(1.3, 2.0)
    long = cabin + tail
    c = cabin / long
    boom, boom_z = half * draw(0.16, 0.3), roof * draw(0.2, 0.75)
    box = draw(2.1, 3.6)
    body = shaped(
        long,
        [
            (0, -0.15 * half),
            (0.28 * c, 0.45 * roof),
            (0.5 * c, roof * 0.95),
            (0.62 * c, roof),
            (0.95 * c, roof * 0.9),
            (c * 1.25, boom_z + boom),
            (1, boom_z + 0.6 * boom),
        ],
        [
            (0, -0.3 * half),
            (0.2 * c, 0.8 * floor),
            (0.4 * c, floor),
            (0.8 * c, floor * 0.95),
            (c * 1.25, boom_z - boom * 1.1),
            (1, boom_z - 0.6 * boom),
        ],
        [
            (0, 0.2 * half),
            (0.25 * c, 0.82 * half),
            (0.5 * c, half),
            (0.85 * c, 0.9 * half),
            (c * 1.25, boom),
            (1, 0.5 * boom),
        ],
        [(0, 2.0), (0.5 * c, box), (c, 2.4), (1, 2.0)],
        [(0, 2.0), (0.5 * c, box), (1, 2.0)],
        round_nose=0.09 * c,
        count=44,
    )
    paint = (
        lower(livery.body, livery.accent, draw(-0.5, 0.0) * half)
        if draw.chance(0.4)
        else livery.body
    )
    parts.loft("fuselage", body.sections(), paint)
    if armed:
        glass = pod(
            (0, 0.3 * cabin, roof * 0.62),
            0.5 * cabin,
            half * 1.5,
            roof * 1.0,
            0.45,
            (0.8, 0.7),
            2.6,
        )
        parts.loft("canopy", glass.sections(), GLASS)
    else:
        low = body.turn_at(0.3 * cabin, floor * draw(0.0, 0.55))
        parts.loft(
            "cockpit_glass",
            body.patch(0.12 * cabin, draw(0.4, 0.5) * cabin, low, 180 - low, 0.012),
            GLASS,
        )
        if cabin > 3.2:
            size = (draw(0.5, 0.75), 0.55 * roof)
            add_window_row(
                parts, body, 0.53 * cabin, 0.86 * cabin, 0.3 * roof, size, size[0] * 1.15
            )
    if draw.chance(0.4):
        add_stripe(
            parts, body, 0.55 * cabin, 0.95 * long, 0.2 * boom_z, draw(0.1, 0.25), livery.accent
        )
    mast_y = draw(0.5, 0.62) * cabin
    dog = pod(
        (0, mast_y + 0.25 * cabin, roof * 1.02),
        cabin * draw(0.6, 0.95),
        half * draw(0.9, 1.5),
        half * draw(0.55, 0.85),
        0.35,
        (0.45, 0.7),
        2.8,
    )
    parts.loft("engine_cowling", dog.sections(), livery.body)
    top = roof + half * draw(0.55, 0.75)
    parts.strut("mast", [(0, mast_y, roof * 0.8), (0, mast_y, top)], [0.16, 0.11], METAL)
    for_exhaust = (half * 0.35, mast_y + 0.45 * cabin, roof * 1.12)
    parts.strut(
        "exhaust_{side}",
        [for_exhaust, np.add(for_exhaust, (0.25, 0.4, 0.1))],
        0.15 * half,
        (0.25, 0.23, 0.22),
    )
    radius = draw(0.8, 0.95) * (long - mast_y) + 0.3
    blades = int(draw.of(2, 3, 4, 5))
    chord = radius * (0.075 if blades == 2 else 0.055)
    add_rotor(
        parts, "main_rotor", (0, mast_y, top), blades, radius, chord, draw(0, 180), draw(-2.5, 3)
    )
    helicopter_tail(parts, draw, long, boom, boom_z, radius, livery)
    ground = floor - draw(0.35, 0.65)
    if armed:
        stub_wings(parts, draw, mast_y, half, floor, livery)
    if draw.chance(0.3) or armed:
        r = draw(0.2, 0.3)
        add_leg(
            parts,
            "{side}",
            Leg(r, 0.2, 0.14),
            (half * 0.8, 0.66 * cabin, floor * 0.7),
            (half * 1.25, 0.66 * cabin, ground + r),
        )
        at = 0.2 * cabin if not armed else 0.9 * long
        z = float(body.at("bottom", at))
        add_leg(
            parts,
            "nose" if not armed else "tail",
            Leg(0.8 * r, 0.16, 0.1),
            (0, at, z + 0.2),
            (0, at, min(ground + 0.8 * r, z - 0.1)),
        )
    else:
        add_skids(parts, body, 0.2 * cabin, 0.95 * cabin, ground, draw(1.9, 2.5) * max(half, 0.8))
    return parts


def helicopter_tail(
    parts: Assembly,
    draw: Draw,
    long: float,
    boom: float,
    boom_z: float,
    radius: float,
    livery: Livery,
) -> None:
    """Fin, stabiliser and tail rotor or a fan in a ring."""
    size = radius * draw(0.16, 0.2)
    if draw.chance(0.25):
        size = radius * draw(0.1, 0.13)
        ring = [
            (-0.12, 0),
            (-0.12, 0.86 * size),
            (-0.3, 0.9 * size),
            (-0.3, 1.2 * size),
            (0.3, 1.2 * size),
            (0.3, 0.9 * size),
            (0.12, 0.86 * size),
            (0.12, 0),
        ]
        thin = [(a * 0.6, r) for a, r in ring]
        parts.revolve(
            "tail_fan",
            thin,
            (0, long + 0.4 * size, boom_z + 0.4 * size),
            livery.tail,
            axis=0,
            around=24,
        )
        height = size * draw(1.3, 1.9)
        base = (0.0, long + 0.1 * size, boom_z + 1.1 * size)
    else:
        height, base = size * draw(1.2, 1.7), (0.0, long - 0.7 * size, boom_z)
        hub = (boom + 0.22, long + 0.25 * size, boom_z + draw(0.1, 0.9) * height)
        parts.strut("tail_rotor", [(0, hub[1], hub[2]), hub], 0.07, METAL)
        add_tail_rotor(parts, hub, int(draw.of(2, 3, 4)), size, draw(0, 120))
    fin = Planform(
        height,
        0.9 * size,
        draw(0.5, 0.8),
        draw(25, 45),
        0.0,
        angle=90,
        camber=0.0,
        thickness=0.14,
        rounding=0.03,
    )
    parts.loft("fin", Wing(fin, base).sections(), livery.tail)
    if draw.chance(0.4):
        below = Planform(
            0.6 * height, 0.7 * size, 0.6, draw(20, 40), 0.0, angle=-90, camber=0.0, thickness=0.14
        )
        parts.loft("fin", Wing(below, (0.0, long - 0.5 * size, boom_z)).sections(), livery.tail)
    width = radius * draw(0.16, 0.26)
    plane = Planform(
        width,
        width * draw(0.4, 0.6),
        0.8,
        draw(0, 12),
        0.0,
        camber=0.0,
        thickness=0.14,
        rounding=0.02,
    )
    y = long * draw(0.82, 0.92) - 0.3
    parts.loft("tailplane_{side}", Wing(plane, (0, y, boom_z)).sections(), livery.tail)
    if draw.chance(0.35):
        plate = Planform(
            0.5 * width, 0.7 * plane.root_chord, 0.8, 20, 0.0, angle=90, camber=0.0, thickness=0.12
        )
        root = (width * 0.97, y, boom_z - 0.2 * width)
        parts.loft("fin_{side}", Wing(plate, root).sections(), livery.tail)


def stub_wings(
    parts: Assembly, draw: Draw, y: float, half: float, floor: float, livery: Livery
) -> None:
    """Short wings with rocket pods."""
    plan = Planform(
        draw(1.9, 2.5), draw(0.9, 1.2), 0.6, draw(2, 15), 0.0, angle=draw(-12, 0), thickness=0.14
    )
    wing = Wing(plan, (0, y - 0.4, 0.1 * floor))
    parts.loft("wing_{side}", wing.sections(), livery.wing)
    for x in (half + 0.55, half + 1.25):
        at = wing.point(x, 0.45, -1.0)
        store = pod((0, at[1], at[2] - 0.28), draw(1.2, 1.8), 0.34, 0.34, 0.4, (0.25, 0.25))
        parts.loft("rocket_pod_{side}", shifted(store, x), livery.trim)
        parts.strut("pylon_{side}", [at + [0, 0, 0.05], at - [0, 0, 0.28]], 0.16, livery.wing, 0.4)


def tandem(rng: np.random.Generator) -> Assembly:
    """Transport helicopters with a rotor over each end."""
    draw, parts = Draw(rng), Assembly()
    livery = military(rng, 3.0)
    long, half = draw(12.5, 16.0), draw(1.0, 1.4)
    high, low = half * draw(0.9, 1.05), -half * draw(0.95, 1.1)
    body = shaped(
        long,
        [
            (0, -0.1 * half),
            (0.08, 0.5 * high),
            (0.16, high),
            (0.7, high),
            (0.9, high * 1.05),
            (1, high * 0.8),
        ],
        [(0, -0.35 * half), (0.07, low), (0.7, low), (1, 0.2 * low)],
        [(0, 0.3 * half), (0.09, 0.85 * half), (0.2, half), (0.75, half), (1, 0.55 * half)],
        draw(2.6, 4),
        draw(2.6, 4),
        round_nose=0.03,
    )
    parts.loft("fuselage", body.sections(), livery.body)
    turn = body.turn_at(0.07 * long, -0.1 * half)
    parts.loft(
        "cockpit_glass", body.patch(0.025 * long, 0.115 * long, turn, 180 - turn, 0.02), DARK_GLASS
    )
    add_window_row(parts, body, 0.22 * long, 0.68 * long, 0.3 * half, (0.45, 0.4), draw(1.4, 2.2))
    radius, turn = long * draw(0.5, 0.58), draw(0, 60)
    front, back = high + draw(0.9, 1.2), high + draw(2.0, 2.7)
    for number, y, top in ((1, 0.12 * long, front), (2, 0.9 * long, back)):
        base = (np.array([0, y - 0.1 * long, 0.6 * high]), 0.2 * long)
        tip = (np.array([0, y - 0.035 * long, top - 0.25]), 0.09 * long)
        add_pylon(parts, f"rotor_pylon_{number}", base, tip, half * 0.95, livery.body)
        parts.strut("mast", [(0, y, top - 0.5), (0, y, top)], 0.16, METAL)
        add_rotor(
            parts,
            f"main_rotor_{number}",
            (0, y, top),
            3,
            radius,
            0.07 * radius,
            turn + 60 * (number - 1),
        )
    jet = pod((0, 0.86 * long, high * 0.95), 0.24 * long, half * 0.75, half * 0.75, 0.4, (0.3, 0.4))
    parts.loft("engine_1_{side}", shifted(jet, half * 1.15), livery.engine)
    tank = pod(
        (0, 0.47 * long, low * 0.65), 0.5 * long, half * 0.7, half * 0.6, 0.4, (0.3, 0.4), 3.0
    )
    parts.loft("tank_{side}", shifted(tank, half), livery.body)
    for suffix, x, y in (
        ("front_{side}", 0.95 * half, 0.24 * long),
        ("{side}", 0.95 * half, 0.7 * long),
    ):
        add_leg(
            parts, suffix, Leg(0.35, 0.25, 0.2, 2), (x, y, low * 0.7), (x * 1.15, y, low - 0.25)
        )
    return parts
