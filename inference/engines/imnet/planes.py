"""A decoder that unfolds the latent into feature planes before it asks a small network per point.

IM-NET's decoder meets the latent in its first layer only, so every layer has to carry all shapes at
once and must be wide; its cost is paid at every point. Here a latent becomes three planes of
features (xy, xz, yz; after Peng et al., "Convolutional Occupancy Networks", ECCV 2020, and the
tri-planes of Chan et al., CVPR 2022), once per shape, and a point only reads them. It stays an
implicit field of a latent: any point, any resolution.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .points import SLOPE, clip_output, encode_points

SEED_SIDE = 4
SEED_CHANNELS = 96
STAGES = (64, 48)  # channels at 8² and 16²; a plane has 32²
AXES = ((0, 1), (0, 2), (1, 2))  # of the points, that each plane sees


class PlaneStack(nn.Module):
    """One plane from its seed: convolutions between steps of doubled side."""

    def __init__(self, planes: int) -> None:
        super().__init__()
        widths = (SEED_CHANNELS, *STAGES)
        for number, (fan_in, fan_out) in enumerate(zip(widths, STAGES, strict=False), 1):
            setattr(self, f"conv_{number}", nn.Conv2d(fan_in, fan_out, 3, padding=1))
        self.conv_out = nn.Conv2d(STAGES[-1], planes, 3, padding=1)

    def forward(self, seed: Tensor) -> Tensor:
        """[B, SEED_CHANNELS, 4, 4] -> [B, planes, 32, 32]."""
        h = seed.contiguous(memory_format=torch.channels_last)
        for number in range(1, len(STAGES) + 1):
            h = functional.interpolate(h, scale_factor=2, mode="nearest")
            h = functional.leaky_relu(getattr(self, f"conv_{number}")(h), SLOPE)
        return self.conv_out(functional.interpolate(h, scale_factor=2, mode="nearest"))


class PlaneDecoder(nn.Module):
    """The implicit field: points and a latent to occupancy.

    latent: length of z. planes: channels of each plane. frequencies: octaves of Fourier features
    of the points. width: of the two hidden layers.
    """

    def __init__(self, latent: int, planes: int, frequencies: int, width: int) -> None:
        super().__init__()
        self.frequencies = frequencies
        self.seed = nn.Linear(latent, 3 * SEED_CHANNELS * SEED_SIDE**2)
        for number in range(1, 4):
            setattr(self, f"plane_{number}", PlaneStack(planes))
        self.linear_z = nn.Linear(latent, width)
        self.linear_1 = nn.Linear(3 * planes + 3 + 6 * frequencies, width, bias=False)
        self.linear_2 = nn.Linear(width, width)
        self.linear_3 = nn.Linear(width, 1)

    def forward(self, points: Tensor, z: Tensor) -> Tensor:
        """Points [B, N, 3] in [-0.5, 0.5] and z [B, latent] -> occupancy [B, N], about 0 to 1."""
        return clip_output(self.evaluate_layers(points, z))

    def evaluate_layers(self, points: Tensor, z: Tensor) -> Tensor:
        """As `forward`, before the clip."""
        return self.read(points, self.unfold(z), self.linear_z(z))

    def unfold(self, z: Tensor) -> list[Tensor]:
        """The three planes of z [B, latent], float32 [B, planes, 32, 32] each."""
        h = functional.leaky_relu(self.seed(z), SLOPE)
        seeds = h.view(len(z), 3, SEED_CHANNELS, SEED_SIDE, SEED_SIDE)
        return [getattr(self, f"plane_{i + 1}")(seeds[:, i]).float() for i in range(3)]

    def read(self, points: Tensor, planes: list[Tensor], bias: Tensor) -> Tensor:
        """Occupancy before the clip [B, N] at points [B, N, 3]; bias [B, width] is z's part."""
        features = [
            functional.grid_sample(
                plane, 2 * points[:, :, None, axes], padding_mode="border", align_corners=False
            )[..., 0].transpose(1, 2)
            for plane, axes in zip(planes, AXES, strict=True)
        ]
        encoded = encode_points(points, self.frequencies)
        h = self.linear_1(torch.cat((*features, encoded), -1)) + bias[:, None]
        h = self.linear_2(functional.leaky_relu(h, SLOPE))
        return self.linear_3(functional.leaky_relu(h, SLOPE)).squeeze(-1)

    def fold(self, z: Tensor) -> UnfoldedPlanes:
        """This decoder for one latent [latent] only, its planes made once."""
        return UnfoldedPlanes(self, z)


class UnfoldedPlanes:
    """A plane decoder with its latent's planes at hand: points [N, 3] -> [N]."""

    @torch.no_grad()
    def __init__(self, decoder: PlaneDecoder, z: Tensor) -> None:
        self.decoder = decoder
        self.planes = decoder.unfold(z[None])
        self.bias = decoder.linear_z(z[None])

    @torch.no_grad()
    def __call__(self, points: Tensor) -> Tensor:
        """Float32 [N, 3] -> float32 [N]."""
        return clip_output(self.decoder.read(points[None], self.planes, self.bias)[0])
