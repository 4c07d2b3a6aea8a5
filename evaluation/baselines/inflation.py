"""Baseline: the silhouette blown up to a solid, as if its depth followed from its outline.

In the frame of the camera the solid's half depth at a pixel is

    scale * R * (t * (2 - t)) ** roundness

where R is the largest distance of a silhouette's pixel from the outline and t the pixel's own
distance divided by R: with roundness 0.5 a disc becomes a ball (scale 1), with 0 a slab. Scale and
roundness are chosen on the validation split by IoU in the camera frame.

As delivered the solid needs a pose, and an outline tells none: it faces the front as it was seen
(azimuth 0), from `USUAL_ELEVATION`, the middle of the elevations that pictures are judged at.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from ..metrics.shape import Shape
from ..metrics.silhouette import camera_axes
from ..metrics.volume import iou_of
from .grids import Pack, shape_of_values

USUAL_ELEVATION = 20.0
SIDE = 96
SCALES = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
ROUNDNESSES = (0.0, 0.25, 0.5, 1.0)
TUNING_VIEWS = 2
TUNING_OBJECTS = 120
TUNING_POINTS = 8000
OPAQUE = 0.5


@dataclass(frozen=True)
class Profile:
    """Scale and roundness of the depth, see the head of this file."""

    scale: float
    roundness: float


def half_depths(mask: np.ndarray, profile: Profile) -> np.ndarray:
    """Float64 [s, s]: half depth in pixels of bool [s, s]; 0 outside the mask."""
    # padded, because the picture's border is an outline too
    distance = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    largest = max(float(distance.max()), 1.0)
    t = np.clip(distance / largest, 0.0, 1.0)
    return np.where(mask, profile.scale * largest * (t * (2 - t)) ** profile.roundness, 0.0)


def mask_of(alpha: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Bool [side, side] of the cutout's alpha [S, S] in 0-1; its most opaque pixel at least."""
    picture = Image.fromarray(np.asarray(alpha, np.float32))
    small = np.asarray(picture.resize((side, side), Image.Resampling.BOX))
    return small >= min(OPAQUE, float(small.max()))


def inflate(alpha: np.ndarray, profile: Profile) -> Shape:
    """The solid as delivered: object space, seen from azimuth 0 and `USUAL_ELEVATION`.

    alpha: float [S, S] of the cutout. Raises ValueError for an empty one.
    """
    mask = mask_of(alpha)
    if not mask.any():
        raise ValueError("the silhouette is empty")
    half = half_depths(mask, profile)
    deep = int(np.ceil(half.max())) + 1
    depth = np.arange(-deep, deep + 1)
    # rows run down and columns right: x = column, y (up) = -row, z = depth toward the viewer
    margin = half[..., None] - np.abs(depth)
    size = max(SIDE, len(depth))
    values = np.full((size, size, size), -1.0)
    start, front = (size - SIDE) // 2, (size - len(depth)) // 2
    block = np.transpose(margin[::-1], (1, 0, 2))
    values[start : start + SIDE, start : start + SIDE, front : front + len(depth)] = block
    # outside the mask the margin is -|depth| and would touch 0 in the middle plane
    outside = np.transpose(~mask[::-1], (1, 0))
    region = values[start : start + SIDE, start : start + SIDE]
    region[outside] = np.minimum(region[outside], -0.5)
    shape = shape_of_values(np.clip(values, -1.0, 1.0), 0.0)
    right, up, forward = camera_axes(0.0, USUAL_ELEVATION)
    frame = np.stack([right, up, -forward])
    return Shape(shape.mesh.vertices @ frame, shape.mesh.faces)


def tune_profile(pack: Pack) -> Profile:
    """The profile with the highest mean IoU in the camera frame over validation pictures.

    The training renderer's pictures are used, with their true cameras; solids and inflations are
    compared on points of the solid's padded box in the camera's frame, boxes fitted to each other.
    """
    rows = pack.rows("validation")
    rows = rows[
        np.unique(np.linspace(0, len(rows) - 1, min(TUNING_OBJECTS, len(rows))).astype(int))
    ]
    profiles = [Profile(scale, roundness) for scale in SCALES for roundness in ROUNDNESSES]
    totals = np.zeros(len(profiles))
    for row in rows:
        grid = pack.grids(np.array([row]))[0]
        for view in np.flatnonzero(pack.views_row == row)[:TUNING_VIEWS]:
            mask = mask_of(np.asarray(pack.views[view][..., 3], np.float32) / 255)
            totals += _view_ious(grid, pack.views_camera[view], mask, profiles)
    return profiles[int(totals.argmax())]


def _view_ious(
    grid: np.ndarray, camera: np.ndarray, mask: np.ndarray, profiles: list[Profile]
) -> np.ndarray:
    """IoU [P] of every profile for one picture; camera: azimuth, elevation, field of view."""
    if not mask.any():
        return np.zeros(len(profiles))
    right, up, forward = camera_axes(float(camera[0]), float(camera[1]))
    frame = np.stack([right, up, -forward])
    cells = (np.argwhere(grid) + 0.5) / grid.shape[0] - 0.5
    seen = cells @ frame.T
    low, high = seen.min(axis=0), seen.max(axis=0)
    rng = np.random.default_rng(0)
    across = np.argwhere(mask)
    rounds = {r: half_depths(mask, Profile(1.0, r)) for r in {p.roundness for p in profiles}}
    ious = []
    for profile in profiles:
        half = profile.scale * rounds[profile.roundness]
        box_low = np.array([across[:, 1].min(), across[:, 0].min(), -half.max()])
        box_high = np.array([across[:, 1].max() + 1, across[:, 0].max() + 1, half.max()])
        scale = np.linalg.norm(high - low) / np.linalg.norm(box_high - box_low)
        reach = np.maximum(high - low, (box_high - box_low) * scale) * 0.55
        points = (low + high) / 2 + rng.uniform(-1, 1, (TUNING_POINTS, 3)) * reach
        truth = _in_grid(grid, points @ frame)
        pixels = (points - (low + high) / 2) / scale
        columns = pixels[:, 0] + (box_low[0] + box_high[0]) / 2
        lines = -pixels[:, 1] + (box_low[1] + box_high[1]) / 2
        i, j = np.floor(lines).astype(int), np.floor(columns).astype(int)
        within = (i >= 0) & (i < mask.shape[0]) & (j >= 0) & (j < mask.shape[1])
        found = np.zeros(len(points), bool)
        found[within] = np.abs(pixels[within, 2]) < half[i[within], j[within]]
        ious.append(iou_of(truth, found))
    return np.array(ious)


def _in_grid(grid: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Bool [N]: whether the cell that holds each point [N, 3] of object space is inside."""
    index = np.floor((points + 0.5) * grid.shape[0]).astype(int)
    within = ((index >= 0) & (index < grid.shape[0])).all(axis=1)
    result = np.zeros(len(points), bool)
    result[within] = grid[tuple(index[within].T)]
    return result
