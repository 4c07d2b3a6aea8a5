"""The Field of this engine: a volume, placed in object space."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...types import Cancel, Pinhole, Vec3
from .decoder import RADIUS
from .framing import Box, find_box
from .volume import LOG_THRESHOLD, Volume

DISTANCE, VIEW = 1.9, 40.0
"""Of the camera that took the picture, in the networks' space; full angle in degrees."""
FROM_OBJECT = ((0.0, -1.0, 0.0), (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
"""Object space (camera on -Y, +X to its right) to the networks' space: a rotation."""


class TriplaneField:
    """Occupancy 0 outside to 1 inside (see `inference.types.Field`).

    The shape keeps the pose in which the picture shows it: the camera stands on -Y, level with the
    middle, and what it sees is the front, whichever side of the object that is. A picture from
    above gives a shape that leans towards the camera; this network estimates no camera.

    The occupancy is density / (density + 25): about linear where the surface is, and never large.

    volume: the scene. turn: radians that the scene (and with it the camera) is turned about the
    vertical, counter-clockwise from above. cancel: asked while the shape is looked for; raises
    Cancelled.

    `found` is false when no sample is inside.
    """

    level = 0.5

    def __init__(self, volume: Volume, *, turn: float = 0.0, cancel: Cancel | None = None) -> None:
        self.device: torch.device = volume.device
        self._volume, self._turn = volume, turn
        cos, sin = math.cos(turn), math.sin(turn)
        about = torch.tensor([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        # rows of points times this: turned back, then into the networks' space
        self._rotation = (about @ torch.tensor(FROM_OBJECT).T).to(self.device)
        self._scale, self._offset = 1.0, torch.zeros(3, device=self.device)
        self.bounds: tuple[Vec3, Vec3] = ((-RADIUS,) * 3, (RADIUS,) * 3)
        wide = RADIUS * (abs(cos) + abs(sin))
        half = torch.tensor([wide, wide, RADIUS], device=self.device)
        box = find_box(lambda points: self.occupancy(points) > self.level, half, cancel or Cancel())
        self.found = box is not None
        if box is not None:
            self._place(box)

    @property
    def pinhole(self) -> Pinhole:
        """The camera that took the cutout's square, in object space."""
        cos, sin = math.cos(self._turn), math.sin(self._turn)
        forward = (-sin, cos, 0.0)
        offset = self._offset.tolist()
        eye = [(-DISTANCE * f - o) / self._scale for f, o in zip(forward, offset, strict=True)]
        return Pinhole(
            eye=(eye[0], eye[1], eye[2]),
            axes=((cos, sin, 0.0), (0.0, 0.0, 1.0), forward),
            half_side=math.tan(math.radians(VIEW / 2)),
            centre=(0.0, 0.0),
        )

    @torch.inference_mode()
    def occupancy(self, points: Tensor) -> Tensor:
        """Float32 [N, 3], object space -> float32 [N], any N, on the field's device; 0 beyond the
        box in which the networks know anything.

        Raises ValueError when points are not a floating [N, 3].
        """
        places = self._locate(points)
        occupied = (self._volume.log_density(places) - LOG_THRESHOLD).sigmoid()
        return occupied * (places.abs().amax(1) <= RADIUS * (1 + 1e-6))

    @torch.inference_mode()
    def colour(self, points: Tensor) -> Tensor:
        """Float32 [N, 3], object space -> float32 [N, 3], sRGB-encoded, in 0..1.

        Raises ValueError when points are not a floating [N, 3].
        """
        return self._volume.colour(self._locate(points))

    def _locate(self, points: Tensor) -> Tensor:
        """Object space to the networks' space."""
        if points.ndim != 2 or points.shape[1] != 3 or not points.is_floating_point():
            raise ValueError(
                f"points are {points.dtype} {list(points.shape)}, expected floats [N, 3]"
            )
        points = points.to(self.device, torch.float32)
        return (points * self._scale + self._offset) @ self._rotation

    def _place(self, box: Box) -> None:
        """Move and scale object space onto the shape."""
        edges = box.high - box.low
        self._offset = (box.low + box.high) / 2
        self._scale = float((edges - 2 * box.spare).clamp(min=1e-3).norm())
        half = (edges / 2 / self._scale).tolist()
        self.bounds = ((-half[0], -half[1], -half[2]), (half[0], half[1], half[2]))
