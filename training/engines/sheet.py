"""A sheet to look at: pictures of held-out objects beside what the engine makes of them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from skimage.measure import marching_cubes

from ...inference.engines import create_engine
from ...inference.settings import AUTOMATIC, BUNDLED_ENGINES, GenerateSettings
from ...inference.types import Cancel, Candidate, Cutout, Engine, Field, no_progress
from ..shared.pack import Pack
from .fields import grid_points, spread

TILE = 128
SAMPLES = 60_000


def shade_grid(values: np.ndarray, level: float, azimuth: float, elevation: float) -> np.ndarray:
    """A small grey picture uint8 [128, 128] of the surface in a cube of values [n, n, n].

    Orthographic; azimuth and elevation in degrees as in `types.Camera`. Points of the surface are
    splatted into a depth buffer and lit from the camera's upper left.
    """
    canvas = np.full((TILE, TILE), 255, np.uint8)
    if not values.min() < level < values.max():
        return canvas
    vertices, faces, _, _ = marching_cubes(np.pad(values, 1), level, gradient_direction="ascent")
    corners = ((vertices - 0.5) / values.shape[0] - 0.5)[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    areas = np.linalg.norm(normals, axis=1)
    rng = np.random.default_rng(0)
    picks = rng.choice(len(faces), SAMPLES, p=areas / areas.sum())
    mix = rng.dirichlet((1, 1, 1), SAMPLES)
    points = (corners[picks] * mix[:, :, None]).sum(1)
    lit = -normals[picks] / areas[picks][:, None]  # ascent: skimage's faces look inwards
    a, e = math.radians(azimuth), math.radians(elevation)
    back = np.array([math.sin(a) * math.cos(e), -math.cos(a) * math.cos(e), math.sin(e)])
    right = np.array([math.cos(a), math.sin(a), 0.0])
    up = np.cross(back, right)
    lit = lit if (lit @ back).mean() > (-lit @ back).mean() else -lit
    light = (back - 0.4 * right + 0.6 * up) / math.sqrt(1.52)
    shade = np.clip(0.25 + 0.75 * np.abs(lit @ light), 0, 1)
    columns = ((points @ right / 0.95 + 0.5) * TILE).astype(int).clip(0, TILE - 1)
    rows = ((0.5 - points @ up / 0.95) * TILE).astype(int).clip(0, TILE - 1)
    order = np.argsort(points @ back)  # far to near: the nearest is written last
    canvas[rows[order], columns[order]] = (235 * shade[order]).astype(np.uint8)
    return canvas


def sample_field(field: Field, step: int = 1) -> np.ndarray:
    """Values of a field on the grid's cell centres, float32 [64 / step]^3."""
    side = 64 // step
    return field.occupancy(grid_points(step)).reshape(side, side, side).numpy()


def show_view(view: np.ndarray) -> np.ndarray:
    """A packed view over white, uint8 [128, 128, 3]."""
    alpha = view[..., 3:].astype(float) / 255
    return (view[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


def read_view(engine: Engine, view: np.ndarray, category: str = AUTOMATIC) -> list[Candidate]:
    """The engine's candidates for a straight-alpha picture uint8 [S, S, 4]."""
    cutout = Cutout(view.astype(np.float32) / 255, (0, 0, len(view)), (len(view),) * 2, "view")
    settings = GenerateSettings(category=category)
    generator = torch.Generator().manual_seed(0)
    return engine.encode(
        cutout, settings, generator=generator, progress=no_progress, cancel=Cancel()
    )


def write_sheet(
    pack: Pack, weights: Path, path: Path, split: str = "validation", per_class: int = 2
) -> Path:
    """For `per_class` objects of each class: picture, true shape, and what each engine with a file
    in `weights` makes of it, from two sides, delivered as an artist gets it."""
    engines = [
        create_engine(name, checkpoint=str(weights / f"{name}.safetensors"))
        for name in BUNDLED_ENGINES
        if (weights / f"{name}.safetensors").exists()
    ]
    tiles = []
    for index in range(len(pack.names)):
        rows = pack.rows[split]
        for row in spread(rows[pack.classes[rows] == index], per_class):
            view = np.asarray(pack.views[pack.views_of[row][0]])
            truth = pack.voxels(np.array([row]))[0].float().numpy()
            shown = [shade_grid(truth, 0.5, -35, 20), shade_grid(truth, 0.5, 145, 20)]
            for engine in engines:
                found = read_view(engine, view)
                values = sample_field(found[0].field) if found else np.zeros((2, 2, 2))
                level = found[0].field.level if found else 0.5
                shown += [shade_grid(values, level, azimuth, 20) for azimuth in (-35, 145)]
            tiles.append(np.hstack([show_view(view), *(np.dstack([t] * 3) for t in shown)]))
    blank = np.full_like(tiles[0], 255)
    tiles += [blank] * (-len(tiles) % 2)
    sheet = np.vstack([np.hstack(tiles[i : i + 2]) for i in range(0, len(tiles), 2)])
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(sheet).save(path)
    return path
