"""Measures all predictions for one object; runs in worker processes, without torch."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from ..training.data.formats.mesh import Mesh
from .metrics.alignment import DELIVERED, Prediction, Truth
from .metrics.shape import Shape, fit_box
from .metrics.silhouette import View
from .metrics.volume import volume_iou
from .objects import JudgedObject, seed_of
from .truth import PARTS, shape_of_coverage, true_coverage

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Case:
    """One prediction for one picture.

    method: engine or baseline. pictures: name of the set of pictures. number: of the picture.
    vertices, faces: as delivered, None for a failure. raw_vertices, raw_faces: the surface before
    finishing, or None. estimate: see `metrics.alignment.Prediction`. facts: goes into the row.
    """

    method: str
    pictures: str
    number: int
    view: View
    vertices: np.ndarray | None
    faces: np.ndarray | None
    raw_vertices: np.ndarray | None = None
    raw_faces: np.ndarray | None = None
    estimate: tuple[float, float] | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Task:
    """One object: its mesh in object space, the mesh's digest, what the pack holds, its cases.

    packed: bool [n, n, n], the pack's solid of the same object.
    """

    item: JudgedObject
    mesh: Mesh
    digest: str
    packed: np.ndarray
    cases: tuple[Case, ...]
    cache: Path


def judge_object(task: Task) -> list[dict[str, Any]]:
    """A row for every case; plain types. Measured rows are kept in the task's cache."""
    truth: Truth | None = None
    rows = []
    coverage = true_coverage(task.item.id, task.mesh, task.digest, task.cache)
    agreement = share_in_pack(coverage > PARTS // 2, task.packed)
    for case in task.cases:
        path = task.cache / "judged" / f"{_key(task, case)}.json"
        if not path.exists():
            if truth is None:
                truth = Truth(shape_of_coverage(coverage), seed_of(task.item.id, "points"))
            _write(path, judge_case(truth, case))
        rows.append(
            {
                "id": task.item.id,
                "class": task.item.kind,
                "group": task.item.group,
                "generated": task.item.generated,
                "method": case.method,
                "pictures": case.pictures,
                "picture": case.number,
                "digest": task.digest,
                "seed": seed_of(task.item.id, "points"),
                "pack_agreement": agreement,
                **case.facts,
                **json.loads(path.read_text(encoding="utf-8")),
            }
        )
    return rows


def judge_case(truth: Truth, case: Case) -> dict[str, Any]:
    """The scores of one case; a mesh that is none (no extent) counts as a failure."""
    prediction, error = None, None
    if case.vertices is not None and case.faces is not None:
        try:
            prediction = Prediction(Shape(case.vertices, case.faces), case.estimate)
        except ValueError as problem:
            error = str(problem)
    row = truth.judge(prediction, case.view)
    if error is not None:
        row["error"] = error
    if case.raw_vertices is not None and case.raw_faces is not None:
        placement = fit_box(case.raw_vertices[np.unique(case.raw_faces)], truth.shape)
        raw = Shape(placement.apply(case.raw_vertices), case.raw_faces)
        row["raw_iou"] = volume_iou(truth.shape, raw, truth.points)
        row["finished_iou"] = row[DELIVERED]["iou"]
    return row


def share_in_pack(fine: np.ndarray, packed: np.ndarray) -> float:
    """Share of the true cells that lie in the pack's coarser solid or one cell beside it.

    Not IoU: the pack thickens thin parts more. Under 1 means another mesh or another orientation.
    """
    step = fine.shape[0] // packed.shape[0]
    near = ndimage.binary_dilation(packed, np.ones((3, 3, 3), bool))
    cells = np.argwhere(fine) // step
    return float(near[tuple(cells.T)].mean()) if len(cells) else 0.0


def _key(task: Task, case: Case) -> str:
    digest = hashlib.md5(f"{task.digest} {case.view} {case.estimate} {_code()}".encode())
    for array in (case.vertices, case.faces, case.raw_vertices, case.raw_faces):
        digest.update(b"-" if array is None else np.ascontiguousarray(array))
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _code() -> str:
    """Changes with the code that measures."""
    files = [*sorted((FOLDER / "metrics").glob("*.py")), FOLDER / "truth.py", Path(__file__)]
    return hashlib.md5(b"".join(file.read_bytes() for file in files)).hexdigest()


def _write(path: Path, row: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    partial.write_text(json.dumps(row), encoding="utf-8")
    os.replace(partial, path)
