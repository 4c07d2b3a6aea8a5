"""From a cutout to the image encoder's input."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from .networks import PICTURE

GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601 luma
_GREY_15_BIT = (9798, 19235, 3735)  # the same in units of 2**-15, as OpenCV 4.10 rounds it


def convert_to_grey(rgb: np.ndarray) -> np.ndarray:
    """Integer luma, equal to OpenCV 4.10 bit by bit: uint8 [..., 3] -> uint8 [...]."""
    red, green, blue = (rgb[..., channel].astype(np.int64) for channel in range(3))
    weights = _GREY_15_BIT
    total = weights[0] * red + weights[1] * green + weights[2] * blue
    return ((total + (1 << 14)) >> 15).astype(np.uint8)


def blend_over_white(grey: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Straight-alpha grey over white, rounded half to even: uint8 [...] twice -> uint8 [...]."""
    share = alpha.astype(np.float64) / 255
    return np.rint(grey * share + 255 * (1 - share)).astype(np.uint8)


def resize_straight_alpha(rgba: np.ndarray, side: int) -> Tensor:
    """Float [S, S, 4], straight alpha -> premultiplied float32 [4, side, side], antialiased."""
    pixels = torch.from_numpy(np.array(rgba, np.float32)).permute(2, 0, 1)
    premultiplied = torch.cat((pixels[:3] * pixels[3:], pixels[3:]))
    if premultiplied.shape[1:] == (side, side):
        return premultiplied
    resized = functional.interpolate(
        premultiplied[None], (side, side), mode="bilinear", antialias=True, align_corners=False
    )
    return resized[0].clamp(0, 1)


def prepare_picture(rgba: np.ndarray, channels: int) -> Tensor:
    """A cutout's pixels for the image encoder.

    rgba: float [S, S, 4], sRGB-encoded, straight alpha, in [0, 1].
    channels: 1: grey over white in steps of 1/255, as the published network was fed; 2: grey over
    white and alpha: a white object on white paper keeps its outline; 4: colours times alpha, alpha.

    Returns float32 [1, channels, 128, 128] in [0, 1].
    """
    premultiplied = resize_straight_alpha(rgba, PICTURE)
    alpha = premultiplied[3:]
    if channels == 1:
        straight = premultiplied[:3] / alpha.clamp(min=1e-6)
        bytes_ = (torch.cat((straight, alpha)).clamp(0, 1) * 255).round().to(torch.uint8)
        pixels = bytes_.permute(1, 2, 0).numpy()
        grey = blend_over_white(convert_to_grey(pixels[..., :3]), pixels[..., 3])
        return torch.from_numpy(grey.astype(np.float32) / 255)[None, None]
    if channels == 4:
        return premultiplied[None]
    weights = torch.tensor(GREY).view(3, 1, 1)
    grey = (premultiplied[:3] * weights).sum(0, keepdim=True) + 1 - alpha
    return torch.cat((grey.clamp(0, 1), alpha))[None]
