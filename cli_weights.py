"""`blender --command bozzetto weights ...`: list, download, import, verify, remove."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence

from . import cli_options
from .cli_options import FAILED, INTERRUPTED, STATUSES
from .inference.errors import BozzettoError
from .inference.store.published import PUBLISHED, describe_bytes
from .scene import weights

USAGE = "blender --command bozzetto weights list|download ENGINE|import FILE|verify|remove ID"
_BAR = 24
_LOOK = 0.1  # seconds between two looks at Ctrl-C


def run_weights(arguments: Sequence[str]) -> int:
    """The command; its exit status."""
    try:
        options = _parse(arguments)
    except SystemExit as leaving:  # argparse has said why; Blender must not end here
        return leaving.code if isinstance(leaving.code, int) else 2
    try:
        return options.run(options)
    except BozzettoError as error:
        print(error, file=sys.stderr)
        return STATUSES.get(error.kind, FAILED)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bozzetto weights",
        description="The engines' weights: what ships, and what was downloaded or imported.",
        epilog=cli_options.EXIT_STATUSES,
    )
    verbs = parser.add_subparsers(metavar="WHAT", required=True)

    def add(name: str, run: Callable[[argparse.Namespace], int], text: str) -> _Parser:
        verb = verbs.add_parser(name, help=text, description=text)
        verb.set_defaults(run=run)
        return verb

    listing = add("list", _list, "list them, and what could be downloaded")
    listing.add_argument("--json", action="store_true", help="as JSON")
    download = add("download", _download, "download and install an engine's published weights")
    download.add_argument("engine", choices=tuple(PUBLISHED))
    imported = add("import", _import, "take over a checkpoint from a file")
    imported.add_argument("file")
    add("verify", _verify, "read every file and compare its checksum")
    remove = add("remove", _remove, "delete downloaded or imported weights")
    remove.add_argument("id", help="first column of the list")
    return parser.parse_args(list(arguments))


_Parser = argparse.ArgumentParser


def _list(options: argparse.Namespace) -> int:
    rows = [
        {
            "id": item.id,
            "name": item.name,
            "engine": item.engine,
            "state": weights.find_condition(item).value,
            "origin": "ships" if item.bundled else "imported",
            "bytes": item.size,
            "sha256": item.sha256,
            "licence": item.licence,
        }
        for item in weights.list_weights()
    ]
    for published in weights.list_missing():
        rows.append(
            {
                "id": "-",
                "name": published.name,
                "engine": published.engine,
                "state": "not installed",
                "origin": weights.describe_download(published),
                "bytes": published.size,
                "sha256": published.sha256,
                "licence": published.licence,
            }
        )
    if options.json:
        print(json.dumps(rows, indent=2))
        return 0
    for row in rows:
        size = describe_bytes(row["bytes"])
        words = (row["name"], row["engine"], size, row["licence"], row["origin"], row["state"])
        print(f"{row['id']:32} {', '.join(word for word in words if word)}")
    return 0


def _download(options: argparse.Namespace) -> int:
    return _drive(lambda: weights.start_download(options.engine))


def _import(options: argparse.Namespace) -> int:
    return _drive(lambda: weights.start_import(os.path.abspath(options.file)))


def _verify(options: argparse.Namespace) -> int:
    return _drive(weights.start_check)


def _remove(options: argparse.Namespace) -> int:
    weights.remove(weights.find_weights(options.id))
    print(weights.message, file=sys.stderr)
    return 0


def _drive(start: Callable[[], None]) -> int:
    """Begin it and wait for its end; Ctrl-C cancels it. Raises BozzettoError."""
    bar, interrupts = _Bar(), []
    # Blender takes Ctrl-C for itself.
    previous = signal.signal(signal.SIGINT, lambda *_: interrupts.append(1))
    try:
        start()
        while weights.step(_LOOK):
            bar.show(*weights.find_progress())
            if interrupts:
                weights.cancel()
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)
        bar.end()
    if weights.failure is not None:
        raise weights.failure
    print(weights.message, file=sys.stderr)
    return INTERRUPTED if interrupts else 0


class _Bar:
    """Progress on stderr: redrawn in a terminal, a line for every tenth elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._last = ""

    def show(self, text: str, fraction: float) -> None:
        """How far it is."""
        if self._terminal:
            done = round(_BAR * fraction)
            line = f"\r{'█' * done}{'░' * (_BAR - done)} {fraction:4.0%}  {text}\033[K"
            key = line
        else:
            line, key = f"[bozzetto] {fraction:4.0%} {text}\n", f"{fraction:.1f} {text[:11]}"
        if key != self._last:
            self._last = key
            sys.stderr.write(line)
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the bar's line."""
        if self._terminal and self._last:
            sys.stderr.write("\n")
