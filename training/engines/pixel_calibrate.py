"""Choices that validation pictures make for `pixel`: levels, trust in the camera, mirror images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from ...inference.engines.pixel.camera_head import EstimatedCamera, read_camera
from ...inference.engines.pixel.engine import MIRROR_AGREEMENT, MIRROR_SHARE
from ...inference.engines.pixel.field import PixelField
from ...inference.engines.pixel.networks import PixelNetwork, Reading, blur_matte
from ..shared.pack import Pack
from .batches import camera_of_views, plain_pictures
from .fields import (
    LEVELS,
    Scores,
    azimuth_errors,
    best_level,
    choose_views,
    class_levels,
    grid_points,
    iou,
    summarise,
    truth_at,
)
from .measure import CHUNK

STEP = 4
MIRROR_GAIN = 0.002  # of mean IoU in a class, below which the mirror image is not worth its cost
MIN_PICTURES = 6  # of a class, below which the choice is that of all classes
TRUSTS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.01)


@dataclass(frozen=True)
class PixelCalibration:
    """level, levels: of the surface, and by class. sure: camera confidence from which the azimuth
    is trusted. mirrored: classes whose hidden side the mirror image improves.

    camera_frame: IoU with the true camera. delivered: with the estimated one, boxes fitted, as an
    artist gets it. yaw: share of azimuths within 30 degrees. class_accuracy: share named rightly.
    trusts: mean IoU as delivered by `sure`.
    """

    level: float
    levels: dict[str, float]
    sure: float
    mirrored: tuple[str, ...]
    camera_frame: Scores
    delivered: Scores
    yaw: float
    class_accuracy: float
    trusts: dict[str, float]


@dataclass(frozen=True)
class Seen:
    """One validation picture: what was read in it, its camera as estimated, its matte."""

    reading: Reading
    estimate: EstimatedCamera
    mattes: list[Tensor]


@torch.no_grad()
def calibrate(
    pack: Pack, network: PixelNetwork, *, limit: int = 120, views: int = 1
) -> PixelCalibration:
    """Choose on the first `views` pictures of at most `limit` validation objects.

    The split's own figures are those of the choices made on it, hence a little too good.
    """
    places, seen_views = choose_views(pack, "validation", views=views, limit=limit)
    classes = pack.classes[places]
    truth = truth_at(pack.voxels(places), STEP)
    seen, values, right, yaws = _read(pack, network, seen_views, classes)
    level, _ = best_level(values, truth, LEVELS)
    levels = class_levels(values, truth, classes, pack.names)
    camera_frame = torch.zeros(len(values))
    for index in np.unique(classes):
        members = torch.from_numpy(classes == index)
        inside = values[members] > levels[pack.names[index]]
        camera_frame[members] = iou(inside, truth[members])

    def delivered(number: int, *, trusted: bool, mirrored: bool) -> float:
        one = seen[number]
        camera = one.estimate.camera
        if not trusted:
            camera = replace(camera, azimuth=torch.zeros(1))
        field = PixelField(
            network,
            one.reading,
            one.mattes,
            camera,
            level=levels[pack.names[classes[number]]],
            mirrored=MIRROR_SHARE if mirrored else 0.0,
            agreement=MIRROR_AGREEMENT,
        )
        inside = field.occupancy(grid_points(STEP)) > field.level
        return float(iou(inside[None], truth[number : number + 1])[0])

    count = range(len(seen))
    plain = np.array([delivered(n, trusted=True, mirrored=False) for n in count])
    both = np.array([delivered(n, trusted=True, mirrored=True) for n in count])
    as_seen = np.array([delivered(n, trusted=False, mirrored=False) for n in count])
    mirrored = choose_mirrored(plain, both, classes, pack.names)
    use = np.isin(classes, [pack.names.index(name) for name in mirrored])
    trusted = np.where(use, both, plain)
    confidence = np.array([one.estimate.confidence for one in seen])
    trusts = {sure: float(np.where(confidence >= sure, trusted, as_seen).mean()) for sure in TRUSTS}
    sure = max(trusts, key=lambda key: trusts[key])
    final = np.where(confidence >= sure, trusted, as_seen)
    return PixelCalibration(
        level=level,
        levels=levels,
        sure=sure,
        mirrored=mirrored,
        camera_frame=summarise(camera_frame.numpy(), classes, pack.names),
        delivered=summarise(final, classes, pack.names),
        yaw=float(np.mean(yaws)),
        class_accuracy=float(np.mean(right)),
        trusts={str(key): value for key, value in trusts.items()},
    )


def choose_mirrored(
    plain: np.ndarray, mirrored: np.ndarray, classes: np.ndarray, names: Sequence[str]
) -> tuple[str, ...]:
    """Names of the classes whose IoU [M] the mirror image improves."""
    overall = (mirrored - plain).mean() > MIRROR_GAIN
    chosen = []
    for index, name in enumerate(names):
        gains = (mirrored - plain)[classes == index]
        better = gains.mean() > MIRROR_GAIN if len(gains) >= MIN_PICTURES else overall
        if better:
            chosen.append(name)
    return tuple(chosen)


def _read(
    pack: Pack, network: PixelNetwork, views: np.ndarray, classes: np.ndarray
) -> tuple[list[Seen], Tensor, list[bool], list[bool]]:
    """Readings; values [M, P] with the true cameras; whether class and azimuth are right."""
    seen: list[Seen] = []
    values, right, yaws = [], [], []
    points = grid_points(STEP)
    for start in range(0, len(views), CHUNK):
        part = views[start : start + CHUNK]
        pictures = plain_pictures(pack.views[part])
        reading = network.read_both_ways(pictures)
        camera = camera_of_views(pack.views_camera[part])
        mattes = blur_matte(pictures[:, 3:].contiguous())
        logits = network.occupancy(
            reading, mattes, camera.project(points.expand(len(part), -1, -1))
        )
        values.append(logits.sigmoid())
        named = reading.classes.argmax(1).numpy()
        right += (named == classes[start : start + CHUNK]).tolist()
        for i in range(len(part)):
            one = Reading(*(getattr(reading, name)[i : i + 1] for name in Reading.__annotations__))
            estimate = read_camera(reading.azimuth[i], reading.pose[i])
            seen.append(Seen(one, estimate, [m[i : i + 1] for m in mattes]))
            away = azimuth_errors(estimate.camera.azimuth, camera.azimuth[i : i + 1])
            yaws.append(float(away[0]) < math.radians(30))
    return seen, torch.cat(values), right, yaws
