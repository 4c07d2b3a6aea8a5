"""From a kept result to what is inserted: shaped in Blender, unwrapped and coloured by the worker.

`Preparation` goes on in small steps, for the window; `prepare` waits. What was prepared is kept, so
that the operator that inserts it, and a redo that changes nothing of it, need not do it again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..inference.errors import BozzettoError, InsertError
from ..inference.job import Job
from ..inference.mesh_report import report_mesh
from ..inference.types import CoatRequest, PackedCoating, PolygonMesh
from . import runtime
from .results import Result
from .shape_mesh import ShapedMesh, ShapeJob, ShapeSettings


@dataclass(frozen=True)
class Prepared:
    """What is inserted. coating: None: no colours were asked for, or none are known.

    messages: what the artist should know. seconds: that the shaping took. mesh_report: of
    `report_mesh`; None: the coating has it, which the worker made.
    """

    shaped: ShapedMesh
    coating: PackedCoating | None = None
    messages: tuple[str, ...] = ()
    seconds: float = 0.0
    mesh_report: dict[str, Any] | None = None


def find_result(number: int) -> Result:
    """The kept result. Raises InsertError when it had to go."""
    result = runtime.results.find(number)
    if result is None:
        raise InsertError("This result is no longer kept.", "Generate again.")
    return result


class Preparation:
    """One result on its way. Raises InsertError where there is none under that number.

    number: of its job. scale_length: metres in one Blender unit. job: at the worker, while it
    colours the mesh.
    """

    def __init__(self, number: int, shape: ShapeSettings, scale_length: float) -> None:
        self.job: Job | None = None
        self._result = find_result(number)
        self._shape, self._scale_length = shape, scale_length
        self._key = _make_key(number, shape, scale_length)
        self._shaping: ShapeJob | None = None
        self._shaped: ShapedMesh | None = None
        self._started = time.perf_counter()
        self._seconds = 0.0

    @property
    def takes_long(self) -> bool:
        """Whether its shape is made elsewhere and not there yet: waiting takes seconds."""
        if self._shaped is not None or runtime.results.find_prepared(self._key) is not None:
            return False
        return self._shape.topology == "quads" and not self._begin().poll()

    @property
    def shaping(self) -> bool:
        """Whether its shape is being made elsewhere."""
        return self._shaping is not None and self._shaped is None

    def step(self) -> bool:
        """Do what can be done now; whether it is done. Somebody else pumps the queue.

        Raises InsertError when the mesh cannot be shaped. Colours that cannot be had are a message.
        """
        if runtime.results.find_prepared(self._key) is not None:
            return True
        if self._shaped is None:
            if not self._begin().poll():
                return False
            self._take_shape()
            self._submit()
        if self.job is not None and not self.job.finished:
            return False
        self._keep(self.job.error if self.job is not None else None)
        return True

    def cancel(self) -> None:
        """Stop it."""
        if self._shaping is not None:
            self._shaping.cancel()
        queue = runtime.find_queue()
        if queue is not None and self.job is not None:
            queue.cancel(self.job)

    def finish(self) -> Prepared:
        """Wait for it. Raises as `step`."""
        kept = runtime.results.find_prepared(self._key)
        if kept is not None:
            return kept
        if self._shaped is None:
            self._begin()
            self._take_shape()
        request = _make_request(self._result, self._shaped, self._shape)
        coating, error = None, None
        if request is not None:
            try:
                coating = runtime.coat(request, self._result.settings)
            except BozzettoError as caught:
                error = caught
        return self._keep(error, coating)

    def _begin(self) -> ShapeJob:
        if self._shaping is None:
            self._started = time.perf_counter()
            self._shaping = ShapeJob(
                self._result.mesh, self._shape, scale_length=self._scale_length
            )
        return self._shaping

    def _take_shape(self) -> None:
        self._shaped = self._shaping.result()
        self._seconds = round(time.perf_counter() - self._started, 4)

    def _submit(self) -> None:
        request = _make_request(self._result, self._shaped, self._shape)
        if request is not None:
            settings = runtime.apply_device(self._result.settings)
            self.job = runtime.get_queue().submit_coat(request, settings)

    def _keep(self, error: BozzettoError | None, coating: PackedCoating | None = None) -> Prepared:
        messages = list(self._shaped.messages)
        if self.job is not None:
            coating = self.job.coating
        if error is not None:
            messages.append(f"There are no colours and UVs: {error.message} {error.fix}")
        report = None
        if coating is None:
            report = report_mesh(self._shaped.mesh, budget=self._shape.face_budget)
        prepared = Prepared(self._shaped, coating, tuple(messages), self._seconds, report)
        runtime.results.keep_prepared(self._key, prepared)
        return prepared


def prepare(number: int, shape: ShapeSettings, scale_length: float = 1.0) -> Prepared:
    """The result kept under that number, ready for insertion; waits for the worker.

    Raises InsertError.
    """
    return Preparation(number, shape, scale_length).finish()


def _make_key(number: int, shape: ShapeSettings, scale_length: float) -> tuple[Any, ...]:
    return number, replace(shape, smooth_angle=0.0), scale_length  # shading is no part of it


def _make_request(result: Result, shaped: ShapedMesh, shape: ShapeSettings) -> CoatRequest | None:
    """What the worker is asked for; None: nothing."""
    source = result.mesh.colour
    if source is None or not shape.texture:
        return None
    mesh = shaped.mesh
    metres = (mesh.vertices / np.float64(shaped.report["scale"])).astype(np.float32)
    polygons = PolygonMesh(metres, mesh.corners, mesh.sizes)
    return CoatRequest(polygons, source, shape.texture, shape.delight)


def describe_prepared(info: dict[str, Any], prepared: Prepared) -> dict[str, Any]:
    """A generation's info with what became of its mesh: inserted, coating, more timings.

    What `report_mesh` says of it is "mesh" in the coating, or without a coating in inserted.
    """
    timings = {**info.get("timings", {}), "shape": prepared.seconds}
    inserted = dict(prepared.shaped.report)
    if prepared.mesh_report is not None:
        inserted["mesh"] = prepared.mesh_report
    described = {**info, "timings": timings, "inserted": inserted, "coating": None}
    if prepared.coating is not None:
        described["coating"] = prepared.coating.report
        timings |= prepared.coating.report.get("seconds", {})
    return described
