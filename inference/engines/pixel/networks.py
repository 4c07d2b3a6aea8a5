"""The networks of the pixel-aligned field.

After PIFu (Saito et al., ICCV 2019): a query point is projected into the picture and classified
from the features that it meets there and its depth. Four things differ, most to need less of a
small processor and of the training data:

- the trunk is EfficientNet-Lite0, which knows photographs, with a feature pyramid on top (Lin et
  al. 2017);
- the features of one pixel are spread over depth bins, so that a point reads a small volume along
  the camera's rays (trilinear) instead of asking a wide network what a depth means;
- a point also reads the matte itself, at whatever resolution there is, so that the outline is as
  sharp as the cut-out.

A second branch (`canonical`) guesses the whole object in its own pose; the logits of both are
added. A second level (`fine`) corrects their sum near the surface from the picture at three times
the resolution.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..efficientnet import FEATURES, LEVEL_CHANNELS, EfficientNetLite0, Pyramid, scale_pixels
from .canonical import CanonicalBranch
from .fine import FineLevel

PICTURE = 128
CELL_CHANNELS = 64
POSE_NUMBERS = 5  # elevation, log half side, log scale, centre x and y over half side
ELEVATION_UNIT = math.radians(30)
MATTE_SIDES = (128, 32, 8)  # the matte is read sharp and blurred


@dataclass(frozen=True)
class Architecture:
    """Sizes of the networks.

    widths: channels of the pyramid at 8, 16 and 32 cells a side. bins: depth bins. volume: channels
    of the volume. detail: channels of the features at 64 cells a side. code: length of the global
    code. hidden: width of the point network. octaves: of the Fourier features of a point.
    azimuths: bins of the camera head. classes: names of the class head's outputs. latent, planes,
    frequencies, plane_width: of the canonical branch; latent 0: there is none. fine: whether there
    is a fine level.
    """

    classes: tuple[str, ...]
    widths: tuple[int, int, int] = (160, 96, 80)
    bins: int = 32
    volume: int = 12
    detail: int = 16
    code: int = 64
    hidden: int = 64
    octaves: int = 3
    azimuths: int = 36
    latent: int = 0
    planes: int = 16
    frequencies: int = 4
    plane_width: int = 64
    fine: bool = False

    def __post_init__(self) -> None:
        """Check every field, which may come from a file. Raises ValueError."""
        numbers = (*self.widths, self.bins, self.volume, self.detail, self.code, self.hidden)
        numbers += (self.planes, self.plane_width)
        if not all(isinstance(n, int) and 1 <= n <= 1024 for n in numbers):
            raise ValueError(f"a size is not a number between 1 and 1024: {numbers}")
        if self.latent not in range(1025) or self.frequencies not in range(9):
            raise ValueError("latent is 0 to 1024, frequencies is 0 to 8")
        if len(self.widths) != 3 or self.octaves not in range(9):
            raise ValueError("widths are three numbers, octaves is 0 to 8")
        if self.azimuths not in range(4, 361) or not 1 <= len(self.classes) <= 200:
            raise ValueError("azimuths is 4 to 360, classes are 1 to 200 names")
        if not all(isinstance(name, str) and len(name) < 100 for name in self.classes):
            raise ValueError("a class has no name")
        if not isinstance(self.fine, bool):
            raise ValueError("fine is true or false")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Architecture:
        """Inverse of `to_dict`. Raises ValueError or TypeError for anything else."""
        lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
        return cls(**{**data, **lists})


@dataclass(frozen=True)
class Reading:
    """What the network reads in B pictures.

    volume: float32 [B, volume, bins, 32, 32]. detail: float32 [B, detail, 64, 64].
    code: float32 [B, code]. azimuth: logits [B, azimuths], of the angles (i + 0.5) / azimuths of a
    turn. pose: [B, 5], see `POSE_NUMBERS`. classes: logits [B, classes]. latents: [B, latent] of
    the canonical branch, empty without one; `mirrored_latents`: of the mirror images, where asked
    for. box: [B, 3], logarithms of the edges of the object's box, in box diagonals; zero without
    the canonical branch.
    """

    volume: Tensor
    detail: Tensor
    code: Tensor
    azimuth: Tensor
    pose: Tensor
    classes: Tensor
    latents: Tensor
    box: Tensor
    mirrored_latents: Tensor | None = None


class Merge(nn.Module):
    """One step of the pyramid: twice the side, joined with the trunk's level, convolved."""

    def __init__(self, inputs: int, level: int, outputs: int) -> None:
        super().__init__()
        self.lateral = nn.Conv2d(level, inputs, 1)
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor, level: Tensor) -> Tensor:
        """[B, inputs, h, w] and [B, level, 2h, 2w] -> [B, outputs, 2h, 2w]."""
        x = functional.interpolate(x, scale_factor=2, mode="nearest") + self.lateral(level)
        return functional.relu(self.norm(self.conv(functional.relu(x))))


class PointNetwork(nn.Module):
    """What a point reads, to its occupancy."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.octaves = architecture.octaves
        inputs = architecture.volume + architecture.detail + len(MATTE_SIDES)
        inputs += 3 + 6 * architecture.octaves
        self.code = nn.Linear(architecture.code, architecture.hidden)
        self.linear_1 = nn.Linear(inputs, architecture.hidden, bias=False)
        self.linear_2 = nn.Linear(architecture.hidden, architecture.hidden)
        self.linear_3 = nn.Linear(architecture.hidden, 1)

    def forward(self, features: Tensor, points: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """Features [B, N, F] at points [B, N, 3] of the picture frame -> logits [B, N] and the
        embedding that they come from, [B, N, hidden].

        bias: [B, hidden], what the global code adds.
        """
        angles = points[..., None] * (
            math.pi * 2.0 ** torch.arange(self.octaves, device=points.device)
        )
        encoded = torch.cat((angles.sin().flatten(-2), angles.cos().flatten(-2)), -1)
        h = self.linear_1(torch.cat((features, points, encoded), -1)) + bias[:, None]
        h = functional.relu(self.linear_2(functional.relu(h)))
        return self.linear_3(h).squeeze(-1), h


class PixelNetwork(nn.Module):
    """Trunk, feature pyramid, heads and point network."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        first, second, third = architecture.widths
        _, level_4, level_8, level_16, level_32 = LEVEL_CHANNELS
        self.trunk = EfficientNetLite0(channels=4)
        self.cells = nn.Conv2d(level_32, CELL_CHANNELS, 1)
        seen = CELL_CHANNELS * (PICTURE // 32) ** 2 + FEATURES
        self.code = nn.Linear(seen, architecture.code)
        self.camera_1 = nn.Linear(seen, 256)
        self.camera_2 = nn.Linear(256, architecture.azimuths + POSE_NUMBERS)
        self.classes = nn.Linear(FEATURES, len(architecture.classes))
        self.base = nn.Conv2d(level_32, first, 1)
        self.base_code = nn.Linear(architecture.code, first)
        self.merge_8 = Merge(first, level_16, first)
        self.merge_16 = Merge(first, level_8, second)
        self.merge_32 = Merge(second, level_4, third)
        self.to_volume = nn.Conv2d(third, architecture.volume * architecture.bins, 1, bias=False)
        self.merge_64 = nn.Conv2d(third, architecture.detail, 1)
        self.detail = nn.Conv2d(
            architecture.detail + LEVEL_CHANNELS[0], architecture.detail, 3, 1, 1
        )
        self.points = PointNetwork(architecture)
        self.canonical = (
            CanonicalBranch(
                architecture.latent,
                architecture.planes,
                architecture.frequencies,
                architecture.plane_width,
            )
            if architecture.latent
            else None
        )
        self.fine = FineLevel(architecture.hidden) if architecture.fine else None

    def forward(self, pictures: Tensor) -> Reading:
        """Float [B, 4, 128, 128], colours times alpha and alpha, 0-1 -> what is read in them."""
        return self.read(self.trunk.pyramid(scale_pixels(pictures)))

    def read(self, pyramid: Pyramid) -> Reading:
        """As `forward`, from what the trunk made of the pictures."""
        levels, sizes = pyramid.levels, self.architecture
        cells = functional.relu(self.cells(levels[4])).flatten(1)
        seen = torch.cat((cells, pyramid.pooled), 1)
        code = self.code(seen)
        camera = self.camera_2(functional.relu(self.camera_1(seen))).float()
        x = self.base(levels[4]) + self.base_code(functional.relu(code))[..., None, None]
        x = self.merge_8(functional.relu(x), levels[3])
        x = self.merge_16(x, levels[2])
        x = self.merge_32(x, levels[1])
        # as a product, whose result lies as grid_sample reads it; a convolution's would be copied
        volume = (self.to_volume.weight.flatten(1) @ x.contiguous().flatten(2)).float()
        upper = functional.interpolate(self.merge_64(x), scale_factor=2, mode="nearest")
        detail = self.detail(torch.cat((functional.relu(upper), levels[0]), 1)).float()
        if self.canonical is None:
            latents, box = code.new_zeros(len(code), 0), code.new_zeros(len(code), 3)
        else:
            latents, box = self.canonical.read(pyramid)
        return Reading(
            volume=volume.view(len(x), sizes.volume, sizes.bins, x.shape[2], x.shape[3]),
            detail=detail.contiguous(),
            code=code.float(),
            azimuth=camera[:, : sizes.azimuths],
            pose=camera[:, sizes.azimuths :],
            classes=self.classes(pyramid.pooled).float(),
            latents=latents.float(),
            box=box.float(),
        )

    def read_both_ways(self, pictures: Tensor) -> Reading:
        """As `forward`, but what the heads say is the mean over the pictures and their mirror
        images, which they often read more rightly than one of them alone."""
        count = len(pictures)
        both = self(
            torch.cat((pictures, pictures.flip(3))).contiguous(memory_format=torch.channels_last)
        )
        sign = torch.tensor([1.0, 1, 1, -1, 1], device=pictures.device)  # of the centre's x
        azimuth = torch.log_softmax(both.azimuth, 1)
        classes = torch.log_softmax(both.classes, 1)
        return Reading(
            volume=both.volume[:count],
            detail=both.detail[:count],
            code=both.code[:count],
            # a mirror image is seen from the opposite azimuth, whose bin is the last less this one
            azimuth=(azimuth[:count] + azimuth[count:].flip(1)) / 2,
            pose=(both.pose[:count] + both.pose[count:] * sign) / 2,
            classes=(classes[:count] + classes[count:]) / 2,
            latents=both.latents[:count],
            box=(both.box[:count] + both.box[count:]) / 2,
            mirrored_latents=both.latents[count:],
        )

    def occupancy(self, reading: Reading, mattes: list[Tensor], points: Tensor) -> Tensor:
        """Logits float32 [B, N] of what is seen, without the canonical branch, at picture frame
        points [B, N, 3]; mattes: of `blur_matte`."""
        return self.embed(reading, mattes, points)[0]

    def embed(
        self, reading: Reading, mattes: list[Tensor], points: Tensor
    ) -> tuple[Tensor, Tensor]:
        """As `occupancy`, with the embedding [B, N, hidden] that the fine level goes on from."""
        flat, volume = points[:, :, None, :2], reading.volume
        found = [
            functional.grid_sample(
                volume, points[:, None, None], padding_mode="border", align_corners=False
            )[:, :, 0, 0],
            *(
                functional.grid_sample(plane, flat, padding_mode=padding, align_corners=False)[
                    ..., 0
                ]
                for plane, padding in [(reading.detail, "border"), *((m, "zeros") for m in mattes)]
            ),
        ]
        features = torch.cat(found, 1).transpose(1, 2)
        return self.points(features, points, self.points.code(reading.code))


def blur_matte(alpha: Tensor) -> list[Tensor]:
    """The matte float [B, 1, s, s] as points read it: as it is, and averaged over 32² and 8²."""
    coarse = [functional.adaptive_avg_pool2d(alpha, side) for side in MATTE_SIDES[1:]]
    return [alpha, *coarse]
