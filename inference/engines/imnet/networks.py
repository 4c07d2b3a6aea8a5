"""The three networks of IM-NET (Chen and Zhang 2019, improved version), widths as parameters.

With the default `Architecture` the state dicts have the published layouts, key by key. Narrow
networks keep the layout and change the widths. Off by default: Fourier features of the points
(Tancik et al. 2020), more than one picture channel, pooling after the picture's first layer (as in
He et al.'s ResNet-18; a third of the cost), a class head, a decoder with feature planes, and an
encoder that starts from photographs instead of nothing.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..efficientnet import FEATURES, LEVEL_CHANNELS, EfficientNetLite0, Pyramid, scale_pixels
from .planes import PlaneDecoder
from .points import SLOPE, clip_output, encode_points

VOXELS = 64  # edge of the voxel encoder's grid
PICTURE = 128  # edge of the image encoder's picture


@dataclass(frozen=True)
class Architecture:
    """Widths of the networks; the defaults are the published ones.

    latent: length of z. decoder: widths of the six hidden layers. frequencies: octaves of Fourier
    features appended to the points (0: none). voxel_encoder: widths of its four inner layers.
    image_encoder: "residual", the published one, or "efficientnet" (`EfficientEncoder`).
    image_base: channels of the residual one's first stage, doubled at each of three strides.
    image_channels: 1 grey over white; 2 grey over white and alpha; 4 colours and alpha, which is
    what "efficientnet" takes. image_pool: whether the image
    encoder pools after its first layer, and leaves out its ninth. classes: outputs of the class
    head (0: no head). planes: channels of each feature plane; above 0 the decoder is a
    `PlaneDecoder`, whose hidden layers are as wide as the first two of `decoder`, which must be
    equal. voxel_side: cells along an edge of what the voxel encoder gets, 64 or 32. box: whether
    "efficientnet" also estimates the proportions of the object's box.
    """

    latent: int = 256
    decoder: tuple[int, ...] = (1024, 1024, 1024, 512, 256, 128)
    frequencies: int = 0
    voxel_encoder: tuple[int, ...] = (32, 64, 128, 256)
    image_encoder: str = "residual"
    image_base: int = 64
    image_channels: int = 1
    image_pool: bool = False
    classes: int = 0
    planes: int = 0
    voxel_side: int = VOXELS
    box: bool = False

    def __post_init__(self) -> None:
        """Check every field, which may come from a file. Raises ValueError."""
        numbers = (self.latent, self.image_base, *self.decoder, *self.voxel_encoder)
        if not all(isinstance(n, int) and 1 <= n <= 4096 for n in numbers):
            raise ValueError(f"a width is not a number between 1 and 4096: {numbers}")
        if len(self.decoder) != 6 or len(self.voxel_encoder) != 4:
            raise ValueError("the decoder has six hidden layers, the voxel encoder four inner ones")
        channels = {"residual": (1, 2), "efficientnet": (4,)}.get(self.image_encoder)
        if channels is None or self.image_channels not in channels:
            raise ValueError(
                "image_encoder is residual with 1 or 2 channels, or efficientnet with 4"
            )
        if self.frequencies not in range(9):
            raise ValueError("frequencies is 0 to 8")
        if self.classes not in range(100) or self.planes not in range(129):
            raise ValueError("classes is 0 to 99, planes is 0 to 128")
        if self.image_pool not in (True, False) or self.voxel_side not in (VOXELS, VOXELS // 2):
            raise ValueError("image_pool is true or false, voxel_side is 64 or 32")
        if self.box not in (True, False) or (self.box and self.image_encoder != "efficientnet"):
            raise ValueError("box is true or false, and true only with efficientnet")
        if self.planes and self.decoder[0] != self.decoder[1]:
            raise ValueError("a decoder with planes has two hidden layers of one width")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Architecture:
        """Inverse of `to_dict`. Raises ValueError or TypeError for anything else."""
        lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
        return cls(**{**data, **lists})


class Decoder(nn.Module):
    """The implicit field: points and a latent to occupancy (paper, section 3.1)."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.frequencies = architecture.frequencies
        self.point_features = 3 + 6 * architecture.frequencies
        widths = (self.point_features + architecture.latent, *architecture.decoder, 1)
        for number, (fan_in, fan_out) in enumerate(itertools.pairwise(widths), 1):
            setattr(self, f"linear_{number}", nn.Linear(fan_in, fan_out))
        self.layers = len(widths) - 1

    def forward(self, points: Tensor, z: Tensor) -> Tensor:
        """Points [B, N, 3] and z [B, latent] -> occupancy [B, N], about 0 to 1."""
        return clip_output(self.evaluate_layers(points, z))

    def evaluate_layers(self, points: Tensor, z: Tensor) -> Tensor:
        """As `forward`, before the clip.

        The first layer treats points and z apart: the sum is what it would give for [point, z],
        but z costs once per shape. It stays in the points' precision even under autocast, because
        bfloat16 would round positions to 1/512 of the box.
        """
        first = self.linear_1
        split = self.point_features
        with torch.autocast(points.device.type, enabled=False):
            bias = functional.linear(z.to(points.dtype), first.weight[:, split:], first.bias)
            h = functional.linear(encode_points(points, self.frequencies), first.weight[:, :split])
            h = h + bias[:, None]
        for number in range(2, self.layers + 1):
            h = getattr(self, f"linear_{number}")(functional.leaky_relu(h, SLOPE))
        return h.squeeze(-1)

    def fold(self, z: Tensor) -> FoldedDecoder:
        """This decoder for one latent [latent] only: the first layer's bias becomes W_z z + b."""
        return FoldedDecoder(self, z)


class FoldedDecoder:
    """A decoder with its latent folded into the first layer's bias: points [N, 3] -> [N]."""

    def __init__(self, decoder: Decoder, z: Tensor) -> None:
        split = decoder.point_features
        first = decoder.linear_1
        with torch.no_grad():
            bias = functional.linear(z, first.weight[:, split:], first.bias)
        rest = [getattr(decoder, f"linear_{n}") for n in range(2, decoder.layers + 1)]
        self.frequencies = decoder.frequencies
        self.weights = [first.weight[:, :split].detach().contiguous()]
        self.weights += [layer.weight.detach() for layer in rest]
        self.biases = [bias] + [layer.bias.detach() for layer in rest]

    @torch.no_grad()
    def __call__(self, points: Tensor) -> Tensor:
        """Float32 [N, 3] -> float32 [N]."""
        h = encode_points(points, self.frequencies)
        last = len(self.weights) - 1
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = functional.linear(h, weight, bias)
            if number < last:
                functional.leaky_relu(h, SLOPE, inplace=True)
        return clip_output(h.squeeze(-1))


def make_decoder(architecture: Architecture) -> Decoder | PlaneDecoder:
    """The decoder that an architecture names."""
    if not architecture.planes:
        return Decoder(architecture)
    return PlaneDecoder(
        architecture.latent, architecture.planes, architecture.frequencies, architecture.decoder[0]
    )


class VoxelEncoder(nn.Module):
    """A solid voxel grid to its latent (the auto-encoder's first half).

    With `voxel_side` 32 it averages blocks of 2 x 2 x 2 cells first and does without its first
    layer, which is most of the cost.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.half = architecture.voxel_side != VOXELS
        self.first = 2 if self.half else 1
        widths = (1, *architecture.voxel_encoder[self.first - 1 :])
        for number, (fan_in, fan_out) in enumerate(itertools.pairwise(widths), self.first):
            conv = nn.Conv3d(fan_in, fan_out, 4, stride=2, padding=1, bias=False)
            setattr(self, f"conv_{number}", conv)
            setattr(self, f"in_{number}", nn.InstanceNorm3d(fan_out))
        self.conv_5 = nn.Conv3d(widths[-1], architecture.latent, 4)

    def forward(self, voxels: Tensor) -> Tensor:
        """Float [B, 1, 64, 64, 64] (1 inside) -> z [B, latent] in (0, 1)."""
        h = functional.avg_pool3d(voxels, 2) if self.half else voxels
        for number in range(self.first, 5):
            h = getattr(self, f"in_{number}")(getattr(self, f"conv_{number}")(h))
            h = functional.leaky_relu(h, SLOPE)
        return torch.sigmoid(self.conv_5(h).flatten(1))


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with batch norm and a shortcut (1x1 where the stride is 2)."""

    def __init__(self, fan_in: int, fan_out: int, stride: int) -> None:
        super().__init__()
        self.conv_1 = nn.Conv2d(fan_in, fan_out, 3, stride=stride, padding=1, bias=False)
        self.bn_1 = nn.BatchNorm2d(fan_out)
        self.conv_2 = nn.Conv2d(fan_out, fan_out, 3, padding=1, bias=False)
        self.bn_2 = nn.BatchNorm2d(fan_out)
        self.strided = stride != 1
        if self.strided:
            self.conv_s = nn.Conv2d(fan_in, fan_out, 1, stride=stride, bias=False)
            self.bn_s = nn.BatchNorm2d(fan_out)

    def forward(self, x: Tensor) -> Tensor:
        """[B, fan_in, h, w] -> [B, fan_out, h / stride, w / stride]."""
        h = functional.leaky_relu(self.bn_1(self.conv_1(x)), SLOPE)
        shortcut = self.bn_s(self.conv_s(x)) if self.strided else x
        return functional.leaky_relu(self.bn_2(self.conv_2(h)) + shortcut, SLOPE)


class ImageEncoder(nn.Module):
    """A picture to the latent of the shape it shows, in that shape's own canonical pose."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        base = architecture.image_base
        widths = (base, 2 * base, 4 * base, 8 * base)
        self.conv_0 = nn.Conv2d(architecture.image_channels, base, 7, 2, padding=3, bias=False)
        self.bn_0 = nn.BatchNorm2d(base)
        fan_in = base
        for stage, width in enumerate(widths):
            first, second = 2 * stage + 1, 2 * stage + 2
            setattr(self, f"res_{first}", ResidualBlock(fan_in, width, 2 if stage else 1))
            setattr(self, f"res_{second}", ResidualBlock(width, width, 1))
            fan_in = width
        self.pool = architecture.image_pool
        if not self.pool:
            self.conv_9 = nn.Conv2d(fan_in, fan_in, 4, stride=2, padding=1, bias=False)
            self.bn_9 = nn.BatchNorm2d(fan_in)
        self.conv_10 = nn.Conv2d(fan_in, architecture.latent, 4)
        self.head = nn.Linear(fan_in, architecture.classes) if architecture.classes else None

    def forward(self, picture: Tensor) -> Tensor:
        """Float [B, channels, 128, 128] in [0, 1] -> z [B, latent] in (0, 1).

        Channel 0 is grey over white and is inverted here, so that the background is 0; channel 1,
        where there is one, is alpha.
        """
        return self.encode(picture)[0]

    def encode(self, picture: Tensor) -> tuple[Tensor, Tensor | None]:
        """As `forward`, and beside z the class head's logits [B, classes], None without one."""
        h = torch.cat((1 - picture[:, :1], picture[:, 1:]), 1)
        if picture.is_contiguous(memory_format=torch.channels_last):
            h = h.contiguous(memory_format=torch.channels_last)
        h = functional.leaky_relu(self.bn_0(self.conv_0(h)), SLOPE)
        if self.pool:
            h = functional.max_pool2d(h, 3, stride=2, padding=1)
        for number in range(1, 9):
            h = getattr(self, f"res_{number}")(h)
        if not self.pool:
            h = functional.leaky_relu(self.bn_9(self.conv_9(h)), SLOPE)
        logits = None if self.head is None else self.head(h.mean((2, 3)))
        return torch.sigmoid(self.conv_10(h).flatten(1)), logits


@dataclass(frozen=True)
class BothWays:
    """What B pictures and their mirror images say, float32.

    z, mirrored: latents [B, latent] of each. logits: of the classes, [B, classes], None without a
    head. edges: of the objects' boxes, see `EfficientEncoder.read_box`.
    """

    z: Tensor
    mirrored: Tensor
    logits: Tensor | None
    edges: Tensor | None


class EfficientEncoder(nn.Module):
    """A picture to a latent and class logits by EfficientNet-Lite0, which knows photographs.

    The latent reads the last level's cells one by one, so that it can tell poses, and their mean.
    """

    CELL_CHANNELS = 64

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.trunk = EfficientNetLite0(channels=4)
        self.cells = nn.Conv2d(LEVEL_CHANNELS[-1], self.CELL_CHANNELS, 1)
        cells = self.CELL_CHANNELS * (PICTURE // 32) ** 2
        self.latent = nn.Linear(cells + FEATURES, architecture.latent)
        self.box = nn.Linear(cells + FEATURES, 3) if architecture.box else None
        self.head = nn.Linear(FEATURES, architecture.classes) if architecture.classes else None

    def encode(self, picture: Tensor) -> tuple[Tensor, Tensor | None]:
        """Float [B, 4, 128, 128], colours times alpha and alpha -> z [B, latent] in (0, 1) and
        logits [B, classes], None without a head."""
        return self.read(self.trunk.pyramid(scale_pixels(picture)))

    def read(self, pyramid: Pyramid) -> tuple[Tensor, Tensor | None]:
        """As `encode`, from what the trunk made of the pictures."""
        z = torch.sigmoid(self.latent(self._join(pyramid)))
        return z, None if self.head is None else self.head(pyramid.pooled)

    def read_both_ways(self, pictures: Tensor) -> BothWays:
        """What is read in float [B, 4, 128, 128], colours times alpha and alpha, and in their
        mirror images; heads are the means over both, which are more right than either."""
        count = len(pictures)
        both = torch.cat((pictures, pictures.flip(3))).contiguous(memory_format=torch.channels_last)
        pyramid = self.trunk.pyramid(scale_pixels(both))
        z, logits = self.read(pyramid)
        edges = self.read_box(pyramid)
        return BothWays(
            z[:count].float(),
            z[count:].float(),
            None if logits is None else (logits[:count] + logits[count:]).float() / 2,
            None if edges is None else functional.normalize(edges[:count] + edges[count:], dim=1),
        )

    def read_box(self, pyramid: Pyramid) -> Tensor | None:
        """Edges [B, 3] of the objects' boxes along x, y and z, of length 1 as vectors; None without
        a head for them."""
        if self.box is None:
            return None
        return functional.normalize(self.box(self._join(pyramid)).float().exp(), dim=1)

    def _join(self, pyramid: Pyramid) -> Tensor:
        cells = functional.relu(self.cells(pyramid.levels[-1])).flatten(1)
        return torch.cat((cells, pyramid.pooled), 1)

    def forward(self, picture: Tensor) -> Tensor:
        """Float [B, 4, 128, 128] -> z [B, latent]."""
        return self.encode(picture)[0]


def make_image_encoder(architecture: Architecture) -> ImageEncoder | EfficientEncoder:
    """The picture encoder that an architecture names."""
    if architecture.image_encoder == "efficientnet":
        return EfficientEncoder(architecture)
    return ImageEncoder(architecture)


class AutoEncoder(nn.Module):
    """Keys `encoder.*` and `generator.*`: the published IM_AE layout."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.encoder = VoxelEncoder(architecture)
        self.generator = make_decoder(architecture)


class SingleView(nn.Module):
    """Keys `img_encoder.*` and `generator.*`: the published IM_SVR layout."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.img_encoder = make_image_encoder(architecture)
        self.generator = make_decoder(architecture)
