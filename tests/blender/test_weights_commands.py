"""TripoSR's weights by script and command line: listed, downloaded, verified, removed."""

import json
import os

import bpy
import pytest
from blender_helpers import part

OPERATORS = bpy.ops.bozzetto


@pytest.fixture(autouse=True)
def shelf(monkeypatch, tmp_path):
    """A folder of the test's own."""
    shelf = part("inference.store.shelf").Shelf(tmp_path / "weights")
    monkeypatch.setattr(part("scene.shelves"), "_shelf", shelf)
    yield shelf
    weights().close()


def weights():
    return part("scene.weights")


@pytest.mark.usefixtures("online")
def test_scripts_install(publish, tiny):
    publish()
    api = part("api")
    item = api.install_weights("triposr")
    assert api.list_weights()[-1] == item
    with pytest.raises(api.BozzettoError, match="already"):
        api.install_weights()
    OPERATORS.remove_weights(name=item.id)
    assert api.install_weights(path=tiny[0]) == item
    with pytest.raises(api.BozzettoError, match="nothing to download"):
        api.install_weights("pixel")


def run_command(*arguments):
    return part("cli").run(["weights", *arguments])


def test_command_lists_and_refuses(publish, capsys, tmp_path):
    publish()
    assert run_command("list") == 0
    said = capsys.readouterr().out
    assert "imnet.safetensors" in said
    assert "not installed" in said
    assert run_command("list", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["engine"] for row in rows] == ["imnet", "pixel", "", "triposr"]
    assert run_command("download", "triposr") == 6
    assert "--online-mode" in capsys.readouterr().err
    assert run_command("download", "pixel") == 2
    assert run_command("import", str(tmp_path / "no.ckpt")) == 4
    assert run_command("remove", "no.ckpt") == 4
    assert run_command() == 2
    assert run_command("--help") == 0
    assert "6 its Python" in capsys.readouterr().out.replace("\n", " ")


@pytest.mark.usefixtures("online")
def test_command_downloads_verifies_and_removes(publish, capsys):
    publish()
    assert run_command("download", "triposr") == 0
    assert "TripoSR is installed" in capsys.readouterr().err
    assert run_command("verify") == 0
    (item,) = weights().list_imported()
    assert run_command("remove", item.id) == 0
    assert weights().list_imported() == []


@pytest.mark.usefixtures("online")
def test_ctrl_c_cancels_and_keeps(publish, capsys, monkeypatch):
    import signal

    publish(drip=0.05)
    bar = part("cli_weights")._Bar
    show = bar.show

    def press(self, text, fraction):
        if " MB/s" in text and fraction > 0.05:
            os.kill(os.getpid(), signal.SIGINT)
        show(self, text, fraction)

    monkeypatch.setattr(bar, "show", press)
    before = signal.getsignal(signal.SIGINT)
    assert run_command("download", "triposr") == 130
    assert signal.getsignal(signal.SIGINT) == before
    assert "are kept" in capsys.readouterr().err


@pytest.mark.usefixtures("fake_worker")
def test_generate_and_batch_commands_say_what_is_missing(picture, tmp_path, capfd):
    path = str(picture("stool"))
    cli = part("cli")
    out = tmp_path / "out"
    assert cli.run(["batch", path, "--engine", "triposr", "--output", str(out)]) == 4
    assert cli.run(["generate", path, "--engine", "triposr"]) == 4
    assert "weights download triposr" in capfd.readouterr().err
