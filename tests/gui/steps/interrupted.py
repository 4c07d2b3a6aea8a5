"""Cancel clicked half-way, then the worker killed half-way; each time Generate works again."""

import os
import signal
import time

import artist
import bpy


def steps(ui):
    yield from artist.prepare(ui, resolution="512")
    before = artist.describe_scene()
    ui.record("before", before)
    yield from start(ui)
    yield from ui.find_button(artist.CANCEL, near=artist.GENERATE)
    yield from ui.shot("before_cancel")
    ui.record("busy_before_cancel", artist.current_job() is not None)
    clicked = time.monotonic()
    yield from ui.press_button()
    yield from ui.wait(lambda: not artist.is_busy(), 5)
    ui.record("seconds_to_cancel", round(time.monotonic() - clicked, 2))
    yield 2.0
    ui.record("after_cancel", artist.describe_scene())
    yield from ui.rest_pointer()
    yield from ui.shot("cancelled")

    yield from start(ui)
    os.kill(artist.worker_pid(), signal.SIGKILL)
    ended = yield from ui.wait(lambda: not artist.is_busy(), 10)
    ui.record("crash_noticed", ended)
    ui.record("failure", artist.part("operators.jobs").failure.message)
    ui.record("after_crash", artist.describe_scene())
    yield 0.5
    yield from ui.rest_pointer()
    yield from ui.shot("crashed")

    bpy.context.scene.bozzetto.resolution = "64"
    yield from ui.click_button(artist.GENERATE)
    yield from ui.wait(lambda: artist.new_objects(before), 120)
    ui.record("objects_at_last", len(artist.new_objects(before)))
    ui.record("failure_forgotten", artist.part("operators.jobs").failure is None)


def start(ui):
    """Click Generate and wait until the worker is in the middle of it."""
    yield from ui.click_button(artist.GENERATE)
    yield from artist.wait_until_inside(ui)
