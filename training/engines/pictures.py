"""Training `pixel` and `imnet` together from rendered pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...inference.engines.imnet.checkpoint import load_checkpoint
from ...inference.engines.imnet.networks import Architecture as ImnetArchitecture
from ...inference.engines.pixel import checkpoint as pixel_weights
from ...inference.engines.pixel.networks import Architecture, blur_matte
from ..shared.imagenet import start_from_imagenet
from ..shared.loop import train
from ..shared.pack import Pack
from ..shared.run import (
    Average,
    Clock,
    Curve,
    autocast,
    learning_rate,
    save_atomically,
    set_learning_rate,
)
from .batches import draw_batch
from .errors import camera_errors, fused_logits, latent_error, occupancy_error
from .measure import measure
from .networks import SharedNetworks


@dataclass(frozen=True)
class Plan:
    """Sizes of the training.

    near, uniform: points per picture around the surface and in the object's box. rate: of the new
    layers; the trunk, which knows photographs, gets `trunk_rate` of it. occupancy, seen, latent,
    azimuth, pose, box, classes: weights of the errors; occupancy is that of pixel's whole answer,
    seen that of its pixel-aligned part alone. frozen: blocks of the trunk that stay as they are in
    a run that starts from published weights; their edges and colours are learnt, and what they
    cost, at the trunk's largest sizes, goes into a fifth to a third more pictures.
    """

    minutes: float = 60.0
    pictures: int = 16
    near: int = 448
    uniform: int = 832
    rate: float = 1.2e-3
    trunk_rate: float = 0.4
    decay: float = 0.03
    occupancy: float = 4.0
    seen: float = 1.0
    latent: float = 4.0
    azimuth: float = 0.8
    pose: float = 1.0
    box: float = 1.0
    classes: float = 0.1
    frozen: int = 6
    average: float = 0.999
    report_every: float = 300.0


class PictureTraining:
    """The state of a training: step it, save it, go on from the file or from published weights."""

    def __init__(
        self,
        pack: Pack,
        pixel: Architecture,
        imnet: ImnetArchitecture,
        plan: Plan,
        seed: int = 0,
        *,
        imagenet: bool = True,
    ) -> None:
        torch.manual_seed(seed)
        self.pack, self.plan, self.seed = pack, plan, seed
        self.architectures = (pixel, imnet)
        self.model = SharedNetworks(pixel, imnet)
        self.model.initialise()
        if imagenet:
            start_from_imagenet(self.model.pixel.trunk)
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
        plan, trunk = self.plan, self.model.pixel.trunk
        self.model.requires_grad_(True)
        self.frozen = trunk.first_blocks(plan.frozen) if self.pictures_before else []
        for module in self.frozen:
            module.requires_grad_(False)
        old = {id(p) for p in trunk.parameters()}
        groups: dict[tuple[bool, bool], list[Tensor]] = {}
        for parameter in filter(lambda p: p.requires_grad, self.model.parameters()):
            key = (id(parameter) in old, parameter.ndim > 1)
            groups.setdefault(key, []).append(parameter)
        self.shares = [plan.trunk_rate if known else 1.0 for known, _ in groups]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": members, "weight_decay": plan.decay if wide else 0.0}
                for (_, wide), members in groups.items()
            ],
            lr=plan.rate,
            betas=(0.9, 0.99),
            fused=True,
        )
        self.average = Average(self.model, plan.average)

    def start_from_weights(self, folder: Path) -> bool:
        """Go on from the published weights in `folder`, with a fresh optimiser, if both engines'
        files are there and have these architectures; whether they do.

        Raises WeightsError for a damaged file.
        """
        pixel_file, imnet_file = folder / "pixel.safetensors", folder / "imnet.safetensors"
        if not pixel_file.exists() or not imnet_file.exists():
            return False
        pixel, imnet = pixel_weights.load_checkpoint(pixel_file), load_checkpoint(imnet_file)
        # a fine level corrects the coarse weights that it was trained on: it is trained anew
        coarse = replace(pixel.network.architecture, fine=False)
        if (coarse, imnet.architecture) != self.architectures:
            return False
        # the trunk is in both files; where only one engine was trained on, pixel's is the newer
        self.model.imnet.load_state_dict(imnet.model.state_dict())
        values = pixel.network.state_dict()
        self.model.pixel.load_state_dict(
            {key: value for key, value in values.items() if not key.startswith("fine.")}
        )
        self.pictures_before = int(pixel.metadata.get("training", {}).get("pictures", 0))
        # other pictures than the run before began with, or the network meets them as old friends
        self.rng = np.random.default_rng((self.seed, self.pictures_before))
        self.generator.manual_seed(self.seed + self.pictures_before)
        self._start()
        return True

    def step(self, progress: float) -> dict[str, float]:
        """One batch; its errors."""
        plan = self.plan
        rows = self.rng.choice(self.rows, plan.pictures, p=self.weights)
        batch = draw_batch(
            self.pack, rows, self.rng, self.generator, near=plan.near, uniform=plan.uniform
        )
        set_learning_rate(self.optimiser, learning_rate(progress, plan.rate))
        for group, share in zip(self.optimiser.param_groups, self.shares, strict=True):
            group["lr"] *= share
        self.model.train()
        for module in self.frozen:
            module.eval()
        mattes = blur_matte(batch.pictures[:, 3:].contiguous())
        with autocast():
            reading, latents, logits = self.model(batch.pictures)
            seen = self.model.pixel.occupancy(reading, mattes, batch.picture_points)
            whole = self.model.imnet.generator.evaluate_layers(batch.points, latents.float())
        azimuth, pose = camera_errors(reading, batch)
        errors = {
            "occupancy": occupancy_error(fused_logits(seen, whole), batch.inside, plan.uniform),
            "seen": occupancy_error(seen, batch.inside, plan.uniform),
            "latent": latent_error(whole, batch.inside, plan.uniform),
            "azimuth": azimuth,
            "pose": pose,
            "box": functional.smooth_l1_loss(reading.box, batch.box, beta=0.1),
            "classes": functional.cross_entropy(reading.classes, batch.classes)
            + functional.cross_entropy(logits.float(), batch.classes),
        }
        loss = sum(getattr(plan, name) * error for name, error in errors.items())
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.average.update(self.model)
        self.steps += 1
        return {name: error.item() for name, error in errors.items()}

    @property
    def pictures_seen(self) -> int:
        """Pictures over all runs that these weights went through."""
        return self.pictures_before + self.steps * self.plan.pictures

    def measure(self, progress: float) -> dict[str, Any]:
        """Figures of the averaged networks on held-out and on training objects."""
        figures: dict[str, Any] = {"pictures": self.pictures_seen}
        for split, name in (("validation", "validation"), ("train_real", "train")):
            found = measure(self.pack, self.average.module, split, limit=96)
            figures |= {f"{key}_{name}": value for key, value in found.items()}
        return figures

    def save(self, path: Path) -> None:
        """Everything that going on needs."""
        pixel, imnet = self.architectures
        save_atomically(
            {
                "pixel": pixel.to_dict(),
                "imnet": imnet.to_dict(),
                "model": self.model.state_dict(),
                "average": self.average.state(),
                "optimiser": self.optimiser.state_dict(),
                "steps": self.steps,
                "pictures_before": self.pictures_before,
                "pictures": self.pictures_seen,
                "spent": self.clock.spent,
                "rng": self.rng.bit_generator.state,
                "generator": self.generator.get_state(),
            },
            path,
        )

    def load(self, path: Path) -> None:
        """Go on from a file that `save` wrote."""
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.pictures_before = state["pictures_before"]
        self._start()
        self.average.load(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]
        self.clock = Clock(self.plan.minutes, state["spent"])
        self.rng.bit_generator.state = state["rng"]
        self.generator.set_state(state["generator"])

    def run(self, checkpoint: Path, curve: Curve, threads: tuple[int, ...] = (1, 2)) -> None:
        """Train until the time is over, reporting and saving on the way."""
        train(self, checkpoint, curve, "pictures", self.plan.report_every, threads)


def load_networks(path: Path) -> SharedNetworks:
    """The averaged networks of a checkpoint, frozen."""
    state = torch.load(path, weights_only=True)
    model = SharedNetworks(
        Architecture.from_dict(state["pixel"]), ImnetArchitecture.from_dict(state["imnet"])
    )
    model.load_state_dict(state["average"]["module"])
    return model.eval().requires_grad_(False).to(memory_format=torch.channels_last)
