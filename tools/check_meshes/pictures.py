"""The pictures that results are made from, as JSON on the output.

Needs the main environment, without bpy. Sources: the project's own examples, photographs that
nothing was trained on, and renders of held-out objects where the data pack is there.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..environments import ROOT

SOURCES = ("examples", "photographs", "heldout")
PHOTOGRAPHS = tuple(
    """vehicles/auto/sedan animals/mammals/elephant household/dishes/teapot
    vehicles/masstransit/green_korean_bus animals/birds/owl household/dishes/mug
    animals/mammals/equines/horse vehicles/wheel_tractor animals/mammals/dogs/dog
    hobbies/music/string/violin""".split()  # noqa: SIM905
)
"""Of Debian's tuxpaint-stamps-default, cut out, of different kinds; nothing was trained on them."""


def list_examples() -> list[Path]:
    """The project's own pictures."""
    return sorted((ROOT / "docs" / "examples").glob("*.png"))


def list_photographs(data: Path) -> list[Path]:
    """Cut-out photographs; the package is fetched if need be. Raises PackageError."""
    from ...evaluation.views.clutter import ensure_photographs

    folder = ensure_photographs(data)
    return [folder / f"{name}.png" for name in PHOTOGRAPHS]


def list_heldout(data: Path, count: int) -> list[Path]:
    """One rendered view each of test objects of the data pack, rendered where it is missing.

    Raises FileNotFoundError without a pack, LookupError where it does not fit the sources.
    """
    from ...evaluation.objects import choose_objects, digest_mesh, find_entries, load_mesh
    from ...evaluation.views.render import plan_pictures, render_missing

    path = data / "packs" / "shapes" / "index.json"
    if not path.is_file():
        raise FileNotFoundError(f"there is no data pack: {path} (./bozzetto data makes it)")
    index = json.loads(path.read_text())
    objects = [item for item in choose_objects(index, "test", count) if not item.generated][:count]
    entries = find_entries(objects, data)
    cache, work = data / "evaluation", []
    for item in objects:
        mesh = load_mesh(entries[item.id], data)
        work.append((mesh, plan_pictures(item.id, mesh, digest_mesh(item.id, mesh), 1, cache)))
    render_missing(work, threads=1)
    return [picture.path for _, pictures in work for picture in pictures]


def gather(sources: list[str], limit: int, data: Path) -> dict[str, Any]:
    """{"pictures": {source: paths}, "left_out": [why a source has none]}; at most `limit` each."""
    found: dict[str, list[str]] = {}
    left_out = []
    for source in sources:
        try:
            if source == "examples":
                paths = list_examples()
            elif source == "photographs":
                paths = list_photographs(data)
            else:
                paths = list_heldout(data, limit)
        except (OSError, LookupError, RuntimeError) as error:
            left_out.append(f"{source}: {type(error).__name__}: {error}")
            continue
        found[source] = [str(path) for path in paths[:limit]]
    return {"pictures": found, "left_out": left_out}


def main(arguments: list[str] | None = None) -> int:
    """Print the set as JSON, the last line of the output."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sources", nargs="+", choices=SOURCES, default=list(SOURCES))
    parser.add_argument("--limit", type=int, default=4, help="pictures of each source")
    parser.add_argument("--data", type=Path, default=ROOT / ".data")
    options = parser.parse_args(arguments)
    print(json.dumps(gather(options.sources, options.limit, options.data)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
