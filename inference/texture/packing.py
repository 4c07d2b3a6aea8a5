"""Packs charts into a square: one after another, each to where the square grows least.

Where a chart can lie is looked for twice: in a coarse grid for all places at once, as the
correlation of its cells with those taken (by a Fourier transform), so that small charts come to lie
in the holes and bays of large ones; then among the best of these in a fine grid of about a texel,
where it slides as close to the others as the margin allows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..types import Cancel
from .board import Board, Tile
from .soundness import count_coverage

GRID = 896
"""Fine cells along the square that the packing aims at."""
SPARE = 1.1
"""The margin is drawn wider, since the charts come out smaller where they pack badly."""
EXPECTED_USE = 0.6
"""Share of the square that charts are drawn to fill at first."""
LEAST_USE = 0.02
"""Below it the margin gives way."""
TURNS = 90
"""Angles tried for a chart's smallest box, over a quarter turn."""


@dataclass(frozen=True)
class Packing:
    """Where charts lie in the unit square: place = scale * turn[chart] * position + shift[chart].

    scale: of all charts. turn, shift: complex128 [C]. gap: least distance between charts.
    """

    scale: float
    turn: np.ndarray
    shift: np.ndarray
    gap: float


def turn_upright(position: np.ndarray, chart: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Complex128 [C], of length 1: turns every chart into its smallest upright box.

    position: complex128 [N], points that hold the charts' outlines. chart: int64 [N], sorted, all
    charts occur. up: complex128 [C], where the object's up points to in the chart: it comes to lie
    nearest to v.
    """
    first = np.flatnonzero(np.diff(chart, prepend=-1))

    def extents(turned: np.ndarray) -> np.ndarray:
        return np.maximum.reduceat(turned, first) - np.minimum.reduceat(turned, first)

    best = np.full(len(first), np.inf)
    turn = np.ones(len(first), complex)
    for angle in np.arange(TURNS) * (np.pi / 2 / TURNS):
        turned = position * np.exp(1j * angle)
        area = extents(turned.real) * extents(turned.imag)
        # A little better is no reason to turn.
        better = area < best * (1 - 1e-6)
        best = np.where(better, area, best)
        turn = np.where(better, np.exp(1j * angle), turn)
    quarter = np.round((np.pi / 2 - np.angle(turn * up)) / (np.pi / 2))
    return turn * np.where(np.abs(up) > 0, 1j**quarter, 1)


def pack_charts(
    start: np.ndarray,
    end: np.ndarray,
    chart: np.ndarray,
    turn: np.ndarray,
    areas: np.ndarray,
    *,
    side: int,
    margin: int,
    cancel: Cancel | None = None,
) -> Packing:
    """Finds places for all charts in the unit square, all in one scale.

    start, end: complex128 [O], ends of the outlines' edges. chart: int64 [O], sorted, all occur.
    turn: complex128 [C], by `turn_upright`. areas: float64 [C], of the charts in the plane.
    side, margin: texels along the square, and at least so many between charts.

    Raises
    ------
    Cancelled: as asked for.
    """
    gap = max(1, int(np.ceil(SPARE * margin * GRID / side)))
    rim = 0.5 * gap  # half a margin around
    use = EXPECTED_USE
    while True:
        scale = GRID * np.sqrt(use / areas.sum())
        tiles = _draw_tiles(start * scale, end * scale, chart, turn)
        corners, used = Board(GRID, gap).place_all(tiles, cancel)
        whole = used + 2 * rim
        if gap * side >= margin * whole or use < LEAST_USE:
            break
        use *= 0.95 * (gap * side / (margin * whole)) ** 2
    shift = np.array([c - t.low + (1 + 1j) * rim for c, t in zip(corners, tiles, strict=True)])
    turned = np.array([tile.turn for tile in tiles])
    return Packing(scale / whole, turned, shift / whole, gap / whole)


def _draw_tiles(
    start: np.ndarray, end: np.ndarray, chart: np.ndarray, turn: np.ndarray
) -> list[Tile]:
    first = np.flatnonzero(np.diff(chart, prepend=-1))
    last = np.append(first[1:], len(chart))
    tiles = []
    for number, (a, b) in enumerate(zip(first, last, strict=True)):
        one, two = start[a:b] * turn[number], end[a:b] * turn[number]
        low = complex(one.real.min(), one.imag.min())
        tiles.append(Tile(_draw_cells(one - low, two - low), complex(turn[number]), low))
    return tiles


def _draw_cells(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Bool [rows, columns]: every cell that the outline or what it encloses touches."""
    columns, rows = int(start.real.max()) + 1, int(start.imag.max()) + 1
    cells = count_coverage(start, end, rows, columns) > 0
    pieces = np.ceil(np.abs(end - start) * 4).astype(np.int64) + 1
    edge = np.repeat(np.arange(len(start)), pieces)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    point = start[edge] + (end - start)[edge] * (step / pieces[edge])
    cells[point.imag.astype(np.int64), point.real.astype(np.int64)] = True
    return cells
