"""Setting up the worker's Python: with interpreters that pretend, and once with a real one."""

import errno
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from pathlib import Path

import pytest
from fake_python import REQUIREMENTS, make_python, read_calls
from runtime_tasks import (
    fail,
    is_running,
    list_environments,
    read_pids,
    run,
    wait_for,
    wait_for_end,
)

from bozzetto.inference.errors import Cancelled
from bozzetto.inference.runtime import builds, folder, set_up
from bozzetto.inference.runtime.folder import State
from bozzetto.inference.runtime.interpreters import Candidate
from bozzetto.inference.runtime.processes import Runner, clean_environment
from bozzetto.inference.runtime.set_up import SetUp
from bozzetto.inference.runtime.tasks import Check, Removal

# How it goes when all is well


def test_it_ends_ready(task, home, status):
    assert status().state is State.MISSING
    seen = []
    work = task()
    work.start()
    work.wait(seen.append)
    assert status().state is State.READY
    assert status().python.is_file()
    record = status().record
    assert record["torch"] == "2.13.0+cpu"
    assert (record["device"], record["build"]) == ("cpu", "cpu")
    assert record["size"] > 0
    assert list_environments(home) == [record["environment"]]
    assert not home.cache.exists()
    assert not (home.path / record["environment"] / "tmp").exists()
    fractions = [item.fraction for item in seen]
    assert fractions == sorted(fractions)
    assert work.progress.fraction == 1.0


def test_pip_is_told_what_is_pinned_and_where(task, home, pins, tmp_path):
    run(task())
    (pip,) = [call for call in read_calls(tmp_path) if "pip" in call["arguments"]]
    arguments = pip["arguments"]
    assert arguments[arguments.index("--requirement") + 1] == str(pins)
    assert "--only-binary=:all:" in arguments
    assert Path(arguments[arguments.index("--cache-dir") + 1]) == home.cache
    assert Path(pip["tmp"]).parent.parent == home.path, "the system's temporary folder may be small"
    if sys.platform == "linux":
        index = arguments[arguments.index("--extra-index-url") + 1]
        assert index == "https://download.pytorch.org/whl/cpu"


def test_log_is_kept(task, home):
    run(task())
    log = home.log.read_text(encoding="utf-8")
    for words in ("Collecting torch==2.13.0", "# Downloading", "torch: the build for cpu"):
        assert words in log
    fail(task(pip=["ERROR: odd", 1]))
    assert "ERROR: odd" in home.log.read_text(encoding="utf-8")


def test_nothing_but_its_folder_is_written(task, home, tmp_path):
    before = {path.name for path in tmp_path.iterdir()}
    run(task())
    after = {path.name for path in tmp_path.iterdir()}
    assert after - before <= {"Künstler 彫刻", "calls", "python3.11"}


# What stops it before it begins


def test_offline_starts_nothing(task, home, tmp_path):
    error = fail(task(online=False))
    assert "online" in error.message
    assert "Allow Online Access" in error.fix
    assert not read_calls(tmp_path)
    assert not home.path.exists()


def test_small_disk_is_told_before(task, monkeypatch, tmp_path):
    usage = type("Usage", (), {"free": 1_000_000_000})
    monkeypatch.setattr(set_up.shutil, "disk_usage", lambda path: usage)
    error = fail(task())
    assert "2.5 GB" in error.message
    assert "1.0 GB" in error.message
    assert "CPU build" in fail(task(torch="cuda")).fix
    assert not read_calls(tmp_path)


def test_folder_that_is_a_file(task, home):
    home.path.parent.mkdir(parents=True)
    home.path.write_text("in the way")
    assert "written" in fail(task()).message


def test_folder_without_the_right_to_write(task, monkeypatch):
    def refuse(*_arguments, **_keywords):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(folder.Path, "write_bytes", refuse)
    error = fail(task())
    assert "Permission denied" in error.message
    assert "right to write" in error.fix


# The check


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ({"faults": {"numpy": "ImportError: gone"}}, "numpy does not start"),
        ({"versions": {"torch": "2.12.0", "numpy": "1.26.4"}}, "torch is 2.12.0, not 2.13.0"),
        ({"versions": {"torch": "2.13.0"}}, "numpy is None"),
        ({"verify": ["Segmentation fault", -11]}, "-11"),
    ],
)
def test_what_does_not_pass_the_check_is_not_set_up(task, home, status, behaviour, words):
    assert words in fail(task(**behaviour)).message
    assert status().state is State.MISSING
    assert not list_environments(home)


@pytest.mark.parametrize(
    ("torch", "found", "words"),
    [
        ("cpu", {"cuda": "13.0", "device": "cuda"}, "instead of the smaller"),
        ("cuda", {"cuda": "", "device": "cpu"}, "not to be had"),
        ("cuda", {"cuda": "13.0", "device": "cpu"}, "update NVIDIA's driver"),
    ],
)
def test_another_torch_than_wanted_is_noted(task, status, tmp_path, torch, found, words):
    described = {"torch": "2.13.0", "device_name": "", **found}
    python = make_python(tmp_path, torch=described)
    work = task(torch=torch, candidates=[Candidate(python)])
    run(work)
    assert words in work.notes[0]
    assert status().record["notes"] == list(work.notes)


def test_check_tells_damage_and_its_end(task, home, pins, status, tmp_path):
    run(task())
    python = status().python
    good = python.read_text()
    make_python(tmp_path, name="broken", faults={"torch": "ImportError: gone"})
    shutil.copy(tmp_path / "broken", python)
    check = Check(home, builds.find_fingerprint(pins), requirements=pins)
    assert "torch does not start" in fail(check).message
    assert status().state is State.DAMAGED
    assert "torch does not start" in status().reason
    python.write_text(good)
    run(Check(home, builds.find_fingerprint(pins), requirements=pins))
    assert status().state is State.READY


def test_nothing_to_check(home, pins):
    home.create()
    assert "Set Up" in fail(Check(home, "x", requirements=pins)).fix


# Damage, repair, restart


def test_damage_is_seen_without_starting_anything(task, home, pins, status, tmp_path):
    run(task())
    calls = len(read_calls(tmp_path))
    pins.write_text(REQUIREMENTS.replace("1.26.4", "1.26.5"))
    assert "other libraries" in status().reason
    pins.write_text(REQUIREMENTS + "# a comment\n")
    assert status().state is State.READY
    status().python.unlink()
    assert status().state is State.DAMAGED
    (home.path / "runtime.json").write_text("{")
    assert "record" in status().reason
    assert len(read_calls(tmp_path)) == calls


def test_python_that_it_was_made_from_is_gone(task, status, tmp_path):
    run(task())
    python = status().python
    python.unlink()
    base = Path(status().record["base"])
    python.symlink_to(base)
    assert status().state is State.READY
    base.unlink()
    assert str(base) in status().reason


def test_what_is_there_serves_until_the_repair_has_worked(task, home, status, tmp_path):
    run(task())
    old = status()
    work = task(pip=["hang", 0])
    work.start()
    read_pids(tmp_path)
    assert status() == old
    assert old.python.is_file()
    work.close()
    assert status() == old
    fail(task(pip=["ERROR: no", 1]))
    assert status() == old
    run(task())
    assert status().python != old.python
    assert not old.python.exists()
    assert list_environments(home) == [status().record["environment"]]


def test_damaged_runtime_is_replaced(task, status):
    run(task())
    status().python.unlink()
    run(task())
    assert status().state is State.READY


def test_what_a_crash_left_is_no_runtime_and_goes(task, home, status):
    half = home.path / "env-dead"
    (half / "bin").mkdir(parents=True)
    (half / "bin" / "python").touch()
    (home.path / "runtime.new").write_text("{}")
    assert status().state is State.MISSING
    run(task())
    assert not half.exists()
    assert not (home.path / "runtime.new").exists()


def test_record_that_stays_locked(task, home, status, monkeypatch):
    """A virus scanner that does not let go."""
    monkeypatch.setattr(folder, "_PAUSE", 0.0)

    def refuse(*_arguments):
        raise PermissionError(errno.EACCES, "in use")

    with monkeypatch.context() as patch:
        patch.setattr(folder.os, "replace", refuse)
        error = fail(task())
    assert "in use" in error.message
    assert "virus scanner" in error.fix
    assert status().state is State.MISSING
    assert not list_environments(home)


def test_record_that_is_locked_for_a_moment(task, status, monkeypatch):
    monkeypatch.setattr(folder, "_PAUSE", 0.0)
    replace, left = os.replace, [1, 1]

    def hesitate(*arguments):
        if left:
            left.pop()
            raise PermissionError(errno.EACCES, "in use")
        replace(*arguments)

    monkeypatch.setattr(folder.os, "replace", hesitate)
    run(task())
    assert status().state is State.READY


def test_two_blenders_do_not_set_up_at_once(task, home, tmp_path):
    first = task(pip=["hang", 0])
    first.start()
    read_pids(tmp_path)
    assert "Another Blender" in fail(task()).message
    assert len(list_environments(home)) == 1
    first.close()


# Cancelling


@pytest.mark.parametrize("place", ["probe", "venv", "pip", "verify"])
def test_cancelling_ends_every_process_and_leaves_nothing(task, home, status, tmp_path, place):
    work = task(**{place: ["hang", 0]})
    work.start()
    pids = read_pids(tmp_path)
    assert len(pids) == 2
    work.cancel()
    wait_for_end(pids)
    with pytest.raises(Cancelled):
        work.wait()
    assert status().state is State.MISSING
    assert not list_environments(home)
    assert not home.cache.exists()
    assert "Cancelled" in home.log.read_text(encoding="utf-8")


def test_cancelled_before_it_runs(task, tmp_path):
    work = task()
    work.cancel()
    with pytest.raises(Cancelled):
        run(work)
    assert not read_calls(tmp_path)


def test_again_after_cancelling(task, status, tmp_path):
    work = task(pip=["hang", 0])
    work.start()
    read_pids(tmp_path)
    work.close()
    run(task())
    assert status().state is State.READY


def test_no_thread_is_left(task):
    run(task())
    assert "bozzetto_runtime" not in {thread.name for thread in threading.enumerate()}


def test_children_end_when_this_process_dies(tmp_path, home, pins):
    """Blender may be killed: the real child.py sees its stdin close."""
    code = (
        "import sys; from bozzetto.inference.runtime.processes import Runner\n"
        "Runner().run(sys.executable, 'module', 'endless', environment={'HERE': sys.argv[1]})"
    )
    (tmp_path / "site").mkdir()
    endless = (
        "import os, pathlib, time\n"
        "place = pathlib.Path(os.environ['HERE'])\n"
        "(place / 'new').write_text(str(os.getpid())); (place / 'new').rename(place / 'pid')\n"
        "time.sleep(1000)\n"
    )
    # The child is isolated: a module of its own can only come by way of a .pth file's folder.
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "endless.py").write_text(endless)
    python = str(environment / "bin" / "python")
    code = code.replace("sys.executable", repr(python))
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    wait_for(tmp_path / "pid")
    pid = int((tmp_path / "pid").read_text())
    assert is_running(pid)
    parent.kill()
    parent.wait()
    wait_for_end([pid])


# Removal


def test_removal_leaves_nothing_of_it(task, home, status):
    run(task())
    run(Removal(home))
    assert status().state is State.MISSING
    assert {path.name for path in home.path.iterdir()} <= {"lock"}


def test_removal_tells_what_stays(task, home, status, monkeypatch):
    run(task())
    monkeypatch.setattr(folder, "_PAUSE", 0.0)
    monkeypatch.setattr(folder.shutil, "rmtree", lambda *_arguments, **_keywords: None)
    assert "in use" in fail(Removal(home)).message
    assert status().state is State.MISSING, "what is left over is no runtime"


# The real thing, small


def make_wheel(place, name, version):
    """A wheel with one module, by hand: nothing is loaded from anywhere."""
    path = place / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(file, text)


def test_real_python_and_real_pip(home, tmp_path, monkeypatch):
    """A real environment from a wheel on the disk; pip is told to use no index at all."""
    make_wheel(tmp_path, "tinything", "1.5")
    pins = tmp_path / "tiny.txt"
    pins.write_text("tinything==1.5\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_TARGET", str(tmp_path / "elsewhere"))
    own = [Candidate(Path(sys.executable))]
    run(SetUp(home, online=True, torch="cuda", candidates=own, requirements=pins))
    status = home.find_status(builds.find_fingerprint(pins))
    assert status.state is State.READY
    assert status.record["versions"] == {"tinything": "1.5"}
    assert not (tmp_path / "elsewhere").exists()
    (module,) = status.python.parent.parent.glob("lib/python*/site-packages/tinything.py")
    module.write_text("import nothing_of_that_name")
    check = Check(home, builds.find_fingerprint(pins), requirements=pins)
    assert "nothing_of_that_name" in fail(check).message


def test_environment_of_children(monkeypatch):
    monkeypatch.setenv("PYTHONHOME", "/blender/python")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror")
    cleaned = clean_environment()
    assert not {"PYTHONHOME", "PYTHONPATH", "PIP_USER"} & set(cleaned)
    assert cleaned["PIP_INDEX_URL"] == "https://mirror", "mirrors and proxies stay"


def test_runner_after_cancel():
    runner = Runner()
    runner.cancel()
    with pytest.raises(Cancelled):
        runner.run(sys.executable, "probe")
