"""The work on one object, run in a worker process: shape, views, deformed variants.

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

from .augment import make_variant
from .catalogue import CatalogueEntry, load_entry, size_in_metres
from .formats.mesh import Mesh, MeshError
from .occupancy import Solid, occupancy_grid, surface_points
from .rays import RayScene
from .render import Renderer, random_albedo, random_camera, random_light

BUILD_VERSION = 1
POINTS = 16_384
MIN_SOLID_CELLS = 300
VIEWS_ORIGINAL, VIEWS_VARIANT = 12, 8


@dataclass(frozen=True)
class Job:
    """kind: `shape`, `views` or `variants` (numbers in `variants`); `folder` holds the results."""

    kind: str
    entry: CatalogueEntry
    folder: Path
    variants: tuple[int, ...] = ()
    views: int = VIEWS_ORIGINAL


def variant_id(entry_id: str, number: int) -> str:
    """Id of the deformed variant `number` of an object."""
    return f"{entry_id}#{number}"


def result_path(folder: Path, object_id: str, kind: str) -> Path:
    """The file of an object's `shape` or `views`."""
    digest = hashlib.md5(object_id.encode()).hexdigest()[:16]
    return folder / f"{digest}-v{BUILD_VERSION}.{kind}.npz"


def is_done(job: Job) -> bool:
    """Whether every file of the job is there."""
    if job.kind == "variants":
        ids = [variant_id(job.entry.id, number) for number in job.variants]
        return all(result_path(job.folder, i, "views").exists() for i in ids)
    return result_path(job.folder, job.entry.id, job.kind).exists()


def run_job(job: Job) -> str | None:
    """Do the job; returns None, or the reason why the object cannot be used.

    An object that cannot be used gets a file that says so, so that it is not tried again.
    """
    try:
        mesh, diagonal = load_entry(job.entry)
        if job.kind == "shape":
            low, high = mesh.bounds
            meta = {
                "id": job.entry.id,
                "size_m": size_in_metres(job.entry, mesh, diagonal),
                "extent": (high - low).tolist(),
                "faces": len(mesh.faces),
                "textured": bool((mesh.face_textures >= 0).mean() > 0.2),
            }
            _save_shape(job.folder, job.entry.id, mesh, meta)
        elif job.kind == "views":
            _save_views(job.folder, job.entry.id, mesh, None, job.views)
        else:
            for number in job.variants:
                _make_variant(job, mesh, number)
    except MeshError as error:
        if job.kind == "shape":
            _save(result_path(job.folder, job.entry.id, "shape"), error=str(error))
        return f"{job.entry.id}: {error}"
    return None


def _make_variant(job: Job, mesh: Mesh, number: int) -> None:
    name = variant_id(job.entry.id, number)
    if result_path(job.folder, name, "views").exists():
        return
    variant, factors, _ = make_variant(mesh, _generator(name, "variant"))
    low, high = variant.bounds
    meta = {"id": name, "factors": factors.tolist(), "extent": (high - low).tolist()}
    scene = RayScene(variant)
    _save_shape(job.folder, name, variant, meta, scene)
    _save_views(job.folder, name, variant, scene, job.views)


def _save_shape(
    folder: Path, object_id: str, mesh: Mesh, meta: dict, scene: RayScene | None = None
) -> None:
    rng = _generator(object_id, "shape")
    solid = Solid(mesh, rng, scene)
    grid = occupancy_grid(solid)
    cells = int(grid.sum())
    if cells < MIN_SOLID_CELLS:
        raise MeshError(f"only {cells} solid cells of 64³")
    points, inside = surface_points(solid, POINTS, rng)
    _save(
        result_path(folder, object_id, "shape"),
        occupancy=np.packbits(grid.reshape(-1)),
        points=points,
        inside=np.packbits(inside),
        meta=json.dumps({**meta, "solid_cells": cells}),
    )


def _save_views(
    folder: Path, object_id: str, mesh: Mesh, scene: RayScene | None, count: int
) -> None:
    rng = _generator(object_id, "views")
    renderer = Renderer(mesh, scene)
    pictures, cameras = [], []
    for _ in range(count):
        camera = random_camera(rng)
        light = random_light(rng, camera)
        albedo = random_albedo(rng, mesh, renderer.labels)
        pictures.append(renderer.render(camera, light, albedo))
        cameras.append((camera.azimuth, camera.elevation, camera.field_of_view))
    _save(
        result_path(folder, object_id, "views"),
        views=np.stack(pictures),
        cameras=np.array(cameras, np.float32),
    )


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
