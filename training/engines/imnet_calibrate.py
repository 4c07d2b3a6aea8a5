"""Choices that validation pictures make for `imnet` (level, pull), and the figures of its card."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
import torch
from torch import Tensor

from ...inference.engines.imnet.field import ImplicitField
from ...inference.engines.imnet.latents import LatentBank
from ...inference.engines.imnet.networks import BothWays, EfficientEncoder, SingleView
from ...inference.engines.proportions import Proportions
from ..shared.pack import Pack
from .batches import plain_pictures
from .fields import (
    LEVELS,
    Scores,
    best_level,
    choose_views,
    class_levels,
    grid_points,
    iou,
    summarise,
    truth_at,
)

STEP = 4
PULLS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class ImnetCalibration:
    """level: of the surface; levels: by class. pull: see LatentBank.

    pictures: IoU from pictures of the split, at the classes' levels.
    class_accuracy: share of the pictures that get the right class.
    mean_shape: IoU of the class's mean training shape, true class given, its level chosen likewise.
    """

    level: float
    levels: dict[str, float]
    pull: float
    pictures: Scores
    class_accuracy: float
    mean_shape: Scores
    pulls: dict[str, float] = field(default_factory=dict)


@torch.no_grad()
def encode_views(pack: Pack, encoder: EfficientEncoder, views: np.ndarray) -> BothWays:
    """What the encoder reads in views [M] of the pack and in their mirror images."""
    found = [
        encoder.read_both_ways(plain_pictures(pack.views[chunk]))
        for chunk in np.array_split(views, max(1, len(views) // 32))
    ]
    return BothWays(
        *(
            torch.cat([getattr(one, part.name) for one in found])
            if getattr(found[0], part.name) is not None
            else None
            for part in fields(BothWays)
        )
    )


@torch.no_grad()
def calibrate(
    pack: Pack, model: SingleView, bank: LatentBank, *, limit: int | None = None, views: int = 1
) -> ImnetCalibration:
    """Choose pull and level by mean IoU over the first `views` pictures of validation objects."""
    rows, chosen = choose_views(pack, "validation", views=views, limit=limit)
    encoder = model.img_encoder
    assert isinstance(encoder, EfficientEncoder)
    seen = encode_views(pack, encoder, chosen)
    assert seen.logits is not None
    truth = truth_at(pack.voxels(rows), STEP)
    classes = pack.classes[rows]
    guesses = seen.logits.argmax(1).numpy()
    tried = {}
    for pull in PULLS:
        values = _field_values(model, replace(bank, pull=pull), seen, guesses)
        level, ious = best_level(values, truth, LEVELS)
        tried[pull] = (float(ious.mean()), level, values)
    pull = max(tried, key=lambda key: tried[key][0])
    _, level, values = tried[pull]
    levels = class_levels(values, truth, classes, pack.names)
    ious = torch.zeros(len(values))
    for index in np.unique(classes):
        members = torch.from_numpy(classes == index)
        ious[members] = iou(values[members] > levels[pack.names[index]], truth[members])
    return ImnetCalibration(
        level=level,
        levels=levels,
        pull=pull,
        pictures=summarise(ious.numpy(), classes, pack.names),
        class_accuracy=float((guesses == classes).mean()),
        mean_shape=mean_shape_iou(pack, rows, truth),
        pulls={str(key): value[0] for key, value in tried.items()},
    )


def _field_values(
    model: SingleView, bank: LatentBank, seen: BothWays, guesses: np.ndarray
) -> Tensor:
    """Values [M, P] of the fields that the engine makes, in the object's own frame."""
    points = grid_points(STEP)
    values = []
    for number, guess in enumerate(guesses):
        name = bank.names[guess]
        z, mirrored = (
            bank.settle(one[number], name) if bank.has_class(name) else one[number]
            for one in (seen.z, seen.mirrored)
        )
        box = None if seen.edges is None else Proportions(seen.edges[number])
        field = ImplicitField(model.generator, z, mirrored=mirrored, box=box)
        values.append(field.occupancy(points))
    return torch.stack(values)


def mean_shape_iou(pack: Pack, rows: np.ndarray, truth: Tensor) -> Scores:
    """The baseline that knows the class and nothing else: the class's mean training shape."""
    classes = pack.classes[rows]
    training = pack.rows["train_original"]
    ious = torch.zeros(len(rows))
    for index in np.unique(classes):
        members = training[pack.classes[training] == index]
        if not len(members):
            continue
        mean = torch.zeros(truth.shape[1])
        for part in np.array_split(members, max(1, len(members) // 64)):
            mean += truth_at(pack.voxels(part), STEP).float().sum(0)
        mean /= len(members)
        chosen = torch.from_numpy(classes == index)
        _, ious[chosen] = best_level(mean.expand(int(chosen.sum()), -1), truth[chosen], LEVELS)
    return summarise(ious.numpy(), classes, pack.names)
