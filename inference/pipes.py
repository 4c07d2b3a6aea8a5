"""The parent's ends of a child's pipes: what is there is read, what fits is written, at once.

No threads, for Blender's sake. Until 5.0 (Python 3.11) Blender lets go of Python's lock while a
script calls an operator, and where that operator asks for its context, Blender uses Python again
and takes the lock only if it finds that no thread holds it. A thread of ours that happens to be
awake then works on Python's memory at the same time, and Blender crashes. A caller that polls
cannot meet this.
"""

from __future__ import annotations

import contextlib
import errno
import os
import select
import signal
import sys
import time
from collections import deque
from collections.abc import Iterable, Iterator
from typing import BinaryIO

if sys.platform == "win32":
    import _winapi
    import msvcrt
else:
    import fcntl

_PIPE_SIZE = 1 << 20  # bytes that wait between two polls; Linux gives 64 KiB unasked
_BLOCK = 1 << 16
_FULL = (errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOSPC)  # the last is how Windows says it


class PipeReader:
    """The reading end of a pipe. stream: raw (unbuffered)."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.ended = False
        """Whether everybody has closed the other end, and all was read."""
        _prepare(stream)

    def fileno(self) -> int:
        """For `wait_for`."""
        return self._stream.fileno()

    def read(self, size: int) -> bytes:
        """At most `size` (at least 1) bytes of those that are there; empty: none now, or ended."""
        if self.ended:
            return b""
        try:
            if sys.platform == "win32":
                there = _winapi.PeekNamedPipe(msvcrt.get_osfhandle(self.fileno()), 0)[0]
                return os.read(self.fileno(), min(size, there)) if there else b""
            block = os.read(self.fileno(), size)
        except BlockingIOError:
            return b""
        except OSError:  # on Windows an ended pipe is an error
            block = b""
        self.ended = not block
        return block

    def close(self) -> None:
        """Close this end."""
        self.ended = True
        self._stream.close()


class PipeWriter:
    """The writing end of a pipe, with what still has to go through it. stream: raw."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._parts: deque[memoryview] = deque()
        self._last = False
        _prepare(stream)

    def fileno(self) -> int:
        """For `wait_for`."""
        return self._stream.fileno()

    @property
    def pending(self) -> bool:
        """Whether something has still to be written."""
        return bool(self._parts)

    def put(self, parts: Iterable[bytes | memoryview], *, last: bool = False) -> None:
        """Queue bytes; they must not change any more. last: the pipe is closed after them."""
        if not self._stream.closed:
            self._parts.extend(memoryview(part) for part in parts if len(part))
            self._last |= last

    def flush(self) -> bool:
        """Write what fits; whether anything did. A reader that has gone is no error."""
        wrote = False
        if self._parts:
            try:
                with _broken_pipe_is_no_signal():
                    while self._parts and (count := self._write(self._parts[0])):
                        rest = self._parts.popleft()[count:]
                        if rest:
                            self._parts.appendleft(rest)
                        wrote = True
            except OSError:
                self.close()
        if self._last and not self._parts:
            self.close()
        return wrote

    def close(self) -> None:
        """Close this end; what was queued is dropped."""
        self._parts.clear()
        with contextlib.suppress(OSError):
            self._stream.close()

    def _write(self, part: memoryview) -> int:
        """How many bytes of it fitted."""
        size = min(len(part), _BLOCK)
        while size:
            try:
                if count := os.write(self.fileno(), part[:size]):
                    return count
            except OSError as error:
                if error.errno not in _FULL:
                    raise
            if sys.platform != "win32":
                return 0
            size //= 2  # Windows takes all or nothing
        return 0


def wait_for(readers: Iterable[PipeReader], writer: PipeWriter, seconds: float) -> None:
    """Wait until a reader can read or the writer can write what is pending, `seconds` at most."""
    if sys.platform == "win32":  # it has nothing to wait for a pipe with
        time.sleep(min(seconds, 0.001))
        return
    poll = select.poll()
    for reader in readers:
        if not reader.ended:
            poll.register(reader, select.POLLIN)
    if writer.pending:
        poll.register(writer, select.POLLOUT)
    poll.poll(seconds * 1000)


def _prepare(stream: BinaryIO) -> None:
    """Reading and writing shall not wait; much shall fit in between."""
    if sys.platform != "win32":
        os.set_blocking(stream.fileno(), False)
        with contextlib.suppress(OSError, AttributeError):  # Linux alone
            fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_SIZE)
    elif stream.writable():
        no_wait = 1  # PIPE_NOWAIT
        handle = msvcrt.get_osfhandle(stream.fileno())
        _winapi.SetNamedPipeHandleState(handle, no_wait, None, None)


@contextlib.contextmanager
def _broken_pipe_is_no_signal() -> Iterator[None]:
    """Within, a write to nobody is an OSError and nothing else.

    Blender 4.3 leaves SIGPIPE at its default: a write to a worker that has just died would end
    Blender. Held back for this thread and taken away, it is no signal any more.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGPIPE})
    try:
        yield
    finally:
        if signal.SIGPIPE not in before:
            if signal.SIGPIPE in signal.sigpending():
                signal.sigwait({signal.SIGPIPE})
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
