"""Phase 1: the auto-encoder, progressively on 16^3, 32^3 and 64^3 samples (paper, section 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...inference.engines.imnet.networks import Architecture, AutoEncoder, Decoder
from ...inference.engines.imnet.planes import PlaneDecoder
from .evaluate import autoencoder_iou
from .loop import train
from .pack import Pack
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

STAGES: tuple[tuple[float, int], ...] = ((0.08, 16), (0.25, 32), (1.01, 64))
"""(progress at which the stage ends, cells along an edge)."""
SHARPNESS = 8.0  # logits from h = 0 to h = 1


@dataclass(frozen=True)
class AutoEncoderPlan:
    """Sizes of phase 1. latent_noise: sigma added to z while training, so that the decoder is
    smooth around each latent and a picture encoder that misses it a little still hits the shape.
    """

    minutes: float = 60.0
    shapes: int = 8
    surface: int = 1536
    uniform: int = 512
    rate: float = 1.5e-3
    latent_noise: float = 0.03
    average: float = 0.998
    report_every: float = 150.0


def stage_level(progress: float) -> int:
    """Cells along an edge at that progress."""
    return next(level for end, level in STAGES if progress < end)


def reconstruction_loss(h: Tensor, inside: Tensor) -> Tensor:
    """Binary cross-entropy of the decoder's last layer before its clip, h [...], 1 inside.

    The paper takes the squared error of the clipped output, whose slope of 0.01 beyond [0, 1]
    lets a narrow network that starts on the wrong side stay there. Here h = 0.5 is even odds and
    h = 1 odds of e^4: the level and the clip keep their meaning.
    """
    return functional.binary_cross_entropy_with_logits(SHARPNESS * (h.float() - 0.5), inside)


@torch.no_grad()
def encode_shapes(pack: Pack, model: AutoEncoder, rows: np.ndarray) -> Tensor:
    """Latents float32 [len(rows), latent] of shapes."""
    latents = []
    for start in range(0, len(rows), 16):
        part = rows[start : start + 16]
        grids = pack.voxels(part)
        with autocast():
            latents.append(model.encoder(grids[:, None].float()).float())
    return torch.cat(latents)


def load_autoencoder(path: Path) -> tuple[AutoEncoder, Architecture]:
    """The averaged auto-encoder of a phase 1 checkpoint, frozen."""
    state = torch.load(path, weights_only=True)
    architecture = Architecture.from_dict(state["architecture"])
    model = AutoEncoder(architecture).eval().requires_grad_(False)
    model.load_state_dict(state["average"]["module"])
    return model, architecture


def start_at_the_level(decoder: Decoder | PlaneDecoder) -> None:
    """Let a fresh decoder answer a little below the surface's level everywhere."""
    last = decoder.linear_3 if isinstance(decoder, PlaneDecoder) else decoder.linear_7
    torch.nn.init.normal_(last.weight, std=0.02)
    torch.nn.init.constant_(last.bias, 0.4)


class AutoEncoderTraining:
    """The state of phase 1: step it, save it, go on from the file."""

    def __init__(
        self, pack: Pack, architecture: Architecture, plan: AutoEncoderPlan, seed: int = 0
    ) -> None:
        torch.manual_seed(seed)
        self.pack, self.plan, self.architecture = pack, plan, architecture
        self.model = AutoEncoder(architecture)
        initialise(self.model)
        start_at_the_level(self.model.generator)
        torch.nn.init.normal_(self.model.encoder.conv_5.weight, std=0.02)
        self.average = Average(self.model, plan.average)
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(),
            lr=plan.rate,
            betas=(0.9, 0.99),
            weight_decay=1e-4,
            fused=True,
        )
        self.rng = np.random.default_rng(seed)
        self.rows = pack.rows["train"]
        self.weights = pack.sampling_weights(self.rows)
        self.steps = 0
        self.clock = Clock(plan.minutes)

    def step(self, progress: float) -> dict[str, float]:
        """One batch; its loss."""
        plan = self.plan
        rows = self.rng.choice(self.rows, plan.shapes, p=self.weights)
        mirror = self.rng.random(plan.shapes) < 0.5
        level = stage_level(progress)
        batch = self.pack.shapes(rows, plan.surface, plan.uniform, level, self.rng, mirror)
        set_learning_rate(self.optimiser, learning_rate(progress, plan.rate))
        with autocast():
            z = self.model.encoder(batch.occupancy[:, None].float()).float()
            z = z + plan.latent_noise * torch.randn_like(z, dtype=torch.float32)
            h = self.model.generator.evaluate_layers(batch.points, z)
            loss = reconstruction_loss(h, batch.inside)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        self.average.update(self.model)
        self.steps += 1
        return {"loss": loss.item()}

    def save(self, path: Path) -> None:
        """Everything that going on needs, and the architecture."""
        state: dict[str, Any] = {
            "architecture": self.architecture.to_dict(),
            "model": self.model.state_dict(),
            "average": self.average.state(),
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
            "spent": self.clock.spent,
            "rng": self.rng.bit_generator.state,
        }
        save_atomically(state, path)

    def load(self, path: Path) -> None:
        """Go on from a file that `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.average.load(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.rng.bit_generator.state = state["rng"]
        self.steps = state["steps"]
        self.clock = Clock(self.plan.minutes, state["spent"])

    def measure(self, progress: float) -> dict[str, Any]:
        """Mean IoU of shapes that went through the auto-encoder, and the stage's level."""
        iou, seen = (
            autoencoder_iou(self.pack, self.average.module, split, limit=48, step=4)
            for split in ("validation", "train_real")
        )
        return {
            "level": stage_level(progress),
            "iou_validation": iou.mean,
            "iou_train": seen.mean,
        }

    def run(self, checkpoint: Path, curve: Curve) -> None:
        """Train until the time is over, reporting and saving on the way."""
        train(self, checkpoint, curve, "autoencoder", self.plan.report_every)
