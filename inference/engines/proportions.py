"""Fields that keep to the proportions of their object's box.

What a network is unsure of reaches beyond the object, and a stray lump moves the whole shape when
its box is centred and scaled. The proportions of the box are easier to guess than the shape: with
them the field fades beyond the box.
"""

from __future__ import annotations

import torch
from torch import Tensor

FADE = 60.0
"""Logits lost per box diagonal beyond the box; chosen on validation pictures."""


class Proportions:
    """A box around the origin.

    edges: float [3], along x, y and z, in box diagonals.
    """

    def __init__(self, edges: Tensor) -> None:
        self.half = edges.float() / 2

    @torch.no_grad()
    def fade(self, points: Tensor) -> Tensor:
        """Logits [N] that points [N, 3] lose: 0 within the box."""
        return FADE * (points.abs() - self.half).clamp(min=0).norm(dim=1)
