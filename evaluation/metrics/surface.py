"""Distances and normals between two surfaces, by points spread over each.

Definitions: Chamfer-L1 and normal consistency as in Mescheder et al., "Occupancy Networks" (2019),
supplement; F-score as in Tatarchenko et al., "What Do Single-view 3D Reconstruction Networks
Learn?" (2019). The normal consistency here is signed: a surface turned inside out counts -1, where
the usual absolute value would hide it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ...training.data.occupancy import SurfaceSamples
from .shape import Shape

POINTS = 100_000
LEAF = 64
"""Points in a leaf of the search trees: large, for the far queries that bad predictions make."""
THRESHOLDS = (0.01, 0.02, 0.05)
"""Of the F-score, as shares of the truth's box diagonal."""


@dataclass(frozen=True)
class SurfaceScores:
    """chamfer: mean of accuracy and completeness in tenths of the truth's longest box edge.

    f: F-scores in the order of `THRESHOLDS`, 0..1. normals: signed consistency, -1..1.
    """

    chamfer: float
    f: tuple[float, ...]
    normals: float


class SurfaceTruth:
    """Points on the true surface and their search tree, made once for many predictions."""

    def __init__(self, shape: Shape, rng: np.random.Generator, points: int = POINTS) -> None:
        self.shape = shape
        self.samples = shape.sample(points, rng)
        self.tree = cKDTree(self.samples.points, LEAF)

    def compare(self, prediction: Shape, rng: np.random.Generator) -> SurfaceScores:
        """Scores of a prediction in the truth's frame."""
        return compare_samples(self, prediction.sample(len(self.samples.points), rng))


def compare_samples(truth: SurfaceTruth, predicted: SurfaceSamples) -> SurfaceScores:
    """Scores of points on a predicted surface against the truth's."""
    to_truth, at_truth = truth.tree.query(predicted.points)
    to_predicted, at_predicted = cKDTree(predicted.points, LEAF).query(truth.samples.points)
    unit = truth.shape.longest_edge / 10
    chamfer = (to_truth.mean() + to_predicted.mean()) / 2 / unit
    scores = []
    for share in THRESHOLDS:
        reach = share * truth.shape.diagonal
        precision, recall = (to_truth <= reach).mean(), (to_predicted <= reach).mean()
        total = precision + recall
        scores.append(float(2 * precision * recall / total) if total > 0 else 0.0)
    accuracy = np.einsum("nd,nd->n", predicted.normals, truth.samples.normals[at_truth]).mean()
    completeness = np.einsum(
        "nd,nd->n", truth.samples.normals, predicted.normals[at_predicted]
    ).mean()
    return SurfaceScores(float(chamfer), tuple(scores), float((accuracy + completeness) / 2))
