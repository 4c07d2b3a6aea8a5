"""`blender --command bozzetto generate IMAGE`, `... batch FOLDER`, `... setup` and `... weights`:
the artist's way without a window.

The same operators and worker as behind the buttons. Exit statuses: `cli_options`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import bpy

from . import cli_batch, cli_options, cli_weights
from .cli_options import FAILED, INTERRUPTED, SETUP_COMMAND, STATUSES
from .cli_output import WRITERS, make_report, messages_on_stderr
from .inference.errors import BozzettoError, Cancelled, ExportError, WorkerError
from .inference.job import Job
from .inference.runtime.builds import AUTOMATIC, TORCH_BUILDS
from .inference.store.installed import explain_missing
from .operators import jobs
from .operators.setup import print_progress
from .scene import runtime, runtime_setup, shelves
from .scene.record import MARK

_BAR = 24


def run(arguments: Sequence[str]) -> int:
    """`blender --command bozzetto ...`; the exit status."""
    if arguments and arguments[0] == "generate":
        return run_generate(arguments[1:])
    if arguments and arguments[0] == "batch":
        return cli_batch.run_batch(arguments[1:])
    if arguments and arguments[0] == "setup":
        return run_setup(arguments[1:])
    if arguments and arguments[0] == "weights":
        return cli_weights.run_weights(arguments[1:])
    asked = not arguments or arguments[0] in ("-h", "--help")
    print(
        "usage: blender --command bozzetto generate IMAGE --output FILE ...\n"
        "       blender --command bozzetto batch FOLDER_OR_FILE ... --output FOLDER\n"
        f"       {SETUP_COMMAND}\n"
        f"       {cli_weights.USAGE}",
        file=sys.stderr,
    )
    return 0 if asked else 2


def run_setup(arguments: Sequence[str]) -> int:
    """Set up the Python that runs the network, with progress on stdout; the exit status."""
    parser = argparse.ArgumentParser(
        prog="bozzetto setup",
        description="Download the libraries that run the network. Needs blender --online-mode.",
    )
    parser.add_argument("--torch", choices=TORCH_BUILDS, default=AUTOMATIC, help="build of torch")
    parser.add_argument("--python", default="", help="interpreter to make it from; found if empty")
    try:
        options = parser.parse_args(list(arguments))
    except SystemExit as leaving:  # argparse has said why; Blender must not end here
        return leaving.code if isinstance(leaving.code, int) else 2
    python = os.path.abspath(options.python) if options.python else ""
    # Blender takes Ctrl-C for itself.
    previous = signal.signal(signal.SIGINT, lambda *_: runtime_setup.cancel())
    try:
        task = runtime_setup.make_set_up(python=python, torch=options.torch)
        print(f"[bozzetto] {runtime_setup.run(task, print_progress)}")
    except BozzettoError as error:
        print(error, file=sys.stderr)
        return INTERRUPTED if isinstance(error, Cancelled) else STATUSES.get(error.kind, FAILED)
    finally:
        signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)
    return 0


def run_generate(arguments: Sequence[str]) -> int:
    """Generate from one picture in a fresh scene and write files; the exit status."""
    try:
        options = _parse(arguments)
    except SystemExit as leaving:  # argparse has said why; Blender must not end here
        return leaving.code if isinstance(leaving.code, int) else 2
    if not bpy.app.background:
        print("This command replaces the scene: run it without a window.", file=sys.stderr)
        return 2
    with messages_on_stderr():
        bpy.ops.wm.read_homefile(use_empty=True)
        started = time.perf_counter()
        status = _generate(options)
        if status:
            return status
        item = _find_result()
        report = make_report(item, time.perf_counter() - started)
        try:
            for path in options.output:
                path.parent.mkdir(parents=True, exist_ok=True)
                WRITERS[path.suffix.lower()](path, item, report)
        except ExportError as error:
            print(error, file=sys.stderr)
            return FAILED
        except (OSError, RuntimeError) as error:
            print(f"{path} cannot be written: {error}", file=sys.stderr)
            return FAILED
    if options.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bozzetto generate",
        description="Generate an editable base mesh from one picture.",
        epilog=cli_options.EXIT_STATUSES,
    )
    parser.add_argument("image", type=Path, help="picture that shows one whole object")
    parser.add_argument(
        "--output", type=Path, nargs="+", default=[], help=f"files: {', '.join(WRITERS)}"
    )
    cli_options.add_settings(parser)
    options = parser.parse_args(list(arguments))
    for path in options.output:
        if path.suffix.lower() not in WRITERS:
            parser.error(f"{path}: a file ends in one of {', '.join(WRITERS)}")
    cli_options.check_settings(parser, options)
    return options


def _generate(options: argparse.Namespace) -> int:
    """Run the operator; the exit status."""
    cli_options.fill_scene(bpy.context.scene.bozzetto, options)
    try:
        runtime.find_worker_python()
    except WorkerError as error:
        print(f"{error} Without a window: {SETUP_COMMAND}", file=sys.stderr)
        return STATUSES[error.kind]
    if shelves.find_lack(options.engine, str(options.checkpoint or "")):
        error = explain_missing(options.engine)
        print(error, file=sys.stderr)
        return STATUSES[error.kind]
    progress = _Progress(quiet=options.quiet)
    runtime.progress_listener = progress.show
    previous = signal.signal(signal.SIGINT, progress.interrupt)
    try:
        bpy.ops.bozzetto.generate_from_file(filepath=str(options.image.absolute()))
    except RuntimeError as error:  # the operator's report
        progress.end()
        if progress.interrupted:
            return INTERRUPTED
        if jobs.failure is not None:  # Blender has printed it
            return STATUSES.get(type(jobs.failure.error).__name__, FAILED)
        print(str(error).strip(), file=sys.stderr)
        return FAILED
    finally:
        # None: a handler that Python cannot put back, as the Blender program has one of its own.
        signal.signal(signal.SIGINT, signal.SIG_DFL if previous is None else previous)
        runtime.progress_listener = None
        runtime.close()
    progress.end()
    return 0


class _Progress:
    """A bar on stderr: redrawn in a terminal, one line a phase elsewhere."""

    def __init__(self, *, quiet: bool) -> None:
        self.interrupted = False
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._last = ""

    def interrupt(self, number: int, frame: object) -> None:
        """Ctrl-C: the next look at the job cancels it."""
        self.interrupted = True

    def show(self, job: Job) -> None:
        """Draw the job's state."""
        if self.interrupted:
            runtime.get_queue().cancel(job)
        if self._quiet:
            return
        if self._terminal:
            done = round(_BAR * job.fraction)
            bar = "█" * done + "░" * (_BAR - done)
            line = f"\r{bar} {job.fraction:4.0%}  {job.message}\033[K"
        else:
            line = f"[bozzetto] {job.message}\n"
        if line != self._last:
            sys.stderr.write(line)
            sys.stderr.flush()
            self._last = line

    def end(self) -> None:
        """Leave the bar's line."""
        if self._terminal and self._last:
            sys.stderr.write("\n")


def _find_result() -> bpy.types.Object:
    return next(item for item in bpy.context.scene.objects if MARK in item)
