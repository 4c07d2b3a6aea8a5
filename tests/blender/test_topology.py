"""Triangles, quads and voxels of whole shapes: what an artist gets, and what is said of it."""

import importlib.util
from pathlib import Path

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, part

_spec = importlib.util.spec_from_file_location(
    "topology_shapes", Path(__file__).with_name("topology_shapes.py")
)
shapes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(shapes)
make_result, shape, check_delivery = shapes.make_result, shapes.shape, shapes.check_delivery


@pytest.fixture(autouse=True)
def _forget():
    """Nothing is remembered from other tests."""
    part("scene.topology.finished").forget_all()


class TestTriangles:
    @pytest.mark.parametrize("budget", [500, 2000])
    def test_symmetric_shape_stays_symmetric_to_the_bit(self, budget):
        mesh = make_result(*shapes.make_table())
        before = count_data()
        shaped = shape(mesh, face_budget=budget)
        check_delivery(shaped, mesh, budget, symmetric=True)
        assert shaped.messages == ()
        assert shaped.report["distance_max"] < 1.0
        assert count_data() == before

    def test_the_view_layer_knows_no_ghost_afterwards(self):
        """Blender 5.2 lists None for an object that was removed while it was linked."""
        bpy.ops.mesh.primitive_cube_add()
        view_layer = bpy.context.view_layer
        for topology in ("triangles", "voxel"):
            shape(make_result(*shapes.make_table(voxel=0.1)), topology=topology, face_budget=300)
            assert [item and item.name for item in view_layer.objects] == ["Cube"]
            assert view_layer.objects.active.name == "Cube"
            assert view_layer.objects.active.select_get()

    def test_other_shapes_are_not_made_symmetric(self):
        mesh = make_result(*shapes.make_table(bulge=0.15))
        shaped = shape(mesh, face_budget=1000)
        check_delivery(shaped, mesh, 1000, symmetric=False)
        assert shaped.messages == ()

    def test_small_asymmetry_anywhere_counts(self):
        vertices, faces = shapes.make_table()
        foot = vertices[:, 2] + vertices[:, 0] < -0.8
        assert 0 < foot.mean() < 0.02
        vertices[foot] += [-0.08, 0, 0]
        assert not shapes.make_original(vertices, faces).symmetric

    def test_where_the_half_fails_the_whole_is_decimated_and_it_is_said(self, monkeypatch):
        mesh = make_result(*shapes.make_table())
        halves, polygons = part("inference.surface.halves"), part("inference.polygons")

        def leave_hole(half):
            whole = halves.mirror_half(half)
            return polygons.pick_polygons(whole, np.arange(len(whole.sizes)) > 0)

        monkeypatch.setattr(part("scene.topology.triangles"), "mirror_half", leave_hole)
        shaped = shape(mesh, face_budget=1000)
        check_delivery(shaped, mesh, 1000, symmetric=False)
        assert "Left and right" in shaped.messages[0]

    def test_shape_that_breaks_is_told(self):
        """Thirty thin rods: their tunnels need more faces than the budget has."""
        rods = [([0.1 * i - 1.5, 0, 0.5], [0.02, 0.02, 0.5]) for i in range(30)]
        ends = [([0, 0, z], [1.6, 0.05, 0.04]) for z in (0, 1)]
        mesh = make_result(*shapes.make_solid([*rods, *ends], 0.02))
        shaped = shape(mesh, face_budget=120)
        assert shapes.count_defects(shaped.mesh) == {}
        assert shaped.messages


class TestVoxels:
    @pytest.mark.parametrize("budget", [1000, 6000])
    def test_quads_of_one_size(self, budget):
        mesh = make_result(*shapes.make_table())
        before = count_data()
        shaped = shape(mesh, topology="voxel", face_budget=budget)
        check_delivery(shaped, mesh, budget, symmetric=True)
        assert (shaped.mesh.sizes == 4).all()
        assert shaped.report["quads"] == len(shaped.mesh.sizes)
        assert shaped.report["delivered"] == "voxel"
        assert count_data() == before

    def test_parts_thinner_than_a_voxel_stay(self):
        mesh = make_result(*shapes.make_table(voxel=0.02, leg=0.03))
        shaped = shape(mesh, topology="voxel", face_budget=500)
        check_delivery(shaped, mesh, 500, symmetric=True)
        assert shaped.report["voxel"] > 2 * 0.06 / 1.1
        assert shaped.report["lost"] <= 0.005
        nearest = part("scene.topology.nearest").Nearest.of(shaped.mesh)
        legs = mesh.vertices[(mesh.vertices[:, 2] > 0.05) & (mesh.vertices[:, 2] < 0.9)]
        assert nearest.measure(legs).max() < shaped.report["voxel"]

    def test_what_cannot_be_kept_is_told(self):
        wires = [([0.3 * i - 1, 0, 0.5], [0.012, 0.012, 0.5]) for i in range(7)]
        ends = [([0, 0, z], [1.1, 0.1, 0.05]) for z in (0, 1)]
        mesh = make_result(*shapes.make_solid([*wires, *ends], 0.012))
        shaped = shape(mesh, topology="voxel", face_budget=60)
        assert shapes.count_defects(shaped.mesh) == {}
        assert shaped.messages

    def test_without_a_budget_it_has_about_as_many_vertices(self):
        mesh = make_result(*shapes.make_table(voxel=0.05))
        shaped = shape(mesh, topology="voxel")
        assert len(shaped.vertices) == pytest.approx(len(mesh.vertices), rel=0.1)
        assert not [text for text in shaped.messages if "budget" in text]

    def test_not_symmetric_shape(self):
        mesh = make_result(*shapes.make_table(bulge=0.15))
        check_delivery(shape(mesh, topology="voxel", face_budget=2000), mesh, 2000, symmetric=False)


class TestFinished:
    def test_asking_again_is_free(self, monkeypatch):
        mesh = make_result(*shapes.make_table(voxel=0.05))
        first = shape(mesh, face_budget=500)
        monkeypatch.setattr(
            part("scene.topology.choose"), "decimate", lambda *_: pytest.fail("made again")
        )
        again = shape(mesh, face_budget=500)
        assert again.mesh is first.mesh
        other = make_result(mesh.vertices * np.float32(2), mesh.faces)
        with pytest.raises(pytest.fail.Exception):
            shape(other, face_budget=500)

    def test_oldest_goes_first(self, monkeypatch):
        finished = part("scene.topology.finished")
        original = shapes.make_original(*shapes.make_table(voxel=0.1), cell=0.1)
        remeshed = part("scene.topology.original").Remeshed(original.mesh, "triangles")
        size = finished._measure(remeshed)
        monkeypatch.setattr(finished, "LIMIT", 2 * size)
        for budget in (10, 20):
            finished.remember("one", "triangles", budget, remeshed)
        assert finished.find("one", "triangles", 10) is remeshed  # asked for after 20
        finished.remember("one", "triangles", 30, remeshed)
        kept = [b for b in (10, 20, 30) if finished.find("one", "triangles", b)]
        assert kept == [10, 30]
        assert finished.find("one", "quads", 10) is None
        finished.forget_all()
        assert finished.find("one", "triangles", 30) is None


class TestLevels:
    def test_each_has_half_the_faces(self):
        list_levels, shape_mesh = (
            part("scene.lods").list_levels,
            part("scene.shape_mesh").shape_mesh,
        )
        mesh = make_result(*shapes.make_table(voxel=0.04))
        settings = part("scene.shape_mesh").ShapeSettings(face_budget=1600)
        levels = [shape_mesh(mesh, level) for level in list_levels(mesh, settings, 4)]
        counts = [len(level.mesh.sizes) for level in levels]
        np.testing.assert_allclose(counts, [1600, 800, 400, 200], rtol=0.1)
        for level in levels:
            assert shapes.count_defects(level.mesh) == {}
            assert level.report["symmetric"]

    def test_all_faces_come_first_and_tiny_levels_are_left_out(self):
        list_levels, shape_mesh = (
            part("scene.lods").list_levels,
            part("scene.shape_mesh").shape_mesh,
        )
        mesh = make_result(*shapes.make_table(voxel=0.1))
        settings = part("scene.shape_mesh").ShapeSettings()
        levels = [shape_mesh(mesh, level) for level in list_levels(mesh, settings, 40)]
        assert levels[0].vertices is mesh.vertices
        assert len(levels[-1].mesh.sizes) >= 0.9 * part("scene.lods").LEAST_FACES
        assert len(levels) < 10
        assert len(list_levels(mesh, settings, 1)) == 1
