"""Published weights onto the shelf, from the network or from a file: the parent's side.

A child of the worker's Python does it (`install_child`); here it is followed a step at a time, and
its copy is given its name and its record at the end, so that only what is whole ever counts.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

from ..errors import WeightsError
from ..runtime.processes import CHILD
from .asking import ask
from .downloads import measure_partial
from .installed import find_installed
from .published import Published, describe_bytes
from .shelf import UNFINISHED, Shelf, Weights

_ROOM = 64 << 20
_DOWNLOADING = {"download": (0.0, 0.9), "check": (0.9, 0.93), "convert": (0.93, 1.0)}
_IMPORTING = {"check": (0.0, 0.3), "convert": (0.3, 1.0)}
"""Where on the bar each phase begins and ends."""


class Installation:
    """One installation; `run` gives its steps.

    python: the worker's interpreter. source: the published file; None: download it. child: script
    with the verb "install", for tests.
    """

    def __init__(
        self,
        shelf: Shelf,
        published: Published,
        python: Path,
        *,
        source: Path | None = None,
        child: Path = CHILD,
    ) -> None:
        self._shelf, self._published, self._python = shelf, published, python
        self._source, self._child = source, child
        self._shares = _IMPORTING if source else _DOWNLOADING
        self.text = f"Importing {source.name}" if source else f"Downloading {published.name}"
        """What it is doing, for the artist."""
        self._fraction = 0.0

    def run(self) -> Generator[float, None, Weights]:
        """Steps: yields the share that is done, returns what is now on the shelf.

        Closing the generator kills the child; what has been downloaded is kept. Raises WeightsError
        (there already, another file, refused by the server, no room), RuntimeDamagedError. Nothing
        but the download is left behind then.
        """
        shelf, published = self._shelf, self._published
        if (same := find_installed(shelf, published.engine)) is not None:
            raise WeightsError(
                f"{published.name}'s weights are installed already, as {same.name}.",
                "Choose the engine and generate. To install them anew, remove them first.",
            )
        copy = shelf.folder / f"import-{secrets.token_hex(4)}.safetensors"
        try:
            shelf.folder.mkdir(parents=True, exist_ok=True)
            shelf.sweep()
            self._check_room()
            facts = yield from self._ask(copy)
            return self._record(copy, facts)
        except OSError as error:
            raise WeightsError(
                f"{published.name} cannot be installed: {error.strerror or error}.",
                "Check the room and the rights on the disk.",
            ) from error
        finally:
            for left in (copy, copy.with_name(copy.name + UNFINISHED)):
                left.unlink(missing_ok=True)

    def describe_kept(self) -> str:
        """What is left after it was cancelled, as a sentence."""
        kept = measure_partial(self._shelf.folder, self._published)
        if self._source is not None or not kept:
            return "Cancelled; nothing was changed."
        return (
            f"Cancelled. {describe_bytes(kept)} of about {describe_bytes(self._published.size)} "
            "are kept: the next download goes on from there."
        )

    def _check_room(self) -> None:
        """A first look, so that nobody waits for a download that cannot end well."""
        needed = self._published.installed_size + _ROOM
        if self._source is None:
            kept = measure_partial(self._shelf.folder, self._published)
            needed += max(self._published.size - kept, 0)
        free = shutil.disk_usage(self._shelf.folder).free
        if free < needed:
            raise WeightsError(
                f"{describe_bytes(needed)} must be free on the disk of {self._shelf.folder}, and "
                f"{describe_bytes(free)} are.",
                "Free space there and try again.",
            )

    def _ask(self, copy: Path) -> Generator[float, None, dict[str, Any]]:
        parameters = {
            "engine": self._published.engine,
            "folder": str(self._shelf.folder),
            "target": str(copy),
            "source": str(self._source) if self._source else "",
        }
        steps = ask(
            self._python,
            *("install", json.dumps(parameters)),
            subject=self._source.name if self._source else self._published.name,
            child=self._child,
        )
        try:
            while True:
                self._follow(next(steps))
                yield self._fraction
        except StopIteration as end:
            return end.value
        finally:
            steps.close()

    def _follow(self, said: dict[str, Any]) -> None:
        name, phase = self._published.name, said.get("phase")
        share = 0.0
        if phase == "download":
            done, total = _read_count(said, "done"), _read_count(said, "total")
            total = total or self._published.size
            share = min(done / total, 1.0)
            self.text = (
                f"Downloading {name}: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB, "
                f"{_read_count(said, 'speed') / 1e6:.1f} MB/s"
            )
        elif phase == "wait":
            reason = str(said.get("reason", ""))[:120]
            self.text = f"Trying again in {_read_count(said, 'seconds'):.0f} s: {reason}"
        elif phase in self._shares:
            share = min(_read_count(said, "fraction"), 1.0)
            self.text = f"Checking {name}" if phase == "check" else f"Converting {name}"
        if phase in self._shares:
            begin, end = self._shares[phase]
            self._fraction = max(self._fraction, begin + share * (end - begin))

    def _record(self, copy: Path, facts: dict[str, Any]) -> Weights:
        """Give the copy its name, and make it count."""
        sha256, size = str(facts.get("sha256", "")), copy.stat().st_size
        if len(sha256) != 64 or facts.get("size") != size:
            raise WeightsError(f"{copy.name} changed while it was made.", "Try again.")
        path = self._shelf.folder / f"{self._published.engine}-{sha256[:8]}{copy.suffix}"
        item = Weights(
            self._published.name,
            path,
            self._published.engine,
            size,
            sha256,
            self._published.licence,
            False,
        )
        copy.replace(path)
        self._shelf.write_record(item)
        return item


def _read_count(said: dict[str, Any], key: str) -> float:
    value = said.get(key, 0)
    return float(value) if isinstance(value, int | float) and value >= 0 else 0.0
