"""`./bozzetto batch`: what it hands to the extension, and the strips it renders."""

import json

import pytest

from bozzetto.tools import batch


@pytest.fixture
def calls(monkeypatch, tmp_path):
    """What was called; `calls.status` is what the extension answers."""

    class Calls(list):
        status = 0

    made = Calls()

    def run_command(arguments):
        made.append(arguments)
        folder = tmp_path / "out"
        folder.mkdir(exist_ok=True)
        rows = [
            {"name": "a", "state": "done", "picture": "/p/a.png", "outputs": ["a.blend"]},
            {"name": "b", "state": "failed", "picture": "/p/b.png", "outputs": []},
        ]
        (folder / "a.blend").touch()
        (folder / "summary.json").write_text(json.dumps({"pictures": rows}))
        return made.status

    def render_strip(blend, picture, strip):
        made.append((blend.name, picture, strip.name))
        strip.touch()
        return 0

    monkeypatch.setattr(batch, "run_command", run_command)
    monkeypatch.setattr(batch, "render_strip", render_strip)
    monkeypatch.chdir(tmp_path)
    return made


def test_pictures_and_options_are_handed_on_and_strips_rendered(calls, tmp_path):
    (tmp_path / "photos").mkdir()
    assert batch.run(["photos", "--output", "out", "--faces", "500"]) == 0
    (command, strip) = calls
    assert command[:2] == ["batch", str(tmp_path / "photos")]
    assert command[2:] == ["--faces", "500", "--output", str(tmp_path / "out")]
    assert strip == ("a.blend", "/p/a.png", "a.png"), "of what is done alone"
    assert batch.run(["photos", "--output", "out", "--resume"]) == 0
    assert len(calls) == 3, "a strip that is there is not rendered again"


def test_status_is_that_of_the_batch(calls):
    calls.status = 1
    assert batch.run(["photos", "--output", "out"]) == 1
    assert len(calls) == 2
    calls.status = 130
    assert batch.run(["photos", "--output", "out", "--no-strip"]) == 130


def test_strips_never_go_among_the_pictures(calls, tmp_path, capsys):
    (tmp_path / "photos").mkdir()
    for given in ("photos", "photos/a.png"):
        with pytest.raises(SystemExit):
            batch.run([given, "--output", "photos"])
    assert "--output" in capsys.readouterr().err
    assert not calls
