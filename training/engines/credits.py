"""The list of everyone whose models the weights were trained on, kept from run to run."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

from ..shared.pack import Pack

HEAD = """\
Objects that the bundled weights were trained on, by package, licence and author. None of
them is distributed here. Of generators only the number of shapes is given.
"""
_MADE = " generated shapes"
Key = tuple[str, str, str]
"""Package, licence, author."""


def write_attribution(path: Path, pack: Pack, *, keep: bool = True) -> None:
    """Sources and authors of the pack's training objects, by licence, with the objects' names.

    keep: also what the file at `path` lists, because weights that are trained on remember what
    earlier packs held. Of generated shapes the larger number is kept: they are the same seeds.
    """
    names, made = read_attribution(path) if keep else ({}, {})
    groups: dict[Key, set[str]] = defaultdict(set, {key: set(n) for key, n in names.items()})
    counts: Counter[Key] = Counter()
    for row in pack.rows["train_original"]:
        item = pack.objects[row]
        key = (item["package"], item["licence"], item.get("author") or "author not named")
        if item.get("generated"):
            counts[key] += 1
            groups[key]  # is listed, without names
        else:
            groups[key].add(item["name"])
    lines = [HEAD]
    for key in sorted(groups):
        lines.append(" | ".join(key))
        if number := max(counts[key], made.get(key, 0)):
            lines.append(f"    {number}{_MADE}")
        lines += [f"    {name}" for name in sorted(groups[key])]
        lines.append("")
    path.write_text("\n".join(lines), encoding="utf-8")


def read_attribution(path: Path) -> tuple[dict[Key, list[str]], dict[Key, int]]:
    """Objects' names and numbers of generated shapes that a file of `write_attribution` lists;
    empty without a file. Raises ValueError for a file of another form."""
    names: dict[Key, list[str]] = {}
    made: dict[Key, int] = {}
    if not path.exists():
        return names, made
    text = path.read_text(encoding="utf-8")
    if not text.startswith(HEAD):
        raise ValueError(f"{path} is no list of attributions")
    key: Key | None = None
    for line in filter(None, text[len(HEAD) :].split("\n")):
        if not line.startswith("    "):
            package, licence, author = line.split(" | ", 2)
            key = (package, licence, author)
            names[key] = []
        elif key is None:
            raise ValueError(f"{path} names an object before its package")
        elif line.endswith(_MADE):
            made[key] = int(line[4 : -len(_MADE)])
        else:
            names[key].append(line[4:])
    return names, made
