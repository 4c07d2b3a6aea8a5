"""A checkpoint from a file onto the shelf: copied, then looked at in the worker's Python.

Nothing of a file is believed: sizes are bounded, only tensors are built, every tensor is checked
against the network that it claims to be, and what was checked is the copy that is kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import secrets
import shutil
import struct
from collections.abc import Generator
from pathlib import Path
from typing import Any

from ..errors import WeightsError
from ..runtime.processes import CHILD
from .asking import ask
from .installing import Installation
from .published import TRIPOSR, find_published
from .shelf import UNKNOWN_LICENCE, Shelf, Weights, read_blocks

PUBLISHED_SUFFIX = ".ckpt"
"""Of a published file that is converted, not copied (`installing`)."""
SUFFIXES = (".safetensors", ".pth", ".pt", PUBLISHED_SUFFIX)
MAX_BYTES = 512 << 20
MAX_CONVERTED = 1 << 30
"""Of a copy that `installing` has made; its header says what it is."""
MAX_HEADER = 16 << 20
SECONDS = 300.0
"""After which a look at a file that does not end is ended."""
_COPIED = 0.7  # of the bar
_ROOM = 64 << 20


def import_checkpoint(
    shelf: Shelf, source: Path, python: Path, *, child: Path = CHILD
) -> Generator[float, None, Weights]:
    """Steps of an import: yields the share that is done, returns what is now on the shelf.

    python: the worker's interpreter. child: script with child.py's verbs, for tests. Closing the
    generator ends it. Raises WeightsError: not a checkpoint, hostile, of another network, there
    already, no room; RuntimeDamagedError: the worker's Python fails. Then nothing is left behind.
    """
    size = check_source(source)
    if source.suffix.lower() == PUBLISHED_SUFFIX:
        installation = Installation(
            shelf, find_published(TRIPOSR.engine), python, source=source, child=child
        )
        return (yield from installation.run())
    copy = shelf.folder / f"import-{secrets.token_hex(4)}{source.suffix.lower()}"
    try:
        shelf.folder.mkdir(parents=True, exist_ok=True)
        shelf.sweep()
        if shutil.disk_usage(shelf.folder).free < size + _ROOM:
            raise WeightsError(
                f"There is no room for {size / 1e6:.0f} MB on the disk of {shelf.folder}.",
                "Free space there.",
            )
        sha256 = yield from _copy(source, copy, size)
        same = next((item for item in shelf.list() if item.sha256 == sha256), None)
        if same is not None and same.path.is_file():
            raise WeightsError(
                f"This checkpoint is there already, as {same.name}.", "Choose it in the panel."
            )
        facts = yield from _inspect(copy, python, child)
        if facts.get("sha256") != sha256:
            raise WeightsError(f"{copy.name} changed while it was read.", "Import it again.")
        slug = re.sub(r"[^A-Za-z0-9_-]+", "_", source.stem)[:40] or "checkpoint"
        path = shelf.folder / f"{slug}-{sha256[:8]}{copy.suffix}"
        licence = clean_text(facts.get("licence")) or UNKNOWN_LICENCE
        item = Weights(
            clean_text(source.stem) or slug, path, facts["engine"], size, sha256, licence, False
        )
        copy.replace(path)
        shelf.write_record(item)
        return item
    except OSError as error:
        raise WeightsError(
            f"{source.name} cannot be imported: {error.strerror or error}.",
            "Check the file, and the room and the rights on the disk.",
        ) from error
    finally:
        copy.unlink(missing_ok=True)


def check_source(source: Path) -> int:
    """The size of a file that may be a checkpoint, from a first look. Raises WeightsError."""
    if source.suffix.lower() not in SUFFIXES:
        raise WeightsError(
            f"{source.name} is not a checkpoint by its name.",
            f"Choose a file that ends in {', '.join(SUFFIXES)}.",
        )
    try:
        if not source.is_file():
            raise WeightsError(f"There is no file {source.name}.", "Choose one that exists.")
        size = source.stat().st_size
    except (OSError, ValueError) as error:
        raise WeightsError(f"{source.name} cannot be read ({error}).", "Choose another.") from error
    limit = _find_limit(source)
    if not 0 < size <= limit:
        raise WeightsError(
            f"{source.name} has {size / 1e6:.0f} MB; such a checkpoint has up to "
            f"{limit / 1e6:.0f} MB, and is not empty.",
            "Choose the checkpoint of one of the engines.",
        )
    if source.suffix.lower() == ".safetensors":
        read_header(source)
    return size


def _find_limit(source: Path) -> int:
    """Bytes that a checkpoint of this kind can have."""
    if source.suffix.lower() == PUBLISHED_SUFFIX:
        return TRIPOSR.limit
    if source.suffix.lower() == ".safetensors":
        with contextlib.suppress(WeightsError, OSError):
            if TRIPOSR.form in read_header(source):
                return MAX_CONVERTED
    return MAX_BYTES


def read_header(path: Path) -> dict[str, str]:
    """The metadata of a safetensors file. Raises WeightsError where it is none, OSError."""
    with path.open("rb") as stream:
        start = stream.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        text = stream.read(length) if 0 < length <= MAX_HEADER else b""
    try:
        header = json.loads(text) if length and len(text) == length else None
    except (ValueError, RecursionError):
        header = None
    metadata = header.get("__metadata__", {}) if isinstance(header, dict) else None
    if not isinstance(metadata, dict):
        raise WeightsError(
            f"{path.name} is not an intact safetensors file.", "Download or copy it again."
        )
    return {str(key): str(value) for key, value in metadata.items()}


def clean_text(text: Any, limit: int = 60) -> str:
    """What may be shown of a word from a file: one short line."""
    return "".join(c for c in str(text or "") if c.isprintable())[:limit].strip()


def _copy(source: Path, copy: Path, size: int) -> Generator[float, None, str]:
    digest, done = hashlib.sha256(), 0
    with source.open("rb") as stream, copy.open("wb") as output:
        for block in read_blocks(stream):
            done += len(block)
            if done > size:  # it grows while it is read
                raise WeightsError(f"{source.name} is being written to.", "Import it later.")
            digest.update(block)
            output.write(block)
            yield _COPIED * done / size
    return digest.hexdigest()


def _inspect(path: Path, python: Path, child: Path) -> Generator[float, None, dict[str, Any]]:
    """What the worker's Python says of a file: engine, sha256, licence."""
    steps = ask(python, "checkpoint", str(path), subject="The file", seconds=SECONDS, child=child)
    try:
        while True:
            next(steps)
            yield _COPIED
    except StopIteration as end:
        facts = end.value
    finally:  # closed: the child ends, and nobody writes into the folder any more
        steps.close()
    if "engine" not in facts:
        raise WeightsError("The file could not be checked.", "Choose another checkpoint.")
    return facts
