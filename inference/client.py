"""The parent's side of the worker process: starts it, talks to it, notices how it ends.

Nothing here waits for the worker except `stop`: the caller polls. Only the standard library and
numpy, and no thread (see `pipes`), for this runs in Blender's process.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .errors import BozzettoError, OutOfMemoryError, RuntimeDamagedError, WorkerError
from .messages import read_error
from .pipes import PipeReader, PipeWriter, wait_for
from .protocol import PROTOCOL, Message, MessageAssembler, encode_message

BOOT = Path(__file__).with_name("worker_boot.py")
TAIL = 64 << 10  # bytes of the worker's stderr that are kept for a report
SET_UP_FIX = (
    "Click Verify and Repair in the extension's preferences, or name there the Python of an "
    "environment that has torch."
)
_GRACE = 0.5  # seconds between asking, terminating and killing
_LONGEST_POLL = 0.05  # seconds, while much is on its way
_BLOCK = 1 << 18
_STATUSES = {  # Windows' NTSTATUS codes
    0xC0000005: "access violation",
    0xC0000017: "no memory",
    0xC000001D: "illegal instruction",
    0xC0000135: "a DLL is missing",
    0xC0000409: "stack overrun",
}


class WorkerClient:
    """One worker process. All methods are for one thread; none but `stop` blocks.

    python: interpreter that has torch. boot: the script to run, the real worker by default.
    environment: variables to add to this process's own. site: folder of packages that goes first.
    """

    def __init__(
        self,
        python: Path,
        *,
        boot: Path | None = None,
        environment: Mapping[str, str] | None = None,
        site: Path | None = None,
    ) -> None:
        # Not resolved: a virtual environment's interpreter is a link that must stay one.
        self.python = Path(os.path.abspath(python))
        self.boot = (boot or BOOT).resolve()
        self.site = site
        self.ready: dict[str, Any] | None = None
        """The worker's "ready" message, once it has come."""
        self._environment = dict(environment or {})
        self._process: subprocess.Popen[bytes] | None = None
        self._writer: PipeWriter | None = None
        self._reader: PipeReader | None = None
        self._stderr: PipeReader | None = None
        self._assembler: MessageAssembler | None = MessageAssembler()  # None: listens no more
        self._tail = bytearray()
        self._failure: BozzettoError | None = None
        self._pipe_ended = 0.0  # when the worker closed its end
        self._stop_requested = 0.0

    def start(self) -> None:
        """Start the process; "ready" arrives later. Raises WorkerError where that is impossible."""
        arguments = [str(self.python), "-I", "-B", "-X", "utf8", str(self.boot)]
        if self.site is not None:
            arguments += ["--site", str(self.site)]
        # Linux ties this signal to the thread that starts the process: only the main thread
        # lives as long as the process does.
        if threading.current_thread() is threading.main_thread():
            arguments.append("--parent-signal")
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("PYTHON")
        }
        options: dict[str, Any] = {"start_new_session": True}  # a console's Ctrl-C is not for it
        if sys.platform == "win32":
            options = {
                "creationflags": subprocess.CREATE_NEW_PROCESS_GROUP
                | subprocess.CREATE_NO_WINDOW
                | subprocess.BELOW_NORMAL_PRIORITY_CLASS
            }
        try:
            self._process = subprocess.Popen(
                arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                cwd=self.python.parent,  # not the extension's folder: Windows could not remove it
                env={**environment, **self._environment},
                **options,
            )
        except OSError as error:
            raise RuntimeDamagedError(
                f"The worker's Python {str(self.python)!r} cannot be started: "
                f"{error.strerror or error}.",
                SET_UP_FIX,
            ) from error
        self._writer = PipeWriter(self._process.stdin)
        self._reader = PipeReader(self._process.stdout)
        self._stderr = PipeReader(self._process.stderr)
        atexit.register(self.stop)

    @property
    def pid(self) -> int | None:
        """Process id, None before the start."""
        return self._process.pid if self._process else None

    @property
    def alive(self) -> bool:
        """Whether the process runs and can be used."""
        return (
            self._process is not None
            and self._process.poll() is None
            and self.failure is None
            and not self._stop_requested
        )

    @property
    def failure(self) -> BozzettoError | None:
        """Why this worker cannot be used any more, as far as `poll` has seen; else None."""
        return self._failure

    @property
    def stderr_tail(self) -> str:
        """The end of what the worker wrote to stderr, for reports."""
        return bytes(self._tail).decode(errors="replace")

    def send(
        self, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None
    ) -> None:
        """Queue a message; the arrays must not change any more. Raises ValueError as protocol."""
        parts = encode_message(header, arrays)
        if header["type"] in ("generate", "cut"):
            self._tail.clear()  # what earlier jobs printed would explain the wrong crash
        self._writer.put(parts)
        self._writer.flush()

    def poll(self) -> list[Message]:
        """What has arrived since the last call; also updates `ready` and `failure`."""
        if self._process is None:
            return []
        messages = self._exchange()
        for message in messages:
            self._look_at(message)
        if self._reader.ended and self._failure is None and not self._stop_requested:
            self._pipe_ended = self._pipe_ended or time.monotonic()
            self._look_at_end()
        return messages

    def request_stop(self) -> None:
        """Ask the process to exit; `reap` sees to it that it does."""
        if self._process is not None and not self._stop_requested:
            self._stop_requested = time.monotonic()
            self._writer.put(encode_message({"type": "quit"}), last=True)
            self._writer.flush()

    def kill(self) -> None:
        """End the process now; `reap` tidies up."""
        self.request_stop()
        self._kill()

    def reap(self, grace: float = _GRACE) -> bool:
        """Whether process and pipes are gone after `request_stop` or `kill`.

        Terminates the process `grace` seconds after the request and kills it after twice as long.
        """
        if self._process is None:
            return True
        self.request_stop()
        overdue = time.monotonic() - self._stop_requested
        running = self._process.poll() is None
        self._exchange()  # so that a worker in the middle of a write can exit
        # A stray child of the worker may hold the pipes open.
        if running or not (self._reader.ended and self._stderr.ended):
            if overdue > 2 * grace:
                self._kill()
            elif overdue > grace and running:
                self._process.terminate()
            return False
        for pipe in (self._writer, self._reader, self._stderr):
            pipe.close()
        self._process = None
        atexit.unregister(self.stop)
        return True

    def stop(self, grace: float = _GRACE) -> None:
        """End the process and wait for it: politely, then firmly. Safe to call at any time."""
        self.request_stop()
        deadline = time.monotonic() + 2 * grace + 2.0
        while not self.reap(grace) and time.monotonic() < deadline:
            time.sleep(0.005)

    def _kill(self) -> None:
        """Kill the process and, where it leads a group, all that it has started."""
        if self._process is None:
            return
        self._process.kill()
        if hasattr(os, "killpg"):
            # The group outlives its leader as long as it has members, so the number stays ours.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def _exchange(self) -> list[Message]:
        """Write what fits and read what is there; go on while much is passing, not for long."""
        messages: list[Message] = []
        deadline, any_moved = time.monotonic() + _LONGEST_POLL, False
        while True:
            moved = self._writer.flush() | self._read_stderr() | self._read(messages)
            any_moved |= moved
            now = time.monotonic()
            if now > deadline:
                break
            if not moved:
                receiving = self._assembler is not None and self._assembler.under_way
                if not any_moved or not (receiving or self._writer.pending):
                    break
                wait_for((self._reader, self._stderr), self._writer, deadline - now)
        return messages

    def _read(self, messages: list[Message]) -> bool:
        """Read once; whether there was anything."""
        wanted = _BLOCK if self._assembler is None else min(self._assembler.wanted, _BLOCK)
        block = self._reader.read(wanted)
        if block and self._assembler is not None:
            try:
                if (message := self._assembler.add(block)) is not None:
                    messages.append(message)
            except (WorkerError, MemoryError) as error:
                self._assembler = None
                if isinstance(error, MemoryError):
                    error = OutOfMemoryError("There is not enough memory to receive the result.")
                self._fail(error)
        return bool(block)

    def _read_stderr(self) -> bool:
        block = self._stderr.read(1 << 14)
        self._tail += block
        del self._tail[:-TAIL]
        return bool(block)

    def _look_at(self, message: Message) -> None:
        header = message.header
        if message.type == "ready" and self.ready is None:
            missing = header.get("missing")
            if missing:
                names = ", ".join(str(name) for name in missing)
                detail = f" ({header['detail']})" if header.get("detail") else ""
                self._fail(
                    RuntimeDamagedError(
                        f"The worker's Python {str(self.python)!r} lacks {names}{detail}.",
                        SET_UP_FIX,
                    )
                )
            elif header.get("protocol") != PROTOCOL:
                self._fail(
                    WorkerError(
                        f"The worker speaks protocol {header.get('protocol')!r}, this extension "
                        f"speaks {PROTOCOL}.",
                        "Reinstall the extension and restart Blender.",
                    )
                )
            else:
                self.ready = header
        elif message.type == "error" and message.id is None:
            self._fail(read_error(message))

    def _look_at_end(self) -> None:
        """The pipe has ended unasked: find out how the process ended."""
        status = self._process.poll()
        waited = time.monotonic() - self._pipe_ended
        if (status is None or not self._stderr.ended) and waited < _GRACE:
            return  # exit status and last words follow the pipe's end
        if status is None:
            self._process.kill()
            self._fail(WorkerError("The worker process closed its pipe."))
        else:
            self._fail(_explain_exit(status, self.stderr_tail))

    def _fail(self, error: BozzettoError) -> None:
        if self._failure is None:
            if tail := self.stderr_tail.strip():
                error.add_note(f"The worker's last words:\n{tail}")
            self._failure = error


def _explain_exit(status: int, tail: str) -> WorkerError:
    """The error for a process that ended unasked with this exit status."""
    telling = [line.strip() for line in tail.splitlines() if re.search("Error|Fatal", line)]
    said = f" Its last words: {telling[-1][:300]}" if telling else ""
    memory_words = ("bad_alloc", "MemoryError", "Cannot allocate memory", "out of memory")
    if status < 0:
        try:
            name = signal.Signals(-status).name
        except ValueError:
            name = f"signal {-status}"
        if name == "SIGKILL":
            return OutOfMemoryError(
                "The worker process was killed (SIGKILL), as the system does when memory runs out."
            )
        how = f"was ended by {name}"
    elif status in _STATUSES:
        how = f"ended with {_STATUSES[status]} (0x{status:08X})"
    else:
        how = f"ended with exit status {status}"
    if status == 0xC0000017 or any(words in tail for words in memory_words):
        return OutOfMemoryError(f"The worker process {how}; memory ran out.{said}")
    return WorkerError(f"The worker process {how}.{said}")
