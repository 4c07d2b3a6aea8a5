"""What the networks' answers cost."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

from ...inference.engines.pixel.canonical import SHARPNESS
from ...inference.engines.pixel.networks import Reading
from .batches import Batch

OVERLAP = 0.4  # weight of the soft overlap beside the cross-entropy
FRONTLESS = 0.15
"""Weight of the azimuth of what has no front: it stands in any yaw, which nobody can tell."""
POSE_WEIGHTS = (1.0, 0.5, 2.0, 2.0, 2.0)
"""Of the numbers that `batches.pose_numbers` lists. With the true scale and centre of the picture
instead of the estimated ones a finished shape has .03 more IoU, as much as with the true azimuth:
what is seen, the canonical shape, its box and the plane of symmetry are laid over each other by
them."""
POSE_BETA = 0.05
AZIMUTH_SPREAD = math.radians(8)
"""Deviation of the target around the true azimuth: neighbouring bins are nearly right."""


def occupancy_error(logits: Tensor, inside: Tensor, uniform: int) -> Tensor:
    """Mean binary cross-entropy of logits [B, N], inside 0 or 1, and what is missing of a soft
    overlap (Dice) on the last `uniform` points of each picture, which are spread evenly.

    Cross-entropy alone leaves thin parts that are only likely out of the surface everywhere.
    """
    logits = logits.float()
    spread, there = logits[:, -uniform:].sigmoid(), inside[:, -uniform:]
    overlap = 2 * (spread * there).sum(1) / (spread.sum(1) + there.sum(1) + 1)
    entropy = functional.binary_cross_entropy_with_logits(logits, inside)
    return entropy + OVERLAP * (1 - overlap).mean()


def fused_logits(seen: Tensor, whole: Tensor) -> Tensor:
    """Logits [B, N] of what is seen plus those of the canonical shape, whose h is `whole`; that
    shape learns from `latent_error` alone, so that it stays whole where nothing is seen."""
    return seen.float() + SHARPNESS * (whole.detach().float() - 0.5)


def latent_error(h: Tensor, inside: Tensor, uniform: int) -> Tensor:
    """As `occupancy_error`, of imnet's last layer before its clip, h [B, N], 1 inside.

    The paper takes the squared error of the clipped output, whose slope of 0.01 beyond [0, 1]
    lets a narrow network that starts on the wrong side stay there. Here h = 0.5 is even odds and
    h = 1 odds of e^4: the level and the clip keep their meaning.
    """
    return occupancy_error(SHARPNESS * (h.float() - 0.5), inside, uniform)


def azimuth_target(azimuth: Tensor, bins: int) -> Tensor:
    """float [B, bins] that sum to 1: a bump around azimuth [B] (radians), see `Reading.azimuth`."""
    angles = (torch.arange(bins) + 0.5) / bins * (2 * math.pi)
    away = torch.remainder(azimuth[:, None] - angles + math.pi, 2 * math.pi) - math.pi
    return torch.softmax(-0.5 * (away / AZIMUTH_SPREAD) ** 2, 1)


def camera_errors(reading: Reading, batch: Batch) -> tuple[Tensor, Tensor]:
    """Cross-entropy of the azimuth, and the weighted smooth L1 error of the other numbers."""
    target = azimuth_target(batch.camera.azimuth, reading.azimuth.shape[1])
    entropy = functional.cross_entropy(reading.azimuth, target, reduction="none")
    weights = torch.where(batch.has_front, 1.0, FRONTLESS)
    azimuth = (entropy * weights).mean()
    away = functional.smooth_l1_loss(reading.pose, batch.pose, beta=POSE_BETA, reduction="none")
    return azimuth, (away * torch.tensor(POSE_WEIGHTS)).mean()
