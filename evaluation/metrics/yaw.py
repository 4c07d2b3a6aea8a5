"""Which way a shape faces: the best of 36 yaws, the symmetry of the truth, the error."""

from __future__ import annotations

import math

import numpy as np

from .shape import Shape, fit_box, turn
from .volume import iou_of, padded_box, volume_iou

YAWS = np.arange(36) * 10.0
SEARCH_POINTS = 10_000
SYMMETRIC_IOU = 0.9


def best_yaw(truth: Shape, prediction: Shape, points: np.ndarray) -> tuple[float, float]:
    """The yaw in degrees, 0 to 350, by which the prediction has to be turned, and its IoU.

    prediction: as delivered, any scale; every yaw puts its box over the truth's anew.
    points: float64 [N, 3] of the unit cube, the first `SEARCH_POINTS` count. Of equal yaws the
    smallest turn wins.
    """
    points = points[:SEARCH_POINTS]
    best, best_iou = 0.0, -1.0
    for yaw in sorted(YAWS, key=lambda degrees: min(degrees, 360 - degrees)):
        placement = fit_box(prediction.mesh.vertices, truth, turn(yaw))
        placed = placement.apply(prediction.mesh.vertices)
        low, high = padded_box(truth, placed.min(axis=0), placed.max(axis=0))
        scaled = low + points * (high - low)
        found = prediction.inside(placement.undo(scaled), votes=1)
        iou = iou_of(truth.inside(scaled, votes=1), found)
        if iou > best_iou:
            best, best_iou = float(yaw), iou
    return best, best_iou


def symmetry_order(truth: Shape, points: np.ndarray) -> float:
    """How many yaws show the same shape: 1, 2, 4 or infinity.

    Two yaws are the same where the shape overlaps itself, turned about its box's middle and its
    box fitted, with an IoU above `SYMMETRIC_IOU`. Four means both 90 and 180 degrees, infinity all
    multiples of 30 degrees and 45 too.
    """

    def is_same(yaw: float) -> bool:
        placement = fit_box(truth.mesh.vertices, truth, turn(yaw))
        return volume_iou(truth, truth.placed(placement), points) > SYMMETRIC_IOU

    if not is_same(180.0):
        return 1
    if not is_same(90.0):
        return 2
    return math.inf if all(is_same(yaw) for yaw in (30.0, 45.0, 60.0)) else 4


def yaw_error(yaw: float, order: float) -> float | None:
    """Degrees between a shape and its nearest equal yaw; None for one that looks alike all round.

    yaw: by which the prediction has to be turned. order: of the truth's symmetry.
    """
    if math.isinf(order):
        return None
    period = 360.0 / order
    return abs((yaw + period / 2) % period - period / 2)
