"""Runs a generator in a process of its own and ends it when one shape takes too long."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# Generators print other things too, sometimes without a line's end.
_REPORT = re.compile(r"shape: (start|good|bad) (\d{1,9})(?: ([^\r\n]*))?")


@dataclass(frozen=True)
class Outcome:
    """What came of one seed; `detail` is the reason of a failure or what the runner says."""

    seed: int
    good: bool
    seconds: float
    detail: str


def run_supervised(
    command: list[str], seeds: list[int], limit: float, start_limit: float, cwd: Path
) -> Iterator[Outcome]:
    """The outcome of every seed, in order, as they come.

    command: a program that takes seeds as its last arguments and prints `shape: start SEED`, then
    `shape: good SEED ...` or `shape: bad SEED REASON` for each. limit: seconds for one shape;
    start_limit: seconds until the first one starts. A program that is late or dies loses only the
    shape it was at: another is started with the seeds that are left. Raises RuntimeError when the
    program does not reach any shape.
    """
    left = list(seeds)
    while left:
        before = len(left)
        for outcome in _run_once([*command, *map(str, left)], limit, start_limit, cwd):
            left.remove(outcome.seed)
            yield outcome
        if len(left) == before:
            raise RuntimeError(f"{' '.join(command)} ended before its first shape")


def _run_once(command: list[str], limit: float, start_limit: float, cwd: Path) -> Iterator[Outcome]:
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    lines: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_pump, args=(process, lines), daemon=True).start()
    current: int | None = None
    begun = time.monotonic()
    try:
        while True:
            allowed = start_limit if current is None else limit
            try:
                line = lines.get(timeout=max(0.0, begun + allowed - time.monotonic()))
            except queue.Empty:
                if current is not None:
                    yield Outcome(current, False, allowed, f"took more than {limit:g} s")
                return
            if line is None:
                if current is not None:
                    yield Outcome(current, False, time.monotonic() - begun, "the program died")
                return
            for state, seed, detail in _REPORT.findall(line):
                if state == "start":
                    current, begun = int(seed), time.monotonic()
                elif int(seed) == current:
                    yield Outcome(current, state == "good", time.monotonic() - begun, detail)
                    current, begun = None, time.monotonic()
    finally:
        _end(process)


def _pump(process: subprocess.Popen[str], lines: queue.Queue[str | None]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if "shape:" in line:
            lines.put(line)
    lines.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    """The process and its children are gone when this returns."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
