"""Figures of `pixel`'s fine level on large pictures of the training renderer: a yardstick while
training. The published figures are those of `./bozzetto evaluate`."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...inference.engines.pixel.fine import FineLevel, near_surface
from ...inference.engines.pixel.networks import PixelNetwork, blur_matte
from ..shared.fine_views import FineViews
from ..shared.pack import Pack
from .batches import camera_of_views, plain_pictures, shrink_pictures
from .fields import LEVELS, best_level, choose_views, grid_points, truth_at

MATTE_SIDE = 256  # of the matte that points read, as in the engine
STEP = 2  # every second cell centre of 64³ along each axis


def fine_views(pack: Pack) -> FineViews:
    """The pack's large pictures. Raises ValueError where there are none."""
    if pack.fine is None:
        raise ValueError(
            "this pack has no large pictures: run `./bozzetto data --stage fine`, then write a new "
            "pack with `./bozzetto data --stage pack --pack NAME`"
        )
    return pack.fine


def read_mattes(large: Tensor) -> list[Tensor]:
    """The mattes of large pictures [B, 4, 384, 384] as the engine reads them."""
    side = (MATTE_SIDE, MATTE_SIDE)
    alpha = functional.interpolate(
        large[:, 3:].contiguous(), side, mode="bilinear", antialias=True, align_corners=False
    )
    return blur_matte(alpha)


@torch.no_grad()
def measure_fine(
    pack: Pack, network: PixelNetwork, fine: FineLevel, split: str, *, limit: int
) -> dict[str, float]:
    """Mean IoU with the true camera on the grid's cells, `iou_coarse` and `iou` with the fine
    level, each at the level that suits it best; `near_coarse` and `near`: share of stored points
    around the surface that are told rightly.

    Over one large picture of at most `limit` objects of a split.
    """
    network.eval()
    fine.eval()
    rows, views = choose_views(pack, split, views=1, limit=limit, source=fine_views(pack))
    points = grid_points(STEP)
    rng = np.random.default_rng(0)
    values: dict[str, list[Tensor]] = {"coarse": [], "fine": []}
    right: dict[str, list[float]] = {"coarse": [], "fine": []}
    for row, view in zip(rows, views, strict=True):
        source = fine_views(pack)
        large = plain_pictures(source.pictures(np.array([view])))
        camera = camera_of_views(source.views_camera[[view]])
        near, inside = pack.surface_points(np.array([row]), 4096, rng)
        asked = torch.cat((points[None], near), 1)
        places = camera.project(asked)
        reading = network(shrink_pictures(large))
        seen, embedding = network.embed(reading, read_mattes(large), places)
        assert network.canonical is not None
        fused = seen + network.canonical.logits(asked, reading.latents)
        corrected = fused + near_surface(fused) * fine.correction(
            fine.read(large), places, embedding
        )
        for name, logits in (("coarse", fused), ("fine", corrected)):
            values[name].append(logits[0, : len(points)].sigmoid())
            told = (logits[0, len(points) :] > 0) == (inside[0] > 0.5)
            right[name].append(float(told.float().mean()))
    truth = truth_at(pack.voxels(rows), STEP)
    found = {}
    for name, suffix in (("coarse", "_coarse"), ("fine", "")):
        _, ious = best_level(torch.stack(values[name]), truth, LEVELS)
        found[f"iou{suffix}"] = float(ious.mean())
        found[f"near{suffix}"] = float(np.mean(right[name]))
    return found
