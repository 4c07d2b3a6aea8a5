"""The Field of this engine: a decoder with one latent folded in."""

from __future__ import annotations

import torch
from torch import Tensor

from ...types import Vec3
from ..proportions import Proportions
from .networks import Decoder
from .planes import PlaneDecoder

LOGITS = 8.0  # between 0 and 1 of the decoder, as training counts
CHUNK = 1 << 14  # points at once; the widest activation of a narrow network stays in cache


class ImplicitField:
    """Occupancy of one latent, about 0 outside to 1 inside (see `inference.types.Field`).

    decoder, z: the network and a latent [latent] on the same device.
    mirrored: None, or the latent [latent] of the picture's mirror image, whose shape is the mirror
    image of this one; the answer is the mean of both. level: the surface's value.
    box: what the shape's proportions are thought to be, or None; not for a field with a `frame`.
    frame: None, or a rotation [3, 3] that takes object space to the decoder's own space; the
    published networks were trained Y up.
    """

    bounds: tuple[Vec3, Vec3] = ((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5))

    def __init__(
        self,
        decoder: Decoder | PlaneDecoder,
        z: Tensor,
        *,
        mirrored: Tensor | None = None,
        level: float = 0.5,
        box: Proportions | None = None,
        frame: Tensor | None = None,
    ) -> None:
        self.level = level
        self.z = z
        self.device: torch.device = z.device
        self._frame = None if frame is None else frame.to(z.device, torch.float32)
        self._box = box
        self._decode = decoder.fold(z)
        self._other = None if mirrored is None else decoder.fold(mirrored)
        self._flip = torch.tensor((-1.0, 1.0, 1.0), device=z.device)

    @torch.no_grad()
    def occupancy(self, points: Tensor) -> Tensor:
        """Float32 [N, 3], object space -> float32 [N], any N, on the field's device.

        Raises ValueError when points are not a floating [N, 3].
        """
        if points.ndim != 2 or points.shape[1] != 3 or not points.is_floating_point():
            raise ValueError(
                f"points are {points.dtype} {list(points.shape)}, expected floats [N, 3]"
            )
        points = points.to(self.device, torch.float32)
        if self._frame is not None:
            points = points @ self._frame.T
        values = torch.empty(len(points), device=self.device)
        for start in range(0, len(points), CHUNK):
            part = points[start : start + CHUNK]
            answer = self._decode(part)
            if self._other is not None:
                answer = (answer + self._other(part * self._flip)) / 2
            if self._box is not None:
                answer -= self._box.fade(part) / LOGITS
            values[start : start + CHUNK] = answer
        return values
