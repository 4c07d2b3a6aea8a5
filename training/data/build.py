"""Build the training data: packages and generators in, one memory-mappable pack out.

Run as `./bozzetto data`. Resumable; every stage skips what is done.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from .classes import CLASSES
from .jobs import VIEWS_ORIGINAL, Job, is_done, result_path, run_job, variant_id
from .pack import PackRow, write_pack
from .packages import fetch_packages
from .rows import decide_rows
from .sheets import save_pack_sheets
from .sources.entry import REGISTRY, Entry, list_all, open_source
from .splits import object_hash
from .workers import work_through

DATA_FOLDER = Path(__file__).resolve().parents[2] / ".data"
VARIANTS = 3
KEPT_OPEN = 2 << 30  # bytes of disk that the build leaves free


def main(argv: list[str] | None = None) -> int:
    """Command line entry; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bozzetto data", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="where everything is kept")
    parser.add_argument("--pack", default="shapes", help="name of the pack under DATA/packs")
    parser.add_argument(
        "--sources", nargs="+", choices=REGISTRY, default=list(REGISTRY), metavar="SOURCE",
        help=f"only these: {', '.join(REGISTRY)}",
    )  # fmt: skip
    parser.add_argument(
        "--kinds", nargs="+", choices=CLASSES, default=list(CLASSES), metavar="CLASS",
        help="build objects of these classes only (the pack takes all that were built)",
    )  # fmt: skip
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--views", type=int, default=VIEWS_ORIGINAL)
    parser.add_argument("--variants", type=int, default=VARIANTS, help="deformed ones per object")
    parser.add_argument(
        "--stage", choices=("all", "sources", "objects", "variants", "pack", "fine"), default="all",
        help="only this stage, from what the stages before it left",
    )  # fmt: skip
    parser.add_argument("--sheets", action="store_true", help="draw DATA/sheets of the pack too")
    options = parser.parse_args(argv)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    build(options)
    return 0


def build(options: argparse.Namespace) -> None:
    """All stages: packages and generators, solids and views, groups and splits, variants, pack."""
    folder = options.data / "objects"
    stage = options.stage
    if stage in ("all", "sources"):
        prepare_sources(options.data, options.sources)
    if stage == "sources":
        return
    entries = list_all(options.data, options.sources)
    print(f"{len(entries)} objects listed", flush=True)
    if stage in ("all", "objects"):
        ordered = [one for one in order_for_objects(entries) if one.kind in options.kinds]
        jobs = [Job(entry, options.data, folder, views=options.views) for entry in ordered]
        run_jobs("solids and views", jobs, options.processes)
    if stage == "objects":
        return
    rows = decide_rows(entries, folder)
    by_id = {entry.id: entry for entry in entries}
    if stage in ("all", "variants"):
        for number in range(options.variants):
            jobs = [
                Job(by_id[row.id], options.data, folder, (number,))
                for row in order_for_variants(rows)
                if row.kind in options.kinds
            ]
            run_jobs(f"variants {number}", jobs, options.processes)
    if stage in ("all", "fine"):
        jobs = [
            Job(by_id[row.id], options.data, folder, fine=True)
            for row in order_for_fine(rows)
            if row.kind in options.kinds
        ]
        run_jobs("fine views", jobs, options.processes)
    if stage in ("variants", "fine"):
        return
    rows += list(variant_rows(rows, folder, range(options.variants)))
    pack = options.data / "packs" / options.pack
    write_pack(rows, folder, pack, options.processes)
    if options.sheets:
        save_pack_sheets(pack, options.data / "sheets")


def prepare_sources(data: Path, names: Iterable[str]) -> None:
    """Fetch the packages of the sources and let generators make what they need."""
    for name in names:
        source = open_source(name)
        fetch_packages(data, source.PACKAGES)
        prepare: Callable[[Path], None] | None = getattr(source, "prepare", None)
        if prepare is not None:
            prepare(data)


def order_for_objects(entries: list[Entry]) -> list[Entry]:
    """An order in which every class grows alike, so that a build that stops leaves a fair sample.

    First one entry of every body, then the second poses, and so on; within that the first of each
    class, real before generated, then the second of each.
    """
    poses: Counter[str] = Counter()
    ranks: Counter[tuple] = Counter()
    keys = {}
    for entry in sorted(entries, key=lambda one: object_hash(one.package, one.name)):
        pose = poses[entry.body]
        poses[entry.body] += 1
        place = ranks[pose, entry.kind, entry.generated]
        ranks[pose, entry.kind, entry.generated] += 1
        keys[entry.id] = (pose, place, entry.generated)
    return sorted(entries, key=lambda entry: (keys[entry.id], entry.id))


def order_for_variants(rows: list[PackRow]) -> list[PackRow]:
    """Real training objects, rarest classes first, so that they have variants if a build stops.

    Posed objects have their poses for variety, generated ones their generator.
    """
    train = [row for row in rows if row.split == "train" and not row.generated]
    counts = Counter(row.kind for row in train)
    return sorted(train, key=lambda row: (counts[row.kind], object_hash(row.package, row.name)))


def order_for_fine(rows: list[PackRow]) -> list[PackRow]:
    """Validation objects, then training objects, the first of each class, then the second of each;
    real before generated. The judge has pictures of its own."""
    ranks: Counter[tuple] = Counter()
    keys = {}
    for row in sorted(rows, key=lambda one: object_hash(one.package, one.name)):
        group = (row.split, row.kind, row.generated)
        keys[row.id] = (row.split == "train", ranks[group], row.generated, row.id)
        ranks[group] += 1
    return sorted((row for row in rows if row.split != "test"), key=lambda row: keys[row.id])


def run_jobs(title: str, jobs: list[Job], processes: int) -> None:
    """Run the jobs that are not done yet in worker processes, with progress on the console."""
    todo = [job for job in jobs if not is_done(job)]
    print(f"{title}: {len(todo)} to do, {len(jobs) - len(todo)} done before", flush=True)
    start = time.monotonic()
    if not todo:
        return
    problems = work_through(run_job, todo, processes, is_done=is_done, lost=describe_lost)
    for count, problem in enumerate(problems, 1):
        if problem is not None:
            print(f"  left out: {problem}", flush=True)
        if count % 50 == 0 or count == len(todo):
            passed = time.monotonic() - start
            left = passed / count * (len(todo) - count)
            print(f"  {count}/{len(todo)}  {passed:.0f} s, {left:.0f} s left", flush=True)
            if shutil.disk_usage(todo[0].data).free < KEPT_OPEN:
                raise OSError(f"less than 2 GB of disk are left at {todo[0].data}")


def describe_lost(job: Job) -> str:
    """Why a job that ends its process is left out."""
    return f"{job.entry.id}: its process ended or hung, twice; the next build tries it again"


def variant_rows(rows: list[PackRow], folder: Path, numbers: Iterable[int]) -> Iterable[PackRow]:
    """Rows of the variants that are there, of training objects only."""
    for row in rows:
        if row.split != "train":
            continue
        for number in numbers:
            name = variant_id(row.id, number)
            if not result_path(folder, name, "views").exists():
                continue
            with np.load(result_path(folder, name, "shape")) as shape:
                yield row.variant(name, json.loads(str(shape["meta"]))["size_m"])


if __name__ == "__main__":
    sys.exit(main())
