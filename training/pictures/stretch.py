"""Objects of other proportions in rendered views, without rendering them.

A picture stretched along its vertical, about the camera's axis, is exactly the picture of the
object stretched along the camera's vertical: depths stay, so perspective does too (only the shading
is that of the old object). Seen from little above that makes things taller or flatter; from higher
up it also leans them, so the most that is drawn falls with the elevation. Such an object is scaled
to a box diagonal of 1 again, and its picture framed anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...inference.engines.pixel.projection import PictureCamera

SHARE = 0.5
MOST = 0.3
"""Largest logarithm of a factor."""
LEAN = 0.12
"""Largest shear between the vertical and the floor, in radians."""
FILLED = 0.85
"""Share of the picture's side that the object's longest side fills, see `Cutout`."""


@dataclass(frozen=True)
class Stretch:
    """factor: float [B], along the picture's vertical. camera: of the stretched pictures before
    they are framed anew. matrix: float [B, 3, 3], from the objects' old space to the new one, for
    points in rows. edges: float [B, 3], of the new boxes, which are taken to keep their axes."""

    factor: Tensor
    camera: PictureCamera
    matrix: Tensor
    edges: Tensor


def draw_factors(elevation: Tensor, generator: torch.Generator, share: float = SHARE) -> Tensor:
    """Factors [B] of pictures from elevations [B], radians; 1 for all but a `share` of them."""
    most = (LEAN / (2 * elevation).sin().abs().clamp(min=1e-6)).clamp(max=MOST)
    chosen = torch.rand(len(elevation), generator=generator) < share
    logs = (2 * torch.rand(len(elevation), generator=generator) - 1) * most
    return torch.where(chosen, logs.exp(), 1.0)


def stretch_objects(camera: PictureCamera, edges: Tensor, factor: Tensor) -> Stretch:
    """What pictures that are stretched by factors [B] show; edges: float [B, 3], of the old
    objects' boxes."""
    up = camera.axes()[:, 1]
    more = (factor - 1)[:, None]
    grown = edges * (1 + more * up.square())
    diagonal = grown.norm(dim=1) / edges.norm(dim=1)
    matrix = torch.eye(3) + more[..., None] * up[:, :, None] * up[:, None]
    return Stretch(
        factor=factor,
        camera=replace(camera, distance=camera.distance / diagonal),
        matrix=matrix / diagonal[:, None, None],
        edges=grown / diagonal[:, None],
    )


def frame_anew(alpha: np.ndarray, moves: Tensor, stretch: Stretch) -> tuple[Tensor, Tensor]:
    """Moves [B, 2, 3] of the stretched pictures: framed as a cut-out is, then `moves`. And what
    resamples the old pictures at once, float [B, 2, 3]; both as `affine_grid` reads them.

    alpha: uint8 [B, s, s], of the old pictures. Pictures that are not stretched keep their frame.
    """
    camera, factor = stretch.camera, stretch.factor
    low, high = find_boxes(alpha)
    axis = camera.centre_y / camera.half_side  # where the camera's axis meets the picture
    low, high = low.clone(), high.clone()
    for corner in (low, high):
        corner[:, 1] = axis + factor * (corner[:, 1] - axis)
    stretched = factor != 1
    side = torch.where(stretched, (high - low).amax(1) / (2 * FILLED), 1.0)
    middle = torch.where(stretched[:, None], (low + high) / 2, 0.0)
    framed = moves * side[:, None, None]
    framed = torch.cat((framed[:, :, :2], framed[:, :, 2:] + middle[..., None]), 2)
    whole = framed.clone()
    whole[:, 1] /= factor[:, None]
    whole[:, 1, 2] += axis * (1 - 1 / factor)
    return framed, whole


def find_boxes(alpha: np.ndarray) -> tuple[Tensor, Tensor]:
    """Lowest and highest x and y, float [B, 2] each, of what is opaque in uint8 [B, s, s], in the
    picture frame (-1 to 1); of the whole picture where nothing is."""
    opaque = torch.from_numpy(alpha >= 128)
    side = opaque.shape[1]
    ends = []
    for axis in (1, 2):  # columns, then rows
        filled = opaque.any(axis)
        filled |= ~filled.any(1, keepdim=True)
        first = filled.int().argmax(1)
        last = side - filled.flip(1).int().argmax(1)
        ends.append(torch.stack((first, last), 1) / side * 2 - 1)
    both = torch.stack(ends, 1)
    return both[..., 0], both[..., 1]


def log_edges(edges: Tensor) -> Tensor:
    """Logarithms of boxes' edges float [B, 3], in box diagonals."""
    return functional.normalize(edges, dim=1).log()
