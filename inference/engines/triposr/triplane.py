"""Three planes of features: the learned tokens they begin as, and the step to their full size.

Chan et al., "Efficient Geometry-Aware 3D Generative Adversarial Networks" (EG3D), CVPR 2022,
section 4.1. The names of the parts are those of the published file.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

PLANES, SIDE, WIDTH, CHANNELS = 3, 32, 1024, 40


class TriplaneTokens(nn.Module):
    """The tokens that every picture starts from."""

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = nn.Parameter(torch.empty(PLANES, WIDTH, SIDE, SIDE))

    def forward(self) -> Tensor:
        """float32 [1, 1024, 3 * 32 * 32]: planes, then rows, then columns."""
        return self.embeddings.transpose(0, 1).flatten(1)[None]


class Upsampler(nn.Module):
    """The transformer's answer [1, 1024, 3072] -> planes [3, 40, 64, 64]."""

    def __init__(self) -> None:
        super().__init__()
        self.upsample = nn.ConvTranspose2d(WIDTH, CHANNELS, 2, 2)

    def forward(self, tokens: Tensor) -> Tensor:
        """float32."""
        planes = tokens[0].unflatten(1, (PLANES, SIDE, SIDE)).transpose(0, 1)
        return self.upsample(planes)
