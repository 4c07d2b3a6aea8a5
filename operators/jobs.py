"""Jobs in the window: who asked, how they are pumped, when their result may go into the scene.

Requests hold names and session uids, never references to Blender's data: undo, file load and
deletion may happen at any time.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from typing import Any

import bpy

from ..inference.errors import BozzettoError, Cancelled, InsertError
from ..inference.jobs import Job, JobState
from ..inference.settings import GenerateSettings
from ..inference.types import Source
from ..scene import matte_preview, runtime
from ..scene.deliver import find_scene
from ..scene.error_report import format_report

BUSY_INTERVAL = 0.1
IDLE_INTERVAL = 1.0
STATUS_SECONDS = 10.0


@dataclass
class Request:
    """One job of the window and what its insertion needs to know.

    selection: what was selected and active at the click. modal: operators that ran then and
    therefore are no drag. insertion: properties for `bozzetto.insert_result`.
    """

    job: Job
    picture: dict[str, Any]
    scene_uid: int
    selection: tuple[frozenset[int], int]
    modal: frozenset[str]
    insertion: dict[str, Any] = field(default_factory=dict)


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
    job = runtime.get_queue().submit(source, runtime.apply_device(settings))
    modal = frozenset(operator.bl_idname for operator in _running_operators())
    requests.append(
        Request(
            job,
            picture,
            context.scene.session_uid,
            read_selection(context.view_layer),
            modal,
            insertion,
        )
    )
    start_pump()
    return job


def start_pump() -> None:
    """See to it that the queue is pumped as long as there are jobs or a worker."""
    if not bpy.app.background and not bpy.app.timers.is_registered(pump):
        bpy.app.timers.register(pump, first_interval=0.0, persistent=True)


def cancel_all() -> int:
    """Cancel every job and drop results that wait; how many there were."""
    queue, count = runtime.find_queue(), len(requests) + len(finished)
    finished.clear()
    for request in requests:
        if queue is not None:
            queue.cancel(request.job)
    requests.clear()
    redraw()
    return count


def stop() -> None:
    """Cancel everything, stop the timer and the worker, forget what was kept."""
    cancel_all()
    forget_messages()
    matte_preview.close()
    if bpy.app.timers.is_registered(clear_status):
        bpy.app.timers.unregister(clear_status)
        clear_status()
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
    if requests or finished or _awaits_preview():
        redraw()
        return BUSY_INTERVAL
    # Without work the queue still has to notice a worker that is idle for long, or slow to leave.
    return IDLE_INTERVAL if queue.active else None


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
        elif job.error is not None:
            _show_failure(job.error, job.settings, request.picture)
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
    if failure is None:
        return
    _set_status(f"Bozzetto: {failure.message} {failure.fix}")
    if bpy.app.timers.is_registered(clear_status):
        bpy.app.timers.unregister(clear_status)
    bpy.app.timers.register(clear_status, first_interval=STATUS_SECONDS)


def clear_status() -> None:
    """Give the status bar back to Blender."""
    _set_status(None)


def _set_status(text: str | None) -> None:
    for window in bpy.context.window_manager.windows:
        with bpy.context.temp_override(window=window):
            window.workspace.status_text_set(text)


def _insert_finished() -> None:
    while finished and find_obstacle(finished[0]) is None:
        insert_now(finished.pop(0))
        redraw()


def insert_now(request: Request) -> None:
    """Insert a waiting result: one undo step, with its redo panel."""
    window = _find_window(find_scene(request.scene_uid))
    properties = {**request.insertion, "job": request.job.id}
    if request.selection != read_selection(window.view_layer):  # the artist has moved on
        properties |= {"select": False, "frame": False}
    try:
        with _override(window):
            call_insert_result(**properties)
    except BozzettoError as error:
        _show_failure(error, request.job.settings)


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


def _find_window(scene: bpy.types.Scene | None = None) -> bpy.types.Window:
    windows = bpy.context.window_manager.windows
    return next((window for window in windows if window.scene == scene), windows[0])


def _override(window: bpy.types.Window) -> Any:
    """The context of a click into the window's 3D view, so that undo and redo panel work."""
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
