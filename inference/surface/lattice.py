"""A lattice of samples that stores only the bricks that somebody asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_BITS = 3
BRICK = 1 << _BITS
_CELLS = BRICK**3
_UNIT = np.indices((2, 2, 2)).reshape(3, -1).T
"""int [8, 3]: the corners of a cell."""
CUBE = np.indices((3, 3, 3)).reshape(3, -1).T
"""int [27, 3]: the points of the finer lattice in the closed cell of the coarser one."""

Evaluate = Callable[[np.ndarray], np.ndarray]
"""int [N, 3] positions of a lattice -> float32 [N] values."""


def select_cells(index: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """int [..., 3] positions as the tuple that indexes a grid."""
    return index[..., 0], index[..., 1], index[..., 2]


class SparseLattice:
    """Samples at integer positions 0 .. shape-1, in bricks of 8^3, made on demand.

    A sample is either known (evaluated) or unknown. Unknown samples lie where the coarser lattice
    saw no surface; their side of the level is that of the coarser sample below them, because only
    cells whose corners all lie on one side are left unrefined.

    shape: number of samples along each axis.
    parent: the lattice with twice the spacing (sample i here is sample i/2 there), or None for the
        coarsest one, where every sample has to be known.
    """

    def __init__(self, shape: tuple[int, int, int], parent: SparseLattice | None = None) -> None:
        self.shape = np.asarray(shape, np.int64)
        self.parent = parent
        grid = tuple(int(n) for n in -(-self.shape // BRICK))
        self._slots = np.full(grid, -1, np.int32)
        self._origins = np.zeros((0, 3), np.int32)
        self._pool = np.zeros(0, np.float32)
        self._used = 0

    @property
    def origins(self) -> np.ndarray:
        """int32 [B, 3]: the lowest position of every brick that exists."""
        return self._origins[: self._used] * BRICK

    def known_values(self) -> np.ndarray:
        """Float32: every value that was put, in no particular order."""
        pool = self._pool[: self._used * _CELLS]
        return pool[~np.isnan(pool)]

    def find_unknown(self, cells: np.ndarray, chunk: int = 1 << 16) -> np.ndarray:
        """The samples in closed cells of the parent that are not known yet, each once.

        Makes the bricks that hold them.

        Parameters
        ----------
        cells: int [N, 3], cells of the parent lattice, by their lowest corner.

        Returns
        -------
        int64 [M, 3] positions in this lattice.
        """
        parts = [cells[start : start + chunk] for start in range(0, len(cells), chunk)]
        for part in parts:
            self._make_bricks(2 * part[:, None] + CUBE)
        wanted = np.zeros(self._used * _CELLS, bool)
        for part in parts:
            wanted[self._address(2 * part[:, None] + CUBE)] = True
        wanted &= np.isnan(self._pool[: len(wanted)])
        slot, local = np.divmod(np.flatnonzero(wanted), _CELLS)
        return self._origins[slot].astype(np.int64) * BRICK + np.stack(
            np.unravel_index(local, (BRICK,) * 3), axis=-1
        )

    def fill(self, evaluate: Evaluate) -> np.ndarray:
        """Evaluate every sample. Returns float32 of this lattice's shape."""
        index = np.indices(tuple(self.shape)).reshape(3, -1).T
        self._make_bricks(index)
        values = evaluate(index)
        self.put(index, values)
        return values.reshape(tuple(self.shape))

    def put(self, index: np.ndarray, values: np.ndarray) -> None:
        """Store float [N] values at positions int [N, 3] whose bricks exist."""
        self._pool[self._address(index)] = values

    def get(self, index: np.ndarray) -> np.ndarray:
        """Float32 [...]: values at positions int [..., 3], NaN where unknown."""
        address = self._address(index)
        if not self._used:
            return np.full(address.shape, np.nan, np.float32)
        return np.where(address < 0, np.float32(np.nan), self._pool[address])

    def inside(self, index: np.ndarray, level: float) -> np.ndarray:
        """Bool [...]: whether positions int [..., 3] lie above the level; unknown ones ask down."""
        values = self.get(index)
        result = values > level
        unknown = np.isnan(values)
        if self.parent is not None and unknown.any():
            result[unknown] = self.parent.inside(index[unknown] // 2, level)
        return result

    def find_crossed(self, cells: np.ndarray, level: float, chunk: int = 1 << 18) -> np.ndarray:
        """Bool [N]: whether the corners of cells int [N, 3] lie on both sides of the level."""
        crossed = np.zeros(len(cells), bool)
        for start in range(0, len(cells), chunk):
            part = cells[start : start + chunk]
            count = self.inside(part[:, None] + _UNIT, level).sum(axis=1)
            crossed[start : start + chunk] = (count > 0) & (count < len(_UNIT))
        return crossed

    def _address(self, index: np.ndarray) -> np.ndarray:
        x, y, z = index[..., 0], index[..., 1], index[..., 2]
        slot = self._slots[x >> _BITS, y >> _BITS, z >> _BITS].astype(np.int64)
        low = BRICK - 1
        offset = (((x & low) << _BITS | (y & low)) << _BITS) | (z & low)
        return np.where(slot < 0, -1, slot * _CELLS + offset)

    def _make_bricks(self, index: np.ndarray) -> None:
        missing = np.zeros(self._slots.shape, bool)
        missing[select_cells(index >> _BITS)] = True
        missing &= self._slots < 0
        new = np.argwhere(missing)
        if not len(new):
            return
        total = self._used + len(new)
        if total > len(self._origins):
            room = max(total, len(self._origins) * 3 // 2)
            self._origins = _grow(self._origins, (room, 3), 0)
            self._pool = _grow(self._pool, (room * _CELLS,), np.nan)
        self._origins[self._used : total] = new
        self._slots[select_cells(new)] = np.arange(self._used, total)
        self._used = total


def _grow(array: np.ndarray, shape: tuple[int, ...], fill: float) -> np.ndarray:
    larger = np.full(shape, fill, array.dtype)
    larger[: len(array)] = array
    return larger


def list_children(cells: np.ndarray) -> np.ndarray:
    """int [8N, 3]: the cells of the finer lattice within cells int [N, 3] of the coarser one."""
    return (2 * cells[:, None] + _UNIT).reshape(-1, 3)


def refine_cells(
    coarse: SparseLattice, fine: SparseLattice, cells: np.ndarray, level: float, evaluate: Evaluate
) -> np.ndarray:
    """Evaluate the fine samples of the cells given, and follow the surface where it leaves them.

    A cell that was left out is taken to lie on one side of the level. Where an evaluated sample on
    its border says otherwise, the surface runs on through it, and the cell is refined too; this
    repeats until no border of the refined region is crossed. So neither cracks nor false walls can
    stand between evaluated and assumed values.

    Parameters
    ----------
    cells: int [N, 3], cells of the coarse lattice (by their lowest corner).

    Returns
    -------
    int [M, 3], all refined cells of the coarse lattice.
    """
    refined = np.zeros(tuple(coarse.shape - 1), bool)
    done = [cells[:0]]
    while len(cells):
        refined[select_cells(cells)] = True
        done.append(cells)
        points = fine.find_unknown(cells)
        values = _reuse_values(coarse, points)
        new = np.isnan(values)
        values[new] = evaluate(points[new])
        fine.put(points, values)
        cells = _find_crossed_neighbours(coarse, fine, cells, refined, level)
    return np.concatenate(done)


def _reuse_values(coarse: SparseLattice, points: np.ndarray) -> np.ndarray:
    """Float32 [N]: values at fine positions that the coarse lattice knows, else NaN."""
    values = np.full(len(points), np.nan, np.float32)
    shared = (points % 2 == 0).all(axis=1)
    values[shared] = coarse.get(points[shared] // 2)
    return values


def _find_crossed_neighbours(
    coarse: SparseLattice,
    fine: SparseLattice,
    cells: np.ndarray,
    refined: np.ndarray,
    level: float,
    chunk: int = 1 << 16,
) -> np.ndarray:
    candidates = dilate_cells(cells, refined.shape)
    candidates = candidates[~refined[select_cells(candidates)]]
    crossed = np.zeros(len(candidates), bool)
    for start in range(0, len(candidates), chunk):
        part = candidates[start : start + chunk]
        values = fine.get(2 * part[:, None] + CUBE)
        assumed = coarse.inside(part, level)[:, None]
        crossed[start : start + chunk] = (~np.isnan(values) & ((values > level) != assumed)).any(1)
    return candidates[crossed]


def dilate_cells(cells: np.ndarray, shape: tuple[int, ...], chunk: int = 1 << 16) -> np.ndarray:
    """int64 [M, 3]: cells int [N, 3] and all their neighbours (26) within the shape, each once."""
    marked = np.zeros(shape, bool)
    highest = np.asarray(shape) - 1
    for start in range(0, len(cells), chunk):
        near = cells[start : start + chunk, None] + (CUBE - 1)
        marked[select_cells(np.clip(near, 0, highest))] = True
    return np.argwhere(marked)
