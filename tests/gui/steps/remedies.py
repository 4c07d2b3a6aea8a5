"""What is missing: weights, memory; each mended by the button below its message."""

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
    yield from duplicate_the_result(ui)


def duplicate_the_result(ui):
    """What Blender itself needs to show such a mesh: to compare with the gap of an insertion."""
    idle = ui.start_heartbeat()
    yield 3.0
    ui.record("gap_when_idle", round(idle.stop(), 3))
    ui.record("faces_duplicated", len(bpy.context.view_layer.objects.active.data.polygons))
    heartbeat = ui.start_heartbeat()
    yield 0.5
    yield from ui.rest_pointer()
    yield from ui.key("shift+d")
    yield from ui.key("Return")
    yield 2.0
    ui.record("gap_of_a_duplicate", round(heartbeat.stop(), 3))


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
    engine = bpy.context.scene.bozzetto.engine
    path = next(item.path for item in shelf.list_bundled() if item.engine == engine)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    yield from generate_until_it_fails(ui, "weights_damaged")
    path.write_bytes(whole)
    known = artist.describe_scene()
    yield from ui.click_button(artist.GENERATE)
    yield from ui.wait(lambda: artist.new_objects(known), 120)
    ui.record("weights_damaged_mended", [len(artist.new_objects(known)), failure() is None])


def run_out_of_memory(ui):
    """More detail than the memory limit allows; the button takes less."""
    preferences = artist.part("scene.runtime").find_preferences()
    preferences.memory_limit = 0.9
    bpy.context.scene.bozzetto.resolution = "512"
    yield from generate_until_it_fails(ui, "out_of_memory")
    yield from click_fix(ui, "LOWER_DETAIL", "out_of_memory")
    ui.record("detail_after", bpy.context.scene.bozzetto.resolution)
    preferences.memory_limit = 0.0
