"""Random numbers for a batch of pictures, from one generator."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


class Draws:
    """Draws per picture; every result has the batch first, so the pictures differ."""

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self.count = count
        self.generator = generator

    def of(self, chosen: Tensor) -> Draws:
        """Draws for the pictures whose numbers `chosen` [K] lists."""
        return Draws(len(chosen), self.generator)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """float [count, *shape] in low..high; without a shape [count, 1, 1, 1]."""
        shape = shape or (1, 1, 1)
        values = torch.rand(self.count, *shape, generator=self.generator)
        return values * (high - low) + low

    def normal(self, *shape: int) -> Tensor:
        """float [count, *shape], standard normal."""
        return torch.randn(self.count, *shape, generator=self.generator)

    def some(self, share: float) -> Tensor:
        """int64 [K]: numbers of the pictures that are chosen, each with probability `share`."""
        return torch.nonzero(torch.rand(self.count, generator=self.generator) < share)[:, 0]

    def clouds(self, side: int, cells: int, channels: int = 1) -> Tensor:
        """float [count, channels, side, side]: smooth noise of about unit spread."""
        noise = self.normal(channels, cells, cells)
        middle, size = (max(side // 4, cells),) * 2, (side, side)
        noise = functional.interpolate(noise, middle, mode="bicubic", align_corners=False) * 1.3
        return functional.interpolate(noise, size, mode="bilinear", align_corners=False)
