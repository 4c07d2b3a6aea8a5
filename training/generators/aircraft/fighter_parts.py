"""Intakes, nozzles, stores and gear of jet fighters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .assembly import Assembly, Paint
from .body import Body, cosine_steps, curve, pod
from .common import Draw
from .engines import DARK, METAL
from .gear import Leg, add_leg, shifted
from .lifting import Planform, Wing
from .livery import evaluate

MISSILE = (0.82, 0.82, 0.8)


@dataclass(frozen=True)
class Jet:
    """Main figures of a fighter, metres. engines: 1 or 2. intake: side, chin, nose, below."""

    length: float
    half: float
    high: float
    engines: int
    intake: str
    cockpit: float
    flat: float


def add_intakes(parts: Assembly, draw: Draw, jet: Jet, body: Body, paint: Paint) -> None:
    """Boxes beside or under the fuselage with dark mouths."""
    c, long = jet.cockpit, jet.length
    start, end = (c + draw(0.06, 0.13)) * long, draw(0.62, 0.78) * long
    s = np.concatenate([[0.0], cosine_steps(0.0, 1.0, 12)])
    y = start + s * (end - start)
    size = curve([(0, 0.92), (0.3, 1.0), (1, 0.35)], s)
    slant = draw(-0.5, 0.7)
    power = draw(2.2, 6.0)
    if jet.intake == "nose":
        mouth = float(body.at("half_width", 0.0)) * 0.86
        profile = [(-0.02, 0), (-0.02, mouth), (0.06, mouth), (0.06, 0)]
        parts.revolve("intake", profile, (0, 0.0, 0.0), DARK)
        if draw.chance(0.5):
            cone = [(-0.5, 0.0), (-0.02, mouth * 0.55), (0.05, mouth * 0.6), (0.05, 0)]
            parts.revolve("shock_cone", cone, (0, 0, 0), (0.3, 0.32, 0.3))
        return
    sides = jet.intake == "side"
    half_width = jet.half * (draw(0.34, 0.5) if sides else draw(0.6, 0.85))
    half_height = jet.high * (draw(0.42, 0.62) if sides else draw(0.36, 0.5))
    x = (
        float(body.at("half_width", start + 0.1 * long)) * 0.92 + half_width * 0.45
        if sides
        else 0.0
    )
    z = jet.high * draw(-0.1, 0.15) if sides else -jet.high * draw(0.85, 1.05)
    turn = np.arange(24) / 24 * 2 * np.pi
    ring = np.stack(
        [
            np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** (2 / power),
            np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** (2 / power),
        ],
        axis=1,
    )
    inward = np.where(sides, -half_width * 0.7 * s, 0.0)[:, None]
    place = np.stack(
        [
            x + inward + ring[:, 0] * half_width * size[:, None],
            # the lip slants: its upper edge ahead of the lower one or the other way
            y[:, None]
            + slant * half_height * ring[:, 1] * (1 - s[:, None]) ** 3 * (-1 if sides else 1),
            z
            + ring[:, 1] * half_height * size[:, None]
            + (0 if sides else 1) * (s**2 * 0.5 * half_height)[:, None],
        ],
        axis=-1,
    )
    name = "intake_{side}" if sides else "intake"
    # the duct begins deep inside, comes forward to the lip and goes on as the outer skin
    middle = np.array([x, 0.0, z])
    rim = middle + (place[0] - middle) * [0.87, 1.0, 0.87] + [0, 0.01, 0]
    deep = rim + [0, 0.05 * long, 0]

    def colours(middles: np.ndarray) -> np.ndarray:
        across = np.abs(np.abs(middles[:, 0]) - x) / half_width
        inside = (across < 0.85) & (np.abs(middles[:, 2] - z) / half_height < 0.85)
        inside &= middles[:, 1] < start + 0.08 * long
        return np.where(inside[:, None], DARK, evaluate(paint, middles))

    parts.loft(name, np.concatenate([deep[None], rim[None], place]), colours)


def add_nozzles(parts: Assembly, draw: Draw, jet: Jet, body: Body) -> None:
    """Hollow exhausts at the end, one or two."""
    radius = (
        min(jet.high * 0.5, jet.half * 0.75) if jet.engines == 1 else jet.half * draw(0.4, 0.52)
    )
    long = draw(0.05, 0.09) * jet.length
    z = float(body.at("top", jet.length) + body.at("bottom", jet.length)) / 2
    profile = [
        (-0.5 * long, 0),
        (-0.5 * long, 1.02 * radius),
        (0.2 * long, radius),
        (long, 0.76 * radius),
        (long, 0.68 * radius),
        (0.3 * long, 0.74 * radius),
        (0.1 * long, 0.0),
    ]
    if jet.engines == 1:
        parts.revolve("nozzle", profile, (0, jet.length, z), METAL)
    else:
        x = radius * draw(1.0, 1.15)
        pod_body = pod(
            (0, 0.83 * jet.length, z),
            0.4 * jet.length,
            2.1 * radius,
            2.1 * radius,
            0.4,
            (0.6, 0.12),
        )
        parts.loft("engine_1_{side}", shifted(pod_body, x), METAL)
        parts.revolve("nozzle_{side}", profile, (x, 1.01 * jet.length, z), METAL)


def add_stores(parts: Assembly, draw: Draw, jet: Jet, wing: Wing) -> None:
    """Missiles, bombs and drop tanks under the wings, missiles at the tips."""
    if draw.chance(0.5):
        tip = wing.point(wing.root[0] + wing.plan.span * 0.999, 0.5)
        add_missile(parts, tip, 0.19 * jet.length)
    for share in (0.42, 0.66)[: int(draw.of(1, 2))]:
        x = share * wing.plan.span
        spot = wing.point(x, 0.45, -1.0)
        drop = 0.3 * jet.high
        parts.strut(
            "pylon_{side}", [spot + [0, 0, 0.1], spot - [0, 0, drop * 1.3]], 0.3, MISSILE, 0.14
        )
        hung = spot - [0, 0, drop + 0.2]
        if draw.chance(0.45):
            size = jet.high * draw(0.55, 0.75)
            tank = pod(
                (0, hung[1], hung[2]), draw(0.22, 0.32) * jet.length, size, size, 0.45, (0.7, 0.8)
            )
            parts.loft("drop_tank_{side}", shifted(tank, x), MISSILE)
        else:
            add_missile(parts, hung, 0.2 * jet.length)


def add_missile(parts: Assembly, middle: np.ndarray, length: float) -> None:
    """A missile with four fins at its end and four before the middle."""
    r = 0.028 * length
    steps = np.array([0, 0.02, 0.06, 0.1, 1.0])
    profile = list(zip((steps - 0.5) * length, r * np.array([0, 0.5, 0.9, 1, 1]), strict=True))
    parts.revolve("missile_{side}", [*profile, (0.5 * length, 0)], middle, MISSILE, around=10)
    for at, size in ((0.42, 0.07), (-0.2, 0.06)):
        for i in range(4):
            angle = 45 + 90 * i
            plan = Planform(
                size * length,
                size * length,
                0.4,
                40,
                0.0,
                angle=angle,
                thickness=0.06,
                camber=0.0,
                rounding=0,
            )
            root = tuple(middle + [0, (at - size / 2) * length, 0])
            parts.loft("missile_{side}", Wing(plan, root).sections(3), MISSILE)


def jet_gear(parts: Assembly, draw: Draw, jet: Jet, body: Body) -> None:
    """Nose and main gear."""
    radius = 0.022 * jet.length
    ground = -jet.high - draw(0.05, 0.08) * jet.length
    for suffix, x, y in (
        ("nose", 0.0, draw(0.2, 0.28)),
        ("{side}", jet.half * 1.5, draw(0.6, 0.66)),
    ):
        y *= jet.length
        axle = (x, y, ground + radius)
        add_leg(
            parts,
            suffix,
            Leg(radius, radius * 0.7, 0.012 * jet.length),
            (x * 0.6, y, -0.6 * jet.high),
            axle,
        )
