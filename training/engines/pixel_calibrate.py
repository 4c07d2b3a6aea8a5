"""Choices that validation pictures make for `pixel`: levels, trust in the camera, mirror images."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ...inference.engines.pixel.camera_head import EstimatedCamera, read_camera
from ...inference.engines.pixel.canonical import CanonicalGrid
from ...inference.engines.pixel.engine import (
    MIRROR_AGREEMENT,
    MIRROR_MISMATCH,
    MIRROR_SHARE,
    read_canonical,
    read_proportions,
)
from ...inference.engines.pixel.field import PixelField
from ...inference.engines.pixel.fine import FinePlanes, near_surface
from ...inference.engines.pixel.networks import PixelNetwork, Reading, blur_matte
from ..shared.pack import Pack
from .batches import camera_of_views, plain_pictures, shrink_pictures
from .errors import fused_logits
from .fields import (
    LEVELS,
    Scores,
    azimuth_errors,
    best_level,
    choose_views,
    field_values,
    grid_points,
    iou,
    summarise,
    truth_at,
)
from .measure import CHUNK
from .measure_fine import read_mattes

STEP = 4
MIRROR_LOSS = 0.01
"""Mean IoU that a class may lose by the mirror image: artists want what is symmetric to be so, and
a leg that only one half shows to be there twice."""
ALL_CLASSES = 12
"""The gain over all classes counts as so many pictures of each: a few pictures of a class, which
differ by tenths, would otherwise choose by chance."""
MOST_GAIN = 0.1
"""A picture counts no more: where the camera is wrong the mirror image of a thin slab misses all of
it, and one such table would decide for all tables."""
TRUSTS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.01)
TRUST_LOSS = 0.01
"""Mean IoU that is given for not turning an object by a guess: as it was seen, an artist knows how
to turn it. A few pictures of 120 differ by as much."""


@dataclass(frozen=True)
class PixelCalibration:
    """level: of the surface. sure: camera confidence from which the azimuth
    is trusted. mirrored: classes whose hidden side the mirror image improves.

    camera_frame: IoU with the true camera, before the outline and the box are kept to. delivered:
    with the estimated one, boxes fitted, as an artist gets it. yaw: share of azimuths within 30
    degrees. class_accuracy: share named rightly. trusts: mean IoU as delivered by `sure`.
    """

    level: float
    sure: float
    mirrored: tuple[str, ...]
    camera_frame: Scores
    delivered: Scores
    yaw: float
    class_accuracy: float
    trusts: dict[str, float]


@dataclass(frozen=True)
class Seen:
    """One validation picture: what was read in it, its camera as estimated, its matte, and what its
    fine level reads, where the network has one and the pack large pictures."""

    reading: Reading
    estimate: EstimatedCamera
    whole: CanonicalGrid | None
    mattes: list[Tensor]
    fine: FinePlanes | None


def canonical_values(network: PixelNetwork, latents: Tensor, points: Tensor) -> Tensor:
    """h [B, P] of the canonical branch at points [P, 3]."""
    assert network.canonical is not None
    return torch.stack([field_values(network.canonical.decoder, z, points) for z in latents])


@torch.no_grad()
def calibrate(
    pack: Pack, network: PixelNetwork, *, limit: int = 120, views: int = 1
) -> PixelCalibration:
    """Choose on the first `views` pictures of at most `limit` validation objects.

    The split's own figures are those of the choices made on it, hence a little too good.
    """
    source = pack.fine if network.fine is not None else None
    places, seen_views = choose_views(pack, "validation", views=views, limit=limit, source=source)
    classes = pack.classes[places]
    truth = truth_at(pack.voxels(places), STEP)
    seen, values, right, yaws = _read(pack, network, seen_views, classes)
    level, camera_frame = best_level(values, truth, LEVELS)

    def delivered(number: int, *, trusted: bool, mirrored: bool) -> float:
        one = seen[number]
        camera = one.estimate.camera
        field = PixelField(
            network,
            one.reading,
            one.mattes,
            camera,
            whole=one.whole,
            box=read_proportions(one.reading),
            fine=one.fine,
            level=level,
            turn=0.0 if trusted else -float(camera.azimuth),
            mirrored=MIRROR_SHARE if mirrored else 0.0,
            agreement=MIRROR_AGREEMENT,
            mismatch=MIRROR_MISMATCH,
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
    sure = choose_trust(trusts)
    final = np.where(confidence >= sure, trusted, as_seen)
    return PixelCalibration(
        level=level,
        sure=sure,
        mirrored=mirrored,
        camera_frame=summarise(camera_frame.numpy(), classes, pack.names),
        delivered=summarise(final, classes, pack.names),
        yaw=float(np.mean(yaws)),
        class_accuracy=float(np.mean(right)),
        trusts={str(key): value for key, value in trusts.items()},
    )


def choose_trust(trusts: dict[float, float]) -> float:
    """The highest confidence to ask for whose mean IoU is within `TRUST_LOSS` of the best."""
    best = max(trusts.values())
    return max(sure for sure, iou in trusts.items() if iou >= best - TRUST_LOSS)


def choose_mirrored(
    plain: np.ndarray, mirrored: np.ndarray, classes: np.ndarray, names: Sequence[str]
) -> tuple[str, ...]:
    """Names of the classes that the mirror image improves, or hardly harms, by their IoU [M].

    A class's gain is drawn toward that of all classes, the more the fewer pictures it has, and no
    picture counts more than `MOST_GAIN`.
    """
    gains = (mirrored - plain).clip(-MOST_GAIN, MOST_GAIN)
    totals = np.bincount(classes, gains, minlength=len(names)) + ALL_CLASSES * gains.mean()
    means = totals / (np.bincount(classes, minlength=len(names)) + ALL_CLASSES)
    return tuple(name for name, gain in zip(names, means, strict=True) if gain > -MIRROR_LOSS)


def _read(
    pack: Pack, network: PixelNetwork, views: np.ndarray, classes: np.ndarray
) -> tuple[list[Seen], Tensor, list[bool], list[bool]]:
    """Readings; values [M, P] with the true cameras; whether class and azimuth are right.

    views: of the pack's large pictures where the network has a fine level and the pack has some.
    """
    seen: list[Seen] = []
    values, right, yaws = [], [], []
    points = grid_points(STEP)
    fine = pack.fine if network.fine is not None else None
    source = fine or pack
    for start in range(0, len(views), CHUNK):
        part = views[start : start + CHUNK]
        pictures = plain_pictures(source.pictures(part))
        planes = None
        if fine is not None and network.fine is not None:
            planes, mattes = network.fine.read(pictures), read_mattes(pictures)
            pictures = shrink_pictures(pictures)
        else:
            mattes = blur_matte(pictures[:, 3:].contiguous())
        reading = network.read_both_ways(pictures)
        camera = camera_of_views(source.views_camera[part])
        spots = camera.project(points.expand(len(part), -1, -1))
        logits, embedding = network.embed(reading, mattes, spots)
        fused = fused_logits(logits, canonical_values(network, reading.latents, points))
        if planes is not None and network.fine is not None:
            correction = network.fine.correction(planes, spots, embedding)
            fused = fused + near_surface(fused) * correction
        values.append(fused.sigmoid())
        named = reading.classes.argmax(1).numpy()
        right += (named == classes[start : start + CHUNK]).tolist()
        for i in range(len(part)):
            one = Reading(*(getattr(reading, name)[i : i + 1] for name in Reading.__annotations__))
            matte = [m[i : i + 1] for m in mattes]
            own = planes and FinePlanes(planes.half[i : i + 1], planes.quarter[i : i + 1])
            estimate = read_camera(reading.azimuth[i], reading.pose[i])
            seen.append(Seen(one, estimate, read_canonical(network, one), matte, own))
            away = azimuth_errors(estimate.camera.azimuth, camera.azimuth[i : i + 1])
            yaws.append(float(away[0]) < math.radians(30))
    return seen, torch.cat(values), right, yaws
