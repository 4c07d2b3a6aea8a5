"""Colours: airlines, private airplanes, air forces, camouflage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .assembly import Colour, Paint

GLASS: Colour = (0.12, 0.17, 0.22)
DARK_GLASS: Colour = (0.05, 0.06, 0.08)

BRIGHT: tuple[Colour, ...] = (
    (0.75, 0.08, 0.10),
    (0.05, 0.18, 0.50),
    (0.02, 0.40, 0.65),
    (0.95, 0.65, 0.05),
    (0.90, 0.38, 0.05),
    (0.05, 0.42, 0.22),
    (0.35, 0.10, 0.42),
    (0.10, 0.10, 0.12),
    (0.50, 0.05, 0.15),
    (0.02, 0.55, 0.55),
)
PALE: tuple[Colour, ...] = (
    (0.93, 0.93, 0.94),
    (0.90, 0.89, 0.85),
    (0.80, 0.82, 0.84),
    (0.95, 0.95, 0.95),
)
MILITARY: tuple[tuple[Colour, ...], ...] = (
    ((0.45, 0.48, 0.51), (0.36, 0.39, 0.42)),
    ((0.60, 0.63, 0.66), (0.50, 0.53, 0.56)),
    ((0.25, 0.29, 0.18), (0.36, 0.28, 0.18), (0.18, 0.22, 0.15)),
    ((0.72, 0.62, 0.44), (0.48, 0.36, 0.22)),
    ((0.30, 0.33, 0.26),),
    ((0.70, 0.71, 0.72),),
    ((0.20, 0.24, 0.34), (0.42, 0.47, 0.52)),
    ((0.22, 0.34, 0.20), (0.34, 0.45, 0.28)),
    ((0.17, 0.18, 0.19),),
)
UNDERSIDE: tuple[Colour, ...] = ((0.62, 0.68, 0.72), (0.55, 0.58, 0.60), (0.75, 0.77, 0.76))


@dataclass(frozen=True)
class Livery:
    """Paint of the parts. body may vary over the fuselage; accent is for cheatlines and tips."""

    body: Paint
    wing: Paint
    tail: Paint
    engine: Colour
    accent: Colour
    trim: Colour


def pick(rng: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    """One of some colours."""
    return colours[int(rng.integers(len(colours)))]


def airline(rng: np.random.Generator) -> Livery:
    """White or pale with a coloured tail; sometimes a coloured belly or body."""
    base, accent, trim = pick(rng, PALE), pick(rng, BRIGHT), pick(rng, BRIGHT)
    body: Paint = base
    style = rng.random()
    if style < 0.15:
        body = accent
    elif style < 0.35:
        body = lower(base, accent if rng.random() < 0.5 else (0.6, 0.62, 0.64), -0.35)
    tail: Paint = accent if rng.random() < 0.7 else base
    engine = [base, accent, (0.7, 0.71, 0.73)][int(rng.integers(3))]
    grey = (0.72, 0.73, 0.75)
    return Livery(body, grey if rng.random() < 0.7 else base, tail, engine, accent, trim)


def private(rng: np.random.Generator) -> Livery:
    """Of light airplanes: white with colours, or one strong colour all over."""
    accent, trim = pick(rng, BRIGHT), pick(rng, BRIGHT)
    base = pick(rng, PALE) if rng.random() < 0.65 else accent
    second = trim if base == accent else accent
    wing: Paint = base if rng.random() < 0.8 else second
    tail: Paint = base if rng.random() < 0.6 else second
    return Livery(base, wing, tail, base if rng.random() < 0.7 else second, second, trim)


def military(rng: np.random.Generator, scale: float) -> Livery:
    """One grey or green, or camouflage in patches of about `scale` metres, often pale below."""
    colours = MILITARY[int(rng.integers(len(MILITARY)))]
    below = pick(rng, UNDERSIDE)
    top: Paint = camouflage(rng, colours, scale) if len(colours) > 1 else colours[0]
    body = lower(top, below, -0.3) if rng.random() < 0.6 else top
    accent = pick(rng, BRIGHT)
    return Livery(body, top, top, colours[0], accent, pick(rng, ((0.1, 0.1, 0.1), accent)))


def camouflage(
    rng: np.random.Generator, colours: tuple[Colour, ...], scale: float
) -> Callable[[np.ndarray], np.ndarray]:
    """Paint in smooth patches: sums of waves cut at levels."""
    waves = rng.normal(size=(5, 3)) / scale * np.array([2.5, 2.5, 1.0])
    phases = rng.uniform(0, 2 * np.pi, 5)
    table = np.asarray(colours)

    def paint(middles: np.ndarray) -> np.ndarray:
        value = np.sin(middles @ waves.T + phases).sum(axis=1)
        level = np.clip((value + 2.2) / 4.4 * len(table), 0, len(table) - 1).astype(int)
        return table[level]

    return paint


def evaluate(paint: Paint, middles: np.ndarray) -> np.ndarray:
    """Colours float64 [F, 3] of a paint at faces' middles [F, 3]."""
    return paint(middles) if callable(paint) else np.tile(np.asarray(paint), (len(middles), 1))


def lower(above: Paint, below: Paint, height: float) -> Paint:
    """`below` under a height in metres, `above` over it."""

    def paint(middles: np.ndarray) -> np.ndarray:
        under = middles[:, 2:] < height
        return np.where(under, evaluate(below, middles), evaluate(above, middles))

    return paint


def beyond(inner: Paint, outer: Paint, distance: float) -> Paint:
    """`outer` farther than a distance in metres from the plane of symmetry (wing tips)."""

    def paint(middles: np.ndarray) -> np.ndarray:
        far = np.abs(middles[:, :1]) > distance
        return np.where(far, evaluate(outer, middles), evaluate(inner, middles))

    return paint


def ahead(rest: Paint, front: Paint, y: float) -> Paint:
    """`front` before the station y in metres (radomes, anti-glare noses), `rest` behind."""

    def paint(middles: np.ndarray) -> np.ndarray:
        return np.where(middles[:, 1:2] < y, evaluate(front, middles), evaluate(rest, middles))

    return paint
