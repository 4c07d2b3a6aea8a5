"""`blender --command bozzetto batch FOLDER_OR_FILE ... --output FOLDER`: many pictures in one go.

Every picture gets its own files in the output folder, as `generate` writes them, and a line in
summary.csv and summary.json, which are up to date after every picture.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy

from . import cli_options
from .cli_options import FAILED, INTERRUPTED, SETUP_COMMAND, STATUSES
from .cli_output import WRITERS, make_report, messages_on_stderr
from .inference.batch import summary
from .inference.batch.plan import find_pictures, name_batch, name_results
from .inference.batch.summary import Row, describe_counts
from .inference.errors import BozzettoError, ExportError, SettingsError, WorkerError
from .inference.settings import GenerateSettings
from .operators import batch_handle, batch_run
from .panels.properties import read_insertion, read_settings
from .scene import runtime, shelves

FORMATS = tuple(suffix[1:] for suffix in WRITERS)
USUAL_FORMATS = ("blend", "glb", "json")
_BAR = 24


def run_batch(arguments: Sequence[str]) -> int:
    """Generate from many pictures in a fresh scene and write files; the exit status.

    0: all done, 1: at least one failed, 130: interrupted; others as for `generate`, when nothing
    was begun.
    """
    try:
        options = _parse(arguments)
    except SystemExit as leaving:  # argparse has said why; Blender must not end here
        return leaving.code if isinstance(leaving.code, int) else 2
    if not bpy.app.background:
        print("This command replaces the scene: run it without a window.", file=sys.stderr)
        return 2
    with messages_on_stderr():
        bpy.ops.wm.read_homefile(use_empty=True)
        try:
            command = _Command(options)
        except WorkerError as error:
            print(f"{error} Without a window: {SETUP_COMMAND}", file=sys.stderr)
            return STATUSES[error.kind]
        except BozzettoError as error:
            print(error, file=sys.stderr)
            return STATUSES.get(error.kind, FAILED)
        status = command.run()
    if options.json:
        print(summary.format_json(command.rows, command.head), end="")
    return status


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bozzetto batch",
        description="Generate an editable base mesh from each of many pictures.",
        epilog=cli_options.EXIT_STATUSES + " One picture that fails does not stop the others.",
    )
    add = parser.add_argument
    add("pictures", type=Path, nargs="+", help="folders of pictures, picture files, or both")
    add("--output", type=Path, required=True, help="folder of the results and the summary")
    add("--formats", nargs="+", choices=FORMATS, default=USUAL_FORMATS, help="of the results")
    old = parser.add_mutually_exclusive_group()
    old.add_argument("--resume", action="store_true", help="keep what an earlier run has done")
    old.add_argument("--overwrite", action="store_true", help="replace results that are there")
    cli_options.add_settings(parser)
    options = parser.parse_args(list(arguments))
    cli_options.check_settings(parser, options)
    return options


class _Command:
    """One run of the command. Raises BozzettoError when nothing can be begun."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self._folder = options.output.absolute()
        self._interrupted = self._unwritable = False
        self._bar = _Bar(quiet=options.quiet)
        cli_options.fill_scene(bpy.context.scene.bozzetto, options)
        self._settings = read_settings(bpy.context.scene.bozzetto)
        self._insertion = read_insertion(bpy.context.scene.bozzetto)
        found = find_pictures(options.pictures)
        self._notes, self._name = found.notes, name_batch(found.pictures)
        earlier = summary.read_summary(self._folder) if options.resume else []
        known = {row.picture: row.name for row in earlier}
        names = name_results(found.pictures, taken=(summary.STEM,), known=known)
        pairs = zip(found.pictures, names, strict=True)
        self._rows = [Row(str(picture), name) for picture, name in pairs]
        if options.resume:
            self._rows = [self._keep(row, earlier) for row in self._rows]
            taken = {row.picture for row in self._rows}
            self._others = [row for row in earlier if row.picture not in taken]
        else:
            self._others = []
            if not options.overwrite:
                self._refuse_existing()
        runtime.find_worker_python()
        shelves.require_weights(self._settings)
        self._batch: batch_handle.Batch | None = None
        try:
            summary.write_summary(self._folder, self.rows, head=self.head)
        except OSError as error:
            raise BozzettoError(
                f"The summary cannot be written: {error}.", "Choose another folder with --output."
            ) from error

    @property
    def rows(self) -> list[Row]:
        """Of this run, and below them those that only earlier runs had."""
        return [*self._rows, *self._others]

    @property
    def head(self) -> dict[str, Any]:
        """What the summary says of the whole run."""
        return self._batch.describe() if self._batch else {"batch": self._name}

    def run(self) -> int:
        """Do it all; the exit status."""
        for note in self._notes:
            self._bar.say(note)
        previous = signal.signal(signal.SIGINT, self._interrupt)
        try:
            self._batch = batch_handle.start_batch(
                self._rows,
                self._settings,
                self._insertion,
                scene=bpy.context.scene,
                name=self._name,
                notes=self._notes,
                anchor=None,
                on_result=self._write_files,
                on_end=self._tell,
            )
            self._batch.wait(on_progress=self._show)
        finally:
            # None: a handler that Python cannot put back: the Blender program has one of its own.
            signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)
            runtime.close()
        self._write_summary()
        self._bar.say(f"{describe_counts(self._rows)}: {self._folder / summary.STEM}.csv")
        if self._interrupted:
            return INTERRUPTED
        return FAILED if self._unwritable or self._batch.failures else 0

    def _keep(self, row: Row, earlier: Sequence[Row]) -> Row:
        """The earlier row of the same picture, if its results are there and would be the same."""
        old = next((other for other in earlier if other.picture == row.picture), None)
        if old is None or old.state != summary.DONE:
            return row
        files = [self._folder / f"{row.name}.{kind}" for kind in self._options.formats]
        if not all(path.is_file() for path in files):
            return row
        if _describe_wish(old.settings) != _describe_wish(self._settings.to_dict()):
            return row
        if old.shape != asdict(batch_run.read_shape(self._insertion)):
            return row
        try:
            if old.picture_hash != batch_run.hash_file(row.picture):
                return row
        except OSError:  # the batch will say what is wrong with it
            return row
        old.kept = True
        return old

    def _refuse_existing(self) -> None:
        names = [f"{row.name}.{kind}" for row in self._rows for kind in self._options.formats]
        there = [name for name in names if (self._folder / name).exists()]
        there += [f"{summary.STEM}.json"] * (self._folder / f"{summary.STEM}.json").exists()
        if there:
            more = f" and {len(there) - 1} more" if len(there) > 1 else ""
            raise SettingsError(
                f"{str(self._folder)!r} holds results already: {there[0]}{more}.",
                "Use --resume to keep what is done, --overwrite to replace it, or another folder.",
            )

    def _write_files(self, row: Row, item: bpy.types.Object) -> None:
        """Write the object's files, complete or not at all, and make room for the next."""
        try:
            report = make_report(item, row.seconds)
            with tempfile.TemporaryDirectory(prefix=".bozzetto-", dir=self._folder) as part:
                names = [f"{row.name}.{kind}" for kind in self._options.formats]
                for name in names:
                    path = Path(part) / name
                    WRITERS[path.suffix](path, item, report)
                for path in Path(part).iterdir():  # an OBJ's materials among them
                    os.replace(path, self._folder / path.name)
            row.outputs = tuple(names)
        except (OSError, RuntimeError) as error:
            raise ExportError(
                f"Its files cannot be written: {error}.",
                "Look at the output folder's permissions and the space on its disk.",
            ) from error
        finally:
            bpy.data.objects.remove(item)
            bpy.data.orphans_purge(do_recursive=True)
            runtime.results.clear()  # nobody shapes it again

    def _tell(self, row: Row) -> None:
        if row.state == summary.CANCELLED:  # all the rest at once, and written at the end
            return
        self._write_summary()
        number = f"{self._rows.index(row) + 1}/{len(self._rows)}"
        if row.state == summary.DONE:
            said = " ".join([f"done, {row.faces:,} faces, {row.seconds:.1f} s.", *row.messages])
        else:
            said = f"failed. {row.error} {row.fix}"
        self._bar.say(f"{number} {row.name}: {said}", always=row.state == summary.FAILED)

    def _write_summary(self) -> None:
        try:
            summary.write_summary(self._folder, self.rows, head=self.head)
            self._unwritable = False
        except OSError as error:
            self._bar.say(f"The summary cannot be written: {error}.", always=True)
            self._unwritable = True

    def _show(self, batch: batch_handle.Batch) -> None:
        if self._interrupted and not batch.finished:
            batch.cancel()
        self._bar.show(batch.progress, batch.message)

    def _interrupt(self, number: int, frame: object) -> None:
        """Ctrl-C: the next look at the batch cancels it."""
        self._interrupted = True


def _describe_wish(settings: dict[str, Any]) -> dict[str, Any] | None:
    """What decides the mesh; None: nothing that this version knows."""
    try:
        return GenerateSettings.from_dict({**settings, "device": "automatic"}).to_dict()
    except SettingsError:
        return None


class _Bar:
    """Progress on stderr: a bar that is redrawn in a terminal, and lines that stay."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()

    def show(self, progress: float, message: str) -> None:
        """Draw the bar, in a terminal."""
        if self._terminal and not self._quiet:
            done = round(_BAR * progress)
            bar = "█" * done + "░" * (_BAR - done)
            sys.stderr.write(f"\r{bar} {progress:4.0%}  {message}\033[K")
            sys.stderr.flush()

    def say(self, text: str, *, always: bool = False) -> None:
        """One line; also to who wants no progress, if he has to know it always."""
        if always or not self._quiet:
            start = "\r\033[K" if self._terminal else ""
            sys.stderr.write(f"{start}[bozzetto] {text}\n")
            sys.stderr.flush()
