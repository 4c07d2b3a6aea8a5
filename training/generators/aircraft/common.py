"""What several kinds share: wings with winglets, tails, windows, landing gear under a wing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .assembly import Assembly, Paint
from .body import Body
from .lifting import Planform, Wing
from .livery import GLASS


class Draw:
    """Short names for the draws that kinds make."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def __call__(self, low: float, high: float) -> float:
        """Evenly between two numbers."""
        return float(self.rng.uniform(low, high))

    def chance(self, share: float) -> bool:
        """True in this share of the cases."""
        return bool(self.rng.random() < share)

    def of(self, *choices: object, weights: tuple[float, ...] | None = None) -> object:
        """One of the choices."""
        p = None if weights is None else np.asarray(weights) / np.sum(weights)
        return choices[int(self.rng.choice(len(choices), p=p))]


def add_wing(parts: Assembly, wing: Wing, paint: Paint, name: str = "wing_{side}") -> None:
    """Add a wing and its mirror image."""
    parts.loft(name, wing.sections(), paint)


def add_winglets(parts: Assembly, wing: Wing, style: str, height: float, paint: Paint) -> None:
    """Add winglets of a style: blended, raked, fence, none."""
    if style == "blended":
        sections = wing.winglet_sections(height, 78.0, 38.0, 0.35)
        parts.loft("winglet_{side}", sections, paint)
    elif style == "raked":
        sections = wing.winglet_sections(height * 1.1, 12.0, 55.0, 0.2)
        parts.loft("winglet_{side}", sections, paint)
    elif style == "fence":
        chord = wing.chord(1.0)
        root = wing.leading_edge(0.985)
        for sign in (1.0, -1.0):
            plan = Planform(
                height * 0.45, chord * 0.95, 0.4, 40, 0.0, angle=90.0 * sign, thickness=0.08
            )
            fence = Wing(replace(plan, camber=0.0), tuple(root))
            parts.loft("winglet_{side}", fence.sections(5), paint)


@dataclass(frozen=True)
class Tail:
    """kind: conventional, cruciform, t, v, twin (fins at the tailplane's tips), pair (two fins on
    the body). height: share of the fin's height where a cruciform tailplane sits."""

    kind: str
    fin: Planform
    plane: Planform
    fin_root: tuple[float, float, float]
    plane_root: tuple[float, float, float]
    height: float = 0.4
    fin_below: float = 0.35


def add_tail(parts: Assembly, tail: Tail, fin_paint: Paint, plane_paint: Paint) -> None:
    """Add fins and tailplanes; parts are named fin or fin_left/right and tailplane_left/right."""
    if tail.kind == "v":
        add_wing(parts, Wing(tail.plane, tail.plane_root), fin_paint, "fin_{side}")
        return
    plane_root = tail.plane_root
    if tail.kind in ("t", "cruciform"):
        share = 0.94 if tail.kind == "t" else tail.height
        fin = Wing(tail.fin, tail.fin_root)
        edge, chord = fin.leading_edge(share), fin.chord(share)
        shift = 0.02 if tail.kind == "t" else 0.15
        plane_root = (0.0, float(edge[1]) + shift * chord, float(edge[2]))
    plane = Wing(tail.plane, plane_root)
    add_wing(parts, plane, plane_paint, "tailplane_{side}")
    if tail.kind == "twin":
        # end plates reach below the tailplane, too
        at = plane.leading_edge(0.97)
        for share, angle in ((1.0, 90.0), (tail.fin_below, -90.0)):
            plan = replace(tail.fin, span=tail.fin.span * share, angle=angle)
            root = (float(at[0]), float(at[1]) - 0.15 * tail.fin.root_chord, float(at[2]))
            parts.loft("fin_{side}", Wing(plan, root).sections(), fin_paint)
    elif tail.kind == "pair":
        parts.loft("fin_{side}", Wing(tail.fin, tail.fin_root).sections(), fin_paint)
    else:
        parts.loft("fin", Wing(tail.fin, tail.fin_root).sections(), fin_paint)


def add_window_row(
    parts: Assembly,
    body: Body,
    start: float,
    end: float,
    z: float,
    size: tuple[float, float],
    pitch: float,
) -> None:
    """Add a row of cabin windows along both sides; pitch 0 makes one dark strip.

    size: length and height of a window, metres; pitch: way from window to window.
    """
    count = max(int((end - start) / pitch), 1) if pitch > 0 else 1
    long = size[0] if pitch > 0 else end - start
    step = pitch if pitch > 0 else 0.0
    lift = 0.006 * float(body.at("half_width", (start + end) / 2))
    for i in range(count):
        y = start + i * step
        low, high = body.turn_at(y, z - size[1] / 2), body.turn_at(y, z + size[1] / 2)
        if high - low > 0.5:
            patch = body.patch(y, y + long, low, high, lift)
            parts.loft("cabin_windows_{side}", patch, GLASS)


def add_stripe(
    parts: Assembly, body: Body, start: float, end: float, z: float, height: float, paint: Paint
) -> None:
    """Add a cheatline along both sides."""
    middle = (start + end) / 2
    low, high = body.turn_at(middle, z - height / 2), body.turn_at(middle, z + height / 2)
    lift = 0.004 * float(body.at("half_width", middle))
    parts.loft("cheatline_{side}", body.patch(start, end, low, high, lift), paint)


def fillet_fin(
    draw: Draw, height: float, chord: float, sweep: float, taper: float, fillet: float
) -> Planform:
    """A fin whose root is drawn forward by `fillet` (share of its chord) into a dorsal fin."""
    kink = draw(0.12, 0.22) if fillet > 0 else 0.0
    root = chord * (1 + fillet)
    # with the axis at the trailing edge that stays straight, the leading edge is what breaks
    trailing = np.degrees(
        np.arctan((np.tan(np.radians(sweep)) * height - chord * (1 - taper)) / height)
    )
    return Planform(
        height,
        root,
        taper / (1 + fillet),
        float(trailing),
        1.0,
        kink,
        (1 - (1 - taper) * kink) / (1 + fillet),
        angle=90.0,
        camber=0.0,
        thickness=0.10,
        tip_thickness=0.09,
        rounding=draw(0.02, 0.10),
    )
