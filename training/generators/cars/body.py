"""Lower body and greenhouse of a passenger car from its plan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .draw import Draw
from .greenhouse import Greenhouse
from .lower import Arch, End, LowerBody, Opening
from .plan import ONE_BOX, Plan

# metres from the top of the windscreen to that of the rear screen
_LEAST_ROOF = {
    "coupe": 0.45,
    "gt": 0.4,
    "convertible": 0.4,
    "pickup": 0.45,
    "hatchback": 0.95,
    "estate": 1.6,
    "suv": 1.35,
    "van": 1.7,
}


def _mix(round_value: float, boxy_value: float, boxy: float) -> float:
    return round_value + (boxy_value - round_value) * boxy


def _ordered(points: list[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """The points without those that do not lie at least 0.04 m behind the one before."""
    kept = points[:1]
    for point in points[1:-1]:
        if kept[-1][0] + 0.04 < point[0] < points[-1][0] - 0.04:
            kept.append(point)
    return (*kept, points[-1])


def make_lower(plan: Plan, draw: Draw, openings: tuple[Opening, ...] = ()) -> LowerBody:
    """The lower body: hood, sides, deck and wheel arches."""
    front, rear, half, boxy = plan.front, plan.rear, plan.width / 2, plan.boxy
    nose = max(plan.belt * plan.nose, min(0.92 * plan.belt, 2 * plan.wheel + 0.05))
    cowl_z = plan.belt + draw.between(-0.02, 0.03)
    rear_belt = plan.belt + plan.belt_rise
    hood = plan.cowl - front
    swell = draw.between(0.35, 0.8) if boxy < 0.5 else draw.between(0.35, 0.55)
    tail_z = rear_belt * plan.tail if plan.kind not in ONE_BOX else rear_belt
    top = [(front, nose), (front + 0.5 * hood, nose + (cowl_z - nose) * swell)]
    top += [(plan.cowl, cowl_z), (plan.cowl + 0.45, plan.belt + 0.3 * plan.belt_rise)]
    deck = min(plan.deck, rear - 0.12)
    if deck > top[-1][0] + 0.2:
        top.append((deck, rear_belt))
    if plan.kind not in ONE_BOX and plan.kind != "pickup" and rear - deck > 0.4:
        top.append(((deck + rear) / 2, (rear_belt + tail_z) / 2 + 0.015))
    top.append((rear, tail_z))
    crown = _mix(0.07, 0.02, boxy)
    shoulder = [(front, crown * 0.8), (plan.cowl, crown), (plan.cowl + 0.35, 0.015)]
    shoulder += [(max(deck, plan.cowl + 0.6), 0.015), (rear, crown * 0.6)]
    taper_front = draw.spread(0.02, 0.10) * (1.25 - 0.6 * boxy)
    taper_rear = draw.spread(0.01, 0.09) * (1.2 - 0.6 * boxy)
    span = rear - front
    plan_line = [
        (front, half * (1 - taper_front)),
        (front + 0.16 * span, half * (1 - 0.3 * taper_front)),
    ]
    plan_line += [(front + 0.4 * span, half), (front + 0.65 * span, half)]
    plan_line += [
        (rear - 0.14 * span, half * (1 - 0.35 * taper_rear)),
        (rear, half * (1 - taper_rear)),
    ]
    low = plan.clearance
    bottom = [(front, low + draw.between(0.0, 0.06)), (-plan.axle, low), (plan.axle, low)]
    bottom.append((rear, low + draw.between(0.04, 0.14)))
    gap = draw.between(1.08, 1.20) * (1.06 if plan.kind in ("suv", "pickup") else 1.0)
    exponent = draw.choice([2.0, 2.0, 2.4, 3.2] if boxy > 0.5 else [2.0, 2.0, 2.3])
    arch = min(plan.wheel * gap, plan.front_overhang - 0.10, plan.rear_overhang - 0.08)
    arches = tuple(Arch(y, plan.wheel, arch, exponent) for y in (-plan.axle, plan.axle))
    bulge = draw.between(0.0, 0.05) * (1 - boxy)
    if plan.kind == "coupe":
        bulge *= 1.8
    body = LowerBody(
        front=front,
        rear=rear,
        top=_ordered(top),
        shoulder=_ordered(shoulder),
        bottom=_ordered(bottom),
        plan=_ordered(plan_line),
        nose=End(
            length=_mix(0.42, 0.16, boxy) * draw.between(0.8, 1.15),
            corner=_mix(0.20, 0.05, boxy),
            drop=_mix(0.19, 0.05, boxy) * draw.between(0.6, 1.2),
            rise=draw.between(0.03, 0.12),
            bow=_mix(0.26, 0.06, boxy) * draw.between(0.8, 1.2),
            rake=draw.between(-0.03, 0.12) if plan.year > 1990 else draw.between(-0.12, 0.06),
        ),
        tail=End(
            length=_mix(0.30, 0.13, boxy),
            corner=_mix(0.15, 0.04, boxy),
            drop=0.02 if plan.kind in ONE_BOX else _mix(0.10, 0.04, boxy),
            rise=draw.between(0.03, 0.12),
            bow=_mix(0.16, 0.03, boxy),
            rake=draw.between(-0.06, 0.06) if plan.kind not in ONE_BOX else 0.03,
        ),
        arches=arches,
        openings=openings,
        waist=draw.spread(0.42, 0.72),
        tuck_low=draw.between(0.04, 0.10),
        tuck_high=draw.between(0.025, 0.075),
        round_high=draw.between(1.6, 3.2),
        flare=draw.between(0.005, 0.03) + (0.03 if plan.kind == "suv" else 0.0),
    )
    axles = np.array([-plan.axle, plan.axle])
    # wings that are lower than their wheels bulge over them
    least = (2 * plan.wheel + 0.04 - body.shoulder_height(axles)) / 0.53
    rear_bulge = bulge * draw.between(0.5, 1.4)
    humps = np.maximum([bulge, rear_bulge], least)
    return replace(
        body,
        bulges=((-plan.axle, 0.42, float(humps[0])), (plan.axle, 0.45, float(humps[1]))),
    )


def make_greenhouse(plan: Plan, body: LowerBody, draw: Draw) -> Greenhouse:
    """The greenhouse that stands on `body`."""
    rise = plan.height - plan.belt
    rear_rise = plan.height - (plan.belt + plan.belt_rise)
    header = plan.cowl + rise / np.tan(np.radians(plan.rake))
    base = plan.deck if plan.kind not in ONE_BOX else plan.rear - 0.02
    least = _LEAST_ROOF.get(plan.kind, 0.9)
    if plan.kind == "pickup" and plan.doors == 4:
        least = 1.15
    header = min(header, plan.cowl + 0.45 * (base - plan.cowl))
    tail_top = max(base - rear_rise / np.tan(np.radians(plan.back)), header + least)
    base = min(max(base, tail_top + 0.04), plan.rear - 0.02)
    tail_top = min(tail_top, base - 0.04)
    header = min(header, tail_top - 0.4)
    drop_front = draw.between(0.03, 0.08) * (1.2 - 0.7 * plan.boxy)
    drop_rear = draw.spread(0.02, 0.14) * (1.2 - 0.8 * plan.boxy)
    if plan.kind == "van":
        drop_front, drop_rear = drop_front * 0.6, drop_rear * 0.2
    return Greenhouse(
        body=body,
        cowl=plan.cowl,
        header=float(header),
        tail_top=float(tail_top),
        tail_base=float(base),
        roof_front=plan.height - drop_front,
        roof_middle=plan.height,
        roof_rear=plan.height - drop_rear,
        peak=draw.between(0.28, 0.55),
        tumble=plan.tumble,
        ledge=draw.between(0.01, 0.05) if plan.kind != "van" else 0.005,
        edge=_mix(0.16, 0.07, plan.boxy),
        bow_front=_mix(0.20, 0.05, plan.boxy) * draw.between(0.8, 1.3),
        bow_rear=_mix(0.14, 0.03, plan.boxy) * draw.between(0.6, 1.3),
        rear_curve=draw.between(0.95, 1.35) if plan.kind in ("coupe", "sedan") else 1.0,
        front_curve=draw.between(1.0, 1.12),
        crown=_mix(0.05, 0.02, plan.boxy),
        square=_mix(5.5, 11.0, plan.boxy),
        narrow_rear=draw.between(0.0, 0.10) * (1.2 - plan.boxy),
    )
