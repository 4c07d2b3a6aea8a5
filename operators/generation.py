"""What a script holds of a generation that goes on meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ..inference.errors import BozzettoError, InsertError
from ..inference.job import Job, JobState
from ..scene import runtime
from ..scene.deliver import find_item
from . import jobs
from .request import Request
from .window import find_obstacle


class Generation:
    """A generation that runs while the script goes on.

    In a window Blender carries it on by itself. Without a window nothing happens between calls:
    call `poll` now and then, or `wait`.

        chair = api.generate("chair.png", wait=False)
        while not chair.poll():
            print(f"{chair.progress:.0%} {chair.message}")
            time.sleep(0.1)
        chair.result.location.x = 2.0

    job: the Job behind it, with phase and mesh.
    """

    def __init__(self, request: Request) -> None:
        """Use `api.generate(..., wait=False)`."""
        self._request = request

    def __repr__(self) -> str:
        return f"<Generation {self.job.source.name!r}: {self.state}, {self.progress:.0%}>"

    @property
    def job(self) -> Job:
        """The job at the worker."""
        return self._request.job

    @property
    def state(self) -> str:
        """Is queued, running, inserting, done, failed or cancelled."""
        if self._request.item_uid:
            return "done"
        if self._request.error is not None:
            stopped = self.job.state is JobState.CANCELLED or self._is_dropped()
            return "cancelled" if stopped else "failed"
        if self._request.preparation is not None and self._request in jobs.requests:
            return "running"
        return "inserting" if self.job.state is JobState.DONE else self.job.state.value

    @property
    def finished(self) -> bool:
        """Whether it is done, failed or cancelled."""
        return bool(self._request.item_uid) or self._request.error is not None

    @property
    def progress(self) -> float:
        """How much is done, 0 to 1."""
        return self.job.fraction

    @property
    def message(self) -> str:
        """What it is doing, in words."""
        if self.state == "inserting":
            return find_obstacle(self._request.modal) or "Inserting the object"
        return str(self.error) if self.error is not None else self._request.current.message

    @property
    def seconds_left(self) -> float | None:
        """Estimate from earlier generations; None when there is nothing to go by."""
        return self.job.seconds_left

    @property
    def error(self) -> BaseException | None:
        """What went wrong, usually a BozzettoError with message and fix; None: nothing."""
        return self._request.error

    @property
    def result(self) -> bpy.types.Object:
        """The object. Raises its error when it failed, InsertError when it is not there (yet)."""
        if self._request.error is not None:
            raise self._request.error
        if not self._request.item_uid:
            raise InsertError(f"The generation is not done: {self.state}.", "Wait for it.")
        uid = runtime.results.find_item(self.job.id) or self._request.item_uid
        item = find_item(uid)
        if item is None:
            raise InsertError("The object was removed, or its insertion undone.", "Generate again.")
        return item

    def poll(self) -> bool:
        """Let it get on; whether it is finished. Never blocks for longer than an insertion."""
        if not self.finished:
            jobs.pump()
        return self.finished

    def wait(
        self,
        timeout: float | None = None,
        *,
        on_progress: Callable[[Generation], None] | None = None,
    ) -> bpy.types.Object:
        """Wait for the object and return it.

        timeout: seconds, after which TimeoutError is raised and the generation goes on.
        on_progress: called with this handle some fifty times a second.

        Raises what went wrong, a BozzettoError. Ctrl-C, and whatever on_progress raises, cancels
        the generation and goes on up.
        """
        report = None if on_progress is None else lambda: on_progress(self)
        try:
            jobs.pump_until(lambda: self.finished, timeout=timeout, on_progress=report)
        except (TimeoutError, InsertError):
            raise
        except BaseException:
            self.cancel()
            raise
        return self.result

    def cancel(self) -> None:
        """Stop it at once, nothing is inserted; does nothing once it is finished."""
        jobs.cancel(self._request)

    def _is_dropped(self) -> bool:
        error = self._request.error
        return isinstance(error, BozzettoError) and error.kind == "Cancelled"
