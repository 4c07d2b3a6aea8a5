"""A batch of pictures on its way through the job queue."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..inference.batch import summary
from ..inference.batch.grid import Grid, choose_columns, measure_ground
from ..inference.batch.summary import CANCELLED, DONE, FAILED, RUNNING, Row
from ..inference.errors import BozzettoError, Cancelled, InsertError
from ..inference.jobs import JobState
from ..inference.settings import GenerateSettings
from ..scene import runtime
from ..scene.deliver import find_item, find_scene
from ..scene.error_report import find_version
from ..scene.picture import read_picture
from . import jobs

MAX_QUEUED = 2
"""Jobs at the worker: it never idles, and a click on Generate need not wait for the whole batch."""
MAX_WAITING = 8
"""Jobs in all; results that wait for the artist to leave Edit Mode are kept in memory."""

batches: list[Batch] = []
"""Batches of this session that the panel shows: those that run, and the last one."""


class Batch:
    """Pictures that are generated from one after the other; what becomes of each is in `rows`.

    A picture that fails stops nothing but itself. Every result is inserted by itself, as one undo
    step, into one collection of the batch; neither selection nor view is changed.

    rows: one `Row` for each picture: picture, state, error, fix, faces, size ...
    name: of the batch and its collection. notes: what was left out. key: tells batches apart.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        settings: GenerateSettings,
        insertion: dict[str, Any],
        *,
        scene: bpy.types.Scene,
        name: str,
        grid: Grid | None = None,
        notes: Sequence[str] = (),
        on_result: Callable[[Row, bpy.types.Object], None] | None = None,
        on_end: Callable[[Row], None] | None = None,
    ) -> None:
        """Use `start_batch`.

        insertion: properties for `bozzetto.insert_result`. grid: places the results; None: all
        stand where `insertion` says, in the scene's Bozzetto collection. on_result: called with
        each inserted object; what it raises makes the row a failure. on_end: called when a row is
        at its end.
        """
        self.rows, self.name, self.notes = list(rows), name, tuple(notes)
        self.settings = settings
        self.seconds = 0.0
        self.key = uuid.uuid4().hex
        self._insertion = {**insertion, "select": False, "frame": False}
        if grid is not None:
            self._insertion |= {"collection": name, "batch": self.key}
        self._grid = grid
        self._scene_uid = scene.session_uid
        self._on_result, self._on_end = on_result, on_end
        self._requests: dict[jobs.Request, Row] = {}
        self._next = 0
        self._cancelled = False
        self._started = time.monotonic()
        self._kept_messages: tuple[Any, Any] | None = None
        self._items: dict[str, int] = {}  # by the row's name: number of its job

    def __repr__(self) -> str:
        return f"<Batch {self.name!r}: {self.state}, {summary.describe_counts(self.rows)}>"

    @property
    def state(self) -> str:
        """Is running, done (whether pictures failed or not) or cancelled."""
        if not self.finished:
            return RUNNING
        return CANCELLED if any(row.state == CANCELLED for row in self.rows) else DONE

    @property
    def finished(self) -> bool:
        """Whether every picture is at its end."""
        return all(row.ended for row in self.rows)

    @property
    def progress(self) -> float:
        """How much of the batch is done, 0 to 1."""
        parts = sum(row.ended for row in self.rows)
        return (parts + sum(r.job.fraction for r in self._requests)) / max(len(self.rows), 1)

    @property
    def message(self) -> str:
        """What it is doing now, such as "chair: Sampling the shape"."""
        for request, row in self._requests.items():
            if request.job.state is JobState.RUNNING:
                return f"{row.name}: {request.job.message}"
        if any(request in jobs.finished for request in self._requests):
            return jobs.find_obstacle(jobs.finished[0]) or "Inserting"
        return "Done" if self.finished else "Waiting for its turn"

    @property
    def failures(self) -> list[Row]:
        """Rows of the pictures that failed, each with error and fix."""
        return [row for row in self.rows if row.state == FAILED]

    @property
    def objects(self) -> list[bpy.types.Object]:
        """The objects made so far that are still in the file, in the order of the pictures."""
        found = {item.session_uid: item for item in bpy.data.objects}
        numbers = [self._items.get(row.name, 0) for row in self.rows]
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
        self._cancelled = True
        for request in list(self._requests):
            jobs.cancel(request)
        for row in self.rows:
            if not row.ended:
                row.state = CANCELLED
                self._tell(row)
        self.seconds = self.seconds or time.monotonic() - self._started
        jobs.redraw()

    def write_summary(self, folder: str | Path) -> tuple[Path, Path]:
        """Write summary.csv and summary.json into a folder; their paths. Raises OSError."""
        path = Path(bpy.path.abspath(str(folder)))
        return summary.write_summary(path, self.rows, head=self.describe())

    def describe(self) -> dict[str, Any]:
        """Facts about the whole batch for the summary, in plain JSON types."""
        return {
            "batch": self.name,
            "state": self.state,
            "seconds": round(self.seconds or time.monotonic() - self._started, 2),
            "bozzetto": find_version(),
            "blender": bpy.app.version_string,
            "notes": list(self.notes),
        }

    def fill(self) -> None:
        """Hand the next pictures to the queue, as many as it should have."""
        while self._next < len(self.rows) and not self._cancelled and self._has_room():
            row = self.rows[self._next]
            self._next += 1
            if not row.ended:
                self._submit(row)
        if self.finished and not self.seconds:
            self.seconds = time.monotonic() - self._started
            if not bpy.app.background:
                jobs.show_status(f"{self.name}: {summary.describe_counts(self.rows)}")

    def _has_room(self) -> bool:
        at_worker = sum(not request.job.finished for request in self._requests)
        return at_worker < MAX_QUEUED and len(self._requests) < MAX_WAITING

    def _submit(self, row: Row) -> None:
        row.engine, row.seed = self.settings.engine, self.settings.seed
        row.settings, row.shape = self.settings.to_dict(), read_shape(self._insertion)
        try:
            scene = find_scene(self._scene_uid) or bpy.context.scene
            source, origin = read_picture(row.picture)
            row.picture_hash = hash_file(row.picture)
            request = jobs.enqueue(
                scene, None, source, self.settings, origin, dict(self._insertion), self
            )
        except (BozzettoError, OSError) as error:
            self._fail(row, error)
            return
        row.state = RUNNING
        self._requests[request] = row

    def computed(self, request: jobs.Request) -> None:
        """For `jobs`: the worker is free for the next picture."""
        self.fill()

    def prepare(self, request: jobs.Request) -> None:
        """For `jobs`: the result's place, once its size is known."""
        self._kept_messages = jobs.failure, jobs.notes
        if self._grid is None:
            return
        scene = find_scene(request.scene_uid) or bpy.context.scene
        width, depth = measure_ground(
            request.job.mesh.vertices,
            size=self._insertion.get("size", 0.0),
            scale_length=scene.unit_settings.scale_length,
        )
        request.insertion["offset"] = self._grid.place(width, depth)

    def ended(self, request: jobs.Request) -> None:
        """For `jobs`: one picture is at its end."""
        row = self._requests.pop(request)
        row.seconds = round(request.job.seconds, 3)
        if self._kept_messages is not None:  # the panel speaks of the artist's own jobs
            row.messages = tuple(jobs.notes) if request.item_uid else ()
            jobs.failure, jobs.notes = self._kept_messages
            self._kept_messages = None
        item = find_item(request.item_uid) if request.item_uid else None
        try:
            if request.error is not None:
                raise request.error
            if item is None:
                raise InsertError("The object was not found after it was inserted.")
            self._items[row.name] = request.job.id
            self._describe_item(row, item)
            if self._on_result is not None:
                self._on_result(row, item)
            row.state = DONE
            self._tell(row)
        except Cancelled:
            row.state = CANCELLED
            self._tell(row)
            if not self._cancelled:
                self.cancel()
        except Exception as error:  # whatever it is, the other pictures go on
            self._fail(row, error)
        self.fill()

    def _fail(self, row: Row, error: BaseException) -> None:
        row.state = FAILED
        if isinstance(error, BozzettoError):
            row.error, row.fix = error.message, error.fix
        else:
            row.error, row.fix = f"{type(error).__name__}: {error}", BozzettoError.default_fix
        self._tell(row)

    def _tell(self, row: Row) -> None:
        if self._on_end is not None:
            self._on_end(row)

    def _describe_item(self, row: Row, item: bpy.types.Object) -> None:
        mesh = item.data
        vertices = np.empty((len(mesh.vertices), 3), np.float32)
        mesh.vertices.foreach_get("co", vertices.ravel())
        unit = (find_scene(self._scene_uid) or bpy.context.scene).unit_settings.scale_length
        row.faces = len(mesh.polygons)
        row.size = tuple(round(float(side) * unit, 5) for side in np.ptp(vertices, axis=0))


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
    many as rows. options: of `Batch`.
    """
    if anchor is not None:
        options["grid"] = Grid(columns or choose_columns(len(rows)), anchor)
        insertion = {**insertion, "location": "ORIGIN"}
    batch = Batch(rows, settings, insertion, scene=scene, name=name, **options)
    batches[:] = [other for other in batches if not other.finished]
    batches.append(batch)
    batch.fill()
    jobs.start_pump()
    return batch


def forget_batches() -> None:
    """Cancel what runs and show nothing any more."""
    for batch in list(batches):
        if not batch.finished:
            batch.cancel()
    batches.clear()


def read_shape(insertion: dict[str, Any]) -> dict[str, Any]:
    """What of the insertion's properties shapes the mesh, as rows store it."""
    return {name: insertion.get(name, 0) for name in ("face_budget", "size", "smooth_angle")}


def hash_file(path: str | Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises OSError."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
