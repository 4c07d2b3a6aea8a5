"""The front and the rear of passenger cars: lamps, grille, bumpers, plates."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly
from ..geometry.drape import disc
from .details import Skin, add_bumper, almond, lamp, line, plate_number, rectangle
from .draw import Draw
from .greenhouse import Greenhouse
from .lower import LowerBody
from .paint import AMBER, CHROME, LAMP, LINE, PLASTIC, PLATE, TAIL, Paint
from .plan import ONE_BOX, Plan


def _band(body: LowerBody, y: float) -> tuple[float, float, float]:
    """Half width, lowest and highest place of the flat of the nose or tail."""
    at = np.array([y])
    half = float(body.half_width(at)[0])
    return half, float(body.sill_height(at)[0]), float(body.top_height(at)[0])


def add_face(
    assembly: Assembly, plan: Plan, body: LowerBody, skin: Skin, paint: Paint, draw: Draw
) -> None:
    """Head lamps, indicators, grille, air intake, front bumper and plate."""
    half, low, high = _band(body, plan.front + 0.04)
    tall = high - low
    lamp_z = low + tall * draw.between(0.66, 0.76)
    era = "round" if plan.year < 1969 else "box" if plan.year < 1991 else "lens"
    if draw.chance(0.12):
        era = draw.choice(["round", "box", "lens"])
    bumper_z = low + tall * (draw.between(0.26, 0.34) if era != "lens" else 0.3)
    if era == "round":
        radius = min(draw.between(0.075, 0.10), tall * 0.2)
        x = half * 0.92 - radius
        assembly.add_pair(
            "light_head", lamp(skin, disc((0, 0), (radius,) * 2), x, lamp_z, 0, False, 0.03), LAMP
        )
        if draw.chance(0.3):
            twin = lamp(
                skin, disc((0, 0), (radius * 0.85,) * 2), x - radius * 2.1, lamp_z, 0, False, 0.03
            )
            assembly.add_pair("light_head", twin, LAMP)
        amber = lamp(skin, disc((0, 0), (0.035, 0.025)), x, lamp_z - radius - 0.06, 0, False)
        assembly.add_pair("light_signal", amber, AMBER)
        lamp_inner = x - radius * 1.2
    elif era == "box":
        width, height = draw.between(0.18, 0.34), min(draw.between(0.10, 0.16), tall * 0.3)
        x = half * 0.90 - width / 2
        grid = rectangle((0, 0), (width, height))
        assembly.add_pair("light_head", lamp(skin, grid, x, lamp_z, 0, False), LAMP)
        signal = rectangle((0, 0), (0.07, height))
        amber = lamp(skin, signal, min(x + width / 2 + 0.035, half * 0.97), lamp_z, 30, False, 0.01)
        assembly.add_pair("light_signal", amber, AMBER)
        lamp_inner = x - width / 2
    else:
        width, height = draw.between(0.30, 0.52), min(draw.between(0.08, 0.22), tall * 0.36)
        x = half * 0.90 - width * 0.36
        grid = almond((0, 0), (width, height), draw.between(0.0, 0.12), draw.between(0.25, 0.9))
        turn = draw.between(20, 42)
        assembly.add_pair("light_head", lamp(skin, grid, x, lamp_z, turn, False), LAMP)
        lamp_inner = x - width * 0.42
        if draw.chance(0.5):
            fog = lamp(skin, disc((0, 0), (0.05, 0.04)), half * 0.72, low + tall * 0.16, 10, False)
            assembly.add_pair("light_fog", fog, LAMP)
    _add_grille(assembly, plan, skin, paint, draw, (lamp_inner, lamp_z, tall), era)
    if era == "lens":
        grid = rectangle(
            (0, low + tall * 0.14), (half * draw.between(0.9, 1.5), tall * 0.16), columns=13
        )
        assembly.add("air_intake", skin.on_front(grid, 0.006), LINE)
        if plan.kind in ("suv", "pickup", "van") and draw.chance(0.5):
            add_bumper(
                assembly, skin, False, half * 0.96, low + tall * 0.13, tall * 0.25, 0.03, PLASTIC
            )
        else:
            add_bumper(assembly, skin, False, half * 0.92, bumper_z, tall * 0.12, 0.025, paint.body)
    else:
        height = draw.between(0.09, 0.16)
        proud = draw.between(0.06, 0.13)
        colour = paint.trim if plan.year < 1978 else draw.choice([PLASTIC, paint.trim, paint.body])
        add_bumper(assembly, skin, False, half * 0.97, bumper_z, height, proud, colour)
    assembly.add("plate_front", plate_number(skin, bumper_z, False), PLATE)


def _add_grille(
    assembly: Assembly, plan: Plan, skin: Skin, paint: Paint, draw: Draw,
    room: tuple[float, float, float], era: str,
) -> None:  # fmt: skip
    inner, lamp_z, tall = room
    inner = max(inner, 0.15)
    width = 2 * inner * draw.between(0.35, 0.95)
    height = tall * draw.between(0.12, 0.24)
    z = lamp_z
    if era == "lens" and draw.chance(0.35):
        height, z = tall * draw.between(0.30, 0.42), lamp_z - tall * 0.14
    if era == "round":
        width = 2 * inner * draw.between(0.4, 0.95)
        z = lamp_z - tall * draw.between(0.0, 0.14)
    columns = 11
    grid = rectangle((0, z), (width, height), columns=columns)
    if era != "box" and draw.chance(0.5):
        grid = disc((0, z), (width / 2, height * 0.6))
    assembly.add("grille", skin.on_front(grid, 0.006), LINE)
    bright = CHROME if draw.chance(0.5) else paint.trim
    bars = draw.whole(0, 4)
    for i in range(bars):
        bar_z = z + height * ((i + 1) / (bars + 1) - 0.5)
        strip = line([(-width * 0.44, bar_z), (0.0, bar_z), (width * 0.44, bar_z)], 0.014)
        assembly.add("grille", skin.on_front(strip, 0.016, 0.01), bright)
    assembly.add("badge", skin.on_front(disc((0, z), (0.05, 0.05)), 0.02), CHROME)


def add_rear(
    assembly: Assembly, plan: Plan, body: LowerBody, house: Greenhouse, skin: Skin,
    paint: Paint, draw: Draw,
) -> None:  # fmt: skip
    """Tail lamps, rear bumper, plate and the line of the boot."""
    half, low, high = _band(body, plan.rear - 0.04)
    tall = high - low
    lamp_z = low + tall * draw.between(0.64, 0.78)
    upright = plan.kind in ONE_BOX or plan.kind == "pickup"
    if plan.year < 1968:
        grid = disc((0, 0), (draw.between(0.04, 0.06), draw.between(0.05, 0.09)))
        x, turn = half * 0.82, 0.0
    elif upright and draw.chance(0.6):
        grid = rectangle((0, 0), (draw.between(0.09, 0.16), tall * draw.between(0.28, 0.48)))
        x, turn = half * 0.90, 25.0
    else:
        width = draw.between(0.22, 0.46)
        grid = rectangle((0, 0), (width, min(draw.between(0.07, 0.18), tall * 0.34)))
        if draw.chance(0.5):
            grid = almond((0, 0), (width, 0.16), draw.between(-0.03, 0.06), 0.5)
        x, turn = half * 0.92 - width * 0.38, draw.between(10, 34)
    assembly.add_pair("light_tail", lamp(skin, grid, x, lamp_z, turn, True), TAIL)
    bumper_z = low + tall * draw.between(0.24, 0.34)
    if plan.year < 1991:
        colour = paint.trim if plan.year < 1978 else draw.choice([PLASTIC, paint.trim])
        add_bumper(
            assembly,
            skin,
            True,
            half * 0.97,
            bumper_z,
            draw.between(0.09, 0.16),
            draw.between(0.05, 0.11),
            colour,
        )
    else:
        dark = plan.kind in ("suv", "pickup", "van") and draw.chance(0.6)
        add_bumper(
            assembly,
            skin,
            True,
            half * 0.95,
            low + tall * 0.17,
            tall * 0.22,
            0.03,
            PLASTIC if dark else paint.body,
        )
    plate_z = lamp_z - tall * 0.05 if draw.chance(0.6) else bumper_z
    assembly.add("plate_rear", plate_number(skin, plate_z, True), PLATE)
    edge = half * 0.62
    lid = line(
        [
            (-edge, high - 0.06),
            (-edge * 0.97, bumper_z + 0.11),
            (0, bumper_z + 0.1),
            (edge * 0.97, bumper_z + 0.11),
            (edge, high - 0.06),
        ],
        0.012,
        20,
    )
    assembly.add("boot_line", skin.on_back(lid, 0.004, 0.01), LINE)
