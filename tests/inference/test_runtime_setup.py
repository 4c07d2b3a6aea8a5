"""Setting up the worker's Python: with interpreters that pretend, and once with a real one."""

import errno
import os
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from pathlib import Path

import pytest
from fake_python import REQUIREMENTS, make_python, read_calls
from hypothesis import given
from hypothesis import strategies as st

from bozzetto.inference.errors import Cancelled, RuntimeSetUpError, SettingsError
from bozzetto.inference.runtime import builds, folder, interpreters, set_up
from bozzetto.inference.runtime.failures import explain_import, explain_os_error, explain_pip
from bozzetto.inference.runtime.folder import RuntimeFolder, State
from bozzetto.inference.runtime.interpreters import Candidate
from bozzetto.inference.runtime.processes import Answer, Runner, clean_environment
from bozzetto.inference.runtime.set_up import SetUp
from bozzetto.inference.runtime.tasks import Check, Removal


@pytest.fixture
def home(tmp_path):
    """A runtime's folder that does not exist yet; its path has a space and non-Latin letters."""
    return RuntimeFolder(tmp_path / "Künstler 彫刻" / "runtime")


@pytest.fixture
def pins(tmp_path):
    path = tmp_path / "requirements.txt"
    path.write_text(REQUIREMENTS)
    return path


@pytest.fixture
def task(home, pins, tmp_path, monkeypatch):
    """`task(pip=[words, status], ...)`: a set-up with one fake Python."""
    monkeypatch.setattr(builds, "has_nvidia_driver", lambda: False)

    def make(*, online=True, torch="cpu", candidates=None, python=None, **behaviour):
        if candidates is None and python is None:
            candidates = [Candidate(make_python(tmp_path, **behaviour))]
        return SetUp(
            home, online=online, torch=torch, candidates=candidates, python=python,
            requirements=pins,
        )  # fmt: skip

    return make


@pytest.fixture
def status(home, pins):
    return lambda: home.find_status(builds.find_fingerprint(pins))


def run(task):
    task.start()
    task.wait()


def fail(task):
    """The error of a task that must fail."""
    with pytest.raises(RuntimeSetUpError) as caught:
        run(task)
    assert caught.value.fix
    return caught.value


def list_environments(home):
    return sorted(path.name for path in home.path.glob("env-*"))


def wait_for(path):
    while not path.exists():
        time.sleep(0.01)


def read_pids(tmp_path):
    wait_for(tmp_path / "pids.done")
    return [int(word) for word in (tmp_path / "pids.done").read_text().split()]


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def wait_for_end(pids):
    while any(is_running(pid) for pid in pids):
        time.sleep(0.01)


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


# Interpreters


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ({"version": [3, 10, 2]}, "Python 3.10.2"),
        ({"version": [3, 13, 0]}, "Python 3.13.0"),
        ({"bits": 32}, "32-bit"),
        ({"modules": {"venv": True, "ensurepip": False}}, "ensurepip"),
        ({"probe": ["no such thing", 2]}, "no such thing"),
        ({"probe": ["", -11]}, "does not run"),
    ],
)
def test_named_python_that_does_not_fit(task, tmp_path, behaviour, words):
    error = fail(task(python=make_python(tmp_path, **behaviour)))
    assert words in error.message
    assert "3.11" in error.fix


@pytest.mark.parametrize("name", ["blender", "Blender", "blender.exe", "bash"])
def test_only_what_is_called_python_is_started(task, tmp_path, name):
    """Naming Blender itself must not open another one."""
    assert "not called python" in fail(task(python=make_python(tmp_path, name=name))).message
    assert not read_calls(tmp_path)


def test_python_of_the_store_is_not_used(task, tmp_path):
    place = tmp_path / "WindowsApps"
    place.mkdir()
    assert "Store" in fail(task(python=make_python(place))).message


def test_named_python_that_is_not_there(task, tmp_path):
    assert "does not start" in fail(task(python=tmp_path / "python")).message


def test_no_python_at_all(task):
    error = fail(task(candidates=[]))
    assert "No Python 3.11" in error.message
    assert "preferences" in error.fix


def test_python_without_venv_names_the_package(task, tmp_path):
    bare = make_python(tmp_path, modules={"venv": True, "ensurepip": False})
    error = fail(task(candidates=[Candidate(bare)]))
    assert "python3.11-venv" in error.fix


def test_interpreter_that_hangs_is_passed_over(task, tmp_path, monkeypatch, home, status):
    def candidates():
        monkeypatch.setattr(interpreters, "_TIMEOUT", 0.1)
        yield Candidate(make_python(tmp_path, name="python3", probe=["hang", 0]))
        monkeypatch.setattr(interpreters, "_TIMEOUT", 1000.0)
        yield Candidate(make_python(tmp_path))

    run(task(candidates=candidates()))
    assert status().state is State.READY
    assert "does not answer" in home.log.read_text(encoding="utf-8")


@pytest.mark.parametrize("how", [{"venv": ["Error: no launcher", 1]}, {"makes": False}])
def test_next_interpreter_is_tried_where_one_cannot_make_environments(task, tmp_path, status, how):
    bad = make_python(tmp_path, name="python3", **how)
    good = make_python(tmp_path)
    run(task(candidates=[Candidate(bad), Candidate(good)]))
    assert status().record["base"] == str(good)
    assert "cannot make an environment" in fail(task(candidates=[Candidate(bad)])).message


def test_own_python_is_a_candidate_and_blender_never_is(monkeypatch, tmp_path):
    found = [str(item.program) for item in interpreters.find_candidates()]
    assert sys.executable in found
    blender = make_python(tmp_path, name="blender")
    monkeypatch.setattr(sys, "executable", str(blender))
    monkeypatch.setattr(sys, "_base_executable", str(blender), raising=False)
    assert str(blender) not in [str(item.program) for item in interpreters.find_candidates()]
    monkeypatch.setattr(sys, "executable", None)  # seen in builds of Blender
    assert list(interpreters.find_candidates())


# pip's failures


@pytest.mark.parametrize(
    ("words", "message", "fix"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full", "Free space"),
        ("NewConnectionError: Temporary failure in name resolution", "download failed", "network"),
        ("ReadTimeoutError: Read timed out.", "download failed", "not loaded again"),
        (
            "WARNING: Retrying after NewConnectionError\nERROR: No matching distribution found "
            "for torch==2.13.0",
            "download failed",
            "network",
        ),
        ("SSLError(SSLCertVerificationError(1, 'x'))", "certificate", "date"),
        ("ProxyError('Cannot connect to proxy.')", "proxy", "HTTPS_PROXY"),
        ("ERROR: No matching distribution found for torch==2.13.0", "no torch==2.13.0", "64-bit"),
        ("PermissionError: [WinError 5] Access is denied", "could not be written", "virus scanner"),
        ("[WinError 32] is being used by another process", "virus scanner", "Close"),
        ("HINT: ... Windows Long Path support", "too long", "long paths"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "damaged", "again"),
        ("ERROR: something new", "something new", "log"),
    ],
)
def test_failures_of_pip_are_explained(task, home, status, words, message, fix):
    error = fail(task(pip=[words, 1]))
    assert message in error.message
    assert fix in error.fix
    assert status().state is State.MISSING
    assert not list_environments(home)
    assert (home.cache / "wheel").exists(), "the next try need not load it again"
    assert words.splitlines()[0] in home.log.read_text(encoding="utf-8")
    assert words.splitlines()[-1] in "".join(error.__notes__)


def test_pip_that_the_system_kills(task, home):
    assert "memory" in fail(task(pip=["", -9])).message
    assert not list_environments(home)


@given(st.text(max_size=300), st.integers(-64, 255))
def test_whatever_pip_says_there_is_a_message_and_a_fix(output, status):
    error = explain_pip(Answer(status, output))
    assert error.message
    assert error.fix
    assert len(error.message) < 500


@given(st.sampled_from(sorted(errno.errorcode)))
def test_whatever_the_system_says_there_is_a_message_and_a_fix(number):
    error = explain_os_error(OSError(number, os.strerror(number), "file"))
    assert error.message
    assert error.fix


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
    ("fault", "words"),
    [
        ("OSError: [WinError 126] ... c10.dll or one of its dependencies", "Visual C++"),
        ("OSError: libgomp.so.1: cannot open shared object file", "libgomp.so.1"),
        ("ValueError: odd", "odd"),
    ],
)
def test_faults_of_libraries_are_explained(fault, words):
    assert words in explain_import("torch", fault)


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


# Builds of torch


@pytest.mark.parametrize(
    ("wanted", "platform", "driver", "name", "index"),
    [
        ("automatic", "linux", True, "cuda", ""),
        ("automatic", "linux", False, "cpu", "/whl/cpu"),
        ("automatic", "win32", True, "cuda", "/whl/cu"),
        ("automatic", "win32", False, "cpu", ""),
        ("automatic", "darwin", False, "cpu", ""),
        ("cpu", "linux", True, "cpu", "/whl/cpu"),
        ("cuda", "linux", False, "cuda", ""),
    ],
)
def test_build_of_torch(wanted, platform, driver, name, index):
    build = builds.choose_build(wanted, platform=platform, driver=driver)
    assert build.name == name
    assert index in build.index
    assert bool(index) == bool(build.index)
    assert build.reason


@pytest.mark.parametrize(("wanted", "platform"), [("rocm", "linux"), ("cuda", "darwin")])
def test_build_that_there_is_not(wanted, platform):
    with pytest.raises(SettingsError):
        builds.choose_build(wanted, platform=platform)


def test_what_ships_is_pinned_and_is_what_the_worker_wants():
    from bozzetto.inference.worker_boot import REQUIRED

    found = builds.read_requirements()
    assert {item.module for item in found} == set(REQUIRED)
    assert builds.find_fingerprint() == builds.find_fingerprint()


@pytest.mark.parametrize("line", ["torch", "torch>=2", "-r other.txt", "torch==2.*"])
def test_packages_without_a_pin_are_refused(tmp_path, line):
    path = tmp_path / "list.txt"
    path.write_text(line)
    with pytest.raises(SettingsError):
        builds.read_requirements(path)


@given(st.from_regex(r"[0-9]+(\.[0-9]+){1,3}", fullmatch=True), st.text("abc0123.", max_size=8))
def test_local_part_is_another_build_of_the_pinned_version(version, local):
    pin = builds.Requirement("torch", version, "torch")
    assert pin.accepts(version)
    assert pin.accepts(f"{version}+{local}")
    assert not pin.accepts(f"{version}.1")


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
