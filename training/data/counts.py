"""How many distinct shapes there are: groups, not files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from .classes import CLASSES
from .splits import SPLITS


class Counted(Protocol):
    """What counting needs of an object (see `pack.PackRow`)."""

    kind: str
    source: str
    generated: bool
    split: str
    group: int
    variant_of: str | None


def count_groups(rows: Sequence[Counted]) -> dict:
    """Distinct shapes: every group counts once, as its first member; variants do not count.

    Returns counts by class (real, generated, splits of the real ones, train variants), by source,
    and the totals.
    """
    leaders: dict[int, Counted] = {}
    for row in rows:
        if row.variant_of is None:
            leaders.setdefault(row.group, row)
    distinct = list(leaders.values())
    variants = Counter(row.kind for row in rows if row.variant_of is not None)
    by_class = {}
    for kind in CLASSES:
        members = [row for row in distinct if row.kind == kind]
        if members:
            real = [row for row in members if not row.generated]
            splits = Counter(row.split for row in real)
            by_class[kind] = {
                "real": len(real),
                "generated": len(members) - len(real),
                **{split: splits[split] for split in SPLITS},
                "variants": variants[kind],
            }
    generated = sum(row.generated for row in distinct)
    return {
        "distinct": len(distinct),
        "generated": generated,
        "real": len(distinct) - generated,
        "originals": sum(row.variant_of is None for row in rows),
        "classes": by_class,
        "sources": dict(sorted(Counter(row.source for row in distinct).items())),
    }


def format_counts(rows: Sequence[Counted]) -> str:
    """The counts as a Markdown table and a line of totals."""
    counts = count_groups(rows)
    names = ("real", *SPLITS, "generated", "variants")
    lines = [f"| class | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for kind, found in counts["classes"].items():
        lines.append(f"| {kind} | {' | '.join(str(found[name]) for name in names)} |")
    sources = ", ".join(f"{name} {count}" for name, count in counts["sources"].items())
    lines.append(
        f"\n{counts['distinct']} distinct shapes ({counts['real']} real, {counts['generated']} "
        f"generated) of {counts['originals']} originals; by source: {sources}"
    )
    return "\n".join(lines)
