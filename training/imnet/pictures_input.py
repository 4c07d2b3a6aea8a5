"""From packed views to the image encoder's input, and the augmentation on the way."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601 luma, as the published preprocessing


def pictures_from_views(views: np.ndarray) -> Tensor:
    """Straight-alpha uint8 [B, 128, 128, 4] -> float [B, 2, 128, 128]: grey over white, alpha."""
    rgba = torch.from_numpy(np.array(views)).permute(0, 3, 1, 2).float() / 255
    return grey_and_alpha(rgba)


def grey_and_alpha(rgba: Tensor) -> Tensor:
    """Straight-alpha [B, 4, h, w] -> [B, 2, h, w]: grey over white, alpha."""
    weights = torch.tensor(GREY, dtype=rgba.dtype).view(1, 3, 1, 1)
    grey = (rgba[:, :3] * weights).sum(1, keepdim=True)
    alpha = rgba[:, 3:]
    return torch.cat((grey * alpha + 1 - alpha, alpha), 1)


def augment(views: np.ndarray, mirror: np.ndarray, generator: torch.Generator) -> Tensor:
    """Views as photographs might show them: uint8 [B, 128, 128, 4] -> float [B, 2, 128, 128].

    Left-right mirroring where `mirror` [B] says (the shape is mirrored with it), then per picture:
    channels mixed anew before the grey, gain, gamma, an edge or a hole from an imperfect matte,
    a small shift, scale and rotation, blur, noise.
    """
    rgba = torch.from_numpy(np.array(views)).permute(0, 3, 1, 2).float() / 255
    chosen = torch.from_numpy(mirror)
    rgba[chosen] = rgba[chosen].flip(3)
    count = len(rgba)

    def draw(low: float, high: float) -> Tensor:
        return torch.rand(count, 1, 1, 1, generator=generator) * (high - low) + low

    def some(share: float) -> Tensor:
        return torch.rand(count, 1, 1, 1, generator=generator) < share

    mix = torch.rand(count, 3, 1, 1, generator=generator) * 0.8 + 0.1
    grey = (rgba[:, :3] * mix / mix.sum(1, keepdim=True)).sum(1, keepdim=True)
    grey = torch.where(some(0.03), 1 - grey, grey)  # shading is not to be trusted blindly
    grey = (grey.clamp(1e-4, 1) ** torch.exp(draw(-0.5, 0.5)) * draw(0.6, 1.3)).clamp(0, 1)
    alpha = rgba[:, 3:]
    alpha = torch.where(some(0.12), functional.max_pool2d(alpha, 3, 1, 1), alpha)
    alpha = torch.where(some(0.12), -functional.max_pool2d(-alpha, 3, 1, 1), alpha)
    premultiplied = torch.cat((grey * alpha, alpha), 1)
    premultiplied = warp(premultiplied, draw, generator)
    blurred = functional.avg_pool2d(premultiplied, 3, 1, 1, count_include_pad=False)
    amount = draw(0, 1) * some(0.4)
    premultiplied = premultiplied + amount * (blurred - premultiplied)
    grey, alpha = premultiplied[:, :1], premultiplied[:, 1:].clamp(0, 1)
    noise = torch.randn(grey.shape, generator=generator) * draw(0, 0.04)
    over_white = (grey + 1 - alpha + noise * alpha).clamp(0, 1)
    return torch.cat((over_white, alpha), 1)


def warp(pictures: Tensor, draw, generator: torch.Generator) -> Tensor:  # noqa: ANN001
    """A small similarity: 6 degrees, 10 % of scale, 2.5 % of shift at most."""
    angle = draw(-1, 1).flatten() * math.radians(6)
    scale = torch.exp(draw(-0.06, 0.10).flatten())
    shift = (torch.rand(len(pictures), 2, generator=generator) - 0.5) * 0.1
    cos, sin = angle.cos() * scale, angle.sin() * scale
    rows = (torch.stack((cos, -sin, shift[:, 0]), 1), torch.stack((sin, cos, shift[:, 1]), 1))
    grid = functional.affine_grid(torch.stack(rows, 1), list(pictures.shape), align_corners=False)
    return functional.grid_sample(pictures, grid, align_corners=False)
