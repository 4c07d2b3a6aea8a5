"""What a camera and a picture file do to colours: white balance, blur, noise, compression."""

from __future__ import annotations

import io
import math

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from .draws import Draws

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601


def shift_colours(pictures: Tensor, draws: Draws) -> Tensor:
    """float [B, 3, s, s]: white balance, hue, saturation, contrast, brightness and gamma."""
    count = len(pictures)
    luma = torch.tensor(LUMA).expand(3, 3)
    identity = torch.eye(3)
    saturation = torch.exp(draws.uniform(-0.6, 0.4, 1, 1))
    gains = torch.exp(draws.normal(3, 1) * 0.07)
    matrix = saturation * identity + (1 - saturation) * luma
    matrix = gains * (_turn_hue(draws.normal(1, 1) * 0.12) @ matrix)
    contrast = torch.exp(draws.uniform(-0.35, 0.3, 1, 1))
    bias = (1 - contrast) * 0.5 + draws.uniform(-0.08, 0.08, 1, 1)
    flat = torch.baddbmm(bias.expand(count, 3, 1), contrast * matrix, pictures.flatten(2))
    gamma = torch.exp(draws.uniform(-0.3, 0.3, 1, 1))
    return flat.clamp(1e-4, 1).pow(gamma).view_as(pictures)


def _turn_hue(angle: Tensor) -> Tensor:
    """Matrices [B, 3, 3] that turn colours about the grey axis by angles [B, 1, 1] in radians."""
    third = torch.full((3, 3), 1 / 3)
    root = 1 / math.sqrt(3)
    turn = torch.tensor([[0.0, -root, root], [root, 0.0, -root], [-root, root, 0.0]])
    return angle.cos() * (torch.eye(3) - third) + third + angle.sin() * turn


def lower_resolution(pictures: Tensor, factor: int) -> Tensor:
    """float [B, C, s, s] as if enlarged from `factor` times fewer pixels a side."""
    small = functional.avg_pool2d(pictures, factor, ceil_mode=True)
    size = pictures.shape[-2:]
    return functional.interpolate(small, size, mode="bilinear", align_corners=False)


def blur(pictures: Tensor, draws: Draws) -> Tensor:
    """float [B, C, s, s]: out of focus by up to two pixels, or moved in one direction."""
    across = int(torch.randint(3, (1,), generator=draws.generator))
    size = ((3, 3), (1, 5), (5, 1))[across]
    pad = (size[0] // 2, size[1] // 2)
    blurred = functional.avg_pool2d(pictures, size, 1, pad, count_include_pad=False)
    return pictures + draws.uniform(0.3, 1) * (blurred - pictures)


def add_noise(pictures: Tensor, draws: Draws) -> Tensor:
    """float [B, 3, s, s] with noise of 0.4 to 4 % in brightness, less of it in colour."""
    side = pictures.shape[-1]
    strength = torch.exp(draws.uniform(math.log(0.004), math.log(0.04)))
    bright = draws.normal(1, side, side)
    return pictures + strength * (bright + 0.4 * bright.roll((5, 9, 3), (1, 2, 3)))


def compress(pictures: Tensor, draws: Draws) -> Tensor:
    """float [B, 3, s, s] through JPEG of quality 15..85."""
    qualities = draws.uniform(15, 85, 1)[:, 0].tolist()
    pixels = (pictures.clamp(0, 1) * 255 + 0.5).byte().permute(0, 2, 3, 1).contiguous().numpy()
    result = np.empty_like(pixels)
    for i, quality in enumerate(qualities):
        stream = io.BytesIO()
        Image.fromarray(pixels[i]).save(stream, "JPEG", quality=round(quality))
        result[i] = np.asarray(Image.open(stream))
    return torch.from_numpy(result).permute(0, 3, 1, 2).float() / 255
