"""Where this Blender keeps weights that do not ship, and whether a generation has what it needs.

Module state on purpose, as in runtime.py, which tells the worker of it.
"""

from __future__ import annotations

from pathlib import Path

import bpy

from ..inference.errors import WeightsError
from ..inference.settings import GenerateSettings
from ..inference.store.installed import (
    VARIABLE,
    explain_missing,
    find_installed,
    find_named_shelf,
)
from ..inference.store.published import find_published
from ..inference.store.shelf import Shelf

NO_SHELF = "Only an installed extension keeps weights"
_PACKAGE = __package__.rpartition(".")[0]
_shelf: Shelf | None = None


def find_shelf() -> Shelf | None:
    """The folder that BOZZETTO_WEIGHTS names (farms share one), else the extension's own.

    None: outside an installed extension.
    """
    global _shelf
    if (named := find_named_shelf()) is not None:
        return named
    if _shelf is None and _PACKAGE.startswith("bl_ext."):
        _shelf = Shelf(Path(bpy.utils.extension_path_user(_PACKAGE, path="weights")))
    return _shelf


def get_shelf() -> Shelf:
    """The same. Raises WeightsError where there is none."""
    shelf = find_shelf()
    if shelf is None:
        raise WeightsError(
            f"{NO_SHELF}.",
            f"Install the zip, or name a folder for them in the variable {VARIABLE}.",
        )
    return shelf


def describe_environment() -> dict[str, str]:
    """Variables that tell the worker where the shelf is."""
    shelf = find_shelf()
    return {VARIABLE: str(shelf.folder)} if shelf is not None else {}


def find_lack(engine: str, checkpoint: str) -> str:
    """What the engine lacks to load these weights, as words for a button; empty: nothing.

    A chosen checkpoint is for the worker to judge.
    """
    if checkpoint or find_published(engine) is None:
        return ""
    if find_installed(find_shelf(), engine) is not None:
        return ""
    return f"{find_published(engine).name}'s weights are not installed: download or import them"


def require_weights(settings: GenerateSettings) -> None:
    """Raises WeightsError where a generation would lack its weights."""
    if find_lack(settings.engine, settings.checkpoint):
        raise explain_missing(settings.engine)
