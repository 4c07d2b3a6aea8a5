"""Less of the processor for this process than for the artist's programs."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

AUTOGROUP = Path("/proc/self/autogroup")


def lower_priority(niceness: int) -> None:
    """Be that much nicer (POSIX; on Windows whoever starts a process chooses its priority).

    A session of its own, which a child is given so that a console's Ctrl-C passes it by, is a group
    of its own to Linux' scheduler ("autogroup", man 7 sched). Groups share the processor evenly,
    and niceness counts within a group only, so the group is made nicer as well.
    """
    if not hasattr(os, "nice"):
        return
    os.nice(niceness)
    if sys.platform == "linux" and os.getsid(0) == os.getpid():  # else it is somebody else's group
        with contextlib.suppress(OSError):  # not every kernel has it
            AUTOGROUP.write_text(str(niceness))
