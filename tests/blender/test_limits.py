"""What the preferences allow the worker, and what they say of it."""

import time

import bpy
import pytest
from blender_helpers import PACKAGE, part

OPERATORS = bpy.ops.bozzetto


@pytest.fixture
def preferences():
    preferences = bpy.context.preferences.addons[PACKAGE].preferences
    yield preferences
    for name in ("device", "memory_limit", "idle_minutes"):
        preferences.property_unset(name)


def runtime():
    return part("scene.runtime")


def generate(picture, name="stool"):
    OPERATORS.generate_from_file(filepath=str(picture(name)))


@pytest.mark.usefixtures("fake_worker")
def test_limits_hold_for_the_worker_that_is_warm_already(picture, preferences):
    generate(picture)
    queue = runtime().find_queue()
    assert queue.memory_limit == 0
    preferences.memory_limit, preferences.idle_minutes = 1.5, 3.0
    assert queue.memory_limit == 1_500_000_000
    assert queue.limits.idle == 180.0
    preferences.idle_minutes = 0.0
    assert queue.limits.idle is None, "0 is never"


@pytest.mark.usefixtures("fake_worker")
def test_worker_below_its_needs_is_a_message_and_the_next_generate_works(picture, preferences):
    before = len(bpy.data.objects)
    preferences.memory_limit = 0.01
    with pytest.raises(RuntimeError, match=r"memory limit of 0\.01 GB is less"):
        generate(picture)
    failure = part("operators.jobs").failure
    assert "Memory Limit" in failure.fix
    assert len(bpy.data.objects) == before
    preferences.memory_limit = 8.0
    generate(picture)
    assert len(bpy.data.objects) == before + 1


@pytest.mark.usefixtures("fake_worker")
def test_idle_worker_goes_by_stepping_and_never_when_told_so(picture, preferences):
    preferences.idle_minutes = 0.002
    generate(picture)
    queue, pump = runtime().find_queue(), part("operators.jobs").pump
    deadline = time.monotonic() + 30
    while queue.pid is not None:
        assert time.monotonic() < deadline
        pump()
        time.sleep(0.01)
    preferences.idle_minutes = 0.0
    generate(picture)
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        pump()
        time.sleep(0.01)
    assert queue.pid is not None


@pytest.mark.usefixtures("fake_worker")
def test_device_that_is_not_there_is_said_beforehand(picture, preferences):
    find_note = part("scene.system_report").find_device_note
    preferences.device = "cuda"
    assert find_note() == "", "nothing is known yet"
    generate(picture)  # the pretended worker says it computes on the processor
    assert "no cuda here" in find_note()
    preferences.device = "automatic"
    assert find_note() == ""


@pytest.mark.usefixtures("fake_worker")
def test_report_tells_versions_device_settings_and_errors_but_no_folders(
    picture, preferences, monkeypatch, tmp_path
):
    from pathlib import Path

    monkeypatch.setenv("HOME", str(tmp_path / "ann"))
    secret = tmp_path / "ann" / "Secret Client"
    secret.mkdir(parents=True)
    group = bpy.context.scene.bozzetto
    group.checkpoint = str(secret / "own.safetensors")
    group.seed = 4711
    with pytest.raises(RuntimeError):
        OPERATORS.generate_from_file(filepath=str(secret / "no chair.png"))
    reports = part("operators.reports")
    settings = part("panels.properties").read_settings(group)
    text = part("scene.system_report").make_system_report(settings, reports.collect_errors())
    for words in (
        f"Blender {bpy.app.version_string}",
        "Worker's Python:",
        "device automatic",
        "IM-NET: not checked yet",
        "4711",
        "PictureError",
        "no chair.png",
        "own.safetensors",
    ):
        assert words in text, (words, text)
    for words in ("Secret", "ann/", str(tmp_path), str(Path.home())):
        assert words not in text, (words, text)
    assert OPERATORS.copy_system_report() == {"FINISHED"}
    assert "Secret" not in part("operators.jobs").failure.report


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("'/home/ann/my client/a b.png' is gone", "'.../a b.png' is gone"),
        ("see /srv/x/y.log, then", "see .../y.log, then"),
        (r'File "C:\Users\Ann\pic ture.png", line 3', 'File ".../pic ture.png", line 3'),
        ("from https://download.pytorch.org/whl/cpu/x.whl", None),
        ("5/3 of 1/2, and/or", None),
    ],
)
def test_paths_are_cut_and_other_words_stay(text, wanted):
    assert part("scene.private_paths").hide_paths(text) == (wanted or text)


def test_cache_is_measured_and_cleared(monkeypatch, tmp_path):
    cache = part("scene.cache")
    folder = part("inference.runtime.folder").RuntimeFolder(tmp_path / "runtime")
    monkeypatch.setattr(runtime(), "_folder", folder)
    monkeypatch.setattr(cache, "find_folder", lambda: tmp_path)
    cache._measured = None
    assert cache.measure() == 0
    assert not OPERATORS.clear_cache.poll()
    folder.cache.mkdir(parents=True)
    (folder.cache / "wheel").write_bytes(b"x" * 3_000_000)
    (folder.path / "runtime.json").write_text("{}")
    cache._measured = None
    assert cache.measure() == 3_000_000
    assert OPERATORS.clear_cache() == {"FINISHED"}
    assert not folder.cache.exists()
    assert (folder.path / "runtime.json").exists(), "only the cache goes"
