"""The console: what a script can do, and what it is told when it errs."""

import inspect
import math
import pydoc
import time

import bpy
import pytest
from blender_helpers import count_data, draw_chair, part, read_vertices, write_png

pytestmark = pytest.mark.usefixtures("fake_worker")


@pytest.fixture
def api():
    return part("api")


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "b", "weights"):
        write_png(tmp_path / f"{name}.png", draw_chair())
    return tmp_path


def poll(handle, seconds=60):
    deadline = time.monotonic() + seconds
    while not handle.poll():
        assert time.monotonic() < deadline, handle
        time.sleep(0.01)


def test_help_explains_everything_public(api):
    text = pydoc.plain(pydoc.render_doc(api))
    for name in api.__all__:
        thing = getattr(api, name)
        assert name in text
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing), name
        for member_name, member in vars(thing).items() if inspect.isclass(thing) else ():
            if not member_name.startswith("_") and (
                callable(member) or isinstance(member, property)
            ):
                assert inspect.getdoc(member), f"{name}.{member_name}"
    settings = pydoc.plain(pydoc.render_doc(api.GenerateSettings))
    for field in ("engine", "category", "facing", "subject"):
        assert f"{field}: " in settings


def test_generate_without_waiting(api, picture):
    before = count_data()
    chair = api.generate(picture("stool"), wait=False, face_budget=500, location=(1, 2, 3))
    assert chair.state == "queued"
    assert not chair.finished
    assert count_data() == before
    with pytest.raises(api.BozzettoError, match="not done"):
        _ = chair.result
    seen = []
    while not chair.poll():
        seen.append(chair.progress)
        time.sleep(0.005)
    assert (chair.state, chair.progress, chair.error) == ("done", 1.0, None)
    assert seen == sorted(seen)
    assert chair.result.name == "stool"
    assert tuple(chair.result.location) == (1, 2, 3)
    assert len(chair.result.data.polygons) <= 550
    assert chair.wait() == chair.result, "waiting for what is there is no error"
    assert "stool" in repr(chair)


def test_wait_for_a_handle_gives_the_object_and_progress(api, picture):
    first = api.generate(picture("one"), wait=False)
    second = api.generate(picture("two"), wait=False)
    handles = []
    assert second.wait(on_progress=handles.append).name == "two"
    assert set(handles) == {second}
    assert first.result.name == "one", "the queue is in order"


def test_wait_gives_up_in_time_and_the_generation_goes_on(api, picture):
    endless = api.generate(picture("loop"), wait=False)
    with pytest.raises(TimeoutError):
        endless.wait(timeout=0.2)
    assert not endless.finished
    endless.cancel()
    assert endless.state == "cancelled"
    with pytest.raises(api.BozzettoError, match="cancelled"):
        endless.wait()
    endless.cancel()  # once more is no error


def test_failure_is_held_by_the_handle(api, picture):
    before = count_data()
    handle = api.generate(picture("weights"), wait=False)
    poll(handle)
    assert handle.state == "failed"
    assert handle.error.fix == "Fetch them again."
    with pytest.raises(part("inference.errors").WeightsError):
        handle.wait()
    assert count_data() == before


def test_ctrl_c_while_waiting_cancels(api, picture):
    handle = api.generate(picture("loop"), wait=False)

    def press(handle):
        if handle.job.phase == "encode":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        handle.wait(on_progress=press)
    assert handle.state == "cancelled"


def test_waiting_in_edit_mode_is_refused_and_the_result_kept(api, picture):
    bpy.ops.mesh.primitive_cube_add()
    bpy.ops.object.mode_set(mode="EDIT")
    handle = api.generate(picture("stool"), wait=False)
    with pytest.raises(part("inference.errors").InsertError, match="object mode"):
        handle.wait()
    assert handle.state == "inserting"
    bpy.ops.object.mode_set(mode="OBJECT")
    assert handle.wait().name == "stool"


def test_removed_object_is_said_to_be_removed(api, picture):
    bpy.ops.ed.undo_push(message="before")
    handle = api.generate(picture("stool"), wait=False)
    handle.wait()
    bpy.ops.ed.undo()
    with pytest.raises(part("inference.errors").InsertError, match="removed"):
        _ = handle.result


def test_batch_waits_and_returns_what_became_of_each(api, folder, tmp_path):
    seen = []
    batch = api.batch(
        folder,
        face_budget=400,
        columns=1,
        location=(5, 0, 0),
        summary=tmp_path / "summary",
        on_progress=lambda batch: seen.append(batch.progress),
    )
    assert batch.finished
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert [item.name for item in batch.result] == ["a", "b"]
    assert [row.fix for row in batch.failures] == ["Fetch them again."]
    assert batch.objects[0].location.x == 5
    assert batch.objects[1].location.y > 0.1, "one column"
    assert all(len(item.data.polygons) <= 440 for item in batch.objects)
    assert (tmp_path / "summary" / "summary.csv").is_file()


def test_batch_goes_on_meanwhile(api, folder):
    batch = api.batch([folder / "a.png", folder / "b.png"], wait=False)
    assert (batch.state, batch.objects) == ("running", [])
    poll(batch)
    assert (batch.state, len(batch.objects)) == ("done", 2)
    endless = write_png(folder / "loop.png", draw_chair())
    other = api.batch([endless, folder / "a.png"], wait=False)
    with pytest.raises(TimeoutError):
        other.wait(timeout=0.1)
    assert api.cancel() == 2
    assert other.state == "cancelled"


def test_batch_with_nothing_to_do_or_wrong_settings_changes_nothing(api, folder, monkeypatch):
    before = count_data()
    with pytest.raises(part("inference.errors").PictureError, match="no such"):
        api.batch(folder / "none")
    with pytest.raises(part("inference.errors").SettingsError, match="write_summary"):
        api.batch(folder, wait=False, summary=folder)
    monkeypatch.setenv("BOZZETTO_WORKER_PYTHON", "/nowhere/python")
    with pytest.raises(part("inference.errors").WorkerError, match="not there"):
        api.batch(folder)
    assert count_data() == before
    assert not part("operators.batch_handle").batches


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"categry": "chair"}, "Did you mean 'category'?"),
        ({"category": "chiar"}, "Did you mean 'chair'?"),
        ({"category": "Chair"}, "Did you mean 'chair'?"),
        ({"engine": "pixels"}, "Did you mean 'pixel'?"),
        ({"facing": "towards"}, "Did you mean 'toward'?"),
        ({"face_buget": 100}, "Did you mean 'face_budget'?"),
        ({"wiggle": 1}, "Known are: engine, category"),
        ({"resolution": 5}, "64 to 512"),
        ({"resolution": "128"}, "64 to 512"),
        ({"face_budget": "many"}, "wrong type"),
        ({"smooth_angle": 40}, "radians"),
        ({"size": -1}, "0 to 10000"),
        ({"shape": {"face_budget": 3}}, "api.ShapeSettings"),
        ({"location": 3}, "three numbers"),
        ({"location": (1, 2)}, "three numbers"),
    ],
)
def test_wrong_settings_are_answered_with_what_was_meant(api, picture, folder, wrong, words):
    before = count_data()
    for function, subject in ((api.generate, picture()), (api.batch, folder)):
        with pytest.raises(part("inference.errors").SettingsError) as caught:
            function(subject, **wrong)
        assert words in str(caught.value)
    assert count_data() == before


def test_hints_of_reshape(api, picture):
    item = api.generate(picture())
    with pytest.raises(part("inference.errors").SettingsError, match="Did you mean 'face_budget'"):
        api.reshape(item, faces_budget=100)
    with pytest.raises(part("inference.errors").SettingsError, match="wrong type"):
        api.reshape(item, face_budget="few")


def test_reshape_changes_the_mesh_alone(api, picture):
    item = api.generate(picture("stool"), location=(1, 0, 0))
    full = len(item.data.polygons)
    mesh_name, material = item.data.name, item.data.materials[0]
    item.name, item.scale = "mine", (2, 2, 2)
    item.modifiers.new("Bevel", "BEVEL")
    before = count_data()
    assert api.reshape(item, face_budget=300, size=0.5) == item
    assert len(item.data.polygons) <= 330
    vertices = read_vertices(item)
    assert (vertices.max(0) - vertices.min(0)).max() == pytest.approx(0.5, rel=1e-4)
    assert count_data() == before
    assert (item.name, item.data.name, item.location.x) == ("mine", mesh_name, 1)
    assert item.data.materials[0] == material
    assert api.read_record(item)["shape"]["face_budget"] == 300
    api.reshape(item)
    assert len(item.data.polygons) == full
    flat = api.reshape(item, smooth_angle=math.radians(1)).data
    assert sum(edge.use_edge_sharp for edge in flat.edges) > len(flat.edges) / 2


def test_reshape_of_what_is_not_kept_says_so(api, picture):
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.active_object
    with pytest.raises(part("inference.errors").SettingsError, match="not made by Bozzetto"):
        api.reshape(cube, face_budget=100)
    item = api.generate(picture())
    part("scene.runtime").close()
    with pytest.raises(part("inference.errors").InsertError, match="not kept"):
        api.reshape(item, face_budget=100)
    assert len(item.data.polygons) > 100
