"""What stands in the scene after a generation."""

import json
import math

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, part, prepare, read_vertices


def generate(path, **properties):
    group = bpy.context.scene.bozzetto
    for name, value in properties.items():
        setattr(group, name, value)
    assert bpy.ops.bozzetto.generate_from_file(filepath=str(path)) == {"FINISHED"}
    return next(item for item in bpy.context.scene.objects if "bozzetto" in item)


@pytest.mark.usefixtures("fake_worker")
class TestObject:
    def test_named_placed_and_selected(self, picture):
        item = generate(picture("stool"))
        assert item.name == "stool"
        assert item.data.name == "chair"
        assert [collection.name for collection in item.users_collection] == ["Bozzetto"]
        assert item.select_get()
        assert bpy.context.view_layer.objects.active == item
        assert item.matrix_world.is_identity
        vertices = read_vertices(item)
        low, high = vertices.min(0), vertices.max(0)
        assert low[2] == 0
        np.testing.assert_allclose((low + high)[:2], 0, atol=1e-6)

    def test_closed_outward_and_smooth(self, picture):
        item = generate(picture())
        assert not item.data.validate()
        uses = np.zeros(len(item.data.edges), int)
        loops = np.empty(len(item.data.loops), np.int32)
        item.data.loops.foreach_get("edge_index", loops)
        np.add.at(uses, loops, 1)
        assert (uses == 2).all()
        corners = read_vertices(item)[[list(f.vertices) for f in item.data.polygons]]
        assert np.linalg.det(corners).sum() > 0, "the faces look inward"
        assert all(face.use_smooth for face in item.data.polygons)

    def test_sharp_edges_follow_the_angle(self, picture):
        item = generate(picture(), smooth_angle=math.radians(1))
        few = sum(edge.use_edge_sharp for edge in item.data.edges)
        bpy.ops.wm.read_homefile(use_empty=True)
        item = generate(picture(), smooth_angle=math.radians(180))
        assert few > sum(edge.use_edge_sharp for edge in item.data.edges) == 0

    def test_material_is_principled_and_named(self, picture):
        (slot,) = generate(picture("stool")).material_slots
        assert slot.material.name == "stool"
        assert any(node.type == "BSDF_PRINCIPLED" for node in slot.material.node_tree.nodes)

    def test_second_object_joins_the_collection(self, picture):
        generate(picture("one"))
        generate(picture("two"))
        assert sorted(bpy.data.collections["Bozzetto"].objects.keys()) == ["one", "two"]
        assert [item.name for item in bpy.context.selected_objects] == ["two"]
        assert len(bpy.data.collections) == 1

    def test_hidden_collection_takes_the_object(self, picture):
        generate(picture("one"))
        bpy.context.view_layer.layer_collection.children["Bozzetto"].exclude = True
        assert bpy.ops.bozzetto.generate_from_file(filepath=str(picture("two"))) == {"FINISHED"}
        assert "two" in bpy.data.collections["Bozzetto"].objects

    def test_cursor_moves_the_object_not_the_vertices(self, picture):
        bpy.context.scene.cursor.location = (1, 2, 3)
        item = generate(picture(), location="CURSOR")
        assert tuple(item.location) == (1, 2, 3)
        assert read_vertices(item)[:, 2].min() == 0

    @pytest.mark.parametrize("scale", [0.01, 1.0, 1000.0])
    def test_size_in_metres_whatever_the_unit(self, picture, scale):
        bpy.context.scene.unit_settings.scale_length = scale
        vertices = read_vertices(generate(picture(), size=2.5))
        assert np.ptp(vertices, axis=0).max() * scale == pytest.approx(2.5, rel=1e-5)

    def test_unsure_cut_is_told(self, picture, capfd):
        generate(picture("doubt"))
        assert "The cut is uncertain." in capfd.readouterr().out
        assert part("operators.jobs").notes == ("The cut is uncertain.",)
        generate(picture("stool"))
        assert part("operators.jobs").notes == ()

    def test_record_makes_it_again(self, picture):
        item = generate(picture("stool"), seed=7, category="table", resolution="64")
        record = json.loads(item["bozzetto"])
        assert record["weights_hash"] == "fake"
        assert record["picture"]["path"].endswith("stool.png")
        settings = part("scene.record").read_settings(item)
        assert (settings.seed, settings.category, settings.resolution) == (7, "table", 64)
        assert record["info"]["timings"]["insert"] >= 0

    def test_saved_file_keeps_everything(self, picture, tmp_path):
        item = generate(picture("stool"), seed=7)
        vertices = read_vertices(item)
        path = str(tmp_path / "saved.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.open_mainfile(filepath=path)
        item = bpy.data.objects["stool"]
        assert part("scene.record").read_settings(item).seed == 7
        assert bpy.context.scene.bozzetto.seed == 7
        np.testing.assert_array_equal(read_vertices(item), vertices)

    def test_glb_has_the_mesh(self, picture, tmp_path):
        faces = len(generate(picture("stool")).data.polygons)
        path = tmp_path / "stool.glb"
        bpy.ops.export_scene.gltf(filepath=str(path), export_format="GLB")
        bpy.ops.wm.read_homefile(use_empty=True)
        bpy.ops.import_scene.gltf(filepath=str(path))
        (item,) = (item for item in bpy.data.objects if item.type == "MESH")
        assert len(item.data.polygons) == faces
        assert item.dimensions.z == pytest.approx(1.0, rel=1e-3)


@pytest.mark.usefixtures("fake_worker")
class TestUndo:
    def test_one_undo_removes_exactly_the_insertion(self, picture):
        bpy.ops.mesh.primitive_cube_add()
        bpy.ops.ed.undo_push(message="before")
        before = count_data()
        assert bpy.ops.bozzetto.generate_from_file(
            "EXEC_DEFAULT", True, filepath=str(picture())
        ) == {"FINISHED"}
        assert count_data() != before
        bpy.ops.ed.undo()
        assert count_data() == before
        assert bpy.context.view_layer.objects.active.name == "Cube"
        bpy.ops.ed.redo()
        assert "stool" in bpy.data.objects


class TestFailureLeavesNothing:
    def arguments(self):
        types, shapes = part("inference.types"), part("scene.shape_mesh")
        vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
        faces = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], np.int32)
        mesh = types.BaseMesh(vertices, faces, "pyramid", "chair")
        scene = bpy.context.scene
        options = {"name": "pyramid", "category": "chair", "smooth_angle": 1.0, "record": {}}
        options |= {"scene": scene, "view_layer": bpy.context.view_layer}
        return part("scene.preparation").Prepared(shapes.shape_mesh(mesh)), options

    @pytest.mark.parametrize("step", ["make_material", "write_record", "select_alone"])
    def test_error_at_any_step(self, monkeypatch, step):
        insert = part("scene.insert")
        shaped, options = self.arguments()
        before = count_data()

        def fail(*_):
            raise MemoryError

        with monkeypatch.context() as patch:
            patch.setattr(insert, step, fail)
            with pytest.raises(MemoryError):
                insert.insert(shaped, **options)
        assert count_data() == before
        assert insert.insert(shaped, **options).name == "pyramid"

    @pytest.mark.parametrize("faces", [[[0, 1, 9]] * 4, [[0, 1, -1]] * 4, [[0, 1, 2]]])
    def test_damaged_mesh_is_refused(self, faces):
        types, shapes = part("inference.types"), part("scene.shape_mesh")
        vertices = np.eye(4, 3, dtype=np.float32)
        mesh = types.BaseMesh(vertices, np.array(faces, np.int32), "x")
        with pytest.raises(part("inference.errors").InsertError):
            shapes.shape_mesh(mesh)

    def test_degenerate_faces_are_refused(self):
        insert = part("scene.insert")
        prepared, options = self.arguments()
        polygons = prepared.shaped.mesh
        faces = polygons.corners.reshape(-1, 3).copy()
        faces[1] = faces[0]
        faces[2] = (1, 1, 2)
        before = count_data()
        with pytest.raises(part("inference.errors").InsertError):
            insert.insert(prepare(polygons.vertices, faces), **options)
        assert count_data() == before


@pytest.mark.parametrize(
    ("faces", "count"),
    [
        ([[0, 1, 2], [0, 2, 3], [0, 3, 1], [1, 3, 2]], 0),
        ([[0, 1, 2], [2, 0, 1], [0, 3, 1], [1, 3, 2]], 1),
        ([[0, 1, 2], [0, 2, 1], [0, 3, 3], [1, 3, 2]], 2),
    ],
)
def test_faces_that_blender_would_refuse_are_found_and_leave_nothing(faces, count):
    arrays = part("scene.mesh_arrays")
    faces = np.array(faces, np.int32)
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    mesh = bpy.data.meshes.new("probe")
    shaped = prepare(vertices, faces)
    arrays.fill_mesh(mesh, shaped.shaped.mesh)
    np.testing.assert_array_equal(arrays.read_vertices(mesh), vertices)
    assert mesh.validate() is bool(count)
    bpy.data.meshes.remove(mesh)
    assert arrays.find_bad_faces(shaped.shaped.mesh) == count
    before = count_data()
    options = {"name": "x", "category": "", "smooth_angle": 0.7, "record": {}}
    scene = bpy.context.scene
    if count:
        with pytest.raises(part("inference.errors").InsertError, match="refuses"):
            part("scene.insert").insert(shaped, scene=scene, view_layer=None, **options)
        assert count_data() == before
