"""Quads by the button, then others from the same result; the window goes on; it is quit amid."""

import artist
import bpy


def steps(ui):
    yield from artist.prepare(ui, resolution="64", topology="quads", face_budget=1000)
    before = artist.describe_scene()
    heartbeat = ui.start_heartbeat()
    yield from ui.click_button(artist.GENERATE)
    yield from ui.rest_pointer()
    jobs = artist.part("operators.jobs")
    yield from ui.wait(lambda: jobs.is_shaping() or not artist.is_busy(), 120)
    yield 0.3
    ui.record(
        "shown", [jobs.is_shaping(), jobs.count_waiting(), artist.part("operators.status")._shown]
    )
    yield from ui.shot("laying_out")
    yield from ui.wait(lambda: not artist.is_busy(), 180)
    yield 1.0
    ui.record("largest_gap", round(heartbeat.stop(), 3))
    (item,) = artist.new_objects(before)
    ui.record("generated", describe(item))
    yield from ui.shot("quads")
    yield from ask_for_others(ui, item, 2000)
    ui.record("at_once", describe(item))
    yield from ui.shot("meanwhile")
    yield from ui.wait(lambda: not jobs.later, 180)
    yield 0.5
    ui.record("later", describe(item))
    yield from ask_for_others(ui, item, 3000)
    ui.record("busy_at_the_end", jobs.is_shaping())


def ask_for_others(ui, item, budget):
    """What the redo panel asks for, into the same object."""
    number = artist.part("scene.runtime").results.find_number(item.session_uid)
    with artist.part("operators.window").override_context(bpy.context.window_manager.windows[0]):
        bpy.ops.bozzetto.insert_result(
            "EXEC_DEFAULT", True, job=number, replace=item.session_uid, topology="quads",
            face_budget=budget, select=False,
        )  # fmt: skip
    yield 0.2


def describe(item):
    """What its mesh is made of, and whether it has its colours."""
    sizes = [len(face.vertices) for face in item.data.polygons]
    nodes = item.active_material.node_tree.nodes
    images = [node.image for node in nodes if node.type == "TEX_IMAGE"]
    return {
        "faces": len(sizes),
        "quads": sizes.count(4) / len(sizes),
        "unwrapped": len(item.data.uv_layers) == 1,
        "packed": [image.packed_file is not None for image in images],
    }
