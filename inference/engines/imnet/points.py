"""What both decoders do to points and to their output."""

from __future__ import annotations

import math

import torch
from torch import Tensor

SLOPE = 0.02  # of every leaky ReLU


def clip_output(h: Tensor) -> Tensor:
    """max(min(h, 0.01 h + 0.99), 0.01 h): a clip to [0, 1] that keeps a slope outside."""
    return torch.maximum(torch.minimum(h, 0.01 * h + 0.99), 0.01 * h)


def encode_points(points: Tensor, frequencies: int) -> Tensor:
    """[..., 3] -> [..., 3 + 6 frequencies]: the points, then sines, then cosines, per octave."""
    if not frequencies:
        return points
    octaves = 2.0 ** torch.arange(frequencies, device=points.device, dtype=points.dtype)
    angles = (points[..., None, :] * (2 * math.pi * octaves)[:, None]).flatten(-2)
    return torch.cat((points, angles.sin(), angles.cos()), -1)
