"""The triplane transformer: learned tokens that look at each other and at the picture.

Hong et al., "LRM: Large Reconstruction Model for Single Image to 3D", ICLR 2024, section 3.2, in
the version of TripoSR (2024, section 2.1). The names of the parts are those of the published file.
"""

from __future__ import annotations

from torch import Tensor, nn

from .attention import Attention, GatedFeedForward

WIDTH, DEPTH, HEADS, CONTEXT = 1024, 16, 16, 768
GROUPS, GROUP_EPSILON = 32, 1e-6


class Block(nn.Module):
    """Self-attention, attention to the picture, feed-forward; each normalised before."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(WIDTH)
        self.attn1 = Attention(WIDTH, WIDTH, HEADS)
        self.norm2 = nn.LayerNorm(WIDTH)
        self.attn2 = Attention(WIDTH, CONTEXT, HEADS)
        self.norm3 = nn.LayerNorm(WIDTH)
        self.ff = GatedFeedForward(WIDTH)

    def forward(self, tokens: Tensor, picture: Tensor) -> Tensor:
        """float32 [B, N, 1024] and the picture's tokens [B, M, 768] -> [B, N, 1024].

        What is added up stays float32; the branches compute in their weights' precision.
        """
        precision = self.attn1.to_q.weight.dtype
        own = self.norm1(tokens).to(precision)
        tokens = tokens + self.attn1(own, own).float()
        own = self.norm2(tokens).to(precision)
        tokens = tokens + self.attn2(own, picture.to(precision)).float()
        return tokens + self.ff(self.norm3(tokens).to(precision)).float()


class Backbone(nn.Module):
    """All parts in the layout of the file; `network.encode_picture` goes through them one by one.

    `norm` counts over all tokens at once: [B, 1024, N]. `proj_out` is followed by the sum with the
    tokens before `norm`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(GROUPS, WIDTH, GROUP_EPSILON)
        self.proj_in = nn.Linear(WIDTH, WIDTH)
        self.transformer_blocks = nn.ModuleList(Block() for _ in range(DEPTH))
        self.proj_out = nn.Linear(WIDTH, WIDTH)
