"""How cutting an object out goes wrong: edges, holes, leftovers, something in front."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from .draws import Draws


def shift_edges(alpha: Tensor, draws: Draws) -> Tensor:
    """Mattes float [B, 1, s, s] whose edges are moved in and out by up to three pixels of 128,
    by another amount at every place, and are softer or harder.
    """
    side = alpha.shape[-1]
    reach = 3 if side < 192 else 5
    small = functional.avg_pool2d(alpha, 2, ceil_mode=True)  # blurred at half size: cheaper
    small = functional.avg_pool2d(small, reach, 1, reach // 2, count_include_pad=False)
    wide = functional.interpolate(small, (side, side), mode="bilinear", align_corners=False)
    level = 0.5 + draws.uniform(-0.3, 0.3) + draws.clouds(side, 6) * draws.uniform(0, 0.12)
    hardness = torch.exp(draws.uniform(math.log(2.5), math.log(14)))
    return ((wide - level.clamp(0.08, 0.92)) * hardness + 0.5).clamp(0, 1)


def punch_holes(alpha: Tensor, draws: Draws) -> Tensor:
    """Blobs of the object that the matte misses: about a twentieth of it."""
    return alpha * (1 - _blobs(alpha, draws, level=draws.uniform(1.5, 2.2)))


def leave_blobs(alpha: Tensor, draws: Draws) -> Tensor:
    """Bits of the background that the matte keeps: near the object, or anywhere but small."""
    near = functional.max_pool2d(alpha[..., ::4, ::4], 7, 1, 3)
    near = functional.interpolate(near, alpha.shape[-2:], mode="bilinear", align_corners=False)
    kept = _blobs(alpha, draws, level=draws.uniform(1.3, 2.0)) * near
    far = _blobs(alpha, draws, level=draws.uniform(2.3, 2.8))
    return torch.maximum(alpha, torch.maximum(kept, far))


def lay_strips(alpha: Tensor, draws: Draws) -> Tensor:
    """A narrow thing in front of the object that the matte leaves out: a strip right across, or
    a corner of the picture."""
    side = alpha.shape[-1]
    steps = torch.linspace(-1, 1, side)
    angle = draws.uniform(0, math.pi)
    across = angle.cos() * steps.view(1, 1, 1, -1) + angle.sin() * steps.view(1, 1, -1, 1)
    middle = draws.uniform(-0.6, 0.6)
    half = draws.uniform(0.02, 0.07)
    strip = ((half - (across - middle).abs()) * side * 0.3 + 0.5).clamp(0, 1)
    corner = ((across - draws.uniform(0.55, 0.9)) * side * 0.3 + 0.5).clamp(0, 1)
    return alpha * (1 - torch.where(draws.uniform(0, 1) < 0.6, strip, corner))


def _blobs(alpha: Tensor, draws: Draws, level: Tensor) -> Tensor:
    noise = draws.clouds(alpha.shape[-1], 9)
    return ((noise - level) * 6).clamp(0, 1)
