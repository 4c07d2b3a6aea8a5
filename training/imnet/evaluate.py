"""IoU of the networks' own fields on the grid's cell centres, per class, on held-out objects.

A yardstick for training (thresholds, checkpoints), not the project's published evaluation, which
measures extracted meshes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...inference.engines.imnet.networks import AutoEncoder, Decoder, ImageEncoder
from ...inference.engines.imnet.planes import PlaneDecoder
from .pack import GRID, Pack
from .pictures_input import pictures_from_views


@dataclass(frozen=True)
class Scores:
    """Mean IoU over objects, and per class (missing classes are left out)."""

    mean: float
    classes: dict[str, float]
    counts: dict[str, int]


@dataclass(frozen=True)
class PictureFields:
    """M pictures: latents z [M, latent], class logits [M, classes] or None, values of their fields
    [M, P], the truth there (bool [M, P]), rows of their objects [M]."""

    z: Tensor
    logits: Tensor | None
    values: Tensor
    truth: Tensor
    rows: np.ndarray


def grid_points(step: int = 2) -> Tensor:
    """Cell centres of every step-th cell of the 64^3 grid, float32 [(64 / step)^3, 3]."""
    axis = (torch.arange(0, GRID, step) + 0.5) / GRID - 0.5
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)


def field_values(decoder: Decoder | PlaneDecoder, z: Tensor, points: Tensor) -> Tensor:
    """Occupancy [N] of one latent [latent] at points [N, 3]."""
    folded = decoder.fold(z)
    return torch.cat([folded(chunk) for chunk in points.split(1 << 15)])


def truth_at(grids: Tensor, step: int) -> Tensor:
    """Bool [B, 64, 64, 64] -> [B, (64 / step)^3] at the points of `grid_points`."""
    return grids[:, ::step, ::step, ::step].flatten(1)


def best_level(values: Tensor, truth: Tensor, levels: Iterable[float]) -> tuple[float, Tensor]:
    """The level with the best mean IoU; values and truth [B, N]; returns it and the IoUs [B]."""
    best, best_ious = 0.5, torch.zeros(len(values))
    for level in levels:
        inside = values > level
        ious = (inside & truth).sum(1) / (inside | truth).sum(1).clamp(min=1)
        if ious.mean() > best_ious.mean():
            best, best_ious = float(level), ious
    return best, best_ious


def summarise(ious: np.ndarray, classes: np.ndarray, names: Sequence[str]) -> Scores:
    """Mean over all and per class of IoUs [B] with class indices [B] into `names`."""
    present = [c for c in range(len(names)) if (classes == c).any()]
    return Scores(
        float(ious.mean()),
        {names[c]: float(ious[classes == c].mean()) for c in present},
        {names[c]: int((classes == c).sum()) for c in present},
    )


def spread(rows: np.ndarray, limit: int | None) -> np.ndarray:
    """At most `limit` rows, evenly spread over the list."""
    if limit is None or len(rows) <= limit:
        return rows
    return rows[np.linspace(0, len(rows) - 1, limit).astype(int)]


@torch.no_grad()
def autoencoder_iou(
    pack: Pack,
    model: AutoEncoder,
    split: str,
    *,
    limit: int | None = None,
    level: float = 0.5,
    step: int = 2,
) -> Scores:
    """How well shapes of a split come back through the auto-encoder."""
    model.eval()
    rows = spread(pack.rows[split], limit)
    points = grid_points(step)
    ious = []
    for row in rows:
        grids = pack.voxels(np.array([row]))
        z = model.encoder(grids[:, None].float())[0]
        inside = field_values(model.generator, z, points) > level
        truth = truth_at(grids, step)[0]
        ious.append(((inside & truth).sum() / (inside | truth).sum().clamp(min=1)).item())
    return summarise(np.array(ious), pack.classes[rows], pack.names)


@torch.no_grad()
def picture_fields(
    pack: Pack,
    encoder: ImageEncoder,
    decoder: Decoder | PlaneDecoder,
    split: str,
    *,
    views: int = 3,
    limit: int | None = None,
    step: int = 2,
) -> PictureFields:
    """What the networks make of the first `views` pictures of each object of a split."""
    rows, chosen = [], []
    for row in spread(pack.rows[split], limit):
        for view in pack.views_of[row][:views]:
            rows.append(row)
            chosen.append(view)
    points = grid_points(step)
    z, logits = encode_views(pack, encoder, np.array(chosen))
    values = torch.stack([field_values(decoder, one, points) for one in z])
    truth = truth_at(pack.voxels(np.array(rows)), step)
    return PictureFields(z, logits, values, truth, np.array(rows))


@torch.no_grad()
def encode_views(
    pack: Pack, encoder: ImageEncoder, views: np.ndarray
) -> tuple[Tensor, Tensor | None]:
    """Latents float32 [M, latent] of views [M] of the pack, and logits [M, classes] of the head."""
    encoder.eval()
    latents, logits = [], []
    for chunk in np.array_split(views, max(1, len(views) // 32)):
        pictures = pictures_from_views(pack.views[chunk])[:, : encoder.conv_0.in_channels]
        z, scores = encoder.encode(pictures)
        latents.append(z.float())
        logits.append(scores)
    return torch.cat(latents), None if encoder.head is None else torch.cat(logits)
