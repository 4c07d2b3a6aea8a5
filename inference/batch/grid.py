"""Where the results of a batch stand: rows of objects, spaced by their sizes."""

from __future__ import annotations

import math

import numpy as np

GAP = 0.3
"""Free ground between two neighbours, as a share of their mean side; and behind a row, of its."""


class Grid:
    """Places objects one after the other, without knowing those to come.

    Each stands right of the last one; a full row is followed by the next one behind it (+Y). The
    objects of a row have their fronts on one line, the rows begin at one line on their left, and
    the first object stands at the anchor. No two objects overlap, however different their sizes.

    anchor: of the first object, in Blender units. columns: objects in a row.
    """

    def __init__(self, columns: int, anchor: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> None:
        self._columns = max(columns, 1)
        self._anchor = anchor
        self._count = 0
        self._left = self._front = 0.0  # of the grid; of the row
        self._right = 0.0  # end of the last object
        self._last_width = 0.0
        self._depths: list[float] = []  # of the row

    def place(self, width: float, depth: float) -> tuple[float, float, float]:
        """Where the next object's ground centre stands; width along X, depth along Y."""
        x, y, z = self._anchor
        if self._count == 0:
            self._left, self._front = x - width / 2, y - depth / 2
            self._right = self._left
        elif self._count % self._columns == 0:
            gap = GAP * sum(self._depths) / len(self._depths)
            self._front += max(self._depths) + gap
            self._right = self._left
            self._depths.clear()
        else:
            self._right += GAP * (self._last_width + width) / 2
        centre = (self._right + width / 2, self._front + depth / 2, z)
        self._right += width
        self._last_width = width
        self._depths.append(depth)
        self._count += 1
        return centre


def choose_columns(count: int) -> int:
    """Columns of a square grid of so many objects."""
    return max(math.ceil(math.sqrt(count)), 1)


def measure_ground(
    vertices: np.ndarray, *, size: float = 0.0, scale_length: float = 1.0
) -> tuple[float, float]:
    """Width and depth, in Blender units, of an object that stands over its ground centre.

    vertices: float [V, 3], metres. size: length that its longest side gets; 0: as it is.
    scale_length: metres in one Blender unit.
    """
    reach = np.abs(vertices).max(0).astype(np.float64) * 2
    longest = float((vertices.max(0) - vertices.min(0)).max())
    factor = (size / longest if size and longest > 0 else 1.0) / scale_length
    return float(reach[0] * factor), float(reach[1] * factor)
