"""One picture to an object by real clicks: panel, progress, result, redo panel, undo, redo."""

import time

import artist
import bpy


def steps(ui):
    yield from artist.prepare(ui)
    ui.record("buttons", (yield from ui.list_buttons()))
    yield from ui.rest_pointer()
    yield from ui.shot("panel")
    before = artist.describe_scene()
    ui.record("before", before)
    idle = ui.start_heartbeat()
    yield 3.0
    ui.record("largest_gap_when_idle", round(idle.stop(), 3))
    yield from generate_while_watching(ui, before)
    yield from ui.rest_pointer()
    yield from ui.shot("result")
    found = artist.new_objects(before)
    ui.record("result", [artist.describe_object(item) for item in found])
    yield from use_redo_panel(ui, before)
    yield from undo_and_redo(ui, before)
    ui.record("worker_at_the_end", artist.worker_pid() is not None)


def generate_while_watching(ui, before):
    """Click the button, then do what an impatient artist does until the object is there."""
    yield from ui.find_button(artist.GENERATE)
    heartbeat = ui.start_heartbeat(artist.read_progress)
    clicked = time.monotonic()
    yield from ui.press_button()
    yield from ui.wait(artist.is_busy, 5)
    ui.record("busy_after_click", artist.is_busy())
    yield from ui.rest_pointer()
    # The view must answer to keys meanwhile: numpad 1 looks from the front.
    view = ui.area("VIEW_3D").spaces.active.region_3d
    rotation = view.view_rotation.copy()
    yield from ui.key("KP_1")
    yield from ui.wait(lambda: view.view_rotation != rotation, 10)
    ui.record("view_turned_while_busy", view.view_rotation != rotation and artist.is_busy())
    yield from ui.shot("progress")
    yield from ui.wait(lambda: not artist.is_busy(), 180)
    if failure := artist.part("operators.jobs").failure:
        raise RuntimeError(failure.report)
    ui.record("seconds_to_object", round(time.monotonic() - clicked, 2))
    yield 1.0
    ui.record("largest_gap", round(heartbeat.stop(), 3))
    gaps = zip(heartbeat.gaps, [None, *heartbeat.watched], strict=False)
    ui.log("longest gaps and what ran:", sorted(gaps, key=lambda pair: -pair[0])[:4])
    ui.record("progress", [entry for entry in heartbeat.watched if entry])


def undo_and_redo(ui, before):
    """Ctrl-Z and Ctrl-Shift-Z by real keys over the 3D view."""
    yield from ui.key("ctrl+z")
    yield 0.5
    ui.record("after_undo", artist.describe_scene())
    yield from ui.key("ctrl+shift+z")
    yield 0.5
    ui.record("after_redo", [artist.describe_object(o) for o in artist.new_objects(before)])


def use_redo_panel(ui, before):
    """Unfold "Insert Base Mesh" in the view's corner and type another face budget."""
    header = ui.region("VIEW_3D", "HUD")
    yield from ui.click(header.x + 12, header.y + header.height - 10)
    yield 0.5
    ui.record("budget_field_found", (yield from ui.set_number("0", "500", "HUD")))
    yield 1.0
    ui.record("after_budget", [artist.describe_object(o) for o in artist.new_objects(before)])
    ui.record("last_operator", bpy.context.window_manager.operators[-1].bl_idname)
    yield from ui.rest_pointer()
    yield from ui.shot("redo_panel")
