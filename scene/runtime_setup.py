"""The task that works on this Blender's runtime: set-up, check or removal. No window needed.

Module state on purpose, as in runtime.py: there is one runtime, whoever asks.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import bpy

from ..inference.errors import BozzettoError, Cancelled, RuntimeSetUpError
from ..inference.runtime.builds import find_fingerprint
from ..inference.runtime.folder import RuntimeFolder, State, Status
from ..inference.runtime.set_up import ONLINE_FIX, SetUp
from ..inference.runtime.tasks import Check, Progress, Removal, Task
from . import runtime
from .error_report import format_report
from .private_paths import hide_paths

failure: BozzettoError | None = None
"""Why the last task failed, until the next begins."""
message = ""
"""How the last task ended, for the artist."""
_task: Task | None = None
_LOG_LINES = 60  # of the log's end go into a report


def get_folder() -> RuntimeFolder:
    """Where this extension's runtime lives. Raises RuntimeSetUpError outside an extension."""
    folder = runtime.find_runtime_folder()
    if folder is None:
        raise RuntimeSetUpError(
            "Only an installed extension has a Python of its own.",
            f"Install the zip, or name a Python in {runtime.VARIABLE}.",
        )
    return folder


def find_status() -> Status:
    """What is there now; nothing is started for it."""
    folder = runtime.find_runtime_folder()
    return Status(State.MISSING) if folder is None else folder.find_status(find_fingerprint())


def find_task() -> Task | None:
    """The task that runs, if one does."""
    return _task


def find_obstacle(*, online: bool = False) -> str:
    """Why no task can begin, as words for a button; empty: it can. online: whether it downloads."""
    if _task is not None:
        return "It is being worked on already"
    queue = runtime.find_queue()
    if queue is not None and queue.busy:
        return "Wait until the generation is done, or cancel it"
    if runtime.find_runtime_folder() is None:
        return "Only an installed extension has a Python of its own"
    if online and not bpy.app.online_access:
        return "The libraries must be downloaded. " + ONLINE_FIX.rstrip(".")
    return ""


def make_set_up(*, python: str = "", torch: str = "") -> SetUp:
    """A set-up as the preferences say, unless told otherwise. Raises RuntimeSetUpError."""
    preferences = runtime.find_preferences()
    if preferences is not None:
        python = python or preferences.base_python
        torch = torch or preferences.torch_build
    return SetUp(
        get_folder(),
        online=bpy.app.online_access,
        python=Path(bpy.path.abspath(python)) if python else None,
        torch=torch or "automatic",
    )


def make_check() -> Check:
    """A check of the runtime. Raises RuntimeSetUpError outside an extension."""
    return Check(get_folder(), find_fingerprint())


def make_removal() -> Removal:
    """The removal of the runtime. Raises RuntimeSetUpError outside an extension."""
    return Removal(get_folder())


def start(task: Task) -> None:
    """Begin a task; the worker gives the files back first. Raises BozzettoError."""
    global _task, failure, message
    failure, message = None, ""
    if reason := find_obstacle():
        raise RuntimeSetUpError(f"{reason}.", "Try again then.")
    runtime.release()
    try:
        task.start()
    except BozzettoError as error:
        failure = error
        raise
    _task = task


def collect() -> bool:
    """Take note of a task's end; whether there was one."""
    global _task, failure, message
    if _task is None or not _task.done:
        return False
    task, _task = _task, None
    error = task.error
    if error is None:
        message = _describe_end(task)
    elif isinstance(error, Cancelled):
        message = "Cancelled; nothing was changed."
    elif isinstance(error, BozzettoError):
        failure = error
    else:
        failure = RuntimeSetUpError(f"{type(error).__name__}: {error}")
        failure.__cause__ = error
    return True


def _describe_end(task: Task) -> str:
    if isinstance(task, Removal):
        return "Removed."
    record = task.folder.find_status(find_fingerprint()).record
    notes = " ".join(task.notes) if isinstance(task, SetUp) else ""
    return f"Ready: {describe_record(record)}. {notes}".strip()


def describe_record(record: dict) -> str:
    """Python, torch, device and size of a runtime, as one line."""
    words = [f"Python {record.get('python', '?')}"]
    if "torch" in record:
        words.append(f"torch {record['torch']}")
        device = record.get("device_name") or record["device"]
        words.append(f"device {device}")
    words.append(f"{record.get('size', 0) / 1e9:.1f} GB")
    return ", ".join(words)


def run(task: Task, on_progress: Callable[[Progress], None] | None = None) -> str:
    """Do a task and wait; how it ended. Raises BozzettoError, Cancelled among them."""
    start(task)
    try:
        task.wait(on_progress)
    except BaseException as error:
        task.close()
        collect()
        if failure is not None and not isinstance(error, KeyboardInterrupt):
            raise failure from error
        raise
    collect()
    return message


def cancel() -> bool:
    """End the running task at once; whether there was one."""
    if _task is None:
        return False
    _task.cancel()
    return True


def close() -> None:
    """End the running task, wait until it has tidied up, and forget everything."""
    global _task, failure, message
    task, _task = _task, None
    failure, message = None, ""
    if task is not None:
        task.close()


def make_report() -> str:
    """Versions, state, the last error and the log's end, as text to paste."""
    status = find_status()
    error = failure or RuntimeSetUpError(
        f"State: {status.state.value}. {status.reason}".strip(), "None needed."
    )
    lines = [format_report(error), f"Runtime: {status.state.value} {status.record}"]
    folder = runtime.find_runtime_folder()
    if folder is not None and folder.log.is_file():
        log = folder.log.read_text(encoding="utf-8", errors="replace").splitlines()
        lines += ["", f"End of {folder.log}:", *log[-_LOG_LINES:]]
    return hide_paths("\n".join(lines))
