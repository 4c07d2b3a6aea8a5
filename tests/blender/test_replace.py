"""Generating into an object that is there: only its mesh changes."""

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, part, read_vertices
from mathutils import Euler, Matrix

pytestmark = pytest.mark.usefixtures("fake_worker")


@pytest.fixture
def chair(picture):
    """A generated object that an artist has worked on, active; the panel shows another picture."""
    group = bpy.context.scene.bozzetto
    group.face_budget = 400
    bpy.ops.bozzetto.generate_from_file(filepath=str(picture("chair")))
    item = bpy.context.view_layer.objects.active
    item.name = "my chair"
    item.matrix_world = (
        Matrix.Translation((1, 2, 3))
        @ Euler((0.1, 0.2, 0.3)).to_matrix().to_4x4()
        @ Matrix.Diagonal((2, 1, 0.5, 1))
    )
    item.modifiers.new("Bevel", "BEVEL").width = 0.123
    item.data.materials.append(bpy.data.materials.new("second"))
    item.material_slots[0].link = "OBJECT"
    item.material_slots[0].material = bpy.data.materials.new("on the object")
    item["mine"] = "kept"
    group.face_budget = 0
    group.filepath = str(picture("other"))
    group.seed = 5
    bpy.context.view_layer.update()
    bpy.ops.ed.undo_push(message="prepared")
    return item


def describe(item):
    return {
        "name": item.name,
        "matrix": [round(value, 5) for row in item.matrix_world for value in row],
        "modifiers": [(m.name, m.type, round(m.width, 4)) for m in item.modifiers],
        "materials": [slot.material.name for slot in item.material_slots],
        "links": [slot.link for slot in item.material_slots],
        "mine": item["mine"],
        "collections": [collection.name for collection in item.users_collection],
    }


def test_only_the_mesh_changes(chair):
    before, data = describe(chair), count_data()
    faces = len(chair.data.polygons)
    assert bpy.ops.bozzetto.replace() == {"FINISHED"}
    assert len(chair.data.polygons) > 2 * faces
    assert describe(chair) == before
    assert count_data() == data, "something is left, or was renamed"
    record = part("scene.record").read_record(chair)
    assert record["picture"]["path"].endswith("other.png")
    assert record["seed"] == 5
    assert [entry.name for entry in bpy.context.scene.bozzetto.history] == ["my chair", "chair"]
    find = part("scene.history").find_object
    found = [find(bpy.context.scene, one) for one in bpy.context.scene.bozzetto.history]
    assert found == [chair, None]


def test_one_undo_step_brings_the_old_mesh_back(chair):
    before, vertices = describe(chair), read_vertices(chair)
    bpy.ops.bozzetto.replace("EXEC_DEFAULT", True)
    bpy.ops.ed.undo()
    chair = bpy.data.objects["my chair"]
    np.testing.assert_array_equal(read_vertices(chair), vertices)
    assert describe(chair) == before
    bpy.ops.ed.redo()
    assert len(bpy.data.objects["my chair"].data.vertices) > len(vertices)


def test_twin_that_shares_the_mesh_keeps_it(chair):
    twin = chair.copy()
    bpy.context.collection.objects.link(twin)
    old = twin.data
    bpy.ops.bozzetto.replace()
    assert twin.data == old
    assert chair.data != old


def test_what_goes_with_the_old_mesh_is_said(chair):
    chair.shape_key_add(name="Basis")
    chair.vertex_groups.new(name="legs")
    bpy.ops.bozzetto.replace()
    (note,) = part("operators.jobs").notes
    assert "shape keys" in note
    assert "vertex weights" in note
    assert [group.name for group in chair.vertex_groups] == ["legs"], "modifiers name them"


def test_selection_and_view_are_left_alone(chair, picture):
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.view_layer.objects.active
    bpy.context.view_layer.objects.active = chair
    selected = [item.name for item in bpy.context.selected_objects]
    assert selected == [cube.name]
    bpy.ops.bozzetto.replace()
    assert [item.name for item in bpy.context.selected_objects] == selected


def test_object_that_is_gone_when_the_result_comes_gets_a_new_one(chair):
    jobs = part("operators.jobs")
    runtime, picture = part("scene.runtime"), part("scene.picture")
    group = bpy.context.scene.bozzetto
    source, origin = picture.read_picture(group.filepath)
    settings = part("panels.properties").read_settings(group)
    uid = chair.session_uid
    number, _ = runtime.generate(source, settings, picture=origin, scene=bpy.context.scene)
    bpy.data.objects.remove(chair)
    jobs.call_insert_result(job=number, replace=uid)
    assert "other" in bpy.data.objects
    assert any("gone" in note for note in jobs.notes)


def test_failed_generation_changes_nothing(chair, picture):
    before, data, vertices = describe(chair), count_data(), read_vertices(chair)
    bpy.context.scene.bozzetto.filepath = str(picture("weights"))
    with pytest.raises(RuntimeError):
        bpy.ops.bozzetto.replace()
    assert (describe(chair), count_data()) == (before, data)
    np.testing.assert_array_equal(read_vertices(chair), vertices)


def test_source_picture_shown_with_it_is_the_new_one(chair):
    bpy.context.scene.bozzetto.engine = "pixel"
    bpy.ops.bozzetto.replace()
    assert bpy.ops.bozzetto.compare() == {"FINISHED"}
    group = bpy.context.scene.bozzetto
    group.filepath = group.filepath.replace("other", "chair")
    bpy.ops.bozzetto.replace()
    child = part("scene.compare").find_comparison(chair)
    (background,) = child.data.background_images
    assert background.image.name == "chair.png"
    assert "other.png" not in bpy.data.images


def test_script_replaces_what_it_names(chair, picture):
    before = describe(chair)
    bpy.ops.mesh.primitive_cube_add()
    cube = bpy.context.view_layer.objects.active
    api = part("api")
    assert api.generate(picture("third"), replace=chair) == chair
    assert describe(chair) == before
    assert part("scene.record").read_record(chair)["picture"]["path"].endswith("third.png")
    with pytest.raises(part("inference.errors").SettingsError, match="cannot be replaced"):
        api.generate(picture("third"), replace=cube)


def test_button_says_why_it_is_grey(chair, picture):
    assert bpy.ops.bozzetto.replace.poll()
    bpy.ops.mesh.primitive_cube_add()
    assert not bpy.ops.bozzetto.replace.poll()
    lack = part("scene.replace").find_lack
    assert "generated object" in lack(bpy.context.active_object)
    assert "generated object" in lack(None)
    assert lack(chair) == ""
