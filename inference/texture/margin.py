"""Colours for the texels beside the charts, so that neither mipmaps nor seams show a backdrop."""

from __future__ import annotations

import numpy as np

RINGS = 8
"""Texels around a chart that get exactly what grows outward from it; beyond, the nearest block."""


def find_sources(filled: np.ndarray) -> np.ndarray:
    """int32 [T, T]: the flat index of a filled texel near each texel; its own where it is filled.

    filled: bool [T, T], at least one True. Rings grow around the charts one texel at a time; what
    they do not reach is taken from the first filled texel of the smallest block of 2, 4, 8 ...
    texels that holds one, which is what a mipmap averages.
    """
    side = filled.shape[0]
    source = np.where(filled, np.arange(filled.size, dtype=np.int32).reshape(filled.shape), -1)
    wide = np.full((side + 2, side + 2), -2, np.int32)  # a border: no neighbour wraps around
    wide[1:-1, 1:-1] = source
    flat, line = wide.reshape(-1), side + 2
    straight, slanted = (-1, 1, -line, line), (-line - 1, -line + 1, line - 1, line + 1)
    front = np.flatnonzero(_find_border(filled, wide == -1))
    for ring in range(RINGS):
        # straight and slanted steps in turn grow an octagon, close to a circle
        steps = straight if ring % 2 == 0 else straight + slanted
        reached = []
        for step in steps:
            to = front + step
            free = flat[to] == -1
            to, origin = to[free], flat[front[free]]
            flat[to] = origin
            reached.append(to)
        front = np.concatenate(reached)
        if not len(front):
            break
    return _fill_blocks(wide[1:-1, 1:-1])


def _find_border(filled: np.ndarray, free: np.ndarray) -> np.ndarray:
    """bool [T + 2, T + 2]: filled texels [T, T] beside free ones [T + 2, T + 2]."""
    rows = free[:, :-2] | free[:, 2:] | free[:, 1:-1]
    border = np.zeros_like(free)
    border[1:-1, 1:-1] = filled & (rows[:-2] | rows[2:] | rows[1:-1])
    return border


def _fill_blocks(source: np.ndarray) -> np.ndarray:
    """The same with every -1 replaced, by a pyramid of blocks."""
    if source.shape[0] == 1 or source.min() >= 0:
        return source
    side = source.shape[0]
    even = np.pad(source, (0, side % 2), constant_values=-1) if side % 2 else source
    above = even[::2, ::2].copy()
    for row, column in ((0, 1), (1, 0), (1, 1)):
        np.copyto(above, even[row::2, column::2], where=above < 0)
    above = _fill_blocks(above)
    spread = np.repeat(np.repeat(above, 2, axis=0), 2, axis=1)[:side, :side]
    return np.where(source < 0, spread, source)
