"""Many pictures in one go, in the window: what the button starts and the timer carries on."""

import json
import os
import time

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, disable, draw_chair, enable, part, write_png

pytestmark = pytest.mark.usefixtures("fake_worker")


@pytest.fixture
def folder(tmp_path):
    """`folder("a", "b.txt")`: a folder of pictures; names with another suffix are no pictures."""

    def fill(*names, called="stools"):
        place = tmp_path / called
        place.mkdir(exist_ok=True)
        for name in names:
            if "." in name:
                (place / name).write_bytes(b"not a picture")
            else:
                write_png(place / f"{name}.png", draw_chair())
        return place

    return fill


def start(*paths):
    """What the operator does in a window."""
    plan = part("inference.batch.plan").plan_batch(paths)
    return part("operators.batch").start(bpy.context, plan)


def pump(until, seconds=60):
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "nothing happened"
        part("operators.jobs").pump()
        time.sleep(0.01)


def list_states(batch):
    return [(row.name, row.state) for row in batch.rows]


def read_box(item):
    corners = np.array([item.matrix_world @ vertex.co for vertex in item.data.vertices])
    return corners.min(0), corners.max(0)


def test_results_stand_apart_in_one_collection_named_after_the_folder(folder):
    batch = start(folder("b10", "b9", "a", "b11", "c"))
    assert not batch.finished, "the click itself does not wait"
    pump(lambda: batch.finished)
    (collection,) = bpy.context.scene.collection.children
    assert collection.name == "stools"
    assert [item.name for item in batch.objects] == ["a", "b9", "b10", "b11", "c"]
    assert set(collection.objects) == set(batch.objects)
    bpy.context.view_layer.update()
    boxes = [read_box(item) for item in batch.objects]
    assert tuple(batch.objects[0].location) == (0, 0, 0)
    for i, (low, high) in enumerate(boxes):
        for other_low, other_high in boxes[:i]:
            apart = np.maximum(low - other_high, other_low - high)[:2].max()
            assert apart > 0.05, "objects overlap or touch"
    assert len({round(item.location.y, 4) for item in batch.objects}) == 2, "two rows"


def test_selection_view_and_the_panel_s_messages_are_the_artist_s(folder):
    jobs = part("operators.jobs")
    bpy.ops.mesh.primitive_cube_add()
    jobs.record_failure(part("inference.errors").PictureError("His own."))
    batch = start(folder("a", "doubt", "weights"))
    pump(lambda: batch.finished)
    assert [item.name for item in bpy.context.selected_objects] == ["Cube"]
    assert bpy.context.view_layer.objects.active.name == "Cube"
    assert jobs.failure.message == "His own."
    assert jobs.notes == ()
    assert batch.rows[1].messages == ("The cut is uncertain.",)


def test_each_result_is_one_undo_step(folder):
    bpy.ops.ed.undo_push(message="before")
    before = count_data()
    batch = start(folder("a", "b", "c"))
    pump(lambda: batch.finished)
    for left in (["a", "b"], ["a"]):
        bpy.ops.ed.undo()
        assert [item.name for item in batch.objects] == left
    bpy.ops.ed.undo()
    assert count_data() == before
    bpy.ops.ed.redo()
    assert [item.name for item in bpy.data.collections["stools"].objects] == ["a"]


def test_undo_in_the_middle_leaves_the_rest_its_places(folder):
    bpy.ops.ed.undo_push(message="before")
    batch = start(folder("a", "b", "c"))
    pump(lambda: len(batch.objects) == 1)
    bpy.ops.ed.undo()
    pump(lambda: batch.finished)
    assert [item.name for item in batch.objects] == ["b", "c"]
    assert len({tuple(item.location) for item in batch.objects}) == 2
    (collection,) = bpy.context.scene.collection.children
    assert collection.name == "stools"


def test_one_failure_of_any_kind_stops_nothing(folder, tmp_path):
    place = folder("a", "kill", "weights", "z")
    paths = [place, tmp_path / "gone.png", place / "a.png"]
    batch = start(*paths)
    pump(lambda: batch.finished)
    assert list_states(batch) == [
        ("a", "done"), ("kill", "failed"), ("weights", "failed"), ("z", "done"),
        ("gone", "failed"),
    ]  # fmt: skip
    by_name = {row.name: row for row in batch.rows}
    assert "killed" in by_name["kill"].error
    assert by_name["weights"].fix == "Fetch them again."
    assert "does not exist" in by_name["gone"].error
    assert all(row.fix for row in batch.failures)
    assert batch.state == "done"


def test_defect_in_an_insertion_fails_that_picture_alone(folder, monkeypatch):
    jobs = part("operators.jobs")
    call = jobs.call_insert_result
    monkeypatch.setattr(
        jobs, "call_insert_result", lambda **p: 1 / 0 if p["job"] == 1 else call(**p)
    )
    batch = start(folder("a", "b"))
    pump(lambda: batch.finished)
    assert list_states(batch) == [("a", "failed"), ("b", "done")]
    assert "ZeroDivisionError" in batch.rows[0].error


def test_cancel_stops_the_rest_and_keeps_what_is_there(folder):
    batch = start(folder("a", "loop", "m", "n"))
    pump(lambda: any(r.job.phase == "encode" for r in part("operators.jobs").requests))
    pump(lambda: batch.rows[0].ended)
    assert bpy.ops.bozzetto.cancel_batch() == {"FINISHED"}
    assert [state for _, state in list_states(batch)] == ["done"] + ["cancelled"] * 3
    assert batch.state == "cancelled"
    assert [item.name for item in batch.objects] == ["a"]
    assert not part("operators.jobs").requests
    other = start(folder("later", called="others"))
    pump(lambda: other.finished)
    assert other.objects


def test_cancelling_everything_cancels_the_whole_batch(folder):
    batch = start(folder("loop", "m", "n", "o"))
    assert bpy.ops.bozzetto.cancel() == {"FINISHED"}
    assert {row.state for row in batch.rows} == {"cancelled"}
    assert not part("operators.jobs").requests


def test_artist_s_own_job_need_not_wait_for_the_whole_batch(folder, picture):
    batch = start(folder(*(f"p{number}" for number in range(8))))
    source, origin = part("scene.picture").read_picture(picture("own"))
    settings = part("inference.settings").GenerateSettings()
    part("operators.jobs").submit(bpy.context, source, settings, origin, {})
    pump(lambda: "own" in bpy.data.objects)
    assert sum(row.ended for row in batch.rows) <= 3
    assert bpy.data.objects["own"].users_collection[0].name == "Bozzetto"
    pump(lambda: batch.finished)
    assert len(bpy.data.collections["stools"].objects) == 8


def test_editing_artist_is_waited_for_without_keeping_every_result(folder):
    bpy.ops.mesh.primitive_cube_add()
    names = [f"p{number}" for number in range(12)]
    batch = start(folder(*names))
    bpy.ops.object.mode_set(mode="EDIT")
    most = part("operators.batch_run").MAX_WAITING
    pump(lambda: len(part("operators.jobs").finished) == most)
    for _ in range(5):
        part("operators.jobs").pump()
    assert not batch.objects
    assert "Object Mode" in batch.message
    assert sum(row.state == "queued" for row in batch.rows) == len(names) - most
    bpy.ops.object.mode_set(mode="OBJECT")
    pump(lambda: batch.finished)
    assert len(batch.objects) == len(names)


def test_opening_a_file_ends_it(folder):
    batch = start(folder("loop", "m"))
    bpy.ops.wm.read_homefile(use_empty=True)
    assert {row.state for row in batch.rows} == {"cancelled"}
    assert not part("operators.batch_handle").batches
    assert not bpy.data.objects


def test_operator_takes_a_folder_or_the_chosen_files(folder):
    place = folder("a", "b", "c", "notes.txt")
    assert bpy.ops.bozzetto.batch(directory=str(place)) == {"FINISHED"}  # waits in background
    assert len(bpy.data.collections["stools"].objects) == 3
    chosen = [{"name": "c.png"}, {"name": "a.png"}]
    assert bpy.ops.bozzetto.batch(directory=str(place), files=chosen) == {"FINISHED"}
    assert len(bpy.data.collections["stools.001"].objects) == 2, "a batch has its own collection"
    batches = part("operators.batch_handle").batches
    names = [row.name for row in batches[0].rows]
    assert names == ["a", "c"], "not in the order of the clicks"
    assert len(batches) == 1, "only the newest of those that are over is shown"
    assert "notes.txt" not in str(batches[0].notes)


def test_operator_uses_the_scene_s_settings(folder):
    group = bpy.context.scene.bozzetto
    group.category, group.seed, group.face_budget = "table", 7, 500
    group.location = "CURSOR"
    bpy.context.scene.cursor.location = (3, 4, 5)
    bpy.ops.bozzetto.batch(directory=str(folder("a")))
    (item,) = part("operators.batch_handle").batches[0].objects
    assert tuple(item.location) == pytest.approx((3, 4, 5))
    assert len(item.data.polygons) <= 550
    record = part("scene.record").read_record(item)
    assert (record["seed"], record["settings"]["category"]) == (7, "table")
    (row,) = part("operators.batch_handle").batches[0].rows
    assert (row.engine, row.seed, row.faces) == ("pixel", 7, len(item.data.polygons))
    assert row.size == pytest.approx(tuple(item.dimensions), rel=1e-3)
    assert row.seconds > 0


@pytest.mark.parametrize(
    "arguments", [{}, {"directory": "/no/such/folder"}, {"directory": "empty"}]
)
def test_operator_without_pictures_says_so_and_changes_nothing(arguments, tmp_path):
    if arguments.get("directory") == "empty":
        arguments = {"directory": str(tmp_path)}
    before = count_data()
    with pytest.raises(RuntimeError, match=r"picture|no such"):
        bpy.ops.bozzetto.batch(**arguments)
    assert count_data() == before
    assert not part("operators.batch_handle").batches


def test_results_are_selected_on_request_and_the_summary_is_saved(folder, tmp_path):
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.bozzetto.batch(directory=str(folder("a", "weights", "b")))
    assert bpy.ops.bozzetto.select_batch() == {"FINISHED"}
    assert sorted(item.name for item in bpy.context.selected_objects) == ["a", "b"]
    assert bpy.ops.bozzetto.save_batch_summary(directory=str(tmp_path)) == {"FINISHED"}
    content = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert [entry["state"] for entry in content["pictures"]] == ["done", "done", "failed"]
    assert content["counts"]["failed"] == 1
    assert (tmp_path / "summary.csv").is_file()
    with pytest.raises(RuntimeError, match="there already"):
        bpy.ops.bozzetto.save_batch_summary(directory=str(tmp_path))
    with pytest.raises(RuntimeError, match="cannot be written"):
        bpy.ops.bozzetto.save_batch_summary(directory=str(tmp_path / "summary.csv"))
    assert bpy.ops.bozzetto.close_batch() == {"FINISHED"}
    assert not part("operators.batch_handle").batches
    assert not bpy.ops.bozzetto.select_batch.poll()


class Layout:
    """Takes down what a panel draws, and checks that Blender's layouts know such calls.

    Blender has no layout without a window.
    """

    functions = bpy.types.UILayout.bl_rna.functions

    def __init__(self, drawn=None):
        self.drawn = [] if drawn is None else drawn

    def __getattr__(self, name):
        parameters = self.functions[name].parameters

        def draw(*arguments, **keywords):
            assert set(keywords) <= set(parameters.keys())
            if "icon" in keywords:
                assert keywords["icon"] in parameters["icon"].enum_items
            self.drawn.append((name, *arguments, *keywords.values()))
            return Layout(self.drawn)

        return draw

    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)

    def text(self):
        return " ".join(str(word) for entry in self.drawn for word in entry)


def draw():
    layout = Layout()
    part("panels.batch_box").draw_batches(layout)
    return layout.text()


def test_panel_shows_counts_and_failures_while_it_runs_and_at_the_end(folder):
    assert "bozzetto.batch" in draw()
    batch = start(folder("a", "b", "loop", "weights", "x.txt"))
    pump(lambda: batch.rows[1].ended)
    running = draw()
    for words in ("stools", "2 done, 2 left", "bozzetto.cancel_batch", "x.txt"):
        assert words in running
    assert "bozzetto.select_batch" not in running
    batch.cancel()
    again = start(folder("weights", "c", called="more"))
    pump(lambda: again.finished)
    ended = draw()
    for words in ("1 done, 1 failed", "weights", "Fetch them", "bozzetto.save_batch_summary"):
        assert words in ended
    assert "stools" not in ended


def test_batch_and_worker_end_with_the_extension(folder):
    batch = start(folder("loop", "m"))
    pump(lambda: any(r.job.phase == "encode" for r in part("operators.jobs").requests))
    pid = part("scene.runtime").find_queue().pid
    disable()
    try:
        assert {row.state for row in batch.rows} == {"cancelled"}
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    finally:
        enable()
