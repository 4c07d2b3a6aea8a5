"""Jet engines, propellers, radial engines and their pylons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .assembly import Assembly, Colour, Paint
from .lifting import naca_loop

DARK: Colour = (0.07, 0.07, 0.08)
METAL: Colour = (0.55, 0.56, 0.58)


@dataclass(frozen=True)
class Nacelle:
    """A turbofan. length, diameter: of the cowling, metres. cowl: share of the length that the fan
    cowling covers, 1 where it covers the core too. lip: inlet over the largest diameter."""

    length: float
    diameter: float
    cowl: float = 0.75
    lip: float = 0.84
    droop: float = 0.0

    def profile(self) -> list[tuple[float, float]]:
        """(way aft of the lip, radius) of a closed body with an open duct in front and behind."""
        long, r = self.length, self.diameter / 2
        inner = r * (self.lip - 0.06)
        front = [
            (0.20 * long, 0.0),
            (0.24 * long, 0.30 * r),
            (0.24 * long, inner),
            (0.04 * long, inner),
            (0.0, r * self.lip),
            (0.03 * long, r * (self.lip + 0.06)),
            (0.14 * long, 0.97 * r),
            (0.32 * long, r),
            (0.55 * long * self.cowl / 0.75, 0.97 * r),
        ]
        exit_at = self.cowl * long
        if self.cowl > 0.95:
            back = [(long, 0.68 * r), (long, 0.62 * r), (0.86 * long, 0.58 * r), (0.93 * long, 0.0)]
            return front + back
        return front + [
            (exit_at, 0.80 * r),
            (exit_at, 0.75 * r),
            (exit_at - 0.08 * long, 0.72 * r),
            (exit_at - 0.08 * long, 0.56 * r),
            (exit_at + 0.10 * long, 0.52 * r),
            (long, 0.38 * r),
            (long, 0.32 * r),
            (0.95 * long, 0.28 * r),
            (1.10 * long, 0.0),
        ]


def add_nacelle(
    parts: Assembly, name: str, nacelle: Nacelle, lip: Sequence[float], paint: Colour, ring: Colour
) -> None:
    """Add a turbofan whose inlet's middle is at `lip`; the duct is dark, the inlet's rim `ring`."""
    x, y, z = lip
    r = nacelle.diameter / 2

    def colours(middles: np.ndarray) -> np.ndarray:
        away = np.hypot(np.abs(middles[:, 0]) - abs(x), middles[:, 2] - z) / r
        along = (middles[:, 1] - y) / nacelle.length
        result = np.tile(paint, (len(middles), 1)).astype(np.float64)
        result[along < 0.1] = ring
        result[(away < nacelle.lip - 0.05) & (along < 0.3)] = DARK
        result[(away < 0.6) & (along > 0.6)] = METAL
        return result

    parts.revolve(name, nacelle.profile(), lip, colours, around=20)


def add_pylon(
    parts: Assembly,
    name: str,
    low: tuple[np.ndarray, float],
    high: tuple[np.ndarray, float],
    thickness: float,
    paint: Paint,
) -> None:
    """Add a pylon between two chords, each given by its front point [3] and its length.

    thickness: metres, across the line that joins the chords.
    """
    way = high[0] - low[0]
    across = np.array([way[2], 0.0, -way[0]])
    across /= max(float(np.linalg.norm(across)), 1e-9)
    loop = naca_loop(1.0, points=9)
    sections = []
    for share in (0.0, 0.5, 1.0):
        front = low[0] + share * way
        chord = low[1] + share * (high[1] - low[1])
        along = np.array([0.0, 1.0, 0.0]) * chord
        sections.append(front + loop[:, :1] * along + loop[:, 1:] * across * thickness)
    parts.loft(name, np.stack(sections), paint)


@dataclass(frozen=True)
class Propeller:
    """blades: number. radius, chord: metres. spinner: its radius in metres. turn: degrees of the
    first blade. pitch: degrees of the blade's angle at the tip. scimitar: tip swept back, 0-1."""

    blades: int
    radius: float
    chord: float
    spinner: float
    turn: float = 0.0
    pitch: float = 18.0
    scimitar: float = 0.0
    square: float = 0.3
    spinner_length: float = 1.3


def add_propeller(
    parts: Assembly,
    suffix: str,
    propeller: Propeller,
    hub: Sequence[float],
    paint: Colour,
    spinner_paint: Colour,
    pusher: bool = False,
) -> None:
    """Add blades and spinner around `hub`, the middle of the spinner's back plate.

    suffix: goes after the parts' names, may hold `{side}`.
    """
    loop = naca_loop(0.14, 0.02, points=6)
    share = np.array([0.08, 0.2, 0.35, 0.55, 0.75, 0.9, 0.97, 1.0])
    width = np.interp(share, [0, 0.2, 0.55, 0.9, 0.97, 1], [0.5, 0.75, 1, 0.85, 0.62, 0.3])
    width = width * (1 - propeller.square) + propeller.square * np.minimum(1, 0.5 + share * 1.5)
    pitch = np.radians(propeller.pitch) + np.interp(share, [0, 1], [0.85, 0.0])
    thick = np.interp(share, [0, 0.3, 1], [2.6, 1.2, 0.9])
    ahead = 1.0 if pusher else -1.0
    middle = np.asarray(hub) + [0.0, ahead * 0.45 * propeller.spinner, 0.0]
    across = (loop[None, :, 0] - 0.4) * (propeller.chord * width)[:, None]
    across = across + (propeller.scimitar * 0.25 * propeller.radius * share**3)[:, None]
    deep = loop[None, :, 1] * (propeller.chord * thick * width)[:, None]
    c, s = np.cos(pitch)[:, None], np.sin(pitch)[:, None]
    sideways, along = across * c - deep * s, across * s + deep * c
    out = np.broadcast_to((share * propeller.radius)[:, None], sideways.shape)
    for i in range(propeller.blades):
        angle = np.radians(propeller.turn) + 2 * np.pi * i / propeller.blades
        x = sideways * np.cos(angle) + out * np.sin(angle)
        z = out * np.cos(angle) - sideways * np.sin(angle)
        parts.loft(f"propeller{suffix}", middle + np.stack([x, along, z], axis=-1), paint)
    if propeller.spinner > 0:
        r = propeller.spinner
        long = r * propeller.spinner_length
        steps = np.linspace(0, 1, 7)
        profile = [(-0.15 * r * ahead, 0.0), (-0.15 * r * ahead, r * 0.98)]
        profile += [(ahead * t * long, r * max(1 - t**2.2, 0.0) ** 0.62) for t in steps]
        parts.revolve(f"spinner{suffix}", profile, hub, spinner_paint, around=14)


def add_radial(
    parts: Assembly, suffix: str, front: Sequence[float], radius: float, rows: int, paint: Colour
) -> None:
    """Add a bare radial engine: crankcase and cylinders around `front`, the case's front middle."""
    x, y, z = front
    case = 0.42 * radius
    depth = 0.5 * radius
    profile = [(0, 0), (0.02 * radius, 0.5 * case), (0.2 * radius, case), (depth, case), (depth, 0)]
    parts.revolve(f"engine{suffix}", profile, front, METAL, around=14)
    for i in range(rows):
        angle = 2 * np.pi * i / rows
        out = np.array([np.sin(angle), 0.0, np.cos(angle)])
        base = np.array([x, y + 0.28 * radius, z])
        points = [base + out * case * 0.7, base + out * radius * 0.6, base + out * radius]
        parts.strut(f"engine{suffix}", points, [0.13 * radius, 0.16 * radius, 0.15 * radius], paint)


def add_cowling(
    parts: Assembly,
    name: str,
    front: Sequence[float],
    radius: float,
    length: float,
    end_radius: float,
    paint: Paint,
) -> None:
    """Add a ring cowling, open in front with a dark engine inside, closed behind."""
    r = radius
    profile = [
        (0.30 * length, 0.0),
        (0.12 * length, 0.30 * r),
        (0.24 * length, 0.40 * r),
        (0.28 * length, 0.76 * r),
        (0.05 * length, 0.76 * r),
        (0.0, 0.82 * r),
        (0.05 * length, 0.91 * r),
        (0.25 * length, 0.99 * r),
        (0.6 * length, r),
        (length, end_radius),
        (length, 0.0),
    ]
    x, y, z = front

    def colours(middles: np.ndarray) -> np.ndarray:
        plain = paint(middles) if callable(paint) else np.tile(paint, (len(middles), 1))
        away = np.hypot(np.abs(middles[:, 0]) - abs(x), middles[:, 2] - z)
        inside = (away < 0.77 * r) & (middles[:, 1] < y + 0.32 * length)
        return np.where(inside[:, None], (0.2, 0.19, 0.18), plain)

    parts.revolve(name, profile, front, colours, around=16)
