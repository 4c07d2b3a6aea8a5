"""Face budget, size and the redo panel: the network never runs again."""

import dataclasses

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, part, read_vertices
from hypothesis import given, settings
from hypothesis import strategies as st


def make_mesh(vertices, faces):
    return part("inference.types").BaseMesh(vertices, faces, "shape", "chair")


def with_reduced(mesh, arrays):
    """As the worker sends it: with fewer triangles besides, here of another terrain."""
    types = part("inference.types")
    reduced = types.ReducedMesh(*arrays, symmetric=True, report={"distance_max": 0.1})
    return dataclasses.replace(mesh, reduced=reduced)


def make_terrain(side=40, seed=0):
    """A closed block with a rough top, float32 and int32 arrays."""
    bpy.ops.mesh.primitive_uv_sphere_add(segments=side, ring_count=side)
    item = bpy.context.object
    vertices, faces = part("scene.mesh_arrays").read_triangles(item.data)
    bpy.data.meshes.remove(item.data)  # takes the object with it
    vertices *= 1 + 0.05 * np.random.default_rng(seed).random((len(vertices), 1), np.float32)
    vertices[:, 2] -= vertices[:, 2].min()
    return vertices, faces


def count_open_edges(faces):
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    return (np.unique(edges, axis=0, return_counts=True)[1] != 2).sum()


def list_triangles(shaped):
    assert (shaped.mesh.sizes == 3).all()
    return shaped.mesh.corners.reshape(-1, 3)


def measure_volume(vertices, faces):
    return np.linalg.det(vertices[faces].astype(np.float64)).sum() / 6


def shape(mesh, **values):
    shapes = part("scene.shape_mesh")
    return shapes.shape_mesh(mesh, shapes.ShapeSettings(**values))


def test_default_keeps_every_bit():
    mesh = make_mesh(*make_terrain())
    shaped = shape(mesh)
    assert shaped.vertices.tobytes() == mesh.vertices.tobytes()
    assert list_triangles(shaped).tobytes() == mesh.faces.tobytes()
    assert not shaped.messages


def test_the_usual_number_is_what_the_worker_reduced_it_to():
    dense = make_terrain(60)
    mesh = with_reduced(make_mesh(*dense), make_terrain(20))
    shaped = shape(mesh)
    assert shaped.vertices.tobytes() == mesh.reduced.vertices.tobytes()
    assert list_triangles(shaped).tobytes() == mesh.reduced.faces.tobytes()
    assert shaped.report["symmetric"]
    assert shaped.report["distance_max"] == 0.1
    assert not shaped.messages
    whole = shape(mesh, face_budget=len(dense[1]))
    assert whole.vertices.tobytes() == mesh.vertices.tobytes()
    between = shape(mesh, face_budget=3000)  # from the dense one, the reduced has fewer
    assert abs(len(list_triangles(between)) - 3000) <= 300
    large = shape(mesh, size=4.0)
    assert len(large.mesh.sizes) == len(shaped.mesh.sizes)


def test_levels_of_detail_begin_with_the_usual_number():
    lods, settings = part("scene.lods"), part("scene.shape_mesh").ShapeSettings
    mesh = with_reduced(make_mesh(*make_terrain(60)), make_terrain(20))
    levels = lods.list_levels(mesh, settings(), 3)
    count = len(mesh.reduced.faces)
    assert [level.face_budget for level in levels] == [0, count // 2, count // 4]


def test_a_reduced_mesh_that_is_damaged_is_refused():
    vertices, faces = make_terrain(20)
    mesh = with_reduced(make_mesh(*make_terrain(60)), (vertices, faces + len(vertices)))
    with pytest.raises(part("inference.errors").InsertError, match="damaged"):
        shape(mesh)


@pytest.mark.parametrize("budget", [100, 500, 2000])
def test_budget_is_met_on_a_closed_mesh(budget):
    mesh = make_mesh(*make_terrain())
    before = count_data()
    shaped = shape(mesh, face_budget=budget)
    assert abs(len(list_triangles(shaped)) - budget) <= 0.1 * budget
    assert not shaped.messages
    assert count_open_edges(list_triangles(shaped)) == 0
    assert measure_volume(shaped.vertices, list_triangles(shaped)) == pytest.approx(
        measure_volume(mesh.vertices, mesh.faces), rel=0.1
    )
    low, high = shaped.vertices.min(0), shaped.vertices.max(0)
    assert low[2] == pytest.approx(0, abs=1e-6)
    np.testing.assert_allclose(
        (low + high)[:2], (mesh.vertices.min(0) + mesh.vertices.max(0))[:2], atol=1e-5
    )
    assert (high - low).max() == pytest.approx(np.ptp(mesh.vertices, axis=0).max(), rel=1e-5)
    assert count_data() == before, "temporary data is left"


def test_specks_that_decimation_flattens_are_dropped():
    """Two faces on the same corners are what Decimate leaves of a speck; Blender refuses them."""
    vertices, faces = make_terrain()
    specks = [vertices * 0.01 + [1.5 + i, 0, 0] for i in range(20)]
    count = len(vertices)
    mesh = make_mesh(
        np.concatenate([vertices, *specks]).astype(np.float32),
        np.concatenate([faces + i * count for i in range(21)]).astype(np.int32),
    )
    shaped = shape(mesh, face_budget=60)
    corners = np.sort(list_triangles(shaped), axis=1)
    assert len(np.unique(corners, axis=0)) == len(corners)
    assert count_open_edges(list_triangles(shaped)) == 0
    assert set(np.unique(list_triangles(shaped))) == set(range(len(shaped.vertices)))
    filled = bpy.data.meshes.new("check")
    part("scene.mesh_arrays").fill_mesh(filled, shaped.mesh)
    assert not filled.validate(), "Blender found faces to remove"


def test_overshoot_on_a_non_manifold_mesh_is_met_or_told():
    """Many tetrahedra that share nothing: no edge can be collapsed to reach such a budget."""
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    offsets = 3 * np.stack(np.meshgrid(*[np.arange(5)] * 3), -1).reshape(-1, 1, 3)
    vertices = (corners + offsets).reshape(-1, 3).astype(np.float32)
    one = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], np.int32)
    faces = (one + 4 * np.arange(len(offsets))[:, None, None]).reshape(-1, 3).astype(np.int32)
    shaped = shape(make_mesh(vertices, faces), face_budget=20)
    assert abs(len(list_triangles(shaped)) - 20) <= 2 or any(
        "was not reached" in message for message in shaped.messages
    )


def test_budget_above_the_mesh_is_told():
    mesh = make_mesh(*make_terrain(12))
    shaped = shape(mesh, face_budget=100_000)
    np.testing.assert_array_equal(list_triangles(shaped), mesh.faces)
    assert "fewer than the budget" in shaped.messages[0]


@settings(max_examples=25, deadline=None)
@given(
    size=st.floats(0.01, 1000),
    unit=st.sampled_from([0.001, 0.0254, 1.0, 1000.0]),
    seed=st.integers(0, 9),
)
def test_size_is_the_longest_side_in_metres(size, unit, seed):
    rng = np.random.default_rng(seed)
    vertices = rng.random((8, 3), np.float32) * rng.uniform(0.1, 5, 3).astype(np.float32)
    vertices[:, 2] -= vertices[:, 2].min()
    faces = rng.permutation(24).reshape(8, 3).astype(np.int32) % 8
    shapes = part("scene.shape_mesh")
    shaped = shapes.shape_mesh(
        make_mesh(vertices, faces), shapes.ShapeSettings(size=size), scale_length=unit
    )
    assert np.ptp(shaped.vertices, axis=0).max() * unit == pytest.approx(size, rel=1e-5)
    assert shaped.vertices[:, 2].min() == 0


@pytest.mark.parametrize(
    "values",
    [
        {"face_budget": -1},
        {"face_budget": 3},
        {"size": float("nan")},
        {"smooth_angle": 4},
        {"topology": "quad"},
        {"texture": 1000},
        {"texture": -1},
        {"delight": 1.5},
        {"delight": float("nan")},
    ],
)
def test_bad_shape_settings_are_refused(values):
    with pytest.raises(part("inference.errors").SettingsError):
        part("scene.shape_mesh").ShapeSettings(**values)


@pytest.mark.usefixtures("fake_worker")
class TestRedo:
    def test_other_budget_without_the_worker(self, picture, monkeypatch):
        bpy.ops.ed.undo_push(message="before")
        before = count_data()
        bpy.ops.bozzetto.generate_from_file("EXEC_DEFAULT", True, filepath=str(picture("stool")))
        number = next(iter(part("scene.runtime").results._results))
        full = len(bpy.data.objects["stool"].data.polygons)
        client = part("inference.client").WorkerClient
        monkeypatch.setattr(client, "send", lambda *_: pytest.fail("the worker was asked"))
        monkeypatch.setattr(client, "start", lambda *_: pytest.fail("a worker was started"))
        bpy.ops.ed.undo()  # as the redo panel does before it runs the operator again
        assert count_data() == before
        for budget, size in ((1000, 0.0), (400, 3.0)):
            bpy.ops.bozzetto.insert_result(
                "EXEC_DEFAULT", True, job=number, face_budget=budget, size=size
            )
            item = bpy.data.objects["stool"]
            assert abs(len(item.data.polygons) - budget) <= 0.1 * budget < full
            if size:
                assert np.ptp(read_vertices(item), axis=0).max() == pytest.approx(size, rel=1e-5)
            assert part("scene.record").read_record(item)["shape"]["face_budget"] == budget
            bpy.ops.ed.undo()
            assert count_data() == before

    def test_result_that_had_to_go_is_told(self):
        before = count_data()
        with pytest.raises(RuntimeError, match="no longer kept"):
            bpy.ops.bozzetto.insert_result(job=4711)
        assert count_data() == before


class TestResultStore:
    def test_oldest_goes_first_and_the_newest_stays(self):
        results = part("scene.results")
        settings = part("inference.settings").GenerateSettings()
        mesh = make_mesh(np.zeros((100, 3), np.float32), np.zeros((100, 3), np.int32))
        result = results.Result(mesh, settings)
        store = results.ResultStore(limit=2 * result.size)
        for number in range(4):
            store.keep(number, result)
        assert [number for number in range(4) if store.find(number)] == [2, 3]
        huge = results.ResultStore(limit=1)
        huge.keep(1, result)
        assert huge.find(1) is result
