"""`blender --command bozzetto generate IMAGE` and `... setup`: the artist's way without a window.

The same operator and worker as behind the button. Exit status: 0 done, 1 failed, 2 wrong usage or
setting, 3 the picture cannot be used, 4 the weights cannot be used, 5 the worker failed, 6 its
Python cannot be set up, 130 interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import bpy

from .inference import settings as inference
from .inference.errors import BozzettoError, Cancelled, WorkerError
from .inference.jobs import Job
from .inference.runtime.builds import AUTOMATIC, TORCH_BUILDS
from .operators import jobs
from .operators.setup import print_progress
from .scene import runtime, runtime_setup
from .scene.error_report import find_version
from .scene.record import MARK, read_record

STATUSES = {
    "SettingsError": 2,
    "PictureError": 3,
    "NoObjectError": 3,
    "EmptyFieldError": 3,
    "WeightsError": 4,
    "WorkerError": 5,
    "RuntimeMissingError": 5,
    "RuntimeDamagedError": 5,
    "OutOfMemoryError": 5,
    "RuntimeSetUpError": 6,
    "OfflineError": 6,
}
FAILED, INTERRUPTED = 1, 130
SETUP_COMMAND = "blender --online-mode --command bozzetto setup [--torch BUILD] [--python PATH]"
_BAR = 24


def run(arguments: Sequence[str]) -> int:
    """`blender --command bozzetto ...`; the exit status."""
    if arguments and arguments[0] == "generate":
        return run_generate(arguments[1:])
    if arguments and arguments[0] == "setup":
        return run_setup(arguments[1:])
    asked = not arguments or arguments[0] in ("-h", "--help")
    print(
        "usage: blender --command bozzetto generate IMAGE --output FILE ...\n"
        f"       {SETUP_COMMAND}",
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
    with _messages_on_stderr():
        bpy.ops.wm.read_homefile(use_empty=True)
        started = time.perf_counter()
        status = _generate(options)
        if status:
            return status
        report = make_report(_find_result(), time.perf_counter() - started)
        try:
            for path in options.output:
                path.parent.mkdir(parents=True, exist_ok=True)
                WRITERS[path.suffix.lower()](path, report)
        except (OSError, RuntimeError) as error:
            print(f"{path} cannot be written: {error}", file=sys.stderr)
            return FAILED
    if options.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    return 0


@contextlib.contextmanager
def _messages_on_stderr() -> Iterator[None]:
    """What Blender prints goes to stderr meanwhile: stdout holds the report alone."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        library = ctypes.cdll.ucrtbase if sys.platform == "win32" else ctypes.CDLL(None)
        library.fflush(None)  # Blender prints through C's buffer
        os.dup2(kept, 1)
        os.close(kept)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bozzetto generate",
        description="Generate an editable base mesh from one picture.",
        epilog=__doc__.partition("\n\n")[2],
    )
    add = parser.add_argument
    add("image", type=Path, help="picture that shows one whole object")
    add("--output", type=Path, nargs="+", default=[], help=f"files: {', '.join(WRITERS)}")
    add("--class", dest="category", choices=inference.CATEGORIES, default=inference.AUTOMATIC)
    add("--resolution", type=int, choices=inference.RESOLUTIONS, default=128)
    add("--seed", type=int, default=0)
    add("--background", choices=inference.BACKGROUNDS, default=inference.AUTOMATIC)
    add("--facing", choices=inference.FACINGS, default=inference.AUTOMATIC)
    add("--symmetry", choices=inference.SYMMETRIES, default=inference.AUTOMATIC)
    add("--subject", choices=inference.SUBJECTS, help="which object of several")
    add("--point", type=float, nargs=2, metavar=("X", "Y"), help="of --subject point, 0 to 1")
    add("--size", type=float, default=0.0, help="longest side in metres; 0: usual for its class")
    add("--faces", type=int, default=0, help="face budget; 0: as extracted")
    add("--smooth-angle", type=float, default=40.0, help="degrees; sharper edges stay sharp")
    add("--engine", choices=inference.ENGINES, default=inference.ENGINES[0])
    add("--checkpoint", type=Path, help="weights to use instead of the bundled ones")
    add("--device", default=inference.AUTOMATIC, help="torch device, such as cpu or cuda")
    add("--json", action="store_true", help="print the report to stdout")
    add("--quiet", action="store_true", help="no progress on stderr")
    options = parser.parse_args(list(arguments))
    for path in options.output:
        if path.suffix.lower() not in WRITERS:
            parser.error(f"{path}: a file ends in one of {', '.join(WRITERS)}")
    if not 0 <= options.seed < 2**31 or not 0 <= options.size <= 10_000 or options.faces < 0:
        parser.error("--seed is 0 to 2147483647, --size 0 to 10000, --faces 0 or more")
    if options.subject is None:
        options.subject = "point" if options.point else inference.AUTOMATIC
    if (options.subject == "point") != (options.point is not None):
        parser.error("--subject point needs --point X Y, and only that does")
    if options.point and not all(0.0 <= value <= 1.0 for value in options.point):
        parser.error("--point is two fractions of the picture, 0 to 1, from its top left corner")
    return options


def _generate(options: argparse.Namespace) -> int:
    """Run the operator; the exit status."""
    group = bpy.context.scene.bozzetto
    group.engine, group.category = options.engine, options.category
    group.resolution, group.seed = str(options.resolution), options.seed
    group.background, group.size = options.background, options.size
    group.facing, group.symmetry = options.facing, options.symmetry
    group.subject, group.point = options.subject, options.point or (0.5, 0.5)
    group.checkpoint = str(options.checkpoint.resolve()) if options.checkpoint else ""
    group.face_budget, group.smooth_angle = options.faces, math.radians(options.smooth_angle)
    group.frame = False
    group.device = options.device
    try:
        runtime.find_worker_python()
    except WorkerError as error:
        print(f"{error} Without a window: {SETUP_COMMAND}", file=sys.stderr)
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


def make_report(item: bpy.types.Object, seconds: float) -> dict[str, Any]:
    """What was made and how, in plain JSON types. seconds: whole time, start of worker included."""
    bpy.context.view_layer.update()  # dimensions are the evaluated object's
    record = read_record(item)
    info = record["info"]
    return {
        "bozzetto": find_version(),
        "blender": bpy.app.version_string,
        "object": item.name,
        "picture": record["picture"],
        "settings": record["settings"],
        "shape": record["shape"],
        "seed": record["seed"],
        "engine": record["engine"],
        "weights_hash": record["weights_hash"],
        "timings": {**info.get("timings", {}), "total": round(seconds, 3)},
        "mesh": {
            "vertices": len(item.data.vertices),
            "faces": len(item.data.polygons),
            "dimensions": [round(length, 5) for length in item.dimensions],
        },
        "info": info,
    }


def _write_blend(path: Path, report: dict[str, Any]) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(path.absolute()), copy=True, check_existing=False)


def _write_glb(path: Path, report: dict[str, Any]) -> None:
    bpy.ops.export_scene.gltf(filepath=str(path.absolute()), export_format="GLB")


def _write_json(path: Path, report: dict[str, Any]) -> None:
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


WRITERS: dict[str, Callable[[Path, dict[str, Any]], None]] = {
    ".blend": _write_blend,
    ".glb": _write_glb,
    ".json": _write_json,
}
