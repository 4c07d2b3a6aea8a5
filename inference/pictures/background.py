"""The simple opaque cut: a model of a plain background, and what does not fit it is the object.

It is made for studio and product pictures: one or a few smooth colours, gradients, vignettes, soft
shadows. On anything else it tries to say that it is not sure; `opaque` asks a network first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage
from skimage.color import rgb2lab

from ..errors import NoObjectError
from ..types import Cancel

WORK_SIDE = 512
MAX_MODELS = 3
MIN_MODEL_SHARE = 0.06
"""A backdrop colour must explain at least this share of the border."""
TOLERANCE = (4.5, 12.0)
"""Least and most colour difference (CIE76) that still counts as background."""
MIN_OBJECT_SHARE = 0.002
SHADOW_FLOOR = 0.35
"""A soft shadow keeps at least this part of the background's lightness."""
SHADOW_SLOPE = 2.2
"""A soft shadow's colour changes by less than this (CIE76) a pixel of the working size."""


@dataclass(frozen=True)
class Separation:
    """Object and background of an opaque picture.

    rgb: float32 [h, w, 3], the object's colours. alpha: float32 [h, w]. confidence: 0..1.
    doubt: what speaks most against the cut, the beginning of a sentence.
    """

    rgb: np.ndarray
    alpha: np.ndarray
    confidence: float
    doubt: str


def separate_from_background(rgb: np.ndarray, cancel: Cancel) -> Separation:
    """Separate the object from a plain background.

    rgb: float32 [h, w, 3], sRGB-encoded, in [0, 1].

    Up to three smooth colour fields (quadratic in x and y, CIELAB) are fitted robustly to the
    picture's border; the background grows from the border through pixels that fit them, or the
    local mean of what was found so far, or look like a soft shadow on it. Alpha along the boundary
    is the position of the colour between the local means of object and background (the colour line
    of Ruzon & Tomasi 2000).

    Raises NoObjectError when nothing stands out, Cancelled.
    """
    height, width = rgb.shape[:2]
    scale = min(1.0, WORK_SIDE / max(height, width))
    size = (max(8, round(width * scale)), max(8, round(height * scale)))
    work = _resize(rgb, size)
    lab = rgb2lab(work)
    calm = ndimage.gaussian_filter(lab, (0.8, 0.8, 0))
    strip = _border_strip(lab.shape[:2])
    models, tolerance, explained = _fit_border(calm, strip)
    cancel.check()
    near = _nearest_model(calm, models) / tolerance
    backdrop, distance = _grow(calm, near, strip, tolerance, cancel)
    cancel.check()
    solid = _clean(~backdrop, distance)
    share = float(solid.mean())
    if share < MIN_OBJECT_SHARE:
        raise NoObjectError(
            "Nothing stands out from the background.",
            "Use a picture with a transparent background, or one with more contrast.",
        )
    alpha, inside, outside, rim = _soft_edge(work, lab, solid)
    contrast = np.linalg.norm(rgb2lab(inside[rim]) - rgb2lab(outside[rim]), axis=-1)
    confidence, doubt = _judge(explained, contrast, share, solid, strip)
    full_alpha = np.clip(_resize(alpha.astype(np.float32), (width, height)), 0.0, 1.0)
    # Rim pixels are a mix with the background; give them the object's own colour.
    full_inside = _resize(inside.astype(np.float32), (width, height))
    mixed = (full_alpha < 0.98)[..., None]
    colours = np.where(mixed, full_inside, rgb).astype(np.float32)
    return Separation(colours, full_alpha.astype(np.float32), confidence, doubt)


def _resize(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Antialiased resampling of float [h, w] or [h, w, c] to size (width, height)."""
    if values.ndim == 2:
        image = Image.fromarray(np.ascontiguousarray(values, np.float32))
        return np.asarray(image.resize(size, Image.Resampling.BILINEAR))
    return np.stack([_resize(values[..., c], size) for c in range(values.shape[2])], axis=-1)


def _border_strip(shape: tuple[int, int]) -> np.ndarray:
    depth = max(2, round(0.02 * min(shape)))
    strip = np.ones(shape, bool)
    strip[depth:-depth, depth:-depth] = False
    return strip


def _terms(shape: tuple[int, int]) -> np.ndarray:
    """[h, w, 6]: 1, x, y, x^2, xy, y^2 over the picture, x and y in [-1, 1]."""
    y, x = np.meshgrid(np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij")
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _fit_border(lab: np.ndarray, strip: np.ndarray) -> tuple[list[np.ndarray], float, float]:
    """Colour fields of the border: coefficients [6, 3] each, tolerance, share explained.

    One field after another: start from the commonest colour among what is not yet explained, take
    in what fits a constant, a linear and at last a quadratic field.
    """
    terms, colours = _terms(lab.shape[:2])[strip], lab[strip]
    step = max(1, len(colours) // 3000)
    terms, colours = terms[::step], colours[::step]
    open_ = np.ones(len(colours), bool)
    models: list[np.ndarray] = []
    spreads: list[float] = []
    while len(models) < MAX_MODELS and open_.mean() > MIN_MODEL_SHARE:
        probes = colours[open_][:: max(1, open_.sum() // 200)]
        apart = np.linalg.norm(colours[open_][None] - probes[:, None], axis=-1)
        seed = probes[np.argmax((apart < 6.0).sum(axis=1))]
        fits = open_ & (np.linalg.norm(colours - seed, axis=-1) < 8.0)
        model, spread = np.zeros((6, 3)), TOLERANCE[0]
        for degree in (1, 3, 3, 6, 6, 6, 6):
            used = terms[fits, :degree]
            # A light ridge keeps fields tame that see only one side of the picture.
            ridge = 1e-3 * len(used) * np.diag([0.0, *[1.0] * (degree - 1)])
            model = np.zeros((6, 3))
            model[:degree] = np.linalg.solve(used.T @ used + ridge, used.T @ colours[fits])
            residual = np.linalg.norm(colours - terms @ model, axis=-1)
            spread = float(np.clip(3.5 * np.median(residual[fits]), *TOLERANCE))
            fits = open_ & (residual < max(spread, 6.0))
            if fits.sum() < 12:
                break
        if fits.mean() < MIN_MODEL_SHARE:
            break
        models.append(model)
        spreads.append(spread)
        open_ &= ~fits
    if not models:
        return [np.concatenate([[np.median(colours, axis=0)], np.zeros((5, 3))])], TOLERANCE[1], 0.0
    return models, max(spreads), 1.0 - float(open_.mean())


def _nearest_model(lab: np.ndarray, models: list[np.ndarray]) -> np.ndarray:
    terms = _terms(lab.shape[:2])
    return np.min([np.linalg.norm(lab - terms @ model, axis=-1) for model in models], axis=0)


def _local_mean(
    values: np.ndarray, mask: np.ndarray, sigma: float
) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian mean of [h, w, c] over the mask, and the weight there (normalised convolution)."""
    weight = ndimage.gaussian_filter(mask.astype(np.float32), sigma, truncate=3.0)
    masked = np.where(mask[..., None], values, 0.0).astype(np.float32)
    total = ndimage.gaussian_filter(masked, (sigma, sigma, 0), truncate=3.0)
    return total / np.maximum(weight, 1e-6)[..., None], weight


def _grow(
    lab: np.ndarray, near: np.ndarray, strip: np.ndarray, tolerance: float, cancel: Cancel
) -> tuple[np.ndarray, np.ndarray]:
    """Background mask and distance from it, in tolerances (below 1: looks like background)."""
    seeds = strip & (near < 1.0)
    found = ndimage.binary_propagation(seeds, mask=near < 1.0)
    distance = near
    for sigma in (6.0, 12.0, 6.0):
        cancel.check()
        mean, weight = _local_mean(lab, found, sigma)
        local = np.linalg.norm(lab - mean, axis=-1) / tolerance
        distance = np.minimum(near, np.where(weight > 0.02, local, np.inf))
        found = ndimage.binary_propagation(seeds, mask=distance < 1.0)
    return _take_shadow(lab, found, tolerance), distance


def _take_shadow(lab: np.ndarray, found: np.ndarray, tolerance: float) -> np.ndarray:
    """The background with its soft shadows: same hue, darker, reached without a sharp edge."""
    sigma = 0.06 * max(lab.shape[:2])
    small = tuple(max(8, length // 4) for length in lab.shape[1::-1])
    weight = _resize(found.astype(np.float32), small)
    sums = _resize(np.where(found[..., None], lab, 0.0), small)
    weight = ndimage.gaussian_filter(weight, sigma / 4)[..., None]
    sums = ndimage.gaussian_filter(sums, (sigma / 4, sigma / 4, 0))
    ground = _resize((sums / np.maximum(weight, 1e-4)), lab.shape[1::-1])
    ratio = lab[..., 0] / np.maximum(ground[..., 0], 1.0)
    # Lightness scales chroma: a shadow on a coloured wall is a darker, less chromatic colour.
    hue_error = np.linalg.norm(lab[..., 1:] - ground[..., 1:] * ratio[..., None], axis=-1)
    slope = np.sqrt(
        sum(
            ndimage.gaussian_gradient_magnitude(lab[..., channel], 1.0) ** 2 for channel in range(3)
        )
    )
    shaded = (ratio > SHADOW_FLOOR) & (ratio < 1.02) & (hue_error < 1.2 * tolerance)
    grown = ndimage.binary_propagation(found, mask=found | (shaded & (slope < SHADOW_SLOPE)))
    before, after = (~found).sum(), (~grown).sum()
    # An object that dissolves was no shadow.
    return grown if after > 0.35 * before else found


def _clean(solid: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """The object's mask without specks; holes stay where the background shows through clearly."""
    # Growth from the border cannot reach what the object encloses, such as between chair slats.
    through, count = ndimage.label(solid & (distance < 1.0))
    if count:
        index = np.arange(1, count + 1)
        area = ndimage.sum_labels(np.ones_like(distance), through, index)
        typical = ndimage.median(distance, through, index)
        clear = (area > 0.0004 * solid.size) & (typical < 0.5)
        solid = solid & ~np.concatenate([[False], clear])[through]
    solid = ndimage.binary_opening(solid, iterations=1)
    labels, count = ndimage.label(solid, structure=np.ones((3, 3)))
    if not count:
        return solid
    area = np.bincount(labels.ravel())
    area[0] = 0
    return (area >= 0.02 * area.max())[labels] & solid


def _soft_edge(
    rgb: np.ndarray, lab: np.ndarray, solid: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Alpha [h, w], object's and background's colour [h, w, 3] near the edge, rim mask [h, w]."""
    core, clear = (
        ndimage.binary_erosion(solid, iterations=2),
        ~ndimage.binary_dilation(solid, iterations=2),
    )
    rim = ~core & ~clear
    means = []
    for sure, fallback in ((core, solid), (clear, ~solid)):
        close, weight = _local_mean(rgb, sure, 2.5)
        wide, _ = _local_mean(rgb, fallback, 2.5)  # thin parts have no core
        means.append(np.where((weight > 0.02)[..., None], close, wide))
    inside, outside = means
    line = inside - outside
    length = (line**2).sum(axis=-1)
    along = ((rgb - outside) * line).sum(axis=-1) / np.maximum(length, 1e-6)
    blurred = ndimage.gaussian_filter(solid.astype(np.float32), 0.8)
    alpha = np.where(rim & (length > 0.01), np.clip(along, 0.0, 1.0), blurred)
    alpha = np.where(core, 1.0, np.where(clear, 0.0, alpha))
    return alpha, inside, outside, rim & (np.abs(blurred - 0.5) < 0.3)


def _judge(
    explained: float, contrast: np.ndarray, share: float, solid: np.ndarray, strip: np.ndarray
) -> tuple[float, str]:
    """Confidence, and what speaks most against the cut."""
    labels, _ = ndimage.label(solid, structure=np.ones((3, 3)))
    area = np.bincount(labels.ravel())[1:]
    touching = float(solid[strip].mean())
    scores = {
        "The background is busy": ramp(explained, 0.6, 0.88),
        "The object hardly differs from the background": ramp(float(np.median(contrast)), 5, 16)
        * ramp(float(np.mean(contrast > 6.0)), 0.5, 0.9),
        "The object is very small": ramp(share, 0.002, 0.01),
        "The object fills nearly the whole picture": ramp(share, 0.95, 0.8),
        "The object touches the picture's border": ramp(touching, 0.4, 0.1),
        "The picture falls into many pieces": ramp(float(area.max() / area.sum()), 0.3, 0.7),
    }
    return float(np.prod(list(scores.values()))), min(scores, key=lambda reason: scores[reason])


def ramp(value: float, zero: float, one: float) -> float:
    """0 at `zero`, 1 at `one`, linear between, bounded; `one` may be the smaller."""
    return float(np.clip((value - zero) / (one - zero), 0.0, 1.0))
