"""The runtime's folder: environments, which of them is in use, the log.

    runtime/
        runtime.json    which environment is in use and what is in it; written last, replaced whole
        env-1f3a/       the environment in use; any other env-* is half made or left over
        cache/          pip's downloads, kept after a failure so that the next try is quick
        set_up.log      everything that the last set-up did
        lock            held by the process that works here

An environment is made where it will stay, and the record is what makes it count: one rename of a
small file. Renaming the environment itself would fail wherever a virus scanner or a running worker
has one of its thousands of files open, and could leave no runtime between two renames.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from ..errors import RuntimeSetUpError

FORMAT = 1
_TRIES = 8
_PAUSE = 0.25  # seconds; a virus scanner looks at a new file about that long


class State(Enum):
    """What a runtime's folder holds."""

    MISSING = "not set up"
    READY = "ready"
    DAMAGED = "damaged"


@dataclass(frozen=True)
class Status:
    """What is there. reason: why it is damaged; record: what the last set-up or check found."""

    state: State
    python: Path | None = None
    reason: str = ""
    record: dict[str, Any] = field(default_factory=dict)


class RuntimeFolder:
    """A folder for one runtime; it need not exist yet."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path / "set_up.log"
        self.cache = path / "cache"
        self._record = path / "runtime.json"
        self._read: tuple[tuple[int, int, int], dict[str, Any] | None] | None = None

    def find_status(self, fingerprint: str) -> Status:
        """What is there, without starting anything: cheap enough for a panel.

        fingerprint: of the packages wanted now (builds.find_fingerprint).
        """
        try:
            stat = self._record.stat()
        except OSError:
            return Status(State.MISSING)
        key = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if self._read is None or self._read[0] != key:
            self._read = (key, self._read_record())
        record = self._read[1]
        if record is None:
            return Status(State.DAMAGED, reason="Its record cannot be read.")
        python = find_python(self.path / record["environment"])
        reason = ""
        if not python.is_file():  # follows the link to the Python it was made from
            base = record.get("base", "")
            gone = base and not Path(base).exists()
            reason = f"The Python it was made from, {base}, is gone." if gone else "Files are gone."
        elif record.get("requirements") != fingerprint:
            reason = "This version of the extension needs other libraries."
        elif record.get("fault"):
            reason = str(record["fault"])
        state = State.DAMAGED if reason else State.READY
        return Status(state, python, reason, record)

    def _read_record(self) -> dict[str, Any] | None:
        try:
            record = json.loads(self._record.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if not isinstance(record, dict) or record.get("format") != FORMAT:
            return None
        name = record.get("environment")
        return record if isinstance(name, str) and name.startswith("env-") else None

    def write_record(self, record: dict[str, Any]) -> None:
        """Make an environment the one in use. Raises OSError when the file stays locked."""
        new = self._record.with_suffix(".new")
        text = json.dumps({"format": FORMAT, **record}, indent=2, ensure_ascii=False)
        new.write_text(text + "\n", encoding="utf-8")
        _try_again(lambda: os.replace(new, self._record))

    def create(self) -> None:
        """Make the folder. Raises RuntimeSetUpError where nothing can be written."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            probe = self.path / f"probe-{secrets.token_hex(4)}"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as error:
            raise RuntimeSetUpError(
                f"Nothing can be written to {self.path}: {error.strerror or error}.",
                "Give yourself the right to write there, or free space on that disk.",
            ) from error

    def find_environment_name(self) -> str:
        """A name that no environment has; short, for Windows' limit on paths."""
        while (self.path / (name := f"env-{secrets.token_hex(2)}")).exists():
            pass
        return name

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Nobody else works here meanwhile; ends with the process. Raises RuntimeSetUpError."""
        with (self.path / "lock").open("w") as handle:
            if not lock_file(handle.fileno()):
                raise RuntimeSetUpError(
                    "Another Blender is setting up this Python just now.",
                    "Wait until it is done.",
                )
            yield

    def holds_anything(self) -> bool:
        """Whether there is something to delete: a runtime, or what a failed try has downloaded."""
        return self._record.exists() or self.cache.exists() or any(self.path.glob("env-*"))

    def sweep(self, *, keep: str = "") -> None:
        """Delete environments other than `keep` and unfinished records, as far as possible."""
        for path in self.path.glob("env-*"):
            if path.name != keep:
                delete_tree(path)
        with contextlib.suppress(OSError):
            self._record.with_suffix(".new").unlink(missing_ok=True)

    def drop_cache(self) -> None:
        """Delete pip's downloads."""
        delete_tree(self.cache)

    def remove(self) -> None:
        """Delete runtime, downloads and log. Raises RuntimeSetUpError for what stays.

        The record goes first: what is left over is never taken for a runtime.
        """
        _try_again(lambda: self._record.unlink(missing_ok=True))
        self.sweep()
        self.drop_cache()
        for path in (self.log, self.log.with_suffix(".previous.log")):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        left = [path.name for path in (*self.path.glob("env-*"), self.cache) if path.exists()]
        if left:
            raise RuntimeSetUpError(
                f"Files in {self.path} are in use and could not be deleted: {', '.join(left)}.",
                "Close other Blenders, or restart the computer, and click Remove again.",
            )


def find_python(environment: Path) -> Path:
    """Where an environment has its interpreter."""
    if sys.platform == "win32":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def measure_tree(folder: Path) -> int:
    """Bytes of all files below a folder; links are not followed."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total


def delete_tree(folder: Path) -> bool:
    """Delete a folder, trying again where files are in use; whether it is gone."""
    for attempt in range(_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return True
        if attempt + 1 < _TRIES:
            time.sleep(_PAUSE)
    return False


def _try_again(action: Any) -> None:
    """Do something to a file that a virus scanner may have open for a moment. Raises OSError."""
    for attempt in range(_TRIES):
        try:
            action()
        except PermissionError:
            if attempt + 1 == _TRIES:
                raise
            time.sleep(_PAUSE)
        else:
            return


def lock_file(handle: int) -> bool:
    """Lock an open file for this process; whether it was free."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
