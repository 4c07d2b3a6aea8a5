"""The table and the records say what was measured."""

import json

import numpy as np
import pytest
from analytic_shapes import armchair
from PIL import Image

from bozzetto.evaluation.judging import Case, Task, judge_object, share_in_pack
from bozzetto.evaluation.metrics.alignment import ALIGNMENTS, DELIVERED
from bozzetto.evaluation.metrics.shape import turn
from bozzetto.evaluation.metrics.silhouette import View
from bozzetto.evaluation.objects import JudgedObject
from bozzetto.evaluation.report.record import log_test_run, write_results
from bozzetto.evaluation.report.sheet import Tile, choose_rows, save_sheet
from bozzetto.evaluation.report.table import (
    class_table,
    difference,
    difference_table,
    write_table,
)
from bozzetto.training.data.formats.mesh import normalise

METRICS = ("iou", "chamfer", "f1", "f2", "f5", "normals", "outline", "new_outlines")
VIEW = View(30, 20, 30, 2.1)


def row(method, number, iou, kind="chair", generated=False, **more):
    scores = dict.fromkeys(METRICS, iou)
    return {
        "id": f"p/{kind}{number}",
        "class": kind,
        "group": number,
        "generated": generated,
        "method": method,
        "pictures": "transparent",
        "picture": 0,
        "symmetry": 1,
        "yaw": 10.0,
        "yaw_error": 10.0,
        **dict.fromkeys(ALIGNMENTS, scores),
        **more,
    }


def rows_of(better, kind="chair", count=20, **more):
    rng = np.random.default_rng(0)
    hard = rng.uniform(0.2, 0.6, count)
    return [row("ours", i, hard[i] + better, kind, **more) for i in range(count)] + [
        row("theirs", i, hard[i], kind, **more) for i in range(count)
    ]


def test_a_difference_is_paired_by_picture_and_has_a_verdict():
    found = difference(rows_of(0.1), "ours", "theirs", DELIVERED, "iou")
    assert (found.mean, found.verdict) == (pytest.approx(0.1), "better")
    # smaller distances are better: the sign turns them
    found = difference(rows_of(0.1), "ours", "theirs", DELIVERED, "chamfer", -1.0)
    assert (found.mean, found.verdict) == (pytest.approx(-0.1), "worse")


def test_engines_are_compared_with_baselines_and_once_with_each_other():
    rows = rows_of(0.1) + [row("baseline", number, 0.1) for number in range(20)]
    table = difference_table(rows, ["ours", "theirs"], ["baseline"]).splitlines()
    assert [cell.strip() for cell in table[1].split("|")[1:-1]] == ["", "baseline", "theirs"]
    ours = next(line for line in table if "ours: IoU, as delivered" in line).split("|")
    theirs = next(line for line in table if "theirs: IoU, as delivered" in line).split("|")
    assert ours[3].strip().startswith("0.100")
    assert ours[3].strip().endswith("better")
    assert theirs[2].strip().endswith("better")
    assert not theirs[3].strip()


def test_small_classes_are_marked_and_get_no_verdict():
    table = class_table(
        rows_of(0.1) + rows_of(0.1, "lamp", count=5), ["ours"], ["theirs"]
    ).splitlines()
    chair, lamp = (
        next(line for line in table if line.startswith(f"| {k}")) for k in ("chair", "lamp")
    )
    assert "better" in chair
    assert "†" in lamp
    assert "shown" in lamp


def test_generated_shapes_stand_apart_from_package_meshes():
    table = write_table(rows_of(0.1) + rows_of(-0.1, generated=True), ["ours"], ["theirs"])
    real, made = table.split("## transparent: generated shapes")
    assert "package meshes (20 objects)" in real
    assert "| 0.100 [0.100, 0.100] better" in real
    assert "| -0.100 [-0.100, -0.100] worse" in made


def test_failures_are_counted_and_stay_in_the_mean():
    failed = {key: {**dict.fromkeys(METRICS, 0.0), "chamfer": None} for key in ALIGNMENTS}
    rows = [row("ours", 0, 0.8), row("ours", 1, 0.0, yaw=None, yaw_error=None, **failed)]
    line = next(t for t in write_table(rows, ["ours"], []).splitlines() if t.startswith("| ours"))
    cells = [cell.strip() for cell in line.split("|")]
    assert cells[2:4] == ["2", "1"]
    assert cells[4].startswith("0.400")
    assert cells[5] == "0.800"  # a distance of nothing is none


def test_the_outline_by_the_engines_own_camera_is_a_line_of_its_own():
    rows = [row("ours", i, 0.5, own_outline=0.9) for i in range(3)]
    assert "believes in: ours 0.900 [0.900, 0.900]." in write_table(rows, ["ours"], [])
    unknown = [row("ours", i, 0.5, own_outline=None) for i in range(3)]
    assert "believes in" not in write_table(unknown, ["ours"], [])


def test_objects_that_look_alike_all_round_have_no_yaw_error():
    rows = [row("ours", i, 0.5, symmetry=None, yaw_error=None) for i in range(3)]
    assert "yaw error" not in write_table(rows, ["ours"], [])
    assert "2 of order 1, 1 of order ∞" in write_table(
        [row("ours", 0, 0.5), row("ours", 1, 0.5), *rows[2:]], ["ours"], []
    )


@pytest.fixture(scope="module")
def task(tmp_path_factory):
    mesh, _ = normalise(armchair().mesh)
    vertices, faces = mesh.vertices.astype(np.float32), mesh.faces
    packed = np.zeros((64, 64, 64), bool)
    item = JudgedObject(0, "p/armchair", "p", "armchair", "chair", 0, False)
    cases = (
        Case("right", "transparent", 0, VIEW, vertices * 2, faces, vertices, faces),
        Case("turned", "transparent", 0, VIEW, vertices @ turn(90).T.astype(np.float32), faces),
        Case("failed", "transparent", 0, VIEW, None, None, facts={"error": "PictureError"}),
        Case("flat", "transparent", 0, VIEW, vertices * np.float32([1, 1, 0]), faces),
    )
    return Task(item, mesh, "digest", packed, cases, tmp_path_factory.mktemp("cache"))


def test_an_object_is_judged_from_mesh_to_rows(task):
    right, turned, failed, flat = judge_object(task)
    assert right[DELIVERED]["iou"] > 0.96
    assert right["raw_iou"] == pytest.approx(right["finished_iou"], abs=0.01)
    assert turned[DELIVERED]["iou"] < 0.8
    assert turned["yaw_error"] == 90
    assert failed["error"] == "PictureError"
    assert failed[DELIVERED]["iou"] == 0
    assert "extent" in flat["error"]
    assert right["pack_agreement"] == 0  # this pack's solid is empty


def test_measured_rows_are_kept(task):
    first = judge_object(task)
    files = sorted(task.cache.rglob("*.json"))
    written = [file.stat().st_mtime_ns for file in files]
    assert judge_object(task) == first
    assert [file.stat().st_mtime_ns for file in files] == written


def test_an_object_that_the_pack_holds_otherwise_is_noticed():
    fine = np.zeros((128, 128, 128), bool)
    fine[32:96, 62:64, 32:96] = True
    packed = np.zeros((64, 64, 64), bool)
    packed[16:48, 30:33, 16:48] = True  # thickened: still the same
    assert share_in_pack(fine, packed) == 1
    assert share_in_pack(fine.transpose(1, 0, 2), packed) < 0.2
    assert share_in_pack(fine, np.zeros_like(packed)) == 0


def test_a_sheet_shows_best_middling_and_worst(task, tmp_path):
    picture = tmp_path / "picture.png"
    Image.new("RGBA", (16, 16), (255, 0, 0, 255)).save(picture)
    rows = [row("ours", i, i / 30) for i in range(30)]
    chosen = choose_rows(rows)
    assert [r["group"] for r in chosen["best"]][:2] == [29, 28]
    assert [r["group"] for r in chosen["worst"]][:2] == [0, 1]
    shape = armchair()
    tiles = {
        name: [Tile(found[0], picture, VIEW, shape, None if name == "worst" else shape)]
        for name, found in chosen.items()
    }
    sheet = Image.open(save_sheet(tiles, tmp_path / "sheet.png"))
    assert len(sheet.convert("L").getcolors(1 << 20)) > 50


def test_runs_on_the_test_split_are_remembered(tmp_path):
    facts = {"pack": "p", "engines": {"imnet": "hash"}}
    assert log_test_run(tmp_path, facts) == []
    (earlier,) = log_test_run(tmp_path, facts)
    assert earlier["engines"] == {"imnet": "hash"}
    assert log_test_run(tmp_path, {**facts, "engines": {"imnet": "other"}}) == []
    assert len((tmp_path / "test_runs.jsonl").read_text().splitlines()) == 3


def test_results_hold_every_row(tmp_path):
    path = write_results(tmp_path / "run", {"pack": "p"}, [row("ours", 0, 0.5)])
    found = json.loads(path.read_text())
    assert found["pack"] == "p"
    assert found["rows"][0][DELIVERED]["iou"] == 0.5
