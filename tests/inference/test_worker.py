"""The worker process itself: how it is started, and that it never outlives its parent."""

import os
import shutil
import signal
import subprocess
import textwrap
import threading
import time
from pathlib import Path

import pytest
from fake_engine_queue import FAKE, PYTHON, is_running, wait_until

from bozzetto.inference.client import WorkerClient
from bozzetto.inference.errors import PictureError
from bozzetto.inference.jobs import JobQueue
from bozzetto.inference.priority import AUTOGROUP
from bozzetto.inference.settings import GenerateSettings
from bozzetto.inference.types import Source

ROOT = Path(__file__).resolve().parents[2]
PRIORITY = ROOT / "inference" / "priority.py"


@pytest.fixture
def installed(tmp_path):
    """The inference package as an installed extension has it, in a tree that must not be used."""
    root = tmp_path / "extensions" / "user_default" / "bozzetto"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "inference", root / "inference", ignore=ignored)
    (root / "__init__.py").write_text("raise RuntimeError('this is Blender\\'s business')\n")
    for decoy in (root / "json.py", root.parent / "numpy.py"):
        decoy.write_text("raise RuntimeError('the extension is on sys.path')\n")
    return root


def test_boot_makes_the_package_and_touches_nothing_else(installed, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(f"""
        import importlib.util, sys
        before = list(sys.path)
        spec = importlib.util.spec_from_file_location("boot", {str(installed)!r} +
                                                      "/inference/worker_boot.py")
        boot = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(boot)
        boot.alias_package(boot.Path({str(installed)!r}))
        from bozzetto.inference import client, worker
        import bozzetto, types
        print(worker.__file__, client.BOOT, bozzetto.__path__[0], types.__file__, sep="\\n")
        print(sys.path == before)
        """)
    )
    output = subprocess.run(
        [PYTHON, "-I", "-B", script], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    inference = installed / "inference"
    assert output[:3] == [
        str(inference / "worker.py"), str(inference / "worker_boot.py"), str(installed)
    ]  # fmt: skip
    assert not output[3].startswith(str(installed))
    assert output[4] == "True"


def test_installed_extension_starts_its_worker_and_writes_nothing(installed):
    boot = installed / "inference" / "worker_boot.py"
    before = sorted(installed.rglob("*"))
    with JobQueue(lambda: WorkerClient(PYTHON, boot=boot)) as queue:
        job = queue.submit(Source(path=str(installed / "no picture.png")), GenerateSettings())
        with pytest.raises(PictureError, match=r"no picture\.png"):
            queue.wait(job)
        ready = queue._client.ready
        assert ready["torch"].startswith("2.")
        assert ready["device"]
    assert sorted(installed.rglob("*")) == before


def test_site_folder_goes_first(tmp_path):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise ImportError('mine', name='torch')\n")
    client = WorkerClient(PYTHON, site=tmp_path)
    client.start()
    try:
        wait_until(lambda: client.poll() is None or client.failure)
        assert "lacks torch (mine)" in client.failure.message
    finally:
        client.stop()


def test_boot_refuses_an_interpreter_that_is_not_isolated():
    boot = ROOT / "inference" / "worker_boot.py"
    result = subprocess.run([PYTHON, "-B", boot], capture_output=True, text=True, check=False)
    assert result.returncode != 0
    assert result.stdout == "", "nothing that the client could take for a worker"


PARENT = """
import signal, sys, threading, time
from pathlib import Path
from bozzetto.inference.client import WorkerClient
from bozzetto.inference.jobs import JobQueue
from bozzetto.inference.priority import AUTOGROUP
from bozzetto.inference.settings import GenerateSettings
from bozzetto.inference.types import Source

# A shell that starts the tests in the background has SIGINT ignored, and children inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

def run():
    queue = JobQueue(lambda: WorkerClient(Path(sys.executable), boot=Path({boot!r})))
    name = {name!r}
    if name == "idle":
        queue.wait(queue.submit(Source(path="x"), GenerateSettings()))
    else:
        job = queue.submit(Source(path="x", name=name), GenerateSettings())
        while job.phase != "extract":
            queue.step()
    print(queue.pid, flush=True)
    time.sleep({lifetime})

if {threaded}:
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
else:
    run()
"""


def start_parent(name, *, lifetime=3600, threaded=False):
    code = PARENT.format(boot=str(FAKE), name=name, lifetime=lifetime, threaded=threaded)
    parent = subprocess.Popen([PYTHON, "-c", code], stdout=subprocess.PIPE, text=True)
    return parent, int(parent.stdout.readline())


@pytest.mark.parametrize(
    ("name", "threaded"),
    [
        ("idle", False),
        ("loop:extract", False),
        ("sleep:extract", True),  # no signal from the kernel: the pipe's end must do
        ("spin:extract", False),  # no thread of the worker gets to see the pipe's end
    ],
)
def test_worker_dies_with_its_parent(name, threaded):
    parent, pid = start_parent(name, threaded=threaded)
    assert is_running(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not is_running(pid), seconds=2.0)


def test_worker_ends_with_a_parent_that_just_exits():
    parent, pid = start_parent("sleep:extract", lifetime=0)
    assert parent.wait(timeout=30) == 0
    parent.stdout.close()
    wait_until(lambda: not is_running(pid), seconds=2.0)


def test_worker_survives_the_thread_that_started_it():
    """The kernel would kill it with that thread, if it were asked to."""
    client = WorkerClient(PYTHON, boot=FAKE)
    thread = threading.Thread(target=client.start)
    thread.start()
    thread.join()
    try:
        wait_until(lambda: client.poll() is None or client.ready)
        time.sleep(0.2)
        assert is_running(client.pid)
    finally:
        client.stop()


def test_worker_yields_to_the_window():
    client = WorkerClient(PYTHON, boot=FAKE)
    client.start()
    try:
        wait_until(lambda: client.poll() is None or client.ready)
        own = os.getpriority(os.PRIO_PROCESS, 0)
        assert os.getpriority(os.PRIO_PROCESS, client.pid) == min(own + 5, 19)
        assert os.getpgid(client.pid) != os.getpgid(0)
        # and when memory runs out, it goes before Blender does
        assert int(Path(f"/proc/{client.pid}/oom_score_adj").read_text()) == 800
    finally:
        client.stop()


def test_niceness_reaches_the_kernels_group_of_an_own_session_and_no_other():
    """Linux shares the processor between sessions first: there, a nice process alone is not."""
    code = textwrap.dedent(f"""
        import importlib.util
        spec = importlib.util.spec_from_file_location("it", {str(PRIORITY)!r})
        it = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(it)
        it.lower_priority(3)
        print(it.os.nice(0), it.AUTOGROUP.read_text() if it.AUTOGROUP.exists() else "nice 3")
    """)

    def find(*, own):
        parent = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], "
        parent += f"start_new_session={own})"
        # in a session of its own too, so that this one's group does not count
        command = [PYTHON, "-c", parent, code]
        return subprocess.run(
            command, capture_output=True, text=True, check=True, start_new_session=True
        ).stdout.split()

    before = os.nice(0)
    ours, *group = find(own=True)
    assert int(ours) == before + 3
    assert group[-2:] == ["nice", "3"]
    theirs, *group = find(own=False)
    assert int(theirs) == before + 3
    assert not AUTOGROUP.exists() or group[-2:] == ["nice", "0"]


def test_interrupted_parent_leaves_no_worker():
    parent, pid = start_parent("sleep:extract")
    parent.send_signal(signal.SIGINT)
    assert parent.wait(timeout=30) != 0
    parent.stdout.close()
    wait_until(lambda: not is_running(pid), seconds=2.0)
