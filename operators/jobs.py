"""Jobs in the window: who asked, how they are pumped, when their result may go into the scene.

What a request is: request.py.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from typing import Any

import bpy

from ..inference.errors import BozzettoError, Cancelled, InsertError
from ..inference.job import Job, JobState
from ..inference.settings import GenerateSettings
from ..inference.types import Source
from ..scene import matte_preview, runtime, shelves
from ..scene.deliver import find_scene
from ..scene.error_report import format_report
from ..scene.preparation import Preparation
from ..scene.replace import find_target
from . import status
from .request import Failure, Later, Listener, Request
from .shape_properties import read_shape
from .window import (
    find_obstacle,
    find_window,
    list_modal,
    override_context,
    read_selection,
    redraw,
)

SHAPING = "Laying out quads"
BUSY_INTERVAL = 0.1
IDLE_INTERVAL = 1.0
SCRIPT_INTERVAL = 0.02

requests: list[Request] = []
"""Running and queued jobs, oldest first."""
finished: list[Request] = []
"""Jobs whose result waits to be inserted."""
later: list[Later] = []
"""Meshes that are on their way to another topology."""
failure: Failure | None = None
notes: tuple[str, ...] = ()
"""What the artist should know about the last result, for the panel."""


def submit(
    context: bpy.types.Context,
    source: Source,
    settings: GenerateSettings,
    picture: dict[str, Any],
    insertion: dict[str, Any],
) -> Job:
    """Put a job on the queue and see to it that it is pumped. Raises BozzettoError."""
    forget_messages()
    scene, view_layer = context.scene, context.view_layer
    return enqueue(scene, view_layer, source, settings, picture, insertion).job


def enqueue(
    scene: bpy.types.Scene,
    view_layer: bpy.types.ViewLayer | None,
    source: Source,
    settings: GenerateSettings,
    picture: dict[str, Any],
    insertion: dict[str, Any],
    listener: Listener | None = None,
) -> Request:
    """As `submit`, but for that scene, and what the panel shows stays. Raises BozzettoError.

    view_layer: where the result may be selected; None: nowhere.
    """
    shelves.require_weights(settings)
    job = runtime.get_queue().submit(source, runtime.apply_device(settings))
    modal = list_modal()
    selection = read_selection(view_layer) if view_layer else (frozenset(), 0)
    request = Request(job, picture, scene.session_uid, selection, modal, insertion, listener)
    requests.append(request)
    start_pump()
    return request


def start_pump() -> None:
    """See to it that the queue is pumped as long as there are jobs or a worker."""
    if not bpy.app.background and not bpy.app.timers.is_registered(pump):
        bpy.app.timers.register(pump, first_interval=0.0, persistent=True)


def cancel_all() -> int:
    """Cancel every job and drop results that wait; how many there were."""
    asked = [*finished, *requests]
    for request in asked:
        cancel(request)
    for one in later:
        one.preparation.cancel()
    count = len(asked) + len(later)
    later.clear()
    return count


def cancel(request: Request) -> None:
    """Cancel one job, or drop its result that waits; nothing happens when it is at its end."""
    if request not in requests and request not in finished:
        return
    queue = runtime.find_queue()
    if queue is not None:
        queue.cancel(request.job)
    if request.preparation is not None:
        request.preparation.cancel()
    for place in (requests, finished):
        if request in place:
            place.remove(request)
    request.end(error=request.job.error or Cancelled("The generation was cancelled."))
    redraw()


def stop() -> None:
    """Cancel everything, stop the timer and the worker, forget what was kept."""
    cancel_all()
    forget_messages()
    matte_preview.close()
    status.close()
    if bpy.app.timers.is_registered(pump):
        bpy.app.timers.unregister(pump)
    runtime.close()


def forget_messages() -> None:
    """The panel shows neither error nor notes any more."""
    global failure, notes
    failure, notes = None, ()


def record_notes(messages: tuple[str, ...]) -> None:
    """Remember what the artist should know about a result, for the panel."""
    global notes
    notes = messages


def record_failure(
    error: BaseException,
    settings: GenerateSettings | None = None,
    picture: dict[str, Any] | None = None,
) -> None:
    """Remember an error for the panel; a cancelled job is none."""
    global failure
    if isinstance(error, Cancelled):
        return
    if isinstance(error, BozzettoError):
        message, fix = error.message, error.fix
    else:
        message, fix = f"{type(error).__name__}: {error}", BozzettoError.default_fix
    report = format_report(error, settings)
    failure = Failure(error, message, fix, report, settings, picture)


def pump() -> float | None:
    """Blender's timer: a little work, then when to come back; None ends it."""
    queue = runtime.find_queue()
    if queue is None:
        return None
    try:
        matte_preview.step()
        _take_news(queue.step())
        _prepare_results()
        _insert_finished()
        _insert_later()
    except Exception as error:  # a timer has no caller: the panel and the console are told
        traceback.print_exc()
        _show_failure(error)
    otherwise = SHAPING if is_shaping() else ""
    status.show_progress(find_running(), count_waiting(), otherwise=otherwise)
    if requests or finished or later or _awaits_preview():
        redraw()
        return BUSY_INTERVAL
    # Without work the queue still has to notice a worker that is idle for long, or slow to leave.
    return IDLE_INTERVAL if queue.active else None


def find_running() -> Job | None:
    """The job that the worker is at."""
    return next((r.current for r in requests if r.current.state is JobState.RUNNING), None)


def count_waiting() -> int:
    """Jobs whose turn at the worker is still to come."""
    return sum(request.current.state is JobState.QUEUED for request in requests)


def is_shaping() -> bool:
    """Whether quads are being laid out."""
    return bool(later) or any(
        request.preparation is not None and request.preparation.shaping for request in requests
    )


def _awaits_preview() -> bool:
    return matte_preview.preview is not None and matte_preview.preview.waiting


def _take_news(jobs: list[Job]) -> None:
    for job in jobs:
        if matte_preview.take(job):
            redraw()
            continue
        request = next((r for r in requests if r.job is job), None)
        if request is None:  # cancelled, or a script's own
            continue
        if job.state is JobState.DONE:
            runtime.keep_result(job, request.picture, request.scene_uid)
            request.preparation = _start_preparation(request)
            if request.listener is not None:
                request.listener.computed(request)
        elif job.error is not None:
            requests.remove(request)
            _fail(request, job.error)
        redraw()


def _start_preparation(request: Request) -> Preparation:
    scene = find_scene(request.scene_uid) or bpy.context.scene
    shape = read_shape(request.insertion)
    return Preparation(request.job.id, shape, scene.unit_settings.scale_length)


def _prepare_results() -> None:
    """Shape and colour what the network has made, a step at a time."""
    for request in [request for request in requests if request.preparation is not None]:
        try:
            done = request.preparation.step()
        except BozzettoError as error:
            requests.remove(request)
            _fail(request, error)
            redraw()
            continue
        if done:
            requests.remove(request)
            finished.append(request)
            redraw()


def change_later(preparation: Preparation, properties: dict[str, Any]) -> None:
    """Insert it in place of an object's mesh when it is done; in the window only.

    properties: for `bozzetto.insert_result`; "replace" names the object. What was asked for the
    same result before is given up.
    """
    for other in [one for one in later if one.properties["job"] == properties["job"]]:
        other.preparation.cancel()
        later.remove(other)
    later.append(Later(preparation, properties, list_modal()))
    start_pump()


def _insert_later() -> None:
    for one in list(later):
        try:
            if not one.preparation.step() or find_obstacle(one.modal):
                continue
            later.remove(one)
            if find_target(one.properties["replace"]) is not None:  # else the artist removed it
                with override_context(find_window()):
                    call_insert_result(**one.properties)
        except BozzettoError as error:
            if one in later:
                later.remove(one)
            _show_failure(error)
        redraw()


def _fail(request: Request, error: BaseException) -> None:
    if request.listener is None:
        _show_failure(error, request.job.settings, request.picture)
    request.end(error=error)


def _show_failure(
    error: BaseException,
    settings: GenerateSettings | None = None,
    picture: dict[str, Any] | None = None,
) -> None:
    """Tell the panel, and the status bar for a while: the panel may be out of sight.

    Reports of operators that a timer calls reach the console only.
    """
    record_failure(error, settings, picture)
    if failure is not None:
        status.say(f"{failure.message} {failure.fix}")


def _insert_finished() -> None:
    while finished and find_obstacle(finished[0].modal) is None:
        insert_now(finished.pop(0))
        redraw()


def insert_now(request: Request) -> None:
    """Insert a waiting result: one undo step, with its redo panel."""
    window = find_window(find_scene(request.scene_uid))
    try:
        if request.listener is not None:
            request.listener.prepare(request)
        properties = {**request.insertion, "job": request.job.id}
        view_layer = window.view_layer if window else bpy.context.view_layer
        if request.selection != read_selection(view_layer):  # the artist has moved on
            properties |= {"select": False, "frame": False}
        with override_context(window):
            call_insert_result(**properties)
    except Exception as error:
        request.end(error=error)
        if request.listener is None:
            if not isinstance(error, BozzettoError):
                raise
            _show_failure(error, request.job.settings)
        elif not isinstance(error, BozzettoError):
            traceback.print_exc()
    else:
        request.end(item_uid=runtime.results.find_item(request.job.id))


def call_insert_result(**properties: Any) -> None:
    """Insert through the operator, as one undo step unless the caller's operator is one already.

    Raises BozzettoError: that of the operator, not its report's text.
    """
    forget_messages()
    try:
        bpy.ops.bozzetto.insert_result("EXEC_DEFAULT", True, **properties)
    except RuntimeError as error:
        if failure is not None and isinstance(failure.error, BozzettoError):
            raise failure.error from None
        raise InsertError(str(error).removeprefix("Error: ").strip()) from error


def pump_until(
    ended: Callable[[], bool],
    *,
    timeout: float | None = None,
    on_progress: Callable[[], None] | None = None,
) -> None:
    """For scripts that wait: pump until `ended()`; `on_progress` is called in between.

    Raises TimeoutError after `timeout` seconds, and InsertError when a result cannot go into the
    scene: it would wait for ever, as nothing else happens meanwhile. Jobs go on in both cases.
    """
    start = time.monotonic()
    while True:
        pump()
        if on_progress is not None:
            on_progress()
        if ended():
            return
        if finished and (obstacle := find_obstacle(finished[0].modal)):
            raise InsertError(f"A result cannot go into the scene yet: {obstacle.lower()}.")
        if timeout is not None and time.monotonic() - start > timeout:
            raise TimeoutError(f"The generation has not ended after {timeout:g} seconds.")
        time.sleep(SCRIPT_INTERVAL)
