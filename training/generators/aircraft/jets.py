"""Turbofans hung under wings, beside the tail and at the root of the fin."""

from __future__ import annotations

import numpy as np

from .assembly import Assembly
from .body import Body, curve
from .cabin import Cabin
from .common import (
    Draw,
    Tail,
)
from .engines import Nacelle, add_nacelle, add_pylon
from .lifting import Wing
from .livery import Livery


def hang_jets(
    parts: Assembly, draw: Draw, wing: Wing, count: int, diameter: float, livery: Livery
) -> None:
    """Hang `count` turbofans under both wings, named from the middle outward."""
    nacelle = Nacelle(
        diameter * draw(1.35, 1.9),
        diameter,
        draw.of(0.62, 0.72, 1.0, weights=(3, 3, 1)),
        draw(0.8, 0.88),
    )
    spots = [draw(0.30, 0.37)] if count == 2 else [draw(0.28, 0.33), draw(0.52, 0.62)]
    ring = livery.engine if draw.chance(0.4) else (0.75, 0.76, 0.78)
    for i, share in enumerate(spots):
        x = share * wing.plan.span
        under = wing.point(x, 0.1, -0.8)
        ahead = nacelle.length * draw(0.62, 0.8)
        lip = (x, float(under[1]) - ahead, float(under[2]) - diameter * draw(0.56, 0.66))
        name = f"engine_{i + 1}_" + "{side}"
        add_nacelle(parts, name, nacelle, lip, livery.engine, ring)
        low = np.array([x, lip[1] + 0.2 * nacelle.length, lip[2] + 0.4 * diameter])
        high = wing.point(x, 0.0, -0.3) + [0, -0.02 * nacelle.length, 0]
        add_pylon(
            parts,
            f"pylon_{i + 1}_" + "{side}",
            (low, 0.85 * nacelle.length),
            (high, 0.6 * wing.chord(share)),
            0.16 * diameter,
            livery.engine,
        )


def side_jets(
    parts: Assembly, draw: Draw, cabin: Cabin, body: Body, diameter: float, y: float, livery: Livery
) -> None:
    """Mount a turbofan on either side of the rear fuselage; y is the inlet's station."""
    d = cabin.diameter
    nacelle = Nacelle(diameter * draw(1.9, 2.6), diameter, draw.of(1.0, 0.8), draw(0.76, 0.86))
    z = draw(0.12, 0.3) * d
    skin = float(body.at("half_width", y + 0.5 * nacelle.length))
    lip = (skin * 0.95 + diameter * draw(0.58, 0.72), y, z)
    add_nacelle(parts, "engine_1_{side}", nacelle, lip, livery.engine, (0.75, 0.76, 0.78))
    front = y + 0.25 * nacelle.length
    low = (np.array([skin * 0.5, front + 0.1 * diameter, z - 0.06 * d]), 0.62 * nacelle.length)
    high = (np.array([lip[0], front, z]), 0.6 * nacelle.length)
    add_pylon(parts, "pylon_1_{side}", low, high, 0.2 * diameter, livery.body)


def tail_jet(
    parts: Assembly, draw: Draw, tail: Tail, cabin: Cabin, d: float, livery: Livery
) -> None:
    """Add the middle engine of a three-engined jet at the root of the fin."""
    y, z = tail.fin_root[1], tail.fin_root[2]
    if draw.chance(0.5):  # straight through the fin
        lift = 0.5 * d + 0.1 * cabin.diameter
        nacelle = Nacelle(max(tail.fin.root_chord * 1.1, 2.2 * d), d, 1.0, 0.84)
        add_nacelle(
            parts, "engine_2", nacelle, (0, y - 0.25 * d, z + lift), livery.engine, livery.engine
        )
        return
    # an inlet before the fin; its duct bends down to the end of the fuselage
    s = np.linspace(0, 1, 9)
    ring = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    radius = d / 2 * curve([(0, 0.9), (0.2, 1.0), (1, 0.7)], s)
    height = z + 0.4 * d - s**2 * 0.6 * d
    place = np.stack(
        [
            radius[:, None] * np.cos(ring),
            (y - 0.6 * d + s * tail.fin.root_chord * 0.9)[:, None] + 0 * ring,
            height[:, None] + radius[:, None] * np.sin(ring),
        ],
        axis=-1,
    )
    parts.loft("engine_2", place, livery.body)
    profile = [(-0.02 * d, 0), (-0.02 * d, 0.38 * d), (0.1 * d, 0.38 * d), (0.1 * d, 0)]
    parts.revolve("engine_2", profile, (0, y - 0.6 * d, z + 0.4 * d), (0.08, 0.08, 0.09))
    end = [(-0.9 * d, 0), (-0.9 * d, 0.42 * d), (0.12 * d, 0.34 * d), (0.0, 0.28 * d), (0.0, 0)]
    parts.revolve(
        "engine_2",
        end,
        (0, cabin.length + 0.1 * d, cabin.upsweep * cabin.diameter / 2),
        (0.4, 0.4, 0.42),
    )
