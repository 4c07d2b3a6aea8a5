"""Blender as a module, with the extension enabled: from the checkout, or from a built zip.

BOZZETTO_TEST_ZIP: the zip to install and test. BOZZETTO_WORKER_PYTHON: the interpreter that has
torch; this one, where it has torch itself.
"""

import dataclasses
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

_user = tempfile.mkdtemp(prefix="bozzetto-user-")
if "bpy" not in sys.modules:  # a real Blender has looked at it already
    os.environ["BLENDER_USER_RESOURCES"] = _user
os.environ.pop("BOZZETTO_WEIGHTS", None)  # every test has a shelf of its own, or none
if importlib.util.find_spec("torch"):
    os.environ.setdefault("BOZZETTO_WORKER_PYTHON", sys.executable)

import bpy  # noqa: E402

_spec = importlib.util.spec_from_file_location(
    "blender_helpers", Path(__file__).with_name("helpers.py")
)
helpers = sys.modules["blender_helpers"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(helpers)
part = helpers.part

INFERENCE_TESTS = Path(__file__).resolve().parents[1] / "inference"
BOOT = INFERENCE_TESTS / "install_boot.py"


_status = 0


def pytest_sessionfinish(exitstatus):
    global _status
    _status = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure():
    """Leave at once: everything is written, and Blender as a module may hang at exit.

    It quits when Python frees the module bpy; if a test's frame still refers to that, it never
    does, and its destructors then wait for its own threads. What the extension has to do about
    exits is tested in processes of their own (test_registration, test_generation).
    """
    shutil.rmtree(_user, ignore_errors=True)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_status)


def pytest_configure():
    if "BOZZETTO_WORKER_PYTHON" not in os.environ:
        pytest.exit("BOZZETTO_WORKER_PYTHON must name an interpreter that has torch.", 2)


@pytest.fixture(scope="session", autouse=True)
def _extension():
    bpy.ops.wm.read_homefile(use_empty=True)
    helpers.enable()
    yield
    helpers.disable()


@pytest.fixture(autouse=True)
def _empty_file():
    """Every test starts and leaves with an empty file, and without a worker."""
    bpy.ops.wm.read_homefile(use_empty=True)
    yield
    bpy.ops.wm.read_homefile(use_empty=True)


@pytest.fixture
def fake_worker(monkeypatch):
    """Jobs are done by tests/blender/fake_worker.py."""
    monkeypatch.setattr(helpers.part("scene.runtime"), "worker_boot", helpers.FAKE_WORKER)


@pytest.fixture
def picture(tmp_path):
    """`picture("name")`: a PNG file of a chair with that name."""
    return lambda name="stool": helpers.write_png(tmp_path / f"{name}.png", helpers.draw_chair())


@pytest.fixture
def online():
    system = bpy.context.preferences.system
    system.use_online_access = True
    assert bpy.app.online_access
    yield
    system.use_online_access = False


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A file in the published one's place, made where torch is; its SHA-256."""
    path = tmp_path_factory.mktemp("published") / "model.ckpt"
    command = [os.environ["BOZZETTO_WORKER_PYTHON"], str(BOOT), "make", str(path)]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    return path, made.stdout.strip()


@pytest.fixture
def publish(monkeypatch, tiny):
    """`publish()`: a server has the file, and the child takes it for the published one."""
    servers = []

    def start(drip=0.0, **changes):
        python = os.environ["BOZZETTO_WORKER_PYTHON"]
        command = [python, str(INFERENCE_TESTS / "fake_hub.py"), str(tiny[0]), "--drip", str(drip)]
        servers.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        url = servers[-1].stdout.readline().strip()
        size = tiny[0].stat().st_size
        pin = {"url": url, "sha256": tiny[1], "size": size, "installed_size": 1000, **changes}
        catalogue = part("inference.store.published")
        changed = dataclasses.replace(catalogue.TRIPOSR, **pin)
        monkeypatch.setitem(catalogue.PUBLISHED, "triposr", changed)
        patience = {"tries": 1, "wait": 0.01}
        given = json.dumps({**pin, "tiny": True, "patience": patience})
        monkeypatch.setenv("BOZZETTO_TEST_PUBLISHED", given)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.setattr(part("scene.weights"), "child", BOOT)
        return changed

    yield start
    for server in servers:
        server.kill()
        server.wait()
        server.stdout.close()
