"""The sample scripts of docs/scripts, run as Blender runs them, with the real network.

Every script in the folder is run: with a picture or, where it sets FOLDER, a folder of pictures;
then an output folder, then a small number for whatever it counts.
"""

import importlib
import json
import runpy
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest
from blender_helpers import PACKAGE, draw_chair, part, write_png

SCRIPTS = sorted((Path(__file__).resolve().parents[2] / "docs" / "scripts").glob("*.py"))
NAME = "bl_ext.user_default.bozzetto"


@pytest.fixture
def installed(monkeypatch):
    """The scripts name the extension as it is installed from the zip."""
    part("api")  # so that its packages are not imported a second time below
    if PACKAGE != NAME:
        importlib.import_module("bl_ext.user_default")
        monkeypatch.setitem(sys.modules, NAME, sys.modules[PACKAGE])


@pytest.fixture
def run(installed, tmp_path, monkeypatch):
    """`run(script)`: what the script leaves behind; returns its output folder."""

    def run_script(script):
        folder = tmp_path / "pictures"
        folder.mkdir()
        picture = write_png(folder / "stool.png", draw_chair())
        write_png(folder / "bench.png", draw_chair(120))
        (folder / "broken.jpg").write_bytes(b"not a picture")
        given = folder if "FOLDER =" in script.read_text(encoding="utf-8") else picture
        out = tmp_path / "out"
        command = ["blender", "--background", "--python", str(script), "--"]
        monkeypatch.setattr(sys, "argv", [*command, str(given), str(out), "3"])
        monkeypatch.chdir(tmp_path)
        runpy.run_path(str(script), run_name="__main__")
        return out

    return run_script


def list_generated():
    return [item for item in bpy.data.objects if part("scene.record").MARK in item]


def check_generate_one(out):
    (item,) = list_generated()
    assert len(item.data.polygons) <= 3300
    assert item.modifiers[0].type == "SUBSURF"
    assert (out / "stool.blend").is_file()


def check_batch_folder(out):
    assert sorted(item.name for item in list_generated()) == ["bench", "stool"]
    assert (out / "pictures.blend").is_file()
    content = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert {e["name"]: e["state"] for e in content["pictures"]} == {
        "bench": "done", "broken": "failed", "stool": "done",
    }  # fmt: skip


def check_go_on_meanwhile(out):
    first, second = list_generated()
    assert (first.location.x, second.location.x) == (0, 2)


def check_variations_grid(out):
    items = list_generated()
    assert len({tuple(item.location) for item in items}) == len(items) == 6
    shapes = {tuple(np.round(item.dimensions, 3)) for item in items}
    assert len(shapes) >= 2, "all variations are the same"


def check_reshape(out):
    sizes = sorted(len(item.data.polygons) for item in bpy.data.objects)
    assert sizes == [pytest.approx(wanted, rel=0.15) for wanted in (250, 1000, 4000)]


def check_export_glb(out):
    assert (out / "stool.glb").read_bytes()[:4] == b"glTF"
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=str(out / "stool.glb"))
    assert [item.name for item in bpy.data.objects] == ["stool"]


def read_alpha(path):
    image = bpy.data.images.load(str(path))
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(image.size[1], image.size[0], 4)[..., 3]


def check_turntable(out):
    frames = sorted(out.iterdir())
    assert [path.name for path in frames] == ["0001.png", "0002.png", "0003.png"]
    alphas = [read_alpha(path) for path in frames]
    for alpha in alphas:
        assert 0.05 < alpha.mean() < 0.7, "the object does not fill the picture well"
        border = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
        assert border.max() < 0.5, "the object is cut off"
    assert abs(alphas[0] - alphas[1]).mean() > 0.001, "it does not turn"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_sample_script(script, run):
    out = run(script)
    assert list_generated() or list(out.glob("*")), "it leaves nothing behind"
    jobs = part("operators.jobs")
    assert not jobs.requests, "it leaves a job"
    assert not jobs.finished
    check = globals().get(f"check_{script.stem}")
    if check is not None:
        check(out)


def test_scripts_are_found():
    assert len(SCRIPTS) >= 7
    for script in SCRIPTS:
        assert script.read_text(encoding="utf-8").startswith('"""'), "it explains itself"
