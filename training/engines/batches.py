"""A batch: pictures as photographs show them, their cameras, points and what is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from ...inference.engines.pixel.networks import ELEVATION_UNIT
from ...inference.engines.pixel.projection import PictureCamera, move_picture
from ..data.classes import CLASSES
from ..data.views.camera import CAMERA_COLUMNS, azimuth_density
from ..pictures.augment import augment_pictures, draw_moves
from ..pictures.stretch import SHARE, draw_factors, frame_anew, log_edges, stretch_objects
from ..shared.fine_views import FineViews
from ..shared.pack import GRID, Pack

EVENNESS = 0.5
"""How far pictures from behind, which the pack has fewest of and which are hardest to read, are
drawn more often: 0 draws them as the pack has them, 1 from all sides alike."""
ROOM = 0.06  # around the object's box, where uniform points fall, in box diagonals


@dataclass(frozen=True)
class Batch:
    """B pictures.

    pictures: float [B, 4, 128, 128], colours times alpha and alpha; large: the same of three times
    the side, where they were asked for. camera: of the pictures as they are in files, before
    `moves` [B, 2, 3]. points: float [B, N, 3], object space. inside: float [B, N], 0 or 1. box:
    float [B, 3], logarithms of the edges of the solid's box. pose: float [B, 5], what the camera
    head should say, see `pose_numbers`. classes: int64 [B]. has_front: bool [B], see `ObjectClass`.
    rows: int64 [B].
    """

    pictures: Tensor
    camera: PictureCamera
    moves: Tensor
    points: Tensor
    inside: Tensor
    box: Tensor
    pose: Tensor
    classes: Tensor
    has_front: Tensor
    rows: np.ndarray
    large: Tensor | None = None

    @property
    def picture_points(self) -> Tensor:
        """The points in the picture frame, float [B, N, 3]."""
        return move_picture(self.camera.project(self.points), self.moves)


def camera_of_views(columns: np.ndarray, mirror: np.ndarray | None = None) -> PictureCamera:
    """Cameras of rows of `views_camera.npy` [B, 7]; mirror: bool [B], flipped pictures."""
    values = dict(zip(CAMERA_COLUMNS, torch.from_numpy(np.array(columns)).float().T, strict=True))
    sign = torch.ones(len(columns))
    if mirror is not None:
        sign[torch.from_numpy(mirror)] = -1
    return PictureCamera(
        azimuth=sign * torch.deg2rad(values["azimuth"]),
        elevation=torch.deg2rad(values["elevation"]),
        half_side=values["half_side"],
        centre_x=sign * values["centre_x"],
        centre_y=values["centre_y"],
        distance=values["distance"],
    )


def plain_pictures(views: np.ndarray) -> Tensor:
    """Views uint8 [B, s, s, 4] as they are: float [B, 4, s, s], colours times alpha and alpha."""
    rgba = torch.from_numpy(np.array(views)).permute(0, 3, 1, 2).float() / 255
    pictures = torch.cat((rgba[:, :3] * rgba[:, 3:], rgba[:, 3:]), 1)
    return pictures.contiguous(memory_format=torch.channels_last)


def draw_batch(
    pack: Pack,
    rows: np.ndarray,
    rng: np.random.Generator,
    generator: torch.Generator,
    *,
    near: int,
    uniform: int,
    fine: FineViews | None = None,
    stretched: float = SHARE,
) -> Batch:
    """A picture of each row, mirrored half of the time, with `near` points around the surface and
    `uniform` ones in the object's box and some room around it.

    fine: the pack's large pictures, of which one is taken instead. stretched: share of the objects
    that get other proportions, see `pictures.stretch`.
    """
    source = pack if fine is None else fine
    views = draw_views(source, rows, rng)
    mirror = rng.random(len(rows)) < 0.5
    camera = camera_of_views(source.views_camera[views], mirror)
    factors = draw_factors(camera.elevation, generator, stretched)
    stretch = stretch_objects(camera, box_edges(pack, rows), factors)
    camera, files = stretch.camera, flip_pictures(source.pictures(views), mirror)
    moves, resampled = frame_anew(files[..., 3], draw_moves(len(rows), generator), stretch)
    rgba = augment_pictures(files, generator, moves=resampled)
    pictures = torch.cat((rgba[:, :3] * rgba[:, 3:], rgba[:, 3:]), 1)
    large = None
    if fine is not None:
        large, pictures = pictures, shrink_pictures(pictures)
    points, inside = pack.surface_points(rows, near, rng)
    grids = pack.voxels(rows)
    cells = draw_in_boxes(pack, rows, uniform, rng)
    batch = torch.arange(len(rows))[:, None]
    values = grids[batch, cells[..., 0], cells[..., 1], cells[..., 2]].float()
    # cell centres, because that is where the solid is known
    points, inside = (
        torch.cat((points, (cells + 0.5) / GRID - 0.5), 1),
        torch.cat((inside, values), 1),
    )
    points[torch.from_numpy(mirror), :, 0] *= -1
    points = points @ stretch.matrix.transpose(1, 2)
    return Batch(
        pictures=pictures.contiguous(memory_format=torch.channels_last),
        camera=camera,
        moves=moves,
        points=points,
        inside=inside,
        box=log_edges(stretch.edges),
        pose=pose_numbers(camera, moves),
        classes=torch.from_numpy(pack.classes[rows]),
        has_front=torch.tensor([CLASSES[pack.names[c]].has_front for c in pack.classes[rows]]),
        rows=rows,
        large=large,
    )


def draw_views(source: Pack | FineViews, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The number of a random picture of each row, int64 [B]; see `EVENNESS`."""
    chosen = []
    for row in rows:
        views = source.views_of[row]
        azimuths = source.views_camera[views, CAMERA_COLUMNS.index("azimuth")]
        weights = azimuth_density(azimuths.astype(np.float64)) ** -EVENNESS
        chosen.append(rng.choice(views, p=weights / weights.sum()))
    return np.array(chosen, np.int64)


def shrink_pictures(large: Tensor) -> Tensor:
    """Pictures float [B, C, 3s, 3s], colours times alpha -> [B, C, s, s]."""
    return functional.avg_pool2d(large, 3).contiguous(memory_format=torch.channels_last)


def box_edges(pack: Pack, rows: np.ndarray) -> Tensor:
    """Edges of the solids' boxes, in cells of the grid, float [B, 3]."""
    low, high = pack.boxes(rows)
    return torch.from_numpy(high - low).float()


def flip_pictures(pictures: np.ndarray, mirror: np.ndarray) -> np.ndarray:
    """Pictures [B, s, s, 4], those where mirror bool [B] is true flipped left to right."""
    flipped = np.array(pictures)
    flipped[mirror] = flipped[mirror, :, ::-1]
    return flipped


def draw_in_boxes(pack: Pack, rows: np.ndarray, count: int, rng: np.random.Generator) -> Tensor:
    """Random cells int64 [B, count, 3] of each row's grid, in its solid's box with room."""
    low, high = pack.boxes(rows)
    room = round(ROOM * GRID)
    first, last = np.maximum(low - room, 0)[:, None], np.minimum(high + room, GRID)[:, None]
    return torch.from_numpy(rng.integers(first, last, (len(rows), count, 3)))


def pose_numbers(camera: PictureCamera, moves: Tensor) -> Tensor:
    """What the camera head should say beside the azimuth, float [B, 5]: elevation in units of
    `networks.ELEVATION_UNIT`, log of the picture's half side, log of half side times distance,
    centre x and y over the half side; all of the picture after `moves`."""
    grown = moves[:, :, :2].square().sum((1, 2)).div(2).sqrt()
    side = camera.half_side * grown
    return torch.stack(
        (
            camera.elevation / ELEVATION_UNIT,
            side.log(),
            (side * camera.distance).log(),
            (camera.centre_x + camera.half_side * moves[:, 0, 2]) / side,
            (camera.centre_y - camera.half_side * moves[:, 1, 2]) / side,
        ),
        1,
    )
