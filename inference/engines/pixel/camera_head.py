"""What the camera head's numbers say."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from .networks import ELEVATION_UNIT
from .projection import PictureCamera

NEIGHBOURS = 2  # bins on both sides of the best one that belong to its answer
HALF_SIDES = (0.03, 1.2)
SCALES = (0.12, 0.9)
ELEVATIONS = (0.0, math.radians(75))  # things stand on the ground and are seen from above


@dataclass(frozen=True)
class EstimatedCamera:
    """camera: of one picture. confidence: 0..1, the share of likelihood near the azimuth; objects
    that look alike from several sides spread it."""

    camera: PictureCamera
    confidence: float


def read_camera(azimuth: Tensor, pose: Tensor) -> EstimatedCamera:
    """The camera of one picture from the head's logits [azimuths] and numbers [5].

    The azimuth is the mean direction of the most likely bin and its neighbours. Values are kept
    within what training saw, so that no picture gives an impossible camera.
    """
    bins = len(azimuth)
    shares = torch.softmax(azimuth.float(), 0)
    best = int(shares.argmax())
    near = torch.arange(best - NEIGHBOURS, best + NEIGHBOURS + 1, device=shares.device) % bins
    angles = (near + 0.5) / bins * (2 * math.pi)
    weights = shares[near]
    angle = torch.atan2((weights * angles.sin()).sum(), (weights * angles.cos()).sum())
    elevation, log_side, log_scale, x, y = pose.float()
    side = log_side.exp().clamp(*HALF_SIDES)
    scale = log_scale.exp().clamp(*SCALES)
    camera = PictureCamera(
        azimuth=angle[None],
        elevation=(elevation * ELEVATION_UNIT).clamp(*ELEVATIONS)[None],
        half_side=side[None],
        centre_x=(side * x.clamp(-0.5, 0.5))[None],
        centre_y=(side * y.clamp(-0.5, 0.5))[None],
        distance=(scale / side)[None],
    )
    return EstimatedCamera(camera, float(weights.sum().clamp(0, 1)))
