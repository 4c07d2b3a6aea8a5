"""Where in a large box a shape is, from few samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from ...types import Cancel

SEARCH = (40, 96)
"""Samples along each axis; the second number where the first finds nothing."""
FACE = 64
"""Samples along the sides of a box's faces."""

Inside = Callable[[Tensor], Tensor]
"""float32 [N, 3] -> bool [N]."""


@dataclass(frozen=True)
class Box:
    """low, high: its corners, float32 [3] each. spare: float32 [3], how far it probably reaches
    beyond the shape on every side."""

    low: Tensor
    high: Tensor
    spare: Tensor


def find_box(inside: Inside, half: Tensor, cancel: Cancel) -> Box | None:
    """A box that holds the shape, and about a sample's distance more.

    inside: which points are in the shape. half: float32 [3], half of the edges of the box to look
    in, whose middle is the origin.

    A grid finds the shape, and then every face of its box that cuts the shape moves outwards: parts
    too thin for the grid are kept as long as they hang together with what it met.

    Returns None when no sample is inside. Raises Cancelled.
    """
    for count in SEARCH:
        cell = 2 * half / count
        axis = (torch.arange(count, device=half.device) + 0.5) / count * 2 - 1
        points = torch.cartesian_prod(axis, axis, axis) * half
        met = points[_ask(inside, points, cancel)]
        if len(met):
            break
    else:
        return None
    low, high = met.amin(0) - cell, met.amax(0) + cell
    while True:
        low, high = low.maximum(-half), high.minimum(half)
        moved = False
        for axis in range(3):
            for end, sign in ((low, -1), (high, 1)):
                if abs(end[axis]) >= half[axis]:
                    continue
                if bool(_ask(inside, _cover_face(low, high, axis, end[axis]), cancel).any()):
                    end[axis] += sign * cell[axis]
                    moved = True
        if not moved:  # an edge may stick out between the samples of a face
            return Box((low - cell / 2).maximum(-half), (high + cell / 2).minimum(half), cell)


def _ask(inside: Inside, points: Tensor, cancel: Cancel) -> Tensor:
    answers = []
    for part in points.split(1 << 15):
        cancel.check()
        answers.append(inside(part))
    return torch.cat(answers)


def _cover_face(low: Tensor, high: Tensor, axis: int, place: Tensor) -> Tensor:
    """Points [FACE^2, 3] all over a face of the box."""
    share = (torch.arange(FACE, device=low.device) + 0.5) / FACE
    ends = [low[a] + share * (high[a] - low[a]) for a in range(3)]
    ends[axis] = place[None]
    return torch.cartesian_prod(*ends)
