"""Choices made on validation pictures (level, pull) and the figures a model card gives."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from ...inference.engines.imnet.latents import LatentBank
from ...inference.engines.imnet.networks import Decoder, ImageEncoder
from ...inference.engines.imnet.planes import PlaneDecoder
from .evaluate import (
    Scores,
    best_level,
    field_values,
    grid_points,
    picture_fields,
    summarise,
    truth_at,
)
from .pack import Pack

LEVELS = tuple(np.arange(0.2, 0.81, 0.05).round(2).tolist())
TEMPERATURES = (0.0, 0.2, 0.4, 0.8, 1.6)
TOLERANCE = 0.03
PULLS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Calibration:
    """level: of the surface; levels: by class. pull, temperature: see LatentBank.

    pictures: IoU from pictures of the split, at the classes' levels.
    class_accuracy: share of the pictures that get the right class.
    mean_shape: IoU of the class's mean training shape, true class given, its level chosen likewise.
    """

    level: float
    levels: dict[str, float]
    pull: float
    temperature: float
    pictures: Scores
    class_accuracy: float
    mean_shape: Scores
    pulls: dict[str, float] = field(default_factory=dict)


@torch.no_grad()
def calibrate(
    pack: Pack,
    encoder: ImageEncoder,
    decoder: Decoder | PlaneDecoder,
    bank: LatentBank,
    *,
    step: int = 4,
) -> Calibration:
    """Choose the temperature by the accuracy of classes, pull and level by mean IoU.

    All over the validation split's pictures, three of each object.
    """
    found = picture_fields(pack, encoder, decoder, "validation", step=step)
    z, truth, rows = found.z, found.truth, found.rows
    points = grid_points(step)
    classes = pack.classes[rows]
    accuracies = {
        temperature: class_accuracy(replace(bank, temperature=temperature), z, classes)
        for temperature in TEMPERATURES
    }
    temperature = max(accuracies, key=lambda key: accuracies[key][1])
    bank = replace(bank, temperature=temperature)
    accuracy = accuracies[temperature][0]
    if found.logits is None:
        named = [bank.rank_classes(one)[0][0] for one in z]
    else:
        guesses = found.logits.argmax(1).numpy()
        named, accuracy = [bank.names[i] for i in guesses], float((guesses == classes).mean())
    tried = {}
    for pull in PULLS:
        moved_bank = replace(bank, pull=pull)
        moved = torch.stack([settle(moved_bank, *one) for one in zip(z, named, strict=True)])
        values = torch.stack([field_values(decoder, one, points) for one in moved])
        level, ious = best_level(values, truth, LEVELS)
        tried[pull] = (ious.mean().item(), level, values)
    pull = max(tried, key=lambda key: tried[key][0])
    _, level, values = tried[pull]
    levels = class_levels(values, truth, classes, pack.names)
    ious = torch.zeros(len(z))
    for index, name in enumerate(pack.names):
        chosen = torch.from_numpy(classes == index)
        if chosen.any():
            _, ious[chosen] = best_level(values[chosen], truth[chosen], (levels[name],))
    return Calibration(
        level, levels, pull, temperature, summarise(ious.numpy(), classes, pack.names),
        accuracy, mean_shape_iou(pack, rows, truth, step),
        {str(key): value[0] for key, value in tried.items()},
    )  # fmt: skip


def settle(bank: LatentBank, z: Tensor, name: str) -> Tensor:
    """As the engine settles a latent whose class was named."""
    return bank.settle(z, name) if bank.has_class(name) else z


def class_levels(
    values: Tensor, truth: Tensor, classes: np.ndarray, names: tuple[str, ...]
) -> dict[str, float]:
    """The level of each class: the lowest that costs at most `TOLERANCE` of the best mean IoU.

    IoU hardly counts thin parts; a lower level keeps more of a chair's legs. values, truth [M, P].
    """
    chosen = {}
    for index in np.unique(classes):
        members = torch.from_numpy(classes == index)
        means = {
            level: best_level(values[members], truth[members], (level,))[1].mean().item()
            for level in LEVELS
        }
        enough = (1 - TOLERANCE) * max(means.values())
        chosen[names[index]] = min(level for level, mean in means.items() if mean >= enough)
    return chosen


def class_accuracy(bank: LatentBank, z: Tensor, classes: np.ndarray) -> tuple[float, float]:
    """Share of latents [M, latent] whose class is named rightly; and its mean over the classes."""
    named = np.array([bank.names.index(bank.rank_classes(one)[0][0]) for one in z])
    right = named == classes
    return float(right.mean()), float(np.mean([right[classes == c].mean() for c in set(classes)]))


def mean_shape_iou(pack: Pack, rows: np.ndarray, truth: Tensor, step: int) -> Scores:
    """The baseline that knows the class and nothing else: the class's mean training shape."""
    classes = pack.classes[rows]
    training = pack.rows["train_original"]
    ious = torch.zeros(len(rows))
    for index in np.unique(classes):
        members = training[pack.classes[training] == index]
        if not len(members):
            continue
        mean = torch.stack(
            [truth_at(pack.voxels(np.array([row])), step)[0].float() for row in members]
        ).mean(0)
        chosen = torch.from_numpy(classes == index)
        _, ious[chosen] = best_level(mean.expand(int(chosen.sum()), -1), truth[chosen], LEVELS)
    return summarise(ious.numpy(), classes, pack.names)
