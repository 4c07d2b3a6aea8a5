"""From pixels to the image network's input, to the last bit as the published code does it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

SIDE = 512
"""Pixels across of the picture that the network reads."""
RATIO = 0.85
GREY = 0.5
"""What lies behind the object."""
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's channels; the image network was trained on pictures normalised by them."""


def frame_foreground(rgba: np.ndarray, ratio: float = RATIO) -> np.ndarray:
    """The object in a square whose side is its longest side divided by `ratio`.

    rgba: uint8 [height, width, 4], straight alpha. Returns uint8 [S, S, 4], transparent around it.
    The last row and column of the box of alpha > 0 are lost: that is how the published networks
    were fed. Raises ValueError when nothing is left.
    """
    rows, columns = np.nonzero(rgba[..., 3] > 0)
    if not len(rows) or rows.min() == rows.max() or columns.min() == columns.max():
        raise ValueError("the picture has no opaque area")
    found = rgba[rows.min() : rows.max(), columns.min() : columns.max()]
    square = _pad_to(found, max(found.shape[:2]))
    return _pad_to(square, int(len(square) / ratio))


def blend_over_grey(rgba: np.ndarray) -> np.ndarray:
    """Over middle grey, in bytes, rounded towards zero.

    rgba: uint8, or float32 in [0, 1], [height, width, 4], straight alpha.
    Returns uint8 [height, width, 3].
    """
    pixels = rgba.astype(np.float32) / 255.0 if rgba.dtype == np.uint8 else rgba
    colour, alpha = pixels[..., :3], pixels[..., 3:]
    return ((colour * alpha + (1 - alpha) * GREY) * 255.0).astype(np.uint8)


def resize_picture(rgb: np.ndarray, side: int = SIDE) -> Tensor:
    """uint8 [S, S, 3] -> float32 [1, 3, side, side] in [0, 1], bilinear, antialiased."""
    picture = torch.from_numpy(rgb.astype(np.float32) / 255.0).permute(2, 0, 1)[None]
    return functional.interpolate(
        picture, (side, side), mode="bilinear", align_corners=False, antialias=True
    )


def normalise_picture(picture: Tensor) -> Tensor:
    """float32 [B, 3, H, W] in [0, 1] -> the same shape, by ImageNet's mean and spread."""
    mean, spread = (torch.tensor(v, device=picture.device).view(1, 3, 1, 1) for v in (MEAN, SPREAD))
    return (picture - mean) / spread


def prepare_cutout(rgba: np.ndarray) -> Tensor:
    """A cutout's pixels as the network's picture, not yet normalised.

    rgba: float32 [S, S, 4], straight alpha, in [0, 1], as of `types.Cutout`, which has already
    centred the object and given it the same share of the square as `frame_foreground`.
    Returns float32 [1, 3, 512, 512] in [0, 1], in steps of 1/255 where S is 512.
    """
    return resize_picture(blend_over_grey(rgba.astype(np.float32)))


def _pad_to(pixels: np.ndarray, side: int) -> np.ndarray:
    """Transparent pixels around [h, w, 4] to [side, side, 4], the odd one after."""
    around = [((side - length) // 2, side - length - (side - length) // 2) for length in
              pixels.shape[:2]]  # fmt: skip
    return np.pad(pixels, (*around, (0, 0)))
