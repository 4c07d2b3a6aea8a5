"""The worker's Python installs published weights: download, hash, our copy of them.

`inference/runtime/child.py install JSON` runs this in a process of its own, which tells how far it
is, a line of JSON at a time, and is killed to cancel it: what has arrived stays in the partial
file, the copy is written under another name until it is whole.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .. import memory
from ..errors import BozzettoError, WeightsError
from . import published as catalogue
from .download import Download, Patience
from .downloads import find_partial, lock_downloads
from .published import Published
from .shelf import read_blocks

MEMORY = 6 << 30
"""Bytes that this process may take: a hostile file must not take the machine's."""
ROOM = 50 << 20
"""Bytes of the disk beyond our copy of the weights."""
PATIENCE = Patience()
_INTERVAL = 0.2  # seconds between two lines
_WINDOW = 5.0  # seconds of which the speed is the average

Tell = Callable[[dict[str, Any]], None]


def run(parameters: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Install, or say why not: plain JSON.

    parameters: engine; folder: the shelf's; target: where our copy goes; source: a file to take
    instead of the download. Answers {sha256, size} of our copy, or {error: {kind, message, fix}}.
    """
    found: BozzettoError
    try:
        memory.set_limit(MEMORY)
        return _install(parameters, tell)
    except BozzettoError as error:
        found = error
    except MemoryError:
        found = WeightsError("There is not enough memory.", "Close other programs and try again.")
    except OSError as error:
        found = WeightsError(
            f"The system refused: {error.strerror or error} ({Path(str(error.filename)).name}).",
            "Check the room and the rights on the disk, and try again.",
        )
    return {"error": {"kind": found.kind, "message": found.message, "fix": found.fix}}


def _install(parameters: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    published = catalogue.find_published(str(parameters["engine"]))
    if published is None:
        raise WeightsError(f"Nothing can be installed for {parameters['engine']!r}.")
    folder, target = Path(parameters["folder"]), Path(parameters["target"])
    source = parameters.get("source")
    if source:
        return _convert(Path(source), target, tell)
    with lock_downloads(folder):
        partial = find_partial(folder, published)
        partial.parent.mkdir(parents=True, exist_ok=True)
        _download(published, partial, tell)
        _check(published, partial, tell)
        facts = _convert(partial, target, tell)
        partial.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # of other weights something may be there
            partial.parent.rmdir()
        return facts


def _download(published: Published, partial: Path, tell: Tell) -> None:
    speed = _Speed(tell)

    def waiting(reason: str, seconds: float) -> None:
        tell({"phase": "wait", "reason": reason, "seconds": seconds})

    Download(
        published.url,
        partial,
        limit=published.limit,
        room=published.installed_size + ROOM,
        page=published.page,
        progress=speed.tell,
        waiting=waiting,
        patience=PATIENCE,
    ).run()


def _check(published: Published, path: Path, tell: Tell) -> None:
    """Raises WeightsError, and deletes the file, where it is another one."""
    if (found := _hash(path, tell)) == published.sha256:
        return
    path.unlink(missing_ok=True)
    raise WeightsError(
        f"What was downloaded is not {published.name}'s published {published.file}: its hash is "
        f"{found[:12]}…, expected {published.sha256[:12]}….",
        f"It was deleted; download again. Or download {published.file} by hand from "
        f"{published.page} and import it.",
    )


def _hash(path: Path, tell: Tell) -> str:
    digest, done, whole = hashlib.sha256(), 0, max(path.stat().st_size, 1)
    with path.open("rb") as stream:
        for block in read_blocks(stream):
            digest.update(block)
            done += len(block)
            tell({"phase": "check", "fraction": done / whole})
    return digest.hexdigest()


def _convert(source: Path, target: Path, tell: Tell) -> dict[str, Any]:
    """Our copy of a published file, which is known by its hash before anything of it is read."""
    tell({"phase": "check", "fraction": 1.0})
    from ..engines.triposr.convert import convert_checkpoint  # torch: not before it is needed

    try:
        size = convert_checkpoint(
            source,
            target,
            progress=lambda fraction: tell({"phase": "convert", "fraction": fraction}),
        )
    except WeightsError as error:
        message = error.message.replace(str(source), source.name)
        raise WeightsError(message.replace(str(target), "The copy"), error.fix) from error
    return {"sha256": _hash(target, lambda _: None), "size": size}


class _Speed:
    """Tells now and then how much has arrived, and how fast."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._last = -1.0
        self._seen: deque[tuple[float, int]] = deque()

    def tell(self, done: int, total: int) -> None:
        """As `Download` reports it."""
        now = time.monotonic()
        if now - self._last < _INTERVAL and done != total:
            return
        self._last = now
        if self._seen and done < self._seen[-1][1]:
            self._seen.clear()  # it began anew
        self._seen.append((now, done))
        while now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        began, before = self._seen[0]
        speed = (done - before) / (now - began) if now > began else 0.0
        self._tell({"phase": "download", "done": done, "total": total, "speed": round(speed)})
