"""Jobs in the window. Timers never fire without one, so the tests call the timer's function."""

import os
import time

import bpy
import pytest
from blender_helpers import PACKAGE, count_data, draw_chair, part, write_png

pytestmark = pytest.mark.usefixtures("fake_worker")


def submit(path):
    """What the button does in a window."""
    group = bpy.context.scene.bozzetto
    source, origin = part("scene.picture").read_picture(str(path))
    properties = part("panels.properties")
    insertion = {**properties.read_insertion(group), "frame": False}
    settings = properties.read_settings(group)
    return part("operators.jobs").submit(bpy.context, source, settings, origin, insertion)


def pump(until, seconds=60):
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "nothing happened"
        part("operators.jobs").pump()
        time.sleep(0.01)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for_phase(job, phase):
    pump(lambda: job.phase == phase)


def test_result_arrives_as_one_undo_step(picture):
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.ed.undo_push(message="before")
    before = count_data()
    submit(picture("stool"))
    assert count_data() == before, "the click itself changes nothing"
    pump(lambda: "stool" in bpy.data.objects)
    last = bpy.context.window_manager.operators[-1]
    assert last.bl_idname == "BOZZETTO_OT_insert_result", "no redo panel"
    assert [item.name for item in bpy.context.selected_objects] == ["stool"]
    bpy.ops.ed.undo()
    assert count_data() == before


def test_jobs_run_in_order(picture):
    submit(picture("one"))
    submit(picture("two"))
    pump(lambda: "two" in bpy.data.objects)
    assert "one" in bpy.data.objects


def test_selection_of_somebody_who_moved_on_stays(picture):
    submit(picture("stool"))
    bpy.ops.mesh.primitive_cube_add()
    pump(lambda: "stool" in bpy.data.objects)
    assert [item.name for item in bpy.context.selected_objects] == ["Cube"]
    assert bpy.context.view_layer.objects.active.name == "Cube"


@pytest.mark.parametrize("mode", ["EDIT", "SCULPT", "WEIGHT_PAINT"])
def test_insertion_waits_for_object_mode(picture, mode):
    jobs = part("operators.jobs")
    bpy.ops.mesh.primitive_cube_add()
    submit(picture("stool"))
    bpy.ops.object.mode_set(mode=mode)
    pump(lambda: jobs.finished)
    for _ in range(5):
        jobs.pump()
    assert "stool" not in bpy.data.objects
    assert "Object Mode" in jobs.find_obstacle(jobs.finished[0].modal)
    assert not bpy.ops.bozzetto.insert_waiting.poll()
    bpy.ops.object.mode_set(mode="OBJECT")
    pump(lambda: "stool" in bpy.data.objects)
    assert bpy.context.view_layer.objects.active.name == "stool"


def test_insertion_waits_for_a_new_tool_only(picture, monkeypatch):
    jobs = part("operators.jobs")
    running = {"SCREENCAST_OT_keys"}  # ran before the click: not a drag
    for module in (jobs, part("operators.window")):
        monkeypatch.setattr(module, "list_modal", lambda: frozenset(running))
    submit(picture("stool"))
    running.add("TRANSFORM_OT_translate")
    pump(lambda: jobs.finished)
    jobs.pump()
    assert "stool" not in bpy.data.objects
    running.remove("TRANSFORM_OT_translate")
    pump(lambda: "stool" in bpy.data.objects)


def test_insert_now_does_not_wait(picture, monkeypatch):
    jobs = part("operators.jobs")
    monkeypatch.setattr(jobs, "find_obstacle", lambda request: "Busy")
    submit(picture("stool"))
    pump(lambda: jobs.finished)
    assert bpy.ops.bozzetto.insert_waiting() == {"FINISHED"}
    assert "stool" in bpy.data.objects


def test_result_goes_to_the_scene_that_asked(picture):
    asking = bpy.context.scene
    submit(picture("stool"))
    bpy.context.window.scene = other = bpy.data.scenes.new("Other")
    pump(lambda: "stool" in bpy.data.objects)
    assert "stool" in asking.objects
    assert not other.objects


def test_scene_that_asked_is_gone(picture):
    submit(picture("stool"))
    asking = bpy.context.scene
    bpy.context.window.scene = bpy.data.scenes.new("Other")
    bpy.data.scenes.remove(asking)
    pump(lambda: "stool" in bpy.data.objects)
    assert "stool" in bpy.data.scenes["Other"].objects


def test_undo_during_a_job_does_no_harm(picture):
    bpy.ops.ed.undo_push(message="empty")
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.ed.undo_push(message="cube")
    submit(picture("stool"))
    bpy.ops.ed.undo()
    pump(lambda: "stool" in bpy.data.objects)
    assert "Cube" not in bpy.data.objects


def test_cancel_stops_and_changes_nothing(picture):
    before = count_data()
    job = submit(picture("loop"))
    submit(picture("stool"))
    wait_for_phase(job, "encode")
    assert bpy.ops.bozzetto.cancel() == {"FINISHED"}
    assert job.state.value == "cancelled"
    part("operators.jobs").pump()
    assert part("operators.jobs").failure is None, "cancelling is no error"
    assert count_data() == before
    submit(picture("next"))
    pump(lambda: "next" in bpy.data.objects)


def test_deaf_worker_is_cancelled_too(picture):
    job = submit(picture("sleep"))
    wait_for_phase(job, "encode")
    first = part("scene.runtime").find_queue().pid
    bpy.ops.bozzetto.cancel()
    submit(picture("next"))
    pump(lambda: "next" in bpy.data.objects)
    assert not is_running(first)


def test_killed_worker_is_reported_and_replaced(picture):
    jobs = part("operators.jobs")
    before = count_data()
    submit(picture("kill"))
    pump(lambda: jobs.failure is not None)
    assert count_data() == before
    assert "killed" in jobs.failure.message
    assert jobs.failure.fix
    submit(picture("stool"))
    pump(lambda: "stool" in bpy.data.objects)
    assert jobs.failure is None


def test_report_says_all_that_helps(picture, monkeypatch):
    jobs = part("operators.jobs")
    bpy.context.scene.bozzetto.seed = 12345
    submit(picture("weights"))
    pump(lambda: jobs.failure is not None)
    for words in ("The weights are gone.", "Fetch them again.", bpy.app.version_string, "12345"):
        assert words in jobs.failure.report
    assert bpy.ops.bozzetto.copy_report.poll()


def test_release_ends_the_worker(picture):
    submit(picture("stool"))
    pump(lambda: "stool" in bpy.data.objects)
    pid = part("scene.runtime").find_queue().pid
    assert is_running(pid)
    assert bpy.ops.bozzetto.release() == {"FINISHED"}
    pump(lambda: not is_running(pid))
    assert not bpy.ops.bozzetto.release.poll()
    submit(picture("next"))
    pump(lambda: "next" in bpy.data.objects)


def test_idle_worker_is_sent_away(picture):
    preferences = bpy.context.preferences.addons[PACKAGE].preferences
    preferences.idle_minutes = 0.01
    try:
        submit(picture("stool"))
        pump(lambda: "stool" in bpy.data.objects)
        pid = part("scene.runtime").find_queue().pid
        pump(lambda: not is_running(pid), seconds=20)
        assert part("operators.jobs").pump() is None, "the timer ends with the worker"
    finally:
        preferences.idle_minutes = 10.0


def test_opening_a_file_stops_everything(picture):
    job = submit(picture("loop"))
    bpy.app.timers.register(part("operators.jobs").pump)  # as in a window
    wait_for_phase(job, "encode")
    pid = part("scene.runtime").find_queue().pid
    bpy.ops.wm.read_homefile(use_empty=True)
    assert not is_running(pid)
    assert job.state.value == "cancelled"
    assert not bpy.app.timers.is_registered(part("operators.jobs").pump)
    assert part("scene.runtime").find_queue() is None


def test_defect_in_the_timer_is_shown(picture, monkeypatch, capfd):
    jobs = part("operators.jobs")

    def fail(_):
        raise ZeroDivisionError("a defect")

    submit(picture("stool"))
    monkeypatch.setattr(jobs, "_take_news", fail)
    assert jobs.pump() is not None
    assert "a defect" in jobs.failure.message
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_invalid_picture_is_refused_at_the_click(tmp_path):
    before = count_data()
    with pytest.raises(RuntimeError, match="does not exist"):
        bpy.ops.bozzetto.generate_from_file(filepath=str(tmp_path / "none.png"))
    assert count_data() == before
    assert "does not exist" in part("operators.jobs").failure.message


def test_panel_words_for_progress(tmp_path):
    job = submit(write_png(tmp_path / "loop.png", draw_chair()))
    wait_for_phase(job, "encode")
    describe = part("operators.status").describe_progress
    assert describe(job).startswith(job.message)
