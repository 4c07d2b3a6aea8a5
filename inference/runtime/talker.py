"""A child that says how far it is while it works: started, polled, ended at once on request.

For Blender's process, so nothing here waits for the child, and there is no thread (see `pipes`).
`processes.Runner` is for those who may wait.
"""

from __future__ import annotations

import contextlib
import subprocess
from pathlib import Path

from ..pipes import PipeReader, PipeWriter, wait_for
from .processes import CHILD, clean_environment, kill_tree, make_command, start_options

_MAX_LINE = 1 << 16
_BLOCK = 1 << 16


class Talker:
    """child.py, or another script with its verbs, in another interpreter.

    Raises OSError where `python` cannot be started.
    """

    def __init__(self, python: Path, *arguments: str, child: Path = CHILD) -> None:
        self._process = subprocess.Popen(
            make_command(python, *arguments, child=child),
            stdin=subprocess.PIPE,  # never written to: its end tells the child of ours
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            env=clean_environment(),
            **start_options(),
        )
        self._reader = PipeReader(self._process.stdout)
        self._writer = PipeWriter(self._process.stdin)
        self._rest = b""

    @property
    def pid(self) -> int:
        """Process id; it leads a group of its own."""
        return self._process.pid

    @property
    def status(self) -> int | None:
        """Exit status; None: it has not ended."""
        return self._process.poll()

    def read(self, seconds: float = 0.02) -> list[str] | None:
        """Lines that have come, after waiting for some as long as `seconds`.

        None: it has closed its end, or it has ended and a process that it left holds the pipe.
        """
        block = self._reader.read(_BLOCK)
        if not block and not self._reader.ended:
            over = self._process.poll() is not None
            if not over:
                wait_for([self._reader], self._writer, seconds)
            block = self._reader.read(_BLOCK)  # it may have spoken since, and ended
            if over and not block and not self._reader.ended:
                return None
        if self._reader.ended:
            last, self._rest = self._rest, b""
            return [last.decode(errors="replace")] if last else None
        *lines, self._rest = (self._rest + block).split(b"\n")
        self._rest = self._rest[:_MAX_LINE]
        return [line[:_MAX_LINE].decode(errors="replace") for line in lines]

    def close(self, seconds: float = 5.0) -> None:
        """End it with all that it has started; safe to call again."""
        kill_tree(self._process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._reader.close()
        self._writer.close()
