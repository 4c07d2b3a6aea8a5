"""From a smooth matte to one that keeps to the picture's edges, and the object's own colours.

Everything is computed at a working size and applied at the picture's own.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy import ndimage

WORK_SIDE = 640
RADIUS = 5
"""Of the guided filter's window, in pixels of the working size: the matte is that unsure."""
SMOOTHNESS = 1e-4
"""The guided filter's epsilon: colour variance (of [0, 1]) below which a window counts as flat."""
SOFT = (0.25, 0.75)
"""Filtered values that become 0 and 1: the filter leaves a haze where colours vary."""
REACHES = (6, 2)
"""Radii of the two passes of the colour estimate, in pixels of the working size. The paper's first
is 90, made for hair; the colours of things are closer to their edge."""


def refine_matte(rgb: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """A matte whose edges lie on the picture's edges.

    rgb: float32 [h, w, 3] in [0, 1]. matte: float32 [h, w] in [0, 1], right but for its edges.
    Returns float32 [h, w] in [0, 1].

    The guided filter with a colour guide (He, Sun & Tang, "Guided Image Filtering", ECCV 2010,
    eq. 14-16): in each small window alpha is a linear function of the colour. The functions are
    found at the working size and used on the full picture ("Fast Guided Filter", He & Sun 2015).
    """
    height, width = rgb.shape[:2]
    size = working_size(width, height)
    gains, offset = _fit_windows(
        resize(rgb, size).astype(np.float64), resize(matte, size).astype(np.float64)
    )
    if size != (width, height):
        gains, offset = resize(gains, (width, height)), resize(offset, (width, height))
    filtered = (gains * rgb).sum(axis=-1) + offset
    alpha = (filtered - SOFT[0]) / (SOFT[1] - SOFT[0])
    return np.clip(alpha, 0.0, 1.0).astype(np.float32)


def estimate_colours(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """The object's own colours, float32 [h, w, 3], where it mixes with the background.

    rgb: float32 [h, w, 3] in [0, 1]. alpha: float32 [h, w] in [0, 1]. Solid pixels keep theirs.

    Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021: colours of both sides are
    blurred over the edge, then moved to where the mixture is the picture; once widely, once finely.
    """
    height, width = alpha.shape
    size = working_size(width, height)
    picture = resize(rgb, size)
    share = np.clip(resize(alpha, size), 0.0, 1.0)
    # Less at the very edge: where the matte reaches a little too far, the background would count
    # as the object's own colour.
    share = (share * _box(share, 1))[..., None]
    inside = outside = picture
    for reach in REACHES:
        weight = _box(share, reach)
        near = _box(inside * share, reach) / (weight + 1e-5)
        outside = _box(outside * (1 - share), reach) / (1 - weight + 1e-5)
        error = picture - share * near - (1 - share) * outside
        inside = np.clip(near + share * error, 0.0, 1.0)
    full = np.clip(resize(inside, (width, height)), 0.0, 1.0)
    mixed = resize(share[..., 0], (width, height)) < 0.96
    return np.where(mixed[..., None], full, rgb).astype(np.float32)


def working_size(width: int, height: int) -> tuple[int, int]:
    """(width, height) at which edges are computed."""
    scale = min(1.0, WORK_SIDE / max(width, height))
    return max(8, round(width * scale)), max(8, round(height * scale))


def resize(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Antialiased resampling of float [h, w] or [h, w, c] to size (width, height), as float32."""
    if values.ndim == 2:
        image = Image.fromarray(np.ascontiguousarray(values, np.float32))
        return np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    return np.stack([resize(values[..., c], size) for c in range(values.shape[2])], axis=-1)


def _fit_windows(guide: np.ndarray, matte: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gains [h, w, 3] and offset [h, w] of alpha as a function of the colour, averaged."""
    colours = [guide[..., channel] for channel in range(3)]
    means, level = [_box(colour) for colour in colours], _box(matte)
    joint = [
        _box(colour * matte) - mean * level for colour, mean in zip(colours, means, strict=True)
    ]

    def spread(i: int, j: int) -> np.ndarray:
        value = _box(colours[i] * colours[j]) - means[i] * means[j]
        return value + SMOOTHNESS if i == j else value

    # Cramer's rule on the symmetric 3x3 matrix of each pixel: a solver by the pixel is ten times
    # slower.
    rr, rg, rb, gg, gb, bb = (
        spread(*pair) for pair in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    )
    first, second, third = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    determinant = rr * first + rg * second + rb * third
    inverse = (
        (first, second, third),
        (second, rr * bb - rb * rb, rb * rg - rr * gb),
        (third, rb * rg - rr * gb, rr * gg - rg * rg),
    )
    gains = [sum(w * j for w, j in zip(row, joint, strict=True)) / determinant for row in inverse]
    offset = level - sum(gain * mean for gain, mean in zip(gains, means, strict=True))
    return np.stack([_box(gain) for gain in gains], axis=-1), _box(offset)


def _box(values: np.ndarray, radius: int = RADIUS) -> np.ndarray:
    """Mean over a square window of float [h, w] or [h, w, c]."""
    size = 2 * radius + 1
    return ndimage.uniform_filter(values, (size, size, *[1] * (values.ndim - 2)), mode="nearest")
