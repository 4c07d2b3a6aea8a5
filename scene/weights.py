"""The weights of this Blender: the list, and the one thing that is being done to them.

A check, an import or a download is a generator that is stepped: by a timer in the window, by a loop
without one. Module state on purpose, as in runtime.py: there is one list, whoever asks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import bpy

from ..inference.errors import BozzettoError, Cancelled, OfflineError, WeightsError
from ..inference.runtime.processes import CHILD
from ..inference.runtime.set_up import ONLINE_FIX
from ..inference.store.downloads import measure_partial
from ..inference.store.importing import import_checkpoint
from ..inference.store.installed import find_installed
from ..inference.store.installing import Installation
from ..inference.store.published import PUBLISHED, Published, describe_bytes, find_published
from ..inference.store.shelf import Condition, Weights, list_bundled, verify
from . import runtime
from .shelves import NO_SHELF, find_shelf, get_shelf

SLICE = 0.02
"""Seconds of work between two looks at the window."""
UNCHANGED = "Cancelled; nothing was changed."
child: Path = CHILD
"""Script that looks into checkpoints and installs them; another one in tests."""
failure: BozzettoError | None = None
"""Why the last import or download failed, until something else begins."""
message = ""
"""How the last thing ended, for the artist."""
latest: Weights | None = None
"""What was imported or downloaded last."""
_conditions: dict[str, Condition] = {}
_work: Generator[float, None, None] | None = None
_tell: Callable[[], str] = str
_tell_cancelled: Callable[[], str] = str
_fraction = 0.0


def list_imported() -> list[Weights]:
    """Checkpoints that the artist has imported or downloaded."""
    shelf = find_shelf()
    return shelf.list() if shelf else []


def list_weights() -> list[Weights]:
    """All of them, those that ship first."""
    return [*list_bundled(), *list_imported()]


def list_missing() -> list[Published]:
    """Published weights that are not installed."""
    return [one for one in PUBLISHED.values() if find_installed(find_shelf(), one.engine) is None]


def find_weights(name: str) -> Weights:
    """The weights with that id. Raises WeightsError."""
    for item in list_weights():
        if item.id == name:
            return item
    raise WeightsError(f"There are no weights called {name!r}.", "Open the list again.")


def is_installed(item: Weights) -> bool:
    """Whether an engine takes these where no checkpoint is chosen."""
    if find_published(item.engine) is None:
        return item.bundled
    return find_installed(find_shelf(), item.engine) == item


def find_condition(item: Weights) -> Condition:
    """What is known of it: a missing file is seen at once, a damaged one by `start_check`."""
    if not item.path.is_file():
        return Condition.MISSING
    known = _conditions.get(item.id, Condition.UNCHECKED)
    return Condition.UNCHECKED if known is Condition.MISSING else known


def find_progress() -> tuple[str, float] | None:
    """What is being done, and the share of it; None: nothing."""
    return (_tell(), _fraction) if _work is not None else None


def find_obstacle() -> str:
    """Why nothing can begin, as words for a button; empty: it can."""
    return "Wait until what is done to the weights is done, or cancel it" if _work else ""


def find_import_obstacle() -> str:
    """The same of an import: it needs a place, and an interpreter that can look into the file."""
    if reason := find_obstacle():
        return reason
    if find_shelf() is None:
        return NO_SHELF
    try:
        runtime.find_worker_python()
    except BozzettoError as error:
        return str(error).rstrip(".")
    return ""


def find_download_obstacle(engine: str) -> str:
    """The same of a download."""
    published = find_published(engine)
    if published is None:
        return f"There is nothing to download for {engine!r}"
    if reason := find_import_obstacle():
        return reason
    if find_installed(find_shelf(), engine) is not None:
        return f"{published.name}'s weights are installed already"
    if not bpy.app.online_access:
        return "The weights must be downloaded. " + ONLINE_FIX.rstrip(".")
    return ""


def describe_download(published: Published) -> str:
    """What a click would download, as words for the button."""
    shelf = find_shelf()
    there = measure_partial(shelf.folder, published) if shelf else 0
    size = describe_bytes(published.size)
    if there:
        return f"Resume Download ({describe_bytes(there)} of {size} there)"
    return f"Download (about {size})"


def start_check(items: list[Weights] | None = None) -> None:
    """Begin to check files, all of them where none are named. Raises WeightsError when busy."""
    chosen = list_weights() if items is None else items
    _begin("Checking the weights", _check(chosen))


def start_import(path: str) -> None:
    """Begin to import a checkpoint.

    Raises WeightsError (no installed extension, busy, no such file), RuntimeMissingError or
    RuntimeDamagedError: it is the worker's Python that looks into checkpoints.
    """
    shelf, source = get_shelf(), Path(bpy.path.abspath(path))
    work = import_checkpoint(shelf, source, runtime.find_worker_python(), child=child)
    _begin(f"Importing {source.name}", _import(work))


def start_download(engine: str) -> None:
    """Begin to download an engine's published weights, or go on with it.

    Raises WeightsError (nothing to download, no installed extension, busy), OfflineError,
    RuntimeMissingError or RuntimeDamagedError: it is the worker's Python that does it.
    """
    published = find_published(engine)
    if published is None:
        raise WeightsError(
            f"There is nothing to download for {engine!r}.",
            f"Choose one of: {', '.join(PUBLISHED)}.",
        )
    shelf, python = get_shelf(), runtime.find_worker_python()
    if not bpy.app.online_access:
        raise OfflineError(
            "The weights must be downloaded, and Blender is not allowed to go online.", ONLINE_FIX
        )
    installation = Installation(shelf, published, python, child=child)
    _begin(
        lambda: installation.text,
        _import(installation.run()),
        cancelled=installation.describe_kept,
    )


def step(seconds: float = SLICE) -> bool:
    """Work for a moment; whether there is more to do. An error is kept in `failure`."""
    global _work, _fraction, failure, message
    end = time.monotonic() + seconds
    while _work is not None and time.monotonic() < end:
        try:
            _fraction = next(_work)
        except StopIteration:
            _work = None
        except Cancelled as error:
            _work, message = None, error.message
        except BozzettoError as error:
            _work, failure = None, error
        except BaseException:
            _work = None
            raise
    return _work is not None


def run() -> str:
    """Step to the end; how it ended. Raises the error it ended with."""
    while step():
        pass
    if failure is not None:
        raise failure
    return message


def cancel() -> bool:
    """End what is being done and tidy up; whether there was something."""
    global _work, message
    work, _work = _work, None
    if work is None:
        return False
    work.close()
    message = _tell_cancelled()
    return True


def remove(item: Weights) -> None:
    """Delete an imported checkpoint; scenes that chose it get the engine's usual weights.

    Raises WeightsError.
    """
    global failure, message
    shelf = get_shelf()
    runtime.release()  # Windows deletes no file that the worker has open
    shelf.remove(item)
    _conditions.pop(item.id, None)
    for scene in bpy.data.scenes:
        if scene.bozzetto.checkpoint == str(item.path):
            scene.bozzetto.checkpoint = ""
    failure, message = None, f"Removed {item.name}."


def close() -> None:
    """End what is being done and forget everything."""
    global failure, message, latest
    cancel()
    _conditions.clear()
    failure, message, latest = None, "", None


def _begin(
    doing: str | Callable[[], str],
    work: Generator[float, None, None],
    *,
    cancelled: Callable[[], str] = lambda: UNCHANGED,
) -> None:
    global _work, _tell, _tell_cancelled, _fraction, failure, message
    if reason := find_obstacle():
        raise WeightsError(f"{reason}.", "Try again then.")
    failure, message = None, ""
    _tell = doing if callable(doing) else lambda: doing
    _work, _tell_cancelled, _fraction = work, cancelled, 0.0


def _check(items: list[Weights]) -> Generator[float, None, None]:
    global message
    whole, done = sum(item.size for item in items) or 1, 0
    for item in items:
        _conditions[item.id] = yield from _scaled(verify(item), done / whole, item.size / whole)
        done += item.size
    bad = [item for item in items if _conditions[item.id] is not Condition.INTACT]
    if bad:
        named = ", ".join(f"{item.name} ({_conditions[item.id].value})" for item in bad)
        raise WeightsError(f"Not as they should be: {named}.", bad[0].fix)
    message = f"All {len(items)} files are intact." if len(items) != 1 else "The file is intact."


def _import(work: Generator[float, None, Weights]) -> Generator[float, None, None]:
    global message, latest
    item = yield from work
    _conditions[item.id] = Condition.INTACT
    latest = item
    if find_published(item.engine) is not None:
        message = f"{item.name} is installed: choose it as Engine, and generate."
    else:
        message = f"Imported {item.name}; choose it in the panel under Checkpoint."


def _scaled(
    steps: Generator[float, None, Any], start: float, share: float
) -> Generator[float, None, Any]:
    """The same steps, as part of a longer bar."""
    while True:
        try:
            fraction = next(steps)
        except StopIteration as end:
            return end.value
        yield start + fraction * share
