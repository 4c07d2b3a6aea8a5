"""The driver itself: it sees the window, and nothing outlives it."""

from pathlib import Path

from PIL import Image


def _command_lines():
    lines = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                lines.append((folder / "cmdline").read_bytes().replace(b"\0", b" "))
            except OSError:
                continue
    return lines


def test_window_takes_real_keys_and_is_photographed(play_steps):
    report = play_steps("window")
    assert report.problem is None
    assert report.facts["n_key_toggles_sidebar"] is True
    assert report.leftover == []
    (picture,) = report.screenshots
    with Image.open(picture) as image:
        assert image.size == (1280, 800)
        assert len(image.convert("RGB").getcolors(1 << 20)) > 100, "the screen is blank"


def test_process_left_behind_is_reported_and_ended(play_steps):
    report = play_steps("orphan", grace=2)
    assert report.problem is None
    assert report.leftover == ["sleep 4321"]
    assert not [line for line in _command_lines() if b"sleep 4321" in line]


def test_run_that_never_ends_is_cut_short(play_steps):
    report = play_steps("endless", limit=15)
    assert "still ran" in report.problem
    assert not [line for line in _command_lines() if b"endless.py" in line]
