"""Colours of vehicles, display values 0-1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..geometry.assembly import Colour
from .draw import Draw

GLASS: Colour = (0.10, 0.13, 0.16)
TYRE: Colour = (0.08, 0.08, 0.085)
RUBBER: Colour = (0.12, 0.12, 0.13)
PLASTIC: Colour = (0.17, 0.17, 0.18)
CHROME: Colour = (0.78, 0.79, 0.80)
STEEL: Colour = (0.45, 0.46, 0.48)
LAMP: Colour = (0.93, 0.94, 0.92)
TAIL: Colour = (0.62, 0.05, 0.06)
AMBER: Colour = (0.90, 0.50, 0.08)
PLATE: Colour = (0.88, 0.88, 0.84)
LINE: Colour = (0.06, 0.06, 0.065)

_PAINTS: tuple[tuple[Colour, float], ...] = (
    ((0.92, 0.92, 0.91), 18),
    ((0.15, 0.15, 0.16), 9),
    ((0.36, 0.37, 0.39), 13),
    ((0.70, 0.71, 0.72), 13),
    ((0.12, 0.22, 0.48), 10),
    ((0.62, 0.07, 0.08), 11),
    ((0.10, 0.28, 0.18), 6),
    ((0.72, 0.66, 0.52), 5),
    ((0.32, 0.18, 0.11), 4),
    ((0.88, 0.40, 0.08), 4),
    ((0.93, 0.76, 0.12), 5),
    ((0.40, 0.62, 0.74), 6),
    ((0.55, 0.68, 0.55), 3),
    ((0.40, 0.08, 0.20), 3),
)
_LEATHERS: tuple[Colour, ...] = (
    (0.10, 0.10, 0.11),
    (0.62, 0.50, 0.36),
    (0.40, 0.20, 0.12),
    (0.80, 0.78, 0.72),
    (0.45, 0.10, 0.10),
)


@dataclass(frozen=True)
class Paint:
    """body, second: the two paints (equal unless two-tone). trim: window frames, bumpers, grille
    bars. rim: wheels. leather: seats."""

    body: Colour
    second: Colour
    trim: Colour
    rim: Colour
    leather: Colour


def any_paint(draw: Draw) -> Colour:
    """One body colour, as often as on roads, a little off the table."""
    colour = draw.choice([paint for paint, _ in _PAINTS], [share for _, share in _PAINTS])
    shift = np.array([draw.between(-0.04, 0.04) for _ in range(3)]) + draw.between(-0.04, 0.04)
    r, g, b = (float(value) for value in np.clip(np.array(colour) + shift, 0.06, 0.97))
    return r, g, b


def make_paint(draw: Draw, two_tone: float = 0.1, chrome: float = 0.3) -> Paint:
    """The colours of one vehicle. two_tone, chrome: how likely a second paint and bright trim."""
    body = any_paint(draw)
    second = any_paint(draw) if draw.chance(two_tone) else body
    return Paint(
        body=body,
        second=second,
        trim=CHROME if draw.chance(chrome) else PLASTIC,
        rim=draw.choice([(0.66, 0.67, 0.69), (0.45, 0.46, 0.48), (0.16, 0.16, 0.17)], [6, 3, 2]),
        leather=draw.choice(_LEATHERS),
    )
