"""Work in processes of their own, which may die or hang without stopping the build."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 600.0
"""Seconds without any result; the slowest object takes two minutes beside other work."""
ITEMS_PER_PROCESS = 400  # what OpenGL drivers leak stays small


def work_through(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    processes: int,
    *,
    is_done: Callable[[Item], bool],
    lost: Callable[[Item], Result],
    patience: float = PATIENCE,
) -> Iterator[Result]:
    """What `work` makes of every item, as it comes.

    A process that is killed takes its item with it, and multiprocessing would wait for that for
    ever. Where nothing comes for `patience` seconds, new processes go on with what `is_done` does
    not know; what even they bring no result of is given up: its result is `lost` of it.

    work: a function of a module, as it is sent to the processes.

    Raises RuntimeError when new processes bring no result at all, of more items than they are.
    """
    # not forked: open archives of the sources must not share their place in the file
    context = multiprocessing.get_context("spawn")
    left, again = list(items), False
    while left:
        count = 0
        with context.Pool(processes, maxtasksperchild=ITEMS_PER_PROCESS) as pool:
            results = pool.imap_unordered(work, left)
            while True:
                try:
                    result = results.next(patience)
                except StopIteration:
                    return
                except multiprocessing.TimeoutError:
                    break
                count += 1
                yield result
        left = [item for item in left if not is_done(item)]
        if again and not count:
            if len(left) > processes:
                raise RuntimeError(f"no result in {patience:g} seconds, {len(left)} items are left")
            yield from map(lost, left)
            return
        again = True
