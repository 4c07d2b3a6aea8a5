"""The worker process: takes jobs from its stdin, computes them, answers on its stdout.

Threads: the main thread computes, one job at a time; a reader takes requests at any moment and
exits the process when the pipe closes, so that no worker outlives its parent even in the middle of
a computation; a heartbeat shows that the process lives and whether its computation gets on.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import platform
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from typing import Protocol as TypingProtocol

import numpy as np

from . import memory
from .coat_messages import make_coating, read_coat_request
from .errors import BozzettoError, Cancelled, OutOfMemoryError, WorkerError
from .messages import (
    Arrays,
    make_cutout,
    make_error,
    make_progress,
    make_result,
    read_memory_limit,
    read_request,
)
from .protocol import PROTOCOL, Message, read_message, write_message
from .settings import GenerateSettings
from .types import (
    BaseMesh,
    Cancel,
    CoatRequest,
    CutPreview,
    PackedCoating,
    Progress,
    Source,
)

TASKS = ("generate", "cut", "coat")
HEARTBEAT = 1.0  # seconds; the client calls a worker hung that is silent for many of them
PROGRESS_INTERVAL = 0.05  # seconds between two progress messages: 20 a second look smooth
NICENESS = 5  # all cores compute, and Blender's window must stay smooth meanwhile
_OOM_SCORE = 800  # of -1000 (never kill) to 1000 (kill first)
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class PipelineLike(TypingProtocol):
    """What the worker runs: `pipeline.Pipeline`, or a test's own."""

    def describe(self) -> dict[str, str]:
        """What "ready" says about it: torch, device."""
        ...

    def generate(
        self, source: Source, settings: GenerateSettings, *, progress: Progress, cancel: Cancel
    ) -> BaseMesh:
        """Picture to mesh. Raises BozzettoError."""
        ...

    def cut(
        self, source: Source, settings: GenerateSettings, *, progress: Progress, cancel: Cancel
    ) -> CutPreview:
        """What of the picture `generate` would take. Raises BozzettoError."""
        ...

    def coat(self, request: CoatRequest, *, progress: Progress, cancel: Cancel) -> PackedCoating:
        """Unwrap and colour a mesh. Raises BozzettoError."""
        ...

    def release(self) -> None:
        """Give back models and memory."""
        ...


def run(
    make_pipeline: Callable[[], PipelineLike],
    *,
    parent_signal: bool = False,
    heartbeat: float = HEARTBEAT,
) -> NoReturn:
    """Be the worker: take over the process and serve until the parent is gone.

    make_pipeline is called in the main thread; an ImportError from it is told as missing module.
    parent_signal: on Linux, let the kernel kill this process with the thread that started it.
    """
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the parent's console is the parent's
    if parent_signal and sys.platform == "linux":
        # Where a computation holds the interpreter's lock, no thread of ours can see the pipe
        # close; the kernel can.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if sys.platform == "linux":
        # When the system runs out of memory it is to kill this process, not Blender.
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text(str(_OOM_SCORE))
    if hasattr(os, "nice"):  # on Windows the client chooses the priority
        # Not the session's group as well (`priority`): measured in a window that is drawn without
        # a pause by two cores, its longest gap gets .03 s shorter, and the mesh comes half as late
        # again.
        os.nice(NICENESS)
    stdin, stdout = claim_pipes()
    serve(make_pipeline, stdin, stdout, heartbeat=heartbeat)


def claim_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep stdin and stdout for the protocol alone.

    Afterwards file descriptor 1 and `sys.stdout` lead to stderr, so that a stray print of any
    library, in Python or C, cannot damage a message, and descriptor 0 reads nothing. (On Windows
    that also keeps libraries that ask about their stdin from waiting for our blocked reader.)
    """
    stdin = os.fdopen(os.dup(0), "rb")
    stdout = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return stdin, stdout


def serve(
    make_pipeline: Callable[[], PipelineLike],
    stdin: BinaryIO,
    stdout: BinaryIO,
    *,
    heartbeat: float = HEARTBEAT,
) -> NoReturn:
    """Answer requests from stdin on stdout until stdin ends; then the process exits at once.

    The seam for tests: any pipeline, any pair of binary streams.
    """
    _Server(stdin, stdout).serve(make_pipeline, heartbeat)


class _Activity:
    """Counts signs of life of a computation; an approximate count is enough, so no lock."""

    count = 0


class _WatchedCancel(Cancel):
    """A Cancel that shows, by being asked, that the computation gets on."""

    def __init__(self, activity: _Activity) -> None:
        super().__init__()
        self._activity = activity

    def is_set(self) -> bool:
        self._activity.count += 1
        return super().is_set()

    def check(self) -> None:
        self._activity.count += 1
        super().check()


class _Server:
    """State of a worker that serves one client."""

    def __init__(self, stdin: BinaryIO, stdout: BinaryIO) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._write_lock = threading.Lock()
        self._requests: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._cancels: dict[int, _WatchedCancel] = {}  # by job, from its arrival to its answer
        self._activity = _Activity()

    def serve(self, make_pipeline: Callable[[], PipelineLike], heartbeat: float) -> NoReturn:
        """The main thread's work."""
        # The reader is first: a parent that dies while torch is being imported is noticed too.
        threading.Thread(target=self._listen, name="requests", daemon=True).start()
        threading.Thread(target=self._beat, args=(heartbeat,), name="heart", daemon=True).start()
        pipeline = self._start(make_pipeline)
        while True:
            request = self._requests.get()
            if request.type in TASKS:
                self._work(pipeline, request)
            elif request.type == "release":
                pipeline.release()
                self._send({"type": "released"})

    def _start(self, make_pipeline: Callable[[], PipelineLike]) -> PipelineLike:
        ready = {
            "type": "ready",
            "protocol": PROTOCOL,
            "python": platform.python_version(),
            "pid": os.getpid(),
            "missing": [],
        }
        try:
            pipeline = make_pipeline()
            self._send({**ready, **pipeline.describe()})
        except (ImportError, OSError) as error:  # OSError: a shared library does not load
            traceback.print_exc()
            name = getattr(error, "name", None) or "torch"
            self._send({**ready, "missing": [name], "detail": str(error)})
            _exit(1)
        return pipeline

    def _listen(self) -> NoReturn:
        """The reader's work: everything that cannot wait is done here."""
        try:
            self._read()
        except WorkerError as error:  # after garbage there is no finding the next message
            self._send(make_error(None, error))
        except OSError:  # how some systems report that the other end is gone
            _exit(0)
        except BaseException:
            traceback.print_exc()
        finally:  # a worker that cannot hear must not live on, whatever the reason
            _exit(1)

    def _read(self) -> None:
        while True:
            message = read_message(self._stdin)
            if message is None or message.type == "quit":
                _exit(0)
            if message.type == "ping":
                self._send({"type": "pong"})
            elif message.type == "cancel":
                cancel = self._cancels.get(message.id)
                if cancel is not None:
                    cancel.set()
            elif message.type in (*TASKS, "release"):
                if message.type in TASKS:
                    self._cancels[message.id] = _WatchedCancel(self._activity)
                self._requests.put(message)
            else:
                unknown = WorkerError(f"The worker does not know the request {message.type!r}.")
                self._send(make_error(message.id, unknown))

    def _beat(self, interval: float) -> None:
        while True:
            self._send({"type": "heartbeat", "activity": self._activity.count})
            time.sleep(interval)

    def _work(self, pipeline: PipelineLike, request: Message) -> None:
        job = request.id
        try:
            self._send(*self._compute(pipeline, request))
        except BozzettoError as error:
            if not isinstance(error, Cancelled):
                traceback.print_exc()
            self._send(make_error(job, error))
            if isinstance(error, OutOfMemoryError):
                pipeline.release()
        except MemoryError:
            traceback.print_exc()
            self._send(make_error(job, OutOfMemoryError("There is not enough memory.")))
            pipeline.release()
        except Exception as error:
            # The one place where anything is caught: a defect in a computation must reach the
            # artist as a message, and the worker stays able to do the next job.
            traceback.print_exc()
            last = traceback.format_exception_only(error)[-1].strip()
            failure = WorkerError(
                f"The worker met an unexpected error: {last}",
                "Please report this with the text of the console.",
            )
            self._send(make_error(job, failure, traceback.format_exc()))
        finally:
            self._cancels.pop(job, None)

    def _compute(self, pipeline: PipelineLike, request: Message) -> tuple[dict, Arrays]:
        job = request.id
        cancel = self._cancels[job]
        cancel.check()
        memory.set_limit(read_memory_limit(request))
        options = {"progress": self._make_progress(job), "cancel": cancel}
        if request.type == "coat":
            answer = make_coating(job, pipeline.coat(read_coat_request(request), **options))
        else:
            source, settings = read_request(request)
            if request.type == "cut":
                answer = make_cutout(job, pipeline.cut(source, settings, **options))
            else:
                answer = make_result(job, pipeline.generate(source, settings, **options))
        cancel.check()  # a result that nobody wants any more need not cross the pipe
        return answer

    def _make_progress(self, job: int) -> Progress:
        last_phase, last_time = "", 0.0

        def progress(phase: str, fraction: float) -> None:
            nonlocal last_phase, last_time
            self._activity.count += 1
            now = time.monotonic()
            if phase == last_phase and now - last_time < PROGRESS_INTERVAL and fraction < 1.0:
                return
            last_phase, last_time = phase, now
            self._send(make_progress(job, phase, fraction))

        return progress

    def _send(
        self, header: Mapping[str, Any], arrays: Mapping[str, np.ndarray] | None = None
    ) -> None:
        try:
            with self._write_lock:
                write_message(self._stdout, header, arrays)
        except OSError:  # nobody listens any more
            _exit(1)


def _exit(status: int) -> NoReturn:
    """Leave from any thread, at once: there is no state to save, and a computation to drop."""
    with contextlib.suppress(Exception):
        sys.stderr.flush()
    os._exit(status)
