"""The worker hangs, sees nothing, is idle, has no Python; each with its button or its end."""

import dataclasses
import os
import signal
from pathlib import Path

import artist
import bpy
from remedies import click_fix, failure, generate_until_it_fails, tell_failure


def steps(ui):
    yield from artist.prepare(ui, resolution="64")
    yield from hang(ui)
    yield from find_no_object(ui)
    yield from release_when_idle(ui)
    yield from lose_the_runtime(ui)


def hang(ui):
    """A worker that stops answering in the middle."""
    bpy.context.scene.bozzetto.resolution = "512"
    known = artist.describe_scene()
    yield from ui.click_button(artist.GENERATE)
    yield from artist.wait_until_inside(ui)
    queue = artist.part("scene.runtime").find_queue()
    queue.limits = dataclasses.replace(queue.limits, silence=3.0)
    os.kill(artist.worker_pid(), signal.SIGSTOP)
    yield from ui.wait(lambda: failure() is not None, 60)
    yield from tell_failure(ui, "hung", known)
    queue.limits = dataclasses.replace(queue.limits, silence=60.0)
    bpy.context.scene.bozzetto.resolution = "64"
    yield from click_fix(ui, "AGAIN", "hung")


def find_no_object(ui):
    """The artist points beside the object; the button takes whatever there is."""
    group = bpy.context.scene.bozzetto
    group.subject, group.point = "point", (0.01, 0.01)
    yield from generate_until_it_fails(ui, "no_object")
    yield from click_fix(ui, "ANY_OBJECT", "no_object")
    ui.record("subject_after", group.subject)


def release_when_idle(ui):
    """The preferences' minutes, changed while the worker is warm; Blender's own timer does it."""
    pid = artist.worker_pid()
    ui.record("warm", pid is not None)
    preferences = artist.part("scene.runtime").find_preferences()
    preferences.idle_minutes = 0.03
    gone = yield from ui.wait(lambda: artist.worker_pid() is None, 30)
    yield from ui.wait(lambda: not Path(f"/proc/{pid}").exists(), 10)
    ui.record("released_when_idle", gone and not Path(f"/proc/{pid}").exists())


def lose_the_runtime(ui):
    """No Python: the panel offers the way to it."""
    os.environ.pop("BOZZETTO_WORKER_PYTHON")
    ui.area("VIEW_3D").tag_redraw()
    yield 0.5
    yield from ui.rest_pointer()
    yield from ui.shot("no_runtime")
    ui.record("generate_greyed", not bpy.ops.bozzetto.generate.poll())
    yield from ui.click_button("bpy.ops.screen.userpref_show(")
    yield from ui.wait(lambda: len(bpy.context.window_manager.windows) > 1, 10)
    yield 1.0
    yield from ui.shot("system_preferences")
    ui.record("section", bpy.context.preferences.active_section)
    ui.record("windows", len(bpy.context.window_manager.windows))
