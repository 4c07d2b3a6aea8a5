"""What a script and the panel hold of a batch."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bpy

from ..inference.batch import summary
from ..inference.batch.grid import Grid, choose_columns
from ..inference.batch.summary import CANCELLED, DONE, FAILED, RUNNING, Row
from ..inference.errors import InsertError
from ..inference.job import JobState
from ..inference.settings import GenerateSettings
from ..scene import runtime
from ..scene.error_report import find_version
from . import jobs
from .batch_run import BatchRun
from .window import find_obstacle


class Batch:
    """Pictures that are generated from one after the other; what becomes of each is in `rows`.

    A picture that fails stops nothing but itself. Every result is inserted by itself, as one undo
    step, into one collection of the batch; neither selection nor view is changed.

        batch = api.batch("//photos", wait=False)
        while not batch.poll():
            print(f"{batch.progress:.0%} {batch.message}")
            time.sleep(0.5)
        for row in batch.failures:
            print(row.picture, row.error, row.fix)

    In a window Blender carries it on by itself. Without a window nothing happens between calls:
    call `poll` now and then, or `wait`.
    """

    def __init__(self, run: BatchRun) -> None:
        """Use `api.batch`."""
        self._run = run

    def __repr__(self) -> str:
        return f"<Batch {self.name!r}: {self.state}, {summary.describe_counts(self.rows)}>"

    @property
    def name(self) -> str:
        """Of the folder, and of the collection of the results."""
        return self._run.name

    @property
    def key(self) -> str:
        """Tells batches apart; the collection has it as its property "bozzetto_batch"."""
        return self._run.key

    @property
    def rows(self) -> list[Row]:
        """A row for each picture: picture, name, state, error, fix, faces, size, seconds ..."""
        return self._run.rows

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out."""
        return self._run.notes

    @property
    def state(self) -> str:
        """Is running, done (whether pictures failed or not) or cancelled."""
        if not self.finished:
            return RUNNING
        return CANCELLED if any(row.state == CANCELLED for row in self.rows) else DONE

    @property
    def finished(self) -> bool:
        """Whether every picture is at its end."""
        return self._run.finished

    @property
    def progress(self) -> float:
        """How much of the batch is done, 0 to 1."""
        parts = sum(row.ended for row in self.rows)
        return (parts + sum(r.job.fraction for r in self._run.requests)) / max(len(self.rows), 1)

    @property
    def message(self) -> str:
        """What it is doing now, such as "chair: Sampling the shape"."""
        for request, row in self._run.requests.items():
            if request.job.state is JobState.RUNNING:
                return f"{row.name}: {request.job.message}"
        if any(request in jobs.finished for request in self._run.requests):
            return find_obstacle(jobs.finished[0].modal) or "Inserting"
        return "Done" if self.finished else "Waiting for its turn"

    @property
    def failures(self) -> list[Row]:
        """Rows of the pictures that failed, each with error and fix."""
        return [row for row in self.rows if row.state == FAILED]

    @property
    def objects(self) -> list[bpy.types.Object]:
        """The objects made so far that are still in the file, in the order of the pictures."""
        found = {item.session_uid: item for item in bpy.data.objects}
        numbers = [self._run.numbers.get(row.name, 0) for row in self.rows]
        uids = [runtime.results.find_item(number) for number in numbers]
        return [found[uid] for uid in uids if uid in found]

    @property
    def result(self) -> list[bpy.types.Object]:
        """The same as `objects`."""
        return self.objects

    def poll(self) -> bool:
        """Let it get on; whether it is finished.

        Blender without a window needs this called now and then; in a window Blender does it.
        """
        if not self.finished:
            jobs.pump()
        return self.finished

    def wait(
        self, timeout: float | None = None, *, on_progress: Callable[[Batch], None] | None = None
    ) -> list[bpy.types.Object]:
        """Wait until it is finished; the objects. Failed pictures raise nothing: see `failures`.

        timeout: seconds, after which TimeoutError is raised and the batch goes on. Raises
        InsertError when results cannot go into the scene, as in Edit Mode; they wait then. Ctrl-C,
        and whatever on_progress raises, cancels the batch and goes on up.
        """
        report = None if on_progress is None else lambda: on_progress(self)
        try:
            jobs.pump_until(lambda: self.finished, timeout=timeout, on_progress=report)
        except (TimeoutError, InsertError):
            raise
        except BaseException:
            self.cancel()
            raise
        return self.objects

    def cancel(self) -> None:
        """Stop at once: what was inserted stays, the rest is never made."""
        self._run.cancel()

    def write_summary(self, folder: str | Path) -> tuple[Path, Path]:
        """Write summary.csv and summary.json into a folder; their paths. Raises OSError."""
        path = Path(bpy.path.abspath(str(folder)))
        return summary.write_summary(path, self.rows, head=self.describe())

    def describe(self) -> dict[str, Any]:
        """Facts about the whole batch for the summary, in plain JSON types."""
        return {
            "batch": self.name,
            "state": self.state,
            "seconds": round(self._run.seconds or time.monotonic() - self._run.started, 2),
            "bozzetto": find_version(),
            "blender": bpy.app.version_string,
            "notes": list(self.notes),
        }


batches: list[Batch] = []
"""Batches of this session that the panel shows: those that run, and the last one."""


def start_batch(
    rows: Sequence[Row],
    settings: GenerateSettings,
    insertion: dict[str, Any],
    *,
    scene: bpy.types.Scene,
    name: str,
    anchor: tuple[float, float, float] | None = (0.0, 0.0, 0.0),
    columns: int = 0,
    **options: Any,
) -> Batch:
    """Put a batch on its way; it gets on when `jobs.pump` is called, as the window's timer does.

    anchor: where the first object of the grid stands; None: no grid. columns: of the grid; 0: as
    many as rows. options: of `BatchRun`.
    """
    if anchor is not None:
        options["grid"] = Grid(columns or choose_columns(len(rows)), anchor)
        insertion = {**insertion, "location": "ORIGIN"}
    run = BatchRun(rows, settings, insertion, scene=scene, name=name, **options)
    batches[:] = [other for other in batches if not other.finished]
    batches.append(Batch(run))
    run.fill()
    jobs.start_pump()
    return batches[-1]


def forget_batches() -> None:
    """Cancel what runs and show nothing any more."""
    for batch in list(batches):
        if not batch.finished:
            batch.cancel()
    batches.clear()
