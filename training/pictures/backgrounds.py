"""What stands behind an object: made of gradients, noise and other pictures of the batch."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from .draws import Draws

SHARE_STUDIO, SHARE_TEXTURE = 0.35, 0.3  # the rest is clutter


def make_backgrounds(premultiplied: Tensor, draws: Draws) -> Tensor:
    """float [B, 3, s, s] for pictures float [B, 4, s, s] with colours times alpha.

    A third plain studio walls with a gradient and perhaps a floor, a third textures, a third
    clutter: other objects of the batch, larger, doubled and more or less blurred.
    """
    count, _, side, _ = premultiplied.shape
    half = max(side // 2, 1)  # mostly out of focus: half of the resolution is enough
    pictures = _studio(draws, half)
    kind = torch.rand(count, generator=draws.generator)
    textured = torch.nonzero(kind > SHARE_STUDIO)[:, 0]
    if len(textured):
        pictures[textured] += _texture(draws.of(textured), half)
    cluttered = torch.nonzero(kind > SHARE_STUDIO + SHARE_TEXTURE)[:, 0]
    if len(cluttered):
        small = functional.avg_pool2d(premultiplied, side // half)
        for _ in range(2):
            others = torch.randint(count, (len(cluttered),), generator=draws.generator)
            objects = _throw(small[others], draws.of(cluttered))
            pictures[cluttered] = objects[:, :3] + pictures[cluttered] * (1 - objects[:, 3:])
        sharp = draws.of(cluttered).uniform(0, 1)
        blurred = _blur(pictures[cluttered])
        pictures[cluttered] = blurred + (pictures[cluttered] - blurred) * (sharp > 0.6)
    size = (side, side)
    return functional.interpolate(pictures, size, mode="bilinear", align_corners=False).clamp(0, 1)


def _studio(draws: Draws, side: int) -> Tensor:
    """A wall in one colour with a gradient; below a line, a floor in some of the pictures."""
    steps = torch.linspace(-1, 1, side)
    grey = draws.uniform(0, 1)
    grey = torch.where(draws.uniform(0, 1) < 0.3, 0.8 + 0.2 * grey, grey)
    colour = grey + draws.normal(3, 1, 1) * 0.08
    angle = draws.uniform(0, 2 * math.pi)
    ramp = angle.cos() * steps.view(1, 1, 1, -1) + angle.sin() * steps.view(1, 1, -1, 1)
    picture = colour + ramp * draws.uniform(-0.2, 0.2) + torch.zeros(1, 1, side, side)
    line = draws.uniform(-0.2, 2.5)
    floor = (steps.view(1, 1, -1, 1) > line).float()
    return picture + floor * (draws.normal(3, 1, 1) * 0.12 - 0.05)


def _texture(draws: Draws, side: int) -> Tensor:
    """Noise at two random scales, more of it in brightness than in colour."""
    coarse, fine = (int(n) for n in torch.randint(2, 20, (2,), generator=draws.generator))
    bright = draws.clouds(side, 2 + coarse // 3) + 0.6 * draws.clouds(side, 8 + fine)
    tint = draws.clouds(side, 4, 3)
    strength = draws.uniform(0.02, 0.22)
    return bright * strength + tint * strength * 0.4


def _throw(objects: Tensor, draws: Draws) -> Tensor:
    """Objects [B, 4, h, h] scaled, turned a little and moved, so that they reach the edges."""
    scale = draws.uniform(0.4, 1.4, 1)[:, 0]
    angle = draws.uniform(-0.6, 0.6, 1)[:, 0]
    cos, sin = angle.cos() * scale, angle.sin() * scale
    shift = draws.uniform(-1.2, 1.2, 2)
    rows = torch.stack((cos, -sin, shift[:, 0], sin, cos, shift[:, 1]), 1).view(-1, 2, 3)
    grid = functional.affine_grid(rows, list(objects.shape), align_corners=False)
    return functional.grid_sample(objects, grid, align_corners=False)


def _blur(pictures: Tensor) -> Tensor:
    """Out of focus: down by 4, smoothed, and up again."""
    small = functional.avg_pool2d(pictures, 4)
    small = functional.avg_pool2d(small, 3, 1, 1, count_include_pad=False)
    size = pictures.shape[-2:]
    return functional.interpolate(small, size, mode="bilinear", align_corners=False)
