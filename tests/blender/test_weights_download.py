"""TripoSR's weights from inside Blender: what is greyed and why, the download, what follows."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import bpy
import pytest
from blender_helpers import FAKE_WORKER, PACKAGE, count_data, part

OPERATORS = bpy.ops.bozzetto
HELPERS = Path(__file__).resolve().parents[1] / "inference"
BOOT = HELPERS / "install_boot.py"
LACK = "TripoSR's weights are not installed: download or import them"


@pytest.fixture(autouse=True)
def shelf(monkeypatch, tmp_path):
    """A folder of the test's own."""
    shelf = part("inference.store.shelf").Shelf(tmp_path / "weights")
    monkeypatch.setattr(part("scene.shelves"), "_shelf", shelf)
    yield shelf
    weights().close()


def weights():
    return part("scene.weights")


def add_installed(shelf):
    """A record and a file that are cheap to believe."""
    module = part("inference.store.shelf")
    shelf.folder.mkdir(parents=True, exist_ok=True)
    path = shelf.folder / "triposr-12345678.safetensors"
    path.write_bytes(b"12345")
    item = module.Weights("TripoSR", path, "triposr", 5, "0" * 64, "MIT", False)
    shelf.write_record(item)
    return item


def find_reason(operator, **properties):
    with pytest.raises(RuntimeError) as caught:
        operator(**properties)
    return str(caught.value)


def choose(picture):
    group = bpy.context.scene.bozzetto
    group.engine, group.filepath = "triposr", str(picture("stool"))
    return group


def load_fake_layout():
    import importlib.util

    path = Path(__file__).with_name("fake_layout.py")
    spec = importlib.util.spec_from_file_location("fake_layout", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FakeLayout()


def draw(panel, **context):
    from types import SimpleNamespace

    layout = load_fake_layout()
    given = {
        "scene": bpy.context.scene,
        "view_layer": bpy.context.view_layer,
        "active_object": bpy.context.view_layer.objects.active,
        "space_data": SimpleNamespace(type="VIEW_3D", image=None),
        "window_manager": bpy.context.window_manager,
        **context,
    }
    panel.draw(SimpleNamespace(layout=layout), SimpleNamespace(**given))
    return layout


def draw_main():
    return draw(part("panels.main").BOZZETTO_PT_main)


def draw_preferences():
    layout = load_fake_layout()
    part("panels.weights_box").draw_weights(layout)
    return layout


@pytest.mark.usefixtures("fake_worker")
def test_every_way_to_generate_is_greyed_with_the_reason(picture, tmp_path):
    group = choose(picture)
    bpy.data.images.load(str(picture("stool")))
    for name, given in (
        ("generate", {}),
        ("replace", {}),
        ("generate_from_file", {"filepath": group.filepath}),
        ("generate_from_image", {"image": "stool.png"}),
        ("batch", {"directory": str(tmp_path)}),
    ):
        assert not getattr(OPERATORS, name).poll(), name
        assert LACK in find_reason(getattr(OPERATORS, name), **given), name
    assert OPERATORS.preview_cut.poll(), "the cut needs no engine"
    group.engine = "pixel"
    assert OPERATORS.generate.poll()
    group.engine, group.checkpoint = "triposr", "/some/model.ckpt"
    assert OPERATORS.generate.poll(), "a chosen file is for the worker to judge"


@pytest.mark.usefixtures("fake_worker")
def test_sidebars_show_what_helps(picture, online):
    from types import SimpleNamespace

    choose(picture)
    image = bpy.data.images.load(str(picture("stool")))
    editor = part("panels.image_editor").BOZZETTO_PT_image_editor
    for layout in (
        draw_main(),
        draw(editor, space_data=SimpleNamespace(type="IMAGE_EDITOR", image=image)),
    ):
        assert {"bozzetto.download_weights", "bozzetto.import_weights"} <= set(
            layout.names("operator")
        )
        text = " ".join(layout.names("label"))
        assert "not installed" in text
        assert "1.68 GB" in text
        assert "MIT" in text
    bpy.context.preferences.system.use_online_access = False
    assert "screen.userpref_show" in draw_main().names("operator")
    bpy.context.scene.bozzetto.engine = "pixel"
    assert "bozzetto.download_weights" not in draw_main().names("operator")


@pytest.mark.usefixtures("fake_worker")
def test_installed_weights_are_found_by_the_worker(picture, shelf):
    choose(picture)
    add_installed(shelf)
    assert "bozzetto.download_weights" not in draw_main().names("operator")
    assert OPERATORS.generate() == {"FINISHED"}
    record = part("scene.record").read_record(bpy.context.view_layer.objects.active)
    assert record["info"]["shelf"] == str(shelf.folder)
    assert (record["engine"], record["settings"]["checkpoint"]) == ("triposr", "")
    entry = bpy.context.scene.bozzetto.history[0]
    assert str(shelf.folder) not in json.dumps(record["settings"]) + entry.record


@pytest.mark.usefixtures("fake_worker")
def test_variable_names_another_shelf(picture, shelf, tmp_path, monkeypatch):
    other = part("inference.store.shelf").Shelf(tmp_path / "farm")
    add_installed(other)
    choose(picture)
    assert not OPERATORS.generate.poll()
    monkeypatch.setenv("BOZZETTO_WEIGHTS", str(other.folder))
    assert weights().find_shelf().folder == other.folder
    assert OPERATORS.generate() == {"FINISHED"}
    record = part("scene.record").read_record(bpy.context.view_layer.objects.active)
    assert record["info"]["shelf"] == str(other.folder)


@pytest.mark.usefixtures("fake_worker")
def test_history_does_not_run_again_without_them(picture, shelf):
    choose(picture)
    item = add_installed(shelf)
    OPERATORS.generate()
    panel = part("panels.history").BOZZETTO_PT_history

    def is_enabled():
        return [
            on
            for kind, name, on in (e for e in draw(panel).shown if len(e) == 3)
            if name == "bozzetto.history_run"
        ]

    assert is_enabled() == [True]
    weights().remove(item)
    before = count_data()
    words = " ".join(draw(panel).names("label"))
    assert "not installed" in words
    assert "not installed" in find_reason(OPERATORS.history_run)
    failure = part("operators.jobs").failure
    assert failure.settings.engine == "triposr"
    assert count_data() == before
    entry = bpy.context.scene.bozzetto.history[0]
    entry.record = "{"
    assert part("panels.history").find_entry_lack(entry) == ""


def names(error, **settings):
    chosen = part("inference.settings").GenerateSettings(engine="triposr", **settings)
    found = part("operators.remedies").find_remedies(error, chosen)
    return [remedy.properties.get("fix", remedy.operator) for remedy in found]


def test_errors_offer_what_fits(shelf):
    error = part("inference.errors").WeightsError("They are not there.")
    both = ["bozzetto.download_weights", "bozzetto.import_weights"]
    assert names(error) == ["screen.userpref_show", *both]
    bpy.context.preferences.system.use_online_access = True
    try:
        assert names(error) == both
    finally:
        bpy.context.preferences.system.use_online_access = False
    assert names(error, checkpoint="/x.ckpt") == ["BUNDLED", "preferences.addon_show"]
    add_installed(shelf)
    assert names(error) == ["bozzetto.verify_weights", "preferences.addon_show"]


@pytest.mark.usefixtures("fake_worker")
def test_scripts_are_told_early_and_the_scene_is_unchanged(picture, tmp_path):
    api, errors = part("api"), part("inference.errors")
    before = count_data()
    for call in (
        lambda: api.generate(str(picture("stool")), engine="triposr"),
        lambda: api.generate(str(picture("stool")), engine="triposr", wait=False),
        lambda: api.batch(str(tmp_path), engine="triposr"),
    ):
        with pytest.raises(errors.WeightsError, match="not installed") as caught:
            call()
        assert "weights download triposr" in caught.value.fix
    assert count_data() == before
    assert part("scene.runtime").find_queue() is None, "no worker was started for it"
    assert [item.engine for item in api.list_weights()] == ["imnet", "pixel", ""]


def test_row_and_buttons_before_the_download(publish):
    publish(size=1_677_102_512, installed_size=850_627_120)
    layout = draw_preferences()
    text = " ".join(layout.names("label"))
    for words in ("TripoSR", "Not installed", "1677.1 MB", "851 MB afterwards", "MIT"):
        assert words in text, words
    assert layout.names("operator").count("bozzetto.import_weights") == 2
    assert not OPERATORS.download_weights.poll()
    assert "Allow Online Access" in find_reason(OPERATORS.download_weights)


@pytest.mark.usefixtures("online")
def test_download_needs_the_worker_s_python(publish, monkeypatch, tmp_path):
    publish()
    assert OPERATORS.download_weights.poll()
    monkeypatch.delenv("BOZZETTO_WORKER_PYTHON")
    folder = part("inference.runtime.folder").RuntimeFolder(tmp_path / "runtime")
    monkeypatch.setattr(part("scene.runtime"), "_folder", folder)
    assert "not set up" in find_reason(OPERATORS.download_weights)


@pytest.mark.usefixtures("online")
def test_download_verify_generate_remove(publish, picture, shelf, monkeypatch):
    publish()
    monkeypatch.setattr(part("scene.runtime"), "worker_boot", FAKE_WORKER)
    group = choose(picture)
    assert not OPERATORS.generate.poll()
    assert OPERATORS.download_weights() == {"FINISHED"}
    assert "is installed" in weights().message
    (item,) = weights().list_imported()
    assert (item.name, item.engine, item.licence) == ("TripoSR", "triposr", "MIT")
    assert weights().find_condition(item).value == "OK"
    assert "Not installed" not in draw_preferences().names("label")
    assert "already" in find_reason(OPERATORS.download_weights)
    assert OPERATORS.verify_weights() == {"FINISHED"}
    assert OPERATORS.generate() == {"FINISHED"}
    group.engine, group.checkpoint = "pixel", "/x.safetensors"
    assert OPERATORS.choose_weights(name=item.id) == {"FINISHED"}
    assert (group.engine, group.checkpoint) == ("triposr", ""), "the file names no folder"
    assert OPERATORS.remove_weights(name=item.id) == {"FINISHED"}
    assert not OPERATORS.generate.poll()
    assert not list(shelf.folder.glob("*.*s*"))
    assert not {"torch", "safetensors"} & set(sys.modules)


@pytest.mark.usefixtures("online")
def test_download_goes_on_in_steps_is_cancelled_and_resumed(publish, shelf):
    """As in a window, where a timer calls the steps."""
    published = publish(drip=0.02)
    partial = part("inference.store.downloads")
    weights().start_download("triposr")
    assert not OPERATORS.verify_weights.poll(), "one thing at a time"
    assert "being worked on" in part("operators.generate").find_weights_reason("triposr", "")
    deadline, longest = time.monotonic() + 60, 0.0
    while partial.measure_partial(shelf.folder, published) < 300:
        began = time.monotonic()
        assert weights().step(), weights().failure
        longest = max(longest, time.monotonic() - began)
        assert time.monotonic() < deadline
    assert longest < 1.0, "a step must not hold up the window"
    bars = draw_preferences().names("progress")
    assert len(bars) == 1
    assert bars[0].startswith("Downloading TripoSR")
    assert not OPERATORS.clear_cache.poll()
    assert OPERATORS.cancel_weights() == {"FINISHED"}
    assert "are kept" in weights().message
    kept = partial.measure_partial(shelf.folder, published)
    assert kept >= 300
    assert weights().find_progress() is None
    assert weights().describe_download(published).startswith("Resume Download (")
    assert OPERATORS.download_weights() == {"FINISHED"}
    assert weights().list_missing() == []
    assert not list(shelf.folder.glob("downloads/*"))


@pytest.mark.usefixtures("online")
def test_failure_is_shown_and_the_button_stays(publish, shelf):
    publish(url="http://127.0.0.1:9/model.ckpt")
    assert "The download failed" in find_reason(OPERATORS.download_weights)
    text = " ".join(draw_preferences().names("label"))
    assert "The download failed" in " ".join(text.split())
    assert OPERATORS.download_weights.poll()
    weights().close()


def test_published_file_is_imported(publish, tiny, shelf):
    publish()
    assert OPERATORS.import_weights(filepath=str(tiny[0])) == {"FINISHED"}
    assert weights().list_missing() == []
    assert tiny[0].is_file()


def test_another_file_of_that_name_is_refused(publish, tmp_path, shelf):
    publish()
    path = tmp_path / "model.ckpt"
    path.write_bytes(os.urandom(1000))
    assert "not TripoSR's published" in find_reason(OPERATORS.import_weights, filepath=str(path))
    assert weights().list_missing()


@pytest.mark.usefixtures("online")
def test_kept_download_is_a_cache(publish, shelf):
    published = publish()
    place = part("inference.store.downloads").find_partial(shelf.folder, published)
    place.parent.mkdir(parents=True)
    place.write_bytes(bytes(5000))
    cache = part("scene.cache")
    cache._measured = None
    assert place.parent in cache.find_caches()
    assert OPERATORS.clear_cache() == {"FINISHED"}
    assert not place.exists()


def test_disabling_ends_the_download(publish, shelf, online):
    published = publish(drip=0.05)
    weights().start_download("triposr")
    deadline = time.monotonic() + 60
    while not part("inference.store.downloads").measure_partial(shelf.folder, published):
        weights().step()
        assert time.monotonic() < deadline
    part("operators.weights").stop()
    assert weights().find_progress() is None
    own = ["pgrep", "-P", str(os.getpid()), "-f", str(BOOT)]
    assert not subprocess.run(own, capture_output=True, text=True).stdout.split()
    assert PACKAGE in bpy.context.preferences.addons
