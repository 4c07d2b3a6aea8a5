"""The weights of this Blender: the list, and the one thing that is being done to them.

A check or an import is a generator that is stepped: by a timer in the window, by a loop without
one. Module state on purpose, as in runtime.py: there is one list, whoever asks.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import bpy

from ..inference.errors import BozzettoError, Cancelled, WeightsError
from ..inference.store.importing import import_checkpoint
from ..inference.store.shelf import Condition, Shelf, Weights, list_bundled, verify
from . import runtime

SLICE = 0.02
"""Seconds of work between two looks at the window."""
failure: BozzettoError | None = None
"""Why the last import failed, until something else begins."""
message = ""
"""How the last thing ended, for the artist."""
_conditions: dict[str, Condition] = {}
_work: Generator[float, None, None] | None = None
_doing = ""
_fraction = 0.0
_shelf: Shelf | None = None


def find_shelf() -> Shelf | None:
    """Where imported checkpoints live; None outside an installed extension."""
    global _shelf
    if _shelf is None and runtime.PACKAGE.startswith("bl_ext."):
        _shelf = Shelf(Path(bpy.utils.extension_path_user(runtime.PACKAGE, path="weights")))
    return _shelf


def list_imported() -> list[Weights]:
    """Checkpoints that the artist has imported."""
    shelf = find_shelf()
    return shelf.list() if shelf else []


def list_weights() -> list[Weights]:
    """All of them, those that ship first."""
    return [*list_bundled(), *list_imported()]


def find_weights(name: str) -> Weights:
    """The weights with that id. Raises WeightsError."""
    for item in list_weights():
        if item.id == name:
            return item
    raise WeightsError(f"There are no weights called {name!r}.", "Open the list again.")


def find_condition(item: Weights) -> Condition:
    """What is known of it: a missing file is seen at once, a damaged one by `start_check`."""
    if not item.path.is_file():
        return Condition.MISSING
    known = _conditions.get(item.id, Condition.UNCHECKED)
    return Condition.UNCHECKED if known is Condition.MISSING else known


def find_progress() -> tuple[str, float] | None:
    """What is being done, and the share of it; None: nothing."""
    return (_doing, _fraction) if _work is not None else None


def find_obstacle() -> str:
    """Why nothing can begin, as words for a button; empty: it can."""
    return "Wait until the check or the import is done, or cancel it" if _work is not None else ""


def start_check(items: list[Weights] | None = None) -> None:
    """Begin to check files, all of them where none are named. Raises WeightsError when busy."""
    chosen = list_weights() if items is None else items
    _begin("Checking the weights", _check(chosen))


def start_import(path: str) -> None:
    """Begin to import a checkpoint.

    Raises WeightsError (no installed extension, busy, no such file), RuntimeMissingError or
    RuntimeDamagedError: it is the worker's Python that looks into checkpoints.
    """
    shelf = find_shelf()
    if shelf is None:
        raise WeightsError(
            "Only an installed extension keeps checkpoints.",
            "Install the zip, or choose the file as Checkpoint in the panel.",
        )
    source = Path(bpy.path.abspath(path))
    _begin(f"Importing {source.name}", _import(shelf, source, runtime.find_worker_python()))


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
    message = "Cancelled; nothing was changed."
    return True


def remove(item: Weights) -> None:
    """Delete an imported checkpoint; scenes that chose it get the bundled weights.

    Raises WeightsError.
    """
    global failure, message
    shelf = find_shelf()
    if shelf is None:
        raise WeightsError("Only an installed extension keeps checkpoints.")
    runtime.release()  # Windows deletes no file that the worker has open
    shelf.remove(item)
    _conditions.pop(item.id, None)
    for scene in bpy.data.scenes:
        if scene.bozzetto.checkpoint == str(item.path):
            scene.bozzetto.checkpoint = ""
    failure, message = None, f"Removed {item.name}."


def close() -> None:
    """End what is being done and forget everything."""
    global failure, message
    cancel()
    _conditions.clear()
    failure, message = None, ""


def _begin(doing: str, work: Generator[float, None, None]) -> None:
    global _work, _doing, _fraction, failure, message
    if reason := find_obstacle():
        raise WeightsError(f"{reason}.", "Try again then.")
    failure, message = None, ""
    _work, _doing, _fraction = work, doing, 0.0


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


def _import(shelf: Shelf, source: Path, python: Path) -> Generator[float, None, None]:
    global message
    item = yield from import_checkpoint(shelf, source, python)
    _conditions[item.id] = Condition.INTACT
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
