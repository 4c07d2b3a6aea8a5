"""The driver of an open racing car."""

from __future__ import annotations

import numpy as np

from ..geometry.assembly import Assembly
from ..geometry.sweep import revolve, rounded_box
from .cabin import steering_wheel
from .draw import Draw
from .paint import RUBBER, Paint


def add_driver(
    assembly: Assembly, draw: Draw, y: float, floor: float, top: float, paint: Paint
) -> None:
    """Helmet and shoulders, or only the seat's back."""
    back = rounded_box((0.42, 0.12, top - floor - 0.1), (0, y + 0.16, (top + floor) / 2), 0.05, 0)
    assembly.add("seat", back, RUBBER)
    if draw.chance(0.7):
        turn = np.linspace(0, np.pi, 9)
        ball = revolve(np.stack([-np.cos(turn) * 0.15, np.sin(turn) * 0.13], 1), axis=2, steps=14)
        assembly.add("driver", ball.moved(0, y, top - 0.03), paint.second)
        chest = rounded_box((0.44, 0.24, 0.34), (0, y + 0.03, top - 0.34), 0.1, axis=0)
        assembly.add("driver", chest, paint.leather)
    assembly.add("steering_wheel", steering_wheel(0, y - 0.38, top - 0.26, 0.13), RUBBER)
