"""The pictures that are judged: cameras drawn by the object's name, rendered once, kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ...training.data.formats.mesh import Mesh
from ..metrics.silhouette import View, camera_axes
from ..objects import seed_of

RENDER_VERSION = 1
MARGIN = 0.9
"""The object's farthest point lies at this share of the picture's half width."""
BATCH = 12
TIME_LIMIT = 1800


class RenderError(RuntimeError):
    """Blender did not render; the message says what it printed."""


@dataclass(frozen=True)
class Picture:
    """A picture of an object: its number, camera, the seed of its light, and its file."""

    number: int
    view: View
    seed: int
    path: Path


def plan_pictures(item_id: str, mesh: Mesh, digest: str, count: int, cache: Path) -> list[Picture]:
    """The first `count` pictures of an object, whether rendered yet or not.

    Any azimuth, elevation 5 to 35 degrees, field of view 20 to 40 degrees; the camera looks at the
    box's middle from where the whole object is in the picture.
    """
    pictures = []
    for number in range(count):
        seed = seed_of(item_id, f"view {number}")
        rng = np.random.default_rng(seed)
        azimuth, elevation = float(rng.uniform(-180, 180)), float(rng.uniform(5, 35))
        view = fit_view(mesh, azimuth, elevation, float(rng.uniform(20, 40)))
        path = cache / "views" / f"{digest}-{number}-v{RENDER_VERSION}.png"
        pictures.append(Picture(number, view, seed, path))
    return pictures


def fit_view(mesh: Mesh, azimuth: float, elevation: float, field_of_view: float) -> View:
    """The camera at the least distance from which every vertex is within `MARGIN`."""
    right, up, forward = camera_axes(azimuth, elevation)
    used = mesh.vertices[np.unique(mesh.faces)]
    across = np.maximum(np.abs(used @ right), np.abs(used @ up))
    half = np.tan(np.radians(field_of_view) / 2) * MARGIN
    # |across| <= half * (distance + depth) for every vertex
    distance = float((across / half - used @ forward).max())
    return View(azimuth, elevation, field_of_view, distance)


def render_missing(
    work: Iterable[tuple[Mesh, list[Picture]]], *, threads: int = 2, nice: int = 0
) -> int:
    """Render the pictures that have no file yet, and write every camera beside it as JSON.

    Blender runs in processes of its own, each for some objects. Returns how many were rendered.
    Raises RenderError.
    """
    count = 0
    batch: list[tuple[Mesh, list[Picture]]] = []
    for mesh, pictures in work:
        missing = [picture for picture in pictures if not picture.path.exists()]
        if missing:
            batch.append((mesh, missing))
            count += len(missing)
        if len(batch) == BATCH:
            _render_batch(batch, threads, nice)
            batch = []
    if batch:
        _render_batch(batch, threads, nice)
    return count


def _render_batch(batch: list[tuple[Mesh, list[Picture]]], threads: int, nice: int) -> None:
    with tempfile.TemporaryDirectory(prefix="bozzetto-views-") as folder:
        jobs = []
        for number, (mesh, pictures) in enumerate(batch):
            file = Path(folder) / f"{number}.npz"
            textures = {f"texture_{i}": texture for i, texture in enumerate(mesh.textures)}
            np.savez(
                file,
                vertices=mesh.vertices,
                faces=mesh.faces,
                face_colours=mesh.face_colours,
                face_uvs=mesh.face_uvs,
                face_textures=mesh.face_textures,
                **textures,
            )
            for picture in pictures:
                picture.path.parent.mkdir(parents=True, exist_ok=True)
                camera = {**asdict(picture.view), "seed": picture.seed}
                picture.path.with_suffix(".json").write_text(json.dumps(camera, indent=1))
            shown = [
                {"view": asdict(p.view), "seed": p.seed, "path": str(p.path)} for p in pictures
            ]
            jobs.append({"mesh": str(file), "pictures": shown})
        listing = Path(folder) / "jobs.json"
        listing.write_text(json.dumps(jobs), encoding="utf-8")
        command = [sys.executable, "-m", "bozzetto.evaluation.views.cycles", str(listing)]
        if nice and sys.platform != "win32":
            command = ["nice", "-n", str(nice), *command]
        environment = {**os.environ, "BOZZETTO_RENDER_THREADS": str(threads)}
        answer = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=TIME_LIMIT
        )
    absent = [p.path for _, pictures in batch for p in pictures if not p.path.exists()]
    if answer.returncode or absent:
        tail = "\n".join((answer.stdout + answer.stderr).splitlines()[-15:])
        raise RenderError(f"Blender's Cycles left {len(absent)} pictures unrendered:\n{tail}")
