"""What is installed: which file an engine takes, and the child that is asked about one."""

import sys
import time
from pathlib import Path

import pytest
from runtime_tasks import wait_for_end

from bozzetto.inference.engines import create_engine
from bozzetto.inference.errors import WeightsError
from bozzetto.inference.store import installed
from bozzetto.inference.store.asking import ask
from bozzetto.inference.store.installed import VARIABLE, find_checkpoint, find_installed
from bozzetto.inference.store.shelf import Shelf, Weights

PYTHON = Path(sys.executable)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "Gewichte 重み" / "weights")


def finish(steps):
    said = []
    while True:
        try:
            said.append(next(steps))
        except StopIteration as end:
            return end.value, said


def add_record(shelf, name, *, engine="triposr", size=5, content=b"12345"):
    shelf.folder.mkdir(parents=True, exist_ok=True)
    path = shelf.folder / name
    path.write_bytes(content)
    shelf.write_record(Weights("x", path, engine, size, "0" * 64, "MIT", False))
    return path


def test_only_a_whole_file_of_that_engine_counts_and_the_newest_does(shelf):
    assert find_installed(shelf, "triposr") is None
    assert find_installed(None, "triposr") is None
    add_record(shelf, "a.safetensors", engine="imnet")
    add_record(shelf, "b.safetensors", size=6)
    assert find_installed(shelf, "triposr") is None
    first = add_record(shelf, "d.safetensors")
    time.sleep(0.02)
    second = add_record(shelf, "c.safetensors")
    assert find_installed(shelf, "triposr").path == second
    second.unlink()
    assert find_installed(shelf, "triposr").path == first


def test_the_worker_looks_where_the_environment_says(shelf, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert find_checkpoint("pixel", "") == ""
    assert find_checkpoint("triposr", "/chosen.ckpt") == "/chosen.ckpt"
    with pytest.raises(WeightsError, match="not installed") as caught:
        create_engine("triposr")
    assert "weights download triposr" in caught.value.fix
    monkeypatch.setenv(VARIABLE, str(shelf.folder))
    with pytest.raises(WeightsError, match="not installed"):
        create_engine("triposr")
    path = add_record(shelf, "triposr-1.safetensors")
    assert find_checkpoint("triposr", "") == str(path)
    with pytest.raises(WeightsError, match=r"triposr-1\.safetensors"):
        create_engine("triposr")  # what is there is looked at, and is nothing
    monkeypatch.chdir(shelf.folder.parent)
    monkeypatch.setenv(VARIABLE, shelf.folder.name)
    assert installed.find_named_shelf().folder == shelf.folder


def test_engine_is_loaded_anew_when_other_weights_are_installed(shelf, monkeypatch):
    from bozzetto.inference import engines, pipeline
    from bozzetto.inference.settings import GenerateSettings

    monkeypatch.setenv(VARIABLE, str(shelf.folder))
    made = []
    monkeypatch.setattr(engines, "create_engine", lambda *_, **chosen: made.append(chosen) or made)
    one = pipeline.Pipeline.__new__(pipeline.Pipeline)
    one._engine, one._engine_key = None, ()
    settings = GenerateSettings(engine="triposr")
    with pytest.raises(WeightsError):
        one._load_engine(settings)
    path = add_record(shelf, "triposr-1.safetensors")
    for _ in range(2):
        one._load_engine(settings)
    assert [chosen["checkpoint"] for chosen in made] == [str(path)]
    add_record(shelf, "triposr-1.safetensors", content=b"54321")
    one._load_engine(settings)
    assert len(made) == 2


def test_answer_counts_though_a_stray_process_holds_the_pipe(tmp_path):
    child = tmp_path / "child.py"
    child.write_text(
        "import subprocess, sys\n"
        "stray = subprocess.Popen(['sleep', '600'])\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(stray.pid))\n"
        'print("noise")\nprint(\'{"phase": "check"}\')\nprint(\'{"size": 3}\')\n'
    )
    answer, said = finish(ask(PYTHON, "install", subject="It", child=child))
    assert answer == {"size": 3}
    assert said[-1] == {"phase": "check"}
    wait_for_end([int((tmp_path / "pid").read_text())])


def test_child_that_says_nothing_in_time_is_ended(tmp_path):
    child = tmp_path / "child.py"
    child.write_text("import time\ntime.sleep(600)\n")
    with pytest.raises(WeightsError, match="within 0 seconds"):
        finish(ask(PYTHON, "install", subject="It", seconds=0.3, child=child))
