"""How people stand, move and sit: where their limbs point. Our own table, made by looking.

A limb is `(out, forward, up)` of the upper bone, the same of the lower bone, then the fingers' curl
or the toes' pitch as `skeleton.Limb.end`; `out` is away from the body's middle on either side. Arms
are given in the chest's frame, legs in the pelvis's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...generators.skeleton import Limb, Pose

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


# Limbs that many poses share.
_HANG = (0.22, 0.0, -1, 0.14, 0.22, -1, 18)
_HANG_BENT = (0.28, -0.1, -1, 0.12, 0.45, -1, 22)
_HIP = (0.75, -0.35, -0.75, -0.62, 0.45, -0.55, 25)
_UP = (0.22, 0.05, 1, 0.1, 0.05, 1, 10)
_LEG = (0.08, 0.0, -1, 0.05, -0.03, -1, 0)
_LEG_APART = (0.26, 0.0, -1, 0.2, -0.03, -1, 0)
_LEG_FREE = (0.2, 0.22, -1, 0.12, -0.12, -1, 4)
_LEG_STAND = (0.0, 0.0, -1, 0.02, -0.02, -1, 0)

POSES: tuple[PoseRow, ...] = (
    PoseRow("standing", _HANG, _HANG, _LEG, _LEG),
    PoseRow("standing at ease", _HANG_BENT, _HANG, _LEG_APART, _LEG_APART, head=(15, 0, 0)),
    PoseRow("contrapposto", _HANG_BENT, _HIP, _LEG_FREE, _LEG_STAND, (0, 0, -5), (0, 0, 9)),
    PoseRow("hands on hips", _HIP, _HIP, _LEG_APART, _LEG_APART),
    PoseRow(
        "arms crossed",
        (0.3, 0.4, -0.85, -0.88, 0.42, 0.05, 20),
        (0.3, 0.48, -0.85, -0.85, 0.5, 0.22, 20),
        _LEG_APART,
        _LEG,
        head=(10, 5, 0),
    ),
    PoseRow("T pose", (1, 0, 0, 1, 0, 0, 2), (1, 0, 0, 1, 0, 0, 2), _LEG, _LEG),
    PoseRow(
        "A pose",
        (0.7, 0, -0.7, 0.7, 0.05, -0.7, 4),
        (0.7, 0, -0.7, 0.7, 0.05, -0.7, 4),
        _LEG_APART,
        _LEG_APART,
    ),
    PoseRow("arms raised", _UP, _UP, _LEG_APART, _LEG_APART, head=(0, -15, 0)),
    PoseRow(
        "cheering",
        (0.7, 0.1, 0.8, 0.45, 0.1, 1, 55),
        (0.7, 0.1, 0.8, 0.45, 0.1, 1, 55),
        _LEG_APART,
        _LEG_APART,
        spine=(0, -12, 0),
        head=(0, -12, 0),
    ),
    PoseRow(
        "walking",
        (0.15, -0.45, -1, 0.1, -0.1, -1, 25),
        (0.15, 0.4, -1, 0.05, 0.8, -0.8, 25),
        (0.04, 0.42, -1, 0.03, 0.12, -1, -12),
        (0.04, -0.3, -1, 0.03, -0.72, -1, 25),
        (0, 3, 0),
        (-8, 2, 0),
    ),
    PoseRow(
        "strolling",
        (0.16, 0.25, -1, 0.1, 0.45, -1, 20),
        (0.16, -0.25, -1, 0.1, 0.0, -1, 20),
        (0.05, -0.18, -1, 0.04, -0.42, -1, 12),
        (0.05, 0.28, -1, 0.04, 0.05, -1, -6),
    ),
    PoseRow(
        "running",
        (0.25, -0.85, -0.75, 0.05, 0.75, -0.7, 55),
        (0.2, 0.55, -0.85, -0.15, 0.75, 0.65, 55),
        (0.04, 0.9, -0.55, 0.04, -0.25, -1, -5),
        (0.04, -0.45, -1, 0.03, -1, -0.25, 60),
        (0, 10, 0),
        (-10, 6, 0),
        (5, -10, 0),
        True,
    ),
    PoseRow(
        "sprinting",
        (0.2, 0.8, -0.5, -0.1, 0.6, 0.8, 45),
        (0.25, -1, -0.3, 0.05, 0.3, -1, 45),
        (0.04, -0.7, -0.8, 0.03, -1, -0.5, 65),
        (0.04, 1, -0.15, 0.03, -0.15, -1, 5),
        (0, 18, 0),
        (10, 6, 0),
        (-5, -18, 0),
        True,
    ),
    PoseRow(
        "waving",
        _HANG_BENT,
        (0.85, 0.25, 0.1, 0.25, 0.3, 1, 2),
        _LEG,
        _LEG_APART,
        head=(-12, 0, -6),
    ),
    PoseRow(
        "pointing",
        _HANG,
        (0.15, 1, 0.02, 0.05, 1, 0.05, 12),
        _LEG_APART,
        _LEG,
        (0, 0, 0),
        (12, 0, 0),
    ),
    PoseRow(
        "pointing aside",
        (1, 0.25, 0.15, 1, 0.25, 0.2, 8),
        _HIP,
        _LEG_FREE,
        _LEG_STAND,
        head=(45, 0, 0),
    ),
    PoseRow(
        "reaching up",
        _HANG,
        (0.2, 0.25, 1, 0.08, 0.2, 1, 6),
        (0.05, -0.1, -1, 0, -0.15, -1, 20),
        (0.05, 0, -1, 0.03, 0, -1, 20),
        (0, 0, 0),
        (0, -6, 8),
        (0, -28, 0),
    ),
    PoseRow(
        "reaching forward",
        (0.15, 0.95, -0.15, 0.0, 1, 0.1, 12),
        (0.15, 0.95, -0.05, 0.0, 1, 0.15, 12),
        (0.06, 0.3, -1, 0.04, -0.15, -1, 0),
        (0.06, -0.25, -1, 0.04, -0.4, -1, 12),
        (0, 14, 0),
        (0, 12, 0),
        (0, -16, 0),
    ),
    PoseRow("saluting", _HANG, (0.9, 0.3, 0.12, -0.72, 0.25, 0.72, 2), _LEG, _LEG),
    PoseRow(
        "thinking",
        (0.25, 0.45, -0.85, -0.85, 0.55, 0.0, 30),
        (0.18, 0.5, -0.85, -0.15, 0.3, 0.95, 45),
        _LEG_FREE,
        _LEG_STAND,
        head=(-6, 10, 0),
    ),
    PoseRow(
        "dancing",
        (0.75, 0.2, 0.65, 0.35, 0.1, 0.95, 12),
        _HIP,
        (0.4, 0.35, -0.9, 0.05, -0.5, -0.9, 25),
        (0.06, 0.1, -1, 0.04, -0.15, -1, 0),
        (10, 0, 8),
        (-12, 0, -16),
        (0, 0, 10),
        True,
    ),
    PoseRow(
        "ballet",
        (0.55, 0.4, 0.7, -0.35, 0.2, 0.9, 8),
        (0.9, 0.35, -0.15, 0.7, 0.6, 0.0, 8),
        (0.9, 0.3, -0.25, 0.9, 0.3, -0.35, 50),
        _LEG_STAND,
        (0, 0, -6),
        (0, -4, 8),
        open_legs=True,
    ),
    PoseRow(
        "disco",
        (0.6, 0.1, 0.75, 0.5, 0.1, 0.85, 40),
        (0.5, 0.15, -0.8, 0.35, 0.3, -0.85, 45),
        (0.45, 0.1, -0.9, 0.35, -0.1, -0.9, 4),
        (0.15, 0.15, -1, 0.1, -0.2, -1, 0),
        (0, 0, 7),
        (15, 0, -14),
        (20, -8, 0),
        True,
    ),
    PoseRow(
        "boxing guard",
        (0.25, 0.6, -0.75, -0.25, 0.7, 0.75, 72),
        (0.35, 0.35, -0.85, -0.3, 0.65, 0.75, 72),
        (0.15, 0.5, -0.85, 0.1, -0.2, -1, 0),
        (0.25, -0.2, -0.95, 0.15, -0.4, -0.9, 14),
        (-20, 6, 0),
        (-5, 6, 0),
        (20, 4, 0),
        True,
    ),
    PoseRow(
        "punching",
        (0.3, 0.4, -0.85, -0.3, 0.7, 0.7, 75),
        (0.05, 1, 0.05, -0.08, 1, 0.05, 78),
        (0.15, 0.6, -0.8, 0.1, -0.15, -1, 0),
        (0.22, -0.4, -0.9, 0.12, -0.6, -0.8, 18),
        (15, 8, 0),
        (22, 5, 0),
        (-30, -4, 0),
        True,
    ),
    PoseRow(
        "kicking",
        (0.5, 0.3, -0.6, -0.1, 0.9, 0.4, 60),
        (0.6, -0.35, -0.6, 0.3, 0.4, -0.6, 60),
        (0.05, 0.06, -1, 0.03, -0.2, -1, 0),
        (0.1, 1, 0.1, 0.06, 1, 0.15, 20),
        (0, -14, 6),
        (0, 12, 0),
        (0, 8, 0),
        True,
    ),
    PoseRow(
        "sword overhead",
        (0.1, 0.55, 0.75, -0.3, -0.1, 0.9, 70),
        (0.1, 0.55, 0.8, -0.3, -0.1, 0.9, 70),
        (0.18, 0.55, -0.85, 0.12, -0.1, -1, 0),
        (0.2, -0.4, -0.9, 0.12, -0.55, -0.8, 15),
        open_legs=True,
    ),
    PoseRow(
        "throwing",
        (0.3, 0.85, 0.3, 0.1, 0.95, 0.3, 10),
        (0.85, -0.35, 0.3, 0.1, -0.35, 0.95, 45),
        (0.12, 0.6, -0.85, 0.08, 0.1, -1, -10),
        (0.2, -0.3, -0.95, 0.1, -0.4, -0.9, 12),
        (-12, -8, 0),
        (-15, -8, -6),
        (25, 10, 0),
        True,
    ),
    PoseRow(
        "archer",
        (1, 0.15, 0.02, 1, 0.15, 0.02, 65),
        (0.95, 0.05, 0.05, -0.95, 0.28, 0.08, 60),
        _LEG_APART,
        _LEG_APART,
        head=(75, 0, 0),
    ),
    PoseRow(
        "carrying",
        (0.18, 0.15, -1, -0.08, 1, -0.1, 35),
        (0.18, 0.15, -1, -0.08, 1, -0.1, 35),
        _LEG_APART,
        _LEG,
        spine=(0, -6, 0),
    ),
    PoseRow(
        "carrying on the shoulder",
        (0.55, 0.35, 0.45, -0.5, -0.1, 0.75, 25),
        _HANG,
        _LEG_FREE,
        _LEG_STAND,
        spine=(0, 0, -6),
        head=(0, 0, -12),
    ),
    PoseRow(
        "pushing",
        (0.2, 0.9, -0.25, 0.05, 1, 0.2, 5),
        (0.2, 0.9, -0.25, 0.05, 1, 0.2, 5),
        (0.08, 0.55, -0.85, 0.06, -0.35, -0.95, 5),
        (0.08, -0.45, -0.9, 0.06, -0.7, -0.7, 22),
        (0, 25, 0),
        (0, 6, 0),
        (0, -22, 0),
        True,
    ),
    PoseRow(
        "lunging",
        _HIP,
        _HIP,
        (0.08, 0.95, -0.4, 0.06, -0.05, -1, 0),
        (0.08, -0.55, -0.85, 0.05, -0.85, -0.5, 40),
        open_legs=True,
    ),
    PoseRow(
        "squatting",
        (0.25, 0.85, -0.35, 0.0, 1, 0.1, 15),
        (0.25, 0.85, -0.35, 0.0, 1, 0.1, 15),
        (0.35, 0.95, -0.15, 0.12, -0.65, -0.9, 0),
        (0.35, 0.95, -0.15, 0.12, -0.65, -0.9, 0),
        (0, 22, 0),
        (0, 12, 0),
        (0, -20, 0),
        True,
    ),
    PoseRow(
        "crouching",
        (0.2, 0.6, -0.8, -0.1, 0.9, -0.2, 20),
        (0.2, 0.5, -0.8, -0.05, 0.8, -0.5, 20),
        (0.25, 0.95, 0.12, 0.1, -0.6, -0.95, 0),
        (0.2, 0.75, -0.6, 0.1, -1, -0.35, 45),
        (0, 28, 0),
        (0, 18, 0),
        (0, -25, 0),
        True,
    ),
    PoseRow(
        "kneeling on one knee",
        (0.2, 0.55, -0.8, -0.1, 0.95, -0.1, 25),
        _HANG_BENT,
        (0.1, 1, -0.05, 0.05, 0.0, -1, 0),
        (0.08, 0.05, -1, 0.05, -1, -0.08, 62),
        (0, 3, 0),
        (0, 4, 0),
        open_legs=True,
    ),
    PoseRow(
        "kneeling",
        _HANG_BENT,
        _HANG_BENT,
        (0.14, 0.1, -1, 0.05, -1, -0.08, 75),
        (0.14, 0.1, -1, 0.05, -1, -0.08, 75),
        open_legs=True,
    ),
    PoseRow(
        "sitting on the heels",
        (0.15, 0.3, -1, -0.1, 0.9, -0.4, 15),
        (0.15, 0.3, -1, -0.1, 0.9, -0.4, 15),
        (0.2, 1, -0.3, 0.0, -1, 0.02, 80),
        (0.2, 1, -0.3, 0.0, -1, 0.02, 80),
        (0, 6, 0),
        open_legs=True,
    ),
    PoseRow(
        "sitting, legs stretched",
        (0.3, -0.6, -0.9, 0.15, -0.35, -1, 4),
        (0.3, -0.6, -0.9, 0.15, -0.35, -1, 4),
        (0.14, 1, 0.02, 0.1, 1, -0.06, -75),
        (0.14, 1, 0.02, 0.1, 1, -0.06, -75),
        (0, -12, 0),
        open_legs=True,
    ),
    PoseRow(
        "sitting cross-legged",
        (0.25, 0.35, -0.9, -0.1, 0.85, -0.45, 15),
        (0.25, 0.35, -0.9, -0.1, 0.85, -0.45, 15),
        (0.8, 0.75, -0.1, -0.9, 0.05, -0.18, 35),
        (0.8, 0.75, 0.05, -0.85, 0.35, -0.25, 35),
        (0, -2, 0),
        (0, 8, 0),
        open_legs=True,
    ),
    PoseRow(
        "sitting, knees up",
        (0.2, 0.85, -0.4, -0.35, 0.85, -0.25, 25),
        (0.2, 0.85, -0.4, -0.35, 0.85, -0.25, 25),
        (0.14, 0.8, 0.72, 0.06, 0.45, -1, 0),
        (0.14, 0.8, 0.72, 0.06, 0.45, -1, 0),
        (0, -8, 0),
        (0, 22, 0),
        open_legs=True,
    ),
    PoseRow(
        "sneaking",
        (0.45, 0.35, -0.75, 0.05, 0.95, 0.0, 20),
        (0.5, -0.2, -0.8, 0.1, 0.8, -0.3, 20),
        (0.12, 0.75, -0.75, 0.08, -0.4, -1, 8),
        (0.12, 0.05, -1, 0.08, -0.75, -0.8, 30),
        (0, 18, 0),
        (-8, 14, 0),
        (15, -22, 0),
        True,
    ),
    PoseRow(
        "hands behind the back",
        (0.3, -0.35, -0.95, -0.55, -0.35, -0.75, 25),
        (0.3, -0.35, -0.95, -0.55, -0.35, -0.75, 25),
        _LEG,
        _LEG_APART,
        spine=(0, -5, 0),
    ),
    PoseRow("bowing", _HANG, _HANG, _LEG, _LEG, spine=(0, 45, 0), head=(0, 18, 0)),
    PoseRow(
        "looking back", _HANG_BENT, _HANG, _LEG_FREE, _LEG_STAND, (0, 0, -3), (30, 0, 4), (40, 0, 0)
    ),
    PoseRow(
        "shrugging",
        (0.3, 0.1, -0.9, 0.75, 0.5, -0.05, 6),
        (0.3, 0.1, -0.9, 0.75, 0.5, -0.05, 6),
        _LEG_APART,
        _LEG,
        head=(0, 0, 12),
    ),
    PoseRow(
        "balancing",
        (1, 0.1, 0.15, 1, 0.1, 0.25, 4),
        (1, 0.05, -0.1, 1, 0.05, -0.05, 4),
        (0.2, 0.95, -0.15, 0.1, -0.1, -1, 35),
        _LEG_STAND,
        (0, 0, -4),
        open_legs=True,
    ),
    PoseRow(
        "jumping",
        (0.5, 0.1, 0.85, 0.3, 0.1, 1, 8),
        (0.5, 0.1, 0.85, 0.3, 0.1, 1, 8),
        (0.2, 0.45, -0.85, 0.12, -0.8, -0.7, 50),
        (0.2, 0.2, -0.95, 0.12, -0.7, -0.8, 50),
        (0, 0, 0),
        (0, -8, 0),
        (0, -12, 0),
        True,
    ),
)


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
