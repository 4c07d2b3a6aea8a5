"""Work in threads whose results come in the order of the work.

numpy lets other threads run while it computes, so large arrays keep two processors busy; the same
order every time makes the same result every time.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")

THREADS = max(1, min(4, (os.cpu_count() or 1) - 1))
"""One processor is left to Blender's window."""
AHEAD = 2
"""Results that may wait for their turn: each holds memory."""


def map_in_order(work: Callable[[Part], Result], parts: Iterable[Part]) -> Iterator[Result]:
    """`work` of every part, in their order; what it raises is raised where its turn is, and the
    parts behind it that were not begun are left."""
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(THREADS) as pool:
        try:
            for part in parts:
                waiting.append(pool.submit(work, part))
                if len(waiting) > THREADS + AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
