"""Figures of the networks' own fields on pictures of the training renderer: a yardstick while
training. The published figures are those of `./bozzetto evaluate`."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...inference.engines.pixel.networks import blur_matte
from ..shared.pack import Pack
from .batches import camera_of_views, plain_pictures
from .fields import azimuth_errors, choose_views, field_values, grid_points, iou, truth_at
from .networks import SharedNetworks

STEP = 4  # every fourth cell centre of 64³ along each axis
CHUNK = 16


@torch.no_grad()
def measure(
    pack: Pack, model: SharedNetworks, split: str, *, limit: int | None = None, views: int = 1
) -> dict[str, float]:
    """iou: mean IoU of pixel's field with the true camera. iou_imnet: of imnet's field. yaw: share
    of azimuths within 30 degrees, symmetric objects too. classes: share named rightly.

    Over the first `views` pictures of at most `limit` objects of a split.
    """
    model.eval()
    places, chosen = choose_views(pack, split, views=views, limit=limit)
    points = grid_points(STEP)
    found: dict[str, list[Tensor]] = {"iou": [], "iou_imnet": [], "yaw": [], "classes": []}
    for start in range(0, len(places), CHUNK):
        part, seen = places[start : start + CHUNK], chosen[start : start + CHUNK]
        pictures = plain_pictures(pack.views[seen])
        reading, latents, _ = model(pictures)
        camera = camera_of_views(pack.views_camera[seen])
        many = points.expand(len(part), -1, -1)
        logits = model.pixel.occupancy(
            reading, blur_matte(pictures[:, 3:].contiguous()), camera.project(many)
        )
        truth = truth_at(pack.voxels(part), STEP)
        found["iou"].append(iou(logits > 0, truth))
        values = torch.stack([field_values(model.imnet.generator, z, points) for z in latents])
        found["iou_imnet"].append(iou(values > 0.5, truth))
        bins = reading.azimuth.shape[1]
        azimuth = (reading.azimuth.argmax(1) + 0.5) / bins * (2 * math.pi)
        close = azimuth_errors(azimuth, camera.azimuth) < math.radians(30)
        found["yaw"].append(close.float())
        classes = torch.from_numpy(pack.classes[part])
        found["classes"].append((reading.classes.argmax(1) == classes).float())
    return {name: float(torch.cat(values).float().mean()) for name, values in found.items()}
