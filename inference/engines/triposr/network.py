"""All networks in the published layout, and a picture's way through them."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ...weights import TensorSpec, expected_tensors
from .backbone import DEPTH as BLOCKS
from .backbone import Backbone
from .decoder import Decoder
from .preprocess import normalise_picture
from .triplane import TriplaneTokens, Upsampler
from .vit import DEPTH as LAYERS
from .vit import ImageTokenizer
from .weights_flow import WeightsFlow

UNUSED = "image_tokenizer.model.pooler."
"""Tensors that the published file has and nothing reads."""
LAYER_COST, BLOCK_COST = 1.0, 7.0
"""How the time is shared between a layer of the image network and a block of the transformer."""

Step = Callable[[float], None]
"""step(fraction): called before every part of the network; may raise Cancelled."""


class Network(nn.Module):
    """The modules in the layout of `model.ckpt`: 549 tensors, 419,275,628 numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.image_tokenizer = ImageTokenizer()
        self.tokenizer = TriplaneTokens()
        self.backbone = Backbone()
        self.post_processor = Upsampler()
        self.decoder = Decoder()


def make_empty_network() -> Network:
    """The modules without memory for their weights, which a `WeightsFlow` brings."""
    with torch.device("meta"):
        return Network().eval().requires_grad_(False)


def list_tensors() -> dict[str, TensorSpec]:
    """What the published file must hold, in its order."""
    return expected_tensors(make_empty_network())


@torch.inference_mode()
def encode_picture(network: Network, flow: WeightsFlow, picture: Tensor, step: Step) -> Tensor:
    """A picture to the three planes of its scene.

    network: empty, as `make_empty_network` gives it. flow: brings its weights.
    picture: float32 [1, 3, 512, 512] in [0, 1]. step: see `Step`.
    Returns float32 [3, 40, 64, 64] on the flow's device.
    """
    tokens = read_picture(network, flow, picture, step)
    codes = build_triplane(network, flow, tokens, step)
    with flow.hold(network.post_processor):
        planes = network.post_processor(codes)
    step(1.0)
    return planes


@torch.inference_mode()
def read_picture(network: Network, flow: WeightsFlow, picture: Tensor, step: Step) -> Tensor:
    """A picture [1, 3, 512, 512] in [0, 1] -> what it is read as, float32 [1, 1025, 768]."""
    vit = network.image_tokenizer.model
    step(0.0)
    with flow.hold(vit.embeddings):
        tokens = vit.embeddings(normalise_picture(picture.to(flow.device)))
    for number, layer in enumerate(vit.encoder.layer):
        step(_fraction(number, 0))
        with flow.hold(layer, fast=True):
            tokens = layer(tokens)
    with flow.hold(vit.layernorm):
        return vit.layernorm(tokens)


@torch.inference_mode()
def build_triplane(network: Network, flow: WeightsFlow, picture: Tensor, step: Step) -> Tensor:
    """The picture's tokens [1, 1025, 768] -> the transformer's answer, float32 [1, 1024, 3072]."""
    backbone = network.backbone
    with flow.hold(network.tokenizer):
        start = network.tokenizer().clone()  # it outlives the hold
    with flow.hold(backbone.norm):
        tokens = backbone.norm(start).transpose(1, 2)
    with flow.hold(backbone.proj_in):
        tokens = backbone.proj_in(tokens)
    for number, block in enumerate(backbone.transformer_blocks):
        step(_fraction(LAYERS, number))
        with flow.hold(block, fast=True):
            tokens = block(tokens, picture)
    with flow.hold(backbone.proj_out):
        return backbone.proj_out(tokens).transpose(1, 2) + start


def _fraction(layers: int, blocks: int) -> float:
    """How much of the work is done after so many layers and blocks."""
    whole = LAYERS * LAYER_COST + BLOCKS * BLOCK_COST
    return (layers * LAYER_COST + blocks * BLOCK_COST) / whole
