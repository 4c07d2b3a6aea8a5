"""Ask a Field for its values in chunks, with arrays in and out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from ..errors import EmptyFieldError, WeightsError
from ..types import Cancel, Field

CHUNK = 1 << 15
"""Points per call: a network's field answers within about 0.2 s on a slow processor, so that a
cancel is felt at once, and its activations stay within some tens of megabytes."""


def evaluate_field(
    field: Field,
    points: np.ndarray,
    *,
    cancel: Cancel | None = None,
    on_chunk: Callable[[int], None] | None = None,
    chunk: int = CHUNK,
) -> np.ndarray:
    """Values of `field` at points of object space.

    Parameters
    ----------
    points: float [N, 3], any N.
    cancel: asked before every chunk.
    on_chunk: told the number of points after every chunk.
    chunk: points per call of the field.

    Returns
    -------
    float32 [N].

    Raises
    ------
    Cancelled; WeightsError when a value is not a finite number; ValueError when the field gives
    another number of values than points.
    """
    values = np.empty(len(points), np.float32)
    for start in range(0, len(points), chunk):
        if cancel is not None:
            cancel.check()
        part = np.ascontiguousarray(points[start : start + chunk], np.float32)
        with torch.inference_mode():
            answer = field.occupancy(torch.from_numpy(part).to(field.device))
        if tuple(answer.shape) != (len(part),):
            raise ValueError(f"field gave shape {tuple(answer.shape)} for {len(part)} points")
        found = answer.to("cpu", torch.float32).numpy()
        if not np.isfinite(found).all():
            raise WeightsError(
                "The network gave values that are not numbers.",
                "Its weights are damaged: reinstall the extension, or choose another checkpoint.",
            )
        values[start : start + len(part)] = found
        if on_chunk is not None:
            on_chunk(len(part))
    return values


def check_bounds(field: Field) -> tuple[np.ndarray, np.ndarray]:
    """The field's box as two float64 [3] corners, lowest first.

    Raises EmptyFieldError when the box is not finite or has no volume, or the level is not finite.
    """
    low, high = (np.asarray(corner, np.float64) for corner in field.bounds)
    if low.shape != (3,) or high.shape != (3,) or not np.isfinite([low, high]).all():
        raise EmptyFieldError(f"The field's box {field.bounds} is not a box.")
    if not (high > low).all():
        raise EmptyFieldError(f"The field's box {field.bounds} has no volume.")
    if not np.isfinite(field.level):
        raise EmptyFieldError(f"The field's level {field.level} is not a number.")
    return low, high
