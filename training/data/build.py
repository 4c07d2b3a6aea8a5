"""Build the training data: packages in, one memory-mappable pack out.

Run as `python -m bozzetto.training.data.build`. Resumable; every stage skips what is done.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from .catalogue import VEHICLE_CLASSES, CatalogueEntry, list_catalogue
from .jobs import VIEWS_ORIGINAL, VIEWS_VARIANT, Job, is_done, result_path, run_job, variant_id
from .pack import PackRow, write_pack
from .packages import fetch_packages
from .sheets import save_pack_sheets
from .splits import assign_splits, object_hash, same_shape_groups

DATA_FOLDER = Path(__file__).resolve().parents[2] / ".data"
VARIANTS = 4


def main(argv: list[str] | None = None) -> int:
    """Command line entry; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bozzetto data", description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA_FOLDER, help="where everything is kept")
    parser.add_argument("--pack", default="imnet", help="name of the pack under DATA/packs")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--views", type=int, default=VIEWS_ORIGINAL)
    parser.add_argument("--variant-views", type=int, default=VIEWS_VARIANT)
    parser.add_argument("--variants", type=int, default=VARIANTS, help="deformed ones per object")
    parser.add_argument(
        "--pack-only", action="store_true", help="build nothing, pack what is there"
    )
    parser.add_argument("--sheets", action="store_true", help="draw DATA/sheets of the pack too")
    options = parser.parse_args(argv)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    build(options)
    return 0


def build(options: argparse.Namespace) -> None:
    """All stages: packages, shapes, groups and splits, views, variants, pack."""
    unpacked = fetch_packages(options.data)
    folder = options.data / "objects"
    entries = list_catalogue(unpacked)
    print(f"{len(entries)} objects selected", flush=True)
    if not options.pack_only:
        run_jobs("shapes", [Job("shape", entry, folder) for entry in entries], options.processes)
    rows = decide_rows(entries, folder)
    by_id = {entry.id: entry for entry in entries}
    train = order_for_variants([row for row in rows if row.split == "train"])
    numbers = range(options.variants)
    if not options.pack_only:
        views = [Job("views", by_id[row.id], folder, views=options.views) for row in rows]
        run_jobs("views", views, options.processes)
        for pair in (numbers[i : i + 2] for i in range(0, len(numbers), 2)):
            jobs = [
                Job("variants", by_id[name], folder, tuple(pair), options.variant_views)
                for name in train
            ]
            run_jobs(f"variants {pair[0]}-{pair[-1]}", jobs, options.processes)
    rows = [row for row in rows if result_path(folder, row.id, "views").exists()]
    rows += list(variant_rows(rows, folder, numbers))
    pack = options.data / "packs" / options.pack
    write_pack(rows, folder, pack)
    if options.sheets:
        save_pack_sheets(pack, options.data / "sheets")


def order_for_variants(rows: list[PackRow]) -> list[str]:
    """Ids of the rows, rarest classes first, so that they have variants if a build is stopped."""
    counts = Counter(row.kind for row in rows)
    rows = sorted(rows, key=lambda row: (counts[row.kind], object_hash(row.package, row.name)))
    return [row.id for row in rows]


def run_jobs(title: str, jobs: list[Job], processes: int) -> None:
    """Run the jobs that are not done yet in worker processes, with progress on the console."""
    todo = [job for job in jobs if not is_done(job)]
    print(f"{title}: {len(todo)} to do, {len(jobs) - len(todo)} done before", flush=True)
    start = time.monotonic()
    if not todo:
        return
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with context.Pool(processes, maxtasksperchild=200) as pool:
        for count, problem in enumerate(pool.imap_unordered(run_job, todo), 1):
            if problem is not None:
                print(f"  left out: {problem}", flush=True)
            if count % 25 == 0 or count == len(todo):
                passed = time.monotonic() - start
                left = passed / count * (len(todo) - count)
                print(f"  {count}/{len(todo)}  {passed:.0f} s, {left:.0f} s left", flush=True)


def decide_rows(entries: list[CatalogueEntry], folder: Path) -> list[PackRow]:
    """The originals that go into a pack, with their groups and splits.

    Cars and airplanes whose solids are alike are liveries or levels of detail of one body: only
    one of them stays. Other objects that are alike stay and share a group, hence a split.
    """
    kept, metas, packed = [], [], []
    for entry in entries:
        path = result_path(folder, entry.id, "shape")
        if not path.exists():
            continue
        with np.load(path) as shape:
            if "error" in shape:
                continue
            kept.append(entry)
            metas.append(json.loads(str(shape["meta"])))
            packed.append(shape["occupancy"])
    order = _without_duplicates(kept, metas, same_shape_groups(np.stack(packed)))
    print(f"{len(kept)} usable, {len(kept) - len(order)} liveries or copies dropped", flush=True)
    entries, metas = [kept[i] for i in order], [metas[i] for i in order]
    kinds = [entry.kind for entry in entries]
    groups = same_shape_groups(np.stack([packed[i] for i in order]), kinds)
    hashes = [object_hash(entry.source.package, entry.source.name) for entry in entries]
    splits = assign_splits(hashes, kinds, groups)
    return [
        PackRow(
            id=entry.id,
            package=entry.source.package,
            name=entry.source.name,
            label=entry.source.label,
            kind=entry.kind,
            licence=entry.source.licence,
            author=entry.source.author,
            split=split,
            group=int(group),
            variant_of=None,
            size_m=meta["size_m"],
        )
        for entry, meta, split, group in zip(entries, metas, splits, groups, strict=True)
    ]


def _without_duplicates(
    entries: list[CatalogueEntry], metas: list[dict], groups: np.ndarray
) -> list[int]:
    """Numbers of the entries to keep; of a group of vehicles the textured one with most faces."""
    keep = []
    for group in np.unique(groups):
        members = np.nonzero(groups == group)[0].tolist()
        vehicles = [i for i in members if entries[i].kind in VEHICLE_CLASSES]
        keep += [i for i in members if i not in vehicles]
        if vehicles:
            keep.append(max(vehicles, key=lambda i: (metas[i]["textured"], metas[i]["faces"], -i)))
    return sorted(keep)


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
                factors = json.loads(str(shape["meta"]))["factors"]
            size = row.size_m and [s * f for s, f in zip(row.size_m, factors, strict=True)]
            yield row.variant(name, size)


if __name__ == "__main__":
    sys.exit(main())
