"""What would be cut out of a picture, as the panel shows it: asked for, awaited, drawn, forgotten.

Module state on purpose: there is one panel's preview, whichever window shows it. The preview is a
thumbnail beside the file's data (`thumbnails`), never a datablock.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ..inference.errors import BozzettoError, Cancelled
from ..inference.job import Job, JobState
from ..inference.settings import GenerateSettings
from ..inference.types import CutPreview
from . import runtime, thumbnails
from .picture import read_picture

ICON = "matte"
DEBOUNCE = 0.25
"""Seconds without a further change before the worker is asked: sliders change often."""
SQUARE = 10  # pixels of the checkerboard
_DARK, _LIGHT = 0.16, 0.24
_SHOWN_THROUGH = 0.25
"""Share of the picture's own colours that stays visible where nothing is taken."""


@dataclass
class Preview:
    """The preview that is shown, or on its way.

    picture: image datablock's session uid, or path. settings: what the cut is asked for with.
    job: running or None. cut: the last answer. error: what went wrong, None while all is well.
    changed: when the settings changed last (time.monotonic), None: the worker knows them.
    """

    picture: int | str
    settings: GenerateSettings
    job: Job | None = None
    cut: CutPreview | None = None
    error: BozzettoError | None = None
    changed: float | None = None

    @property
    def waiting(self) -> bool:
        """Whether an answer is to come."""
        return self.job is not None or self.changed is not None


preview: Preview | None = None
"""None: nothing is shown."""


def show(picture: bpy.types.Image | str, settings: GenerateSettings) -> Job:
    """Ask the worker for the cut of a picture; the answer comes by `take`.

    Raises PictureError, WorkerError: then nothing is shown.
    """
    global preview
    close()
    source, _ = read_picture(picture)
    job = runtime.get_queue().submit(source, runtime.apply_device(settings), task="cut")
    preview = Preview(_name(picture), settings, job)
    return job


def refresh(picture: bpy.types.Image | str | None, settings: GenerateSettings) -> bool:
    """Note that picture or settings may have changed; whether a new answer will come.

    Another picture ends the preview; other settings have the worker asked again by `step`.
    """
    if preview is None:
        return False
    if picture is None or _name(picture) != preview.picture:
        close()
        return False
    if _read_choice(settings) == _read_choice(preview.settings):
        return False
    _cancel()
    preview.settings, preview.changed = settings, time.monotonic()
    return True


def step() -> None:
    """Ask the worker once the settings have not changed for a while."""
    if preview is None or preview.changed is None:
        return
    if time.monotonic() - preview.changed < DEBOUNCE:
        return
    preview.changed = None
    picture = _find_picture(preview.picture)
    if picture is None:  # deleted meanwhile
        close()
        return
    try:
        source, _ = read_picture(picture)
        settings = runtime.apply_device(preview.settings)
        preview.job = runtime.get_queue().submit(source, settings, task="cut")
    except BozzettoError as error:
        preview.error = error


def take(job: Job) -> bool:
    """A job has ended: note its answer. Whether it was the preview's."""
    if job.task != "cut":
        return False
    if preview is None or preview.job is not job:
        return True  # an older one
    preview.job, preview.error = None, None
    if job.state is JobState.DONE:
        preview.cut = job.cut
        thumbnails.show_pixels(ICON, draw_cut(job.cut.rgba))
    elif not isinstance(job.error, Cancelled):
        preview.error = job.error
        preview.cut = None
        thumbnails.forget(ICON)
    return True


def find_icon() -> int:
    """Icon number of what is shown; 0: nothing yet, or there is no window."""
    if preview is None or preview.cut is None:
        return 0
    if not thumbnails.has(ICON):  # it had to go for others
        return thumbnails.show_pixels(ICON, draw_cut(preview.cut.rgba))
    return thumbnails.find_icon(ICON)


def shows(picture: bpy.types.Image | str | None) -> bool:
    """Whether the preview, or its error, is of that picture."""
    return preview is not None and picture is not None and preview.picture == _name(picture)


def close() -> None:
    """Show nothing any more; a question that is under way is cancelled."""
    global preview
    _cancel()
    preview = None
    thumbnails.forget(ICON)


def draw_cut(rgba: np.ndarray) -> np.ndarray:
    """What is taken in full colour, the rest dimmed on a checkerboard.

    rgba: uint8 [h, w, 4], alpha: what is taken. Returns uint8 [h, w, 4], opaque.
    """
    height, width = rgba.shape[:2]
    rows, columns = np.arange(height) // SQUARE, np.arange(width) // SQUARE
    board = np.where((rows[:, None] + columns) % 2, _LIGHT, _DARK).astype(np.float32)[..., None]
    colours = rgba[..., :3].astype(np.float32) / 255
    taken = rgba[..., 3:].astype(np.float32) / 255
    rest = _SHOWN_THROUGH * colours + (1 - _SHOWN_THROUGH) * board
    shown = np.full((height, width, 4), 255, np.uint8)
    shown[..., :3] = np.rint((taken * colours + (1 - taken) * rest) * 255)
    return shown


def _cancel() -> None:
    queue = runtime.find_queue()
    if preview is not None and preview.job is not None:
        if queue is not None:
            queue.cancel(preview.job)
        preview.job = None


def _name(picture: bpy.types.Image | str) -> int | str:
    return picture if isinstance(picture, str) else picture.session_uid


def _find_picture(name: int | str) -> bpy.types.Image | str | None:
    if isinstance(name, str):
        return name
    return next((image for image in bpy.data.images if image.session_uid == name), None)


def _read_choice(settings: GenerateSettings) -> tuple[Any, ...]:
    point = settings.point if settings.subject == "point" else None
    return settings.background, settings.subject, point
