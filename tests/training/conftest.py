"""What several tests of the training data share."""

import pytest

from bozzetto.training.data.views.rasteriser import RendererMissing, _make_context


@pytest.fixture(scope="session")
def software_gl() -> None:
    """Skips where this machine has no OpenGL on the processor."""
    try:
        _make_context().release()
    except RendererMissing as error:
        pytest.skip(f"no software OpenGL: {error}")
