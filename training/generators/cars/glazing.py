"""Panes of glass of closed cars."""

from __future__ import annotations

import itertools

import numpy as np

from ..geometry.assembly import Assembly
from .draw import Draw
from .greenhouse import Greenhouse
from .paint import GLASS, Paint
from .plan import Plan


def add_glass(assembly: Assembly, plan: Plan, house: Greenhouse, paint: Paint, draw: Draw) -> None:
    """Windscreen, rear screen and side panes with pillars left between them."""
    pillar = draw.between(0.07, 0.14)
    assembly.add("glass_windscreen", house.windscreen(0.08, 0.90, pillar), GLASS)
    blind = plan.kind == "van" and draw.chance(0.35)
    if not blind:
        low = (
            draw.between(0.12, 0.3) if plan.kind in ("hatchback", "estate", "suv", "van") else 0.12
        )
        assembly.add("glass_rear", house.windscreen(low, 0.87, pillar + 0.06, rear=True), GLASS)
    low, high = draw.between(0.10, 0.16), 0.86
    span = plan.deck - plan.cowl
    first = house.cowl + house.bow_front + 0.10
    last = house.tail_base - house.bow_rear - 0.08
    middle = 0.5 * (low + high)
    front = float(house.front_line(np.array([middle]))[0]) + house.bow_front
    rear = float(house.rear_line(np.array([middle]))[0]) - house.bow_rear
    solid_rear = draw.between(0.10, 0.34) if plan.kind != "coupe" else draw.between(0.15, 0.45)
    if plan.kind == "van" and draw.chance(0.45):
        _add_panes(assembly, house, [front - 0.3, front + draw.between(0.75, 1.0)], low, high, 0.0)
        return
    end = max(min(last, rear - solid_rear + 0.1), front + 0.5)
    doors = [first - 0.6]
    total = end - front
    count = {"pickup": plan.doors // 2, "coupe": 1 if total < 1.35 else 2}.get(plan.kind, 0)
    if not count:
        count = 3 if total > draw.between(1.9, 2.4) else 2
        if plan.kind == "van":
            count = max(2, round(total / draw.between(0.8, 1.2)))
    edges = np.linspace(front, end, count + 1)
    doors = [front - 0.5, *edges[1:-1].tolist(), end]
    lean = draw.between(-0.30, 0.05) * min(span / 2.5, 1.0)
    _add_panes(assembly, house, doors, low, high, lean)


def _add_panes(
    assembly: Assembly, house: Greenhouse, edges: list[float], low: float, high: float, lean: float
) -> None:
    """Side panes between successive `edges`; `lean` is that of the last edge."""
    for i, (start, end) in enumerate(itertools.pairwise(edges)):
        last = lean if i == len(edges) - 2 else 0.0
        start_gap = 0.03 if i else 0.0
        pane = house.side_pane(start + start_gap, end - 0.03, (0.0, last), low, high)
        assembly.add_pair("glass_side", pane, GLASS)
