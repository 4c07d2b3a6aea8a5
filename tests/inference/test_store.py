"""Weights on the disk: what is listed, what a check finds, what an import accepts and refuses."""

import json
import os
import pickle
import sys
import threading
import time
from pathlib import Path

import pytest
import torch
from fake_engine_weights import write_octahedron
from safetensors.torch import save_file

from bozzetto.inference.engines.imnet.networks import Architecture, SingleView
from bozzetto.inference.errors import BozzettoError, RuntimeDamagedError, WeightsError
from bozzetto.inference.store import importing
from bozzetto.inference.store.importing import import_checkpoint
from bozzetto.inference.store.shelf import VENDOR, Condition, Shelf, list_bundled, verify

PYTHON = Path(sys.executable)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "weights")


def finish(steps):
    """Run steps to their end; what they return, and the shares that they told."""
    shares = []
    while True:
        try:
            shares.append(next(steps))
        except StopIteration as end:
            return end.value, shares


def add(shelf, path, python=PYTHON):
    return finish(import_checkpoint(shelf, path, python))[0]


def check(item):
    return finish(verify(item))[0]


def files(shelf):
    return sorted(path.name for path in shelf.folder.glob("*"))


def test_bundled_weights_are_listed_with_licence_and_intact():
    items = {item.name: item for item in list_bundled()}
    assert {item.engine for item in items.values()} == {"imnet", "pixel", ""}
    for item in items.values():
        assert item.licence
        assert item.size > 1e6
        assert check(item) is Condition.INTACT, item.path


def copy_vendor(folder):
    for record in VENDOR.glob("*/*.json"):
        place = folder / record.relative_to(VENDOR)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(record.read_bytes())
        data = record.with_name(json.loads(record.read_text())["file"])
        place.with_name(data.name).symlink_to(data)
    return list_bundled(folder)


def test_one_changed_byte_and_a_lost_file_are_found(tmp_path):
    imnet, pixel, matting = copy_vendor(tmp_path)
    data = bytearray(imnet.path.read_bytes())
    data[1000] ^= 1
    imnet.path.unlink()
    imnet.path.write_bytes(data)
    pixel.path.unlink()
    assert check(imnet) is Condition.DAMAGED
    assert check(pixel) is Condition.MISSING
    assert check(matting) is Condition.INTACT
    assert "Install" in imnet.fix


def test_own_checkpoint_is_imported_checked_and_removed(shelf, tmp_path):
    source = write_octahedron(tmp_path / "my lamp.safetensors")
    steps = import_checkpoint(shelf, source, PYTHON)
    item, shares = finish(steps)
    assert shares == sorted(shares)
    assert (item.name, item.engine, item.size) == ("my lamp", "imnet", source.stat().st_size)
    assert shelf.list() == [item]
    assert item.path.read_bytes() == source.read_bytes()
    assert check(item) is Condition.INTACT
    with pytest.raises(WeightsError, match="there already, as my lamp"):
        add(shelf, source)
    shelf.remove(item)
    assert files(shelf) == []


def test_published_checkpoint_is_imported(shelf, tmp_path):
    torch.manual_seed(0)
    path = tmp_path / "IM_SVR.model-1000.pth"
    torch.save(SingleView(Architecture()).state_dict(), path)
    item = add(shelf, path)
    assert item.engine == "imnet"
    assert item.path.suffix == ".pth"
    assert "unknown" in item.licence


def test_licence_in_the_file_is_shown(shelf, tmp_path):
    from safetensors import safe_open

    source = write_octahedron(tmp_path / "lamp.safetensors")
    with safe_open(str(source), framework="pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        metadata = file.metadata()
    save_file(tensors, str(source), metadata={**metadata, "license": "CC0-1.0\n\x1b[31m"})
    assert add(shelf, source).licence == "CC0-1.0[31m"


class Evil:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return os.system, (f"touch '{self.mark}'",)


def write_evil(path, mark):
    path.write_bytes(pickle.dumps(Evil(mark)))


def write_evil_zip(path, mark):
    torch.save({"weight": Evil(mark)}, path)


def write_false_length(path, mark):
    path.write_bytes((1 << 62).to_bytes(8, "little") + b"{}" * 10)


def write_deep_header(path, mark):
    text = b"[" * 100_000
    path.write_bytes(len(text).to_bytes(8, "little") + text)


def write_truncated(path, mark):
    write_octahedron(path)
    path.write_bytes(path.read_bytes()[:-100])


def write_other(path, mark):
    save_file({"x": torch.ones(3)}, str(path), metadata={"format": "pt"})


def write_empty(path, mark):
    path.write_bytes(b"")


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.pth", write_evil),
        ("a.safetensors", write_evil),
        ("a.pth", write_evil_zip),
        ("a.safetensors", write_false_length),
        ("a.safetensors", write_deep_header),
        ("a.safetensors", write_truncated),
        ("a.safetensors", write_other),
        ("a.pth", write_empty),
        ("a.exe", write_other),
    ],
)
def test_hostile_and_broken_files_are_refused_and_leave_nothing(shelf, tmp_path, name, write):
    path, mark = tmp_path / name, tmp_path / "executed"
    write(path, mark)
    with pytest.raises(WeightsError) as caught:
        add(shelf, path)
    assert caught.value.fix
    assert not mark.exists(), "code in the file was run"
    assert files(shelf) == []


def test_file_that_is_too_large_is_refused_before_it_is_copied(shelf, tmp_path):
    path = tmp_path / "large.pth"
    with path.open("wb") as stream:
        stream.truncate(importing.MAX_BYTES + 1)
    with pytest.raises(WeightsError, match="MB"):
        add(shelf, path)
    assert files(shelf) == []


def test_cancelled_import_leaves_neither_file_nor_process(shelf, tmp_path):
    source = write_octahedron(tmp_path / "lamp.safetensors")
    hanging = tmp_path / "python"
    hanging.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n")
    hanging.chmod(0o755)
    steps = import_checkpoint(shelf, source, hanging)
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text().strip()):
        next(steps)
        time.sleep(0.01)
    steps.close()
    assert files(shelf) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    assert not [t for t in threading.enumerate() if t.name == "bozzetto_checkpoint"]


def test_python_without_torch_says_so(shelf, tmp_path):
    source = write_octahedron(tmp_path / "lamp.safetensors")
    with pytest.raises(RuntimeDamagedError):
        add(shelf, source, tmp_path / "no-python")
    with pytest.raises(BozzettoError):
        add(shelf, source, Path("/bin/false"))
    assert files(shelf) == []


def test_record_that_points_elsewhere_is_not_believed(shelf, tmp_path):
    shelf.folder.mkdir()
    victim = tmp_path / "victim.safetensors"
    victim.write_bytes(b"x")
    record = {"format": 1, "file": "../victim.safetensors", "engine": "imnet"}
    (shelf.folder / "bad.json").write_text(json.dumps(record))
    assert shelf.list() == []
    with pytest.raises(WeightsError, match="ships"):
        shelf.remove(list_bundled()[0])
    assert victim.exists()
