"""A batch of pictures on its way through the job queue: the machine behind `Batch`."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ..inference.batch.grid import Grid, measure_ground
from ..inference.batch.summary import CANCELLED, DONE, FAILED, RUNNING, Row, describe_counts
from ..inference.errors import BozzettoError, Cancelled, InsertError
from ..inference.settings import GenerateSettings
from ..scene.deliver import find_item, find_scene
from ..scene.picture import read_picture
from . import jobs, status
from .request import Request
from .shape_properties import read_shape

MAX_QUEUED = 2
"""Jobs at the worker: it never idles, and a click on Generate need not wait for the whole batch."""
MAX_WAITING = 8
"""Jobs in all; results that wait for the artist to leave Edit Mode are kept in memory."""


class BatchRun:
    """Hands pictures to the queue, a few at a time, and takes down what becomes of them.

    It is the `Listener` of its jobs. rows: one for each picture. requests: those under way.
    numbers: of the job, by the row's name. seconds: how long it took, 0 until it is finished.
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
        """Nothing happens before `fill`.

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
        self.requests: dict[Request, Row] = {}
        self._next = 0
        self._cancelled = False
        self.started = time.monotonic()
        self._kept_messages: tuple[Any, Any] | None = None
        self.numbers: dict[str, int] = {}

    @property
    def finished(self) -> bool:
        """Whether every picture is at its end."""
        return all(row.ended for row in self.rows)

    def cancel(self) -> None:
        """Stop at once: what was inserted stays, the rest is never made."""
        self._cancelled = True
        for request in list(self.requests):
            jobs.cancel(request)
        for row in self.rows:
            if not row.ended:
                row.state = CANCELLED
                self._tell(row)
        self.seconds = self.seconds or time.monotonic() - self.started
        jobs.redraw()

    def fill(self) -> None:
        """Hand the next pictures to the queue, as many as it should have."""
        while self._next < len(self.rows) and not self._cancelled and self._has_room():
            row = self.rows[self._next]
            self._next += 1
            if not row.ended:
                self._submit(row)
        if self.finished and not self.seconds:
            self.seconds = time.monotonic() - self.started
            if not bpy.app.background:
                status.say(f"{self.name}: {describe_counts(self.rows)}")

    def _has_room(self) -> bool:
        at_worker = sum(not request.job.finished for request in self.requests)
        return at_worker < MAX_QUEUED and len(self.requests) < MAX_WAITING

    def _submit(self, row: Row) -> None:
        row.engine, row.seed = self.settings.engine, self.settings.seed
        row.settings, row.shape = self.settings.to_dict(), asdict(read_shape(self._insertion))
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
        self.requests[request] = row

    def computed(self, request: Request) -> None:
        """For `jobs`: the worker is free for the next picture."""
        self.fill()

    def prepare(self, request: Request) -> None:
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

    def ended(self, request: Request) -> None:
        """For `jobs`: one picture is at its end."""
        row = self.requests.pop(request)
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
            self.numbers[row.name] = request.job.id
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


def hash_file(path: str | Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises OSError."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
