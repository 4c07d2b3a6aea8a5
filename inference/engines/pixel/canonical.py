"""The whole object in its own pose, as a picture's category suggests it.

Pixel-aligned features know what is seen and little of what is behind it; a latent shape (IM-NET,
Chen and Zhang 2019, with the plane decoder of `imnet.planes`) knows whole objects and little of
this one. Their logits are added, so each speaks where it is sure. PIFu (section 3.2) reads the
hidden side from the picture's features alone.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..efficientnet import FEATURES, LEVEL_CHANNELS, Pyramid
from ..imnet.planes import PlaneDecoder

CELL_CHANNELS = 64
CELLS = 4  # a side of the trunk's last level
SHARPNESS = 8.0
"""Logits from h = 0 to h = 1 of the decoder, whose level is 0.5."""
GRID = 48  # samples along an edge; the decoder's planes have 32
GRID_HALF = 0.6  # half of the grid's edge, in box diagonals
CHUNK = 1 << 14
FLIP = (-1.0, 1.0, 1.0)


class CanonicalBranch(nn.Module):
    """A picture's last features to a latent shape.

    latent: length of z. planes, frequencies, width: see `PlaneDecoder`.
    """

    def __init__(self, latent: int, planes: int, frequencies: int, width: int) -> None:
        super().__init__()
        self.cells = nn.Conv2d(LEVEL_CHANNELS[-1], CELL_CHANNELS, 1)
        seen = CELL_CHANNELS * CELLS**2 + FEATURES
        self.latent, self.box = nn.Linear(seen, latent), nn.Linear(seen, 3)
        self.decoder = PlaneDecoder(latent, planes, frequencies, width)

    def read(self, pyramid: Pyramid) -> tuple[Tensor, Tensor]:
        """What the trunk made of B pictures -> latents [B, latent] in (0, 1), and the logarithms of
        the edges of the object's box, along x, y and z, in box diagonals, [B, 3]."""
        cells = functional.relu(self.cells(pyramid.levels[-1])).flatten(1)
        seen = torch.cat((cells, pyramid.pooled), 1)
        return torch.sigmoid(self.latent(seen)), self.box(seen)

    def logits(self, points: Tensor, latents: Tensor) -> Tensor:
        """Logits [B, N] at object space points [B, N, 3]."""
        return SHARPNESS * (self.decoder.evaluate_layers(points, latents) - 0.5)


class CanonicalGrid:
    """The logits of one latent shape on a grid, made once: points then only read them.

    branch: the network. latent: [latent], of the picture. mirrored: [latent], of the picture's
    mirror image, which shows the mirrored object; the mean of both is more right than either.
    """

    @torch.no_grad()
    def __init__(self, branch: CanonicalBranch, latent: Tensor, mirrored: Tensor) -> None:
        axis = ((torch.arange(GRID, device=latent.device) + 0.5) / GRID * 2 - 1) * GRID_HALF
        points = torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), -1).view(-1, 3)
        half, other = branch.decoder.fold(latent), branch.decoder.fold(mirrored)
        flip = torch.tensor(FLIP, device=latent.device)
        values = torch.cat([half(part) + other(part * flip) for part in points.split(CHUNK)])
        # grid_sample counts x first in the last dimension
        grid = SHARPNESS * (values / 2 - 0.5).view(GRID, GRID, GRID)
        self._grid = grid.permute(2, 1, 0)[None, None].contiguous()

    @torch.no_grad()
    def logits(self, points: Tensor) -> Tensor:
        """Logits [N] at object space points [N, 3]; beyond the grid those of its border."""
        places = (points / GRID_HALF)[None, :, None, None]
        return functional.grid_sample(
            self._grid, places, padding_mode="border", align_corners=False
        )[0, 0, :, 0, 0]
