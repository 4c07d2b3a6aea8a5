"""Published weights onto the shelf: the child, what it leaves, and who may do it at once.

The child is the real one, but for what it takes for the published file (install_boot.py): mostly a
network of two small tensors, so that a copy is not 850 MB.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import fake_hub
import install_boot
import pytest
import torch
from fake_engine_weights import write_octahedron
from fake_hub import Hub
from runtime_tasks import is_running, wait_for_end

from bozzetto.inference import inspect_checkpoint
from bozzetto.inference.engines.triposr import checkpoint, convert
from bozzetto.inference.errors import RuntimeDamagedError, WeightsError
from bozzetto.inference.store import downloads, installing
from bozzetto.inference.store.importing import MAX_BYTES, import_checkpoint
from bozzetto.inference.store.installed import find_installed
from bozzetto.inference.store.installing import Installation
from bozzetto.inference.store.published import TRIPOSR, describe_bytes
from bozzetto.inference.store.shelf import LEFT_OVER, Condition, Shelf, verify
from bozzetto.inference.weights import TensorSpec

PYTHON = Path(sys.executable)
BOOT = Path(install_boot.__file__)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "Gewichte 重み" / "weights")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A model.ckpt of two tensors, and its SHA-256."""
    path = tmp_path_factory.mktemp("published") / "model.ckpt"
    return path, install_boot.make(path)


@pytest.fixture
def pin(monkeypatch, tiny):
    """`pin(hub, ...)`: what is the published file now, for the child and for this process."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    layout = {key: TensorSpec(shape) for key, shape in install_boot.TINY.items()}

    def change(hub=None, *, small=True, **changes):
        given = {"sha256": tiny[1], "url": hub.url if hub else "http://127.0.0.1:9/x"}
        given |= {"size": 2000, "installed_size": 1000, "patience": {"tries": 2, "wait": 0.01}}
        given |= {"tiny": small, **changes}
        monkeypatch.setenv("BOZZETTO_TEST_PUBLISHED", json.dumps(given))
        for module in (checkpoint, convert):
            monkeypatch.setattr(module, "OFFICIAL_SHA256", given["sha256"])
        if small:
            monkeypatch.setattr(checkpoint, "list_tensors", lambda: layout)
        kept = {key: given[key] for key in ("sha256", "url", "size", "installed_size")}
        return replace(TRIPOSR, **kept)

    return change


@pytest.fixture
def hub(tiny):
    with Hub(tiny[0].read_bytes()) as hub:
        yield hub


def finish(steps):
    shares = []
    while True:
        try:
            shares.append(next(steps))
        except StopIteration as end:
            return end.value, shares


def install(shelf, published, **options):
    return finish(Installation(shelf, published, PYTHON, child=BOOT, **options).run())[0]


def files(shelf):
    return sorted(
        str(path.relative_to(shelf.folder))
        for path in shelf.folder.rglob("*")
        if path.is_file() and path.name != "install.lock"
    )


def refuse(shelf, published, **options):
    with pytest.raises(WeightsError) as caught:
        install(shelf, published, **options)
    assert caught.value.fix
    return caught.value


def test_download_is_installed_listed_verified_and_loads(shelf, pin, hub):
    published = pin(hub)
    installation = Installation(shelf, published, PYTHON, child=BOOT)
    texts, steps, shares = [installation.text], installation.run(), []
    try:
        while True:
            shares.append(next(steps))
            texts.append(installation.text)
    except StopIteration as end:
        item = end.value
    assert shares == sorted(shares)
    assert texts[0] == "Downloading TripoSR"
    assert (item.name, item.engine, item.licence) == ("TripoSR", "triposr", "MIT")
    assert item.path.name == f"triposr-{item.sha256[:8]}.safetensors"
    assert shelf.list() == [item]
    assert files(shelf) == sorted([item.path.name, item.path.with_suffix(".json").name])
    assert finish(verify(item))[0] is Condition.INTACT
    loaded = checkpoint.load_checkpoint(item.path)
    assert loaded.source_sha256 == published.sha256
    assert loaded.sha256 == item.sha256
    assert {key: tuple(v.shape) for key, v in loaded.tensors.items()} == install_boot.TINY
    assert find_installed(shelf, "triposr") == item
    again = refuse(shelf, published)
    assert "installed already, as TripoSR" in again.message
    assert len(hub.requests) == 1, "nothing was asked for"
    shelf.remove(item)
    assert files(shelf) == []
    assert find_installed(shelf, "triposr") is None


def test_progress_tells_megabytes_and_speed(shelf, pin, tiny, tmp_path):
    data = tiny[0].read_bytes() + bytes(3_000_000)
    with Hub(data) as hub:
        hub.usual = fake_hub.drip(0.1, 12)
        installation = Installation(shelf, pin(hub, size=len(data)), PYTHON, child=BOOT)
        steps, texts = installation.run(), set()
        with pytest.raises(WeightsError, match="not TripoSR's published"):  # noqa: PT012
            while True:
                next(steps)
                texts.add(installation.text)
    told = [text for text in texts if " of 3 MB, " in text]
    assert told
    assert all(text.endswith(" MB/s") for text in told)
    assert not all("0.0 MB/s" in text for text in told)


def test_file_is_imported_without_being_copied(shelf, pin, tiny):
    published = pin()
    item = install(shelf, published, source=tiny[0])
    assert item.licence == "MIT"
    assert tiny[0].is_file()
    assert checkpoint.load_checkpoint(item.path).source_sha256 == tiny[1]
    shelf.remove(item)
    same = finish(import_checkpoint(shelf, tiny[0], PYTHON, child=BOOT))[0]
    assert same == item, "the door for all files leads there"


def test_own_copy_is_imported_from_another_machine(shelf, pin, tiny, tmp_path):
    other = Shelf(tmp_path / "other")
    made = install(other, pin(), source=tiny[0])
    carried = made.path.rename(tmp_path / "carried over.safetensors")
    item = finish(import_checkpoint(shelf, carried, PYTHON, child=BOOT))[0]
    assert (item.engine, item.sha256, item.licence) == ("triposr", made.sha256, "MIT")
    assert find_installed(shelf, "triposr") == item
    assert inspect_checkpoint.inspect(item.path)["engine"] == "triposr"


def test_size_that_a_file_may_have_follows_from_what_it_is(shelf, tmp_path):
    large = tmp_path / "model.ckpt"
    with large.open("wb") as stream:
        stream.truncate(TRIPOSR.limit + 1)  # sparse: takes no disk
    with pytest.raises(WeightsError, match="up to 1887 MB"):
        finish(import_checkpoint(shelf, large, PYTHON))
    header = json.dumps({"__metadata__": {TRIPOSR.form: "{}"}}).encode()
    own = tmp_path / "own.safetensors"
    own.write_bytes(len(header).to_bytes(8, "little") + header)
    with own.open("ab") as stream:
        stream.truncate(MAX_BYTES + 1)
    with pytest.raises(WeightsError) as caught:  # not for its size
        finish(import_checkpoint(shelf, own, PYTHON))
    assert "MB" not in caught.value.message
    assert files(shelf) == []


@pytest.mark.parametrize("kind", ["other", "truncated", "text", "empty"])
def test_other_files_are_refused_and_leave_nothing(shelf, pin, tiny, tmp_path, kind):
    source = tmp_path / "model.ckpt"
    data = tiny[0].read_bytes()
    if kind == "other":
        torch.save({"a": torch.ones(3)}, source)
    else:
        source.write_bytes({"truncated": data[:-10], "text": b"hello\n" * 9, "empty": b""}[kind])
    pin()
    with pytest.raises(WeightsError) as caught:
        finish(import_checkpoint(shelf, source, PYTHON, child=BOOT))
    assert caught.value.fix
    assert str(tmp_path) not in caught.value.message
    assert files(shelf) == []


def test_published_file_under_another_name_is_no_checkpoint_of_another_engine(shelf, tiny):
    source = tiny[0].with_name("copy.pth")
    shutil.copy(tiny[0], source)
    with pytest.raises(WeightsError):
        finish(import_checkpoint(shelf, source, PYTHON, child=BOOT))
    assert files(shelf) == []


def test_wrong_download_is_deleted(shelf, pin, hub):
    hub.data = bytes(1500)
    error = refuse(shelf, pin(hub))
    assert "is not TripoSR's published model.ckpt" in error.message
    assert "It was deleted" in error.fix
    assert files(shelf) == []


def test_interrupted_download_is_kept_and_goes_on(shelf, pin, hub):
    published = pin(hub)
    hub.plan = [fake_hub.cut(700), *[fake_hub.cut(0)] * 2]
    error = refuse(shelf, published)
    assert "kept" in error.fix
    assert files(shelf) == [str(downloads.find_partial(Path(), published))]
    assert downloads.measure_partial(shelf.folder, published) == 700
    shelf.sweep()
    item = install(shelf, published)
    assert hub.requests[-1][1] == 700
    assert files(shelf) == sorted([item.path.name, item.path.with_suffix(".json").name])


def start(installation, until):
    """Step until `until(installation)`; the generator."""
    steps = installation.run()
    deadline = time.monotonic() + 60
    while not until(installation):
        next(steps)
        assert time.monotonic() < deadline, installation.text
    return steps


def find_children():
    """Processes that run install_boot.py, but no defunct ones."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if str(BOOT).encode() in words and is_running(int(path.parent.name)):
            found.append(int(path.parent.name))
    return found


def test_closing_it_leaves_no_process_and_only_the_download(shelf, pin, hub):
    published = pin(hub)
    hub.usual = fake_hub.drip(0.05, 200)
    installation = Installation(shelf, published, PYTHON, child=BOOT)
    there = lambda _: downloads.measure_partial(shelf.folder, published) > 100  # noqa: E731
    steps = start(installation, there)
    pids = find_children()
    assert pids
    steps.close()
    wait_for_end(pids)
    assert files(shelf) == [str(downloads.find_partial(Path(), published))]
    kept = downloads.measure_partial(shelf.folder, published)
    assert kept > 100
    assert describe_bytes(kept) in installation.describe_kept()
    hub.usual = fake_hub.ok
    install(shelf, published)
    assert hub.requests[-1][1] == kept


def test_child_dies_with_its_parent(shelf, pin, hub, tmp_path):
    """As when Blender crashes: nobody is left to download."""
    pin(hub)
    hub.usual = fake_hub.drip(0.05, 2000)
    code = f"""
import sys, time
from pathlib import Path
sys.path.insert(0, {str(BOOT.parent)!r})
from bozzetto.inference.store.installing import Installation
from bozzetto.inference.store.published import TRIPOSR
from bozzetto.inference.store.shelf import Shelf
steps = Installation(
    Shelf(Path({str(shelf.folder)!r})), TRIPOSR, Path(sys.executable), child=Path({str(BOOT)!r})
).run()
while True:
    next(steps)
"""
    parent = subprocess.Popen([sys.executable, "-c", code])
    deadline = time.monotonic() + 60
    while not list(shelf.folder.glob("downloads/*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    pids = find_children()
    assert pids
    parent.kill()
    parent.wait()
    wait_for_end(pids)


def test_child_that_crashes_is_an_error_and_the_download_stays(shelf, pin, hub):
    published = pin(hub, crash="convert")
    error = refuse(shelf, published)
    assert "signal 11" in error.message
    assert files(shelf) == [str(downloads.find_partial(Path(), published))]
    pin(hub)
    install(shelf, published)
    assert hub.requests[-1][1] == len(hub.data), "it was all there"


def test_second_blender_is_told_and_harms_nothing(shelf, pin, hub):
    published = pin(hub)
    go_on = threading.Event()
    hub.plan = [fake_hub.gate(go_on)]
    first = Installation(shelf, published, PYTHON, child=BOOT)
    steps = start(first, lambda _: downloads.measure_partial(shelf.folder, published))
    assert downloads.is_downloading(shelf.folder)
    assert "Another Blender is downloading" in refuse(shelf, published).message
    assert len(hub.requests) == 1
    go_on.set()
    item, _ = finish(steps)
    assert shelf.list() == [item]
    assert not downloads.is_downloading(shelf.folder)


def test_two_imports_at_once_end_in_one_whole_file(shelf, pin, tiny):
    published = pin()
    several = [
        Installation(shelf, published, PYTHON, child=BOOT, source=tiny[0]).run() for _ in range(2)
    ]
    for steps in several:
        next(steps)
    items = [finish(steps)[0] for steps in several]
    assert items[0] == items[1]
    assert finish(verify(items[0]))[0] is Condition.INTACT
    assert shelf.list() == [items[0]]


def test_what_another_blender_is_making_is_not_swept(shelf):
    shelf.folder.mkdir(parents=True)
    young, old = shelf.folder / "import-1.safetensors.new", shelf.folder / "import-2.safetensors"
    for path in (young, old):
        path.touch()
    then = time.time() - LEFT_OVER - 10
    os.utime(old, (then, then))
    shelf.sweep()
    assert files(shelf) == [young.name]


def test_room_is_looked_at_before_anything_is_started(shelf, pin, hub, monkeypatch):
    monkeypatch.setattr(installing.shutil, "disk_usage", lambda _: SimpleNamespace(free=9))
    error = refuse(shelf, pin(hub, installed_size=860_000_000, size=1_677_000_000))
    assert "2.60 GB must be free" in error.message
    assert not hub.requests


def test_python_that_does_not_start(shelf, pin, tmp_path):
    steps = Installation(shelf, pin(), tmp_path / "no-python", child=BOOT).run()
    with pytest.raises(RuntimeDamagedError):
        finish(steps)
    assert files(shelf) == []


def test_other_engines_imports_still_work_beside_it(shelf, pin, tiny, tmp_path):
    lamp = finish(
        import_checkpoint(shelf, write_octahedron(tmp_path / "lamp.safetensors"), PYTHON)
    )[0]
    item = install(shelf, pin(), source=tiny[0])
    assert {one.engine for one in shelf.list()} == {"imnet", "triposr"}
    assert find_installed(shelf, "triposr") == item
    assert find_installed(shelf, "imnet") == lamp
    assert "download" in item.fix
    assert "download" not in lamp.fix


def test_whole_network_from_the_server_to_tensors(shelf, pin, hub, tmp_path):
    """All tensors in their shapes, of one number each: kilobytes to download, a copy of full size.
    `./bozzetto benchmark triposr_install` does it with all 1.68 GB."""
    if shutil.disk_usage(tmp_path).free < 2e9:
        pytest.skip("the disk has no room for whole weights")
    path = tmp_path / "model.ckpt"
    sha256 = install_boot.make(path, "layout")
    hub.data = path.read_bytes()
    item = install(shelf, pin(hub, small=False, sha256=sha256))
    try:
        assert item.size == TRIPOSR.installed_size
        loaded = checkpoint.load_checkpoint(item.path)
        assert set(loaded.tensors) == set(checkpoint.list_kept())
        assert all(float(v.flatten()[-1]) == 0.5 for v in loaded.tensors.values())
    finally:
        item.path.unlink()
