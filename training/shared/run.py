"""What both trainings share: a schedule by the clock, averaged weights, resuming, the curve."""

from __future__ import annotations

import copy
import json
import math
import os
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn


def save_atomically(data: dict[str, Any], path: Path) -> None:
    """torch.save that never leaves half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    torch.save(data, temporary)
    os.replace(temporary, path)


class Average:
    """An exponential moving average of a module's parameters and buffers."""

    def __init__(self, module: nn.Module, decay: float) -> None:
        self.module = copy.deepcopy(module).eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Take in the module's present state; the decay grows from 0 so that early steps count."""
        self.updates += 1
        keep = min(self.decay, self.updates / (self.updates + 10))
        mine = [t for t in self.module.state_dict().values() if t.is_floating_point()]
        new = [t.detach() for t in module.state_dict().values() if t.is_floating_point()]
        torch._foreach_lerp_(mine, new, 1 - keep)

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"module": self.module.state_dict(), "updates": self.updates}

    def load(self, state: dict[str, Any]) -> None:
        """Inverse of `state`."""
        self.module.load_state_dict(state["module"])
        self.updates = state["updates"]


class Clock:
    """Training time that survives a restart; progress runs from 0 to 1 over `minutes`."""

    def __init__(self, minutes: float, spent: float = 0.0) -> None:
        self.total = minutes * 60
        self.spent = spent
        self._mark = time.monotonic()

    def tick(self) -> float:
        """Add the time since the last call; returns progress, 1 when the time is over."""
        now = time.monotonic()
        self.spent += now - self._mark
        self._mark = now
        return min(1.0, self.spent / self.total)

    def skip(self) -> None:
        """Leave out the time since the last call (evaluation, saving)."""
        self._mark = time.monotonic()


def learning_rate(progress: float, peak: float, warmup: float = 0.02) -> float:
    """Linear warm-up, then a cosine down to a hundredth of the peak."""
    if progress < warmup:
        return peak * (0.05 + 0.95 * progress / warmup)
    phase = (progress - warmup) / (1 - warmup)
    return peak * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * phase)))


def set_learning_rate(optimiser: torch.optim.Optimizer, rate: float) -> None:
    """Set every group's learning rate."""
    for group in optimiser.param_groups:
        group["lr"] = rate


class Threads:
    """Around each training step: now and then tries one thread and two, keeps the faster.

    On processors that other work keeps busy two threads wait for each other at every layer.
    """

    def __init__(self, choices: tuple[int, ...] = (1, 2), trial: int = 4, keep: int = 150) -> None:
        self.choices, self.trial, self.keep = choices, trial, keep
        self.step = 0
        self.times: dict[int, float] = {}
        self.started = 0.0

    def __enter__(self) -> None:
        """Set the number of threads of the coming step."""
        place = self.step % (self.trial * len(self.choices) + self.keep)
        if place % self.trial == 0 and place < self.trial * len(self.choices):
            torch.set_num_threads(self.choices[place // self.trial])
            self.times[torch.get_num_threads()] = 0.0
        elif place == self.trial * len(self.choices):
            torch.set_num_threads(min(self.times, key=self.times.__getitem__))
        self.started = time.monotonic()

    def __exit__(self, *_: object) -> None:
        """Count the step."""
        place = self.step % (self.trial * len(self.choices) + self.keep)
        if place < self.trial * len(self.choices):
            self.times[torch.get_num_threads()] += time.monotonic() - self.started
        self.step += 1


class Curve:
    """A file of JSON lines, one per report."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path

    def add(self, **values: Any) -> None:
        """Append one line and print it."""
        line = json.dumps(
            {k: round(v, 5) if isinstance(v, float) else v for k, v in values.items()}
        )
        with self.path.open("a") as file:
            file.write(line + "\n")
        print(line, flush=True)


def read_curve(path: Path) -> list[dict[str, Any]]:
    """The lines of a curve file."""
    return [json.loads(line) for line in path.read_text().splitlines() if line]


def has_fast_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware."""
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def autocast() -> torch.autocast:
    """bfloat16 autocast where the processor has it, otherwise a context that does nothing."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=has_fast_bfloat16())


def initialise(module: nn.Module) -> None:
    """He initialisation for leaky ReLU.

    The published N(0, 0.02) suits layers 1024 wide; in narrow ones the signal would die out.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.Conv3d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, a=0.02)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
