"""Shapes that are known by a formula, rough fields of them, and how near a mesh comes to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy.ndimage import gaussian_filter, map_coordinates

from ..inference.surface.distance import measure_distances
from ..inference.surface.topology import (
    average_normals,
    cross_faces,
    list_edges,
    measure_volume,
)
from ..inference.types import Vec3

Distance = Callable[[np.ndarray], np.ndarray]
"""float64 [N, 3] -> float64 [N], signed distance to the surface, negative inside."""

SAMPLES = 60_000
"""Points on the mesh that are compared with the formula."""
FINE = 320
"""Samples along the box by which a shape's own surface and volume are found."""
BLUR = 0.8
"""Of a thresholded field, in voxels."""


def ball(centre: Vec3 = (0.013, -0.021, 0.007), radius: float = 0.31) -> Distance:
    """A sphere."""
    return lambda p: np.linalg.norm(p - np.array(centre), axis=1) - radius


def ring(major: float = 0.28, minor: float = 0.11) -> Distance:
    """A torus around z, tilted by nothing: its rings are terraced all the same."""
    return lambda p: np.hypot(np.hypot(p[:, 0], p[:, 1]) - major, p[:, 2] - 0.004) - minor


def block(
    centre: Vec3 = (0.0, 0.0, 0.0),
    size: Vec3 = (0.61, 0.43, 0.33),
    *,
    rounding: float = 0.0,
    turned: bool = False,
) -> Distance:
    """A box with sharp or rounded edges, along the axes or turned against them."""
    half = np.array(size) / 2 - rounding
    axes = _TURN if turned else np.eye(3)

    def distance(p: np.ndarray) -> np.ndarray:
        q = np.abs((p - np.array(centre)) @ axes) - half
        return np.linalg.norm(q.clip(min=0), axis=1) + q.max(axis=1).clip(max=0) - rounding

    return distance


def chair() -> Distance:
    """A seat, a back and four legs of boxes."""
    parts = [
        block((0.0, 0.0, -0.03), (0.46, 0.44, 0.07)),
        block((0.0, 0.187, 0.22), (0.46, 0.066, 0.46)),
        *(block((x, y, -0.23), (0.07, 0.07, 0.44)) for x in (-0.19, 0.19) for y in (-0.18, 0.18)),
    ]
    return lambda p: np.min([part(p) for part in parts], axis=0)


def _make_turn() -> np.ndarray:
    """A rotation about no axis of the grid."""
    first = np.array([0.81, 0.34, 0.48])
    second = np.cross([0.2, -0.5, 0.9], first)
    third = np.cross(first, second)
    return np.stack([v / np.linalg.norm(v) for v in (first, second, third)], axis=1)


_TURN = _make_turn()

SHAPES: dict[str, Distance] = {
    "sphere": ball(),
    "torus": ring(),
    "box": block(),
    "turned box": block(turned=True),
    "rounded box": block(rounding=0.06, turned=True),
    "chair": chair(),
}
SHARP_BOXES = {"box": np.eye(3), "turned box": _TURN}
"""Shapes of which the sharp edges are measured, and the axes of their boxes."""


class ShapeField:
    """A Field of a shape: `level` on its surface, falling by `slope` per length, clipped.

    noise: amplitude in object space of bumps added to the distance; wave: their length.
    """

    bounds: tuple[Vec3, Vec3] = ((-0.5, -0.5, -0.5), (0.5, 0.5, 0.5))
    level = 0.5
    device = torch.device("cpu")

    def __init__(
        self, distance: Distance, *, slope: float = 24.0, noise: float = 0.0, wave: float = 0.03
    ) -> None:
        self.distance, self.slope, self.noise = distance, slope, noise
        generator = np.random.default_rng(5)
        along = generator.normal(size=(24, 3))
        self.along = along / np.linalg.norm(along, axis=1, keepdims=True) * 2 * np.pi / wave
        self.phase = generator.uniform(0, 2 * np.pi, 24)

    def occupancy(self, points: torch.Tensor) -> torch.Tensor:
        """See Field."""
        p = points.numpy().astype(np.float64)
        distance = self.distance(p)
        if self.noise:
            waves = np.sin(p @ self.along.T + self.phase).sum(axis=1)
            distance = distance + self.noise * waves / np.sqrt(len(self.phase) / 2)
        return torch.from_numpy((self.level - self.slope * distance).clip(0, 1).astype(np.float32))


class TerracedField:
    """A Field of a shape that is known only as cells inside and outside, a little blurred.

    resolution: cells along the box.
    """

    bounds: tuple[Vec3, Vec3] = ShapeField.bounds
    level = 0.5
    device = torch.device("cpu")

    def __init__(self, distance: Distance, resolution: int) -> None:
        self.resolution = resolution
        grid = (_grid_distance(distance, resolution) < 0).astype(np.float32)
        self.grid = gaussian_filter(grid, BLUR)

    def occupancy(self, points: torch.Tensor) -> torch.Tensor:
        """See Field."""
        place = (points.numpy().astype(np.float64) + 0.5) * self.resolution - 0.5
        values = map_coordinates(self.grid, place.T, order=1, mode="nearest")
        return torch.from_numpy(values.astype(np.float32))


def _grid_distance(distance: Distance, resolution: int) -> np.ndarray:
    axis = (np.arange(resolution) + 0.5) / resolution - 0.5
    slabs = [
        distance(np.stack(np.meshgrid([x], axis, axis, indexing="ij"), -1).reshape(-1, 3))
        for x in axis
    ]
    return np.stack(slabs).reshape((resolution,) * 3)


@dataclass(frozen=True)
class Scores:
    """How near a mesh comes to a shape.

    normals: mean of the dot products of the mesh's normals with the shape's, evenly over the mesh.
    hausdorff: the largest distance between the surfaces, both ways, in voxels. rms: of the mesh's
    points from the shape, in voxels. volume: share of it too much. roughness: mean angle between
    neighbouring faces, weighted by the length of their edge, in degrees. edges: mean distance of
    the shape's sharp edges from the mesh, in voxels (nan: it has none).
    """

    normals: float
    hausdorff: float
    rms: float
    volume: float
    roughness: float
    edges: float


class Reference:
    """What of a shape the meshes are compared with, found once."""

    def __init__(self, name: str) -> None:
        self.distance = SHAPES[name]
        grid = _grid_distance(self.distance, FINE)
        self.volume = float((0.5 - grid * FINE).clip(0, 1).sum() / FINE**3)
        near = np.argwhere(np.abs(grid) < 0.7 / FINE)
        near = near[:: max(1, len(near) // SAMPLES)]
        points = (near + 0.5) / FINE - 0.5
        for _ in range(3):
            points = points - self.distance(points)[:, None] * self.find_normals(points)
        self.points = points[np.abs(self.distance(points)) < 1e-5]
        self.edges = None
        if name in SHARP_BOXES:
            self.edges = _sample_box_edges(np.array([0.61, 0.43, 0.33])) @ SHARP_BOXES[name].T

    def find_normals(self, points: np.ndarray) -> np.ndarray:
        """Unit gradients of the distance, float64 [N, 3]."""
        step = 1e-5 * np.eye(3)
        gradient = np.stack(
            [self.distance(points + s) - self.distance(points - s) for s in step], axis=-1
        )
        return gradient / np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1e-12)

    def score(self, vertices: np.ndarray, faces: np.ndarray, cell: float) -> Scores:
        """Scores of a closed mesh in object space; cell: length of a voxel."""
        points, normals = sample_mesh(vertices, faces, SAMPLES)
        away = self.distance(points)
        covered = measure_distances(self.points, vertices, faces)
        edges = np.nan
        if self.edges is not None:
            edges = float(measure_distances(self.edges, vertices, faces).mean() / cell)
        largest = max(np.abs(away).max(), np.abs(self.distance(vertices)).max(), covered.max())
        return Scores(
            float(np.einsum("nd,nd->n", normals, self.find_normals(points)).mean()),
            float(largest / cell),
            float(np.sqrt(np.mean(away**2)) / cell),
            measure_volume(vertices, faces) / self.volume - 1,
            measure_roughness(vertices, faces),
            edges,
        )


def _sample_box_edges(size: np.ndarray) -> np.ndarray:
    """Points along the twelve edges of a centred box, its corners left out."""
    steps = np.linspace(-0.5, 0.5, 202)[1:-1]
    points = []
    for axis in range(3):
        for signs in ((-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5)):
            line = np.empty((len(steps), 3))
            line[:, axis] = steps
            line[:, [a for a in range(3) if a != axis]] = signs
            points.append(line * size)
    return np.concatenate(points)


def sample_mesh(
    vertices: np.ndarray, faces: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Points evenly over the surface and the normals of their faces, float64 [count, 3] each."""
    generator = np.random.default_rng(7)
    cross = cross_faces(vertices, faces)
    area = np.linalg.norm(cross, axis=1)
    chosen = np.searchsorted(np.cumsum(area) / area.sum(), generator.random(count))
    u, v = generator.random((2, count))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    a, b, c = (vertices[faces[chosen, corner]] for corner in range(3))
    points = a + (b - a) * u[:, None] + (c - a) * v[:, None]
    return points, cross[chosen] / area[chosen, None]


def measure_roughness(vertices: np.ndarray, faces: np.ndarray) -> float:
    """Mean angle between neighbouring faces in degrees, weighted by the length of their edge."""
    table = list_edges(faces, len(vertices))
    pairs = table.starts[table.faces_at == 2]
    cross = cross_faces(vertices, faces)
    normal = cross / np.maximum(np.linalg.norm(cross, axis=1, keepdims=True), 1e-30)
    first, second = normal[table.halves[pairs] // 3], normal[table.halves[pairs + 1] // 3]
    angle = np.degrees(np.arccos(np.einsum("nd,nd->n", first, second).clip(-1, 1)))
    ends = table.edges[table.faces_at == 2]
    length = np.linalg.norm(vertices[ends[:, 0]] - vertices[ends[:, 1]], axis=1)
    return float((angle * length).sum() / length.sum())


def add_noise(vertices: np.ndarray, faces: np.ndarray, amplitude: float) -> np.ndarray:
    """Vertices moved along their normals by normal draws of that size (object space)."""
    draws = np.random.default_rng(9).normal(size=len(vertices))
    return vertices + average_normals(vertices, faces) * (amplitude * draws)[:, None]
