"""Blender ends in the middle of a generation: quit, or killed, as the parameter `kill` says."""

import os
import signal

import artist


def steps(ui):
    yield from artist.prepare(ui, resolution="512")
    yield from ui.click_button(artist.GENERATE)
    yield from artist.wait_until_inside(ui)
    ui.record("worker", artist.worker_pid() is not None)
    if ui.parameters["kill"]:
        os.kill(os.getpid(), signal.SIGKILL)
