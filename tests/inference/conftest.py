"""What several test modules of the worker's side share."""

import pytest

from bozzetto.inference.pictures.matting import Matting


@pytest.fixture(scope="session")
def matting() -> Matting:
    """The bundled matting network, loaded once."""
    return Matting()
