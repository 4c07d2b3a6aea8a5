"""Jobs in the window: who asked, how they are pumped, when their result may go into the scene.

Requests hold names and session uids, never references to Blender's data: undo, file load and
deletion may happen at any time.
"""

from __future__ import annotations

import contextlib
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import bpy

from ..inference.errors import BozzettoError, Cancelled, InsertError
from ..inference.jobs import Job, JobState
from ..inference.settings import GenerateSettings
from ..inference.types import Source
from ..scene import matte_preview, runtime
from ..scene.deliver import find_scene
from ..scene.error_report import format_report
from . import status

BUSY_INTERVAL = 0.1
IDLE_INTERVAL = 1.0
SCRIPT_INTERVAL = 0.02


class Listener(Protocol):
    """Who asks for several jobs, and shows by himself what comes of them."""

    def computed(self, request: Request) -> None:
        """Called when the worker is done with it; the result waits for its insertion."""

    def prepare(self, request: Request) -> None:
        """Called before the insertion; may complete its properties."""

    def ended(self, request: Request) -> None:
        """Called when the request is at its end: item_uid or error is set."""


@dataclass(eq=False)
class Request:
    """One job of the window and what its insertion needs to know.

    selection: what was selected and active at the click. modal: operators that ran then and
    therefore are no drag. insertion: properties for `bozzetto.insert_result`. listener: is told
    instead of the panel. At the end one of these is set: item_uid, session uid of the inserted
    object; or error, Cancelled included.
    """

    job: Job
    picture: dict[str, Any]
    scene_uid: int
    selection: tuple[frozenset[int], int]
    modal: frozenset[str]
    insertion: dict[str, Any] = field(default_factory=dict)
    listener: Listener | None = None
    item_uid: int = 0
    error: BaseException | None = None

    def end(self, *, item_uid: int = 0, error: BaseException | None = None) -> None:
        """Set what came of it, and tell the listener."""
        self.item_uid, self.error = item_uid, error
        if self.listener is not None:
            self.listener.ended(self)


@dataclass(frozen=True)
class Failure:
    """The last error, for the panel. report: text to copy.

    settings, picture: of the generation that failed, where it was one.
    """

    error: BaseException
    message: str
    fix: str
    report: str
    settings: GenerateSettings | None = None
    picture: dict[str, Any] | None = None


requests: list[Request] = []
"""Running and queued jobs, oldest first."""
finished: list[Request] = []
"""Jobs whose result waits to be inserted."""
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
    job = runtime.get_queue().submit(source, runtime.apply_device(settings))
    modal = frozenset(operator.bl_idname for operator in _running_operators())
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
    return len(asked)


def cancel(request: Request) -> None:
    """Cancel one job, or drop its result that waits; nothing happens when it is at its end."""
    if request not in requests and request not in finished:
        return
    queue = runtime.find_queue()
    if queue is not None:
        queue.cancel(request.job)
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
        _insert_finished()
    except Exception as error:  # a timer has no caller: the panel and the console are told
        traceback.print_exc()
        _show_failure(error)
    status.show_progress(find_running(), len(requests) - 1)
    if requests or finished or _awaits_preview():
        redraw()
        return BUSY_INTERVAL
    # Without work the queue still has to notice a worker that is idle for long, or slow to leave.
    return IDLE_INTERVAL if queue.active else None


def find_running() -> Job | None:
    """The job that the worker is at."""
    return next((r.job for r in requests if r.job.state is JobState.RUNNING), None)


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
        requests.remove(request)
        if job.state is JobState.DONE:
            runtime.keep_result(job, request.picture, request.scene_uid)
            finished.append(request)
            if request.listener is not None:
                request.listener.computed(request)
        elif job.error is not None:
            if request.listener is None:
                _show_failure(job.error, job.settings, request.picture)
            request.end(error=job.error)
        redraw()


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
    while finished and find_obstacle(finished[0]) is None:
        insert_now(finished.pop(0))
        redraw()


def insert_now(request: Request) -> None:
    """Insert a waiting result: one undo step, with its redo panel."""
    window = _find_window(find_scene(request.scene_uid))
    try:
        if request.listener is not None:
            request.listener.prepare(request)
        properties = {**request.insertion, "job": request.job.id}
        view_layer = window.view_layer if window else bpy.context.view_layer
        if request.selection != read_selection(view_layer):  # the artist has moved on
            properties |= {"select": False, "frame": False}
        with _override(window):
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
        if finished and (obstacle := find_obstacle(finished[0])):
            raise InsertError(f"A result cannot go into the scene yet: {obstacle.lower()}.")
        if timeout is not None and time.monotonic() - start > timeout:
            raise TimeoutError(f"The generation has not ended after {timeout:g} seconds.")
        time.sleep(SCRIPT_INTERVAL)


def find_obstacle(request: Request) -> str | None:
    """Why a result cannot go into the scene now, as words for the panel; None: it can."""
    if bpy.app.is_job_running("RENDER"):
        return "Inserted when the render is done"
    for window in bpy.context.window_manager.windows:
        active = window.view_layer.objects.active
        if active is not None and active.mode != "OBJECT":
            return "Inserted when you are back in Object Mode"
    if any(operator.bl_idname not in request.modal for operator in _running_operators()):
        return "Inserted when the running tool is done"
    return None


def read_selection(view_layer: bpy.types.ViewLayer) -> tuple[frozenset[int], int]:
    """Session uids of the selected objects, and of the active one (0: none)."""
    selected = frozenset(item.session_uid for item in view_layer.objects.selected)
    active = view_layer.objects.active
    return selected, active.session_uid if active else 0


def _running_operators() -> list[bpy.types.Operator]:
    windows = bpy.context.window_manager.windows
    return [operator for window in windows for operator in window.modal_operators]


def _find_window(scene: bpy.types.Scene | None = None) -> bpy.types.Window | None:
    windows = list(bpy.context.window_manager.windows)
    return next((window for window in windows if window.scene == scene), (windows or [None])[0])


def _override(window: bpy.types.Window | None) -> Any:
    """The context of a click into the window's 3D view, so that undo and redo panel work."""
    if window is None:  # some background sessions have none
        return contextlib.nullcontext()
    if bpy.app.background:  # its areas were never drawn; Blender crashes when one is the context
        return bpy.context.temp_override(window=window)
    areas = sorted(window.screen.areas, key=lambda area: area.type != "VIEW_3D")
    region = next(region for region in areas[0].regions if region.type == "WINDOW")
    return bpy.context.temp_override(window=window, area=areas[0], region=region)


def redraw() -> None:
    """Draw the sidebars again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type in ("VIEW_3D", "IMAGE_EDITOR"):
                for region in area.regions:
                    if region.type == "UI":
                        region.tag_redraw()
