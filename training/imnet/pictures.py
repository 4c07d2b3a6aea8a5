"""Phase 2: the picture encoder learns the auto-encoder's latents (paper, section 3.3).

Beside the paper's squared error of z stands the error of the decoded occupancy at a few hundred
points, since not every direction of z matters alike. The decoder is frozen until the last part, in
which it learns along: from the pictures' latents, which miss, and from the shapes' own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...inference.engines.imnet.networks import Architecture, AutoEncoder, Decoder, ImageEncoder
from .autoencoder import encode_training_shapes, load_autoencoder, reconstruction_loss
from .evaluate import picture_fields, summarise
from .pack import GRID, Pack
from .pictures_input import augment
from .run import (
    Average,
    Clock,
    Curve,
    Threads,
    autocast,
    initialise,
    learning_rate,
    save_atomically,
    set_learning_rate,
)

JOINT = 0.7
"""Progress from which the decoder learns along."""


@dataclass(frozen=True)
class PicturePlan:
    """Sizes of phase 2. decoded: weight of the occupancy term."""

    minutes: float = 40.0
    pictures: int = 16
    surface: int = 256
    uniform: int = 192
    rate: float = 8e-4
    decoded: float = 4.0
    average: float = 0.998
    report_every: float = 180.0


class PictureTraining:
    """The state of phase 2: step it, save it, go on from the file."""

    def __init__(
        self, pack: Pack, autoencoder: AutoEncoder, architecture: Architecture, plan: PicturePlan,
        seed: int = 0,
    ) -> None:  # fmt: skip
        torch.manual_seed(seed)
        self.pack, self.plan, self.architecture = pack, plan, architecture
        self.decoder = autoencoder.generator
        self.model = ImageEncoder(architecture)
        initialise(self.model)
        torch.nn.init.normal_(self.model.conv_10.weight, std=0.01)
        self.model.to(memory_format=torch.channels_last)
        self.rows = np.array([r for r in pack.rows["train"] if len(pack.views_of[r])])
        self.place = {row: place for place, row in enumerate(self.rows)}
        self.targets = encode_training_shapes(pack, autoencoder, self.rows)
        self.variance = self.targets[0].var(0).mean().item()
        mean = self.targets[0].mean(0).clamp(1e-3, 1 - 1e-3)
        with torch.no_grad():  # start at the mean latent instead of one half everywhere
            self.model.conv_10.bias.copy_(torch.logit(mean))
        self.average = Average(self.model, plan.average)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), lr=plan.rate, betas=(0.9, 0.99), weight_decay=0.02, fused=True
        )
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)
        self.weights = pack.sampling_weights(self.rows)
        self.joint: Average | None = None  # the decoder's average once it learns along
        self.steps = 0
        self.clock = Clock(plan.minutes)

    def free_decoder(self) -> None:
        """Let the decoder learn along from now on."""
        self.decoder.requires_grad_(True)
        self.decoder_optimiser = torch.optim.AdamW(
            self.decoder.parameters(), betas=(0.9, 0.99), weight_decay=1e-4, fused=True
        )
        self.joint = Average(self.decoder, self.plan.average)

    @property
    def best_decoder(self) -> Decoder:
        """The decoder to use: its average once it learns along."""
        return self.decoder if self.joint is None else self.joint.module

    def step(self, progress: float) -> tuple[float, float]:
        """One batch; returns the latent's error (share of its variance) and the occupancy's."""
        plan = self.plan
        rows = self.rng.choice(self.rows, plan.pictures, p=self.weights)
        views = np.array([self.rng.choice(self.pack.views_of[row]) for row in rows])
        mirror = self.rng.random(plan.pictures) < 0.5
        pictures = augment(self.pack.views[views], mirror, self.generator)
        pictures = pictures[:, : self.architecture.image_channels]
        pictures = pictures.contiguous(memory_format=torch.channels_last)
        places = torch.tensor([self.place[row] for row in rows])
        target = self.targets[torch.from_numpy(mirror).long(), places]
        shapes = self.pack.shapes(rows, plan.surface, plan.uniform, GRID, self.rng, mirror)
        rate = learning_rate(progress, plan.rate)
        set_learning_rate(self.optimiser, rate)
        if progress >= JOINT and self.joint is None:
            self.free_decoder()
        self.model.train()
        with autocast():
            z = self.model(pictures).float()
            h = self.decoder.evaluate_layers(shapes.points, z)
            own = self.decoder.evaluate_layers(shapes.points, target) if self.joint else None
        latent_error = (z - target).square().mean() / self.variance
        decoded_error = reconstruction_loss(h, shapes.inside)
        self.optimiser.zero_grad(set_to_none=True)
        loss = latent_error + plan.decoded * decoded_error
        if self.joint:
            self.decoder_optimiser.zero_grad(set_to_none=True)
            set_learning_rate(self.decoder_optimiser, rate)
            loss = loss + plan.decoded * reconstruction_loss(own, shapes.inside)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.average.update(self.model)
        if self.joint:
            self.decoder_optimiser.step()
            self.joint.update(self.decoder)
        self.steps += 1
        return latent_error.item(), decoded_error.item()

    def save(self, path: Path) -> None:
        """Everything that going on needs."""
        state: dict[str, Any] = {
            "architecture": self.architecture.to_dict(),
            "model": self.model.state_dict(),
            "average": self.average.state(),
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
            "spent": self.clock.spent,
            "rng": self.rng.bit_generator.state,
            "generator": self.generator.get_state(),
            "decoder": self.best_decoder.state_dict(),
        }
        if self.joint:
            state["joint"] = {
                "decoder": self.decoder.state_dict(),
                "average": self.joint.state(),
                "optimiser": self.decoder_optimiser.state_dict(),
            }
        save_atomically(state, path)

    def load(self, path: Path) -> None:
        """Go on from a file that `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.rng.bit_generator.state = state["rng"]
        self.generator.set_state(state["generator"])
        self.steps = state["steps"]
        self.clock = Clock(self.plan.minutes, state["spent"])
        if "joint" in state:
            self.decoder.load_state_dict(state["joint"]["decoder"])
            self.free_decoder()
            self.joint.load(state["joint"]["average"])
            self.decoder_optimiser.load_state_dict(state["joint"]["optimiser"])

    def validation_iou(self, split: str) -> float:
        """Mean IoU from pictures of a split at level 0.5, one view of at most 48 objects."""
        _, values, truth, rows = picture_fields(
            self.pack, self.average.module, self.best_decoder, split, views=1, limit=48, step=4
        )
        inside = values > 0.5
        ious = (inside & truth).sum(1) / (inside | truth).sum(1).clamp(min=1)
        return summarise(ious.numpy(), self.pack.classes[rows]).mean

    def take_decoder(self, autoencoder: Path) -> None:
        """Use the decoder as it is now in a phase 1 checkpoint, which may still be training.

        Its latents stay what they are, as the encoder stands still by then.
        """
        self.decoder.load_state_dict(load_autoencoder(autoencoder)[0].generator.state_dict())

    def run(self, checkpoint: Path, curve: Curve, autoencoder: Path | None = None) -> None:
        """Train until the time is over, reporting and saving on the way.

        autoencoder: phase 1's checkpoint, from which the decoder is taken anew at every report
        as long as it does not learn along.
        """
        threads = Threads()
        self.clock.skip()
        reported, errors, steps, spent = self.clock.spent, [], self.steps, self.clock.spent
        while True:
            progress = self.clock.tick()
            done = progress >= 1
            if done or self.clock.spent - reported > self.plan.report_every:
                if autoencoder is not None and not self.joint:
                    self.take_decoder(autoencoder)
                latent, decoded = np.mean(errors or [(0.0, 0.0)], axis=0)
                curve.add(
                    phase="pictures", minutes=self.clock.spent / 60, steps=self.steps,
                    latent_error=float(latent), decoded_error=float(decoded),
                    pictures_per_second=self.plan.pictures * (self.steps - steps)
                    / max(self.clock.spent - spent, 1e-9),
                    iou_validation=self.validation_iou("validation"),
                    iou_train=self.validation_iou("train_original"),
                )  # fmt: skip
                self.save(checkpoint)
                self.clock.skip()
                reported, errors, steps, spent = self.clock.spent, [], self.steps, self.clock.spent
            if done:
                return
            with threads:
                errors.append(self.step(progress))
