"""The pictures of one object: many small ones with depth, a few large ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..formats.mesh import Mesh
from .appearance import random_appearance
from .camera import CAMERA_COLUMNS, random_camera
from .rasteriser import RADIUS, Painter

DEPTH_LEVELS = 8190


@dataclass(frozen=True)
class ViewSet:
    """Pictures of one object in object space (Z up, facing -Y, diagonal 1).

    pictures: uint8 [N, s, s, 4], straight alpha. depths: uint16 [N, s/2, s/2], sampled 5/8 across
    and down each of its cells, see `depth_from_code`. cameras: float32 [N, 7], in the order of
    `CAMERA_COLUMNS`: azimuth, elevation, field of view (degrees), centre x, y and half side of the
    picture on the plane one unit in front of the eye (y up), distance of the eye from the origin;
    `camera.Window` says how a point is projected. fine_pictures: uint8 [M, t, t, 4] and
    fine_cameras: float32 [M, 7], of cameras and appearances of their own.
    """

    pictures: np.ndarray
    depths: np.ndarray
    cameras: np.ndarray
    fine_pictures: np.ndarray
    fine_cameras: np.ndarray


def make_views(
    mesh: Mesh,
    rng: np.random.Generator,
    count: int = 24,
    side: int = 160,
    fine_count: int = 4,
    fine_side: int = 384,
) -> ViewSet:
    """Pictures of a normalised mesh by random cameras in random materials and light.

    Raises MeshError for a mesh that has no faces or was not normalised, and
    `rasteriser.RendererMissing` where there is no OpenGL.
    """
    with Painter(mesh) as painter:
        coarse = [_draw(painter, rng, side) for _ in range(count)]
        fine = [_draw(painter, rng, fine_side) for _ in range(fine_count)]
    half = side // 2
    return ViewSet(
        pictures=_stack([shot[0] for shot in coarse], (side, side, 4), np.uint8),
        depths=_stack([shot[1] for shot in coarse], (half, half), np.uint16),
        cameras=_stack([shot[2] for shot in coarse], (len(CAMERA_COLUMNS),), np.float32),
        fine_pictures=_stack([shot[0] for shot in fine], (fine_side, fine_side, 4), np.uint8),
        fine_cameras=_stack([shot[2] for shot in fine], (len(CAMERA_COLUMNS),), np.float32),
    )


def _draw(
    painter: Painter, rng: np.random.Generator, side: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    camera = random_camera(rng)
    picture = painter.draw(camera, random_appearance(rng, camera), side)
    depth = code_of_depth(picture.depth, camera.distance)
    return picture.pixels, depth, picture.window.row(camera)


def _stack(items: list[np.ndarray], shape: tuple[int, ...], dtype: type) -> np.ndarray:
    return np.stack(items) if items else np.zeros((0, *shape), dtype)


def code_of_depth(depth: np.ndarray, distance: float) -> np.ndarray:
    """uint16: 0 where nothing is, else 1..8191 for depths `distance` - 0.51 .. `distance` + 0.51.

    depth: along the camera's forward axis in object units, 0 where nothing is.
    """
    share = np.clip((depth - distance + RADIUS) / (2 * RADIUS), 0, 1)
    return np.where(depth > 0, 1 + np.round(share * DEPTH_LEVELS), 0).astype(np.uint16)


def depth_from_code(code: np.ndarray, distance: float | np.ndarray) -> np.ndarray:
    """float32: the depth that `code_of_depth` stored, to 0.00007; 0 where nothing is."""
    depth = (code.astype(np.float32) - 1) / DEPTH_LEVELS * (2 * RADIUS) - RADIUS + distance
    return np.where(code > 0, depth, 0).astype(np.float32)
