"""What was made and judged, as JSON lines that survive an interruption. Standard library only."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .plan import Key

KINDS = ("glb", "stl")
"""Endings of the files that validators read."""


class Lines:
    """A file of JSON objects, one a line. A line that was cut off by a crash is passed over."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, values: dict[str, Any]) -> None:
        """Add a line and see it on the disk."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab+") as handle:
            if handle.tell():
                handle.seek(-1, os.SEEK_END)
                if handle.read(1) != b"\n":
                    handle.write(b"\n")
            handle.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")
            handle.flush()
            os.fsync(handle.fileno())

    def read(self) -> list[dict[str, Any]]:
        """All whole lines, in the order of writing."""
        if not self.path.is_file():
            return []
        found = []
        for line in self.path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                values = json.loads(line)
            except ValueError:
                continue
            if isinstance(values, dict):
                found.append(values)
        return found


class Folder:
    """The folder of a run: files of the results, their facts, and what validators said."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.results = Lines(path / "results.jsonl")
        self.verdicts = Lines(path / "verdicts.jsonl")
        self.views = Lines(path / "views.jsonl")
        self.current = path / "current.json"
        """The result that is being made: whoever finds it after a crash knows what caused that."""

    def file(self, key: Key, kind: str) -> Path:
        """Where a result's file is."""
        return self.path / "files" / f"{key.stem}.{kind}"

    def read_made(self, fingerprint: str) -> dict[Key, dict[str, Any]]:
        """The last line of every result that this code made and whose files are as they were.

        A result that failed to be made counts: it fails again, or the code changes.
        """
        made = {}
        for line in self.results.read():
            if line.get("fingerprint") == fingerprint:
                made[Key.from_dict(line["key"])] = line
        return {
            key: line
            for key, line in made.items()
            if all(self.file(key, kind).is_file() for kind in line.get("files", {}))
        }

    def read_verdicts(self) -> dict[tuple[str, str], dict[str, Any]]:
        """What a validator said of a file: by (validator with version, hash of the file)."""
        return {
            (line["validator"], line["file_hash"]): line["facts"] for line in self.verdicts.read()
        }

    def write_current(self, key: Key | None) -> None:
        """Note what is being made; None: nothing."""
        if key is None:
            self.current.unlink(missing_ok=True)
            return
        self.current.parent.mkdir(parents=True, exist_ok=True)
        partial = self.current.with_suffix(".part")
        partial.write_text(json.dumps(key.to_dict()))
        partial.replace(self.current)

    def read_current(self) -> Key | None:
        """What was being made."""
        if not self.current.is_file():
            return None
        return Key.from_dict(json.loads(self.current.read_text()))


def hash_file(path: Path) -> str:
    """16 hexadecimal digits of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def join_verdicts(
    lines: Iterable[dict[str, Any]], verdicts: dict[tuple[str, str], dict[str, Any]]
) -> list[dict[str, Any]]:
    """Lines with "validators": what each validator (by its bare name) said of the line's files."""
    by_hash: dict[str, dict[str, Any]] = {}
    for (validator, file_hash), facts in verdicts.items():
        by_hash.setdefault(file_hash, {})[validator.split(" ")[0]] = facts
    joined = []
    for line in lines:
        said: dict[str, Any] = {}
        for file_hash in line.get("files", {}).values():
            said |= by_hash.get(file_hash, {})
        joined.append({**line, "validators": said})
    return joined
