"""Tables of a run: rules, failures by file, figures. Standard library only."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from .plan import Key
from .results import Folder
from .rules import FAILED, PASSED, RULES, TOLD, UNASKED, UNJUDGED, Outcome, judge_result

_MOST_NAMED = 40


def write_report(
    folder: Folder,
    lines: list[dict[str, Any]],
    facts: dict[str, Any],
    views: list[dict[str, Any]],
) -> tuple[int, str]:
    """Write report.json and report.md; the number of broken rules and the text of report.md.

    lines: of results, with their verdicts. facts: of the run. views: figures of front views.
    """
    judged = [(Key.from_dict(line["key"]), judge_result(line)) for line in lines]
    failures = [
        {"file": key.stem, "rule": name, "why": outcome.detail}
        for key, outcomes in judged
        for name, outcome in outcomes.items()
        if outcome.state == FAILED
    ]
    told = [
        {"file": key.stem, "rule": name, "why": outcome.detail}
        for key, outcomes in judged
        for name, outcome in outcomes.items()
        if outcome.state == TOLD
    ]
    figures = describe_figures(lines)
    counts = count_states([outcomes for _, outcomes in judged])
    sound = len(judged) - len({failure["file"] for failure in failures})
    text = "\n".join(
        [
            "# Delivered meshes, judged",
            "",
            f"{len(judged)} results of {facts['asked']} asked for, {sound} without a failure; "
            f"{len(facts['pictures'])} pictures.",
            "",
            *_list_validators(facts),
            *_table_of_rules(counts),
            *_table_of_figures(figures),
            *_table_of_baseline(lines),
            *_table_of_times(lines),
            *_table_of_views(views),
            *_list_named("Failures", failures),
            *_list_named("Not met, and told to the artist", told),
        ]
    )
    record = {
        **facts,
        "results": len(judged),
        "sound": sound,
        "rules": counts,
        "figures": figures,
        "views": views,
        "failures": failures,
        "told": told,
    }
    (folder.path / "report.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    (folder.path / "report.md").write_text(text + "\n", encoding="utf-8")
    return len(failures), text


def count_states(outcomes: Sequence[dict[str, Outcome]]) -> dict[str, dict[str, int]]:
    """How often each rule ended in each state, in the order of the rules."""
    names = ["made", *(rule.name for rule in RULES)]
    return {
        name: dict(Counter(found[name].state for found in outcomes if name in found))
        for name in names
    }


def describe_figures(lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Medians of each topology and budget, and the worst where that counts; plain types."""
    groups: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for line in lines:
        if "error" not in line:
            key = line["key"]
            groups.setdefault((key["topology"], key["budget"]), []).append(line)
    rows = []
    for (topology, budget), group in sorted(groups.items()):
        rows.append(
            {
                "topology": topology,
                "budget": budget,
                "results": len(group),
                "faces": _median(group, lambda f: f["mesh"]["faces"]),
                "seconds": statistics.median(line["seconds"] for line in group),
                "quad_share": _median(group, lambda f: f["polygons"]["quad_share"]),
                "valence_4": _median(group, lambda f: f["polygons"]["valence_4"]),
                "hausdorff": _median(group, lambda f: f["deviation"]["hausdorff"]),
                "worst_hausdorff": max(f["deviation"]["hausdorff"] for f in _facts(group)),
                "mean_distance": _median(group, lambda f: f["deviation"]["mean"]),
                "volume_change": _median(group, lambda f: abs(f["deviation"]["volume_change"])),
                "worst_volume": max(abs(f["deviation"]["volume_change"]) for f in _facts(group)),
                "silhouette_iou": _median(group, lambda f: f["deviation"]["silhouette_iou"]),
                "islands": _median(group, lambda f: f["uv"].get("islands")),
                "utilisation": _median(group, lambda f: f["uv"].get("utilisation")),
                "stretch": _median(group, lambda f: f["uv"].get("stretch")),
                "seam_share": _median(group, lambda f: f["uv"].get("seam_share")),
            }
        )
    return rows


def _facts(group: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line["facts"] for line in group]


def _median(
    group: Sequence[dict[str, Any]], read: Callable[[dict[str, Any]], float | None]
) -> float | None:
    values = [value for facts in _facts(group) if (value := read(facts)) is not None]
    return statistics.median(values) if values else None


def _list_validators(facts: dict[str, Any]) -> list[str]:
    lines = [f"- {name}: version {version}" for name, version in facts["versions"].items()]
    lines += [f"- **{name} left out**: {why}" for name, why in facts["missing"].items()]
    lines += [f"- **blind**: {text}" for text in facts["blind"]]
    lines += [f"- pictures left out: {text}" for text in facts["left_out"]]
    if facts["sliced"] != "all":
        lines.append(f"- G-code is made of a sample of at most {facts['sliced']} results")
    return [*lines, ""]


def _table_of_rules(counts: dict[str, dict[str, int]]) -> list[str]:
    texts = {rule.name: rule.text for rule in RULES} | {"made": "no error, no crash"}
    states = (PASSED, TOLD, FAILED, UNASKED, UNJUDGED)
    rows = [
        [name, texts[name], *(str(found.get(state, 0) or "") for state in states)]
        for name, found in counts.items()
    ]
    return ["## Rules", "", *_draw_table(["rule", "asked", *states], rows), ""]


def _table_of_figures(figures: list[dict[str, Any]]) -> list[str]:
    head = [
        "topology",
        "budget",
        "results",
        "faces",
        "s",
        "quads",
        "valence 4",
        "Hausdorff, voxels",
    ]
    head += ["worst", "mean", "volume", "worst", "silhouette IoU", "islands", "UV used", "stretch"]
    rows = [
        [
            row["topology"],
            f"{row['budget']:,}" if row["budget"] else "usual",
            str(row["results"]),
            _number(row["faces"], ",.0f"),
            _number(row["seconds"], ".2f"),
            _number(row["quad_share"], ".1%"),
            _number(row["valence_4"], ".1%"),
            _number(row["hausdorff"], ".2f"),
            _number(row["worst_hausdorff"], ".2f"),
            _number(row["mean_distance"], ".3f"),
            _number(row["volume_change"], ".2%"),
            _number(row["worst_volume"], ".2%"),
            _number(row["silhouette_iou"], ".3f"),
            _number(row["islands"], ".0f"),
            _number(row["utilisation"], ".0%"),
            _number(row["stretch"], ".3f"),
        ]
        for row in figures
    ]
    note = "Medians; distances to the mesh as extracted. s: to generate, or to reshape."
    return ["## Figures", "", note, "", *_draw_table(head, rows), ""]


def _table_of_baseline(lines: Sequence[dict[str, Any]]) -> list[str]:
    """Quads against QuadriFlow on the mesh as extracted."""
    pairs = [line for line in lines if "baseline" in line]
    if not pairs:
        return []
    tried = [line["baseline"] for line in pairs if not line["baseline"]["refused_scaled"]]
    refused = sum(line["baseline"]["refused"] for line in pairs)
    rows = [
        [
            "delivered",
            str(len(pairs)),
            f"{_median(pairs, lambda f: f['polygons']['quad_share']):.1%}",
            f"{_median(pairs, lambda f: f['polygons']['valence_4']):.1%}",
            f"{statistics.median(line['seconds'] for line in pairs):.1f}",
            str(sum(_count_defects(line["facts"]["mesh"]) > 0 for line in pairs)),
        ]
    ]
    if tried:
        rows.append(
            [
                "QuadriFlow on the raw mesh",
                str(len(tried)),
                f"{statistics.median(one['quad_share'] for one in tried):.1%}",
                f"{statistics.median(one['valence_4'] for one in tried):.1%}",
                f"{statistics.median(one['seconds'] for one in tried):.1f}",
                str(sum(one["defects"] > 0 for one in tried)),
            ]
        )
    head = ["quads", "results", "quad share", "valence 4", "s", "with defects"]
    note = (
        f"QuadriFlow refused {refused} of {len(pairs)} meshes as they are, and "
        f"{len(pairs) - len(tried)} scaled up as well."
    )
    return ["## Quads", "", *_draw_table(head, rows), "", note, ""]


def _count_defects(mesh: dict[str, Any]) -> int:
    return sum(
        mesh[name] for name in ("boundary_edges", "non_manifold_edges", "non_manifold_vertices")
    )


def _table_of_times(lines: Sequence[dict[str, Any]]) -> list[str]:
    """Finishing against generating, from the records of usual meshes."""
    rows = []
    made = [line for line in lines if "error" not in line and line.get("warm")]
    for engine in sorted({line["key"]["engine"] for line in made}):
        times = [
            split_times(line["claims"]["timings"])
            for line in made
            if line["key"]["engine"] == engine
        ]
        generate = statistics.median(one[0] for one in times)
        finish = statistics.median(one[1] for one in times)
        slower = sum(one[1] >= one[0] for one in times)
        rows.append(
            [
                engine,
                str(len(times)),
                f"{generate:.2f}",
                f"{finish:.2f}",
                f"{finish / generate:.2f}" if generate else "-",
                str(slower),
            ]
        )
    head = ["engine", "results", "generate, s", "finish, s", "ratio", "finish is slower in"]
    note = "Medians of the records' timings; the worker's first generation is left out."
    return ["## Time", "", *_draw_table(head, rows), "", note, ""] if rows else []


_GENERATING = ("load", "cut", "encode", "extract")


def split_times(timings: dict[str, float]) -> tuple[float, float]:
    """Seconds of generating and of finishing: whatever comes after the extraction."""
    generate = sum(float(timings.get(name, 0.0)) for name in _GENERATING)
    rest = (value for name, value in timings.items() if name not in (*_GENERATING, "total"))
    return generate, sum(float(value) for value in rest)


def _table_of_views(views: list[dict[str, Any]]) -> list[str]:
    """The front view of textured results against the photograph."""
    if not views:
        return []
    rows = [
        [view["stem"], _number(view.get("psnr"), ".1f"), _number(view.get("iou"), ".3f"),
         view.get("note", "")]
        for view in views
    ]  # fmt: skip
    known = {
        name: [view[name] for view in views if view.get(name) is not None]
        for name in ("psnr", "iou")
    }
    medians = [statistics.median(values) if values else None for values in known.values()]
    rows.append(["median", _number(medians[0], ".1f"), _number(medians[1], ".3f"), ""])
    head = ["result", "PSNR, dB", "silhouette IoU", ""]
    note = "Through the estimated camera, against the photograph, inside both silhouettes."
    return ["## Front views", "", note, "", *_draw_table(head, rows), ""]


def _list_named(title: str, entries: list[dict[str, str]]) -> list[str]:
    """By rule, the files with their reasons."""
    if not entries:
        return []
    lines = [f"## {title}", ""]
    for rule in dict.fromkeys(entry["rule"] for entry in entries):
        found = [entry for entry in entries if entry["rule"] == rule]
        lines.append(f"- **{rule}**: {len(found)}")
        lines += [f"  - {entry['file']}: {entry['why']}" for entry in found[:_MOST_NAMED]]
        if len(found) > _MOST_NAMED:
            lines.append(f"  - and {len(found) - _MOST_NAMED} more in report.json")
    return [*lines, ""]


def _number(value: float | None, style: str) -> str:
    return "-" if value is None else format(value, style)


def _draw_table(head: list[str], rows: list[list[str]]) -> list[str]:
    """Markdown with columns that line up in a terminal, too."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]

    def draw(cells: list[str]) -> str:
        padded = (cell.ljust(width) for cell, width in zip(cells, widths))  # noqa: B905 (3.9)
        return "| " + " | ".join(padded) + " |"

    return [draw(head), draw(["-" * width for width in widths]), *(draw(row) for row in rows)]
