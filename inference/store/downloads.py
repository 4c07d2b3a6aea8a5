"""Downloads that are not complete: where they are kept for the next try, and who is at them.

weights/
    install.lock         held by the process that downloads
    downloads/
        triposr-429e2c6b.part
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from ..errors import WeightsError
from ..runtime.folder import lock_file
from .published import Published

FOLDER = "downloads"
_LOCK = "install.lock"


def find_partial(shelf: Path, published: Published) -> Path:
    """Where what has arrived of a download is kept. shelf: the shelf's folder."""
    return shelf / FOLDER / f"{published.engine}-{published.sha256[:8]}.part"


def measure_partial(shelf: Path, published: Published) -> int:
    """Bytes that have arrived already."""
    try:
        return find_partial(shelf, published).stat().st_size
    except OSError:
        return 0


@contextlib.contextmanager
def lock_downloads(shelf: Path) -> Iterator[None]:
    """Nobody else downloads to this shelf meanwhile; ends with the process. Raises WeightsError."""
    with (shelf / _LOCK).open("w") as handle:
        if not lock_file(handle.fileno()):
            raise WeightsError(
                "Another Blender is downloading weights just now.",
                "Wait until it is done, or cancel it there.",
            )
        yield


def is_downloading(shelf: Path) -> bool:
    """Whether some process is at it."""
    if not (shelf / _LOCK).exists():
        return False
    try:
        with lock_downloads(shelf):
            return False
    except (WeightsError, OSError):
        return True
