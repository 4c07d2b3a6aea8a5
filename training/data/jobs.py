"""The work on one object, run in a worker process: solid, views, deformed variants.

Every result is one `.npz` file, written under another name and renamed, so that a build that was
stopped goes on where it was.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from .formats.mesh import Mesh, MeshError, clean, normalise
from .occupancy import (
    RESOLUTION,
    Solid,
    grid_points,
    occupancy_grid,
    surface_points,
)
from .sources.entry import Entry, open_source
from .variants import Warp, random_warp
from .views import encode_views, make_views

BUILD_VERSION = 2
POINTS = 16_384
MIN_SOLID_CELLS = 300
VIEWS_ORIGINAL, VIEWS_VARIANT = 24, 8
FINE_VIEWS = 4
NO_PART = 255


@dataclass(frozen=True)
class Job:
    """One object's work: its solid and views; or the variants with these numbers; or fine views.

    data: the data folder that sources read. folder: where results go. views: pictures of an
    original; variants get `VIEWS_VARIANT`. fine: large pictures instead, for which nothing else
    waits: they are made last.
    """

    entry: Entry
    data: Path
    folder: Path
    variants: tuple[int, ...] = ()
    views: int = VIEWS_ORIGINAL
    fine: bool = False


def variant_id(entry_id: str, number: int) -> str:
    """Id of the deformed variant `number` of an object."""
    return f"{entry_id}#{number}"


def result_path(folder: Path, object_id: str, kind: str) -> Path:
    """The file of an object's `shape`, `views` or `fine` (views)."""
    digest = hashlib.md5(object_id.encode()).hexdigest()[:16]
    return folder / digest[:2] / f"{digest}-v{BUILD_VERSION}.{kind}.npz"


def fingerprint(entry: Entry) -> str:
    """Changes when the source lists the object otherwise (class, turn, file), so it is redone."""
    return hashlib.md5(repr(entry).encode()).hexdigest()


def is_done(job: Job) -> bool:
    """Whether every result of the job is there, or the object is known to be unusable."""
    if job.variants:
        return all(_is_current(job, variant_id(job.entry.id, n)) for n in job.variants)
    if job.fine:
        return result_path(job.folder, job.entry.id, "fine").exists()
    return _is_current(job, job.entry.id)


def _is_current(job: Job, object_id: str) -> bool:
    path = result_path(job.folder, object_id, "shape")
    if not path.exists():
        return False
    with np.load(path) as shape:
        if str(shape["fingerprint"]) != fingerprint(job.entry):
            return False
        return "error" in shape or result_path(job.folder, object_id, "views").exists()


def run_job(job: Job) -> str | None:
    """Do the job; returns None, or the reason why the object cannot be used.

    An object that cannot be used gets a file that says so, so that it is not tried again.
    """
    try:
        mesh, meta = load_object(job.entry, job.data)
        if job.fine:
            _save_views(job, job.entry.id, mesh, 0, FINE_VIEWS)
        elif job.variants:
            for number in job.variants:
                _make_variant(job, mesh, number)
        else:
            _make_original(job, mesh, meta)
    except MeshError as error:
        if not job.variants and not job.fine:
            path = result_path(job.folder, job.entry.id, "shape")
            _save(path, error=str(error), fingerprint=fingerprint(job.entry))
        return f"{job.entry.id}: {error}"
    return None


def load_object(entry: Entry, data: Path) -> tuple[Mesh, dict]:
    """An entry's mesh in object space, and what is known of it as JSON.

    Raises MeshError.
    """
    loaded = open_source(entry.source).load(entry, data)
    mesh, diagonal = normalise(clean(loaded.mesh))
    low, high = mesh.bounds
    meta = {
        "id": entry.id,
        "size_m": None if loaded.size_m is None else list(loaded.size_m),
        "extent": (high - low).tolist(),
        "diagonal": diagonal,
        "faces": len(mesh.faces),
        "textured": bool((mesh.face_textures >= 0).mean() > 0.2),
        "parts": list(mesh.group_names[:NO_PART]),
    }
    return mesh, meta


def _make_original(job: Job, mesh: Mesh, meta: dict) -> None:
    rng = _generator(job.entry.id, "shape")
    solid = Solid(mesh, rng)
    coarse = occupancy_grid(solid)
    cells = int(coarse.sum())
    if cells < MIN_SOLID_CELLS:
        raise MeshError(f"only {cells} solid cells of 64³")
    points, inside = surface_points(solid, POINTS, rng)
    _save_views(job, job.entry.id, mesh, job.views)
    _save(
        result_path(job.folder, job.entry.id, "shape"),
        occupancy=np.packbits(coarse.reshape(-1)),
        points=points,
        inside=np.packbits(inside),
        parts=_parts_at(points, solid, mesh),
        meta=json.dumps({**meta, "solid_cells": cells}),
        fingerprint=fingerprint(job.entry),
    )


def _make_variant(job: Job, mesh: Mesh, number: int) -> None:
    """A deformed copy. What was inside stays inside, so no ray is cast: the points move along and
    the grid is looked up in the original's.
    """
    name = variant_id(job.entry.id, number)
    if _is_current(job, name):
        return
    warp = random_warp(_generator(name, "variant"))
    warped = mesh.with_vertices(warp.forward(mesh.vertices))
    centre = np.add(*warped.bounds) / 2
    moved, diagonal = normalise(warped)
    with np.load(result_path(job.folder, job.entry.id, "shape")) as shape:
        original = {key: shape[key] for key in shape.files}
    meta = json.loads(str(original["meta"]))
    points = (warp.forward(original["points"].astype(np.float64)) - centre) / diagonal
    grid = warp_grid(original["occupancy"], warp, centre, diagonal)
    extent = np.subtract(*moved.bounds[::-1])
    stretch = extent * diagonal / np.maximum(meta["extent"], 1e-9)
    size = meta["size_m"] and [s * f for s, f in zip(meta["size_m"], stretch, strict=True)]
    if grid.sum() < MIN_SOLID_CELLS:
        raise MeshError(f"variant {number} has only {int(grid.sum())} solid cells of 64³")
    _save_views(job, name, moved, VIEWS_VARIANT)
    _save(
        result_path(job.folder, name, "shape"),
        occupancy=np.packbits(grid.reshape(-1)),
        points=points.clip(-0.6, 0.6).astype(np.float16),
        inside=original["inside"],
        parts=original["parts"],
        meta=json.dumps({**meta, "id": name, "size_m": size, "extent": extent.tolist()}),
        fingerprint=fingerprint(job.entry),
    )


def warp_grid(packed: np.ndarray, warp: Warp, centre: np.ndarray, diagonal: float) -> np.ndarray:
    """The 64³ grid (bool) of a solid after `warp`, `- centre` and `/ diagonal`.

    packed: the original's 64³ grid, uint8 [32768].
    """
    grid = np.unpackbits(packed).astype(bool).reshape((RESOLUTION,) * 3)
    places = warp.inverse(grid_points() * diagonal + centre)
    cells = np.floor((places + 0.5) * RESOLUTION).astype(np.int64)
    known = ((cells >= 0) & (cells < RESOLUTION)).all(axis=1)
    warped = np.zeros(len(places), bool)
    warped[known] = grid[tuple(cells[known].T)]
    return warped.reshape((RESOLUTION,) * 3)


def _parts_at(points: np.ndarray, solid: Solid, mesh: Mesh) -> np.ndarray:
    """uint8 [N]: number of the part whose surface is nearest; `NO_PART` beyond 254 parts."""
    if len(mesh.group_names) < 2:
        return np.zeros(len(points), np.uint8)
    _, nearest = cKDTree(solid.samples.points).query(points)
    return mesh.face_groups[solid.samples.faces[nearest]].clip(0, NO_PART).astype(np.uint8)


def _save_views(job: Job, object_id: str, mesh: Mesh, count: int, fine: int = 0) -> None:
    kind = "fine" if fine else "views"
    views = make_views(mesh, _generator(object_id, kind), count=count, fine_count=fine)
    _save(result_path(job.folder, object_id, kind), **encode_views(views))


def _generator(object_id: str, purpose: str) -> np.random.Generator:
    """Random numbers that depend on nothing but the object and what they are for."""
    digest = hashlib.md5(f"{object_id}|{purpose}".encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, np.uint32))


def _save(path: Path, **arrays: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    with partial.open("wb") as file:
        np.savez(file, **arrays)
    os.replace(partial, path)
