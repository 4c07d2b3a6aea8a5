"""Jobs for the worker process: a queue that is pumped, never waited for.

`JobQueue.step` does a little work and returns at once. Blender's timer calls it in the window, a
plain loop (`JobQueue.wait`) everywhere else, so both go the same way. Only the standard library
and numpy, for this runs in Blender's process.
"""

from __future__ import annotations

import collections
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .client import WorkerClient
from .coat_messages import make_coat_request, read_coating
from .errors import BozzettoError, Cancelled, OutOfMemoryError, WorkerError
from .estimate import Estimator, first_phase
from .job import Job, JobState
from .messages import make_request, read_cutout, read_error, read_progress, read_result
from .protocol import Message
from .settings import GenerateSettings
from .types import BaseMesh, CoatRequest, CutPreview, PackedCoating, Source


@dataclass(frozen=True)
class Limits:
    """Patience with the worker, in seconds of a queue that is being pumped.

    start: until it is ready (a first import of torch from a slow disk takes minutes).
    silence: without any message; it beats once a second. stall: computing without getting on.
    cancel: until it has stopped a cancelled job by itself. idle: before a worker without work is
    sent away with its memory; None: never.
    """

    start: float = 300.0
    silence: float = 60.0
    stall: float = 600.0
    cancel: float = 1.0
    idle: float | None = 600.0


class JobQueue:
    """Runs jobs one after the other in a worker process that it starts, keeps warm and replaces.

    make_client: gives a client that is not started yet; may raise BozzettoError (no runtime).

    Not thread-safe: one thread calls it (the client's own threads touch only their queues). That
    thread should be the main thread, or live as long as the queue.
    """

    def __init__(
        self, make_client: Callable[[], WorkerClient], limits: Limits | None = None
    ) -> None:
        self.limits = limits or Limits()
        self.memory_limit = 0
        """Bytes that the worker may take from the next job on; 0: as many as there are."""
        self._make_client = make_client
        self._numbers = itertools.count(1)
        self._pending: collections.deque[Job] = collections.deque()
        self._current: Job | None = None
        self._sent = False  # whether the worker has the current job
        self._draining: int | None = None  # a cancelled job that the worker still has
        self._news: list[Job] = []  # ended since the last `step`
        self._client: WorkerClient | None = None
        self._leaving: list[WorkerClient] = []
        self._release_wanted = False
        self._closed = False
        self._durations: dict[Any, dict[str, float]] = {}  # of the last run with such settings
        # Patience is counted in pumped time: while the window is blocked or the machine sleeps,
        # nobody listens, and the worker is not to blame.
        self._clock = 0.0
        self._last_step: float | None = None
        self._heard = self._moved = self._drain_since = self._idle_since = 0.0
        self._activity = -1

    def __enter__(self) -> JobQueue:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @property
    def busy(self) -> bool:
        """Whether some job is queued or running: `step` has work to do soon."""
        return self._current is not None or bool(self._pending)

    @property
    def active(self) -> bool:
        """Whether `step` is still needed: jobs, a warm worker, or one that is leaving."""
        return self.busy or self._client is not None or bool(self._leaving)

    @property
    def pid(self) -> int | None:
        """Process id of the worker; None: there is none, and no memory is held."""
        return self._client.pid if self._client else None

    @property
    def ready(self) -> dict[str, Any] | None:
        """What the warm worker says of itself: python, torch, device; None: there is none."""
        return self._client.ready if self._client else None

    def submit(self, source: Source, settings: GenerateSettings, *, task: str = "generate") -> Job:
        """Append a job. Its picture's pixels must not change until it ends.

        task: "generate" or "cut", see `Job`.

        Raises WorkerError when the queue is closed.
        """
        if self._closed:
            raise WorkerError("The job queue is closed.", "Enable the extension again.")
        job = Job(next(self._numbers), source, settings, task)
        self._pending.append(job)
        return job

    def submit_coat(self, request: CoatRequest, settings: GenerateSettings) -> Job:
        """A job that unwraps and colours a mesh, before all others that wait.

        It is the end of a generation, with those settings. Raises WorkerError when the queue is
        closed.
        """
        job = self.submit(Source(), settings, task="coat")
        job.coat_request = request
        self._pending.remove(job)
        self._pending.appendleft(job)
        return job

    def step(self) -> list[Job]:
        """Pump messages, start the next job, notice crashes and hangs; never blocks.

        Returns the jobs that have ended since the last call, cancelled ones included.
        """
        self._advance()
        news, self._news = self._news, []
        return news

    def wait(
        self,
        job: Job,
        *,
        on_progress: Callable[[Job], None] | None = None,
        interval: float = 0.02,
    ) -> BaseMesh | CutPreview | PackedCoating:
        """Pump until the job has ended: its result. Others that end meanwhile are left to `step`.

        on_progress: called with the job about every `interval` seconds.

        Raises job.error (Cancelled included). KeyboardInterrupt, or whatever on_progress raises,
        cancels the job and goes on up.
        """
        if not (job.finished or job is self._current or job in self._pending):
            raise ValueError("the job belongs to another queue")
        try:
            while not job.finished:
                self._advance()
                if on_progress is not None:
                    on_progress(job)
                if not job.finished:
                    time.sleep(interval)
        except BaseException:  # nobody waits for the job any more
            self.cancel(job)
            raise
        if job in self._news:
            self._news.remove(job)
        if job.error is not None:
            raise job.error
        return job.result

    def cancel(self, job: Job) -> None:
        """Cancel at once, as seen from here; the worker is told, or killed if it does not obey."""
        if job.finished:
            return
        if job is self._current:
            self._current = None
            if self._sent:
                self._client.send({"type": "cancel", "id": job.id})
                self._draining, self._drain_since = job.id, self._clock
            self._idle_since = self._clock
        elif job in self._pending:
            self._pending.remove(job)
        self._end(job, JobState.CANCELLED, Cancelled("The generation was cancelled."))

    def release(self) -> None:
        """Give the worker's memory back: its process ends as soon as nothing runs."""
        self._release_wanted = True
        self._advance()

    def close(self) -> None:
        """Cancel everything and end the worker; waits for it, a second or two at worst."""
        self._closed = True
        for job in [*self._pending, *([self._current] if self._current else [])]:
            self.cancel(job)
        self._dismiss()
        for client in self._leaving:
            client.stop()
        self._leaving.clear()

    def _advance(self) -> None:
        now = time.monotonic()
        if self._last_step is not None:
            self._clock += min(now - self._last_step, 1.0)
        self._last_step = now
        self._leaving = [client for client in self._leaving if not client.reap()]
        if self._client is not None:
            self._listen()
        if self._client is not None:
            self._check_limits()
        if self._current is None and self._draining is None:
            if self._pending:
                self._current, self._sent = self._pending.popleft(), False
                self._start()
            elif self._client is not None and self._is_unwanted():
                self._dismiss()
            self._release_wanted = self._release_wanted and self.busy
        if self._current is not None:
            self._show_progress(now)

    def _is_unwanted(self) -> bool:
        idle = self.limits.idle
        return self._release_wanted or (idle is not None and self._clock - self._idle_since > idle)

    def _start(self) -> None:
        job, now = self._current, time.monotonic()
        if self._client is not None and not self._client.alive:
            self._replace_worker()  # it died while idle: nobody's loss
        cold = self._client is None or self._client.ready is None
        durations = self._durations.get(_describe_effort(job))
        if job.task == "generate":
            durations = durations or self._durations.get(job.settings.engine)
        job.state, job._started = JobState.RUNNING, now
        first = first_phase(job.task)
        job.phase, job.message = first, "Starting the worker" if cold else _MESSAGES[first]
        job._estimator = Estimator(
            durations, cold=cold, now=now, task=job.task, engine=job.settings.engine
        )
        self._heard = self._moved = self._clock
        if not cold:
            self._send_job()
        elif self._client is None:
            try:
                client = self._make_client()
                client.start()
            except BozzettoError as error:
                self._finish(JobState.FAILED, error)
                return
            self._client = client

    def _send_job(self) -> None:
        job = self._current
        try:
            limit = self.memory_limit
            if job.coat_request is not None:
                request = make_coat_request(job.id, job.coat_request, memory_limit=limit)
            else:
                request = make_request(
                    job.id, job.source, job.settings, job.task, memory_limit=limit
                )
            self._client.send(*request)
        except ValueError as error:
            failure = WorkerError(f"The picture cannot be sent to the worker: {error}.")
            self._finish(JobState.FAILED, failure)
            return
        self._sent = True
        self._moved = self._clock
        first = first_phase(job.task)
        job.message = _MESSAGES[first]
        job._estimator.enter(first, time.monotonic())

    def _listen(self) -> None:
        client = self._client
        for message in client.poll():
            self._heard = self._clock
            activity = message.header.get("activity")
            if message.type != "heartbeat" or activity != self._activity:
                self._moved = self._clock
            if message.type == "heartbeat":
                self._activity = activity
            elif message.id is not None and message.id == self._draining:
                if message.type in ("result", "cutout", "coating", "error"):  # done with it
                    self._draining, self._idle_since = None, self._clock
            elif self._sent and self._current is not None and message.id == self._current.id:
                self._take(message)
            if self._client is not client:
                return  # that message was the end of it
        if client.failure is not None:
            self._give_up(client.failure)
        elif self._current is not None and not self._sent and client.ready is not None:
            self._send_job()

    def _take(self, message: Message) -> None:
        """What the worker says about the current job."""
        job, now = self._current, time.monotonic()
        try:
            if message.type == "progress":
                job.phase, fraction = read_progress(message)
                job.message = _MESSAGES[job.phase]
                job._estimator.enter(job.phase, now, fraction)
            elif message.type == "result" and job.task == "generate":
                job.mesh = read_result(message)
                durations = job._estimator.finish(now)
                for key in (_describe_effort(job), job.settings.engine):
                    self._durations[key] = durations
                self._finish(JobState.DONE)
            elif message.type == "coating" and job.task == "coat":
                job.coating = read_coating(message, job.coat_request)
                self._durations[_describe_effort(job)] = job._estimator.finish(now)
                self._finish(JobState.DONE)
            elif message.type == "cutout" and job.task == "cut":
                job.cut = read_cutout(message)
                self._finish(JobState.DONE)
            elif message.type == "error":
                error = read_error(message)
                cancelled = isinstance(error, Cancelled)
                self._finish(JobState.CANCELLED if cancelled else JobState.FAILED, error)
                if isinstance(error, OutOfMemoryError) and self.memory_limit:
                    self._dismiss()  # what it has freed still counts against the limit
        except (KeyError, TypeError, ValueError) as error:
            self._give_up(WorkerError(f"The worker's {message.type} makes no sense: {error}."))

    def _check_limits(self) -> None:
        limits, clock = self.limits, self._clock
        if self._draining is not None:
            if clock - self._drain_since > limits.cancel:
                self._replace_worker()
        elif self._current is not None and clock - self._heard > limits.silence:
            seconds = round(limits.silence)
            self._give_up(WorkerError(f"The worker did not answer for {seconds} seconds."))
        elif self._current is not None and not self._sent:
            if clock - self._moved > limits.start:
                seconds = round(limits.start)
                self._give_up(WorkerError(f"The worker was not ready after {seconds} seconds."))
        elif self._current is not None and clock - self._moved > limits.stall:
            seconds = round(limits.stall)
            self._give_up(WorkerError(f"The worker got no further for {seconds} seconds."))

    def _show_progress(self, now: float) -> None:
        job = self._current
        job.fraction = max(job.fraction, job._estimator.fraction(now))

    def _give_up(self, error: BozzettoError) -> None:
        """The worker is of no use any more: so is the current job."""
        self._replace_worker()
        if self._current is not None:
            self._finish(JobState.FAILED, error)

    def _replace_worker(self) -> None:
        """Kill the worker; the next job starts a fresh one."""
        if self._client is not None:
            self._client.kill()
        self._dismiss()

    def _dismiss(self) -> None:
        """Let the worker go; `step` watches it leave."""
        if self._client is not None:
            self._client.request_stop()
            self._leaving.append(self._client)
        self._client, self._draining, self._sent = None, None, False

    def _finish(self, state: JobState, error: BozzettoError | None = None) -> None:
        job, self._current = self._current, None
        self._idle_since = self._clock
        if state is JobState.DONE:
            job.fraction = 1.0
        self._end(job, state, error)

    def _end(self, job: Job, state: JobState, error: BozzettoError | None) -> None:
        job.state, job.error, job._ended = state, error, time.monotonic()
        job.message = error.message if error is not None else "Done"
        self._news.append(job)


_MESSAGES = {
    "load": "Loading the picture and the network",
    "cut": "Cutting out the object",
    "encode": "Understanding the picture",
    "extract": "Sampling the shape",
    "finish": "Cleaning the mesh",
    "insert": "Inserting the object",
    "unwrap": "Unwrapping the mesh",
    "bake": "Colouring the mesh",
}


def _describe_effort(job: Job) -> tuple[str | int, ...]:
    """What mostly decides how long a job takes."""
    settings = job.settings
    if job.coat_request is not None:
        return "coat", job.coat_request.side, settings.resolution
    return settings.engine, settings.checkpoint, settings.resolution, settings.device
