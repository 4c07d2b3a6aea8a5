"""Blender's status bar, for whoever does not look at the panel: what runs, and what came of it."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface_

from ..inference.job import Job

SECONDS = 10.0
"""How long something that was said stays."""

_said = ""
_progress = ""
_shown = ""
_spoken_in: set[str] = set()  # names of workspaces, which have a text of their own


def say(text: str) -> None:
    """Show something for a while, whatever else goes on."""
    global _said
    close_words()
    _said = f"Bozzetto: {text}"
    _show()
    bpy.app.timers.register(_be_silent, first_interval=SECONDS)


def show_progress(job: Job | None, waiting: int = 0, *, otherwise: str = "") -> None:
    """Show how far a job is, unless something was just said; None: no job runs any more.

    waiting: jobs behind it. otherwise: what goes on where no job runs. Costs nothing while the
    words stay the same.
    """
    global _progress
    words = []
    if job is not None:
        words = ["Bozzetto", f"{job.fraction:.0%}", describe_progress(job)]
        if waiting:
            words.append(iface_("{count} waiting").format(count=waiting))
    elif otherwise:
        words = ["Bozzetto", iface_(otherwise)]
    _progress = "   ".join(words)
    _show()


def close_words() -> None:
    """Forget what was said."""
    if bpy.app.timers.is_registered(_be_silent):
        bpy.app.timers.unregister(_be_silent)
    _be_silent()


def close() -> None:
    """Give the status bar back to Blender."""
    show_progress(None)
    close_words()


def describe_progress(job: Job) -> str:
    """What a job is doing and about how long it still takes."""
    left, message = job.seconds_left, iface_(job.message)
    if left is None:
        return message
    unit = f"{left / 60:.0f} min" if left >= 90 else f"{max(left, 1):.0f} s"
    return iface_("{message}: {time} left").format(message=message, time=unit)


def _be_silent() -> None:
    global _said
    _said = ""
    _show()


def _show() -> None:
    global _shown
    text = _said or _progress
    if text == _shown or bpy.app.background:
        return
    _shown = text
    spoken, manager = set(_spoken_in), bpy.context.window_manager
    _spoken_in.clear()
    for window in manager.windows:
        if text:
            _spoken_in.add(window.workspace.name)
            _set_text(window, window.workspace, text)
    for name in spoken - _spoken_in:  # the artist has gone to another workspace meanwhile
        if (workspace := bpy.data.workspaces.get(name)) is not None:
            _set_text(manager.windows[0], workspace, None)


def _set_text(window: bpy.types.Window, workspace: bpy.types.WorkSpace, text: str | None) -> None:
    with bpy.context.temp_override(window=window, workspace=workspace):
        workspace.status_text_set(text)
