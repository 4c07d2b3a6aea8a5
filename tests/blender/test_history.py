"""The file's history: it survives the file and the object, and can do all of it again."""

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, draw_chair, part, read_vertices, write_png

pytestmark = pytest.mark.usefixtures("fake_worker")


def generate(path, **values):
    group = bpy.context.scene.bozzetto
    for name, value in values.items():
        setattr(group, name, value)
    assert bpy.ops.bozzetto.generate_from_file(filepath=str(path)) == {"FINISHED"}
    return bpy.context.view_layer.objects.active


def entries():
    return bpy.context.scene.bozzetto.history


def test_newest_is_first_with_all_that_was_chosen(picture):
    generate(picture("one"), seed=3)
    item = generate(picture("two"), seed=4, engine="pixel")
    assert [entry.name for entry in entries()] == ["two", "one"]
    entry = entries()[0]
    assert (entry.engine, entry.seed, entry.category) == ("pixel", 4, "chair")
    assert entry.seconds > 0
    assert len(entry.when) == len("2000-01-01 00:00")
    pixels = part("scene.history").unpack_pixels(entry.thumbnail)
    assert pixels.shape == (64, 64, 4)
    assert tuple(pixels[5, 5]) == (200, 100, 50, 255)
    assert part("scene.history").find_object(bpy.context.scene, entry) == item


def test_another_topology_of_the_same_result_is_the_same_entry(picture):
    """As quads that come later do."""
    generate(picture("one"))
    item = generate(picture("two"))
    number = part("scene.runtime").results.find_number(item.session_uid)
    insert = part("operators.jobs").call_insert_result
    insert(job=number, replace=item.session_uid, topology="voxel", face_budget=600)
    assert [entry.name for entry in entries()] == ["two", "one"]
    _, _, shape = part("scene.history").read_entry(entries()[0])
    assert (shape["topology"], shape["face_budget"]) == ("voxel", 600)
    assert part("scene.history").find_object(bpy.context.scene, entries()[0]) == item
    other = part("scene.runtime").results.find_number(bpy.data.objects["one"].session_uid)
    insert(job=other, replace=item.session_uid)
    assert len(entries()) == 3, "another generation is another entry"


def test_it_survives_save_and_reload(picture, tmp_path):
    generate(picture("stool"), seed=7)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
    bpy.ops.wm.read_homefile(use_empty=True)
    assert not entries()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "saved.blend"))
    (entry,) = entries()
    assert (entry.name, entry.seed) == ("stool", 7)
    assert part("scene.history").unpack_pixels(entry.thumbnail) is not None
    found = part("scene.history").find_object(bpy.context.scene, entry)
    assert found == bpy.data.objects["stool"]


def test_deleted_object_can_be_made_again(picture):
    item = generate(picture("stool"), seed=7, size=0.8, face_budget=500)
    before = read_vertices(item)
    bpy.ops.object.delete()
    assert not bpy.data.objects
    assert not any(mesh.users for mesh in bpy.data.meshes), "the history keeps it alive"
    entry = entries()[0]
    assert part("scene.history").find_object(bpy.context.scene, entry) is None
    assert bpy.ops.bozzetto.history_select() == {"CANCELLED"}
    group = bpy.context.scene.bozzetto
    group.seed, group.size, group.face_budget, group.engine = 1, 0.0, 0, "pixel"
    assert bpy.ops.bozzetto.history_run() == {"FINISHED"}
    again = bpy.context.view_layer.objects.active
    np.testing.assert_array_equal(read_vertices(again), before)
    assert part("scene.record").read_settings(again).seed == 7
    assert group.seed == 1, "the panel's settings are the artist's"
    assert len(entries()) == 2


def test_settings_go_back_into_the_panel(picture):
    chosen = {
        "seed": 9, "engine": "pixel", "category": "lamp", "resolution": "256", "size": 1.5,
        "facing": "left", "symmetry": "off", "background": "remove", "subject": "point",
        "face_budget": 700,
    }  # fmt: skip
    path = picture("stool")
    group = bpy.context.scene.bozzetto
    group.point = (0.25, 0.75)
    generate(path, **chosen)
    fresh = bpy.context.scene.bozzetto
    for name in chosen:
        fresh.property_unset(name)
    fresh.point = (0.5, 0.5)
    assert fresh.seed == 0
    assert bpy.ops.bozzetto.history_restore() == {"FINISHED"}
    assert {name: getattr(fresh, name) for name in chosen} == chosen
    assert tuple(fresh.point) == (0.25, 0.75)
    assert fresh.filepath == str(path)


def test_restored_picture_is_the_image_of_the_file(picture):
    group = bpy.context.scene.bozzetto
    group.image = image = bpy.data.images.load(str(picture("stool")))
    image.pack()
    bpy.ops.bozzetto.generate()
    group.image = None
    bpy.ops.bozzetto.history_restore()
    assert group.image == image
    group.image = None
    bpy.data.images.remove(image)
    with pytest.raises(RuntimeError, match="no longer in the file"):
        bpy.ops.bozzetto.history_run()
    assert bpy.ops.bozzetto.history_restore() == {"FINISHED"}, "the settings are as good as ever"


def test_renamed_object_is_selected(picture):
    first = generate(picture("one"))
    generate(picture("two"))
    first.name = "my chair"
    assert bpy.ops.bozzetto.history_select(index=1) == {"FINISHED"}
    assert [item.name for item in bpy.context.selected_objects] == ["my chair"]
    assert bpy.context.view_layer.objects.active == first


def test_hidden_object_is_not_selected(picture):
    item = generate(picture("one"))
    item.hide_set(True)
    assert bpy.ops.bozzetto.history_select() == {"CANCELLED"}
    assert not bpy.context.selected_objects


def test_removing_and_clearing_leave_the_objects(picture):
    for name in ("one", "two", "three"):
        generate(picture(name))
    before = count_data()
    assert bpy.ops.bozzetto.history_remove(index=1) == {"FINISHED"}
    assert [entry.name for entry in entries()] == ["three", "one"]
    entries_group = bpy.context.scene.bozzetto
    entries_group.history_index = 1
    bpy.ops.bozzetto.history_remove()
    assert [entry.name for entry in entries()] == ["three"]
    assert entries_group.history_index == 0
    assert bpy.ops.bozzetto.history_clear() == {"FINISHED"}
    assert not entries()
    assert count_data() == before
    assert not bpy.ops.bozzetto.history_run.poll()


def test_it_does_not_grow_without_end(picture, monkeypatch):
    monkeypatch.setattr(part("scene.history"), "MAX_ENTRIES", 3)
    path = picture("stool")
    for seed in range(5):
        generate(path, seed=seed)
    assert [entry.seed for entry in entries()] == [4, 3, 2]


def test_undo_takes_the_entry_with_the_object(picture):
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.bozzetto.generate_from_file("EXEC_DEFAULT", True, filepath=str(picture("stool")))
    assert len(entries()) == 1
    bpy.ops.ed.undo()
    assert not entries()
    assert "stool" not in bpy.data.objects
    bpy.ops.ed.redo()
    assert len(entries()) == 1


def test_failed_generation_is_no_entry(tmp_path):
    with pytest.raises(RuntimeError):
        generate(write_png(tmp_path / "weights.png", draw_chair()))
    assert not entries()


@pytest.mark.parametrize("text", ["", "not json", "{}", '{"settings": {"engine": "none"}}'])
def test_damaged_entry_is_said(picture, text):
    generate(picture("stool"))
    entries()[0].record = text
    with pytest.raises(RuntimeError, match=r"damaged|unknown"):
        bpy.ops.bozzetto.history_run()
    with pytest.raises(RuntimeError, match=r"damaged|unknown"):
        bpy.ops.bozzetto.history_restore()


@pytest.mark.parametrize("text", ["", "%%%", "AAAA", "eJxjYGBgAAAABAAB"])
def test_damaged_thumbnail_is_none(text):
    shown = part("scene.history").unpack_pixels(text)
    assert shown is None or shown.shape[2] == 4
