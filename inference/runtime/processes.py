"""Runs other interpreters for a task: one at a time, logged, ended at once on request."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from ..errors import Cancelled

CHILD = Path(__file__).with_name("child.py").resolve()
_KEPT_LINES = 400
_TRAPS = {"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_DRY_RUN", "PIP_REQUIREMENT"}
"""The artist's own settings that would send the packages elsewhere, or bring others."""


@dataclass(frozen=True)
class Answer:
    """How a child ended: its exit status (negative: a signal) and its last lines."""

    status: int
    output: str
    timed_out: bool = False

    def read_json(self) -> dict[str, Any] | None:
        """The JSON object in the last line; None where there is none."""
        lines = self.output.strip().splitlines()
        with contextlib.suppress(ValueError):
            answer = json.loads(lines[-1]) if lines else None
            return answer if isinstance(answer, dict) else None
        return None


class Runner:
    """Runs children for one task. `cancel` may be called from any thread, `run` from one."""

    def __init__(self, log: TextIO | None = None) -> None:
        self.log = log
        """Where every command and line goes."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Whether `cancel` was called."""
        return self._cancelled

    @property
    def pid(self) -> int | None:
        """Process id of the running child, which leads a group of its own."""
        process = self._process
        return process.pid if process else None

    def check(self) -> None:
        """Raises Cancelled after `cancel`."""
        if self._cancelled:
            raise Cancelled("Setting up the Python was cancelled.")

    def cancel(self) -> None:
        """End the running child with all it has started; nothing runs any more afterwards."""
        with self._lock:
            self._cancelled = True
            if self._process is not None:
                kill_tree(self._process)

    def write_log(self, text: str) -> None:
        """One line for the log."""
        if self.log is not None:
            self.log.write(text.rstrip() + "\n")
            self.log.flush()

    def run(
        self,
        python: Path | str,
        *arguments: str,
        on_line: Callable[[str], bool] | None = None,
        environment: Mapping[str, str] | None = None,
        prefix: Sequence[str] = (),
        timeout: float | None = None,
    ) -> Answer:
        """Run child.py under `python` and wait for its end.

        on_line: called with every line, in this thread; whether the log should have it too.
        prefix: arguments for a launcher such as `py -3.11`. Raises Cancelled; OSError where
        `python` cannot be started.
        """
        command = make_command(python, *arguments, prefix=prefix)
        self.write_log(f"$ {subprocess.list2cmdline(command)}")
        with self._lock:
            self.check()
            self._process = process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,  # never written to: its end tells the child of ours
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                env={**clean_environment(), **(environment or {})},
                **start_options(),
            )
        expired = threading.Event()

        def expire() -> None:
            expired.set()
            kill_tree(process)

        timer = threading.Timer(timeout, expire) if timeout else None
        if timer:
            timer.daemon = True
            timer.start()
        lines: deque[str] = deque(maxlen=_KEPT_LINES)
        try:
            for line in process.stdout:
                line = line.rstrip()
                if on_line is None or on_line(line):
                    lines.append(line)
                    self.write_log(line)
            status = process.wait()
        finally:
            if timer:
                timer.cancel()
            with self._lock:
                self._process = None
            kill_tree(process)  # whoever is left of its group, and itself where reading failed
            process.wait()
            process.stdin.close()
            process.stdout.close()
        self.check()
        return Answer(status, "\n".join(lines), expired.is_set())


def make_command(
    python: Path | str, *arguments: str, prefix: Sequence[str] = (), child: Path = CHILD
) -> list[str]:
    """How child.py is run. prefix: arguments for a launcher such as `py -3.11`."""
    return [str(python), *prefix, "-I", "-B", "-u", "-X", "utf8", str(child), *arguments]


def clean_environment() -> dict[str, str]:
    """This process's variables without what would lead another Python or pip astray.

    The artist's own settings of pip, such as a mirror or a proxy, stay.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name not in _TRAPS and name != "__PYVENV_LAUNCHER__"
    }


def start_options() -> dict[str, Any]:
    """Of Popen, so that a child leads a group of its own."""
    if sys.platform == "win32":
        return {
            "creationflags": subprocess.CREATE_NEW_PROCESS_GROUP
            | subprocess.CREATE_NO_WINDOW
            | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        }
    return {"start_new_session": True}


def kill_tree(process: subprocess.Popen[Any]) -> None:
    """Kill the process and what it has started."""
    if hasattr(os, "killpg"):
        # The group outlives its leader as long as it has members, so the number stays ours.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        with contextlib.suppress(OSError):
            subprocess.run(
                ["taskkill", "/T", "/F", "/PID", str(process.pid)],
                capture_output=True,
                creationflags=subprocess.CREATE_NO_WINDOW,
            )
    if process.poll() is None:
        process.kill()
