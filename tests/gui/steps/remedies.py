"""The worker's faults from the window, each mended by the button below its message."""

import dataclasses
import os
import signal
from pathlib import Path

import artist
import bpy

FIX = "bpy.ops.bozzetto.apply_fix("


def steps(ui):
    yield from artist.prepare(ui, resolution="64")
    before = artist.describe_scene()
    ui.record("before", before)
    yield from use_bundled_weights(ui)
    yield from lose_bundled_weights(ui)
    yield from run_out_of_memory(ui)
    yield from hang(ui)
    yield from find_no_object(ui)
    yield from release_when_idle(ui)
    yield from lose_the_runtime(ui)


def failure():
    return artist.part("operators.jobs").failure


def generate_until_it_fails(ui, name):
    """Click Generate and photograph the message; its kind, words and buttons become facts."""
    known = artist.describe_scene()
    yield from ui.click_button(artist.GENERATE)
    yield from ui.wait(lambda: failure() is not None, 120)
    yield from tell_failure(ui, name, known)


def tell_failure(ui, name, known):
    yield 0.5
    yield from ui.rest_pointer()
    yield from ui.shot(name)
    found = failure()
    remedies = artist.part("operators.remedies").find_remedies(found.error, found.settings)
    ui.record(
        name,
        {
            "kind": found.error.kind,
            "message": found.message,
            "fix": found.fix,
            "buttons": [r.properties.get("fix", r.operator) for r in remedies],
            "scene_unchanged": artist.describe_scene() == known,
        },
    )


def click_fix(ui, fix, name):
    """Click the button and wait for the object; the fact is whether it came."""
    known = artist.describe_scene()
    yield from ui.click_button(f"{FIX}fix='{fix}'")
    yield from ui.wait(lambda: artist.new_objects(known) or failure(), 180)
    yield 0.5
    ui.record(f"{name}_mended", [len(artist.new_objects(known)), failure() is None])


def use_bundled_weights(ui):
    """A checkpoint that is gone."""
    group = bpy.context.scene.bozzetto
    group.checkpoint = "/nowhere/gone.safetensors"
    yield from generate_until_it_fails(ui, "checkpoint_gone")
    yield from click_fix(ui, "BUNDLED", "checkpoint_gone")
    ui.record("checkpoint_after", group.checkpoint)


def lose_bundled_weights(ui):
    """The extension's own file is damaged, then put back."""
    artist.part("scene.runtime").release()
    shelf = artist.part("inference.store.shelf")
    path = next(item.path for item in shelf.list_bundled() if item.engine == "imnet")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"\0")
    yield from generate_until_it_fails(ui, "weights_damaged")
    path.write_bytes(whole)
    known = artist.describe_scene()
    yield from ui.click_button(artist.GENERATE)
    yield from ui.wait(lambda: artist.new_objects(known), 120)
    ui.record("weights_damaged_mended", [len(artist.new_objects(known)), failure() is None])


def run_out_of_memory(ui):
    """More detail than the memory limit allows; the button takes less."""
    preferences = artist.part("scene.runtime").find_preferences()
    preferences.memory_limit = 0.55
    bpy.context.scene.bozzetto.resolution = "256"
    yield from generate_until_it_fails(ui, "out_of_memory")
    yield from click_fix(ui, "LOWER_DETAIL", "out_of_memory")
    ui.record("detail_after", bpy.context.scene.bozzetto.resolution)
    preferences.memory_limit = 0.0


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
    """A picture of nothing; the button makes the artist point."""
    group = bpy.context.scene.bozzetto
    picture = bpy.data.images.new("nothing", 64, 64)
    picture.generated_color = (0.5, 0.5, 0.5, 1.0)
    kept, group.image = group.image, picture
    yield from generate_until_it_fails(ui, "no_object")
    yield from ui.click_button(f"{FIX}fix='POINT'")
    ui.record("subject_after", group.subject)
    group.image, group.subject = kept, "automatic"
    bpy.data.images.remove(picture)


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
