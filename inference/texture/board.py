"""The square that charts are packed into, as cells that are taken or free."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.ndimage import maximum_filter1d

from ..types import Cancel

COARSENESS = 8
"""Fine cells along a coarse one."""
CANDIDATES = 24
"""Coarse places that are looked at closely."""
LARGE = 16
"""So many of the longest charts are tried in all four turns, the others in two."""


@dataclass
class Tile:
    """A chart drawn into fine cells.

    cells: bool [rows, columns], what it touches. turn: its turn, complex, of length 1. low: its low
    corner, in cells.
    """

    cells: np.ndarray
    turn: complex
    low: complex

    def turn_left(self) -> Tile:
        """The same chart, a quarter turn counter-clockwise."""
        height = self.cells.shape[0]  # a point p comes to 1j * p, left of the origin
        return Tile(self.cells.T[:, ::-1].copy(), self.turn * 1j, self.low * 1j - height)

    def list_turns(self, count: int) -> list[Tile]:
        """The chart and its first quarter turns, count altogether."""
        tiles = [self]
        while len(tiles) < count:
            tiles.append(tiles[-1].turn_left())
        return tiles


class Board:
    """What is taken of the square, which grows as needed.

    taken: bool, fine cells closer to a chart than the gap. reach: fine cells along the square that
    holds all charts so far.
    """

    def __init__(self, fine: int, gap: int) -> None:
        self.gap, self.coarse = gap, COARSENESS
        self.reach = 0
        self.taken = np.zeros((0, 0), bool)
        self._resize(1.25 * fine)

    def place_all(
        self, tiles: list[Tile], cancel: Cancel | None = None
    ) -> tuple[list[complex], float]:
        """The low corner of every tile in cells, and the side of the square that holds them all.

        The longest come first. Tiles that are turned are replaced in the list.
        """
        corners = [0j] * len(tiles)
        order = sorted(range(len(tiles)), key=lambda n: (-max(tiles[n].cells.shape), n))
        for rank, number in enumerate(order):
            if cancel is not None:
                cancel.check()
            size = self.reach + max(tiles[number].cells.shape) + self.gap + 4 * self.coarse
            if size > len(self.taken):
                self._resize(1.1 * size)
            row, column, tiles[number] = self._place(
                tiles[number].list_turns(4 if rank < LARGE else 2)
            )
            corners[number] = complex(column, row)
        return corners, float(self.reach)

    def _resize(self, side: float) -> None:
        old = self.taken
        self.grid = next_fast_len(int(side / self.coarse) + 1, real=True)
        self.taken = np.zeros((self.grid * self.coarse, self.grid * self.coarse), bool)
        self.taken[: len(old), : len(old)] = old

    def _place(self, tiles: list[Tile]) -> tuple[int, int, Tile]:
        spectrum = rfft2(self._blur(self.taken).astype(np.float32))
        best = None
        for turned in tiles:
            outline = np.nonzero(_find_rim(turned.cells))
            for row, column in self._list_places(spectrum, turned.cells):
                if best is not None and self._bound(row, column, turned.cells.shape) > best[0][0]:
                    break  # sliding cannot make up for it
                found = self._slide(turned.cells, outline, row, column)
                if found is not None:
                    if best is None or found < best[0]:
                        best = (found, turned)
                    break
        if best is None:  # beside all others, which is always free
            best = ((0, 0, self.reach + self.gap), tiles[0])
        (_, row, column), tile = best
        self._take(tile.cells, row, column)
        return row, column, tile

    def _blur(self, cells: np.ndarray) -> np.ndarray:
        middle = self.coarse // 2
        return cells[middle :: self.coarse, middle :: self.coarse]

    def _list_places(self, spectrum: np.ndarray, cells: np.ndarray) -> list[tuple[int, int]]:
        """Fine places of the best free coarse ones, in the order of what they cost."""
        small = self._blur(cells)
        window = np.zeros((self.grid, self.grid), np.float32)
        window[: small.shape[0], : small.shape[1]] = small
        overlap = irfft2(spectrum * np.conj(rfft2(window)), s=window.shape)
        rows, columns = -(-cells.shape[0] // self.coarse), -(-cells.shape[1] // self.coarse)
        # Nothing is better than beside all others.
        end = -(-self.reach // self.coarse) + 1
        overlap = overlap[: min(self.grid - rows, end) + 1, : min(self.grid - columns, end) + 1]
        row, column = np.nonzero(overlap[: self.grid - rows, : self.grid - columns] < 0.5)
        row, column = row * self.coarse, column * self.coarse
        cost = self._cost(row, column, cells.shape)
        if len(cost) > CANDIDATES:
            nearest = np.argpartition(cost, CANDIDATES)[:CANDIDATES]
            row, column, cost = row[nearest], column[nearest], cost[nearest]
        order = np.lexsort((column, cost))
        return [(int(row[at]), int(column[at])) for at in order]

    def _cost(self, row: np.ndarray, column: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """Growth of the square first, then nearness to its corner."""
        size = np.maximum(np.maximum(row + shape[0], column + shape[1]), self.reach)
        return size * (8 * len(self.taken)) + row + column + np.maximum(row, column)

    def _bound(self, row: int, column: int, shape: tuple[int, ...]) -> int:
        """No place that a chart can slide to from here costs less."""
        slack = self.coarse + self.gap
        return int(self._cost(max(row - slack, 0), max(column - slack, 0), shape))

    def _slide(
        self, cells: np.ndarray, outline: tuple[np.ndarray, np.ndarray], row: int, column: int
    ) -> tuple[int, int, int] | None:
        """The cheapest free fine place around a coarse one: cost, row, column.

        outline: rows and columns of the cells at the rim.
        """
        steps = np.arange(-self.coarse - self.gap, self.coarse + 1)
        tops, lefts = row + steps, column + steps
        top, left = np.meshgrid(tops[tops >= 0], lefts[lefts >= 0], indexing="ij")
        cost = self._cost(top, left, cells.shape).reshape(-1)
        order = np.argsort(cost, kind="stable")
        width = len(self.taken)
        offsets = (top * width + left).reshape(-1)[order]
        flat, places = self.taken.reshape(-1), outline[0] * width + outline[1]
        for stride in (len(places) // 24 + 1, len(places) // 150 + 1):  # most places fail at once
            free = ~flat[offsets[:, None] + places[::stride]].any(axis=1)
            offsets, order = offsets[free], order[free]
        for at, offset in zip(order, offsets, strict=True):
            if flat[offset + places].any():
                continue
            r, c = divmod(int(offset), width)
            if not (self.taken[r : r + cells.shape[0], c : c + cells.shape[1]] & cells).any():
                return int(cost[at]), r, c
        return None

    def _take(self, cells: np.ndarray, row: int, column: int) -> None:
        self.reach = max(self.reach, row + cells.shape[0], column + cells.shape[1])
        gap = self.gap
        grown = maximum_filter1d(np.pad(cells, gap).view(np.uint8), 2 * gap + 1, axis=0)
        grown = maximum_filter1d(grown, 2 * gap + 1, axis=1).view(bool)
        top, left = max(row - gap, 0), max(column - gap, 0)
        inside = grown[top - (row - gap) :, left - (column - gap) :]
        part = self.taken[top : top + inside.shape[0], left : left + inside.shape[1]]
        part |= inside[: part.shape[0], : part.shape[1]]


def _find_rim(cells: np.ndarray) -> np.ndarray:
    """Bool, like cells: those with a neighbour that is not set."""
    rim = cells.copy()
    inner = cells[1:-1, 1:-1] & cells[:-2, 1:-1] & cells[2:, 1:-1]
    rim[1:-1, 1:-1] &= ~(inner & cells[1:-1, :-2] & cells[1:-1, 2:])
    return rim
