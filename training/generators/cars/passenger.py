"""Passenger cars, pickups and vans: body, glass and everything laid on them."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly
from ..geometry.sweep import box, rounded_box
from .body import make_greenhouse, make_lower
from .cabin import add_cabin, add_hoops
from .details import (
    Skin,
    exhaust,
    handle,
    line,
    mirror,
    roof_rail,
)
from .draw import Draw
from .face import add_face, add_rear
from .glazing import add_glass
from .greenhouse import Greenhouse
from .lower import LowerBody, Opening
from .paint import PLASTIC, RUBBER, STEEL, Paint, make_paint
from .plan import Plan, draw_plan
from .wheels import Wheel, add_wheels, draw_wheel, spare_wheel


def make_passenger(kind: str, draw: Draw) -> Assembly:
    """A car of a kind of `plan.RANGES`."""
    plan = draw_plan(kind, draw)
    paint = make_paint(
        draw,
        two_tone=0.25 if plan.year < 1970 or kind == "suv" else 0.06,
        chrome=0.8 if plan.year < 1978 else 0.2,
    )
    body = make_lower(plan, draw, _openings(plan, draw))
    house = make_greenhouse(plan, body, draw)
    assembly = Assembly()
    lower = body.surface()
    assembly.add("body", lower, paint.body)
    skin = Skin(lower)
    wheel = _add_wheels(assembly, plan, body, paint, draw)
    if kind == "convertible":
        add_cabin(assembly, plan, body, house, paint, draw)
    else:
        shell = house.surface()
        assembly.add("body", shell, paint.second)
        add_glass(assembly, plan, house, paint, draw)
        if kind == "pickup":
            _add_bed(assembly, plan, body, draw)
    add_face(assembly, plan, body, skin, paint, draw)
    add_rear(assembly, plan, body, house, skin, paint, draw)
    _add_sides(assembly, plan, body, house, skin, paint, draw)
    _add_extras(assembly, plan, body, house, wheel, paint, draw)
    return assembly


def _openings(plan: Plan, draw: Draw) -> tuple[Opening, ...]:
    if plan.kind == "convertible":
        start = plan.cowl + 0.42
        end = max(min(plan.deck - 0.1, plan.axle + 0.12), start + 1.05)
        return (Opening(start, end, plan.clearance + 0.13, 0.11),)
    if plan.kind == "pickup":
        floor = max(plan.wheel * 1.05, plan.belt - draw.between(0.42, 0.55))
        return (Opening(plan.deck + 0.12, plan.rear - 0.07, floor, draw.between(0.05, 0.09)),)
    return ()


def _add_wheels(assembly: Assembly, plan: Plan, body: LowerBody, paint: Paint, draw: Draw) -> Wheel:
    width = plan.wheel * draw.between(0.52, 0.72) * np.interp(plan.year, [1955, 2015], [0.8, 1.05])
    wheel = draw_wheel(draw, plan.wheel, float(width), paint.rim, plan.year)
    inset = draw.between(0.0, 0.035)
    outside = [
        float(body.half_width(np.array([y]))[0]) * (1 - body.tuck_low * 0.15) - inset
        for y in (-plan.axle, plan.axle)
    ]
    add_wheels(assembly, wheel, wheel, (outside[0], outside[1]), plan.axle)
    inner = min(outside) - wheel.width - 0.03
    high = min(arch.z + arch.radius for arch in body.arches) + 0.02
    high = min(high, plan.belt * plan.nose - 0.06)
    low = plan.clearance + 0.01
    core = box((-inner, plan.front + 0.35, low), (inner, plan.rear - 0.35, min(high, _floor(body))))
    assembly.add("underbody", core, RUBBER)
    for arch in body.arches:
        # inner wall of the arch, or the sky would be seen across the car
        reach = arch.radius * 0.9
        above = body.shoulder_height(arch.y + reach * np.array([-1.0, 0.0, 1.0]))
        top = min(arch.z + arch.radius, float(above.min()) - 0.05)
        wall = box((inner - 0.02, arch.y - reach, low), (inner, arch.y + reach, top))
        assembly.add("underbody", wall, RUBBER)
        assembly.add("underbody", wall.mirrored(0), RUBBER)
    return wheel


def _floor(body: LowerBody) -> float:
    """Lowest floor of the openings, less a little; infinite without any."""
    return min((opening.floor - 0.03 for opening in body.openings), default=np.inf)


def _add_bed(assembly: Assembly, plan: Plan, body: LowerBody, draw: Draw) -> None:
    """Housings of the rear wheels inside the bed, sometimes a roll bar."""
    opening = body.openings[0]
    inner = float(body.half_width(np.array([plan.axle]))[0]) * 0.95 - opening.wall
    reach = min(plan.wheel * 1.1, plan.rear - 0.12 - plan.axle)
    top = min(plan.wheel * 2.16, plan.belt - 0.12)
    if top > opening.floor + 0.03:
        housing = rounded_box(
            (0.24, 2 * reach, top - opening.floor + 0.05),
            (inner - 0.12, plan.axle, (top + opening.floor) / 2),
            0.08,
            axis=0,
        )
        assembly.add_pair("wheel_housing", housing, PLASTIC)
    if draw.chance(0.3):
        add_hoops(
            assembly, inner - 0.05, opening.start + 0.12, plan.belt - 0.05, plan.height - 0.08
        )


def _add_sides(
    assembly: Assembly, plan: Plan, body: LowerBody, house: Greenhouse, skin: Skin,
    paint: Paint, draw: Draw,
) -> None:  # fmt: skip
    """Lines between doors, handles, mirrors, rubbing strips, sills."""
    front_arch, rear_arch = body.arches
    start = max(plan.cowl + draw.between(0.05, 0.25), front_arch.y + front_arch.radius + 0.08)
    last = rear_arch.y - rear_arch.radius * draw.between(0.35, 1.0)
    last = min(last, plan.deck + 0.3 if plan.kind == "pickup" else last)
    count = 2 if plan.doors == 4 else 1
    last = min(last, start + count * 1.25)
    edges = [start + (last - start) * i / count for i in range(count + 1)]
    if count == 2:
        edges[1] += 0.06
    belt = float(np.min(body.shoulder_height(np.array(edges)))) - 0.03
    low = plan.clearance + 0.09
    handle_z = belt - draw.between(0.07, 0.14)
    for i, edge in enumerate(edges):
        foot = edge if i < count or plan.kind == "van" else edge - draw.between(0.0, 0.15)
        places = line([(foot, low), (foot, (low + belt) / 2), (edge, belt)])
        assembly.add_pair(f"door_line_{i}", skin.on_left(places, 0.004, 0.01), (0.05, 0.05, 0.05))
        if i:
            assembly.add_pair(f"handle_{i}", handle(skin, edge - 0.17, handle_z), paint.trim)
    sill = line([(start, low), ((start + last) / 2, low), (edges[-1], low)])
    assembly.add_pair("door_line_sill", skin.on_left(sill, 0.004, 0.01), (0.05, 0.05, 0.05))
    if draw.chance(0.35):
        height = plan.clearance + (belt - plan.clearance) * draw.between(0.35, 0.6)
        y0, y1 = front_arch.y + front_arch.radius + 0.06, rear_arch.y - rear_arch.radius - 0.06
        strip = line([(y0, height), (0.0, height), (y1, height)], draw.between(0.03, 0.09))
        assembly.add_pair("side_strip", skin.on_left(strip, 0.015, 0.01), paint.trim)
    if draw.chance(0.9 if plan.year > 1975 else 0.6):
        y = plan.cowl + 0.30 * (house.header - plan.cowl) + 0.22
        v = house.share_along(np.array([y]), np.array([0.06]))
        base = house.place(house.side_reach(v), v, np.array([0.06]))[0]
        size = draw.between(0.15, 0.23) if plan.year > 1985 else draw.between(0.10, 0.15)
        assembly.add_pair("mirror", mirror(base, size, plan.year > 1990), paint.body)


def _add_extras(
    assembly: Assembly, plan: Plan, body: LowerBody, house: Greenhouse, wheel: Wheel,
    paint: Paint, draw: Draw,
) -> None:  # fmt: skip
    """Exhausts, roof rails, spoilers, spare wheels, aerials."""
    x = float(body.half_width(np.array([plan.rear - 0.2]))[0]) * draw.between(0.45, 0.7)
    z = plan.clearance + 0.06
    pipe = exhaust(x, plan.rear - 0.02, z, draw.between(0.025, 0.045))
    if draw.chance(0.3):
        assembly.add_pair("exhaust", pipe, STEEL)
    else:
        assembly.add("exhaust", pipe, STEEL)
    if plan.kind in ("estate", "suv", "van") and draw.chance(0.6 if plan.kind != "van" else 0.2):
        v = np.linspace(0.14, 0.86, 9)
        inset = 1 - 1.1 * house.edge / (plan.width / 2 - house.tumble)
        points = house.place(house.side_reach(v) * inset, v, np.ones(9))
        assembly.add_pair("roof_rail", roof_rail(points), paint.trim)
    if plan.kind == "suv" and plan.boxy > 0.3 and draw.chance(0.55):
        spare_z = plan.belt * draw.between(0.78, 0.95)
        for surface, colour in spare_wheel(wheel):
            y = plan.rear + 0.02 + wheel.width * 0.5 - 0.05
            assembly.add("spare_wheel", surface.moved(0, y, spare_z), colour)
    wing = {"coupe": 0.3, "hatchback": 0.3, "sedan": 0.1, "suv": 0.3, "estate": 0.2}
    if plan.year > 1972 and draw.chance(wing.get(plan.kind, 0.0)):
        _add_spoiler(assembly, plan, body, house, paint, draw)


def _add_spoiler(
    assembly: Assembly, plan: Plan, body: LowerBody, house: Greenhouse, paint: Paint, draw: Draw
) -> None:
    half = float(body.half_width(np.array([plan.rear - 0.25]))[0]) * 0.82
    if plan.kind in ("hatchback", "suv", "estate"):
        half -= plan.tumble * 0.9
        y, z = house.tail_top + 0.02, house.roof_rear - house.crown * 0.4 - 0.015
        size = (2 * half, draw.between(0.16, 0.30), 0.04)
        assembly.add("spoiler", rounded_box(size, (0, y + size[1] / 2 - 0.06, z), 0.02), paint.body)
        return
    y = plan.rear - 0.16
    deck = float(body.top_height(np.array([y]))[0])
    rise = draw.between(0.06, 0.24)
    size = (2 * half, draw.between(0.14, 0.24), 0.03)
    assembly.add("spoiler", rounded_box(size, (0, y, deck + rise), 0.015), paint.body)
    post = rounded_box((0.03, 0.12, rise + 0.08), (half * 0.8, y, deck + rise / 2 - 0.03), 0.01)
    assembly.add("spoiler", post, paint.body)
    assembly.add("spoiler", post.mirrored(0), paint.body)
