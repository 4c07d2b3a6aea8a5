"""Where points of object space are seen in a picture.

The picture frame has x to the right and y down, both -1 to 1 across the square picture (as
`grid_sample` counts), and the depth z along the camera's axis from the plane through the origin of
object space, 1 at half of the object's box diagonal behind it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor


@dataclass(frozen=True)
class PictureCamera:
    """Cameras of B pictures, float [B] each.

    azimuth, elevation: radians, as `types.Camera` counts them. half_side: of the square picture, on
    the plane one unit in front of the eye. centre_x, centre_y: the picture's middle on that plane,
    y up. distance: of the eye from the origin, in box diagonals.
    """

    azimuth: Tensor
    elevation: Tensor
    half_side: Tensor
    centre_x: Tensor
    centre_y: Tensor
    distance: Tensor

    def to(self, device: torch.device) -> PictureCamera:
        """The same on a device."""
        return PictureCamera(*(getattr(self, one.name).to(device) for one in fields(self)))

    def axes(self) -> Tensor:
        """float [B, 3, 3]: unit vectors right, up and forward in object space, one a row."""
        sin_a, cos_a = self.azimuth.sin(), self.azimuth.cos()
        sin_e, cos_e = self.elevation.sin(), self.elevation.cos()
        zero = torch.zeros_like(sin_a)
        right = torch.stack((cos_a, sin_a, zero), 1)
        forward = torch.stack((-cos_e * sin_a, cos_e * cos_a, -sin_e), 1)
        return torch.stack((right, torch.linalg.cross(right, forward), forward), 1)

    def project(self, points: Tensor) -> Tensor:
        """Object space [B, N, 3] -> picture frame [B, N, 3]."""
        local = points @ self.axes().transpose(1, 2)
        forward = local[..., 2]
        depth = (forward + self.distance[:, None]).clamp(min=1e-3)
        side = self.half_side[:, None]
        x = (local[..., 0] / depth - self.centre_x[:, None]) / side
        y = (self.centre_y[:, None] - local[..., 1] / depth) / side
        return torch.stack((x, y, 2 * forward), -1)

    def unproject(self, places: Tensor) -> Tensor:
        """Inverse of `project`: picture frame [B, N, 3] -> object space [B, N, 3]."""
        forward = places[..., 2] / 2
        depth = forward + self.distance[:, None]
        side = self.half_side[:, None]
        right = (places[..., 0] * side + self.centre_x[:, None]) * depth
        up = (self.centre_y[:, None] - places[..., 1] * side) * depth
        return torch.stack((right, up, forward), -1) @ self.axes()


def move_picture(points: Tensor, moves: Tensor) -> Tensor:
    """Points of the picture frame [B, N, 3] after the picture was resampled by `moves` [B, 2, 3],
    which say, as `affine_grid` reads them, where each place of the new picture was in the old."""
    shifted = points[..., :2] - moves[:, None, :, 2]
    inverse = torch.linalg.inv(moves[:, :, :2])
    return torch.cat((shifted @ inverse.transpose(1, 2), points[..., 2:]), -1)
