"""From a picture to one object in a square: which pixels are the object, and the crop around it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from ..errors import NoObjectError, PictureError
from ..settings import AUTOMATIC
from ..types import Cancel, Cutout, CutPreview, Picture
from .background import Separation
from .image import NOISE_ALPHA, resample
from .matting import Matting
from .opaque import SURE, separate_object
from .pieces import choose_object

FILL = 0.85
"""The longest side of the object's box takes this part of the square."""
BOX_ALPHA = 0.1
SPECK_SHARE = 0.02
"""Separate pieces with less than this share of the largest one's area are dust."""
MIN_BOX = 8

_TRANSPARENT = "Use a picture with a transparent background."


@dataclass(frozen=True)
class Isolated:
    """A picture of one object and nothing else.

    rgba: float32 [height, width, 4], as of the Picture, alpha 0 where the object is not.
    confidence, messages: as of the Cutout.
    """

    rgba: np.ndarray
    confidence: float
    messages: tuple[str, ...]


def cut_out(
    picture: Picture,
    *,
    background: str = AUTOMATIC,
    subject: str = AUTOMATIC,
    point: tuple[float, float] = (0.5, 0.5),
    side: int = 512,
    matting: Matting | None = None,
    cancel: Cancel | None = None,
) -> Cutout:
    """Cut the object out of a picture and centre it in a square.

    background: one of `settings.BACKGROUNDS`. automatic: the picture's alpha where it marks an
    object, else the object is found and cut out (`separate_object`). keep: the picture's alpha, an
    opaque picture as a whole. remove: cut out even if there is alpha.
    subject: one of `settings.SUBJECTS`, point: its place (`GenerateSettings` tells both).
    side: pixels of the square. matting: the network, kept between calls; None: one for this call.

    The square is centred on the box of alpha above `BOX_ALPHA` (dust ignored), whose longest side
    fills `FILL` of it; `Cutout.crop` and `source_size` are in pixels of `picture.rgba`.

    Raises PictureError when nothing stands out or nothing is at the point, Cancelled.
    """
    isolated = isolate(
        picture,
        background=background,
        subject=subject,
        point=point,
        matting=matting,
        cancel=cancel,
    )
    return crop_square(isolated, picture.name, side)


def isolate(
    picture: Picture,
    *,
    background: str = AUTOMATIC,
    subject: str = AUTOMATIC,
    point: tuple[float, float] = (0.5, 0.5),
    matting: Matting | None = None,
    cancel: Cancel | None = None,
) -> Isolated:
    """The first half of `cut_out`, which tells about the parameters: which pixels are the object.

    Raises PictureError when nothing stands out or nothing is at the point, Cancelled.
    """
    cancel = cancel or Cancel()
    cancel.check()
    rgba = picture.rgba
    messages = list(picture.messages)
    confidence = 1.0
    if background == "remove" or (background == AUTOMATIC and not picture.has_alpha):
        separation, told = _separate(rgba, matting or Matting(), subject, point, cancel)
        confidence = separation.confidence
        rgba = np.concatenate([separation.rgb, separation.alpha[..., None]], axis=-1)
        messages += told
        if confidence < SURE:
            messages.append(f"{separation.doubt}: the cut may be wrong. {_TRANSPARENT}")
    elif subject != AUTOMATIC and (visible := rgba[..., 3] > BOX_ALPHA).any():
        territory = choose_object(visible, subject, point).territory
        rgba = np.where(territory[..., None], rgba, np.float32(0.0))
    cancel.check()
    alpha, pieces = _drop_dust(rgba[..., 3])
    if pieces > 1:
        messages.append(f"The picture shows {pieces} separate pieces; they are modelled as one.")
    rgba = np.concatenate([rgba[..., :3], alpha[..., None]], axis=-1)
    return Isolated(rgba, confidence, tuple(messages))


def crop_square(isolated: Isolated, name: str, side: int = 512) -> Cutout:
    """The second half of `cut_out`: the square around the object. Raises PictureError."""
    alpha = isolated.rgba[..., 3]
    left, top, right, bottom = _box(alpha)
    longest = max(right - left, bottom - top)
    if longest < MIN_BOX:
        raise PictureError(
            f"The object in the picture is only {longest} pixels long.",
            "Choose a picture in which the object is larger.",
        )
    extent = longest / FILL
    crop = ((left + right - extent) / 2, (top + bottom - extent) / 2, extent)
    square = resample(
        isolated.rgba,
        (crop[0], crop[1], crop[0] + extent, crop[1] + extent),
        (side, side),
    )
    height, width = alpha.shape
    square.setflags(write=False)
    return Cutout(
        rgba=square,
        crop=crop,
        source_size=(width, height),
        name=name,
        confidence=isolated.confidence,
        messages=isolated.messages,
    )


def preview_cut(picture: Picture, isolated: Isolated, side: int = 384) -> CutPreview:
    """The whole picture with the cut as its alpha, its longest side at most `side` pixels."""
    height, width = picture.rgba.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    own = picture.rgba[..., 3:]
    shown = np.ones_like(picture.rgba)
    shown[..., :3] = picture.rgba[..., :3] * own + 0.5 * (1.0 - own)  # mid grey shows through
    box = (0.0, 0.0, float(width), float(height))
    small = resample(shown, box, size)
    taken = np.ones_like(picture.rgba)
    taken[..., :3] = isolated.rgba[..., 3:]
    small[..., 3] = resample(taken, box, size)[..., 0]
    rgba = np.rint(small.clip(0.0, 1.0) * 255).astype(np.uint8)
    return CutPreview(rgba, isolated.confidence, isolated.messages)


def make_thumbnail(cutout: Cutout, side: int = 64) -> np.ndarray:
    """uint8 [side, side, 4]: the cutout's square, small."""
    whole = float(cutout.rgba.shape[0])
    small = resample(cutout.rgba, (0.0, 0.0, whole, whole), (side, side))
    return np.rint(small.clip(0.0, 1.0) * 255).astype(np.uint8)


def _separate(
    rgba: np.ndarray, matting: Matting, subject: str, point: tuple[float, float], cancel: Cancel
) -> tuple[Separation, list[str]]:
    """The opaque cut; a picture with alpha is laid over mid grey first and keeps its alpha."""
    own = rgba[..., 3:]
    opaque = rgba[..., :3] * own + 0.5 * (1.0 - own)
    separation, told = separate_object(opaque, matting, subject=subject, point=point, cancel=cancel)
    if own.min() < 1.0:
        separation = replace(separation, alpha=np.minimum(separation.alpha, own[..., 0]))
    return separation, told


def _drop_dust(alpha: np.ndarray) -> tuple[np.ndarray, int]:
    """Alpha without invisible noise and specks, and the number of pieces that are left."""
    # Measured on the visible core, so that a haze of low alpha does not join the pieces.
    labels, count = ndimage.label(alpha > BOX_ALPHA, structure=np.ones((3, 3)))
    if count == 0:
        raise NoObjectError("Nothing stands out in the picture.", _TRANSPARENT)
    areas = ndimage.sum_labels(alpha, labels, np.arange(1, count + 1))
    kept = areas >= SPECK_SHARE * areas.max()
    visible = alpha > NOISE_ALPHA
    if not kept.all():
        # The soft rim around a speck goes with it: every faint pixel belongs to its nearest piece.
        nearest = ndimage.distance_transform_edt(
            labels == 0, return_distances=False, return_indices=True
        )
        visible &= np.concatenate([[False], kept])[labels[tuple(nearest)]]
    return np.where(visible, alpha, 0.0).astype(np.float32), int(kept.sum())


def _box(alpha: np.ndarray) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of alpha above `BOX_ALPHA`, pixel edges."""
    core = alpha > BOX_ALPHA
    columns, rows = np.flatnonzero(core.any(axis=0)), np.flatnonzero(core.any(axis=1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def map_to_source(cutout: Cutout, x: float, y: float) -> tuple[float, float]:
    """A point of the square (pixels, origin top left) in the source picture's pixels."""
    scale = cutout.crop[2] / cutout.rgba.shape[1]
    return cutout.crop[0] + x * scale, cutout.crop[1] + y * scale


def map_to_square(cutout: Cutout, x: float, y: float) -> tuple[float, float]:
    """Inverse of `map_to_source`."""
    scale = cutout.rgba.shape[1] / cutout.crop[2]
    return (x - cutout.crop[0]) * scale, (y - cutout.crop[1]) * scale
