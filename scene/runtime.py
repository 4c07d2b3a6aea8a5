"""The one job queue of this Blender, and where its worker's Python is.

Module state on purpose: a process has one worker, whichever window, operator or script asks.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import bpy

from ..inference.client import WorkerClient
from ..inference.errors import RuntimeDamagedError, RuntimeMissingError
from ..inference.job import Job
from ..inference.jobs import JobQueue
from ..inference.runtime.builds import find_fingerprint
from ..inference.runtime.folder import RuntimeFolder, State
from ..inference.settings import AUTOMATIC, GenerateSettings
from ..inference.types import BaseMesh, CoatRequest, PackedCoating, Source
from . import shelves
from .results import Result, ResultStore
from .topology import finished

PACKAGE = __package__.rpartition(".")[0]
"""Name of the extension in this Blender, such as bl_ext.user_default.bozzetto."""
VARIABLE = "BOZZETTO_WORKER_PYTHON"

results = ResultStore()
worker_boot: Path | None = None
"""Script that the worker runs instead of its own; for tests."""
_queue: JobQueue | None = None
_folder: RuntimeFolder | None = None


def find_preferences() -> bpy.types.AddonPreferences | None:
    """The extension's preferences; None when it was registered without being enabled."""
    addon = bpy.context.preferences.addons.get(PACKAGE)
    return addon.preferences if addon else None


def find_worker_python() -> Path:
    """The interpreter that has torch: preference, environment variable, then own runtime.

    Raises RuntimeMissingError or RuntimeDamagedError: what was looked for and how to set it.
    """
    preferences = find_preferences()
    chosen = preferences.worker_python if preferences else ""
    if chosen:
        path, origin = Path(bpy.path.abspath(chosen)), "the extension's preferences name"
    elif named := os.environ.get(VARIABLE):
        path, origin = Path(named), f"the environment variable {VARIABLE} names"
    else:
        return _find_own_python()
    if not path.is_file():
        raise RuntimeMissingError(
            f"{origin[0].upper()}{origin[1:]} {str(path)!r}, which is not there.",
            "Name the Python of an environment with torch in the extension's preferences.",
        )
    return path


def _find_own_python() -> Path:
    """The interpreter of the extension's own runtime. Raises as find_worker_python."""
    folder = find_runtime_folder()
    status = folder.find_status(find_fingerprint()) if folder else None
    if status is None or status.state is State.MISSING:
        raise RuntimeMissingError("The Python that runs the network is not set up.")
    if status.state is State.DAMAGED:
        raise RuntimeDamagedError(f"The Python that runs the network is damaged. {status.reason}")
    return status.python


def is_named_by_variable() -> bool:
    """Whether the environment names the interpreter."""
    return bool(os.environ.get(VARIABLE))


def is_named_by_hand() -> bool:
    """Whether the interpreter is named elsewhere, so that a runtime of ours would not help."""
    preferences = find_preferences()
    return bool(preferences and preferences.worker_python) or is_named_by_variable()


def find_runtime_folder() -> RuntimeFolder | None:
    """Where the extension's own runtime lives; None outside an extension."""
    global _folder
    if _folder is None and PACKAGE.startswith("bl_ext."):
        _folder = RuntimeFolder(Path(bpy.utils.extension_path_user(PACKAGE, path="runtime")))
    return _folder


def get_queue() -> JobQueue:
    """The queue, made on first use; its idle time follows the preferences."""
    global _queue
    if _queue is None:
        _queue = JobQueue(_make_client)
    apply_preferences()
    return _queue


def apply_preferences() -> None:
    """The queue follows the preferences, also those that are changed while a worker is warm."""
    preferences = find_preferences()
    if preferences is not None and _queue is not None:
        minutes = preferences.idle_minutes
        _queue.limits = replace(_queue.limits, idle=minutes * 60.0 if minutes else None)
        _queue.memory_limit = round(preferences.memory_limit * 1e9)


def find_queue() -> JobQueue | None:
    """The queue, if there is one already."""
    return _queue


def _make_client() -> WorkerClient:
    environment = shelves.describe_environment()
    return WorkerClient(find_worker_python(), boot=worker_boot, environment=environment)


def apply_device(settings: GenerateSettings) -> GenerateSettings:
    """The settings, on the device that the preferences name when the settings name none."""
    preferences = find_preferences()
    if preferences is None or settings.device != AUTOMATIC or not preferences.device:
        return settings
    return settings.changed(device=preferences.device)


def generate(
    source: Source,
    settings: GenerateSettings,
    *,
    on_progress: Callable[[Job], None] | None = None,
    picture: dict | None = None,
    scene: bpy.types.Scene | None = None,
) -> tuple[int, BaseMesh]:
    """Generate and wait; the job's number (its result is kept under it) and the mesh.

    Raises BozzettoError; Blender's data is not touched.
    """
    shelves.require_weights(settings)
    queue = get_queue()
    job = queue.submit(source, apply_device(settings))
    mesh = queue.wait(job, on_progress=on_progress or progress_listener)
    keep_result(job, picture or {}, scene.session_uid if scene else 0)
    return job.id, mesh


def keep_result(job: Job, picture: dict, scene_uid: int) -> None:
    """Keep a finished job's mesh for insertion and for the redo panel."""
    results.keep(job.id, Result(job.mesh, job.settings, picture, scene_uid))


def coat(request: CoatRequest, settings: GenerateSettings) -> PackedCoating:
    """Unwrap and colour a mesh and wait for it. Raises BozzettoError.

    While the queue is busy, as it may be when the redo panel asks, a worker of its own does it.
    """
    queue, settings = get_queue(), apply_device(settings)
    if not queue.busy:
        job = queue.submit_coat(request, settings)
        return queue.wait(job, on_progress=progress_listener)
    with JobQueue(_make_client) as other:
        return other.wait(other.submit_coat(request, settings))


def release() -> None:
    """Give the worker's memory back."""
    if _queue is not None:
        _queue.release()


def close() -> None:
    """Stop all jobs and the worker, and forget kept meshes; the next generation starts afresh."""
    global _queue
    queue, _queue = _queue, None
    results.clear()
    finished.forget_all()
    if queue is not None:
        queue.close()


progress_listener: Callable[[Job], None] | None = None
"""Who hears of progress while an operator waits in background; the command line sets it."""
