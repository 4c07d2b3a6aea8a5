"""Quads that follow the surface, made by a second Blender, which may take its time or hang.

A `QuadJob` tries the ways of `flow` one after the other, each in a process of its own, until one
gives quads that can be delivered. Where none does it delivers voxels, whose faces are quads too,
and says so.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import bpy
import numpy as np

from ...inference.errors import Cancelled
from ...inference.types import PolygonMesh
from .flow import MAX_LOST, TOLERANCE, count_levels, is_better, list_ways
from .original import Original, Remeshed
from .voxels import remesh_voxels

CHILD = Path(__file__).with_name("quad_child.py")
_SETTING_OUT, _PER_QUAD = 45.0, 0.03
"""Seconds that one way may take: these, and so many for each quad that QuadriFlow is asked for."""
_POLL = 0.02


class QuadJob:
    """Quads on their way; all methods are for one thread, and none but `wait` blocks for long.

    original: closed. budget: quads wanted, over 0. child: the script that runs. seconds: that each
    way may take; 0: as the budget needs. Its process and its files go with this process. `poll`
    raises InsertError where not even voxels are left.
    """

    def __init__(
        self, original: Original, budget: int, *, child: Path = CHILD, seconds: float = 0.0
    ) -> None:
        self._original, self._budget, self._script = original, budget, child
        self._ways = list_ways(original)
        flowed = budget / 4 ** count_levels(budget)
        self._limit = seconds or _SETTING_OUT + _PER_QUAD * flowed
        self._tried: list[dict[str, Any]] = []
        self._best: tuple[PolygonMesh, dict[str, Any]] | None = None
        self._result: Remeshed | None = None
        self._started = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._cancelled = False
        atexit.register(self.cancel)
        self._start_next()

    def poll(self) -> bool:
        """Whether it is done; goes on to the next way where one has failed."""
        if self._result is not None or self._cancelled:
            return True
        if self._process is not None:
            overdue = time.monotonic() - self._way_started > self._limit
            if self._process.poll() is None and not overdue:
                return False
            self._collect(overdue)
        if not self._is_good_enough() and self._ways:
            self._start_next()
            return False
        self._finish()
        return True

    def result(self) -> Remeshed:
        """What was made, once `poll` has said that it is done. Raises Cancelled, InsertError."""
        if self._result is None:
            raise Cancelled("The quads were cancelled.")
        return self._result

    def wait(self) -> Remeshed:
        """Wait for the result. Raises as `result`."""
        while not self.poll():
            time.sleep(_POLL)
        return self.result()

    def cancel(self) -> None:
        """End the process and remove its files; a result that is there stays."""
        self._cancelled = True
        self._end_process()

    def _start_next(self) -> None:
        """Start the next way's process; where none can be started there is none to try."""
        way = self._ways.pop(0)
        self._way, self._way_started = way, time.monotonic()
        original = self._original
        self._folder = Path(tempfile.mkdtemp(prefix="bozzetto-quads-", dir=_find_folder()))
        task = {"cell": original.cell, "plane": original.plane, "budget": self._budget}
        np.savez(
            self._folder / "in.npz",
            vertices=original.vertices,
            faces=original.faces,
            task=json.dumps({**task, "way": asdict(way)}),
        )
        try:
            self._process = start_child(self._script, self._folder, self._limit)
        except OSError as error:
            self._tried.append({**asdict(way), "failed": error.strerror or str(error)})
            self._ways.clear()
            self._end_process()

    def _collect(self, overdue: bool) -> None:
        """Take what the process has written, even if it did not come to its end."""
        row: dict[str, Any] = {**asdict(self._way)}
        row["seconds"] = round(time.monotonic() - self._way_started, 2)
        status = self._process.poll()
        if overdue:
            row["failed"] = "took too long"
        elif status:
            row["failed"] = f"exit status {status}"
        found = _read_output(self._folder / "out.npz")
        self._end_process()
        if found is not None:
            row |= found[1]
            if self._best is None or is_better(found[1], self._best[1], self._budget):
                self._best = found
        self._tried.append(row)

    def _is_good_enough(self) -> bool:
        if self._best is None:
            return False
        report = self._best[1]
        miss = abs(report["count"] - self._budget) / self._budget
        return report["lost"] <= MAX_LOST and miss <= TOLERANCE

    def _finish(self) -> None:
        report = {"ways": self._tried}
        if self._best is not None and self._best[1]["lost"] <= 10 * MAX_LOST:
            mesh, found = self._best
            self._result = Remeshed(
                mesh, "quads", found["symmetric"], self._list_messages(found), {**report, **found}
            )
        else:
            voxels = remesh_voxels(self._original, self._budget)
            message = (
                "Quads that follow the surface could not be made: these are the quads of a voxel "
                "grid."
            )
            self._result = Remeshed(
                voxels.mesh,
                voxels.delivered,
                voxels.symmetric,
                (message, *voxels.messages),
                {**voxels.report, **report},
            )
        self._result.report["seconds"] = round(time.monotonic() - self._started, 3)
        atexit.unregister(self.cancel)

    def _list_messages(self, found: dict[str, Any]) -> tuple[str, ...]:
        messages = []
        if self._original.symmetric and not found["symmetric"]:
            messages.append("Left and right could not be kept alike by quads.")
        if found["lost"] > MAX_LOST:
            messages.append(
                f"Parts thinner than a quad are lost ({found['lost']:.1%} of the surface): raise "
                "the face budget, or use triangles."
            )
        return tuple(messages)

    def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            if hasattr(os, "killpg"):
                # Debian's Blender is started by a script. The group's number stays ours while it
                # has members.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def start_quads(original: Original, budget: int) -> QuadJob:
    """Begin to make about `budget` quads, without waiting for them."""
    return QuadJob(original, budget)


def make_quads(original: Original, budget: int) -> Remeshed:
    """About `budget` quads; waits for them. Raises InsertError where not even voxels are left."""
    job = start_quads(original, budget)
    try:
        return job.wait()
    finally:
        job.cancel()


def start_child(script: Path, folder: Path, seconds: float) -> subprocess.Popen[bytes]:
    """Start the script in a second Blender, or where Blender is a module in a second Python.

    Raises OSError where it cannot be started.
    """
    if bpy.app.binary_path:
        command = [bpy.app.binary_path, "--background", "--factory-startup", "--python-exit-code"]
        command += ["1", "--python", str(script)]
    else:
        command = [sys.executable, str(script)]
    command += ["--", str(folder), str(seconds)]
    # Linux ties this signal to the thread that starts the process: only the main thread lives as
    # long as the process does.
    if threading.current_thread() is threading.main_thread():
        command.append("--parent-signal")
    options: dict[str, Any] = {"start_new_session": True}  # a console's Ctrl-C is not for it
    if sys.platform == "win32":
        options = {
            "creationflags": subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        }
    nothing = subprocess.DEVNULL
    # Its own temporary files go with the folder, even if it is killed.
    places = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folder))
    return subprocess.Popen(
        command,
        stdin=nothing,
        stdout=nothing,
        stderr=nothing,
        env={**os.environ, **places},
        **options,
    )


def _find_folder() -> str | None:
    """Where temporary folders go: Blender's own, which it removes when it quits."""
    return bpy.app.tempdir if os.path.isdir(bpy.app.tempdir) else None


def _read_output(path: Path) -> tuple[PolygonMesh, dict[str, Any]] | None:
    """What the process wrote; None: nothing, or nothing that Blender could take."""
    if not path.is_file():
        return None
    try:
        with np.load(path, allow_pickle=False) as data:
            mesh = PolygonMesh(data["vertices"], data["corners"], data["sizes"])
            report = json.loads(str(data["report"]))
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return None
    sound = (
        np.isfinite(mesh.vertices).all()
        and len(mesh.corners) == mesh.sizes.sum()
        and mesh.corners.min() >= 0
        and mesh.corners.max() < len(mesh.vertices)
    )
    return (mesh, report) if sound else None
