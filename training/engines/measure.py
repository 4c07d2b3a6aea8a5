"""Figures of the networks' own fields on pictures of the training renderer: a yardstick while
training. The published figures are those of `./bozzetto evaluate`."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ...inference.engines.pixel.networks import blur_matte
from ..data.classes import CLASSES
from ..pictures.stretch import log_edges
from ..shared.pack import Pack
from .batches import box_edges, camera_of_views, plain_pictures
from .errors import fused_logits
from .fields import (
    LEVELS,
    azimuth_errors,
    best_level,
    choose_views,
    field_values,
    grid_points,
    truth_at,
)
from .networks import SharedNetworks

STEP = 4  # every fourth cell centre of 64³ along each axis
CHUNK = 16
SIDES = {"front": (0, 60), "side": (60, 120), "behind": (120, 181)}
"""From where an object is seen: degrees between the picture's azimuth and the front's."""


@torch.no_grad()
def measure(
    pack: Pack, model: SharedNetworks, split: str, *, limit: int | None = None, views: int = 1
) -> dict[str, float]:
    """iou: mean IoU of pixel's field with the true camera. iou_seen: of its pixel-aligned part
    alone. iou_imnet: of imnet's field; all at the level that suits the split best. yaw: share
    of azimuths within 30 degrees, symmetric objects too. yaw_front, yaw_side, yaw_behind: the same
    of objects that have a front, by where they are seen from (`SIDES`), where there are any.
    classes: share named rightly. box: mean error of the logarithms of the box's edges.

    Over the first `views` pictures of at most `limit` objects of a split.
    """
    model.eval()
    places, chosen = choose_views(pack, split, views=views, limit=limit)
    points = grid_points(STEP)
    found: dict[str, list[Tensor]] = {"yaw": [], "classes": [], "box": []}
    found |= {f"yaw_{side}": [] for side in SIDES}
    values, seen_alone, whole, truths = [], [], [], []
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
        h = torch.stack([field_values(model.imnet.generator, z, points) for z in latents])
        values.append(fused_logits(logits, h).sigmoid())
        seen_alone.append(logits.sigmoid())
        truths.append(truth)
        whole.append(h)
        bins = reading.azimuth.shape[1]
        azimuth = (reading.azimuth.argmax(1) + 0.5) / bins * (2 * math.pi)
        close = azimuth_errors(azimuth, camera.azimuth) < math.radians(30)
        found["yaw"].append(close.float())
        fronts = torch.tensor([CLASSES[pack.names[c]].has_front for c in pack.classes[part]])
        turned = azimuth_errors(camera.azimuth, torch.zeros(())).rad2deg()
        for side, (first, last) in SIDES.items():
            found[f"yaw_{side}"].append(close[fronts & (turned >= first) & (turned < last)].float())
        found["box"].append((reading.box - log_edges(box_edges(pack, part))).abs().mean(1))
        classes = torch.from_numpy(pack.classes[part])
        found["classes"].append((reading.classes.argmax(1) == classes).float())
    truth = torch.cat(truths)
    shares = {name: torch.cat(each) for name, each in found.items()}
    return {
        "iou": float(best_level(torch.cat(values), truth, LEVELS)[1].mean()),
        "iou_seen": float(best_level(torch.cat(seen_alone), truth, LEVELS)[1].mean()),
        "iou_imnet": float(best_level(torch.cat(whole), truth, LEVELS)[1].mean()),
    } | {name: float(each.mean()) for name, each in shares.items() if len(each)}
