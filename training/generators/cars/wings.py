"""Wings that press a racing car down."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly, Colour
from ..geometry.surface import Surface
from ..geometry.sweep import box, extrude
from .draw import Draw
from .paint import RUBBER


def blade(
    half: float, chord: float, thick: float, y: float, z: float, angle: float = 0.0
) -> Surface:
    """A wing element across the car, its leading edge to the front, pressing down."""
    t = np.linspace(0, 1, 9)
    shape = thick * 1.5 * np.sqrt(t) * (1 - t) + 0.008 * (t > 0)
    upper = np.stack([t * chord, shape * 0.4], axis=1)
    lower = np.stack([t * chord, -shape], axis=1)[::-1]
    outline = np.concatenate([upper, lower[:-1]])
    turn = np.radians(angle)
    matrix = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    outline = outline @ matrix + [y, z]
    return extrude(outline, -half, half, axis=0)


def end_plate(x: float, y: tuple[float, float], z: tuple[float, float]) -> Surface:
    """An upright plate at the end of a wing, corners cut."""
    cut = 0.25 * (z[1] - z[0])
    outline = [
        (y[0] + cut, z[0]),
        (y[1], z[0]),
        (y[1], z[1] - cut),
        (y[1] - cut, z[1]),
        (y[0], z[1]),
    ]
    return extrude(np.array([*outline, (y[0], z[0] + cut)]), x - 0.012, x + 0.012, axis=0)


def add_rear_wing(
    assembly: Assembly, draw: Draw, half: float, y: float, z: float, foot: float, colour: Colour,
    chord: float = 0.3,
) -> None:  # fmt: skip
    """A wing of one or two elements over the tail, its plates, and posts down to `foot`."""
    angle = draw.between(6, 16)
    assembly.add("wing_rear", blade(half, chord, 0.05, y, z, -angle), colour)
    if draw.chance(0.5):
        assembly.add(
            "wing_rear",
            blade(half, chord * 0.5, 0.04, y + chord * 0.8, z + 0.11, -angle - 14),
            colour,
        )
    tall = draw.between(0.16, 0.34)
    assembly.add_pair(
        "wing_plate",
        end_plate(half, (y - 0.05, y + chord * 1.3), (z - tall * 0.5, z + tall * 0.6)),
        colour,
    )
    post = box((half * 0.35 - 0.015, y + 0.04, foot), (half * 0.35 + 0.015, y + chord * 0.7, z))
    assembly.add_pair("wing_post", post, RUBBER)
