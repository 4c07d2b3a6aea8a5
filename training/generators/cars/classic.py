"""Cars of the twenties to the early fifties: separate wings, running boards, upright grilles."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly
from ..geometry.curves import spline
from ..geometry.surface import Surface
from ..geometry.sweep import bar, box, extrude, loft, rounded_box
from .cabin import add_cabin
from .details import Skin, handle, line, round_lamp
from .draw import Draw
from .glazing import add_glass
from .greenhouse import Greenhouse
from .lower import End, LowerBody, Opening
from .paint import CHROME, LAMP, LINE, PLATE, RUBBER, STEEL, TAIL, Paint, make_paint
from .plan import Plan
from .wheels import Wheel, add_wheels, spare_wheel, wheel_pieces

_ROAD_GAP = 0.09  # metres that mudguards keep from the road


def make_classic(kind: str, draw: Draw) -> Assembly:
    """A saloon, coupé or open tourer; round ones are from the forties."""
    late = draw.spread(0.0, 1.0)
    open_top = draw.chance(0.3)
    plan = _plan(kind, draw, late)
    paint = make_paint(draw, two_tone=0.5, chrome=0.9)
    body = _body(plan, draw, late, open_top)
    house = _house(plan, body, draw, late)
    assembly = Assembly()
    lower = body.surface()
    skin = Skin(lower)
    assembly.add("body", lower, paint.body)
    if open_top:
        add_cabin(assembly, plan, body, house, paint, draw)
    else:
        assembly.add("body", house.surface(), paint.body)
        add_glass(assembly, plan, house, paint, draw)
    wheel = _add_wheels(assembly, plan, paint, draw, late)
    _add_wings(assembly, plan, body, wheel, paint, draw, late)
    _add_front(assembly, plan, body, paint, draw, late)
    _add_back(assembly, plan, body, wheel, paint, draw)
    start = plan.cowl + 0.18
    for i in range(3 if plan.doors == 4 else 2):
        y = start + 0.85 * i
        top = float(body.shoulder_height(np.array([y]))[0]) - 0.03
        low = float(body.sill_height(np.array([y]))[0]) + 0.05
        strip = line([(y, low), (y, (low + top) / 2), (y, top)])
        assembly.add_pair(f"door_line_{i}", skin.on_left(strip, 0.004, 0.01), LINE)
        if i:
            assembly.add_pair(f"handle_{i}", handle(skin, y - 0.14, top - 0.06), CHROME)
    return assembly


def _plan(kind: str, draw: Draw, late: float) -> Plan:
    wheelbase = draw.spread(2.25, 3.45)
    wheel = draw.spread(0.33, 0.40) - 0.03 * late
    height = draw.spread(1.52, 1.88) - 0.10 * late
    rear = draw.spread(0.45, 0.80) + 0.45 * late
    return Plan(
        kind=kind,
        year=1925 + 27 * late,
        wheelbase=wheelbase,
        front_overhang=draw.spread(0.06, 0.22) + 0.35 * late,
        rear_overhang=rear,
        width=draw.spread(1.20, 1.42) + 0.18 * late,
        height=height,
        clearance=draw.spread(0.36, 0.46) - 0.10 * late,
        wheel=wheel,
        cowl=-wheelbase / 2 + draw.spread(0.75, 1.45),
        belt=height * draw.spread(0.61, 0.69),
        belt_rise=draw.between(-0.03, 0.05),
        rake=draw.spread(66, 86) - 20 * late,
        back=draw.spread(62, 88) - 22 * late,
        deck=wheelbase / 2 + rear - draw.spread(0.05, 0.75),
        tail=draw.spread(0.72, 0.98),
        tumble=draw.between(0.05, 0.14) + 0.06 * late,
        nose=draw.spread(0.88, 1.0),
        boxy=0.85 - 0.75 * late,
        doors=draw.choice([2, 4]),
    )


def _body(plan: Plan, draw: Draw, late: float, open_top: bool) -> LowerBody:
    """The narrow central body behind the radiator."""
    front, rear, half = plan.front, plan.rear, plan.width / 2
    slim = half * (draw.spread(0.40, 0.56) + 0.12 * late)
    cowl = float(plan.cowl)
    openings: tuple[Opening, ...] = ()
    if open_top:
        start = cowl + 0.35
        end = max(min(plan.deck - 0.05, plan.axle + 0.25), start + 1.0)
        openings = (Opening(start, end, plan.clearance + 0.16, 0.07),)
    rear_belt = plan.belt + plan.belt_rise
    return LowerBody(
        front=front,
        rear=rear,
        top=(
            (front, plan.belt * plan.nose),
            (cowl - 0.05, plan.belt + 0.02),
            (cowl + 0.5, plan.belt),
            (max(plan.deck, cowl + 1.2), rear_belt),
            (max(rear, cowl + 1.4), rear_belt * plan.tail),
        ),
        shoulder=((front, 0.16), (cowl, 0.10), (cowl + 0.4, 0.015), (rear, 0.05)),
        bottom=((front, plan.clearance), (0.0, plan.clearance), (rear, plan.clearance + 0.03)),
        plan=(
            (front, slim),
            (front + 0.55 * (cowl - front), slim + 0.45 * (half - slim)),
            (cowl + 0.35, half * 0.98),
            (cowl + 1.0, half),
            (plan.axle, half * draw.between(0.9, 1.0)),
            (rear, half * draw.between(0.6, 0.92)),
        ),
        nose=End(0.05 + 0.4 * late, 0.05 + 0.3 * late, 0.03 + 0.12 * late, 0.02, 0.02, 0.0),
        tail=End(0.15 + 0.4 * late, 0.08 + 0.2 * late, 0.05 + 0.12 * late, 0.05, 0.05, 0.06),
        openings=openings,
        waist=0.6,
        tuck_low=draw.between(0.04, 0.12),
        tuck_high=0.05,
        flare=0.0,
        crown=2.2,
    )


def _house(plan: Plan, body: LowerBody, draw: Draw, late: float) -> Greenhouse:
    rise = plan.height - plan.belt
    header = plan.cowl + rise / np.tan(np.radians(plan.rake))
    base = max(plan.deck, header + 1.0)
    tail_top = max(base - rise / np.tan(np.radians(plan.back)), header + 0.75)
    base = max(base, tail_top + 0.04)
    return Greenhouse(
        body=body,
        cowl=plan.cowl,
        header=float(header),
        tail_top=float(tail_top),
        tail_base=float(base),
        roof_front=plan.height - draw.between(0.03, 0.06),
        roof_middle=plan.height,
        roof_rear=plan.height - draw.between(0.02, 0.10),
        tumble=plan.tumble,
        ledge=0.015,
        edge=0.09 + 0.10 * late,
        bow_front=0.02 + 0.12 * late,
        bow_rear=0.06 + 0.12 * late,
        rear_curve=draw.between(1.0, 2.2) if late > 0.3 else 1.0,
        crown=0.04,
        square=10.0 - 4.5 * late,
        narrow_rear=0.06 * late,
    )


def _add_wheels(assembly: Assembly, plan: Plan, paint: Paint, draw: Draw, late: float) -> Wheel:
    style = draw.choice(["wire", "spokes", "disc"], [4 - 3 * late, 2 - 1.5 * late, 1 + 4 * late])
    wheel = Wheel(
        radius=plan.wheel,
        width=draw.between(0.12, 0.16) + 0.03 * late,
        rim=plan.wheel * (0.72 - 0.12 * late),
        style=style,
        spokes=draw.choice([10, 12]),
        colour=draw.choice([paint.second, paint.rim, (0.75, 0.70, 0.55), CHROME]),
    )
    outside = plan.width / 2 + draw.between(0.06, 0.14) * (1 - late) + 0.03
    add_wheels(assembly, wheel, wheel, (outside, outside), plan.axle)
    for y in (-plan.axle, plan.axle):
        axle = bar((-outside + 0.05, y, plan.wheel), (outside - 0.05, y, plan.wheel), 0.035)
        assembly.add("axle", axle, RUBBER)
    half = plan.width * 0.26
    frame = box(
        (-half, plan.front, plan.clearance - 0.07), (half, plan.rear - 0.1, plan.clearance + 0.05)
    )
    assembly.add("underbody", frame, RUBBER)
    return wheel


def wing(
    path: np.ndarray, inside: float, outside: float, crown: float, skirt: float, taper: float = 0.0
) -> Surface:
    """A left mudguard: a crowned shell swept along places (y, z) [n, 2], edges drawn down.

    crown: rise of its middle over the edges. skirt: how far the outer edge hangs down. taper: share
    of crown and skirt lost at the ends.
    """
    ahead = np.gradient(path, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    # upward where the path runs toward the back
    normal = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    s = np.linspace(-1, 1, 9)
    x = (inside + outside) / 2 + s * (outside - inside) / 2
    share = np.linspace(-1, 1, len(path))
    fade = 1 - taper * np.abs(share) ** 3
    sections = []
    for place, up, size in zip(path, normal, fade, strict=True):
        outer = crown * size * (1 - np.abs(s) ** 2.5)
        outer[-1] -= skirt * size
        inner = outer - 0.035
        inner_x = x + np.where(s > 0.9, -0.03, 0.0)
        top = np.stack([x, place[0] + up[0] * outer, place[1] + up[1] * outer], axis=1)
        low = np.stack([inner_x, place[0] + up[0] * inner, place[1] + up[1] * inner], axis=1)
        sections.append(np.concatenate([top, low[::-1]]))
    rings = np.array(sections)
    rings[..., 2] = np.maximum(rings[..., 2], _ROAD_GAP)
    return loft(rings)


def _add_wings(
    assembly: Assembly, plan: Plan, body: LowerBody, wheel: Wheel, paint: Paint, draw: Draw,
    late: float,
) -> None:  # fmt: skip
    radius = wheel.radius + draw.between(0.04, 0.09)
    outside = plan.width / 2 + 0.16 - 0.04 * late
    inside = plan.width / 2 * (0.55 + 0.1 * late)
    board = plan.clearance - draw.between(0.02, 0.08)
    colour = paint.second
    sweep = draw.between(1.1, 1.7)
    front, rear, z = -plan.axle, plan.axle, wheel.radius
    drop = draw.between(-0.1, 0.45)
    places = [
        (front - radius * 0.98, z - radius * drop),
        (front - radius * 0.74, z + radius * 0.72),
    ]
    places += [(front, z + radius), (front + radius * 0.74, z + radius * 0.74)]
    places += [
        (front + radius * sweep, z + radius * 0.12),
        (front + radius * (sweep + 0.55), board),
    ]
    crown, skirt = draw.between(0.03, 0.09) + 0.06 * late, draw.between(0.02, 0.10) + 0.18 * late
    path = spline(places, 30)
    assembly.add_pair("mudguard_front", wing(path, inside, outside, crown, skirt), colour)
    places = [(rear - radius * 1.35, board), (rear - radius * 1.04, z + radius * 0.1)]
    places += [(rear - radius * 0.74, z + radius * 0.74), (rear, z + radius)]
    places += [(rear + radius * 0.76, z + radius * 0.72), (rear + radius * 1.05, z - radius * 0.15)]
    path = spline(places, 30)
    inner = plan.width / 2 * 0.8
    assembly.add_pair("mudguard_rear", wing(path, inner, outside, crown, skirt), colour)
    start, end = front + radius * (sweep + 0.45), rear - radius * 1.25
    if end - start > 0.2:
        size = (outside - inside, end - start, 0.045)
        middle = ((outside + inside) / 2, (start + end) / 2, board)
        assembly.add_pair("running_board", rounded_box(size, middle, 0.015), RUBBER)


def _add_front(
    assembly: Assembly, plan: Plan, body: LowerBody, paint: Paint, draw: Draw, late: float
) -> None:
    """Radiator shell, grille, lamps on stalks or in the wings, bumper."""
    at = np.array([plan.front + 0.04])
    half = float(body.half_width(at)[0])
    high, low = float(body.top_height(at)[0]), float(body.sill_height(at)[0])
    arch = draw.between(0.0, 0.10)
    outline = [(low, -half), (low, half), (high - 0.10, half * 1.02), (high - 0.02, half * 0.7)]
    outline += [(high + arch, 0.0), (high - 0.02, -half * 0.7), (high - 0.10, -half * 1.02)]
    shell = np.array(outline)
    y = plan.front - 0.05
    centre = shell.mean(axis=0)
    assembly.add(
        "grille", extrude(shell, y, y + 0.16, 1, bevel=0.02), draw.choice([CHROME, paint.body])
    )
    inner = centre + (shell - centre) * 0.84
    assembly.add("grille", extrude(inner, y - 0.012, y + 0.05, 1), LINE)
    for i in range(draw.whole(3, 9)):
        x = half * 0.72 * (2 * (i + 0.5) / 9 - 1)
        assembly.add(
            "grille", bar((x, y - 0.015, low + 0.1), (x, y - 0.015, high - 0.12), 0.008, 5), CHROME
        )
    radius = draw.between(0.09, 0.14)
    x = half + radius + draw.between(0.02, 0.10) + 0.12 * late
    z = low + (high - low) * draw.between(0.60, 0.85)
    y_lamp = plan.front + draw.between(-0.02, 0.25)
    assembly.add_pair("light_head", round_lamp((x, y_lamp, z), radius, radius * 2.2), LAMP)
    stalk = bar((x, y_lamp + radius, z), (x, y_lamp + radius + 0.05, plan.wheel + 0.2), 0.02, 6)
    assembly.add_pair("light_stalk", stalk, STEEL)
    if draw.chance(0.75):
        wide = plan.width / 2 + 0.14
        y = min(-plan.axle - plan.wheel - 0.16, plan.front - 0.14)
        bumper = spline(
            [(-wide, y + 0.10, 0), (-wide * 0.5, y, 0), (wide * 0.5, y, 0), (wide, y + 0.10, 0)], 17
        )
        bar_body = _blade(bumper, plan.wheel + 0.06, draw.between(0.05, 0.10))
        assembly.add("bumper_front", bar_body, CHROME)
        for x in (-0.3, 0.3):
            assembly.add(
                "bumper_front",
                bar((x, y, plan.wheel + 0.05), (x, plan.front + 0.4, plan.wheel + 0.05), 0.02, 6),
                RUBBER,
            )
    plate = rounded_box(
        (0.42, 0.02, 0.11),
        (0, min(-plan.axle - plan.wheel, plan.front) - 0.14, plan.wheel + 0.1),
        0.008,
        1,
    )
    assembly.add("plate_front", plate, PLATE)


def _blade(path: np.ndarray, z: float, tall: float) -> Surface:
    """A bumper blade along points [n, 3] at height z."""
    section = np.array([(-0.02, -0.5), (-0.03, 0.0), (-0.02, 0.5), (0.01, 0.4), (0.01, -0.4)])
    sections = path[:, None] + np.stack(
        [np.zeros(5), section[:, 0], section[:, 1] * tall + z], axis=1
    )
    return loft(sections)


def _add_back(
    assembly: Assembly, plan: Plan, body: LowerBody, wheel: Wheel, paint: Paint, draw: Draw
) -> None:
    """Tail lamps, spare wheel or trunk, bumper."""
    x = plan.width / 2 + 0.02
    y = plan.axle + wheel.radius * 0.9
    z = wheel.radius + draw.between(0.25, 0.38)
    tail = round_lamp((0, 0, 0), 0.05, 0.16).rotated(2, 180)
    assembly.add_pair("light_tail", tail.moved(x, y + 0.1, z), TAIL)
    kind = draw.choice(["spare", "trunk", "side", "none"])
    back = float(plan.rear)
    if kind == "spare":
        for surface, colour in spare_wheel(wheel):
            assembly.add(
                "spare_wheel",
                surface.moved(0, back + wheel.width * 0.4, plan.clearance + wheel.radius + 0.05),
                colour,
            )
    elif kind == "trunk":
        tall = draw.between(0.35, 0.5)
        size = (plan.width * 0.72, 0.45, tall)
        assembly.add(
            "trunk",
            rounded_box(size, (0, back + 0.12, plan.clearance + 0.12 + tall / 2), 0.05, 0),
            paint.second,
        )
    elif kind == "side":
        for surface, colour in wheel_pieces(wheel):
            y = -plan.axle + wheel.radius * 2.1
            piece = surface.moved(plan.width / 2 + 0.0, y, wheel.radius + 0.32)
            assembly.add_pair("spare_wheel", piece, colour)
    if draw.chance(0.7):
        wide = plan.width / 2 + 0.12
        y = max(plan.axle + wheel.radius, back) + 0.2
        path = spline(
            [(-wide, y - 0.08, 0), (-wide * 0.5, y, 0), (wide * 0.5, y, 0), (wide, y - 0.08, 0)], 17
        )
        assembly.add("bumper_rear", _blade(path, wheel.radius + 0.06, 0.07), CHROME)
        for x in (-0.3, 0.3):
            assembly.add(
                "bumper_rear",
                bar((x, y, wheel.radius + 0.06), (x, back - 0.4, wheel.radius + 0.06), 0.02, 6),
                RUBBER,
            )
