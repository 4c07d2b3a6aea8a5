"""One job for the worker: what was asked, how far it is, what came of it."""

from __future__ import annotations

import enum
import time
from dataclasses import dataclass, field

from .errors import BozzettoError
from .estimate import Estimator
from .settings import GenerateSettings
from .types import BaseMesh, CoatRequest, CutPreview, PackedCoating, Source


class JobState(enum.Enum):
    """What has become of a job; the last three are final."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class Job:
    """One generation, one look at the cut, or one coating.

    task: "generate"; "cut": only show what of the picture would be modelled; "coat": unwrap and
    colour the mesh of coat_request.
    phase: one of `PHASES` or `COAT_PHASES`, "" while queued. fraction: of the whole job, 0..1,
    never falls. message: what it is doing, for the artist. error: set when failed or cancelled.
    mesh, cut, coating: set when a job of the first, second or third kind is done.
    """

    id: int
    source: Source
    settings: GenerateSettings
    task: str = "generate"
    state: JobState = JobState.QUEUED
    phase: str = ""
    fraction: float = 0.0
    message: str = "Waiting for its turn"
    mesh: BaseMesh | None = None
    cut: CutPreview | None = None
    coat_request: CoatRequest | None = None
    coating: PackedCoating | None = None
    error: BozzettoError | None = None
    _started: float | None = field(default=None, repr=False)
    _ended: float | None = field(default=None, repr=False)
    _estimator: Estimator | None = field(default=None, repr=False)

    @property
    def result(self) -> BaseMesh | CutPreview | PackedCoating | None:
        """What came of it; None: nothing yet."""
        return {"generate": self.mesh, "cut": self.cut, "coat": self.coating}[self.task]

    @property
    def finished(self) -> bool:
        """Whether its state is final."""
        return self.state not in (JobState.QUEUED, JobState.RUNNING)

    @property
    def seconds(self) -> float:
        """How long it has run, without the time in the queue."""
        if self._started is None:
            return 0.0
        return (self._ended or time.monotonic()) - self._started

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the last runs; None while there is nothing to go by."""
        if self.state is not JobState.RUNNING or self._estimator is None:
            return None
        return self._estimator.seconds_left(time.monotonic())
