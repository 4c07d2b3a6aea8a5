"""From packed views to the image encoder's input, and the augmentation on the way."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..pictures.augment import augment_pictures

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

    Left-right mirroring where `mirror` [B] says (the shape is mirrored with it), then what
    `training.pictures.augment` does. The colours' share in the grey varies, and it is inverted now
    and then: shading is not to be trusted blindly.
    """
    rgba = augment_pictures(views, generator, mirror)
    count = len(rgba)
    mix = torch.rand(count, 3, 1, 1, generator=generator) * 0.8 + 0.1
    grey = (rgba[:, :3] * mix / mix.sum(1, keepdim=True)).sum(1, keepdim=True)
    inverted = torch.rand(count, 1, 1, 1, generator=generator) < 0.03
    grey, alpha = torch.where(inverted, 1 - grey, grey), rgba[:, 3:]
    return torch.cat((grey * alpha + 1 - alpha, alpha), 1)
