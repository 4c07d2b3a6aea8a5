"""The example chair and table, modelled from scratch. Metres, Z up, front towards -Y."""

from __future__ import annotations

import math

from .example_parts import make_bar, make_box, make_fabric, make_loft, make_wood

_DARK, _LIGHT = (0.16, 0.065, 0.022), (0.34, 0.16, 0.062)


def build_chair() -> None:
    """A dining chair: walnut frame, slatted back that leans, upholstered seat."""
    upright = make_wood("Wood upright", _DARK, _LIGHT, (70, 70, 5))
    across = make_wood("Wood across", _DARK, _LIGHT, (5, 70, 70))
    deep = make_wood("Wood deep", _DARK, _LIGHT, (70, 5, 70))
    cloth = make_fabric("Cloth", (0.035, 0.15, 0.17))
    for side in (-1, 1):
        x = 0.205 * side
        make_bar(  # front leg, tapered
            "Front leg",
            [(x, -0.20, 0.43), (x, -0.20, 0.30), (x * 1.04, -0.212, 0.0)],
            [(0.046, 0.046), (0.044, 0.044), (0.026, 0.026)],
            upright,
        )
        heights = [0.0, 0.22, 0.44, 0.60, 0.78, 0.93]
        lean = [0.275, 0.225, 0.195, 0.208, 0.245, 0.29]  # y: splayed foot, leaning back
        inward = [1.03, 0.98, 0.95, 0.94, 0.93, 0.92]
        thick = [0.028, 0.038, 0.044, 0.040, 0.034, 0.028]
        make_bar(
            "Back post",
            [(x * i, y, z) for i, y, z in zip(inward, lean, heights, strict=True)],
            [(t, t * 1.05) for t in thick],
            upright,
        )
        make_bar(
            "Side rail", [(x, -0.18, 0.405), (x * 0.96, 0.18, 0.405)], [(0.022, 0.06)] * 2, deep,
            axis="Y",
        )  # fmt: skip
        make_bar(
            "Side stretcher", [(x * 1.02, -0.205, 0.17), (x, 0.225, 0.17)], [(0.02, 0.026)] * 2,
            deep, axis="Y",
        )  # fmt: skip
    make_bar(
        "Front rail", [(-0.19, -0.2, 0.405), (0.19, -0.2, 0.405)], [(0.022, 0.06)] * 2, across,
        axis="X",
    )  # fmt: skip
    make_bar(
        "Stretcher", [(-0.2, 0.01, 0.17), (0.2, 0.01, 0.17)], [(0.02, 0.026)] * 2, across, axis="X"
    )
    for name, height, y, tall, dip in (
        ("Top rail", 0.905, 0.282, 0.085, 0.035),
        ("Lower back rail", 0.535, 0.202, 0.04, 0.02),
    ):
        stations = [-1.0, -0.6, 0.0, 0.6, 1.0]
        make_bar(
            name,
            [(0.19 * s, y + dip * (1 - s * s) * 0.6, height) for s in stations],
            [(0.022, tall * (0.8 + 0.2 * (1 - s * s))) for s in stations],
            across,
            axis="X",
        )
    for x in (-0.108, -0.054, 0.0, 0.054, 0.108):
        bow = 0.6 * (1 - (x / 0.19) ** 2)
        make_bar(
            "Slat",
            [
                (x, 0.202 + 0.02 * bow, 0.53),
                (x * 1.05, 0.222 + 0.028 * bow, 0.70),
                (x * 1.12, 0.276 + 0.035 * bow, 0.90),
            ],
            [(0.026, 0.011)] * 3,
            upright,
            bevel=0.003,
        )
    _make_cushion(cloth)


def _make_cushion(cloth: object) -> None:
    """A domed seat pad, wider in front."""
    rings = []
    for z, grow in ((0.425, 0.97), (0.435, 1.0), (0.455, 1.01), (0.472, 0.985), (0.482, 0.86)):
        ring = []
        for step in range(32):
            angle = 2 * math.pi * step / 32
            c, s = math.cos(angle), math.sin(angle)
            # A superellipse: a square with generous corners.
            u = math.copysign(abs(c) ** 0.28, c)
            v = math.copysign(abs(s) ** 0.28, s)
            width = 0.232 - 0.018 * v
            dome = 0.006 if grow < 0.9 else 0.0
            ring.append((u * width * grow, (v * 0.222 - 0.012) * grow, z + dome))
        rings.append(ring)
    rings.append([(x * 0.45, y * 0.45, 0.496) for x, y, _ in rings[-1]])
    make_loft("Cushion", rings, cloth, smooth=2)


def build_table() -> None:
    """A small dining table: oak top with rounded corners, tapered legs, apron."""
    upright = make_wood("Oak upright", (0.36, 0.21, 0.1), (0.55, 0.36, 0.19), (70, 70, 5))
    across = make_wood("Oak across", (0.36, 0.21, 0.1), (0.55, 0.36, 0.19), (4, 60, 60))
    deep = make_wood("Oak deep", (0.36, 0.21, 0.1), (0.55, 0.36, 0.19), (60, 4, 60))
    make_box("Top", (0, 0, 0.735), (1.3, 0.8, 0.032), across, bevel=0.012)
    for x in (-1, 1):
        for y in (-1, 1):
            make_bar(
                "Leg",
                [(0.575 * x, 0.325 * y, 0.72), (0.575 * x, 0.325 * y, 0.6), (0.6 * x, 0.35 * y, 0)],
                [(0.07, 0.07), (0.066, 0.066), (0.036, 0.036)],
                upright,
            )
    for y in (-0.33, 0.33):
        make_box("Apron", (0, y, 0.675), (1.12, 0.022, 0.085), across, bevel=0.004)
    for x in (-0.58, 0.58):
        make_box("Apron", (x, 0, 0.675), (0.022, 0.62, 0.085), deep, bevel=0.004)
