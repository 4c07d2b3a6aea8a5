"""Phase 2: the picture encoder, and the decoder along with it.

The paper (section 3.3) regresses the auto-encoder's latents and leaves the decoder alone. Here the
error of the decoded occupancy is all that counts, since not every direction of z matters alike, and
the decoder learns along, from the pictures' latents, which miss.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from ...inference.engines.imnet.checkpoint import load_checkpoint
from ...inference.engines.imnet.networks import Architecture, AutoEncoder, SingleView
from .autoencoder import encode_shapes, reconstruction_loss
from .evaluate import picture_fields, summarise
from .loop import train
from .pack import GRID, Pack
from .pictures_input import augment
from .run import (
    Average,
    Clock,
    Curve,
    autocast,
    initialise,
    learning_rate,
    save_atomically,
    set_learning_rate,
)


@dataclass(frozen=True)
class PicturePlan:
    """Sizes of phase 2.

    surface, uniform: points per picture. decoded, classified: weights of the occupancy's and the
    class's error. image_decay: weight decay of the picture encoder.
    """

    minutes: float = 60.0
    pictures: int = 16
    surface: int = 768
    uniform: int = 256
    rate: float = 8e-4
    decoded: float = 4.0
    classified: float = 0.15
    image_decay: float = 0.03
    average: float = 0.999
    report_every: float = 300.0


class PictureTraining:
    """The state of phase 2: step it, save it, go on from the file or from published weights."""

    def __init__(
        self, pack: Pack, architecture: Architecture, plan: PicturePlan, seed: int = 0
    ) -> None:
        torch.manual_seed(seed)
        self.pack, self.plan, self.architecture = pack, plan, architecture
        self.model = SingleView(architecture)
        initialise(self.model)
        torch.nn.init.normal_(self.model.img_encoder.conv_10.weight, std=0.01)
        self.model.to(memory_format=torch.channels_last)
        self.rows = np.array([r for r in pack.rows["train"] if len(pack.views_of[r])])
        self.weights = pack.sampling_weights(self.rows)
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)
        self.pictures_before = 0  # seen in earlier runs, whose weights this one started from
        self.steps = 0
        self.clock = Clock(plan.minutes)
        self._start()

    def _start(self) -> None:
        """A fresh optimiser and average for the weights as they are."""
        plan = self.plan
        encoder, decoder = self.model.img_encoder, self.model.generator
        self.optimiser = torch.optim.AdamW(
            [
                {"params": encoder.parameters(), "weight_decay": plan.image_decay},
                {"params": decoder.parameters(), "weight_decay": 1e-4},
            ],
            lr=plan.rate,
            betas=(0.9, 0.99),
            fused=True,
        )
        self.average = Average(self.model, plan.average)

    def start_from_autoencoder(self, autoencoder: AutoEncoder) -> None:
        """Take a phase 1 decoder, and begin at the mean of its latents instead of one half."""
        self.model.generator.load_state_dict(autoencoder.generator.state_dict())
        mean = encode_shapes(self.pack, autoencoder, self.rows).mean(0).clamp(1e-3, 1 - 1e-3)
        with torch.no_grad():
            self.model.img_encoder.conv_10.bias.copy_(torch.logit(mean))
        self._start()

    def start_from_weights(self, weights: Path) -> bool:
        """Go on from published weights of ours if they have this architecture and these classes;
        whether they do.

        Raises WeightsError.
        """
        published = load_checkpoint(weights)
        if published.architecture != self.architecture:
            return False
        if published.bank is None or published.bank.names != self.pack.names:
            return False
        self.model.load_state_dict(published.model.state_dict())
        seen = published.metadata.get("training", {}).get("pictures", {})
        self.pictures_before = int(seen.get("pictures", 0))
        self._start()
        return True

    def step(self, progress: float) -> dict[str, float]:
        """One batch; the errors of occupancy and class."""
        plan = self.plan
        rows = self.rng.choice(self.rows, plan.pictures, p=self.weights)
        views = np.array([self.rng.choice(self.pack.views_of[row]) for row in rows])
        mirror = self.rng.random(plan.pictures) < 0.5
        pictures = augment(self.pack.views[views], mirror, self.generator)
        pictures = pictures[:, : self.architecture.image_channels]
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        shapes = self.pack.shapes(rows, plan.surface, plan.uniform, GRID, self.rng, mirror)
        set_learning_rate(self.optimiser, learning_rate(progress, plan.rate))
        self.model.train()
        with autocast():
            z, logits = self.model.img_encoder.encode(pictures)
            h = self.model.generator.evaluate_layers(shapes.points, z.float())
        errors = {"decoded_error": reconstruction_loss(h, shapes.inside)}
        loss = plan.decoded * errors["decoded_error"]
        if logits is not None:
            classes = torch.from_numpy(self.pack.classes[rows])
            errors["class_error"] = functional.cross_entropy(logits.float(), classes)
            loss = loss + plan.classified * errors["class_error"]
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.average.update(self.model)
        self.steps += 1
        return {name: value.item() for name, value in errors.items()}

    @property
    def pictures_seen(self) -> int:
        """Pictures over all runs that these weights went through."""
        return self.pictures_before + self.steps * self.plan.pictures

    def measure(self, progress: float) -> dict[str, Any]:
        """Mean IoU from pictures, and the share of classes named rightly."""
        figures: dict[str, Any] = {"pictures": self.pictures_seen}
        for split, name in (("validation", "validation"), ("train_real", "train")):
            iou, right = self.validation_iou(split)
            figures[f"iou_{name}"] = iou
            if right is not None:
                figures[f"class_{name}"] = right
        return figures

    def validation_iou(self, split: str) -> tuple[float, float | None]:
        """Mean IoU from pictures of a split at level 0.5, one view of at most 96 objects; and the
        share of them whose class the head names, None without a head."""
        model = self.average.module
        found = picture_fields(
            self.pack, model.img_encoder, model.generator, split, views=1, limit=96, step=4
        )
        inside = found.values > 0.5
        ious = (inside & found.truth).sum(1) / (inside | found.truth).sum(1).clamp(min=1)
        classes = self.pack.classes[found.rows]
        mean = summarise(ious.numpy(), classes, self.pack.names).mean
        if found.logits is None:
            return mean, None
        return mean, float((found.logits.argmax(1).numpy() == classes).mean())

    def save(self, path: Path) -> None:
        """Everything that going on needs."""
        state: dict[str, Any] = {
            "architecture": self.architecture.to_dict(),
            "model": self.model.state_dict(),
            "average": self.average.state(),
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
            "pictures_before": self.pictures_before,
            "spent": self.clock.spent,
            "rng": self.rng.bit_generator.state,
            "generator": self.generator.get_state(),
        }
        save_atomically(state, path)

    def load(self, path: Path) -> None:
        """Go on from a file that `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps, self.pictures_before = state["steps"], state["pictures_before"]
        self.clock = Clock(self.plan.minutes, state["spent"])
        self.rng.bit_generator.state = state["rng"]
        self.generator.set_state(state["generator"])

    def run(self, checkpoint: Path, curve: Curve) -> None:
        """Train until the time is over, reporting and saving on the way."""
        train(self, checkpoint, curve, "pictures", self.plan.report_every)


def load_pictures(path: Path) -> tuple[SingleView, Architecture]:
    """The averaged networks of a phase 2 checkpoint, frozen."""
    state = torch.load(path, weights_only=True)
    architecture = Architecture.from_dict(state["architecture"])
    model = SingleView(architecture).eval().requires_grad_(False)
    model.load_state_dict(state["average"]["module"])
    return model, architecture
