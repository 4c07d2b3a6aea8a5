"""The object of an opaque picture: the learned matting, checked by the model of a plain backdrop.

The network sees the picture twice: as a whole, which tells where objects are, and a window around
the one that is meant, which tells its outline. The outline is then drawn to the picture's edges. An
object at a point is looked for in smaller windows too, until a cut is sure.

Where the picture's border is calm the backdrop's model answers too. Measured on photographs of
things before studio backdrops, the refined network is the better of the two (`benchmarks/matting`),
so the model has smaller parts: it finds objects that the network ignores; where both agree it opens
the holes that the network closes, such as a chair's back; it takes over where it is sure and the
network is not; and where the two disagree the artist is told. Before a busy border it is wrong and
sure of it, and is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy import ndimage
from skimage.color import rgb2lab

from ..errors import PictureError, WeightsError
from ..types import Cancel
from .background import Separation, ramp, separate_from_background
from .edges import WORK_SIDE, estimate_colours, refine_matte, resize, working_size
from .matting import Matting
from .pieces import Choice, choose_object, find_object, nothing_stands_out, nothing_there

SURE = 0.75
"""From this confidence on a cut is not worth a warning."""
SHARES = (0.002, 0.95)
"""Least and most of the picture that an object covers."""
SEEN = 0.25
"""From here on the first, coarse matte shows an object."""
MARGIN = 0.25
"""Of the object's longest side, left around it when the network looks closer."""
DECIDED = (0.6, 0.62, 0.94)
"""Mean distance of the matte from one half (as 0..1): below the first it shows nothing; confidence
0 and 1. At 0.86 and more, nine in ten cuts of composed photographs have an IoU above 0.9."""
STEADY = (0.5, 0.9)
"""IoU of the network's two looks at the object: confidence 0 and 1."""
CALM = 0.22
"""Most lightness gradient (median, CIELAB a pixel of the working size, over a scale of two pixels
that grain does not reach) along a border that the backdrop's model understands. Studios have 0.02
to 0.2, grass 2."""
AGREED = 0.7
"""IoU of the two cuts from which the backdrop's holes are believed: below, it has rather eaten into
an object of its own colour."""
HOLE = 2
"""Least radius of such a hole, in pixels of the picture."""
POINT_WINDOWS = (0.6, 0.35)
"""Sides of the windows, of the picture's longest, in which an object at a point is looked for."""


def separate_object(
    rgb: np.ndarray, matting: Matting, *, subject: str, point: tuple[float, float], cancel: Cancel
) -> tuple[Separation, list[str]]:
    """Separate one object from its background; and what the artist should be told.

    rgb: float32 [h, w, 3], sRGB-encoded, in [0, 1]. subject, point: as in `GenerateSettings`.
    Without the network the backdrop's model is used alone, and the messages say so.

    Raises PictureError when nothing stands out, or nothing at the point; Cancelled.
    """
    try:
        matting.load()
    except WeightsError as error:
        separation = separate_from_background(rgb, cancel)
        choice = choose_object(separation.alpha > 0.5, subject, point)
        told = f"{error} Until then a simpler method cuts the object out."
        return _keep(separation, choice.territory), [told, *_tell(choice, subject)]
    size = working_size(rgb.shape[1], rgb.shape[0])
    work = resize(rgb, size)
    coarse = matting.predict(work)
    cancel.check()
    backdrop = _ask_backdrop(rgb, work, cancel)
    best: tuple[Separation, Choice] | None = None
    for matte, choice in _locate(work, coarse, backdrop, matting, subject, point, cancel):
        territory = _enlarge(choice.territory, rgb.shape[:2])
        learned = _look_closer(rgb, matte, choice, territory, matting, cancel)
        separation = _decide(learned, _keep(backdrop, territory) if backdrop else None)
        if separation and (best is None or separation.confidence > best[0].confidence):
            best = separation, choice
        if best is not None and best[0].confidence >= SURE:
            break
    if best is None:
        raise nothing_stands_out()
    return best[0], _tell(best[1], subject)


def _ask_backdrop(rgb: np.ndarray, work: np.ndarray, cancel: Cancel) -> Separation | None:
    """What the model of a plain backdrop says; None where the picture is none of its kind."""
    depth = max(2, round(0.04 * min(work.shape[:2])))
    slope = ndimage.gaussian_gradient_magnitude(rgb2lab(work)[..., 0], 2.0)
    slope[depth:-depth, depth:-depth] = np.nan
    # A backdrop's light changes over the picture, however many pixels that has.
    if np.nanmedian(slope) * max(work.shape[:2]) / WORK_SIDE > CALM:
        return None
    try:
        return separate_from_background(rgb, cancel)
    except PictureError:
        return None


def _locate(
    work: np.ndarray,
    coarse: np.ndarray,
    backdrop: Separation | None,
    matting: Matting,
    subject: str,
    point: tuple[float, float],
    cancel: Cancel,
) -> Iterator[tuple[np.ndarray, Choice]]:
    """Coarse mattes and where in them the object is that is meant, likeliest first.

    There is one, but for a point: there, windows around it show what does not stand out in the
    whole picture. Raises PictureError when there is none.
    """
    mask = coarse > SEEN
    if backdrop is not None and backdrop.confidence >= SURE:
        mask |= resize(backdrop.alpha, mask.shape[::-1]) > 0.5
    found = SHARES[0] <= mask.mean() <= SHARES[1]
    if subject != "point":
        if not found:
            raise nothing_stands_out()
        yield coarse, choose_object(mask, subject, point)
        return
    height, width = mask.shape
    x, y = point[0] * width, point[1] * height
    count = 0
    for part in (None, *POINT_WINDOWS):
        if part is not None:
            cancel.check()
            reach = 0.5 * part * max(height, width)
            coarse = matting.predict(work, (x - reach, y - reach, x + reach, y + reach))
            mask = coarse > 0.5
            found = mask.mean() >= SHARES[0]
        if found and (choice := find_object(mask, point)):
            count += 1
            yield coarse, choice
    if not count:
        raise nothing_there(point)


def _look_closer(
    rgb: np.ndarray,
    coarse: np.ndarray,
    choice: Choice,
    territory: np.ndarray,
    matting: Matting,
    cancel: Cancel,
) -> Separation | None:
    """The learned cut of the chosen object; None where the network shows nothing."""
    height, width = rgb.shape[:2]
    scale = height / coarse.shape[0]
    left, top, right, bottom = (edge * scale for edge in choice.box)
    margin = MARGIN * max(right - left, bottom - top)
    left, top = max(0, round(left - margin)), max(0, round(top - margin))
    right, bottom = min(width, round(right + margin)), min(height, round(bottom + margin))
    window = slice(top, bottom), slice(left, right)
    part, own = rgb[window], territory[window]
    cancel.check()
    fine = matting.predict(part) * own
    cancel.check()
    seen = fine > 0.1
    decided = float(np.abs(2 * fine[seen] - 1).mean()) if seen.any() else 0.0
    alpha = refine_matte(part, fine) * own
    share = float((alpha > 0.5).sum()) / (height * width)
    if decided < DECIDED[0] or not SHARES[0] <= share <= SHARES[1]:
        return None
    before = (resize(coarse, (width, height)) * territory)[window]
    scores = {
        "The object is hard to tell from its surroundings": ramp(decided, *DECIDED[1:])
        * ramp(_overlap(before, fine), *STEADY),
        "The object is very small": ramp(share, 0.002, 0.006),
        "The object fills nearly the whole picture": ramp(share, 0.95, 0.8),
        "The object touches the picture's border": ramp(
            _touching(alpha, window, (height, width)), 0.4, 0.1
        ),
    }
    full_alpha, colours = np.zeros((height, width), np.float32), rgb.copy()
    full_alpha[window] = alpha
    colours[window] = estimate_colours(part, alpha)
    doubt = min(scores, key=lambda reason: scores[reason])
    return Separation(colours, full_alpha, float(np.prod(list(scores.values()))), doubt)


def _touching(alpha: np.ndarray, window: tuple[slice, slice], shape: tuple[int, int]) -> float:
    """Part of the picture's border that the object covers."""
    whole = np.zeros(shape, bool)
    whole[window] = alpha > 0.5
    return float(np.concatenate([whole[0], whole[-1], whole[:, 0], whole[:, -1]]).mean())


def _decide(learned: Separation | None, backdrop: Separation | None) -> Separation | None:
    """One of two cuts of the same object; None where neither shows one."""
    sure = backdrop is not None and backdrop.confidence >= SURE and backdrop.alpha.max() > 0.5
    if learned is None:
        if backdrop is None or backdrop.confidence < 0.3 or backdrop.alpha.max() <= 0.5:
            return None
        return backdrop
    if backdrop is None or not sure:
        return learned
    if learned.confidence < SURE:
        return backdrop
    overlap = _overlap(learned.alpha, backdrop.alpha)
    if overlap >= AGREED:
        return replace(learned, alpha=_open_holes(learned.alpha, backdrop.alpha))
    agreement = ramp(overlap, 0.3, AGREED)
    return replace(
        learned,
        confidence=learned.confidence * agreement,
        doubt="Two ways of cutting the object out disagree",
    )


def _open_holes(alpha: np.ndarray, backdrop: np.ndarray) -> np.ndarray:
    """The learned alpha without what is clearly backdrop: thicker than the edges' uncertainty."""
    clear = ndimage.binary_opening(backdrop < 0.05, iterations=HOLE)
    return np.where(
        ndimage.binary_dilation(clear, iterations=HOLE), np.minimum(alpha, backdrop), alpha
    ).astype(np.float32)


def _overlap(first: np.ndarray, second: np.ndarray) -> float:
    """IoU of two soft mattes."""
    return float(np.minimum(first, second).sum() / max(np.maximum(first, second).sum(), 1e-6))


def _keep(separation: Separation, territory: np.ndarray) -> Separation:
    return replace(separation, alpha=np.where(territory, separation.alpha, 0.0).astype(np.float32))


def _enlarge(mask: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """A mask at another size, nearest pixel."""
    rows = np.arange(shape[0]) * mask.shape[0] // shape[0]
    columns = np.arange(shape[1]) * mask.shape[1] // shape[1]
    return mask[np.ix_(rows, columns)]


def _tell(choice: Choice, subject: str) -> list[str]:
    if choice.count < 2 or subject not in ("automatic", "largest"):
        return []
    told = f"The picture shows {choice.count} objects; the largest is modelled."
    return [told] if subject == "largest" else [f"{told} Object chooses another."]
