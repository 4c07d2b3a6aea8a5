"""Which weights there are, and whether each is what its record says.

weights/                 below the extension's user folder
    chair-1a2b3c4d.safetensors
    chair-1a2b3c4d.json  its record, written last: without it the file does not count
    downloads/           what has arrived of a download (`downloads`)
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Generator, Iterator
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ..errors import WeightsError
from .published import find_published

VENDOR = Path(__file__).resolve().parents[2] / "vendor"
FORMAT = 1
CHUNK = 4 << 20
"""Bytes between two looks at the window: some milliseconds of hashing."""
UNKNOWN_LICENCE = "unknown: ask its author"
_MAX_RECORD = 1 << 16
_BUNDLED = (  # record, name, engine, licence
    ("weights/imnet.json", "IM-NET", "imnet", "GPL-3.0-or-later"),
    ("weights/pixel.json", "Pixel-Aligned", "pixel", "GPL-3.0-or-later"),
    ("matting/u2netp.json", "Background Removal (U2-Netp)", "", "Apache-2.0"),
)
REINSTALL = "Install the extension's zip again; your scenes and settings stay."
IMPORT_AGAIN = "Remove it, and import the checkpoint again."
INSTALL_AGAIN = "Remove it, and download or import it again."
UNFINISHED = ".new"
"""Added to a file's name until it is whole."""
LEFT_OVER = 900.0
"""Seconds since its last change after which a half-made file is nobody's any more: another Blender
may be at a younger one."""


class Condition(Enum):
    """What is known of a file."""

    UNCHECKED = "not checked yet"
    INTACT = "OK"
    DAMAGED = "damaged"
    MISSING = "missing"


@dataclass(frozen=True)
class Weights:
    """One file of weights. engine: "" where it belongs to none. size: bytes it should have."""

    name: str
    path: Path
    engine: str
    size: int
    sha256: str
    licence: str
    bundled: bool

    @property
    def id(self) -> str:
        """A short name that no other file of the list has."""
        return self.path.name

    @property
    def fix(self) -> str:
        """What helps when it is missing or damaged."""
        if self.bundled:
            return REINSTALL
        return IMPORT_AGAIN if find_published(self.engine) is None else INSTALL_AGAIN


def list_bundled(vendor: Path = VENDOR) -> list[Weights]:
    """What ships with the extension, whether its files are there or not."""
    found = []
    for place, name, engine, licence in _BUNDLED:
        record = vendor / place
        data = _read_json(record)
        path = record.with_name(str(data.get("file") or record.with_suffix(".safetensors").name))
        sha256, size = str(data.get("sha256", "")), _read_size(data)
        found.append(Weights(name, path, engine, size, sha256, licence, True))
    return found


class Shelf:
    """The folder of imported checkpoints; it need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def list(self) -> list[Weights]:
        """Imported checkpoints by name, those included whose file is gone."""
        found = []
        for record in sorted(self.folder.glob("*.json")):
            data = _read_json(record)
            file = str(data.get("file", ""))
            if data.get("format") != FORMAT or Path(file).name != file or not file:
                continue
            found.append(
                Weights(
                    str(data.get("name", file)),
                    self.folder / file,
                    str(data.get("engine", "")),
                    _read_size(data),
                    str(data.get("sha256", "")),
                    str(data.get("licence", UNKNOWN_LICENCE)),
                    False,
                )
            )
        return sorted(found, key=lambda item: (item.name.lower(), item.id))

    def write_record(self, item: Weights) -> None:
        """Make a file in the folder count. Raises OSError."""
        data = {key: value for key, value in asdict(item).items() if key not in ("path", "bundled")}
        text = json.dumps({"format": FORMAT, "file": item.path.name, **data}, indent=2)
        new = item.path.with_suffix(UNFINISHED)
        new.write_text(text + "\n", encoding="utf-8")
        new.replace(item.path.with_suffix(".json"))

    def remove(self, item: Weights) -> None:
        """Delete an imported checkpoint. Raises WeightsError: it ships, or it is in use."""
        if item.bundled or item.path.parent != self.folder:
            raise WeightsError(
                f"{item.name} ships with the extension and cannot be removed alone.",
                "Only imported checkpoints can be removed.",
            )
        try:
            # The record first: what is left over never counts.
            item.path.with_suffix(".json").unlink(missing_ok=True)
            item.path.unlink(missing_ok=True)
        except OSError as error:
            raise WeightsError(
                f"{item.path.name} cannot be deleted: {error.strerror or error}.",
                "Click Release Memory and remove it again.",
            ) from error

    def sweep(self) -> None:
        """Delete what an import that died has left; downloads are kept for the next try."""
        now = time.time()
        for path in (*self.folder.glob("import-*"), *self.folder.glob(f"*{UNFINISHED}")):
            with contextlib.suppress(OSError):
                if abs(now - path.stat().st_mtime) > LEFT_OVER:
                    path.unlink()


def verify(item: Weights) -> Generator[float, None, Condition]:
    """Read the whole file and compare; yields the share that is done, returns what it is."""
    digest, done = hashlib.sha256(), 0
    try:
        if item.path.stat().st_size != item.size:
            return Condition.DAMAGED
        with item.path.open("rb") as stream:
            for block in read_blocks(stream):
                digest.update(block)
                done += len(block)
                yield done / max(item.size, 1)
    except FileNotFoundError:
        return Condition.MISSING
    except OSError:
        return Condition.DAMAGED
    return Condition.INTACT if digest.hexdigest() == item.sha256 else Condition.DAMAGED


def read_blocks(stream: Any) -> Iterator[bytes]:
    """A binary stream in blocks of `CHUNK` bytes."""
    while block := stream.read(CHUNK):
        yield block


def _read_json(path: Path) -> dict[str, Any]:
    """A small JSON object; empty where there is none."""
    try:
        if path.stat().st_size > _MAX_RECORD:
            return {}
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _read_size(data: dict[str, Any]) -> int:
    size = data.get("size", data.get("bytes", 0))
    return size if isinstance(size, int) else 0
