"""Setting up the worker's Python from inside Blender, with a Python that pretends."""

import os
import subprocess
import sys
import time
from pathlib import Path

import bpy
import pytest
from blender_helpers import PACKAGE, disable, enable, part
from fake_python import make_python, read_calls

OPERATORS = bpy.ops.bozzetto


@pytest.fixture(autouse=True)
def _own_runtime(monkeypatch, tmp_path):
    """A folder of the test's own, and no interpreter named elsewhere."""
    folder = part("inference.runtime.folder").RuntimeFolder(tmp_path / "runtime")
    monkeypatch.setattr(part("scene.runtime"), "_folder", folder)
    monkeypatch.delenv("BOZZETTO_WORKER_PYTHON")
    yield
    part("scene.runtime_setup").close()


@pytest.fixture
def online(monkeypatch):
    system = bpy.context.preferences.system
    system.use_online_access = True
    assert bpy.app.online_access
    yield
    system.use_online_access = False


@pytest.fixture
def python(tmp_path):
    """`python(pip=[words, status], ...)`: a Python that pretends to have what is pinned."""
    pins = part("inference.runtime.builds").read_requirements()

    def make(**behaviour):
        versions = {pin.name: pin.version for pin in pins}
        return str(make_python(tmp_path, **{"versions": versions, **behaviour}))

    return make


def setup():
    return part("scene.runtime_setup")


def state():
    return setup().find_status().state.value


def find_reason(name):
    """What Blender's tooltip says of a button that is greyed."""
    with pytest.raises(RuntimeError) as caught:
        getattr(OPERATORS, name)()
    return str(caught.value)


def is_running(pid):
    try:
        text = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return text not in "ZX"


def wait_for_end(pids):
    """They are killed already; the system takes a moment to say so."""
    while any(is_running(pid) for pid in pids):
        time.sleep(0.01)


def begin_hanging(python, tmp_path):
    """A set-up as the button starts it in a window, whose pip hangs; its processes."""
    setup().start(setup().make_set_up(python=python(pip=["hang", 0]), torch="cpu"))
    done = tmp_path / "pids.done"
    while not done.exists():
        time.sleep(0.01)
    pids = [int(word) for word in done.read_text().split()]
    assert all(is_running(pid) for pid in pids)
    return pids


def pump_until_done():
    while part("operators.setup").pump() is not None:
        time.sleep(0.01)


def test_offline_is_said_before_the_click(python, tmp_path):
    assert not bpy.app.online_access
    assert not OPERATORS.set_up_runtime.poll()
    assert "Allow Online Access" in find_reason("set_up_runtime")
    with pytest.raises(part("inference.errors").RuntimeSetUpError, match="online"):
        setup().start(setup().make_set_up(python=python()))
    assert not read_calls(tmp_path)
    assert not (tmp_path / "runtime").exists()


@pytest.mark.usefixtures("online")
def test_set_up_verify_remove(python, capfd):
    for name in ("verify_runtime", "remove_runtime"):
        assert "No Python is set up" in find_reason(name)
    assert not OPERATORS.show_set_up_log.poll()
    assert OPERATORS.set_up_runtime(python=python(), torch="cpu") == {"FINISHED"}
    assert "[bozzetto] 100%" in capfd.readouterr().out  # which steps before it show is a race
    assert state() == "ready"
    assert part("scene.runtime").find_worker_python().is_file()
    assert OPERATORS.generate_from_file.poll()
    assert OPERATORS.show_set_up_log.poll()
    assert OPERATORS.verify_runtime() == {"FINISHED"}
    assert "torch 2.13.0+cpu" in setup().message
    report = setup().make_report()
    assert "Collecting torch" in report
    assert bpy.app.version_string in report
    assert OPERATORS.remove_runtime() == {"FINISHED"}
    assert state() == "not set up"
    assert not OPERATORS.generate_from_file.poll()


@pytest.mark.usefixtures("online")
def test_failure_says_what_to_do(python):
    with pytest.raises(RuntimeError, match="disk is full"):
        OPERATORS.set_up_runtime(python=python(pip=["No space left on device", 1]), torch="cpu")
    assert "disk is full" in setup().failure.message
    assert "disk is full" in setup().make_report()
    assert state() == "not set up"
    assert OPERATORS.remove_runtime.poll(), "what has come already fills the disk"
    OPERATORS.set_up_runtime(python=python(), torch="cpu")
    assert setup().failure is None


@pytest.mark.usefixtures("online")
def test_preferences_decide_where_nothing_is_said(python, tmp_path):
    preferences = bpy.context.preferences.addons[PACKAGE].preferences
    preferences.base_python, preferences.torch_build = python(), "cpu"
    try:
        assert OPERATORS.set_up_runtime() == {"FINISHED"}
        assert setup().find_status().record["base"] == preferences.base_python
    finally:
        preferences.base_python, preferences.torch_build = "", "automatic"


@pytest.mark.usefixtures("online")
def test_damage_is_said_before_the_click(python):
    OPERATORS.set_up_runtime(python=python(), torch="cpu")
    setup().find_status().python.unlink()
    with pytest.raises(part("inference.errors").WorkerError, match="damaged") as caught:
        part("scene.runtime").find_worker_python()
    assert "Repair" in caught.value.fix
    OPERATORS.set_up_runtime(python=python(), torch="cpu")
    assert state() == "ready"


@pytest.mark.usefixtures("online")
def test_buttons_while_it_runs_and_cancel(python, tmp_path):
    assert not OPERATORS.cancel_set_up.poll()
    pids = begin_hanging(python, tmp_path)
    for name in ("set_up_runtime", "verify_runtime", "remove_runtime"):
        assert "already" in find_reason(name)
    assert "being worked on" in find_reason("generate_from_file")
    assert part("operators.setup").pump() is not None
    assert OPERATORS.cancel_set_up() == {"FINISHED"}
    pump_until_done()
    wait_for_end(pids)
    assert "Cancelled" in setup().message
    assert state() == "not set up"
    assert not list((tmp_path / "runtime").glob("env-*"))


@pytest.mark.usefixtures("online")
def test_another_file_may_be_opened_meanwhile(python, tmp_path):
    pids = begin_hanging(python, tmp_path)
    bpy.ops.wm.read_homefile(use_empty=True)
    assert setup().find_task() is not None
    assert all(is_running(pid) for pid in pids)


@pytest.mark.usefixtures("online")
def test_disabling_leaves_no_process(python, tmp_path):
    pids = begin_hanging(python, tmp_path)
    timer = part("operators.setup").pump
    disable()
    try:
        wait_for_end(pids)
        assert not bpy.app.timers.is_registered(timer)
        assert not list((tmp_path / "runtime").glob("env-*"))
    finally:
        enable()


@pytest.mark.usefixtures("online", "fake_worker")
def test_not_while_something_is_generated(python, picture, monkeypatch):
    monkeypatch.setenv("BOZZETTO_WORKER_PYTHON", sys.executable)
    queue = part("scene.runtime").get_queue()
    source, _ = part("scene.picture").read_picture(str(picture()))
    job = queue.submit(source, part("inference.settings").GenerateSettings())
    assert "generation" in find_reason("set_up_runtime")
    queue.cancel(job)
    queue.wait(job) if not job.finished else None
    assert OPERATORS.set_up_runtime.poll()


@pytest.mark.usefixtures("online")
def test_from_the_command_line(python, capsys, tmp_path):
    cli = part("cli")
    assert cli.run(["setup", "--python", python(), "--torch", "cpu"]) == 0
    assert "Ready: Python 3.11.9, torch 2.13.0+cpu" in capsys.readouterr().out
    assert cli.run(["setup", "--python", python(version=[3, 9, 1]), "--torch", "cpu"]) == 6
    assert "3.9.1" in capsys.readouterr().err
    assert cli.run(["setup", "--torch", "rocm"]) == 2


def test_from_the_command_line_offline(python, capsys):
    assert part("cli").run(["setup", "--python", python()]) == 6
    assert "--online-mode" in capsys.readouterr().err


class FakeLayout:
    """Takes a panel's drawing down: texts, operators and bars."""

    def __init__(self, taken):
        self._taken = taken

    def label(self, text="", icon="NONE"):
        self._taken.append(text)

    def progress(self, text="", factor=0.0):
        self._taken.append(f"bar: {text}")

    def operator(self, name, text=None, icon="NONE"):
        self._taken.append(f"{name} {text or ''}".strip())
        return self

    def prop(self, *_arguments, **_keywords):
        pass

    def _part(self, *_arguments, **_keywords):
        return FakeLayout(self._taken)

    row = column = box = _part


def draw(where):
    taken = []
    box = part("panels.runtime_box")
    if where == "preferences":
        box.draw_box(FakeLayout(taken), bpy.context.preferences.addons[PACKAGE].preferences)
    else:
        reason = part("operators.generate").find_runtime_reason()
        box.draw_missing(FakeLayout(taken), reason)
    return "\n".join(taken)


@pytest.mark.usefixtures("online")
@pytest.mark.parametrize("where", ["preferences", "sidebar"])
def test_what_the_artist_sees(python, tmp_path, where):
    shown = draw(where)
    assert "not set up" in shown
    assert "bozzetto.set_up_runtime Set Up" in shown
    begin_hanging(python, tmp_path)
    shown = draw(where)
    assert "bar: Downloading" in shown
    assert "bozzetto.cancel_set_up" in shown
    assert "bozzetto.set_up_runtime" not in shown
    OPERATORS.cancel_set_up()
    pump_until_done()
    with pytest.raises(RuntimeError):
        OPERATORS.set_up_runtime(python=python(pip=["Read timed out", 1]), torch="cpu")
    assert "Check the network" in " ".join(draw(where).split())
    OPERATORS.set_up_runtime(python=python(), torch="cpu")
    if where == "preferences":
        assert "Ready: Python 3.11.9, torch 2.13.0+cpu, device cpu" in draw(where)
    setup().find_status().python.unlink()
    shown = draw(where)
    assert "damaged" in shown
    assert "bozzetto.set_up_runtime Repair" in shown


def test_blender_that_quits_leaves_no_process(python, tmp_path):
    """It is left in the middle of a set-up, as by Quit: Python's exit ends the child."""
    if PACKAGE.startswith("bl_ext."):
        return  # the other package name tests it
    code = (
        "import bpy, sys, time, pathlib, bozzetto; bozzetto.register()\n"
        "bpy.context.preferences.system.use_online_access = True\n"
        "from bozzetto.scene import runtime, runtime_setup\n"
        "from bozzetto.inference.runtime.folder import RuntimeFolder\n"
        "here = pathlib.Path(sys.argv[1])\n"
        "runtime._folder = RuntimeFolder(here / 'runtime')\n"
        "runtime_setup.start(runtime_setup.make_set_up(python=sys.argv[2], torch='cpu'))\n"
        "while not (here / 'pids.done').exists(): time.sleep(0.01)\n"
    )
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path / "user")}
    command = [sys.executable, "-c", code, str(tmp_path), python(pip=["hang", 0])]
    subprocess.run(command, env=environment, timeout=120, check=True)
    pids = [int(word) for word in (tmp_path / "pids.done").read_text().split()]
    wait_for_end(pids)
    assert not list((tmp_path / "runtime").glob("env-*"))
