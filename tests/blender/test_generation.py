"""Whole generations with the real worker: torch, the pipeline and its weights."""

import json
import os
import signal
import subprocess

import bpy
import numpy as np
import pytest
from blender_helpers import (
    CHECKPOINT,
    PACKAGE,
    ZIP,
    count_data,
    draw_chair,
    part,
    read_vertices,
    start_blender,
    write_png,
)

FORBIDDEN = (
    "torch",
    "skimage",
    "scipy",
    "fast_simplification",
    "PIL",
    "onnxruntime",
    "safetensors",
)
COMMAND = (
    f"FORBIDDEN = {FORBIDDEN}\n"
    + """
import sys, bpy
bpy.ops.wm.read_homefile(use_empty=True)
package, extension, *arguments = sys.argv[1:]
if extension:
    bpy.ops.extensions.package_install_files(
        filepath=extension, repo="user_default", enable_on_install=True
    )
else:
    bpy.ops.preferences.addon_enable(module=package)
cli = __import__(package + ".cli", fromlist=["run"])
status = cli.run(["generate", *arguments])
roots = {name.split(".")[0] for name in sys.modules}
print("FORBIDDEN", sorted(roots & set(FORBIDDEN)), file=sys.stderr)
sys.exit(status)
"""
)


@pytest.fixture(scope="module")
def chair(tmp_path_factory):
    return write_png(tmp_path_factory.mktemp("pictures") / "stool.png", draw_chair())


def choose(**values):
    """Set the scene's settings: a coarse mesh, for the tests' time."""
    group = bpy.context.scene.bozzetto
    for name, value in {"resolution": "64", "checkpoint": CHECKPOINT, **values}.items():
        setattr(group, name, value)
    return group


def run_command(*arguments, user, **variables):
    command = start_blender(COMMAND, PACKAGE, ZIP and os.path.abspath(ZIP), *arguments)
    if CHECKPOINT:
        command += ["--checkpoint", CHECKPOINT]
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(user), **variables}
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)


def test_every_way_gives_the_same_vertices(chair, tmp_path):
    choose(seed=5).image = bpy.data.images.load(str(chair))
    assert bpy.ops.bozzetto.generate("INVOKE_DEFAULT") == {"FINISHED"}  # the button, in background
    by_button = read_vertices(bpy.context.view_layer.objects.active)
    assert len(by_button) > 100

    bpy.data.images["stool.png"].pack()
    assert bpy.ops.bozzetto.generate() == {"FINISHED"}
    by_packed = read_vertices(bpy.context.view_layer.objects.active)

    item = part("api").generate(chair, seed=5, resolution=64, checkpoint=CHECKPOINT)
    by_script = read_vertices(item)
    assert item.name == "stool.002"

    outputs = [str(tmp_path / f"stool.{kind}") for kind in ("blend", "glb", "json")]
    options = ["--seed", "5", "--resolution", "64", "--output", *outputs, "--json"]
    answer = run_command(str(chair), *options, user=tmp_path / "user")
    assert answer.returncode == 0, answer.stderr
    assert "FORBIDDEN []" in answer.stderr
    assert "Sampling the shape" in answer.stderr, "no progress"
    bpy.ops.wm.open_mainfile(filepath=outputs[0])
    by_command = read_vertices(bpy.data.objects["stool"])
    for other in (by_packed, by_script, by_command):
        assert other.tobytes() == by_button.tobytes()

    report = json.loads(answer.stdout[answer.stdout.index("{\n") :])  # after the installation's
    assert report == json.loads((tmp_path / "stool.json").read_text())
    assert report["seed"] == 5
    assert len(report["weights_hash"]) == 64
    assert report["info"]["category"] in part("inference.settings").CATEGORIES
    assert set(part("inference.types").PHASES) < set(report["timings"])
    assert report["mesh"]["vertices"] == len(by_button)
    assert report["blender"] == bpy.app.version_string
    assert (tmp_path / "stool.glb").read_bytes()[:4] == b"glTF"


def test_result_is_closed_on_the_floor_and_of_real_size(chair):
    group = choose(category="chair")
    assert bpy.ops.bozzetto.generate_from_file(filepath=str(chair)) == {"FINISHED"}
    item = bpy.context.view_layer.objects.active
    vertices = read_vertices(item)
    assert vertices[:, 2].min() == pytest.approx(0, abs=1e-6)
    assert item.data.name == "chair"
    assert 0.3 < np.ptp(vertices, axis=0).max() < 2.5
    record = part("scene.record").read_record(item)
    assert record["info"]["mesh"]["watertight"]
    group.size = 0.5
    bpy.ops.bozzetto.generate_from_file(filepath=str(chair))
    smaller = read_vertices(bpy.context.view_layer.objects.active)
    assert np.ptp(smaller, axis=0).max() == pytest.approx(0.5, rel=1e-5)


def make_bad(folder):
    bad = {
        "empty.png": b"",
        "cut off.png": write_png(folder / "x.png", draw_chair()).read_bytes()[:80],
        "text.jpg": b"not a picture at all",
    }
    for name, data in bad.items():
        (folder / name).write_bytes(data)
    write_png(folder / "invisible.png", np.zeros((64, 64, 4), np.uint8))
    write_png(folder / "dot.png", np.full((1, 1, 4), 255, np.uint8))
    (folder / "folder.png").mkdir()
    return [*bad, "invisible.png", "dot.png", "folder.png", "missing.png"]


def test_bad_pictures_change_nothing_and_the_next_works(chair, tmp_path):
    choose()
    jobs = part("operators.jobs")
    before = count_data()
    for name in make_bad(tmp_path):
        with pytest.raises(RuntimeError) as caught:
            bpy.ops.bozzetto.generate_from_file(filepath=str(tmp_path / name))
        assert isinstance(jobs.failure.error, part("inference.errors").PictureError), name
        assert jobs.failure.fix in str(caught.value)
        assert count_data() == before, name
    with pytest.raises(part("inference.errors").PictureError):
        part("api").generate(tmp_path / "empty.png", checkpoint=CHECKPOINT)
    assert count_data() == before
    assert bpy.ops.bozzetto.generate_from_file(filepath=str(chair)) == {"FINISHED"}
    assert jobs.failure is None


def test_odd_names_and_settings_from_scripts(tmp_path):
    api = part("api")
    path = write_png(tmp_path / "椅子 à bras.png", draw_chair())
    item = api.generate(path, resolution=64, checkpoint=CHECKPOINT, location=(1, 0, 0))
    assert item.name == "椅子 à bras"
    assert tuple(item.location) == (1, 0, 0)
    for wrong in ({"resolution": 5}, {"colour": "red"}, {"category": "spoon"}, {"seed": -1}):
        with pytest.raises(part("inference.errors").SettingsError):
            api.generate(path, **wrong)


def test_worker_killed_leaves_the_scene_and_the_next_works(chair):
    api, runtime, errors = part("api"), part("scene.runtime"), part("inference.errors")
    before = count_data()

    def kill(job):
        if job.phase == "extract" and runtime.find_queue().pid:
            os.kill(runtime.find_queue().pid, 9)

    with pytest.raises(errors.WorkerError):
        api.generate(chair, resolution=64, checkpoint=CHECKPOINT, on_progress=kill)
    assert count_data() == before
    assert api.generate(chair, resolution=64, checkpoint=CHECKPOINT).name == "stool"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["missing.png"], 3),
        (["missing.png", "--output", "x.docx"], 2),
        (["missing.png", "--resolution", "100"], 2),
        ([], 2),
        (["--help"], 0),
    ],
)
def test_command_says_what_is_wrong(arguments, status, capfd):
    assert part("cli").run(["generate", *arguments]) == status
    captured = capfd.readouterr()
    assert captured.err or captured.out


def test_command_without_runtime_says_so(monkeypatch, chair, capfd):
    monkeypatch.setenv("BOZZETTO_WORKER_PYTHON", "/nowhere/python")
    assert part("cli").run_generate([str(chair)]) == 5
    assert "not there" in capfd.readouterr().err


@pytest.mark.usefixtures("fake_worker")
def test_command_stops_at_ctrl_c(monkeypatch, tmp_path):
    cli = part("cli")
    show = cli._Progress.show

    def press(self, job):
        if job.phase == "encode":
            os.kill(os.getpid(), signal.SIGINT)
        show(self, job)

    monkeypatch.setattr(cli._Progress, "show", press)
    path = write_png(tmp_path / "loop.png", draw_chair())
    before = signal.getsignal(signal.SIGINT)
    assert cli.run_generate([str(path), "--output", str(tmp_path / "x.blend")]) == 130
    assert signal.getsignal(signal.SIGINT) == before
    assert not (tmp_path / "x.blend").exists()
    assert not bpy.context.scene.objects


def test_command_in_a_blender_with_its_own_handler_of_ctrl_c(monkeypatch, tmp_path):
    """The program's handler is C: Python is told None and must not give that back."""
    given = []

    def pretend(number, handler):
        if handler is None:
            raise TypeError("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or callable")
        given.append(handler)

    monkeypatch.setattr(part("cli").signal, "signal", pretend)
    assert part("cli").run_generate([str(tmp_path / "missing.png")]) == 3
    assert given[-1] == signal.SIG_DFL
