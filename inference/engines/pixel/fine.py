"""The fine level: what the picture shows at three times the resolution that was understood.

After PIFuHD (Saito et al., CVPR 2020, sections 3.2 and 3.3): a second image network reads the
picture at full resolution with little context, and what the coarse level made of a point (its
embedding) stands in for the depth. Two things differ: it answers with a correction of the coarse
logit instead of an occupancy of its own, and only near the coarse surface, which is where a small
processor can afford it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..efficientnet import scale_pixels

PICTURE = 384
REACH = 5.0
"""Coarse logits beyond which a point is not asked about: odds of 150 to 1."""
STEM, WIDTHS = 16, (32, 40, 48)  # channels at 192, and at 96, 48 and 24 cells a side
FEATURES = (12, 24)  # read at 192 and 96 cells a side
HIDDEN = (64, 32)


@dataclass(frozen=True)
class FinePlanes:
    """What points read in B pictures: float32 [B, 12, 192, 192] and [B, 24, 96, 96]."""

    half: Tensor
    quarter: Tensor


def _convolve(inputs: int, outputs: int, stride: int = 1, size: int = 3) -> nn.Sequential:
    """A convolution, batch normalisation and ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class FineLevel(nn.Module):
    """Image network, a small hourglass, and point network.

    embedding: length of what the coarse point network made of a point.
    """

    def __init__(self, embedding: int) -> None:
        super().__init__()
        first, second, third = WIDTHS
        self.stem = _convolve(4, STEM, 2, 5)
        self.down_96 = _convolve(STEM, first, 2)
        self.down_48 = _convolve(first, second, 2)
        self.down_24 = _convolve(second, third, 2)
        self.bottom = _convolve(third, third)
        self.lateral_48 = nn.Conv2d(third, second, 1)
        self.up_48 = _convolve(second, second)
        self.lateral_96 = nn.Conv2d(second, first, 1)
        self.up_96 = _convolve(first, first)
        self.plane_96 = nn.Conv2d(first, FEATURES[1], 1)
        self.lateral_192 = nn.Conv2d(first, STEM, 1)
        self.plane_192 = nn.Conv2d(STEM, FEATURES[0], 3, 1, 1)
        self.linear_1 = nn.Linear(sum(FEATURES) + embedding, HIDDEN[0])
        self.linear_2 = nn.Linear(HIDDEN[0], HIDDEN[1])
        self.linear_3 = nn.Linear(HIDDEN[1], 1)

    def start_silent(self) -> None:
        """The correction is 0 until training says otherwise."""
        nn.init.zeros_(self.linear_3.weight)
        nn.init.zeros_(self.linear_3.bias)

    def read(self, pictures: Tensor) -> FinePlanes:
        """Float [B, 4, 384, 384], colours times alpha and alpha, 0-1."""
        at_192 = self.stem(scale_pixels(pictures))
        at_96 = self.down_96(at_192)
        at_48 = self.down_48(at_96)
        deep = self.bottom(self.down_24(at_48))
        at_48 = self.up_48(at_48 + _twice(self.lateral_48(deep)))
        at_96 = self.up_96(at_96 + _twice(self.lateral_96(at_48)))
        half = self.plane_192(functional.relu(at_192 + _twice(self.lateral_192(at_96))))
        # grid_sample reads planes that lie one after the other
        return FinePlanes(half.float().contiguous(), self.plane_96(at_96).float().contiguous())

    def correction(self, planes: FinePlanes, points: Tensor, embedding: Tensor) -> Tensor:
        """Logits [B, N] to add at picture frame points [B, N, 3], whose coarse embedding is
        [B, N, E], where `near_surface` says 1."""
        flat = points[:, :, None, :2]
        found = [
            functional.grid_sample(plane, flat, padding_mode="border", align_corners=False)[..., 0]
            for plane in (planes.half, planes.quarter)
        ]
        h = self.linear_1(torch.cat((torch.cat(found, 1).transpose(1, 2), embedding), -1))
        h = self.linear_2(functional.relu(h))
        return self.linear_3(functional.relu(h)).squeeze(-1)


def near_surface(logits: Tensor) -> Tensor:
    """Share of the correction that counts at coarse logits: 1 at even odds, 0 from `REACH` on."""
    return (1 - logits.abs() / REACH).clamp(min=0)


def _twice(x: Tensor) -> Tensor:
    return functional.interpolate(x, scale_factor=2, mode="nearest")
