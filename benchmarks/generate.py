"""From one picture to a base mesh: time by phase, memory and stability of a warm worker.

    ./bozzetto benchmark generate [IMAGE] [--engine NAME] [--resolutions 64 128 256]
                                  [--runs 5] [--repeat N]

Times are medians of runs in one warm worker, printed as shares and as ratios to the lowest
resolution, measured side by side in this one run. --repeat N generates N times more and reports how
the worker's memory, file handles and temporary files changed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from ..inference.client import WorkerClient
from ..inference.jobs import JobQueue
from ..inference.settings import BUNDLED_ENGINES, GenerateSettings
from ..inference.types import PHASES, BaseMesh, Source

EXAMPLE = Path(__file__).resolve().parent.parent / "docs" / "examples" / "chair.png"


def main(arguments: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="./bozzetto benchmark generate", description=__doc__)
    parser.add_argument("image", nargs="?", type=Path, default=EXAMPLE)
    parser.add_argument("--engine", choices=BUNDLED_ENGINES, default=BUNDLED_ENGINES[0])
    parser.add_argument("--resolutions", type=int, nargs="+", default=[64, 128, 256])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=0)
    options = parser.parse_args(arguments)
    source = Source(path=str(options.image.absolute()))
    settings = GenerateSettings(engine=options.engine, resolution=64)
    with JobQueue(lambda: WorkerClient(Path(sys.executable))) as queue:
        started = time.perf_counter()
        queue.wait(queue.submit(source, settings))
        print(f"{options.engine}: cold start and first mesh: {time.perf_counter() - started:.2f} s")
        base = 0.0
        for resolution in options.resolutions:
            finer = settings.changed(resolution=resolution)
            base = _measure(queue, source, finer, options.runs, base)
        if options.repeat:
            _repeat(queue, source, settings, options.repeat)
        before = _resident(queue.pid)
        queue.release()
        while queue.active:
            queue.step()
            time.sleep(0.05)
        print(f"worker's memory before release {before / 1e6:.0f} MB, after: no process")


def _measure(
    queue: JobQueue, source: Source, settings: GenerateSettings, runs: int, base: float
) -> float:
    """One row of the table; the time that later rows are compared with."""
    totals, meshes = [], []
    for _ in range(runs):
        started = time.perf_counter()
        meshes.append(queue.wait(queue.submit(source, settings)))
        totals.append(time.perf_counter() - started)
    total = statistics.median(totals)
    shares = {
        phase: statistics.median(mesh.info["timings"].get(phase, 0.0) for mesh in meshes)
        for phase in PHASES
    }
    print(
        f"{settings.resolution:4}^3: {total:6.2f} s ({total / (base or total):5.2f} x), "
        + ", ".join(
            f"{name} {100 * spent / total:.0f} %" for name, spent in shares.items() if spent
        )
        + f"; {_describe(meshes[-1])}; worker's peak {meshes[-1].info['peak_memory'] / 1e6:.0f} MB"
    )
    return base or total


def _describe(mesh: BaseMesh) -> str:
    report = mesh.info["extraction"]
    ratio = report["dense_queries"] / report["queries"]
    return f"{len(mesh.faces)} faces, {report['queries']} queries ({ratio:.0f} x fewer than dense)"


def _repeat(queue: JobQueue, source: Source, settings: GenerateSettings, count: int) -> None:
    before = _state(queue.pid)
    for _ in range(count):
        queue.wait(queue.submit(source, settings))
    after = _state(queue.pid)
    changes = ", ".join(f"{name} {after[name] - before[name]:+d}" for name in before)
    print(f"after {count} more generations: {changes}")


def _state(pid: int) -> dict[str, int]:
    return {
        "worker's memory (kB)": _resident(pid) // 1000,
        "its file handles": len(os.listdir(f"/proc/{pid}/fd")),
        "temporary files": len(os.listdir(tempfile.gettempdir())),
    }


def _resident(pid: int) -> int:
    """Bytes of memory that process holds (Linux)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
