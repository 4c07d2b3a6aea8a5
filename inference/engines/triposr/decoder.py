"""A point's features to its density and colour.

A point reads three planes bilinearly, (x, y), (x, z) and (y, z), the first coordinate along a
plane's width; beyond the planes everything is zero. The features of the planes one after another go
through ten linear layers with SiLU between them (TripoSR 2024, section 2.1).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .triplane import CHANNELS, PLANES

RADIUS = 0.87
"""Half of the box's edge, in the networks' own space."""
DENSITY_BIAS = -1.0
WIDTH, HIDDEN, OUTPUTS = 64, 9, 4
AXES = ((0, 1), (0, 2), (1, 2))
"""Coordinates along the width and the height of every plane."""


class Decoder(nn.Module):
    """Features [N, 120] -> the density's logarithm before its bias, and colour logits, [N, 4]."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = [nn.Linear(PLANES * CHANNELS, WIDTH), nn.SiLU()]
        for _ in range(HIDDEN - 1):
            layers += [nn.Linear(WIDTH, WIDTH), nn.SiLU()]
        self.layers = nn.Sequential(*layers, nn.Linear(WIDTH, OUTPUTS))

    def forward(self, features: Tensor) -> Tensor:
        """float32."""
        return self.layers(features)


def sample_planes(planes: Tensor, points: Tensor) -> Tensor:
    """Planes [3, C, H, W] at points [N, 3] of -1..1 across the box -> features [N, 3 C]."""
    places = torch.stack([points[:, axes] for axes in AXES])[:, None]
    features = functional.grid_sample(
        planes, places, mode="bilinear", padding_mode="zeros", align_corners=False
    )
    return features[:, :, 0].flatten(0, 1).T


class FoldedDecoder:
    """A decoder with the planes of one picture folded in: the same answers, in less time.

    The first layer is linear, and so is reading a plane: the planes go through it once, and a point
    then adds twelve rows of the answer (three planes, four corners) instead of gathering features
    and multiplying them. embedding_bag does that in one pass.

    planes: float32 [3, 40, H, W]. decoder: on the same device.
    """

    @torch.no_grad()
    def __init__(self, planes: Tensor, decoder: Decoder) -> None:
        first, *rest = (layer for layer in decoder.layers if isinstance(layer, nn.Linear))
        self._height, self._width = planes.shape[2:]
        parts = first.weight.unflatten(1, (len(planes), -1))  # [64, 3, 40]
        rows = torch.einsum("pchw,opc->phwo", planes, parts)
        self._rows = rows.flatten(0, 2).contiguous()
        self._bias = first.bias
        self._layers = [(layer.weight.T.contiguous(), layer.bias) for layer in rest]
        self.device = planes.device

    @torch.no_grad()
    def __call__(self, points: Tensor) -> Tensor:
        """float32 [N, 3] of -1..1 across the box -> float32 [N, 4], as `Decoder`."""
        index, weight = self._locate(points)
        hidden = functional.embedding_bag(
            index, self._rows, mode="sum", per_sample_weights=weight
        ).add_(self._bias)
        for matrix, bias in self._layers:
            hidden = torch.addmm(bias, functional.silu(hidden, inplace=True), matrix)
        return hidden

    def _locate(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Rows int32 [N, 12] and their weights float32 [N, 12]; 0 for rows beyond a plane."""
        # -1 is the outer edge of the first sample, whose centre is half a sample further in
        columns = [((points[:, a] + 1) * self._width - 1) / 2 for a, _ in AXES]
        lines = [((points[:, b] + 1) * self._height - 1) / 2 for _, b in AXES]
        x, y = torch.stack(columns, 1), torch.stack(lines, 1)
        left, top = x.floor(), y.floor()
        plane = torch.arange(len(AXES), device=points.device) * self._height
        rows, weights = [], []
        for down in (0, 1):
            line = top + down
            share_y = 1 - (y - line).abs()
            share_y = share_y * ((line >= 0) & (line < self._height))
            start = (line.clamp(0, self._height - 1).int() + plane) * self._width
            for across in (0, 1):
                column = left + across
                share_x = 1 - (x - column).abs()
                share_x = share_x * ((column >= 0) & (column < self._width))
                rows.append(start + column.clamp(0, self._width - 1).int())
                weights.append(share_y * share_x)
        return torch.cat(rows, 1).int(), torch.cat(weights, 1)
