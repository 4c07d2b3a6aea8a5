"""`./bozzetto check-meshes`: proves delivered meshes with other people's tools.

Generates pictures by both engines in Blender, reshapes each to every topology and face budget,
measures each result there, exports it, and lets trimesh, MeshLab, Manifold, Khronos' glTF validator
and PrusaSlicer judge the files. Standard library only.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

from ..build import build_extension
from ..environments import MAIN, ROOT, SetupError, clean_environment, ensure, say
from .judging import Bench, judge_files
from .plan import (
    BUDGETS,
    ENGINES,
    TOPOLOGIES,
    Key,
    fingerprint,
    name_pictures,
    plan_keys,
    sample_keys,
)
from .report import write_report
from .results import Folder, join_verdicts
from .supervise import make_results
from .validators.gltf import GltfValidator
from .validators.libraries import Libraries
from .validators.slicer import Slicer, Slicing
from .validators.tool import Validator

SLICED = 24
"""G-code is made of so many results at most: it takes seconds to minutes each."""
QUICK = {"limit": 1, "engines": ["pixel"], "budgets": [1_000, 5_000]}
"""Two pictures by one engine: 14 results."""


def run(arguments: list[str]) -> int:
    """The command; 1 when a rule is broken or a validator is blind, 2 when nothing was made."""
    options = parse_options(arguments)
    folder = Folder(options.out.resolve())
    ensure(MAIN)
    chosen = choose_pictures(options)
    pictures = name_pictures([Path(path) for path in chosen["paths"]])
    if not pictures:
        raise SetupError("There are no pictures: name some with --pictures.")
    extension = keep_extension(folder, options.extension)
    mark = fingerprint(extension, list_sources())
    keys = plan_keys(list(pictures), options.engines, options.topologies, options.budgets)
    if options.sample:
        keys = sample_keys(keys, options.sample)
    made = folder.read_made(mark)
    say(f"{len(keys)} results of {len(pictures)} pictures; {len(made.keys() & set(keys))} are made")
    plan = folder.path / "plan.json"
    plan.write_text(
        json.dumps(
            {
                "fingerprint": mark,
                "extension": str(extension),
                "folder": str(folder.path),
                "pictures": {name: str(path) for name, path in pictures.items()},
                "keys": [key.to_dict() for key in keys if key not in made],
            }
        )
    )
    folder.write_current(None)
    make_results(plan, folder, mark)
    made = folder.read_made(mark)
    lines = [made[key] for key in keys if key in made]
    bench = judge_all(folder, lines, slice_all=options.slice_all)
    if options.turntables:
        render_turntables(folder, lines, options.turntables)
    facts = {
        "asked": len(keys),
        "pictures": {name: str(path) for name, path in pictures.items()},
        "left_out": chosen["left_out"],
        "versions": bench.versions,
        "missing": bench.missing,
        "blind": bench.blind,
        "sliced": "all" if options.slice_all else SLICED,
    }
    views = [line for line in folder.views.read() if line.get("fingerprint") == mark]
    joined = join_verdicts(lines, _current(folder, bench))
    failures, text = write_report(folder, joined, facts, views)
    print(text)
    return int(bool(failures or bench.blind)) if lines else 2


def parse_options(arguments: list[str]) -> argparse.Namespace:
    """Options of the command."""
    parser = argparse.ArgumentParser(
        prog="./bozzetto check-meshes", description=__doc__.split("\n\n")[0]
    )
    parser.add_argument("--quick", action="store_true", help="14 results of two pictures")
    parser.add_argument("--pictures", nargs="+", type=Path, default=[], help="these files instead")
    parser.add_argument("--limit", type=int, default=0, help="pictures of each source (default 4)")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=[])
    parser.add_argument("--topologies", nargs="+", choices=TOPOLOGIES, default=list(TOPOLOGIES))
    parser.add_argument("--budgets", nargs="+", type=int, default=[], help="faces")
    parser.add_argument(
        "--sample", type=int, default=0, metavar="COUNT",
        help="so many results or a few more, spread evenly, instead of all",
    )  # fmt: skip
    parser.add_argument("--slice-all", action="store_true", help="G-code of every result")
    parser.add_argument(
        "--turntables", nargs="?", type=int, const=10, default=0, metavar="COUNT",
        help="render textured results of photographs (10) and compare them with the picture",
    )  # fmt: skip
    parser.add_argument("--extension", type=Path, help="a built zip instead of a new build")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "check-meshes")
    options = parser.parse_args(arguments)
    quick = QUICK if options.quick else {}
    options.limit = options.limit or quick.get("limit", 4)
    options.engines = options.engines or quick.get("engines", list(ENGINES))
    options.budgets = options.budgets or quick.get("budgets", list(BUDGETS))
    if min(options.budgets) < 4:
        parser.error("a budget is 4 faces or more")
    return options


def choose_pictures(options: argparse.Namespace) -> dict[str, Any]:
    """{"paths": [...], "left_out": [...]}. Raises SetupError when a named picture is missing."""
    if options.pictures:
        missing = [str(path) for path in options.pictures if not path.is_file()]
        if missing:
            raise SetupError(f"There is no file {', '.join(missing)}.")
        return {"paths": [str(path.resolve()) for path in options.pictures], "left_out": []}
    limit = max(options.limit, options.turntables)
    command = [str(MAIN.python), "-m", "bozzetto.tools.check_meshes.pictures"]
    command += ["--limit", str(limit)]
    if options.quick:
        command += ["--sources", "examples", "photographs"]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=clean_environment())
    if answer.returncode:
        raise SetupError("The pictures cannot be gathered: see above.")
    found = json.loads(answer.stdout.splitlines()[-1])
    for text in found["left_out"]:
        say(f"left out: {text}")
    # turntables want more photographs than the rest
    paths = []
    for source, several in found["pictures"].items():
        count = limit if source == "photographs" else options.limit
        paths += several[:count]
    return {"paths": paths, "left_out": found["left_out"]}


def keep_extension(folder: Folder, given: Path | None) -> Path:
    """The zip that is checked, copied into the run's folder: `dist/` may change meanwhile."""
    source = given or build_extension()
    folder.path.mkdir(parents=True, exist_ok=True)
    target = folder.path / "extension.zip"
    if source.resolve() != target:
        shutil.copyfile(source, target)
    return target


def list_sources() -> list[Path]:
    """Files that decide what a line of results says, beside the extension."""
    here = Path(__file__).resolve().parent
    names = ("make_results.py", "baseline.py", "glb.py", "round_trip.py")
    return [here / name for name in names] + sorted((here / "measure").glob("*.py"))


def judge_all(folder: Folder, lines: list[dict[str, Any]], *, slice_all: bool) -> Bench:
    """Verdicts of every validator; G-code of a sample."""
    validators: list[Validator] = [Libraries("stl"), Libraries("glb"), GltfValidator(), Slicer()]
    bench = judge_files(validators, folder, lines)
    sliced = judge_files([Slicing()], folder, lines if slice_all else choose_sliced(lines))
    bench.versions |= sliced.versions
    bench.missing |= sliced.missing
    bench.blind += sliced.blind
    return bench


def choose_sliced(lines: list[dict[str, Any]], count: int = SLICED) -> list[dict[str, Any]]:
    """At most `count` lines, the same for the same lines: topologies and budgets take turns."""
    groups: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for line in lines:
        if line.get("files"):
            key = Key.from_dict(line["key"])
            groups.setdefault((key.topology, key.budget), []).append(line)
    draw = random.Random(0)
    for group in groups.values():
        draw.shuffle(group)
    turns = max((len(group) for group in groups.values()), default=0)
    ordered = [g[turn] for turn in range(turns) for g in groups.values() if turn < len(g)]
    return ordered[:count]


def render_turntables(folder: Folder, lines: list[dict[str, Any]], count: int) -> None:
    """Contact sheet of textured results, and figures of the front view; see `turntables`."""
    command = [str(MAIN.python), "-m", "bozzetto.tools.check_meshes.turntables"]
    command += [str(folder.path), "--count", str(count)]
    if subprocess.run(command, env=clean_environment()).returncode:
        say("the turntables failed: see above")


def _current(folder: Folder, bench: Bench) -> dict[tuple[str, str], dict[str, Any]]:
    """Verdicts of the validators' present versions alone."""
    wanted = {f"{name} {version}" for name, version in bench.versions.items()}
    return {key: facts for key, facts in folder.read_verdicts().items() if key[0] in wanted}
