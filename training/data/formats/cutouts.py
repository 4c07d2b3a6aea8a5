"""Faces that are only there to carry a picture with holes: tufts of grass, leaves on a plane."""

from __future__ import annotations

import io
import warnings

import numpy as np
from PIL import Image

from .textures import MAX_PIXELS, MAX_SIDE

OPAQUE = 250  # a picture whose mean alpha is above this has no holes worth a look
SOLID_SHARE = 0.6
# Corners' weights of the points of a triangle that are looked at.
_POINTS = (
    np.array([(a, b, 6 - a - b) for a in range(1, 5) for b in range(1, 6 - a)], np.float64) / 6.0
)


def decode_alpha(data: bytes) -> np.ndarray | None:
    """The alpha of a picture file's bytes, uint8 [h, w]; None where it is opaque or unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as image:
                if image.width * image.height > MAX_PIXELS:
                    return None
                if "A" not in image.getbands() and "transparency" not in image.info:
                    return None
                alpha = image.convert("RGBA").getchannel("A")
                alpha.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.BILINEAR)
                values = np.asarray(alpha, np.uint8)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return None if values.mean() > OPAQUE else values


def see_through(uvs: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Which faces are mostly holes: bool [F].

    uvs: [F, 3, 2], v up, of a picture that repeats; alpha: uint8 [h, w], row 0 at the top. A face
    counts when less than `SOLID_SHARE` of it has an alpha over one half.
    """
    height, width = alpha.shape
    points = np.einsum("pc,fcx->fpx", _POINTS, uvs.astype(np.float64)) % 1.0
    column = np.minimum((points[..., 0] * width).astype(np.int64), width - 1)
    row = np.minimum(((1.0 - points[..., 1]) * height).astype(np.int64), height - 1)
    return (alpha[row, column] > 127).mean(axis=1) < SOLID_SHARE
