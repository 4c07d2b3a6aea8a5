"""Which Python the runtime is made from, which packages, and what failures mean."""

import errno
import os
import sys

import pytest
from fake_python import make_python, read_calls
from hypothesis import given
from hypothesis import strategies as st
from runtime_tasks import (
    fail,
    list_environments,
    run,
)

from bozzetto.inference.errors import SettingsError
from bozzetto.inference.runtime import builds, interpreters
from bozzetto.inference.runtime.failures import explain_import, explain_os_error, explain_pip
from bozzetto.inference.runtime.folder import State
from bozzetto.inference.runtime.interpreters import Candidate
from bozzetto.inference.runtime.processes import Answer

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
    optional = {"onnxruntime"}  # without it pictures are cut by a simpler way, and that is said
    assert {item.module for item in found} == set(REQUIRED) | optional
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
