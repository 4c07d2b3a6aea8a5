"""Proportions of passenger cars by kind, drawn from ranges of real ones. Metres, degrees, years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .draw import Draw

ONE_BOX = ("hatchback", "estate", "suv", "van")
Range = tuple[float, float]


@dataclass(frozen=True)
class Ranges:
    """Ranges of one kind.

    front, rear: overhangs. cowl: foot of the windscreen behind the front axle. belt: height of the
    belt as a share of the height. rake: windscreen, degrees from the horizontal; back: rear
    screen. deck: foot of the rear screen before the end of the car. tail: height of the tail as a
    share of the belt. years: of construction.
    """

    wheelbase: Range
    front: Range
    rear: Range
    width: Range
    height: Range
    clearance: Range
    wheel: Range
    cowl: Range
    belt: Range
    rake: Range
    back: Range
    deck: Range
    tail: Range
    tumble: Range
    years: Range = (1958.0, 2024.0)
    doors: tuple[int, ...] = (4,)


RANGES: dict[str, Ranges] = {
    "sedan": Ranges(
        wheelbase=(2.45, 3.10), front=(0.68, 1.0), rear=(0.85, 1.25), width=(1.60, 1.92),
        height=(1.34, 1.56), clearance=(0.13, 0.20), wheel=(0.285, 0.35), cowl=(0.22, 0.85),
        belt=(0.59, 0.68), rake=(27, 52), back=(27, 60), deck=(0.45, 1.10), tail=(0.90, 1.10),
        tumble=(0.10, 0.26), doors=(4, 4, 2),
    ),
    "hatchback": Ranges(
        wheelbase=(1.95, 2.72), front=(0.52, 0.92), rear=(0.38, 0.80), width=(1.44, 1.84),
        height=(1.33, 1.62), clearance=(0.13, 0.19), wheel=(0.26, 0.34), cowl=(0.0, 0.62),
        belt=(0.57, 0.68), rake=(27, 55), back=(42, 80), deck=(0.03, 0.20), tail=(0.92, 1.06),
        tumble=(0.09, 0.24), years=(1962.0, 2024.0), doors=(4, 2),
    ),
    "estate": Ranges(
        wheelbase=(2.42, 3.05), front=(0.68, 0.98), rear=(0.82, 1.25), width=(1.58, 1.90),
        height=(1.38, 1.60), clearance=(0.13, 0.21), wheel=(0.285, 0.35), cowl=(0.2, 0.82),
        belt=(0.58, 0.67), rake=(27, 52), back=(46, 82), deck=(0.04, 0.16), tail=(0.90, 1.03),
        tumble=(0.09, 0.22),
    ),
    "suv": Ranges(
        wheelbase=(2.25, 3.05), front=(0.55, 0.92), rear=(0.50, 1.10), width=(1.58, 2.02),
        height=(1.58, 1.98), clearance=(0.19, 0.30), wheel=(0.335, 0.43), cowl=(0.10, 0.75),
        belt=(0.57, 0.68), rake=(40, 76), back=(58, 88), deck=(0.03, 0.14), tail=(0.90, 1.04),
        tumble=(0.04, 0.20), years=(1965.0, 2024.0), doors=(4, 4, 2),
    ),
    "coupe": Ranges(
        wheelbase=(2.15, 2.85), front=(0.65, 1.02), rear=(0.65, 1.15), width=(1.54, 1.98),
        height=(1.12, 1.40), clearance=(0.11, 0.16), wheel=(0.285, 0.36), cowl=(0.10, 0.95),
        belt=(0.60, 0.71), rake=(24, 46), back=(14, 48), deck=(0.08, 0.75), tail=(0.92, 1.14),
        tumble=(0.14, 0.32), doors=(2,),
    ),
    "convertible": Ranges(
        wheelbase=(2.0, 2.9), front=(0.58, 1.0), rear=(0.62, 1.12), width=(1.46, 1.94),
        height=(1.14, 1.42), clearance=(0.11, 0.17), wheel=(0.275, 0.35), cowl=(0.15, 0.95),
        belt=(0.62, 0.72), rake=(26, 56), back=(30, 50), deck=(0.5, 1.0), tail=(0.88, 1.06),
        tumble=(0.12, 0.26), years=(1952.0, 2024.0), doors=(2,),
    ),
    "gt": Ranges(
        wheelbase=(2.40, 2.80), front=(0.85, 1.12), rear=(0.75, 1.10), width=(1.84, 2.06),
        height=(1.04, 1.24), clearance=(0.07, 0.10), wheel=(0.325, 0.36), cowl=(0.10, 0.85),
        belt=(0.62, 0.70), rake=(24, 36), back=(13, 34), deck=(0.08, 0.5), tail=(0.92, 1.06),
        tumble=(0.20, 0.34), years=(1985.0, 2024.0), doors=(2,),
    ),
    "pickup": Ranges(
        wheelbase=(2.55, 3.75), front=(0.62, 0.98), rear=(0.85, 1.35), width=(1.58, 2.05),
        height=(1.45, 1.98), clearance=(0.19, 0.30), wheel=(0.32, 0.43), cowl=(0.15, 0.75),
        belt=(0.58, 0.67), rake=(32, 60), back=(66, 86), deck=(1.35, 2.45), tail=(0.86, 1.0),
        tumble=(0.06, 0.18), years=(1955.0, 2024.0), doors=(2, 4),
    ),
    "van": Ranges(
        wheelbase=(2.25, 3.70), front=(0.58, 1.05), rear=(0.55, 1.25), width=(1.58, 2.08),
        height=(1.68, 2.70), clearance=(0.15, 0.24), wheel=(0.29, 0.37), cowl=(-0.85, 0.22),
        belt=(0.44, 0.60), rake=(30, 74), back=(76, 89), deck=(0.02, 0.07), tail=(0.95, 1.02),
        tumble=(0.03, 0.16), years=(1955.0, 2024.0), doors=(2, 4),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """Proportions of one car; lengths in metres along y, the middle between the axles at y = 0."""

    kind: str
    year: float
    wheelbase: float
    front_overhang: float
    rear_overhang: float
    width: float
    height: float
    clearance: float
    wheel: float
    cowl: float
    belt: float
    belt_rise: float
    rake: float
    back: float
    deck: float
    tail: float
    tumble: float
    nose: float
    boxy: float
    doors: int

    @property
    def front(self) -> float:
        """y of the nose."""
        return -self.wheelbase / 2 - self.front_overhang

    @property
    def rear(self) -> float:
        """y of the tail."""
        return self.wheelbase / 2 + self.rear_overhang

    @property
    def axle(self) -> float:
        """y of the rear axle; the front one is at minus this."""
        return self.wheelbase / 2


def _least_roof(kind: str, doors: int) -> float:
    """Metres of roof between the two screens that the seats need."""
    if kind == "sedan":
        return 1.15 if doors == 4 else 0.85
    return 1.2 if doors == 4 else 0.5


def draw_plan(kind: str, draw: Draw) -> Plan:
    """Proportions of a car of a kind of `RANGES`. Boxes are from the seventies and eighties."""
    ranges = RANGES[kind]
    year = draw.spread(*ranges.years)
    spread = {
        name: draw.spread(*getattr(ranges, name))
        for name in (
            "wheelbase", "front", "rear", "width", "height", "clearance", "wheel", "cowl", "belt",
            "rake", "back", "deck", "tail", "tumble",
        )
    }  # fmt: skip
    boxy = float(np.interp(year, [1955, 1972, 1984, 1996, 2010], [0.25, 0.75, 0.95, 0.4, 0.2]))
    boxy = float(np.clip(boxy + draw.between(-0.2, 0.2), 0, 1))
    belt = spread["belt"] * spread["height"]
    # modern cars have large wheels, small cars small ones; the wheel has to fit under the belt
    wheel = spread["wheel"] * np.interp(year, [1960, 2020], [0.95, 1.04])
    wheel = min(float(wheel), 0.43 * belt)
    # newer windscreens lie flatter
    rake = spread["rake"] + float(np.interp(year, [1960, 2020], [5, -4]))
    doors = draw.choice(ranges.doors)
    rake = max(rake, ranges.rake[0])
    rise = spread["height"] - belt
    slopes = float(rise * (1 / np.tan(np.radians([rake, spread["back"]]))).sum())
    overhang = max(spread["rear"], wheel * 1.35)
    cowl = spread["cowl"] - spread["wheelbase"] / 2
    deck = spread["wheelbase"] / 2 + overhang - spread["deck"]
    short = slopes + _least_roof(kind, doors) - (deck - cowl)
    if kind == "pickup" and short > 0:
        # the cab has to end before the bed begins
        spread["wheelbase"] += short
        cowl, deck = cowl - short / 2, deck + short / 2
    elif kind == "sedan" and short > 0:
        # room for two rows of seats: a shorter boot first, then a shorter hood
        back = min(short, max(spread["deck"] - 0.38, 0.0))
        cowl, deck = cowl - (short - back), deck + back
    return Plan(
        kind=kind,
        year=year,
        wheelbase=spread["wheelbase"],
        front_overhang=max(spread["front"], wheel * 1.55),
        rear_overhang=overhang,
        width=spread["width"],
        height=spread["height"],
        clearance=min(spread["clearance"], wheel * 0.75),
        wheel=wheel,
        cowl=cowl,
        belt=belt,
        belt_rise=draw.spread(-0.03, 0.10) * (1.2 if year > 1995 else 0.6),
        rake=rake,
        back=spread["back"],
        deck=deck,
        tail=spread["tail"],
        tumble=spread["tumble"],
        nose=draw.spread(0.68, 0.93),
        boxy=boxy,
        doors=doors,
    )
