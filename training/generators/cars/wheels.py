"""Wheels: tyre, rim and its spokes, each centred on its axle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..geometry.assembly import Assembly, Colour
from ..geometry.surface import Surface, join
from ..geometry.sweep import extrude, loft, revolve
from .draw import Draw
from .paint import STEEL, TYRE


@dataclass(frozen=True)
class Wheel:
    """Metres. radius, width: of the tyre. rim: radius of the rim. style: "spokes", "disc", "wire",
    "dish". spokes: how many. twin: a second tyre inward, as on lorries."""

    radius: float
    width: float
    rim: float
    style: str = "spokes"
    spokes: int = 5
    twin: bool = False
    colour: Colour = (0.66, 0.67, 0.69)


def draw_wheel(
    draw: Draw, radius: float, width: float, colour: Colour, year: float = 2010.0
) -> Wheel:
    """A wheel of the style of its year; newer ones have lower tyres."""
    share = float(np.interp(year, [1930, 1965, 1990, 2020], [0.68, 0.58, 0.63, 0.73]))
    styles = ("spokes", "disc", "dish") if year > 1980 else ("disc", "dish", "spokes", "wire")
    weights = (7, 1, 2) if year > 1980 else (4, 4, 1, 2)
    return Wheel(
        radius=radius,
        width=width,
        rim=radius * (share + draw.between(-0.04, 0.03)),
        style=draw.choice(styles, weights),
        spokes=draw.choice([5, 6, 7, 8, 10, 12, 5]),
        colour=colour,
    )


def _tyre(wheel: Wheel) -> Surface:
    r, half, rim = wheel.radius, wheel.width / 2, wheel.rim
    bulge = half * 1.0
    profile = [
        (half * 0.80, rim * 0.93),
        (bulge * 0.96, rim + (r - rim) * 0.25),
        (bulge, rim + (r - rim) * 0.55),
        (half * 0.93, r - (r - rim) * 0.12),
        (half * 0.78, r),
    ]
    mirrored = [(-x, y) for x, y in reversed(profile)]
    ring = np.array(profile + mirrored + [profile[0]])
    return revolve(ring, axis=0, steps=24)


def _spoke(wheel: Wheel, face: float, depth: float) -> Surface:
    """One spoke that points up, its outer face at x = `face`."""
    inner, outer = wheel.rim * 0.16, wheel.rim * 0.93
    root = 0.75 * np.pi * inner / max(wheel.spokes / 4, 1)
    tip = 0.30 * np.pi * outer / wheel.spokes
    sections = []
    for z, half, front in ((inner, root, face - 0.01), (outer, tip, face)):
        back = front - depth
        sections.append(
            [(front, -half * 0.7, z), (front, half * 0.7, z), (back, half, z), (back, -half, z)]
        )
    return loft(np.array(sections))


def _disc(profile: list[tuple[float, float]]) -> Surface:
    return revolve(np.array(profile), axis=0, steps=20)


def _rim_pieces(wheel: Wheel) -> list[tuple[Surface, Colour]]:
    half, rim = wheel.width / 2, wheel.rim
    lip, face = half * 0.86, half * 0.74
    barrel = _disc(
        [(lip, rim * 0.90), (lip, rim), (-lip, rim), (-lip, 0), (-lip + 0.02, 0)]
        + [(-lip + 0.02, rim * 0.90), (lip, rim * 0.90)]
    )
    pieces = [(barrel, wheel.colour)]
    dark = tuple(value * 0.35 for value in wheel.colour)
    if wheel.style == "disc":
        bowl = [(face, 0), (face, rim * 0.30), (face - 0.03, rim * 0.45), (face - 0.03, rim * 0.75)]
        pieces.append((_disc([*bowl, (face, rim * 0.92), (0, rim * 0.92), (0, 0)]), wheel.colour))
        pieces.append((_disc([(lip, 0), (lip, rim * 0.2), (0, rim * 0.24), (0, 0)]), STEEL))
        return pieces
    if wheel.style == "dish":
        bowl = [(-half * 0.2, 0), (-half * 0.2, rim * 0.5), (face, rim * 0.93)]
        pieces.append((_disc([*bowl, (-half * 0.4, rim * 0.93), (-half * 0.4, 0)]), wheel.colour))
        hub = [(face * 0.7, 0), (face * 0.6, rim * 0.2), (-half * 0.3, rim * 0.26)]
        pieces.append((_disc([*hub, (-half * 0.3, 0)]), wheel.colour))
        return pieces
    brake = [(0.0, 0), (0.0, rim * 0.62), (-0.03, rim * 0.62), (-0.03, 0)]
    pieces.append((_disc(brake), dark))
    count = 24 if wheel.style == "wire" else wheel.spokes
    thin = Wheel(wheel.radius, wheel.width, wheel.rim, wheel.style, count * 2)
    spoke = _spoke(thin if wheel.style == "wire" else wheel, face, 0.012 + 0.02 * rim)
    pieces.append((join(spoke.rotated(0, 360 * i / count) for i in range(count)), wheel.colour))
    hub = [(face + 0.012, 0), (face + 0.012, rim * 0.14), (0.0, rim * 0.2), (0.0, 0)]
    pieces.append((_disc(hub), wheel.colour))
    return pieces


def wheel_pieces(wheel: Wheel) -> list[tuple[Surface, Colour]]:
    """A left wheel around the origin, its axle along x and its outer face to +x."""
    pieces = [(_tyre(wheel), TYRE), *_rim_pieces(wheel)]
    if wheel.twin:
        pieces.append((_tyre(wheel).moved(x=-wheel.width * 1.08), TYRE))
    return pieces


def add_wheel_pair(
    assembly: Assembly, name: str, wheel: Wheel, outside: float, y: float, lift: float = 0.0
) -> None:
    """Two wheels on the ground at `y`, their outer faces at x = +-`outside`.

    name: with `{}` for the side, l or r. lift: height of the tyre's lowest point.
    """
    for surface, colour in wheel_pieces(wheel):
        left = surface.moved(outside - wheel.width / 2, y, wheel.radius + lift)
        assembly.add(name.format("l"), left, colour)
        assembly.add(name.format("r"), left.mirrored(0), colour)


def add_wheels(
    assembly: Assembly, front: Wheel, rear: Wheel, outside: tuple[float, float], axle: float
) -> None:
    """Four wheels named wheel_fl, wheel_fr, wheel_rl, wheel_rr, axles at y = -+`axle`."""
    add_wheel_pair(assembly, "wheel_f{}", front, outside[0], -axle)
    add_wheel_pair(assembly, "wheel_r{}", rear, outside[1], axle)


def spare_wheel(wheel: Wheel) -> list[tuple[Surface, Colour]]:
    """A wheel around the origin whose outer face looks to +y."""
    return [(surface.rotated(2, 90), colour) for surface, colour in wheel_pieces(wheel)]


def mud_guard(wheel: Wheel, outside: float, y: float, gap: float = 0.06) -> Surface:
    """A thin arched guard over a left wheel."""
    turn = np.radians(np.linspace(-10, 190, 17))
    big, small = wheel.radius + gap + 0.025, wheel.radius + gap
    outline = np.concatenate(
        [
            np.stack([np.cos(turn) * big, np.sin(turn) * big], axis=1),
            np.stack([np.cos(turn) * small, np.sin(turn) * small], axis=1)[::-1],
        ]
    )
    return extrude(outline + [y, wheel.radius], outside - wheel.width - 0.02, outside + 0.01, 0)
