"""Wings, tailplanes, fins and blades: lofts of NACA four-digit sections.

Frame of the whole package: metres, Z up, the nose at y = 0 and the tail at +Y, so the airplane's
left side is +X. Everything here is made for the left side; the right one is its mirror image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def naca_loop(thickness: float, camber: float = 0.0, points: int = 11) -> np.ndarray:
    """A NACA four-digit section of chord 1 as a closed loop, float64 [2 * points - 1, 2].

    thickness and camber are fractions of the chord, the camber is largest at 0.4. Columns are the
    way from the leading edge and the height. It runs from the trailing edge over the top to the
    leading edge and back below; the trailing edge is blunt. Equations of NACA report 460 (1933).
    """
    turn = np.linspace(0, np.pi, points)
    x = (1 - np.cos(turn)) / 2
    half = (
        5
        * thickness
        * (0.2969 * np.sqrt(x) - 0.1260 * x - 0.3516 * x**2 + 0.2843 * x**3 - 0.1015 * x**4)
    )
    at = 0.4
    line = np.where(
        x < at,
        camber / at**2 * (2 * at * x - x**2),
        camber / (1 - at) ** 2 * (1 - 2 * at + 2 * at * x - x**2),
    )
    top = np.stack([x, line + half], axis=1)[::-1]
    below = np.stack([x, line - half], axis=1)[1:]
    return np.concatenate([top, below])


@dataclass(frozen=True)
class Planform:
    """A half wing (or fin, or blade) seen from above, and its bends.

    span: from root to tip along the surface, metres. root_chord: metres. taper: tip chord over root
    chord. sweep: degrees of the line at the fraction `axis` of the chord. kink, kink_chord: share
    of the span where the straight taper breaks, and the chord there over the root chord (0: no
    break). ellipse: 0 straight edges, 1 an ellipse. angle: dihedral in degrees, 90 for a fin.
    bend, bend_angle: share of the span from which another dihedral holds (1: none).
    thickness, tip_thickness: over the chord. twist: degrees that the tip is turned nose down.
    rounding: share of the span over which the tip is rounded off. crank, crank_sweep: share of the
    span from which the axis has another sweep (1: none).
    """

    span: float
    root_chord: float
    taper: float = 1.0
    sweep: float = 0.0
    axis: float = 0.25
    kink: float = 0.0
    kink_chord: float = 1.0
    ellipse: float = 0.0
    angle: float = 0.0
    bend: float = 1.0
    bend_angle: float = 0.0
    thickness: float = 0.12
    tip_thickness: float = 0.10
    camber: float = 0.02
    twist: float = 0.0
    rounding: float = 0.03
    crank: float = 1.0
    crank_sweep: float = 0.0

    def chord(self, eta: np.ndarray) -> np.ndarray:
        """Chords in metres at shares `eta` (float64 [N]) of the span, without the rounded tip."""
        if self.kink > 0:
            straight = np.interp(eta, [0.0, self.kink, 1.0], [1.0, self.kink_chord, self.taper])
        else:
            straight = 1 + (self.taper - 1) * eta
        oval = np.sqrt(np.maximum(1 - (0.985 * eta) ** 2, 0.0))
        return self.root_chord * ((1 - self.ellipse) * straight + self.ellipse * oval)

    def line(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Offsets (x, y, z) of the axis from the root's axis point and the dihedral in radians."""
        way = np.asarray(eta, np.float64) * self.span
        broken = self.bend * self.span
        inner, outer = np.minimum(way, broken), np.maximum(way - broken, 0.0)
        first, second = np.radians(self.angle), np.radians(self.bend_angle)
        x = inner * np.cos(first) + outer * np.cos(second)
        z = inner * np.sin(first) + outer * np.sin(second)
        cranked = self.crank * self.span
        y = np.minimum(way, cranked) * np.tan(np.radians(self.sweep))
        y = y + np.maximum(way - cranked, 0.0) * np.tan(np.radians(self.crank_sweep))
        # the section at a bend stands on the mean of both angles, so that the skin stays smooth
        share = np.clip((np.asarray(eta) - self.bend) / 0.04 + 0.5, 0.0, 1.0)
        share = share if self.bend < 1 else np.zeros_like(way)
        return x, y, z, first + (second - first) * share


@dataclass(frozen=True)
class Wing:
    """A planform at its place: `root` is the leading edge of the root section, float64 [3]."""

    plan: Planform
    root: tuple[float, float, float]
    incidence: float = 0.0

    def leading_edge(self, eta: float) -> np.ndarray:
        """float64 [3]: the point of the leading edge at a share of the span."""
        return self._frame(np.array([eta]))[0][0]

    def chord(self, eta: float) -> float:
        """Chord in metres at a share of the span."""
        return float(self.plan.chord(np.array([eta]))[0])

    def eta_at(self, x: float) -> float:
        """The share of the span at a distance from the plane of symmetry, within 0-1."""
        grid = np.linspace(0, 1, 101)
        return float(np.interp(x, self.root[0] + self.plan.line(grid)[0], grid))

    def point(self, x: float, chord_share: float, side: float = 0.0) -> np.ndarray:
        """float64 [3]: at distance x from the middle, on the chord; side 1 the top, -1 below."""
        eta = self.eta_at(x)
        edge, angle = self._frame(np.array([eta]))
        thick = self._thickness(np.array([eta]))[0] * self.chord(eta)
        up = np.array([-np.sin(angle[0]), 0.0, np.cos(angle[0])])
        return edge[0] + np.array([0.0, chord_share * self.chord(eta), 0.0]) + up * side * thick / 2

    def sections(self, stations: int = 12) -> np.ndarray:
        """Closed sections from root to tip, float64 [S, K, 3], for a loft."""
        plan = self.plan
        eta = np.linspace(0, 1, stations)
        extra = [share for share in (plan.kink, plan.crank) if 0 < share < 1]
        if plan.bend < 1:
            extra += [plan.bend - 0.02, plan.bend, plan.bend + 0.02]
        if plan.rounding > 0:
            fall = np.sin(np.linspace(0, np.pi / 2, 7))
            eta = np.concatenate([eta[eta < 1 - plan.rounding], 1 - plan.rounding * (1 - fall)])
        eta = np.unique(np.round(np.concatenate([eta, extra]), 6))
        return self._loops(eta)

    def winglet_sections(
        self, height: float, cant: float, sweep: float, taper: float
    ) -> np.ndarray:
        """Sections [S, K, 3] of a winglet that blends out of the tip; cant in degrees, 90 up."""
        tip, angle = self._frame(np.array([0.985]))
        chord = self.chord(0.985) * 0.98
        thickness = self._thickness(np.array([1.0]))[0]
        steps = np.linspace(0, 1, 9)
        turn = angle[0] + (np.radians(cant) - angle[0]) * np.minimum(steps / 0.45, 1.0)
        ds = np.diff(steps, prepend=0.0) * abs(height) * 1.25
        edge = tip[0] + np.stack(
            [
                np.cumsum(np.cos(turn) * ds),
                np.cumsum(ds) * np.tan(np.radians(sweep)),
                np.cumsum(np.sin(turn) * ds),
            ],
            axis=1,
        )
        chords = chord * (1 + (taper - 1) * steps)
        loop = naca_loop(thickness, 0.0)
        return _place(loop[None].repeat(len(steps), 0), edge, chords, turn, np.zeros(len(steps)))

    def _thickness(self, eta: np.ndarray) -> np.ndarray:
        return self.plan.thickness + (self.plan.tip_thickness - self.plan.thickness) * eta

    def _frame(self, eta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Leading edge [N, 3] and dihedral [N] without the tip's rounding."""
        plan = self.plan
        x, y, z, angle = plan.line(eta)
        y = y + plan.axis * (plan.root_chord - plan.chord(eta))
        return np.asarray(self.root) + np.stack([x, y, z], axis=1), angle

    def _loops(self, eta: np.ndarray) -> np.ndarray:
        plan = self.plan
        edge, angle = self._frame(eta)
        chord = plan.chord(eta)
        if plan.rounding > 0:
            over = np.clip((eta - 1 + plan.rounding) / plan.rounding, 0.0, 1.0)
            cut = np.maximum(np.sqrt(1 - over**2), 0.12)
            edge[:, 1] += 0.42 * chord * (1 - cut)
            chord = chord * cut
        thickness = self._thickness(eta)
        loops = np.stack([naca_loop(t, plan.camber) for t in thickness])
        return _place(loops, edge, chord, angle, np.radians(self.incidence - plan.twist * eta))


def _place(
    loops: np.ndarray, edge: np.ndarray, chord: np.ndarray, angle: np.ndarray, pitch: np.ndarray
) -> np.ndarray:
    """Loops [S, K, 2] of chord 1 at leading edges [S, 3], turned nose up by `pitch` radians."""
    along, height = loops[..., 0] - 0.25, loops[..., 1]
    c, s = np.cos(pitch)[:, None], np.sin(pitch)[:, None]
    y = (along * c + height * s + 0.25) * chord[:, None]
    z = (height * c - along * s) * chord[:, None]
    up = np.stack([-np.sin(angle), np.zeros_like(angle), np.cos(angle)], axis=1)
    return edge[:, None] + y[..., None] * np.array([0.0, 1.0, 0.0]) + z[..., None] * up[:, None]
