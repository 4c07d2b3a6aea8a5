"""`./bozzetto check-meshes`: its bookkeeping, its measures, and that it cannot be fooled.

What Blender measures is tested in tests/blender/test_mesh_quality.py.
"""

import json
import stat
import sys
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bozzetto.tools import launcher
from bozzetto.tools.check_meshes import run, supervise
from bozzetto.tools.check_meshes.plan import (
    BUDGETS,
    ENGINES,
    TOPOLOGIES,
    Key,
    fingerprint,
    name_pictures,
    plan_keys,
    sample_keys,
)
from bozzetto.tools.check_meshes.report import split_times, write_report
from bozzetto.tools.check_meshes.results import Folder, Lines
from bozzetto.tools.check_meshes.rules import FAILED, judge_result
from bozzetto.tools.check_meshes.views import compare_views, read_picture

KEY = Key("chair", "pixel", "quads", 5000)

# plan and results


def test_every_combination_is_planned_once_and_the_usual_mesh_first():
    keys = plan_keys(["a", "b"], ["pixel", "imnet"], ["triangles", "quads"], [1000, 0])
    assert len(set(keys)) == len(keys) == 2 * 2 * 4
    assert keys[0] == Key("a", "pixel", "triangles", 0)
    assert len({key.stem for key in keys}) == len(keys)
    assert all(Key.from_dict(json.loads(json.dumps(key.to_dict()))) == key for key in keys)


@pytest.mark.parametrize(("pictures", "count"), [(14, 112), (14, 40), (5, 60), (2, 10_000)])
def test_a_sample_is_spread_evenly(pictures, count):
    names = [f"p{number}" for number in range(pictures)]
    keys = plan_keys(names, ENGINES, TOPOLOGIES, BUDGETS)
    chosen = sample_keys(keys, count)
    assert min(count, len(keys)) <= len(chosen) < min(count, len(keys)) + 2 * pictures
    assert chosen == [key for key in keys if key in set(chosen)]
    assert [key for key in chosen if not key.budget] == [key for key in keys if not key.budget]
    for engine in ENGINES:
        shapes = Counter(
            (key.topology, key.budget) for key in chosen if key.engine == engine and key.budget
        )
        assert len(shapes) == len(TOPOLOGIES) * len(BUDGETS)
        assert max(shapes.values()) - min(shapes.values()) <= 1
    each = Counter((key.picture, key.engine) for key in chosen)
    assert len(set(each.values())) == 1


def test_pictures_of_one_name_keep_apart():
    named = name_pictures([Path("a/стул.png"), Path("b/my chair.png"), Path("c/my chair.png")])
    assert list(named.values()) == [Path("a/стул.png"), *(Path(f"{x}/my chair.png") for x in "bc")]
    assert all(name.isascii() and " " not in name for name in named)


def test_the_fingerprint_knows_contents_and_not_times(tmp_path):
    def build(name, text, year):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(zipfile.ZipInfo("a.py", (year, 1, 1, 0, 0, 0)), text)
        return tmp_path / name

    source = tmp_path / "measure.py"
    source.write_text("1")
    first = fingerprint(build("a.zip", "x", 2000), [source])
    assert fingerprint(build("b.zip", "x", 2020), [source]) == first
    assert fingerprint(build("c.zip", "y", 2000), [source]) != first
    source.write_text("2")
    assert fingerprint(tmp_path / "a.zip", [source]) != first


def test_a_line_that_a_crash_cut_off_costs_only_itself(tmp_path):
    lines = Lines(tmp_path / "lines.jsonl")
    lines.append({"a": 1})
    with lines.path.open("a") as handle:
        handle.write('{"a": ')
    lines.append({"a": 3})
    assert lines.read() == [{"a": 1}, {"a": 3}]


def test_results_of_other_code_and_without_their_files_are_made_again(tmp_path):
    folder = Folder(tmp_path)
    kept, lost, old = (Key("chair", "pixel", "triangles", n) for n in (1, 2, 3))
    for key, mark in ((kept, "now"), (lost, "now"), (old, "before")):
        folder.results.append({"key": key.to_dict(), "fingerprint": mark, "files": {"stl": "?"}})
    for key in (kept, old):
        folder.file(key, "stl").parent.mkdir(exist_ok=True)
        folder.file(key, "stl").write_bytes(b"")
    assert list(folder.read_made("now")) == [kept]


# the run


def write_program(path, text):
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_crash_costs_one_result_and_names_it(tmp_path):
    """Blender ends during the first result; the next process has nothing left to do."""
    folder = Folder(tmp_path / "out")
    folder.write_current(KEY)
    current = folder.current.read_text()
    folder.write_current(None)
    program = write_program(
        tmp_path / "python",
        f"""
import pathlib, sys
here = pathlib.Path({str(tmp_path)!r})
if not (here / "second").exists():
    (here / "second").touch()
    pathlib.Path({str(folder.current)!r}).write_text({current!r})
    sys.exit(7)
""",
    )
    supervise.make_results(tmp_path / "plan.json", folder, "now", program)
    (line,) = folder.read_made("now").values()
    assert line["key"] == KEY.to_dict()
    assert "ended with 7" in judge_result(line)["made"].detail
    assert judge_result(line)["made"].state == FAILED


def test_a_blender_that_does_not_start_is_no_endless_loop(tmp_path):
    program = write_program(tmp_path / "python", "raise SystemExit(3)")
    with pytest.raises(RuntimeError, match="status 3"):
        supervise.make_results(tmp_path / "plan.json", Folder(tmp_path), "now", program)


def test_a_result_that_hangs_is_stopped(tmp_path):
    program = write_program(tmp_path / "python", "import time; time.sleep(3600)")
    assert supervise.run_watched([str(program)], Folder(tmp_path), limit=0.2) is None


def test_the_sample_for_gcode_has_every_topology_and_budget():
    keys = plan_keys([f"p{n}" for n in range(9)], ["pixel"], ["quads", "voxel"], [1000, 5000])
    lines = [{"key": key.to_dict(), "files": {"stl": "x"}} for key in keys]
    chosen = run.choose_sliced(lines, 10)
    assert len(chosen) == 10
    shapes = [(line["key"]["topology"], line["key"]["budget"]) for line in chosen]
    assert all(shapes.count(shape) == 2 for shape in shapes)
    assert run.choose_sliced(lines, 10) == chosen


def test_failures_are_named_and_counted(tmp_path):
    folder = Folder(tmp_path)
    crashed = {"key": KEY.to_dict(), "error": "Blender ended with -11", "validators": {}}
    facts = {
        "asked": 2,
        "pictures": {"chair": "chair.png"},
        "left_out": ["heldout: there is no data pack"],
        "versions": {"trimesh": "1"},
        "missing": {"prusa-slicer": "sudo apt install prusa-slicer"},
        "blind": [],
        "sliced": 24,
    }
    count, text = write_report(folder, [crashed], facts, [])
    assert count == 1
    assert "chair-pixel-quads-5000: Blender ended with -11" in text
    assert "**prusa-slicer left out**: sudo apt install prusa-slicer" in text
    assert "heldout: there is no data pack" in text
    record = json.loads((tmp_path / "report.json").read_text())
    assert record["failures"] == [
        {"file": KEY.stem, "rule": "made", "why": "Blender ended with -11"}
    ]
    assert record["sound"] == 0


def test_finishing_is_all_that_comes_after_the_extraction():
    times = {"load": 1, "cut": 2, "encode": 3, "extract": 4, "finish": 5, "coat": 6, "total": 99}
    assert split_times(times) == (10, 11)


def test_options(tmp_path):
    quick = run.parse_options(["--quick"])
    assert (quick.limit, quick.engines, quick.budgets) == (1, ["pixel"], [1000, 5000])
    whole = run.parse_options(["--turntables"])
    assert whole.turntables == 10
    pictures = 3 * whole.limit
    results = len(whole.engines) * (1 + len(whole.topologies) * len(whole.budgets))
    assert pictures * results >= 100
    with pytest.raises(launcher.SetupError, match="no file"):
        run.choose_pictures(run.parse_options(["--pictures", str(tmp_path / "none.png")]))
    assert "check-meshes" in launcher.USAGE


# front views


def test_a_front_view_is_compared_inside_both_silhouettes(tmp_path):
    rng = np.random.default_rng(0)
    picture = np.zeros((64, 64, 4))
    picture[16:48, 16:48, 3] = 1
    picture[..., :3] = rng.uniform(0, 0.8, (64, 64, 3))
    path = tmp_path / "picture.png"
    Image.fromarray((picture * 255).round().astype(np.uint8)).save(path)
    read = read_picture(path, (64, 64))
    assert compare_views(read, read) == {"psnr": 99.0, "iou": 1.0}
    seen = read.copy()
    seen[..., :3] += 0.1
    assert compare_views(seen, read)["psnr"] == pytest.approx(20, abs=0.01)
    seen[..., 3] = np.roll(read[..., 3], 16, axis=1)
    assert compare_views(seen, read)["iou"] == pytest.approx(1 / 3)
    opaque = read.copy()
    opaque[..., 3] = 1
    assert compare_views(read, opaque)["iou"] is None
