"""Quads by a second Blender: made, refused, late, hung, cancelled or left behind."""

import importlib.util
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from blender_helpers import count_data, part, start_blender

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
np.savez(folder / "new.npz", vertices=given["vertices"], corners=faces.reshape(-1),
    sizes=np.full(len(faces), 3, np.int32),
    report=json.dumps({"count": task["budget"], "lost": LOST, "astray": 0.1, "symmetric": False}))
(folder / "new.npz").rename(folder / "out.npz")  # as the real one: never half a file
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
        assert (
            part("scene.topology.fidelity").measure_fidelity(mesh, original)["distance_max"] < 1.5
        )
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
