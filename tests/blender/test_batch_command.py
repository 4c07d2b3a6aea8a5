"""`blender --command bozzetto batch`: files and a summary for every picture."""

import csv
import json
import os
import signal

import bpy
import pytest
from blender_helpers import draw_chair, part, write_png

pytestmark = pytest.mark.usefixtures("fake_worker")


@pytest.fixture
def folder(tmp_path):
    """`folder("a", "sub/b")`: pictures in a folder."""

    def fill(*names):
        for name in names:
            path = tmp_path / "stools" / f"{name}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_png(path, draw_chair())
        return tmp_path / "stools"

    return fill


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def run(*arguments):
    return part("cli").run(["batch", *map(str, arguments)])


def read_json(out):
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


def list_states(out):
    return {entry["name"]: entry["state"] for entry in read_json(out)["pictures"]}


def list_files(out):
    return sorted(path.name for path in out.iterdir())


def test_every_picture_gets_its_files_and_its_line(folder, out, capfd):
    place = folder("p10", "p9", "doubt")
    (place / "notes.txt").write_text("no picture")
    assert run(place, "--output", out, "--faces", 500, "--seed", 3, "--json") == 0
    captured = capfd.readouterr()
    names = ("doubt", "p10", "p9")
    kinds = ("blend", "glb", "json")
    wanted = [f"{name}.{kind}" for name in names for kind in kinds]
    assert list_files(out) == sorted([*wanted, "summary.csv", "summary.json"])
    with (out / "summary.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [os.path.basename(row["picture"]) for row in rows] == ["doubt.png", "p9.png", "p10.png"]
    assert {(row["state"], row["engine"], row["seed"]) for row in rows} == {("done", "pixel", "3")}
    assert all(int(row["faces"]) <= 550 and float(row["seconds"]) > 0 for row in rows)
    assert rows[0]["messages"] == "The cut is uncertain."
    assert json.loads(captured.out[captured.out.index("{\n") :]) == read_json(out)
    for words in ("notes.txt", "2/3 p9: done", "3 done", "summary.csv"):
        assert words in captured.err
    for name in names:
        report = json.loads((out / f"{name}.json").read_text(encoding="utf-8"))
        assert report["object"] == name
        assert (out / f"{name}.glb").read_bytes()[:4] == b"glTF"
    bpy.ops.wm.open_mainfile(filepath=str(out / "p10.blend"))
    (item,) = bpy.data.objects
    assert item.name == "p10"
    assert tuple(item.location) == (0, 0, 0)
    assert item.users_collection[0].name == "Bozzetto"
    assert len(bpy.data.meshes) == len(bpy.data.materials) == 1, "nothing of the others"


def test_formats_that_are_asked_for_with_what_belongs_to_them(folder, out):
    formats = [kind for kind in part("scene.export").list_formats() if kind != "glb"]
    assert run(folder("a"), "--output", out, "--faces", 500, "--formats", *formats) == 0
    names = [f"a.{kind}" for kind in (*formats, "mtl")]
    assert list_files(out) == sorted([*names, "summary.csv", "summary.json"])
    assert "mtllib a.mtl" in (out / "a.obj").read_text()
    assert read_json(out)["pictures"][0]["outputs"] == [f"a.{kind}" for kind in formats]


def test_failures_are_all_told_and_stop_nothing(folder, out, capfd):
    place = folder("a", "kill", "weights", "z")
    (place / "text.png").write_text("fake workers open no pictures, so this one is made")
    missing = place / "gone.png"
    assert run(place, missing, "--output", out, "--formats", "glb", "--quiet") == 1
    states = list_states(out)
    assert [name for name, state in states.items() if state == "failed"] == [
        "kill", "weights", "gone",
    ]  # fmt: skip
    assert (out / "a.glb").is_file()
    assert (out / "z.glb").is_file()
    assert not list(out.glob("kill*"))
    errors = capfd.readouterr().err
    for words in ("Fetch them again.", "does not exist", "killed"):
        assert words in errors, "quiet, but not silent about failures"
    assert "done" not in errors
    assert all(e["fix"] for e in read_json(out)["pictures"] if e["state"] == "failed")


def test_pictures_of_one_name_do_not_overwrite_each_other(folder, out):
    place = folder("a", "sub/a", "other/A")
    paths = (place, place / "sub", place / "other")
    assert run(*paths, "--output", out, "--formats", "json") == 0
    assert list_files(out) == ["A_3.json", "a.json", "a_2.json", "summary.csv", "summary.json"]
    for entry in read_json(out)["pictures"]:
        report = json.loads((out / entry["outputs"][0]).read_text(encoding="utf-8"))
        assert report["picture"]["path"] == entry["picture"]


def test_existing_results_are_never_replaced_unasked(folder, out, capfd):
    place = folder("a", "b")
    out.mkdir()
    (out / "b.blend").write_bytes(b"the artist's own")
    assert run(place, "--output", out) == 2
    errors = capfd.readouterr().err
    for words in ("b.blend", "--resume", "--overwrite"):
        assert words in errors
    assert list_files(out) == ["b.blend"]
    assert run(place, "--output", out, "--overwrite") == 0
    assert (out / "b.blend").read_bytes() != b"the artist's own"
    assert run(place, "--output", out) == 2, "the summary is there"
    assert run(place, "--output", out, "--resume", "--overwrite") == 2


def stamp(out):
    return {path.name: path.stat().st_mtime_ns for path in out.glob("*.glb")}


def test_resume_keeps_what_is_done_and_does_the_rest(folder, out, capfd):
    place = folder("a", "b", "weights")
    options = ("--output", out, "--formats", "glb", "--resume")
    assert run(place, *options) == 1
    before = stamp(out)
    folder("c", "sub/a")
    (place / "weights.png").rename(place / "works.png")
    assert run(place, place / "sub", *options) == 0
    assert "2 kept" in capfd.readouterr().err
    after = stamp(out)
    assert sorted(after) == ["a.glb", "a_2.glb", "b.glb", "c.glb", "works.glb"]
    assert {name: after[name] for name in before} == before
    assert list_states(out) == {
        "a": "done", "b": "done", "c": "done", "works": "done", "a_2": "done", "weights": "failed",
    }  # fmt: skip


@pytest.mark.parametrize("change", ["setting", "faces", "picture", "file"])
def test_resume_does_again_what_would_be_different(folder, out, change):
    place = folder("a", "b")
    options = ["--output", out, "--formats", "glb", "--resume"]
    assert run(place, *options) == 0
    before = stamp(out)
    if change == "picture":
        write_png(place / "b.png", draw_chair(120))
    elif change == "file":
        (out / "b.glb").unlink()
    else:
        options += ["--seed", 5] if change == "setting" else ["--faces", 100]
    assert run(place, *options) == 0
    same = [name for name, time in stamp(out).items() if time == before[name]]
    assert same == ([] if change in ("setting", "faces") else ["a.glb"])


def test_resume_takes_no_name_that_an_earlier_picture_has(folder, out):
    place = folder("a", "sub/a")
    options = ("--output", out, "--formats", "json", "--resume")
    assert run(place / "sub", *options) == 0
    assert run(place, *options) == 0
    report = json.loads((out / "a.json").read_text(encoding="utf-8"))
    assert report["picture"]["path"] == str(place / "sub" / "a.png")
    assert list_states(out) == {"a": "done", "a_2": "done"}


def test_ctrl_c_stops_the_rest_and_writes_the_summary(folder, out, monkeypatch):
    bar = part("cli_batch")._Bar
    show = bar.show

    def press(self, progress, message):
        if message.startswith("loop: Understanding"):
            os.kill(os.getpid(), signal.SIGINT)
        show(self, progress, message)

    monkeypatch.setattr(bar, "show", press)
    before = signal.getsignal(signal.SIGINT)
    assert run(folder("a", "loop", "x", "y"), "--output", out, "--formats", "glb") == 130
    assert signal.getsignal(signal.SIGINT) == before
    assert list_states(out) == {
        "a": "done", "loop": "cancelled", "x": "cancelled", "y": "cancelled",
    }  # fmt: skip
    assert list_files(out) == ["a.glb", "summary.csv", "summary.json"]
    assert part("scene.runtime").find_queue() is None, "the worker is gone"


def test_files_that_cannot_be_written_fail_alone_and_leave_nothing(folder, out, monkeypatch):
    writers = part("cli_output").WRITERS
    write = writers[".glb"]

    def fail(path, item, report):
        if path.stem == "b":
            path.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        write(path, item, report)

    monkeypatch.setitem(writers, ".glb", fail)
    assert run(folder("a", "b", "c"), "--output", out, "--formats", "json", "glb") == 1
    assert list_states(out) == {"a": "done", "b": "failed", "c": "done"}
    assert not [name for name in list_files(out) if name.startswith(("b", "."))]
    assert "No space left" in read_json(out)["pictures"][1]["error"]
    assert not bpy.data.objects
    assert not bpy.data.meshes


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["."], 2, "--output"),
        (["/no/such/folder", "--output", "x"], 3, "no such file or folder"),
        (["EMPTY", "--output", "x"], 3, "No picture was found"),
        (["PLACE", "--output", "FILE"], 1, "--output"),
        (["PLACE", "--output", "x", "--formats", "docx"], 2, "docx"),
        (["PLACE", "--output", "x", "--class", "spoon"], 2, "spoon"),
        (["--help"], 0, "--resume"),
    ],
)
def test_command_says_what_is_wrong(arguments, status, words, folder, tmp_path, capfd):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    named = {"PLACE": folder("a"), "EMPTY": tmp_path / "empty", "FILE": tmp_path / "file"}
    arguments = [named.get(word, word) for word in arguments]
    arguments = [tmp_path / "x" if word == "x" else word for word in arguments]
    assert run(*arguments) == status
    captured = capfd.readouterr()
    assert words in captured.err + captured.out
    assert not (tmp_path / "x").exists()


def test_damaged_summary_is_not_resumed_from(folder, out, capfd):
    out.mkdir()
    (out / "summary.json").write_text("{")
    assert run(folder("a"), "--output", out, "--resume") == 2
    assert "summary.json" in capfd.readouterr().err
    assert (out / "summary.json").read_text() == "{"


def test_without_runtime_nothing_is_begun(folder, out, monkeypatch, capfd):
    monkeypatch.setenv("BOZZETTO_WORKER_PYTHON", "/nowhere/python")
    assert run(folder("a"), "--output", out) == 5
    assert "not there" in capfd.readouterr().err
    assert not out.exists()
