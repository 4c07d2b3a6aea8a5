"""`./bozzetto evaluate`: how well engines reconstruct held-out objects, against baselines.

The validation split is for choosing; `--split test` is run once for a published card, and every
such run is noted in .data/evaluation/test_runs.jsonl.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ..inference.settings import BUNDLED_ENGINES
from ..training.data.formats.mesh import Mesh, make_mesh
from .baselines.grids import Pack, open_pack
from .baselines.predict import BASELINES, Baselines
from .engines import EngineRunner, cut_picture, matting_iou
from .judging import Case, Task, judge_object
from .metrics.shape import Shape
from .objects import (
    MAX_OBJECTS,
    JudgedObject,
    choose_objects,
    digest_mesh,
    find_entries,
    load_mesh,
)
from .report.record import describe_code, log_test_run, write_results
from .report.sheet import Tile, choose_rows, save_sheet
from .report.table import of_method, write_table
from .truth import shape_of_coverage, true_coverage
from .views.clutter import compose, ensure_photographs
from .views.render import Picture, plan_pictures, render_missing

DATA = Path(__file__).resolve().parents[1] / ".data"
PLAIN, CLUTTERED = "transparent", "cluttered"
STALE = 0.97
"""With less of the true solid in the pack's, they are not the same object any more."""


@dataclass(frozen=True)
class Prepared:
    """An object with its mesh, the mesh's digest and its pictures."""

    item: JudgedObject
    mesh: Mesh
    digest: str
    pictures: list[Picture]


def parse_options(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bozzetto evaluate", description=__doc__)
    parser.add_argument("--split", choices=("validation", "test"), default="validation")
    parser.add_argument("--pack", default="shapes", help="name of the pack under DATA/packs")
    parser.add_argument(
        "--engines", default=",".join(BUNDLED_ENGINES), help="comma-separated; or none"
    )
    parser.add_argument("--limit", type=int, default=MAX_OBJECTS, help="objects, at most 200")
    parser.add_argument("--views", type=int, default=3, help="pictures of each object")
    parser.add_argument("--pictures", default=f"{PLAIN},{CLUTTERED}", help="sets, comma-separated")
    parser.add_argument(
        "--retrieval",
        choices=("all", "originals"),
        default="all",
        help="renders that retrieval searches: with deformed variants (the baseline at full "
        "strength) or without (quicker)",
    )
    parser.add_argument("--processes", type=int, default=2, help="that measure")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, help="folder for the results")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Command line entry; returns the exit code."""
    options = parse_options(argv)
    clock = Clock()
    cache = options.data / "evaluation"
    pack = open_pack(options.data / "packs" / options.pack)
    names = [name for name in options.engines.split(",") if name and name != "none"]
    runners = [EngineRunner(name, cache) for name in names]
    started = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    folder = options.out or cache / "runs" / f"{started}-{options.split}-{options.pack}"
    facts: dict[str, Any] = {
        "split": options.split,
        "pack": options.pack,
        "engines": {runner.name: runner.weights_hash for runner in runners},
        "views": options.views,
        "limit": options.limit,
        "retrieval": options.retrieval,
        "code": describe_code(),
    }
    if options.split == "test":
        for run in log_test_run(cache, facts):
            print(f"note: these weights met this test split before, at {run['time']}", flush=True)
    prepared = prepare(pack, options, cache)
    clock.lap(f"{len(prepared)} objects, pictures rendered")
    baselines = Baselines(pack, cache, variants=options.retrieval == "all")
    clock.lap("baselines")
    sets = options.pictures.split(",")
    stamps = ensure_photographs(options.data) if CLUTTERED in sets else None
    rows: list[dict[str, Any]] = []
    tasks = make_tasks(prepared, pack, runners, baselines, sets, stamps, cache)
    for count, found in enumerate(judge_all(tasks, options.processes), 1):
        rows += found
        if count % 10 == 0:
            print(f"  {count}/{len(prepared)} objects, {clock.passed:.0f} s", flush=True)
    clock.lap("predictions and metrics")
    facts |= {"baselines": baselines.choices, "seconds": clock.laps}
    path = write_results(folder, facts, rows)
    table = write_table(rows, names, BASELINES)
    (folder / "table.md").write_text(table, encoding="utf-8")
    print(table, flush=True)
    for runner in runners:
        save_engine_sheet(rows, runner, prepared, cache, folder)
    clock.lap("sheets")
    warn_of_stale(rows)
    print(f"{path.parent}: results.json, table.md and sheets; {clock.passed:.0f} s", flush=True)
    return 0


class Clock:
    """Prints and keeps how long every phase took."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._start = self._last = time.monotonic()

    @property
    def passed(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._start

    def lap(self, title: str) -> None:
        """End a phase."""
        now = time.monotonic()
        self.laps[title] = round(now - self._last, 1)
        print(f"{title}: {now - self._last:.0f} s", flush=True)
        self._last = now


def prepare(pack: Pack, options: argparse.Namespace, cache: Path) -> list[Prepared]:
    """Choose the objects, load their meshes, render what is missing."""
    chosen = choose_objects(pack.index, options.split, options.limit)
    entries = find_entries(chosen, options.data)
    prepared = []
    for item in chosen:
        mesh = load_mesh(entries[item.id], options.data)
        digest = digest_mesh(item.id, mesh)
        pictures = plan_pictures(item.id, mesh, digest, options.views, cache)
        prepared.append(Prepared(item, mesh, digest, pictures))
    missing = sum(not p.path.exists() for one in prepared for p in one.pictures)
    print(f"{len(prepared)} objects, {missing} pictures to render", flush=True)
    render_missing((one.mesh, one.pictures) for one in prepared)
    return prepared


def make_tasks(
    prepared: list[Prepared],
    pack: Pack,
    runners: list[EngineRunner],
    baselines: Baselines,
    sets: list[str],
    stamps: Path | None,
    cache: Path,
) -> Iterator[Task]:
    """Run engines and baselines on every picture, object by object."""
    for one in prepared:
        cases: list[Case] = []
        for picture in one.pictures:
            alpha = np.asarray(Image.open(picture.path).convert("RGBA"))[..., 3] / 255.0
            for pictures in sets:
                path = picture.path
                if pictures == CLUTTERED:
                    assert stamps is not None
                    path = compose(picture.path, picture.seed, stamps, cache)
                cases += make_cases(one, picture, path, pictures, alpha, runners, baselines)
        yield Task(
            item=one.item,
            mesh=make_mesh(one.mesh.vertices, one.mesh.faces),  # the truth needs no textures
            digest=one.digest,
            packed=pack.grids(np.array([one.item.row]))[0],
            cases=tuple(cases),
            cache=cache,
        )


def make_cases(
    one: Prepared,
    picture: Picture,
    path: Path,
    pictures: str,
    alpha: np.ndarray,
    runners: list[EngineRunner],
    baselines: Baselines,
) -> list[Case]:
    """What every engine and baseline makes of one picture file."""
    cutout = cut_picture(path)
    matting = 0.0 if cutout is None else matting_iou(cutout, alpha)
    cases = []
    for runner in runners:
        made = runner.run(path, raw=picture.number == 0 and pictures == PLAIN)
        cases.append(
            Case(
                method=runner.name,
                pictures=pictures,
                number=picture.number,
                view=picture.view,
                vertices=made.vertices,
                faces=made.faces,
                raw_vertices=made.raw_vertices,
                raw_faces=made.raw_faces,
                estimate=made.estimate,
                facts={**made.facts, "matting": matting},
            )
        )
    predicted = baselines.predict(one.item.kind, None if cutout is None else cutout.rgba)
    for name, (shape, estimate, facts) in predicted.items():
        vertices, faces = arrays_of(shape)
        cases.append(
            Case(
                method=name,
                pictures=pictures,
                number=picture.number,
                view=picture.view,
                vertices=vertices,
                faces=faces,
                estimate=estimate,
                facts=facts,
            )
        )
    return cases


def arrays_of(shape: Shape | None) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Vertices float32 and faces int32, which travel between processes."""
    if shape is None:
        return None, None
    return shape.mesh.vertices.astype(np.float32), shape.mesh.faces


def judge_all(tasks: Iterator[Task], processes: int) -> Iterator[list[dict[str, Any]]]:
    """Rows of every task in order, measured in processes while the next ones are predicted."""
    if processes < 1:
        yield from map(judge_object, tasks)
        return
    # spawned: torch's threads do not survive a fork
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting = []
        for task in tasks:
            waiting.append(pool.submit(judge_object, task))
            while len(waiting) > 2 * processes:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()


def save_engine_sheet(
    rows: list[dict[str, Any]],
    runner: EngineRunner,
    prepared: list[Prepared],
    cache: Path,
    folder: Path,
) -> None:
    """Best, middling and worst of an engine on the transparent pictures."""
    own = [row for row in of_method(rows, runner.name) if row["pictures"] == PLAIN]
    if not own:
        return
    by_id = {one.item.id: one for one in prepared}

    def tile(row: dict[str, Any]) -> Tile:
        one = by_id[row["id"]]
        picture = one.pictures[row["picture"]]
        made = runner.run(picture.path)
        found = made.vertices is not None and made.faces is not None
        prediction = Shape(made.vertices, made.faces) if found else None
        truth = shape_of_coverage(true_coverage(row["id"], one.mesh, one.digest, cache))
        return Tile(row, picture.path, picture.view, truth, prediction)

    chosen = choose_rows(own)
    tiles = {name: [tile(row) for row in column] for name, column in chosen.items()}
    save_sheet(tiles, folder / f"sheet-{runner.name}.png")


def warn_of_stale(rows: list[dict[str, Any]]) -> None:
    """Say which objects the pack holds otherwise than their source gives them now."""
    stale = sorted({row["id"] for row in rows if row["pack_agreement"] < STALE})
    if stale:
        print(
            f"note: {len(stale)} objects differ from the pack's solids: the pack is older than its "
            f"sources, as for {', '.join(stale[:3])}",
            flush=True,
        )


if __name__ == "__main__":
    raise SystemExit(main())
