"""What every test may ask for."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def pictures() -> ModuleType:
    """The module tests/pictures.py: good, odd and bad pictures made on the spot."""
    path = Path(__file__).with_name("pictures.py")
    spec = importlib.util.spec_from_file_location("bozzetto_test_pictures", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
