"""The image network: DINO's ViT-B/16 as Hugging Face's transformers 4.35 runs it.

Caron et al., "Emerging Properties in Self-Supervised Vision Transformers", ICCV 2021; Dosovitskiy
et al., "An Image is Worth 16x16 Words", ICLR 2021, section 3.1. The names of the parts are those of
the published file. Its pooler is in the file and is not used.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .attention import attend

WIDTH, DEPTH, HEADS, INNER, PATCH = 768, 12, 12, 3072, 16
TRAINED = 14
"""Patches along a side of the pictures that the position embeddings were trained for."""
EPSILON = 1e-12
NUDGE = 0.1
"""Added to the new side before it is divided by the old one. It was meant to guard the floor of the
output's size, but it also scales the coordinates: results without it differ in the third digit."""


def interpolate_positions(embeddings: Tensor, side: int) -> Tensor:
    """Position embeddings for another number of patches.

    embeddings: float32 [1, 1 + 14 * 14, C], the class token's first. side: patches along a side.
    Returns float32 [1, 1 + side * side, C]; the class token's position is kept. On the CPU: not all
    devices have the bicubic filter.
    """
    first, grid = embeddings.cpu().split((1, TRAINED * TRAINED), 1)
    grid = grid.unflatten(1, (TRAINED, TRAINED)).permute(0, 3, 1, 2)
    scale = (side + NUDGE) / TRAINED
    grid = functional.interpolate(
        grid, scale_factor=(scale, scale), mode="bicubic", align_corners=False
    )
    positions = torch.cat((first, grid.flatten(2).transpose(1, 2)), 1)
    return positions.to(embeddings.device)


class PatchEmbeddings(nn.Module):
    """Pictures [B, 3, H, W] -> tokens [B, H * W / 256, 768], rows first."""

    def __init__(self) -> None:
        super().__init__()
        self.projection = nn.Conv2d(3, WIDTH, PATCH, PATCH)

    def forward(self, picture: Tensor) -> Tensor:
        """H and W are multiples of 16."""
        return self.projection(picture).flatten(2).transpose(1, 2)


class Embeddings(nn.Module):
    """Normalised square pictures [B, 3, S, S] -> tokens [B, 1 + (S / 16)^2, 768]."""

    def __init__(self) -> None:
        super().__init__()
        self.cls_token = nn.Parameter(torch.empty(1, 1, WIDTH))
        self.position_embeddings = nn.Parameter(torch.empty(1, 1 + TRAINED * TRAINED, WIDTH))
        self.patch_embeddings = PatchEmbeddings()

    def forward(self, picture: Tensor) -> Tensor:
        """float32."""
        patches = self.patch_embeddings(picture)
        tokens = torch.cat((self.cls_token.expand(len(patches), -1, -1), patches), 1)
        return tokens + interpolate_positions(self.position_embeddings, picture.shape[-1] // PATCH)


class _Dense(nn.Module):
    """A linear layer under the name that the file has for it."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.dense = nn.Linear(before, after)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.dense(tokens)


class _Heads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)

    def forward(self, tokens: Tensor) -> Tensor:
        return attend(self.query(tokens), self.key(tokens), self.value(tokens), HEADS)


class SelfAttention(nn.Module):
    """Tokens [B, N, 768] look at each other."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = _Heads()
        self.output = _Dense(WIDTH, WIDTH)

    def forward(self, tokens: Tensor) -> Tensor:
        """In the weights' precision."""
        return self.output(self.attention(tokens))


class Layer(nn.Module):
    """One layer, normalised before each of its two branches."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = SelfAttention()
        self.intermediate = _Dense(WIDTH, INNER)
        self.output = _Dense(INNER, WIDTH)
        self.layernorm_before = nn.LayerNorm(WIDTH, EPSILON)
        self.layernorm_after = nn.LayerNorm(WIDTH, EPSILON)

    def forward(self, tokens: Tensor) -> Tensor:
        """float32 [B, N, 768] -> the same; the branches compute in their weights' precision."""
        precision = self.output.dense.weight.dtype
        tokens = tokens + self.attention(self.layernorm_before(tokens).to(precision)).float()
        inner = self.intermediate(self.layernorm_after(tokens).to(precision))
        return tokens + self.output(functional.gelu(inner)).float()


class _Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.ModuleList(Layer() for _ in range(DEPTH))


class VisionTransformer(nn.Module):
    """All parts in the layout of the file; `network.encode_picture` goes through them one by one.

    The tokens after `layernorm`, all of them, are what the picture is read as.
    """

    def __init__(self) -> None:
        super().__init__()
        self.embeddings = Embeddings()
        self.encoder = _Encoder()
        self.layernorm = nn.LayerNorm(WIDTH, EPSILON)
        self.pooler = _Dense(WIDTH, WIDTH)


class ImageTokenizer(nn.Module):
    """The image network under the name that the file has for it."""

    def __init__(self) -> None:
        super().__init__()
        self.model = VisionTransformer()
