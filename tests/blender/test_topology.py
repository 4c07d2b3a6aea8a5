"""Triangles, quads and voxels of whole shapes: what an artist gets, and what is said of it."""

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, part, start_blender

_spec = importlib.util.spec_from_file_location(
    "topology_shapes", Path(__file__).with_name("topology_shapes.py")
)
shapes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(shapes)


@pytest.fixture(autouse=True)
def _forget():
    """Nothing is remembered from other tests."""
    part("scene.topology.finished").forget_all()


def make_result(vertices, faces):
    return part("inference.types").BaseMesh(vertices, faces, "table", "table")


def shape(mesh, **values):
    module = part("scene.shape_mesh")
    return module.shape_mesh(mesh, module.ShapeSettings(**values))


def measure_fidelity(mesh, original):
    return part("scene.topology.fidelity").measure_fidelity(mesh, original)


def check_delivery(shaped, mesh, budget, *, symmetric):
    """Closed, outward, in its place, within the budget."""
    assert shapes.count_defects(shaped.mesh) == {}
    assert shapes.measure_volume(shaped.mesh) > 0
    assert abs(len(shaped.mesh.sizes) - budget) <= 0.1 * budget
    assert shaped.report["symmetric"] is symmetric
    assert shapes.is_mirrored(shaped.mesh) is symmetric
    low, high = shaped.vertices.min(0), shaped.vertices.max(0)
    assert low[2] == pytest.approx(0, abs=1e-6)
    middle = (mesh.vertices.min(0) + mesh.vertices.max(0)) / 2
    np.testing.assert_allclose(((low + high) / 2)[:2], middle[:2], atol=1e-5)
    assert (high - low).max() == pytest.approx(np.ptp(mesh.vertices, axis=0).max(), rel=1e-5)
    links = part("inference.polygons").link_corners(shaped.mesh)
    edges = np.diff(shaped.vertices[links.edges], axis=1)
    assert np.linalg.norm(edges, axis=(1, 2)).min() > 1e-4 * np.linalg.norm(high - low)
    json.dumps(shaped.report)


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
        halves, polygons = part("scene.topology.halves"), part("inference.polygons")

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


CHILD = """
import json, sys, time
from pathlib import Path
import bpy
import numpy as np
folder = Path(sys.argv[sys.argv.index("--") + 1])
given = np.load(folder / "in.npz")
task = json.loads(str(given["task"]))
faces = given["faces"]
{body}
"""
ANSWER = """
np.savez(folder / "out.npz", vertices=given["vertices"], corners=faces.reshape(-1),
    sizes=np.full(len(faces), 3, np.int32),
    report=json.dumps({"count": task["budget"], "lost": LOST, "astray": 0.1, "symmetric": False}))
"""


def wait_until(condition, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestQuads:
    def start(self, tmp_path, body, *, seconds=60.0):
        script = tmp_path / "child.py"
        script.write_text(CHILD.replace("{body}", body))
        original = shapes.make_original(*shapes.make_table(voxel=0.05), cell=0.05)
        job = part("scene.topology.quads").QuadJob(original, 600, child=script, seconds=seconds)
        return job, original

    def test_by_quadriflow(self):
        mesh = make_result(*shapes.make_table())
        before = count_data()
        shaped = shape(mesh, topology="quads", face_budget=800)
        check_delivery(shaped, mesh, 800, symmetric=True)
        assert shaped.report["delivered"] == "quads"
        assert (shaped.mesh.sizes == 4).mean() >= 0.95
        report = part("inference.mesh_report").report_mesh(shaped.mesh)
        assert report["regular"] > 0.85
        assert shaped.report["lost"] <= 0.005
        assert count_data() == before
        again = shape(mesh, topology="quads", face_budget=800, size=3.0)
        np.testing.assert_array_equal(again.mesh.corners, shaped.mesh.corners)
        assert np.ptp(again.vertices, axis=0).max() == pytest.approx(3.0, rel=1e-5)

    def test_more_than_quadriflow_is_asked_for_are_subdivided(self):
        flow = part("scene.topology.flow")
        assert [flow.count_levels(n) for n in (500, 6000, 20_000, 90_000)] == [0, 0, 1, 2]
        original = shapes.make_original(*shapes.make_table(voxel=0.05), cell=0.05)
        found = list(flow.flow_quads(original, 8000, flow.Way(half=True)))
        assert found
        mesh, report = found[-1]
        assert abs(len(mesh.sizes) - 8000) <= 800
        assert shapes.count_defects(mesh) == {}
        assert shapes.is_mirrored(mesh)
        assert measure_fidelity(mesh, original)["distance_max"] < 1.5
        assert report["symmetric"]

    def test_silent_refusal_is_noticed(self):
        """QuadriFlow answers FINISHED for a mesh that it will not touch."""
        flow = part("scene.topology.flow")
        mesh = shapes.make_boxes([([0, 0, 0], [1, 1, 1])])
        polygons = part("inference.types").PolygonMesh
        wing = np.array([0, 1, 7, 6], np.int32)  # three faces at one edge
        bad = polygons(
            mesh.vertices, np.append(mesh.corners, wing), np.append(mesh.sizes, np.int32(4))
        )
        assert flow.run_quadriflow(bad, 50, 1.0) is None

    def test_judge_refuses_what_is_open_or_elsewhere(self):
        flow = part("scene.topology.flow")
        original = shapes.make_original(*shapes.make_table(voxel=0.05), cell=0.05)
        voxels = part("scene.topology.voxels").voxelise(original.mesh, 0.05)
        assert flow.judge(original, voxels, 0)["lost"] == 0.0
        polygons = part("inference.types").PolygonMesh
        opened = polygons(voxels.vertices, voxels.corners[4:], voxels.sizes[1:])
        assert flow.judge(original, opened, 0) is None
        moved = voxels.vertices + np.float32([0, 0, 0.2])
        assert flow.judge(original, polygons(moved, voxels.corners, voxels.sizes), 0) is None
        assert flow.judge(original, original.mesh, 0) is None  # triangles

    def test_hanging_process_is_ended_and_voxels_are_delivered(self, tmp_path):
        job, _ = self.start(tmp_path, "time.sleep(600)", seconds=0.5)
        process, folder = job._process, job._folder
        assert folder.is_dir()
        result = job.wait()
        assert process.poll() is not None
        assert not folder.exists()
        assert result.delivered == "voxel"
        assert "could not be made" in result.messages[0]
        assert all(way["failed"] == "took too long" for way in result.report["ways"])
        assert shapes.count_defects(result.mesh) == {}

    def test_what_a_process_wrote_before_it_hung_is_used(self, tmp_path):
        body = ANSWER.replace("LOST", "0.0") + "time.sleep(600)"
        job, original = self.start(tmp_path, body)
        output = job._folder / "out.npz"
        wait_until(output.is_file)
        job._limit = 0.0
        result = job.wait()
        assert result.delivered == "quads"
        np.testing.assert_array_equal(result.mesh.vertices, original.vertices)
        assert "Left and right" in result.messages[0]

    @pytest.mark.parametrize("body", ["sys.exit(3)", "(folder / 'out.npz').write_bytes(b'no')"])
    def test_process_that_fails_leads_to_voxels(self, tmp_path, body):
        job, _ = self.start(tmp_path, body)
        assert job.wait().delivered == "voxel"

    def test_much_that_is_lost_leads_to_voxels(self, tmp_path):
        job, _ = self.start(tmp_path, ANSWER.replace("LOST", "0.3"))
        assert job.wait().delivered == "voxel"
        job, _ = self.start(tmp_path, ANSWER.replace("LOST", "0.02"))
        result = job.wait()
        assert result.delivered == "quads"
        assert any("2.0%" in text for text in result.messages)

    def test_cancelled_job_leaves_nothing(self, tmp_path):
        job, _ = self.start(tmp_path, "time.sleep(600)")
        process, folder = job._process, job._folder
        assert job.poll() is False
        job.cancel()
        assert process.poll() is not None
        assert not folder.exists()
        assert job.poll() is True
        with pytest.raises(part("inference.errors").Cancelled):
            job.result()

    @pytest.mark.skipif(sys.platform != "linux", reason="only Linux's kernel keeps the limit")
    def test_process_goes_when_its_blender_is_killed(self, tmp_path):
        folder, child = tmp_path / "job", tmp_path / "child.py"
        folder.mkdir()
        folder_of_child = str(Path(part("scene.topology.quad_child").__file__).parent)
        child.write_text(
            "import os, sys, time\n"
            f"sys.path.insert(0, {folder_of_child!r})\n"
            "import quad_child\n"
            "quad_child.leave_with_parent(600.0, parent_signal='--parent-signal' in sys.argv)\n"
            f"open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
            "time.sleep(600)\n"
        )
        name = part("scene.topology.quads").__name__
        root = Path(part("scene.topology.quads").__file__).parents[2]
        code = (
            "import importlib.util, sys, time\n"
            "from pathlib import Path\n"
            f"spec = importlib.util.spec_from_file_location('boot', {str(root)!r}\n"
            "    + '/inference/worker_boot.py')\n"
            "boot = importlib.util.module_from_spec(spec)\n"
            "spec.loader.exec_module(boot)\n"
            f"boot.alias_package(Path({str(root)!r}))\n"
            "import importlib\n"
            "quads = importlib.import_module('bozzetto.scene.topology.quads')\n"
            "quads.start_child(Path(sys.argv[1]), Path(sys.argv[2]), 600.0)\n"
            "time.sleep(600)\n"
        )
        assert name.endswith("scene.topology.quads")
        parent = subprocess.Popen(start_blender(code, str(child), str(folder)))
        try:
            wait_until(lambda: (tmp_path / "pid").is_file() and (tmp_path / "pid").read_text())
            pid = int((tmp_path / "pid").read_text())
        finally:
            parent.kill()
            parent.wait()
        wait_until(lambda: not _is_running(pid), 20.0)

    def test_process_ends_itself_after_its_time(self, tmp_path):
        code = (
            "import sys, time\n"
            "sys.path.insert(0, sys.argv[1])\n"
            "import quad_child\n"
            "quad_child.leave_with_parent(0.2, parent_signal=False)\n"
            "time.sleep(600)\n"
        )
        folder = str(Path(part("scene.topology.quad_child").__file__).parent)
        ended = subprocess.run(
            [sys.executable, "-c", code, folder], stderr=subprocess.PIPE, timeout=60, check=False
        )
        assert ended.returncode == 1


def _is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


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


class TestJobs:
    def test_window_need_not_wait(self):
        module = part("scene.shape_mesh")
        mesh = make_result(*shapes.make_table(voxel=0.05))
        settings = module.ShapeSettings(topology="quads", face_budget=600)
        job = module.ShapeJob(mesh, settings)
        assert job.poll() is False
        wait_until(job.poll, 120.0)
        shaped = job.result()
        check_delivery(shaped, mesh, 600, symmetric=True)

    def test_cancel(self):
        module = part("scene.shape_mesh")
        mesh = make_result(*shapes.make_table(voxel=0.05))
        job = module.ShapeJob(mesh, module.ShapeSettings(topology="quads", face_budget=700))
        job.cancel()
        with pytest.raises(part("inference.errors").Cancelled):
            job.result()


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
