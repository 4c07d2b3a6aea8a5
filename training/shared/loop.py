"""The loop that both phases share: step, report, save, until the time is over."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from .run import Clock, Curve, Threads


class Training(Protocol):
    """A phase: what a step measures is averaged into the next report."""

    clock: Clock
    steps: int

    def step(self, progress: float) -> dict[str, float]:
        """One batch at a progress of 0 to 1; returns figures to average."""

    def measure(self, progress: float) -> dict[str, Any]:
        """Figures of the state as it is now."""

    def save(self, path: Path) -> None:
        """Everything that going on needs."""


def train(
    training: Training,
    checkpoint: Path,
    curve: Curve,
    phase: str,
    report_every: float,
    threads: tuple[int, ...] = (1, 2),
) -> None:
    """Train until the phase's clock is over; a report and a checkpoint every so many seconds.

    threads: numbers of threads to choose from.
    """
    choice = Threads(threads)
    training.clock.skip()
    reported, steps = training.clock.spent, training.steps
    seen: dict[str, list[float]] = defaultdict(list)
    while True:
        progress = training.clock.tick()
        done = progress >= 1
        if done or training.clock.spent - reported > report_every:
            seconds = max(training.clock.spent - reported, 1e-9)
            curve.add(
                phase=phase,
                minutes=training.clock.spent / 60,
                steps=training.steps,
                steps_per_second=(training.steps - steps) / seconds,
                **{name: float(np.mean(values)) for name, values in seen.items()},
                **training.measure(min(progress, 1.0)),
            )
            training.save(checkpoint)
            training.clock.skip()
            reported, steps = training.clock.spent, training.steps
            seen.clear()
        if done:
            return
        with choice:
            for name, value in training.step(progress).items():
                seen[name].append(value)
