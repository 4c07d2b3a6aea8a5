"""The table: Markdown from rows of results."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ...training.data.classes import CLASSES
from ..metrics.alignment import ALIGNMENTS, BEST_YAW, CAMERA, DELIVERED
from .statistics import LEAST_VIEWS, Estimate, bootstrap_difference, bootstrap_mean

Row = dict[str, Any]
COLUMNS = (
    ("chamfer", "Chamfer-L1"),
    ("f1", "F 1 %"),
    ("f2", "F 2 %"),
    ("f5", "F 5 %"),
    ("normals", "normals"),
    ("outline", "outline"),
    ("new_outlines", "4 new outlines"),
)
CLOSE_DEGREES = 30  # of yaw, that count as facing the right way
COMPARED: tuple[tuple[str, str, str, float], ...] = (
    ("IoU, as delivered", DELIVERED, "iou", 1.0),
    ("IoU, best yaw", BEST_YAW, "iou", 1.0),
    ("IoU, camera frame", CAMERA, "iou", 1.0),
    ("F 2 %, as delivered", DELIVERED, "f2", 1.0),
    ("Chamfer-L1 saved, as delivered", DELIVERED, "chamfer", -1.0),
    ("Chamfer-L1 saved, camera frame", CAMERA, "chamfer", -1.0),
    ("normals, as delivered", DELIVERED, "normals", 1.0),
    ("4 new outlines, as delivered", DELIVERED, "new_outlines", 1.0),
    ("4 new outlines, camera frame", CAMERA, "new_outlines", 1.0),
)
"""Differences: title, alignment, metric, sign that makes more better."""


def write_table(rows: list[Row], engines: Sequence[str], baselines: Sequence[str]) -> str:
    """Everything as Markdown; sets of pictures and generated objects have parts of their own."""
    parts = []
    for pictures in unique(row["pictures"] for row in rows):
        for generated in (False, True):
            chosen = [
                row for row in rows if row["pictures"] == pictures and row["generated"] == generated
            ]
            if not chosen:
                continue
            made = "generated shapes, shown only" if generated else "package meshes"
            objects = len({row["id"] for row in chosen})
            parts.append(f"## {pictures}: {made} ({objects} objects)\n")
            methods = [m for m in (*engines, *baselines) if any(r["method"] == m for r in chosen)]
            parts += [scores_table(chosen, methods, alignment) for alignment in ALIGNMENTS]
            parts.append(yaw_table(chosen, methods))
            parts.append(difference_table(chosen, engines, baselines))
            parts.append(class_table(chosen, engines, baselines))
            parts.append(matting_line(chosen, engines))
            parts.append(own_outline_line(chosen, engines))
            parts.append(finishing_line(chosen, engines))
    return "\n".join(part for part in parts if part)


def scores_table(rows: list[Row], methods: Sequence[str], alignment: str) -> str:
    """Every metric in one alignment, IoU with its interval."""
    lines = []
    for method in methods:
        own = of_method(rows, method)
        iou = bootstrap_mean(values(own, alignment, "iou"), groups(own))
        failed = sum(row[alignment]["chamfer"] is None for row in own)
        cells = [method, str(len(own)), str(failed), show(iou)]
        cells += [mean_text(values(own, alignment, name)) for name, _ in COLUMNS]
        lines.append(cells)
    head = ["", "views", "failed", "IoU [95 %]", *(title for _, title in COLUMNS)]
    return f"### {alignment}\n" + markdown(head, lines)


def yaw_table(rows: list[Row], methods: Sequence[str]) -> str:
    """Yaw errors over objects with a front; shapes that look alike all round say nothing."""
    lines = []
    for method in methods:
        own = [row for row in of_method(rows, method) if CLASSES[row["class"]].has_front]
        errors = [row["yaw_error"] for row in own if row["yaw_error"] is not None]
        if errors:
            close = float(np.mean([error <= CLOSE_DEGREES for error in errors]))
            estimate = bootstrap_mean(
                errors, [row["group"] for row in own if row["yaw_error"] is not None]
            )
            cells = [show(estimate, 1), f"{np.median(errors):.0f}", f"{close:.0%}"]
            lines.append([method, str(len(errors)), *cells])
    if not lines:
        return ""
    head = ["", "views", "mean degrees [95 %]", "median", f"within {CLOSE_DEGREES} degrees"]
    orders = symmetry_text(rows)
    return "### yaw error (classes with a front)\n" + markdown(head, lines) + orders + "\n"


def symmetry_text(rows: list[Row]) -> str:
    """How many objects of each class have which order of symmetry, measured from the truth."""
    orders: dict[str, dict[str, str]] = {}
    for row in rows:
        order = "∞" if row["symmetry"] is None else f"{row['symmetry']:.0f}"
        orders.setdefault(row["class"], {})[row["id"]] = order
    texts = []
    for kind in sorted(orders):
        found = list(orders[kind].values())
        counts = [f"{found.count(o)} of order {o}" for o in ("1", "2", "4", "∞") if o in found]
        texts.append(f"{kind} {', '.join(counts)}")
    return "Symmetry of the true shapes: " + "; ".join(texts) + ".\n"


def difference_table(rows: list[Row], engines: Sequence[str], baselines: Sequence[str]) -> str:
    """Each engine minus each baseline and each engine after it, paired by picture, with intervals;
    more is better."""
    lines = []
    columns = [*baselines, *engines[1:]]
    for place, engine in enumerate(engines):
        for title, alignment, metric, sign in COMPARED:
            cells = [f"{engine}: {title}"]
            for other in columns:
                found = None
                if other in baselines or other in engines[place + 1 :]:
                    found = difference(rows, engine, other, alignment, metric, sign)
                cells.append("" if found is None else f"{show(found)} {found.verdict}")
            lines.append(cells)
    return "### engine minus baseline\n" + markdown(["", *columns], lines) if lines else ""


def difference(
    rows: list[Row], engine: str, baseline: str, alignment: str, metric: str, sign: float = 1.0
) -> Estimate | None:
    """The paired difference of a metric over the pictures that both have."""
    others = {(row["id"], row["picture"]): row for row in of_method(rows, baseline)}
    pairs = [
        (row, others[row["id"], row["picture"]])
        for row in of_method(rows, engine)
        if (row["id"], row["picture"]) in others
    ]

    def side(which: int) -> list[float | None]:
        found = [pair[which][alignment][metric] for pair in pairs]
        return [None if value is None else sign * value for value in found]

    return bootstrap_difference(side(0), side(1), [first["group"] for first, _ in pairs])


def class_table(rows: list[Row], engines: Sequence[str], baselines: Sequence[str]) -> str:
    """IoU as delivered by class, and each engine against the best baseline of the class."""
    lines = []
    for kind in sorted({row["class"] for row in rows}):
        own = [row for row in rows if row["class"] == kind]
        methods = [*engines, *baselines]
        means = {
            method: float(np.mean(values(of_method(own, method), DELIVERED, "iou")))
            for method in methods
            if of_method(own, method)
        }
        views = len({(row["id"], row["picture"]) for row in own})
        few = "" if views >= LEAST_VIEWS else " †"
        cells = [f"{kind}{few}", str(len({row["id"] for row in own})), str(views)]
        cells += [f"{means[m]:.3f}" if m in means else "" for m in methods]
        known = [b for b in baselines if b in means]
        for engine in engines:
            if not known or engine not in means:
                cells.append("")
                continue
            best = max(known, key=means.__getitem__)
            found = difference(own, engine, best, DELIVERED, "iou")
            cells.append("" if found is None else f"{show(found)} {found.verdict}")
        lines.append(cells)
    head = ["", "objects", "views", *engines, *baselines]
    head += [f"{engine} minus the class's best baseline" for engine in engines]
    note = f"† under {LEAST_VIEWS} views: shown, not gated.\n"
    return "### IoU by class, as delivered\n" + markdown(head, lines) + note


def matting_line(rows: list[Row], engines: Sequence[str]) -> str:
    """How well the object was cut out of the pictures."""
    if not engines:
        return ""
    found = [row for row in of_method(rows, engines[0]) if row.get("matting") is not None]
    estimate = bootstrap_mean([row["matting"] for row in found], groups(found))
    return "" if estimate is None else f"Cut-out's IoU with the true mask: {show(estimate)}.\n"


def own_outline_line(rows: list[Row], engines: Sequence[str]) -> str:
    """How true the meshes are to the outline, seen by the cameras of their colours."""
    texts = []
    for engine in engines:
        own = [row for row in of_method(rows, engine) if row.get("own_outline") is not None]
        estimate = bootstrap_mean([row["own_outline"] for row in own], groups(own))
        if estimate is not None:
            texts.append(f"{engine} {show(estimate)}")
    if not texts:
        return ""
    said = "Outline in the input view, by the camera that the engine believes in"
    return f"{said}: {'; '.join(texts)}.\n"


def finishing_line(rows: list[Row], engines: Sequence[str]) -> str:
    """What finishing changed, where the surface before it was measured too."""
    texts = []
    for engine in engines:
        own = [row for row in of_method(rows, engine) if "raw_iou" in row]
        changes = [row["finished_iou"] - row["raw_iou"] for row in own]
        estimate = bootstrap_mean(changes, groups(own))
        if estimate is not None:
            texts.append(f"{engine} {show(estimate, 4)} over {estimate.views} pictures")
    if not texts:
        return ""
    return f"IoU of the finished mesh minus that of the raw surface: {'; '.join(texts)}.\n"


def markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table with columns of equal width."""
    table = [list(head), *[list(line) for line in lines]]
    widths = [max(len(line[column]) for line in table) for column in range(len(head))]
    texts = [
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
        for line in table
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([texts[0], rule, *texts[1:]]) + "\n"


def show(estimate: Estimate | None, digits: int = 3) -> str:
    """A mean with its interval."""
    if estimate is None:
        return ""
    return f"{estimate.mean:.{digits}f} [{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def of_method(rows: Iterable[Row], method: str) -> list[Row]:
    """The rows of one engine or baseline."""
    return [row for row in rows if row["method"] == method]


def values(rows: Iterable[Row], alignment: str, metric: str) -> list[float]:
    """A metric's values in one alignment, without those that failed to have one."""
    found = (row[alignment][metric] for row in rows)
    return [value for value in found if value is not None and math.isfinite(value)]


def groups(rows: Iterable[Row]) -> list[object]:
    """What the bootstrap resamples: objects, those of one body together."""
    return [row["group"] for row in rows]


def mean_text(found: Sequence[float], digits: int = 3) -> str:
    """The mean, empty without values."""
    return f"{np.mean(found):.{digits}f}" if len(found) else ""


def unique(found: Iterable[str]) -> list[str]:
    """In order of first appearance."""
    return list(dict.fromkeys(found))
