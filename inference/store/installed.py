"""Which weights an engine loads when none are chosen: its own, or those on the shelf.

Settings and records name no folder of this machine, so that they mean the same on another one: no
checkpoint means "the installed ones", and whoever loads them looks where they are here. The worker
is told by the environment.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import WeightsError
from .published import find_published
from .shelf import Shelf, Weights

VARIABLE = "BOZZETTO_WEIGHTS"
"""Names the shelf's folder: to the worker, and to a Blender that is to use another than its own."""


def find_named_shelf() -> Shelf | None:
    """The shelf that the environment names; None: it names none."""
    named = os.environ.get(VARIABLE, "")
    return Shelf(Path(os.path.abspath(named))) if named else None


def find_installed(shelf: Shelf | None, engine: str) -> Weights | None:
    """The newest weights of an engine on the shelf; None: there are none.

    Cheap, for panels: the file must be there in its full size. Its hash is looked at when it is
    loaded.
    """
    found = [
        (_read_age(item), item)
        for item in (shelf.list() if shelf is not None else [])
        if item.engine == engine and _is_whole(item)
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def find_checkpoint(engine: str, checkpoint: str) -> str:
    """The file that an engine is to load: the chosen one, or the installed one; "": its own.

    Raises WeightsError for an engine whose weights do not ship and are not installed.
    """
    if checkpoint or find_published(engine) is None:
        return checkpoint
    item = find_installed(find_named_shelf(), engine)
    if item is None:
        raise explain_missing(engine)
    return str(item.path)


def explain_missing(engine: str) -> WeightsError:
    """The error for an engine whose published weights are not installed."""
    name = find_published(engine).name
    return WeightsError(
        f"{name}'s weights are not installed.",
        "Download or import them in the extension's preferences; without a window: "
        f"blender --online-mode --command bozzetto weights download {engine}",
    )


def _is_whole(item: Weights) -> bool:
    try:
        return item.path.is_file() and item.path.stat().st_size == item.size
    except OSError:
        return False


def _read_age(item: Weights) -> float:
    try:
        return item.path.with_suffix(".json").stat().st_mtime
    except OSError:  # removed at this moment
        return 0.0
