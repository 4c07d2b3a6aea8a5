"""Fields with a known shape, and the dense answer to compare an extraction with."""

from collections.abc import Callable

import numpy as np
import torch
from skimage.measure import marching_cubes

from bozzetto.inference.types import Surface

Distance = Callable[[torch.Tensor], torch.Tensor]
BOX = ((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5))


class DistanceField:
    """Occupancy from a signed distance: level - slope * distance, clipped where asked."""

    def __init__(self, distance: Distance, bounds=BOX, *, level=0.5, slope=24.0, clipped=True):
        self.distance, self.bounds, self.level, self.slope = distance, bounds, level, slope
        self.clipped, self.device, self.queries = clipped, torch.device("cpu"), 0

    def occupancy(self, points: torch.Tensor) -> torch.Tensor:
        self.queries += len(points)
        value = self.level - self.slope * self.distance(points.double())
        return (value.clamp(self.level - 0.5, self.level + 0.5) if self.clipped else value).float()


def sphere(centre=(0.0, 0.0, 0.0), radius=0.3) -> Distance:
    return lambda p: (p - torch.tensor(centre, dtype=p.dtype)).norm(dim=1) - radius


def box(centre=(0.0, 0.0, 0.0), size=(0.6, 0.4, 0.3)) -> Distance:
    def distance(p):
        q = (p - torch.tensor(centre, dtype=p.dtype)).abs() - torch.tensor(size, dtype=p.dtype) / 2
        return q.clamp(min=0).norm(dim=1) + q.amax(dim=1).clamp(max=0)

    return distance


def torus(major=0.3, minor=0.1) -> Distance:
    return lambda p: ((p[:, :2].norm(dim=1) - major) ** 2 + p[:, 2] ** 2).sqrt() - minor


def union(*shapes: Distance) -> Distance:
    return lambda p: torch.stack([shape(p) for shape in shapes]).amin(dim=0)


def without(shape: Distance, *holes: Distance) -> Distance:
    return lambda p: torch.maximum(shape(p), -union(*holes)(p))


def extract_dense(field, resolution: int) -> Surface:
    """Every sample evaluated, one marching cubes over all: what a coarse sampling must equal."""
    low, high = np.array(field.bounds)
    cell = (high - low).max() / resolution
    counts = np.maximum(np.floor((high - low) / cell + 1e-6), 1).astype(int)
    first = (low + high) / 2 - (counts - 1) * cell / 2
    index = np.indices(counts).reshape(3, -1).T
    points = torch.from_numpy((first + index * cell).astype(np.float32))
    values = torch.cat([field.occupancy(part) for part in points.split(1 << 18)]).numpy()
    grid = np.pad(values.reshape(counts) - field.level, 1, constant_values=-1e3)
    vertices, faces, _, _ = marching_cubes(grid, 0.0, gradient_direction="ascent")
    # samples are cell centres: where the box cuts the shape, the caps lie half a cell further on
    vertices = np.where(vertices < 1, 0.5, np.where(vertices > counts, counts + 0.5, vertices))
    return Surface((first + (vertices - 1) * cell).astype(np.float32), faces, {"cell": cell})
