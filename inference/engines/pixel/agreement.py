"""From where the object is seen, by what its two descriptions agree on.

The camera head often cannot tell two directions apart. The canonical shape knows its front, and the
pixel-aligned one lies as the picture shows it: turned by the true azimuth they overlap best.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from .canonical import CanonicalGrid
from .networks import PixelNetwork, Reading
from .projection import PictureCamera

SAMPLES = 14  # along each axis of object space
HALF = 0.52
WEIGHT = 20.0
"""Log-likelihood of a full overlap over none; chosen on validation pictures."""


@torch.no_grad()
def weigh_azimuths(
    network: PixelNetwork,
    reading: Reading,
    mattes: list[Tensor],
    camera: PictureCamera,
    whole: CanonicalGrid,
) -> Tensor:
    """What to add to one reading's azimuth logits, float32 [azimuths].

    camera: of the picture, whose azimuth is replaced by each of the bins'.
    """
    axis = ((torch.arange(SAMPLES, device=reading.code.device) + 0.5) / SAMPLES * 2 - 1) * HALF
    points = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), -1).view(-1, 3)
    known = whole.logits(points).sigmoid()
    bins = reading.azimuth.shape[1]
    overlaps = []
    for number in range(bins):
        azimuth = torch.full_like(camera.azimuth, (number + 0.5) / bins * 2 * math.pi)
        projected = replace(camera, azimuth=azimuth).project(points[None])
        seen = network.occupancy(reading, mattes, projected)[0].sigmoid()
        both = seen * known
        overlaps.append(both.sum() / (seen + known - both).sum().clamp(min=1e-6))
    return WEIGHT * torch.stack(overlaps)
