"""What several test modules share."""

import pytest
from fake_python import REQUIREMENTS, make_python

from bozzetto.inference.pictures.matting import Matting
from bozzetto.inference.runtime import builds
from bozzetto.inference.runtime.folder import RuntimeFolder
from bozzetto.inference.runtime.interpreters import Candidate
from bozzetto.inference.runtime.set_up import SetUp


@pytest.fixture(scope="session")
def matting() -> Matting:
    """The bundled matting network, loaded once."""
    return Matting()


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
