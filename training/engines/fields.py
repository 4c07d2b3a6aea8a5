"""IoU of the networks' own fields on the grid's cell centres, per class, on held-out objects.

A yardstick for training (thresholds, checkpoints), not the project's published evaluation, which
measures extracted meshes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...inference.engines.imnet.networks import Decoder
from ...inference.engines.imnet.planes import PlaneDecoder
from ..shared.fine_views import FineViews
from ..shared.pack import GRID, Pack

LEVELS = tuple(np.arange(0.2, 0.81, 0.05).round(2).tolist())
TOLERANCE = 0.03
LEGGED = {"chair": 0.35, "table": 0.35}  # thin legs carry them: worth more than IoU counts


@dataclass(frozen=True)
class Scores:
    """Mean IoU over objects, and per class (missing classes are left out)."""

    mean: float
    classes: dict[str, float]
    counts: dict[str, int]


def grid_points(step: int = 2) -> Tensor:
    """Cell centres of every step-th cell of the 64^3 grid, float32 [(64 / step)^3, 3]."""
    axis = (torch.arange(0, GRID, step) + 0.5) / GRID - 0.5
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)


def field_values(decoder: Decoder | PlaneDecoder, z: Tensor, points: Tensor) -> Tensor:
    """Occupancy [N] of one latent [latent] at points [N, 3]."""
    folded = decoder.fold(z)
    return torch.cat([folded(chunk) for chunk in points.split(1 << 15)])


def truth_at(grids: Tensor, step: int) -> Tensor:
    """Bool [B, 64, 64, 64] -> [B, (64 / step)^3] at the points of `grid_points`."""
    return grids[:, ::step, ::step, ::step].flatten(1)


def iou(inside: Tensor, truth: Tensor) -> Tensor:
    """IoU [B] of bool [B, P] each."""
    return (inside & truth).sum(1) / (inside | truth).sum(1).clamp(min=1)


def best_level(values: Tensor, truth: Tensor, levels: Iterable[float]) -> tuple[float, Tensor]:
    """The level with the best mean IoU; values and truth [B, N]; returns it and the IoUs [B]."""
    best, best_ious = 0.5, torch.zeros(len(values))
    for level in levels:
        ious = iou(values > level, truth)
        if ious.mean() > best_ious.mean():
            best, best_ious = float(level), ious
    return best, best_ious


def summarise(ious: np.ndarray, classes: np.ndarray, names: Sequence[str]) -> Scores:
    """Mean over all and per class of IoUs [B] with class indices [B] into `names`."""
    present = [c for c in range(len(names)) if (classes == c).any()]
    return Scores(
        float(ious.mean()),
        {names[c]: float(ious[classes == c].mean()) for c in present},
        {names[c]: int((classes == c).sum()) for c in present},
    )


def spread(rows: np.ndarray, limit: int | None) -> np.ndarray:
    """At most `limit` rows, evenly spread over the list."""
    if limit is None or len(rows) <= limit:
        return rows
    return rows[np.linspace(0, len(rows) - 1, limit).astype(int)]


def class_levels(
    values: Tensor, truth: Tensor, classes: np.ndarray, names: Sequence[str]
) -> dict[str, float]:
    """The level of each class: the lowest that costs at most `TOLERANCE` of the best mean IoU, or
    what `LEGGED` says of its class.

    IoU hardly counts thin parts; a lower level keeps more of a chair's legs. values, truth [M, P].
    """
    chosen = {}
    for index in np.unique(classes):
        members = torch.from_numpy(classes == index)
        means = {
            level: float(iou(values[members] > level, truth[members]).mean()) for level in LEVELS
        }
        tolerance = LEGGED.get(names[index], TOLERANCE)
        enough = (1 - tolerance) * max(means.values())
        chosen[names[index]] = min(level for level, mean in means.items() if mean >= enough)
    return chosen


def azimuth_errors(found: Tensor, true: Tensor) -> Tensor:
    """Angles [B] between azimuths [B], radians, 0 to pi."""
    return (torch.remainder(found - true + math.pi, 2 * math.pi) - math.pi).abs()


def choose_views(
    pack: Pack, split: str, *, views: int, limit: int | None, source: FineViews | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and numbers of the first `views` pictures of at most `limit` objects of a split.

    source: the pack's large pictures, if they are wanted; objects without any are passed over.
    """
    views_of = pack.views_of if source is None else source.views_of
    rows = np.array([row for row in pack.rows[split] if len(views_of[row])], np.int64)
    pairs = [(row, view) for row in spread(rows, limit) for view in views_of[row][:views]]
    rows, numbers = np.array(pairs, np.int64).reshape(-1, 2).T
    return rows, numbers
