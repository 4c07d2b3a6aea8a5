"""The summary of a batch: for spreadsheets, for programs, and to go on from."""

import csv
import json

import pytest

from bozzetto.inference.batch.summary import (
    Row,
    count_states,
    describe_counts,
    read_summary,
    write_summary,
)
from bozzetto.inference.errors import SettingsError

ROWS = [
    Row(
        *("/p/椅子, alt.png", "椅子, alt", "done", "imnet", 3, 1.5, 1200, (0.5, 0.25, 1.0)),
        outputs=("椅子, alt.glb", "椅子, alt.json"),
        messages=("The cut is uncertain.",),
        settings={"seed": 3},
    ),
    Row("/p/b.png", "b", "failed", error='It said "no",\nloudly.', fix="Try another."),
    Row("/p/c.png", "c"),
]


def test_files_tell_what_became_of_each(tmp_path):
    table, record = write_summary(tmp_path / "new", ROWS, head={"batch": "p"})
    with table.open(encoding="utf-8-sig", newline="") as stream:
        first, second, third = csv.DictReader(stream)
    assert first["picture"] == "/p/椅子, alt.png"
    assert (first["state"], first["engine"], first["seed"]) == ("done", "imnet", "3")
    assert (first["faces"], first["height"]) == ("1200", "1.0000")
    assert first["outputs"] == "椅子, alt.glb; 椅子, alt.json"
    assert (second["error"], second["fix"]) == ('It said "no",\nloudly.', "Try another.")
    assert (second["faces"], second["width"]) == ("", "")
    assert third["state"] == "queued"
    content = json.loads(record.read_text(encoding="utf-8"))
    assert content["counts"] == count_states(ROWS)
    assert content["batch"] == "p"
    assert content["pictures"][0]["size"] == [0.5, 0.25, 1.0]
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [table.name, record.name]


def test_reading_gives_the_rows_back(tmp_path):
    write_summary(tmp_path, ROWS)
    assert read_summary(tmp_path) == ROWS
    assert read_summary(tmp_path / "none") == []


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"version": 9, "pictures": []}', '{"version": 1, "pictures": [{"name": 1}]}',
     '{"version": 1, "pictures": [{"picture": "/a.png", "name": "../../a"}]}'],
)  # fmt: skip
def test_damaged_summary_is_refused(tmp_path, text):
    (tmp_path / "summary.json").write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_summary(tmp_path)
    assert "summary.json" in caught.value.message
    assert caught.value.fix


def test_failed_write_leaves_the_old_files(tmp_path, monkeypatch):
    write_summary(tmp_path, ROWS[:1])
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(*_):
        raise OSError("no space left")

    monkeypatch.setattr("bozzetto.inference.batch.summary.os.replace", fail)
    with pytest.raises(OSError, match="no space"):
        write_summary(tmp_path, ROWS)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_counts_in_words():
    assert describe_counts(ROWS) == "1 done, 1 failed, 1 left"
    assert describe_counts([Row("/a.png", "a", "done", kept=True)]) == "0 done, 1 kept"
