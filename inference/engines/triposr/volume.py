"""The density and colour of a picture's scene, in the networks' own space."""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor

from .decoder import DENSITY_BIAS, RADIUS, Decoder, FoldedDecoder, sample_planes

CHUNK_CPU, CHUNK = 1 << 12, 1 << 16
"""Points at once: on a processor their features stay in its cache."""


class Volume(Protocol):
    """What a field is made of; `TriplaneVolume` is one."""

    device: torch.device

    def log_density(self, points: Tensor) -> Tensor:
        """float32 [N, 3], the networks' space -> float32 [N], the density's logarithm."""
        ...

    def colour(self, points: Tensor) -> Tensor:
        """float32 [N, 3], the networks' space -> float32 [N, 3], sRGB-encoded, in 0..1."""
        ...


class TriplaneVolume:
    """The planes of one picture and the decoder (see `Volume`).

    The space is that of the camera that took the picture: it stands on +X, 1.9 from the origin, and
    looks along -X; +Y is to its right, +Z up. The scene is within +-0.87 along each axis; beyond it
    the planes are zero and the answers mean nothing.

    planes: float32 [3, 40, H, W]. decoder: float32, on the same device.
    """

    def __init__(self, planes: Tensor, decoder: Decoder) -> None:
        self.device: torch.device = planes.device
        self._chunk = CHUNK
        self._ask = lambda points: decoder(sample_planes(planes, points))
        if planes.device.type == "cpu":
            self._ask, self._chunk = FoldedDecoder(planes, decoder), CHUNK_CPU

    @torch.inference_mode()
    def decode(self, points: Tensor) -> Tensor:
        """float32 [N, 3] -> float32 [N, 4]: the decoder's answers."""
        answers = torch.empty(len(points), 4, device=self.device)
        for start in range(0, len(points), self._chunk):
            part = slice(start, start + self._chunk)
            answers[part] = self._ask(points[part] / RADIUS)
        return answers

    def log_density(self, points: Tensor) -> Tensor:
        """See `Volume`."""
        return self.decode(points)[:, 0] + DENSITY_BIAS

    def colour(self, points: Tensor) -> Tensor:
        """See `Volume`."""
        return self.decode(points)[:, 1:].sigmoid()


THRESHOLD = 25.0
"""Density of the surface."""
LOG_THRESHOLD = math.log(THRESHOLD)
