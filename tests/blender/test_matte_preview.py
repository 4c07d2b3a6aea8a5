"""What will be cut out, shown before anything is generated."""

import time

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, part

pytestmark = pytest.mark.usefixtures("fake_worker")


@pytest.fixture(autouse=True)
def _closed():
    yield
    part("scene.matte_preview").close()


def choose(path):
    group = bpy.context.scene.bozzetto
    group.filepath = str(path)
    return group


def pump(until, seconds=60):
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, "nothing happened"
        part("operators.jobs").pump()
        time.sleep(0.01)


def shown():
    """Mean brightness of the shown picture's left and right half."""
    thumbnails = part("scene.thumbnails")
    image = thumbnails._previews["matte"]
    width, height = image.image_size
    pixels = np.array(image.image_pixels_float).reshape(height, width, 4)[..., :3]
    return pixels[:, : width // 2].mean(), pixels[:, width // 2 :].mean()


def ask():
    """What the button does in a window."""
    group = bpy.context.scene.bozzetto
    properties = part("panels.properties")
    return part("scene.matte_preview").show(
        properties.find_chosen(group), properties.read_settings(group)
    )


def test_cut_is_shown_and_nothing_else_changes(picture):
    group = choose(picture("stool"))
    before = count_data()
    assert bpy.ops.bozzetto.preview_cut() == {"FINISHED"}
    matte = part("scene.matte_preview")
    assert matte.shows(group.filepath)
    left, right = shown()
    assert left > 1.5 * right, "what is taken stands out"
    assert count_data() == before, "a datablock would be saved with the file"
    assert not group.history
    assert bpy.ops.bozzetto.close_cut_preview() == {"FINISHED"}
    assert matte.preview is None
    assert not part("scene.thumbnails").has("matte")


def test_it_is_not_saved(picture, tmp_path):
    choose(picture("stool"))
    bpy.ops.bozzetto.preview_cut()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.read_homefile(use_empty=True)
    with bpy.data.libraries.load(str(tmp_path / "saved.blend")) as (there, _):
        assert not there.images


def test_doubt_is_said(picture):
    choose(picture("doubt"))
    bpy.ops.bozzetto.preview_cut()
    cut = part("scene.matte_preview").preview.cut
    assert cut.messages == ("The cut may be wrong.",)
    assert cut.confidence < 0.75


def test_window_goes_on_while_the_worker_looks(picture):
    """The button only asks; the timer takes the answer."""
    choose(picture("loop"))
    started = time.monotonic()
    job = ask()
    assert time.monotonic() - started < 0.5
    pump(lambda: job.phase == "cut")
    started = time.monotonic()
    part("operators.jobs").pump()
    assert time.monotonic() - started < 0.5
    assert part("operators.jobs")._awaits_preview()
    part("scene.matte_preview").close()
    assert job.state.value == "cancelled"
    assert not part("operators.jobs")._awaits_preview()


def test_another_object_refreshes_it(picture):
    group = choose(picture("stool"))
    ask()
    matte = part("scene.matte_preview")
    pump(lambda: not matte.preview.waiting)
    left, right = shown()
    assert left > right
    group.subject = "point"
    group.point = (0.75, 0.5)
    assert matte.preview.waiting
    pump(lambda: not matte.preview.waiting)
    left, right = shown()
    assert left < right


def test_dragged_slider_asks_once(picture, monkeypatch):
    group = choose(picture("stool"))
    group.subject = "point"
    ask()
    matte = part("scene.matte_preview")
    pump(lambda: not matte.preview.waiting)
    queue = part("scene.runtime").get_queue()
    asked = []
    submit = queue.submit
    monkeypatch.setattr(queue, "submit", lambda *a, **k: asked.append(k) or submit(*a, **k))
    for x in range(10):
        group.point = (0.5 + x / 40, 0.5)
        part("operators.jobs").pump()
    pump(lambda: not matte.preview.waiting)
    assert len(asked) == 1
    assert matte.preview.settings.point[0] == pytest.approx(0.725)


def test_settings_that_do_not_matter_ask_nothing(picture):
    group = choose(picture("stool"))
    ask()
    matte = part("scene.matte_preview")
    pump(lambda: not matte.preview.waiting)
    group.point = (0.1, 0.1)  # without subject "point"
    group.seed = 4
    group.resolution = "64"
    assert not matte.preview.waiting


def test_another_picture_ends_it(picture):
    group = choose(picture("stool"))
    ask()
    group.filepath = str(picture("other"))
    assert part("scene.matte_preview").preview is None
    image = bpy.data.images.load(str(picture("stool")))
    group.image = image
    ask()
    group.image = None
    assert part("scene.matte_preview").preview is None


def test_error_is_shown_and_the_next_works(picture):
    choose(picture("weights"))
    ask()
    matte = part("scene.matte_preview")
    pump(lambda: not matte.preview.waiting)
    assert matte.preview.error.message == "The weights are gone."
    assert matte.preview.error.fix
    assert part("operators.jobs").failure is None, "nothing failed that the artist generated"
    choose(picture("stool"))
    ask()
    pump(lambda: not matte.preview.waiting)
    assert matte.preview.error is None


def test_script_gets_the_error(tmp_path, picture):
    choose(tmp_path / "none.png")
    with pytest.raises(RuntimeError, match="does not exist"):
        bpy.ops.bozzetto.preview_cut()
    choose(picture("weights"))
    with pytest.raises(RuntimeError, match="weights are gone"):
        bpy.ops.bozzetto.preview_cut()


def test_killed_worker_costs_a_message(picture):
    choose(picture("kill"))
    ask()
    matte = part("scene.matte_preview")
    pump(lambda: not matte.preview.waiting)
    assert "killed" in matte.preview.error.message


def test_deleted_image_ends_it(picture):
    group = bpy.context.scene.bozzetto
    group.image = image = bpy.data.images.load(str(picture("stool")))
    ask()
    matte = part("scene.matte_preview")
    pump(lambda: not matte.preview.waiting)
    group.subject = "central"
    bpy.data.images.remove(image)
    time.sleep(matte.DEBOUNCE)
    pump(lambda: matte.preview is None or not matte.preview.waiting)
    assert matte.preview is None


def test_it_waits_beside_a_generation(picture):
    """One worker: the look comes after the mesh, and neither takes the other for its own."""
    jobs, matte = part("operators.jobs"), part("scene.matte_preview")
    group = choose(picture("stool"))
    properties = part("panels.properties")
    source, origin = part("scene.picture").read_picture(group.filepath)
    jobs.submit(bpy.context, source, properties.read_settings(group), origin, {"frame": False})
    ask()
    pump(lambda: not matte.preview.waiting)
    pump(lambda: not jobs.requests and not jobs.finished)
    assert "stool" in bpy.data.objects
    assert matte.preview.cut is not None


def test_opening_a_file_ends_it(picture):
    choose(picture("loop"))
    job = ask()
    pump(lambda: job.phase == "cut")
    bpy.ops.wm.read_homefile(use_empty=True)
    assert part("scene.matte_preview").preview is None
    assert job.state.value == "cancelled"


def test_rest_of_the_picture_is_dimmed_on_a_checkerboard():
    rgba = np.full((40, 60, 4), 240, np.uint8)
    rgba[..., 3] = 0
    rgba[:, :30, 3] = 255
    drawn = part("scene.matte_preview").draw_cut(rgba)
    assert (drawn[:, :30] == (240, 240, 240, 255)).all()
    rest = drawn[:, 30:, 0].astype(int)
    assert rest.max() < 130
    assert len(np.unique(rest)) == 2, "no checkerboard"
