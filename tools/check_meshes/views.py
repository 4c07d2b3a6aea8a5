"""A rendered view against the picture it repeats: numpy and Pillow alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from .measure.coverage import intersect_over_union

_OPAQUE = 0.5
_BEST = 99.0
"""dB of views that are equal."""


def read_picture(path: Path, size: tuple[int, int]) -> np.ndarray:
    """Float64 [H, W, 4], straight alpha, at (width, height); colours are mixed where opaque."""
    picture = np.asarray(Image.open(path).convert("RGBA"), np.float64) / 255
    picture[..., :3] *= picture[..., 3:]
    channels = [
        Image.fromarray(picture[..., channel].astype(np.float32)).resize(
            size, Image.Resampling.BOX if size[0] < picture.shape[1] else Image.Resampling.BICUBIC
        )
        for channel in range(4)
    ]
    small = np.stack([np.asarray(channel, np.float64) for channel in channels], axis=-1)
    small[..., :3] /= np.maximum(small[..., 3:], 1e-6)
    return small.clip(0, 1)


def compare_views(seen: np.ndarray, picture: np.ndarray) -> dict[str, float | None]:
    """PSNR in dB inside both silhouettes, a pixel from their edges; silhouette IoU.

    Float [H, W, 4] both, sRGB-encoded. IoU is None for a picture without alpha: nobody says what
    of it is the object.
    """
    mine, theirs = seen[..., 3] > _OPAQUE, picture[..., 3] > _OPAQUE
    inside = erode(mine) & erode(theirs)
    psnr = None
    if inside.any():
        error = float(((seen[..., :3] - picture[..., :3])[inside] ** 2).mean())
        psnr = _BEST if error < 1e-10 else float(-10 * np.log10(error))
    iou = None if theirs.all() else intersect_over_union(mine, theirs)
    return {"psnr": psnr, "iou": iou}


def erode(mask: np.ndarray) -> np.ndarray:
    """Without the pixels at its edge."""
    padded = np.pad(mask, 1)
    return mask & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
