"""How the tests of the runtime's set-up run tasks and look at what they leave."""

import time
from pathlib import Path

import pytest

from bozzetto.inference.errors import RuntimeSetUpError


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
