"""Several objects in one picture: which pixels belong to the one that is meant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..errors import NoObjectError, PictureError

GAP = 0.015
"""Pieces closer than this part of the picture's longest side are one object: thin stems break."""
REACH = 0.03
"""A point may miss its object by this part of the picture's longest side."""
OBJECT_SHARE = 0.1
"""Pieces with less than this share of the largest one's area are not counted as objects."""


@dataclass(frozen=True)
class Choice:
    """One object of a picture.

    territory: bool [h, w], the pixels nearer to it than to any other piece. box: (left, top, right,
    bottom) of its own pixels, edges. count: how many objects there are.
    """

    territory: np.ndarray
    box: tuple[int, int, int, int]
    count: int


def choose_object(mask: np.ndarray, subject: str, point: tuple[float, float]) -> Choice:
    """The object that is meant among the pieces of a mask.

    mask: bool [h, w]. subject: largest (also automatic): most pixels; central: nearest
    to the picture's middle; point: nearest to `point`, fractions of width and height from top left.

    Raises PictureError when the mask is empty, or shows nothing at the point.
    """
    if not mask.any():
        raise nothing_stands_out()
    height, width = mask.shape
    longest = max(height, width)
    away, nearest = ndimage.distance_transform_edt(~mask, return_indices=True)
    labels, count = ndimage.label(away <= 0.5 * GAP * longest, structure=np.ones((3, 3)))
    labels = labels * mask
    index = np.arange(1, count + 1)
    areas = ndimage.sum_labels(mask, labels, index)
    order = -areas
    if subject in ("central", "point"):
        x, y = point if subject == "point" else (0.5, 0.5)
        rows, columns = np.ogrid[0:height, 0:width]
        distance = np.hypot(columns + 0.5 - x * width, rows + 0.5 - y * height)
        order = ndimage.minimum(distance, labels, index)
        if subject == "point" and order.min() > REACH * longest:
            raise nothing_there(point)
        # Dust in the middle is not what anybody means.
        if subject == "central":
            order = np.where(areas >= OBJECT_SHARE * areas.max(), order, np.inf)
    chosen = 1 + int(np.lexsort((-areas, order))[0])
    rows, columns = np.nonzero(labels == chosen)
    return Choice(
        territory=labels[tuple(nearest)] == chosen,
        box=(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1),
        count=int((areas >= OBJECT_SHARE * areas.max()).sum()),
    )


def find_object(mask: np.ndarray, point: tuple[float, float]) -> Choice | None:
    """`choose_object` at a point; None where there is nothing."""
    try:
        return choose_object(mask, "point", point)
    except PictureError:
        return None


def nothing_stands_out() -> NoObjectError:
    """The error for a picture without an object."""
    return NoObjectError(
        "Nothing stands out in the picture.",
        "Use a picture with a transparent background, or one that shows one object clearly.",
    )


def nothing_there(point: tuple[float, float]) -> NoObjectError:
    """The error for a point beside every object."""
    return NoObjectError(
        f"There is no object at the point ({point[0]:.2f}, {point[1]:.2f}) of the picture.",
        "Give a point on the object (0, 0 is the top left corner, 1, 1 the bottom right one), or "
        "set Object to Automatic.",
    )
