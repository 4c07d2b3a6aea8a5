"""Training `pixel`'s fine level from large pictures, with everything coarse as it is.

PIFuHD (Saito et al., CVPR 2020, section 3.3) trains its levels one after the other too: the coarse
one is what the fine one has to correct.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...inference.engines.pixel.checkpoint import Checkpoint
from ...inference.engines.pixel.fine import FineLevel, near_surface
from ...inference.engines.pixel.networks import PixelNetwork
from ...inference.engines.pixel.projection import move_picture
from ..shared.loop import train
from ..shared.pack import Pack
from ..shared.run import (
    Average,
    Clock,
    Curve,
    autocast,
    initialise,
    learning_rate,
    save_atomically,
    set_learning_rate,
)
from .batches import draw_batch
from .errors import fused_logits, occupancy_error
from .measure_fine import fine_views, measure_fine, read_mattes


@dataclass(frozen=True)
class FinePlan:
    """near, uniform: points per picture. alone: weight of the error of what is seen and corrected,
    without the canonical shape, beside that of the whole answer."""

    minutes: float = 40.0
    pictures: int = 12
    near: int = 768
    uniform: int = 512
    rate: float = 2e-3
    decay: float = 0.01
    alone: float = 0.3
    average: float = 0.998
    report_every: float = 300.0


def add_fine_level(network: PixelNetwork) -> PixelNetwork:
    """The same network with a fine level, a silent one if it had none."""
    if network.fine is not None:
        return network
    larger = PixelNetwork(replace(network.architecture, fine=True))
    fine = larger.fine
    assert fine is not None
    initialise(fine)
    fine.start_silent()
    values = {f"fine.{key}": value for key, value in fine.state_dict().items()}
    larger.load_state_dict(values | network.state_dict())
    return larger.to(memory_format=torch.channels_last)


class FineTraining:
    """The state of a training: step it, save it, go on from the file.

    Raises ValueError for a pack without large pictures.
    """

    def __init__(self, pack: Pack, checkpoint: Checkpoint, plan: FinePlan, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self.pack, self.plan = pack, plan
        self.views = fine_views(pack)
        self.network = add_fine_level(checkpoint.network).eval().requires_grad_(False)
        # quicker by a fifth than planes that lie one after the other
        self.fine = self._level().to(memory_format=torch.channels_last)
        self.coarse = checkpoint.sha256
        self.pictures_before = int(fine_record(checkpoint).get("pictures", 0))
        rows = pack.rows["train"]
        self.rows = np.array([r for r in rows if len(self.views.views_of[r])])
        if not len(self.rows):
            raise ValueError("no training object of this pack has large pictures")
        self.weights = pack.sampling_weights(self.rows)
        self.rng = np.random.default_rng((seed, self.pictures_before))
        self.generator = torch.Generator().manual_seed(seed + self.pictures_before)
        self.steps = 0
        self.clock = Clock(plan.minutes)
        self.fine.requires_grad_(True)
        self.optimiser = torch.optim.AdamW(
            [
                {"params": [p for p in self.fine.parameters() if p.ndim > 1]},
                {"params": [p for p in self.fine.parameters() if p.ndim < 2], "weight_decay": 0.0},
            ],
            lr=plan.rate,
            weight_decay=plan.decay,
            fused=True,
        )
        self.average = Average(self.fine, plan.average)

    def _level(self) -> FineLevel:
        assert self.network.fine is not None
        return self.network.fine

    def step(self, progress: float) -> dict[str, float]:
        """One batch; its errors."""
        plan = self.plan
        rows = self.rng.choice(self.rows, plan.pictures, p=self.weights)
        batch = draw_batch(
            self.pack, rows, self.rng, self.generator,
            near=plan.near, uniform=plan.uniform, fine=self.views,
        )  # fmt: skip
        assert batch.large is not None
        set_learning_rate(self.optimiser, learning_rate(progress, plan.rate))
        places = move_picture(batch.camera.project(batch.points), batch.moves)
        seen, whole, embedding = self._ask_coarse(batch.pictures, batch.large, places, batch.points)
        self.fine.train()
        with autocast():
            planes = self.fine.read(batch.large.contiguous(memory_format=torch.channels_last))
            correction = self.fine.correction(planes, places, embedding).float()
        fused = fused_logits(seen, whole)
        errors = {
            "occupancy": occupancy_error(
                fused + near_surface(fused) * correction, batch.inside, plan.uniform
            ),
            "seen": occupancy_error(
                seen + near_surface(seen) * correction, batch.inside, plan.uniform
            ),
        }
        self.optimiser.zero_grad(set_to_none=True)
        (errors["occupancy"] + plan.alone * errors["seen"]).backward()
        torch.nn.utils.clip_grad_norm_(self.fine.parameters(), 5.0)
        self.optimiser.step()
        self.average.update(self.fine)
        self.steps += 1
        with torch.no_grad():
            before = occupancy_error(fused, batch.inside, plan.uniform)
        return {name: error.item() for name, error in errors.items()} | {"coarse": before.item()}

    @torch.no_grad()
    def _ask_coarse(
        self, pictures: Tensor, large: Tensor, places: Tensor, points: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Logits [B, N] of what is seen, h [B, N] of the canonical shape, embedding [B, N, E]."""
        with autocast():
            reading = self.network(pictures)
            seen, embedding = self.network.embed(reading, read_mattes(large), places)
            assert self.network.canonical is not None
            whole = self.network.canonical.decoder.evaluate_layers(points, reading.latents)
        return seen.float(), whole.float(), embedding.float()

    @property
    def pictures_seen(self) -> int:
        """Pictures over all runs that the fine level went through."""
        return self.pictures_before + self.steps * self.plan.pictures

    def measure(self, progress: float) -> dict[str, Any]:
        """Figures of the averaged fine level on held-out and on training objects."""
        found: dict[str, Any] = {"pictures": self.pictures_seen}
        for split, name in (("validation", "validation"), ("train_real", "train")):
            figures = measure_fine(self.pack, self.network, self.average.module, split, limit=64)
            found |= {f"{key}_{name}": value for key, value in figures.items()}
        return found

    def save(self, path: Path) -> None:
        """Everything that going on needs."""
        save_atomically(
            {
                "coarse": self.coarse,
                "fine": self.fine.state_dict(),
                "average": self.average.state(),
                "optimiser": self.optimiser.state_dict(),
                "steps": self.steps,
                "pictures": self.pictures_seen,
                "spent": self.clock.spent,
                "rng": self.rng.bit_generator.state,
                "generator": self.generator.get_state(),
            },
            path,
        )

    def fits(self, path: Path) -> bool:
        """Whether a file that `save` wrote corrects these coarse weights."""
        return torch.load(path, weights_only=True)["coarse"] == self.coarse

    def load(self, path: Path) -> None:
        """Go on from a file that `save` wrote. Raises ValueError when it corrects other weights."""
        state = torch.load(path, weights_only=True)
        if state["coarse"] != self.coarse:
            raise ValueError(f"{path} belongs to other coarse weights")
        self.fine.load_state_dict(state["fine"])
        self.average.load(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps = state["steps"]
        self.clock = Clock(self.plan.minutes, state["spent"])
        self.rng.bit_generator.state = state["rng"]
        self.generator.set_state(state["generator"])

    def run(self, checkpoint: Path, curve: Curve, threads: tuple[int, ...] = (1, 2)) -> None:
        """Train until the time is over, reporting and saving on the way."""
        train(self, checkpoint, curve, "fine", self.plan.report_every, threads)

    def result(self) -> tuple[PixelNetwork, dict[str, Any]]:
        """The network with the averaged fine level, and what the record says of its training."""
        self.fine.load_state_dict(self.average.module.state_dict())
        network = self.network.eval().requires_grad_(False)
        record = {"pictures": self.pictures_seen, "minutes": round(self.clock.spent / 60, 1)}
        return network, record


def fine_record(checkpoint: Checkpoint) -> dict[str, Any]:
    """What weights say of their fine level's training, empty without."""
    return dict(checkpoint.metadata.get("training", {}).get("fine", {}))
