"""The weights in the preferences: checked, imported, chosen, removed, without a window."""

import shutil
import sys
import time
from pathlib import Path

import bpy
import pytest
from blender_helpers import PACKAGE, part

OPERATORS = bpy.ops.bozzetto
VENDOR = Path(__file__).resolve().parents[2] / "vendor"


@pytest.fixture(autouse=True)
def shelf(monkeypatch, tmp_path):
    """A folder of the test's own."""
    shelf = part("inference.store.shelf").Shelf(tmp_path / "weights")
    monkeypatch.setattr(part("scene.shelves"), "_shelf", shelf)
    yield shelf
    part("scene.weights").close()


def weights():
    return part("scene.weights")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    """A file that is a checkpoint of an engine: the bundled one, as from somebody else."""
    path = tmp_path_factory.mktemp("theirs") / "my chairs.safetensors"
    shutil.copy(VENDOR / "weights" / "imnet.safetensors", path)
    return path


@pytest.fixture
def imported(checkpoint):
    assert OPERATORS.import_weights(filepath=str(checkpoint)) == {"FINISHED"}
    (item,) = weights().list_imported()
    return item


def find_reason(operator, **properties):
    with pytest.raises(RuntimeError) as caught:
        operator(**properties)
    return str(caught.value)


def test_verify_tells_that_all_is_well():
    assert OPERATORS.verify_weights() == {"FINISHED"}
    conditions = {weights().find_condition(item).value for item in weights().list_weights()}
    assert conditions == {"OK"}
    assert "intact" in weights().message


def test_verify_tells_damaged_and_missing_files_and_their_fix(monkeypatch, tmp_path):
    shelf = part("inference.store.shelf")
    for folder in ("weights", "matting"):
        shutil.copytree(VENDOR / folder, tmp_path / "vendor" / folder)
    damaged = tmp_path / "vendor" / "weights" / "imnet.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\0")
    (tmp_path / "vendor" / "weights" / "pixel.safetensors").unlink()
    items = shelf.list_bundled(tmp_path / "vendor")
    monkeypatch.setattr(weights(), "list_bundled", lambda: items)
    words = find_reason(OPERATORS.verify_weights)
    assert "IM-NET (damaged)" in words
    assert "Pixel-Aligned (missing)" in words
    assert "Install" in words
    assert [weights().find_condition(item).value for item in items] == ["damaged", "missing", "OK"]
    assert weights().failure is not None


def test_import_choose_generate_remove(imported, shelf, monkeypatch):
    assert (imported.name, imported.engine) == ("my chairs", "imnet")
    assert weights().find_condition(imported).value == "OK"
    group = bpy.context.scene.bozzetto
    group.engine = "pixel"
    assert OPERATORS.choose_weights(name=imported.id) == {"FINISHED"}
    assert (group.engine, group.checkpoint) == ("imnet", str(imported.path))
    settings = part("panels.properties").read_settings(group)
    assert settings.checkpoint == str(imported.path)
    assert OPERATORS.remove_weights(name=imported.id) == {"FINISHED"}
    assert group.checkpoint == "", "the scene must not name a file that is gone"
    assert not list(shelf.folder.iterdir())


def test_bundled_weights_are_chosen_by_no_name_and_never_removed():
    group = bpy.context.scene.bozzetto
    group.checkpoint = "/somewhere.safetensors"
    assert OPERATORS.choose_weights() == {"FINISHED"}
    assert group.checkpoint == ""
    assert "ships with the extension" in find_reason(
        OPERATORS.remove_weights, name="imnet.safetensors"
    )
    assert (VENDOR / "weights" / "imnet.safetensors").is_file()
    assert "no weights called" in find_reason(OPERATORS.remove_weights, name="none")


def test_file_that_is_no_checkpoint_is_refused(tmp_path, shelf):
    path = tmp_path / "evil.safetensors"
    path.write_bytes(b"\x80\x04cos\nsystem\n")
    assert "not an intact safetensors" in find_reason(OPERATORS.import_weights, filepath=str(path))
    assert "choose" in str(weights().failure).lower() or weights().failure.fix
    assert weights().list_imported() == []
    assert not list(shelf.folder.glob("*"))


def test_import_goes_on_in_steps_and_can_be_cancelled(checkpoint, shelf):
    """As in a window, where a timer calls the steps."""
    weights().start_import(str(checkpoint))
    assert weights().find_progress()[0].startswith("Importing")
    assert not OPERATORS.verify_weights.poll(), "one thing at a time"
    assert weights().step(0.0) is True or weights().find_progress()
    longest = 0.0
    for _ in range(10):
        began = time.monotonic()
        weights().step()
        longest = max(longest, time.monotonic() - began)
    assert longest < 1.0, "a step must not hold up the window"
    assert OPERATORS.cancel_weights() == {"FINISHED"}
    assert weights().find_progress() is None
    assert not list(shelf.folder.glob("*"))
    assert OPERATORS.verify_weights.poll()


def test_import_needs_the_worker_s_python(monkeypatch, checkpoint):
    monkeypatch.delenv("BOZZETTO_WORKER_PYTHON")
    folder = part("inference.runtime.folder").RuntimeFolder(checkpoint.parent / "runtime")
    monkeypatch.setattr(part("scene.runtime"), "_folder", folder)
    assert not OPERATORS.import_weights.poll()
    assert "not set up" in find_reason(OPERATORS.import_weights, filepath=str(checkpoint))


def test_development_tree_keeps_no_checkpoints(monkeypatch):
    if PACKAGE.startswith("bl_ext."):
        assert weights().find_shelf() is not None
        return
    monkeypatch.setattr(part("scene.shelves"), "_shelf", None)
    assert not OPERATORS.import_weights.poll()


def test_blender_s_process_stays_free_of_torch(imported):
    OPERATORS.verify_weights()
    assert not {"torch", "safetensors"} & set(sys.modules)
