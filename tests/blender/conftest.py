"""Blender as a module, with the extension enabled: from the checkout, or from a built zip.

BOZZETTO_TEST_ZIP: the zip to install and test. BOZZETTO_WORKER_PYTHON: the interpreter that has
torch; this one, where it has torch itself.
"""

import importlib.util
import os
import shutil
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
