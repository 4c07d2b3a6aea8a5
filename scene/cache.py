"""Files that may be deleted at any time: where they are, how large, and away with them."""

from __future__ import annotations

import time
from pathlib import Path

import bpy

from ..inference.errors import RuntimeSetUpError
from ..inference.runtime.folder import delete_tree, measure_tree
from ..inference.store.downloads import FOLDER, is_downloading
from . import runtime, runtime_setup, shelves, weights

REMEMBERED = 5.0
"""Seconds for which a size is not measured again: panels are drawn often."""
_measured: tuple[float, int] | None = None


def find_folder() -> Path | None:
    """The extension's own folder below Blender's user folder; None outside an extension."""
    if not runtime.PACKAGE.startswith("bl_ext."):
        return None
    return Path(bpy.utils.extension_path_user(runtime.PACKAGE))


def find_caches() -> list[Path]:
    """What `clear` deletes, as far as it exists: downloads that did not end, and `cache`."""
    folder, own = runtime.find_runtime_folder(), find_folder()
    places = [folder.cache] if folder is not None else []
    places += [own / "cache"] if own is not None else []
    shelf = shelves.find_shelf()
    places += [shelf.folder / FOLDER] if shelf is not None else []
    return [place for place in places if place.is_dir()]


def find_obstacle() -> str:
    """Why nothing can be deleted now, as words for a button; empty: it can."""
    if runtime_setup.find_task() is not None:
        return "Wait until the set-up is done"
    if weights.find_progress() is not None:
        return weights.find_obstacle()
    return "" if find_caches() else "The cache is empty"


def measure() -> int:
    """Bytes that `clear` would give back."""
    global _measured
    now = time.monotonic()
    if _measured is None or now - _measured[0] > REMEMBERED:
        _measured = now, sum(measure_tree(place) for place in find_caches())
    return _measured[1]


def clear() -> int:
    """Delete them; the bytes given back. Raises RuntimeSetUpError: in use, or not deletable."""
    global _measured
    if runtime_setup.find_task() is not None:
        raise RuntimeSetUpError("The downloads are in use.", "Wait until the set-up is done.")
    shelf = shelves.find_shelf()
    if weights.find_progress() is not None or (shelf and is_downloading(shelf.folder)):
        raise RuntimeSetUpError("Weights are being downloaded.", "Wait until that is done.")
    _measured = None
    size = measure()
    left = [place for place in find_caches() if not delete_tree(place)]
    _measured = None
    if left:
        raise RuntimeSetUpError(
            f"Files in {left[0]} are in use and could not be deleted.",
            "Close other Blenders and clear it again.",
        )
    return size
