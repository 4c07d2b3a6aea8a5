"""UVs and colours: what the worker made of a mesh arrives in Blender's data, and stays in step."""

import json
from itertools import pairwise

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, part

pytestmark = pytest.mark.usefixtures("fake_worker")


def generate(path, **properties):
    group = bpy.context.scene.bozzetto
    for name, value in properties.items():
        setattr(group, name, value)
    assert bpy.ops.bozzetto.generate_from_file(filepath=str(path)) == {"FINISHED"}
    return bpy.context.view_layer.objects.active


def find_image(item):
    """The image that colours the object's surface, as its nodes are wired."""
    nodes = item.active_material.node_tree.nodes
    shader = next(node for node in nodes if node.type == "BSDF_PRINCIPLED")
    (link,) = shader.inputs["Base Color"].links
    return link.from_node.image


def read_uv(item):
    uv = np.empty((len(item.data.loops), 2), np.float32)
    item.data.uv_layers.active.uv.foreach_get("vector", uv.ravel())
    return uv


def test_material_texture_and_attribute(picture):
    item = generate(picture("painted stool"))
    image = find_image(item)
    assert image.packed_file is not None
    assert tuple(image.size) == (1024, 1024)
    np.testing.assert_allclose(image.pixels[:3], np.array([200, 100, 50]) / 255, atol=0.01)
    assert [layer.name for layer in item.data.uv_layers] == ["UVMap"]
    uv = read_uv(item)
    assert uv.min() >= 0
    assert uv.max() <= 1
    assert len(np.unique(uv, axis=0)) == len(uv), "every face has its own place"
    colours = item.data.color_attributes["Color"]
    assert item.data.color_attributes.active_color == colours
    top = max(item.data.vertices, key=lambda vertex: vertex.co.z).index
    bottom = min(item.data.vertices, key=lambda vertex: vertex.co.z).index
    assert colours.data[top].color_srgb[0] == pytest.approx(1.0)
    assert colours.data[bottom].color_srgb[0] == pytest.approx(0.0)
    assert item.active_material.node_tree.nodes.active.image == image, "what Solid view shows"


def test_record_tells_of_it(picture):
    record = json.loads(generate(picture("painted stool"))["bozzetto"])
    assert record["info"]["coating"]["side"] == 1024
    assert record["info"]["timings"]["bake"] == pytest.approx(0.2)
    assert record["shape"]["texture"] == 1024


def test_no_texture_where_none_is_wanted_or_known(picture):
    plain = generate(picture("stool"))
    assert not plain.data.uv_layers
    assert not plain.data.color_attributes
    unwanted = generate(picture("painted stool"), texture="0")
    assert not unwanted.data.uv_layers
    assert not bpy.data.images


def test_what_the_mesh_is_like_is_told_without_colours_too(picture):
    item = generate(picture("painted stool"), texture="0")
    info = json.loads(item["bozzetto"])["info"]
    assert info["coating"] is None
    report = info["inserted"]["mesh"]
    assert report["faces"] == len(item.data.polygons)
    assert report["vertices"] == len(item.data.vertices)
    assert sum(report["valences"]) == len(item.data.vertices)
    assert report["watertight"]
    coloured = json.loads(generate(picture("painted stool"), texture="512")["bozzetto"])["info"]
    assert "mesh" not in coloured["inserted"], "the worker's report has it"


def test_texture_size(picture):
    assert tuple(find_image(generate(picture("painted stool"), texture="512")).size) == (512, 512)


def test_colours_that_fail_leave_a_plain_mesh_and_a_note(picture):
    item = generate(picture("painted stool"), delight=1.0)
    assert not item.data.uv_layers
    assert any("no colours" in note for note in part("operators.jobs").notes)


def test_texture_is_saved_with_the_file(picture, tmp_path):
    generate(picture("painted stool"))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "x.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "x.blend"))
    image = find_image(bpy.data.objects["painted stool"])
    np.testing.assert_allclose(image.pixels[:3], np.array([200, 100, 50]) / 255, atol=0.01)


def test_one_undo_removes_the_texture_too(picture):
    bpy.ops.ed.undo_push(message="before")
    before = count_data()
    generate(picture("painted stool"))
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert count_data() == before


class TestReshape:
    def test_new_polygons_get_new_uvs_in_the_same_material(self, picture):
        item = generate(picture("painted stool"))
        material, image = item.active_material, find_image(item).name
        part("api").reshape(item, face_budget=1000, texture=512)
        assert item.active_material == material
        assert find_image(item).name == image
        assert tuple(find_image(item).size) == (512, 512)
        assert len(read_uv(item)) == len(item.data.loops) < 4000
        assert len(bpy.data.images) == 1, "the former texture is gone"

    def test_without_texture(self, picture):
        item = generate(picture("painted stool"))
        part("api").reshape(item, texture=0)
        assert not item.data.uv_layers

    def test_other_wearers_of_the_material_keep_theirs(self, picture):
        item = generate(picture("painted stool"))
        twin = item.copy()
        twin.data = item.data.copy()
        bpy.context.scene.collection.objects.link(twin)
        part("api").reshape(item, face_budget=1000, texture=512)
        assert tuple(find_image(twin).size) == (1024, 1024)
        assert tuple(find_image(item).size) == (512, 512)


class TestReplace:
    def test_texture_follows_the_new_picture(self, picture):
        item = generate(picture("painted stool"))
        material = item.active_material
        part("api").generate(str(picture("painted chair")), replace=item, texture=512)
        assert item.active_material == material
        assert tuple(find_image(item).size) == (512, 512)
        assert len(bpy.data.images) == 1

    def test_artist_s_material_stays_untouched(self, picture):
        item = generate(picture("painted stool"))
        mine = bpy.data.materials.new("mine")
        item.data.materials[0] = mine
        part("api").generate(str(picture("painted chair")), replace=item)
        assert item.active_material == mine


@pytest.mark.parametrize("suffix", ["glb", "fbx", "obj", "usd"])
def test_colours_are_exported(picture, tmp_path, suffix):
    if suffix not in part("scene.export").list_formats():
        pytest.skip("this Blender is built without USD")
    item = generate(picture("painted stool"))
    path = tmp_path / f"stool.{suffix}"
    part("api").export(item, path)
    bpy.ops.wm.read_homefile(use_empty=True)
    importer = {
        "glb": bpy.ops.import_scene.gltf,
        "fbx": bpy.ops.import_scene.fbx,
        "obj": bpy.ops.wm.obj_import,
        "usd": bpy.ops.wm.usd_import,
    }[suffix]
    importer(filepath=str(path))
    item = next(item for item in bpy.data.objects if item.type == "MESH")
    assert item.data.uv_layers
    np.testing.assert_allclose(
        find_image(item).pixels[:3], np.array([200, 100, 50]) / 255, atol=0.01
    )


class TestLevelsOfDetail:
    def test_each_has_half_the_faces_and_colours_of_its_own(self, picture):
        item = generate(picture("painted stool"))
        made = part("api").add_lods(item, 3)
        assert [lod.name for lod in made] == [f"painted stool_LOD{level}" for level in (1, 2, 3)]
        faces = [len(lod.data.polygons) for lod in (item, *made)]
        for more, fewer in pairwise(faces):
            assert fewer == pytest.approx(more / 2, rel=0.12)
        assert len({find_image(lod).name for lod in (item, *made)}) == 4
        assert [find_image(lod).size[0] for lod in made] == [512, 512, 512]
        bpy.context.view_layer.update()
        ends = sorted((lod.location.x - lod.dimensions.x / 2, lod.location.x) for lod in made)
        assert ends[0][0] > item.dimensions.x / 2, "they stand beside it"

    def test_operator_is_one_undo_step(self, picture):
        generate(picture("painted stool"))
        bpy.ops.ed.undo_push(message="before")
        before = count_data()
        assert bpy.ops.bozzetto.add_lods("EXEC_DEFAULT", True, count=2) == {"FINISHED"}
        assert len(bpy.data.objects) == len(before["objects"]) + 2
        bpy.ops.ed.undo()
        assert count_data() == before

    def test_without_its_result_nothing_is_added(self, picture):
        item = generate(picture("painted stool"))
        part("scene.runtime").results.clear()
        before = count_data()
        with pytest.raises(part("inference.errors").InsertError, match="not kept"):
            part("api").add_lods(item)
        assert count_data() == before
