"""What the tests of client, worker and queue share."""

import sys
import time
from pathlib import Path

from bozzetto.inference.client import WorkerClient
from bozzetto.inference.settings import GenerateSettings
from bozzetto.inference.types import PHASES, Source

PYTHON = Path(sys.executable)
FAKE = Path(__file__).with_name("fake_engine_boot.py")
SETTINGS = GenerateSettings()
WORKER_PHASES = PHASES[:-1]
PATIENCE = 60.0  # seconds; of a test that would otherwise wait for ever


def make_client():
    return WorkerClient(PYTHON, boot=FAKE)


def submit(queue, action="", **settings):
    """A job that does what fake_engine_boot.py knows by that name."""
    return queue.submit(Source(path="picture.png", name=action), SETTINGS.changed(**settings))


def generate(queue, action="", **settings):
    return queue.wait(submit(queue, action, **settings), interval=0.002)


def wait_until(condition, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.002)


def step_until(queue, condition):
    """Pumps; returns the jobs that ended."""
    ended = []

    def pump():
        ended.extend(queue.step())
        return condition()

    wait_until(pump)
    return ended


def is_gone(pid):
    """Whether nothing is left of a process, not even a zombie."""
    return not Path(f"/proc/{pid}").exists()


def is_running(pid):
    """Whether a process runs; a zombie that its new parent has yet to bury does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
