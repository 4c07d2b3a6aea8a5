"""`./bozzetto weights`: what it hands to the extension, and where the weights are."""

import os

import pytest

from bozzetto.tools import environments, weights
from bozzetto.tools import launcher as launcher_module


@pytest.fixture
def calls(monkeypatch):
    made = []

    def run_command(arguments, *, online=False):
        made.append((arguments, online))
        return 4

    monkeypatch.setattr(weights, "run_command", run_command)
    return made


def test_only_a_download_may_go_online(calls):
    assert launcher_module.main(["weights", "download", "triposr"]) == 4
    assert launcher_module.main(["weights", "list"]) == 4
    assert calls == [(["weights", "download", "triposr"], True), (["weights", "list"], False)]


def test_file_is_named_for_another_folder(calls, tmp_path, monkeypatch):
    (tmp_path / "model.ckpt").touch()
    monkeypatch.chdir(tmp_path)
    weights.run(["import", "model.ckpt"])
    assert calls[0][0] == ["weights", "import", str(tmp_path / "model.ckpt")]


def test_weights_live_in_the_ignored_cache_unless_named(monkeypatch):
    monkeypatch.delenv(environments.WEIGHTS_VARIABLE, raising=False)
    folder = environments.find_weights_folder()
    assert folder == str(environments.ROOT / ".cache" / "weights")
    assert "/.cache/" in (environments.ROOT / ".gitignore").read_text().split()
    monkeypatch.setenv(environments.WEIGHTS_VARIABLE, "/farm")
    assert environments.find_weights_folder() == "/farm"
    assert os.environ[environments.WEIGHTS_VARIABLE] == "/farm"
