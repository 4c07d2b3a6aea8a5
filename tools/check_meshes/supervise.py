"""Keeps Blender making results: a crash or a hang costs one result, not the run.

Standard library only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..environments import MAIN, clean_environment, say
from .plan import Key
from .results import Folder

TIME_LIMIT = 600.0
"""Seconds that one result may take, generation and export included."""
_PULSE = 0.5


def make_results(plan: Path, folder: Folder, fingerprint: str, python: Path = MAIN.python) -> None:
    """Run `make_results` until nothing is left to make. Raises RuntimeError when it cannot start.

    A result during which the process ended or stood still gets a line that says so, and the next
    process goes on after it.
    """
    command = [str(python), "-m", "bozzetto.tools.check_meshes.make_results", str(plan)]
    while True:
        status = run_watched(command, folder)
        culprit = folder.read_current()
        if culprit is None:
            if status:
                raise RuntimeError(f"Blender ended with status {status} before the first result.")
            return
        how = f"took more than {TIME_LIMIT:.0f} s" if status is None else f"ended with {status}"
        say(f"{culprit.stem}: Blender {how}; going on")
        folder.results.append(_blame(culprit, f"Blender {how}", fingerprint))
        folder.write_current(None)


def _blame(key: Key, error: str, fingerprint: str) -> dict[str, Any]:
    return {"key": key.to_dict(), "fingerprint": fingerprint, "error": error}


def run_watched(command: Sequence[str], folder: Folder, limit: float = TIME_LIMIT) -> int | None:
    """Run a command that writes `folder.current`; its status, None when that stood still."""
    with tempfile.TemporaryDirectory(prefix="bozzetto-user-") as user:
        environment = clean_environment(
            BLENDER_USER_RESOURCES=user, BOZZETTO_WORKER_PYTHON=str(MAIN.python)
        )
        # in a group of its own, so that its worker goes with it
        process = subprocess.Popen(list(command), env=environment, start_new_session=True)
        try:
            started = time.time()
            while process.poll() is None:
                time.sleep(_PULSE)
                with contextlib.suppress(FileNotFoundError):
                    started = max(started, folder.current.stat().st_mtime)
                if time.time() - started > limit:
                    return None
            return process.returncode
        finally:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait()
