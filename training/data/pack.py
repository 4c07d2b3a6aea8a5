"""Pack built objects into memory-mappable arrays.

See the README beside this file for the layout. The folder gets a file `READY` last, so that a
reader never meets a half-written pack; a pack that is READY is never written again.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from .classes import CLASSES
from .counts import count_groups, format_counts
from .fine_pack import write_fine
from .jobs import POINTS, result_path
from .occupancy import RESOLUTION
from .splits import SAME_SHAPE_IOU, overlap
from .views import decode_views
from .views.camera import CAMERA_COLUMNS

PACK_VERSION = 2
VIEW_SIDE = 128


@dataclass(frozen=True)
class PackRow:
    """One object of the pack.

    size_m: real metres along object axes x, y, z, or None. parts: names of the parts that
    `parts.npy` numbers.
    """

    id: str
    source: str
    package: str
    name: str
    label: str
    kind: str
    licence: str
    author: str
    generated: bool
    split: str
    group: int
    variant_of: str | None
    size_m: list[float] | None
    parts: list[str]

    def variant(self, name: str, size_m: list[float] | None) -> PackRow:
        """The row of a deformed variant of this object."""
        return replace(self, id=name, variant_of=self.id, size_m=size_m)

    def to_json(self) -> dict:
        """The row as it stands in `index.json`."""
        data = asdict(self)
        return {**data, "class": data.pop("kind")}


def write_pack(rows: list[PackRow], folder: Path, target: Path, processes: int = 1) -> None:
    """Write the pack of `rows`, whose results are in `folder`, to the new folder `target`.

    Raises FileExistsError for a finished pack.
    """
    if (target / "READY").exists():
        raise FileExistsError(f"{target} is a finished pack; choose another name with --pack")
    target.mkdir(parents=True, exist_ok=True)
    rows = drop_leaking_variants(rows, folder)
    count = len(rows)
    view_counts = [_view_count(folder, row.id) for row in rows]
    total = sum(view_counts)
    arrays = {
        "occupancy": _create(target, "occupancy", np.uint8, (count, RESOLUTION**3 // 8)),
        "points": _create(target, "points", np.float16, (count, POINTS, 3)),
        "inside": _create(target, "inside", np.uint8, (count, POINTS // 8)),
        "parts": _create(target, "parts", np.uint8, (count, POINTS)),
    }
    views = _create(target, "views", np.uint8, (total, VIEW_SIDE, VIEW_SIDE, 4))
    cameras = np.zeros((total, len(CAMERA_COLUMNS)), np.float32)
    start = 0
    with multiprocessing.Pool(processes) as pool:
        jobs = [(folder, row.id) for row in rows]
        for i, found in enumerate(pool.imap(_read_results, jobs, chunksize=8)):
            for name, array in arrays.items():
                array[i] = found[name]
            stop = start + view_counts[i]
            views[start:stop] = found["views"]
            cameras[start:stop] = found["cameras"]
            start = stop
    for array in (*arrays.values(), views):
        array.flush()
    np.save(target / "views_row.npy", np.repeat(np.arange(count), view_counts).astype(np.int32))
    np.save(target / "views_camera.npy", cameras)
    fine = write_fine([row.id for row in rows], folder, target)
    index = {"meta": describe(rows, total), "objects": [row.to_json() for row in rows]}
    _write_text(target / "index.json", json.dumps(index, indent=1, ensure_ascii=False))
    _write_text(target / "READY", time.strftime("%Y-%m-%dT%H:%M:%SZ\n", time.gmtime()))
    print(f"{target}: {count} objects, {total} views, {fine} fine ones", flush=True)
    print(format_counts(rows), flush=True)


def drop_leaking_variants(rows: list[PackRow], folder: Path) -> list[PackRow]:
    """Without variants that are the same shape as an object held out for validation or test."""
    held = [row for row in rows if row.split != "train"]
    variants = [row for row in rows if row.variant_of is not None]
    if not held or not variants:
        return rows
    held_packed = np.stack([_occupancy(folder, row.id) for row in held])
    leaking: set[str] = set()
    for start in range(0, len(variants), 256):
        part = variants[start : start + 256]
        ious = overlap(np.stack([_occupancy(folder, row.id) for row in part]), held_packed)
        alike = (ious > SAME_SHAPE_IOU).any(axis=1)
        leaking |= {row.id for row, bad in zip(part, alike, strict=True) if bad}
    print(f"{len(leaking)} variants dropped: too like a held-out object", flush=True)
    return [row for row in rows if row.id not in leaking]


def describe(rows: list[PackRow], views: int) -> dict:
    """The pack's meta: version, conventions in short, counts of originals and variants."""
    present = {row.kind for row in rows}
    return {
        "version": PACK_VERSION,
        "classes": [kind for kind in CLASSES if kind in present],
        "resolution": RESOLUTION,
        "points": POINTS,
        "objects": len(rows),
        "views": views,
        "frame": "Z up, faces -Y, box centred, box diagonal 1; occupancy index order x, y, z",
        "camera_columns": list(CAMERA_COLUMNS),
        "camera": "degrees; azimuth 0 in front (-Y), + to +X; see training.data.views.camera",
        "counts": count_groups(rows),
    }


def _create(target: Path, name: str, dtype: type, shape: tuple[int, ...]) -> np.memmap:
    return np.lib.format.open_memmap(target / f"{name}.npy", "w+", dtype=dtype, shape=shape)


def _read_results(job: tuple[Path, str]) -> dict[str, np.ndarray]:
    """Everything of one object that goes into the pack's arrays."""
    folder, object_id = job
    with np.load(result_path(folder, object_id, "shape")) as shape:
        found = {name: shape[name] for name in ("occupancy", "points", "inside", "parts")}
    with np.load(result_path(folder, object_id, "views")) as stored:
        views = decode_views(stored)
    pictures = [_resize(picture) for picture in views.pictures]
    return found | {"views": np.stack(pictures), "cameras": views.cameras}


def _resize(picture: np.ndarray) -> np.ndarray:
    """A straight-alpha picture uint8 [s, s, 4] at the pack's size, colours weighted by alpha."""
    premultiplied = Image.fromarray(picture, "RGBA").convert("RGBa")
    small = premultiplied.resize((VIEW_SIDE, VIEW_SIDE), Image.Resampling.BOX, reducing_gap=None)
    return np.asarray(small.convert("RGBA"))


def _view_count(folder: Path, object_id: str) -> int:
    with np.load(result_path(folder, object_id, "views")) as pictures:
        return len(pictures["cameras"])


def _occupancy(folder: Path, object_id: str) -> np.ndarray:
    with np.load(result_path(folder, object_id, "shape")) as shape:
        return shape["occupancy"]


def _write_text(path: Path, text: str) -> None:
    partial = path.with_name(path.name + ".part")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
