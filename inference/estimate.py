"""How far a job is and how long it will take, from how long its phases took the last time."""

from __future__ import annotations

from collections.abc import Mapping

START = "start"
"""The phase before `PHASES`: the worker process starts and imports its libraries."""
TYPICAL: dict[str, float] = {
    START: 3.0,
    "load": 0.3,
    "cut": 0.1,
    "encode": 0.2,
    "extract": 1.0,
    "finish": 1.0,
}
"""Seconds by phase, in order, before anything was measured: only their proportions matter."""
TYPICAL_OF: dict[str, dict[str, float]] = {
    "triposr": {**TYPICAL, "load": 4.0, "encode": 80.0, "extract": 10.0},
}
"""The same of engines that differ much."""
TYPICAL_COAT: dict[str, float] = {START: 3.0, "unwrap": 0.5, "bake": 0.5}


def first_phase(task: str) -> str:
    """The phase after the start of a job's task."""
    return "unwrap" if task == "coat" else "load"


class Estimator:
    """Follows one job through its phases.

    durations: seconds by phase of a run like this one, or None. task, engine: of the job. cold:
    whether the worker process has to be started first. now: the present, as all times here in
    seconds of one monotonic clock.
    """

    def __init__(
        self,
        durations: Mapping[str, float] | None,
        *,
        cold: bool,
        now: float,
        task: str = "generate",
        engine: str = "",
    ) -> None:
        self._known = durations is not None
        typical = TYPICAL_COAT if task == "coat" else TYPICAL_OF.get(engine, TYPICAL)
        self._durations = {**typical, **(durations or {})}
        self._expected = dict(self._durations)
        if not cold:
            del self._expected[START]
        self._measured: dict[str, float] = {}
        self._phase = next(iter(self._expected))
        self._entered = self._began = now
        self._fraction: float | None = None

    def enter(self, phase: str, now: float, fraction: float | None = None) -> None:
        """The job is in this phase, `fraction` (0..1, None: unknown) of it behind it."""
        if phase != self._phase:
            self._measure(now)
            self._phase, self._entered = phase, now
        self._fraction = fraction

    def finish(self, now: float) -> dict[str, float]:
        """The job is done: seconds by phase, for the next estimator."""
        self._measure(now)
        return {**self._durations, **self._measured}

    def fraction(self, now: float) -> float:
        """Of the whole job, 0 to 1 (1 is never reached before it is done)."""
        whole = sum(self._expected.values())
        return min((self._expected_before() + self._expected_here(now)) / whole, 0.999)

    def seconds_left(self, now: float) -> float | None:
        """From the last run where there was one, else from this one; None: too early to say."""
        fraction = self.fraction(now)
        if self._known:
            return max(sum(self._expected.values()) * (1.0 - fraction), 0.0)
        if fraction < 0.1:
            return None
        return (now - self._began) * (1.0 - fraction) / fraction

    def _measure(self, now: float) -> None:
        seconds = self._measured.get(self._phase, 0.0) + now - self._entered
        self._measured[self._phase] = max(seconds, 1e-3)  # so that no run takes no time at all

    def _expected_before(self) -> float:
        seconds = 0.0
        for phase, expected in self._expected.items():
            if phase == self._phase:
                return seconds
            seconds += expected
        return seconds

    def _expected_here(self, now: float) -> float:
        """Expected seconds that correspond to what is done of this phase.

        A phase that says nothing of itself is taken to advance with the clock, ever slower.
        """
        expected = self._expected.get(self._phase, 0.0)
        if self._fraction is not None:
            return expected * self._fraction
        passed = now - self._entered
        return expected * passed / (passed + expected) if expected > 0.0 else 0.0
