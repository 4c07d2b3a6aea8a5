"""Baseline: the average solid of the true class, which a classifier alone could deliver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..metrics.shape import Shape
from .grids import Pack, shape_of_values

LEVELS = np.round(np.arange(0.1, 0.71, 0.05), 2)
ENOUGH = 5
"""With fewer validation objects than that a class gets the level that is best over all."""


@dataclass(frozen=True)
class MeanShapes:
    """averages: float32 [n, n, n] by class. levels: by class, chosen on the validation split."""

    averages: dict[str, np.ndarray]
    levels: dict[str, float]

    def predict(self, kind: str) -> Shape | None:
        """The mean shape of a class, in object space; None for a class without training objects."""
        if kind not in self.averages:
            return None
        average = self.averages[kind]
        # rare cells only: a level no higher than the average reaches gives something always
        return shape_of_values(average, min(self.levels[kind], 0.99 * float(average.max())))


def build_mean_shapes(pack: Pack) -> MeanShapes:
    """Averages over the training originals of every class, with their best levels."""
    kinds = sorted({item["class"] for item in pack.objects})
    averages, ious = {}, {}
    for kind in kinds:
        rows = pack.rows("train", kind)
        if not len(rows):
            continue
        averages[kind] = average_of(pack, rows)
        held = pack.grids(pack.rows("validation", kind))
        ious[kind] = level_ious(averages[kind], held)
    return MeanShapes(averages, choose_levels(ious))


def average_of(pack: Pack, rows: np.ndarray, block: int = 256) -> np.ndarray:
    """Float32 [n, n, n]: share of the rows whose solid holds each cell."""
    total = np.zeros((pack.resolution,) * 3, np.float32)
    for start in range(0, len(rows), block):
        total += pack.grids(rows[start : start + block]).sum(axis=0)
    return total / len(rows)


def level_ious(average: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Float [M, L]: IoU of the average cut at each of `LEVELS` with held-out grids [M, n, n, n]."""
    cuts = np.stack([average > level for level in LEVELS]).reshape(len(LEVELS), -1)
    flat = held.reshape(len(held), cuts.shape[1])
    both = flat.astype(np.float32) @ cuts.T.astype(np.float32)
    either = flat.sum(axis=1)[:, None] + cuts.sum(axis=1)[None] - both
    return both / np.maximum(either, 1)


def choose_levels(ious: dict[str, np.ndarray]) -> dict[str, float]:
    """The level with the highest mean IoU, per class where there are `ENOUGH` objects."""
    together = np.concatenate([*ious.values(), np.zeros((1, len(LEVELS)))])
    overall = float(LEVELS[together.mean(axis=0).argmax()])
    return {
        kind: float(LEVELS[found.mean(axis=0).argmax()]) if len(found) >= ENOUGH else overall
        for kind, found in ious.items()
    }
