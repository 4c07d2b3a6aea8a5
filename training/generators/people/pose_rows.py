"""Rows of a pose table, and poses made from them with a person's own variation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .skeleton import Limb, Pose

Numbers = tuple[float, ...]


@dataclass(frozen=True)
class PoseRow:
    """One pose; angles are (turn left, forward, to the left) in degrees, see `skeleton.Pose`.

    open_legs: the legs are too far apart or too bent for a skirt to hang.
    """

    name: str
    left_arm: Numbers
    right_arm: Numbers
    left_leg: Numbers
    right_leg: Numbers
    pelvis: Numbers = (0, 0, 0)
    spine: Numbers = (0, 0, 0)
    head: Numbers = (0, 0, 0)
    open_legs: bool = False


def jittered_pose(row: PoseRow, rng: np.random.Generator, amount: float = 1.0) -> Pose:
    """The row as a pose with a person's own variation; half of the poses are mirrored.

    amount: 0 gives the row itself, unmirrored; 1 about 6 degrees at every joint.
    """
    left, right = _vary(row.left_arm, rng, amount), _vary(row.right_arm, rng, amount)
    left_leg = _vary(row.left_leg, rng, 0.6 * amount)
    right_leg = _vary(row.right_leg, rng, 0.6 * amount)
    pelvis, spine, head = (
        np.array(angles, np.float64) + amount * rng.normal(0, deviation, 3)
        for angles, deviation in ((row.pelvis, 1.0), (row.spine, 3.5), (row.head, 6.0))
    )
    if amount and rng.random() < 0.5:
        left, right, left_leg, right_leg = right, left, right_leg, left_leg
        pelvis, spine, head = (angles * [-1, 1, -1] for angles in (pelvis, spine, head))
    return Pose(
        _limb(left, 1),
        _limb(right, -1),
        _limb(left_leg, 1),
        _limb(right_leg, -1),
        tuple(pelvis),
        tuple(spine),
        tuple(head),
    )


def _vary(numbers: Numbers, rng: np.random.Generator, amount: float) -> np.ndarray:
    values = np.array(numbers, np.float64)
    for part in (slice(0, 3), slice(3, 6)):
        values[part] /= np.linalg.norm(values[part])
        values[part] += amount * rng.normal(0, 0.06, 3)
    values[6] += amount * rng.normal(0, 3.0)
    return values


def _limb(values: np.ndarray, side: int) -> Limb:
    to_world = np.array([side, -1.0, 1.0])
    return Limb(values[:3] * to_world, values[3:6] * to_world, float(values[6]))
