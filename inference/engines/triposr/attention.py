"""Attention and the gated feed-forward layer of the triplane transformer.

Vaswani et al., "Attention Is All You Need", 2017, section 3.2; Shazeer, "GLU Variants Improve
Transformer", 2020, equation 6 (GEGLU). The names of the parts are those of the published file.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

TOKENS = 1024
"""Tokens at once in the feed-forward layer, whose inner width is eight times the outer."""


def attend(query: Tensor, key: Tensor, value: Tensor, heads: int) -> Tensor:
    """Multi-head attention of projected tokens: [B, N, C], [B, M, C] twice -> [B, N, C].

    Memory grows like N + M, not like their product, where torch has a fused kernel.
    """
    parts = (part.unflatten(2, (heads, -1)).transpose(1, 2) for part in (query, key, value))
    return functional.scaled_dot_product_attention(*parts).transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Tokens [B, N, width] look at tokens [B, M, context] -> [B, N, width].

    The projections into the heads have no bias, the one out of them has.
    """

    def __init__(self, width: int, context: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.to_q = nn.Linear(width, width, bias=False)
        self.to_k = nn.Linear(context, width, bias=False)
        self.to_v = nn.Linear(context, width, bias=False)
        self.to_out = nn.ModuleList([nn.Linear(width, width)])

    def forward(self, tokens: Tensor, context: Tensor) -> Tensor:
        """Both in the weights' precision."""
        seen = attend(self.to_q(tokens), self.to_k(context), self.to_v(context), self.heads)
        return self.to_out[0](seen)


class GatedProjection(nn.Module):
    """GEGLU: [B, N, width] -> [B, N, inner]; the second half gates the first."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.proj = nn.Linear(width, 2 * inner)

    def forward(self, tokens: Tensor) -> Tensor:
        """In the weights' precision; GELU is the exact one."""
        value, gate = self.proj(tokens).chunk(2, -1)
        return value * functional.gelu(gate)


class GatedFeedForward(nn.Module):
    """[B, N, width] -> [B, N, width] by way of four times the width, some tokens at once."""

    def __init__(self, width: int) -> None:
        super().__init__()
        # The published file counts a dropout between the two as number 1.
        self.net = nn.ModuleList(
            [GatedProjection(width, 4 * width), nn.Identity(), nn.Linear(4 * width, width)]
        )

    def forward(self, tokens: Tensor) -> Tensor:
        """In the weights' precision."""
        return torch.cat([self.net[2](self.net[0](part)) for part in tokens.split(TOKENS, 1)], 1)
