"""How much memory the worker process may take: a limit that the artist sets, kept where it can be.

Linux's kernel keeps it (RLIMIT_DATA counts what a process may write to; RLIMIT_AS would count what
torch only reserves, gigabytes of it). Where the kernel does not, a generation that is known to need
more is refused before it begins. Neither counts a graphics card's own memory.

Module state on purpose: a process has one limit. Standard library only.
"""

from __future__ import annotations

import sys
from pathlib import Path

from .errors import OutOfMemoryError

BASELINE = 300 << 20
"""Bytes that a worker takes before its first picture, where the system does not tell."""
_PER_SQUARE = 2_800
"""Bytes for each square of the resolution: 170 MB more at 256, 710 MB more at 512 were measured."""
_ROOM = 16 << 20
_STATUS = Path("/proc/self/status")
_limit = 0


def set_limit(limit: int) -> None:
    """From now on this process may take `limit` bytes; 0: as much as the system gives.

    Raises OutOfMemoryError when it has more already: then nothing could be done below the limit.
    """
    global _limit
    _limit = limit
    _tell_kernel(limit)
    if limit and measure() >= limit:
        raise OutOfMemoryError(
            f"The memory limit of {round(limit / 1e9, 2):g} GB is less than the network's own "
            "libraries take.",
            fix_limit(),
        )


def find_limit() -> int:
    """The limit in bytes; 0: none."""
    return _limit


def require(extra: int) -> None:
    """Before work that takes about `extra` bytes more. Raises OutOfMemoryError above the limit."""
    if _limit and (needed := measure() + extra) > _limit:
        raise OutOfMemoryError(
            f"This would take about {needed / 1e9:.1f} GB of memory, and the worker's limit is "
            f"{round(_limit / 1e9, 2):g} GB.",
            fix_limit(),
        )


def fix_limit() -> str:
    """What helps against a limit that is too low."""
    return "Lower Detail, or raise Memory Limit in the extension's preferences."


def estimate(resolution: int) -> int:
    """Bytes that sampling and cleaning a surface add, about: they grow like its area."""
    return _ROOM + _PER_SQUARE * resolution**2


def measure() -> int:
    """Bytes that count against the limit now."""
    try:
        text = _STATUS.read_text()
    except OSError:  # no Linux
        return BASELINE
    return int(text.partition("VmData:")[2].split()[0]) * 1024


def is_kept_by_system() -> bool:
    """Whether the system itself keeps the limit, to the byte."""
    return sys.platform == "linux"


def _tell_kernel(limit: int) -> None:
    if not is_kept_by_system():
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = limit or most
    if most != resource.RLIM_INFINITY:
        wanted = min(wanted, most)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, most))
