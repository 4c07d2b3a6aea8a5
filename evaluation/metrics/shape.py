"""A closed triangle mesh that can be asked what is inside, where its surface is, how it looks.

Truth, predictions and baselines are all measured through this one class, so that no metric knows
which of them it has before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...training.data.formats.mesh import Mesh, make_mesh
from ...training.data.occupancy import SurfaceSamples, sample_surface
from ...training.data.rays import RayScene

# Three directions far from the axes and from each other: flat faces of furniture and the planes of
# marching cubes are never parallel to them.
DIRECTIONS = np.array(
    [[0.8031, 0.3407, 0.4888], [-0.4523, 0.7589, -0.4686], [0.1367, -0.6713, 0.7285]]
)
DIRECTIONS /= np.linalg.norm(DIRECTIONS, axis=1, keepdims=True)
BEYOND = 1e-5
MAX_CROSSINGS = 64


@dataclass(frozen=True)
class Placement:
    """Moves points p to (p @ rotation.T - centre) * scale; rotation float64 [3, 3]."""

    rotation: np.ndarray
    centre: np.ndarray
    scale: float

    def apply(self, points: np.ndarray) -> np.ndarray:
        """Float64 [N, 3] of points [N, 3]."""
        return (np.asarray(points, np.float64) @ self.rotation.T - self.centre) * self.scale

    def undo(self, points: np.ndarray) -> np.ndarray:
        """Inverse of `apply`."""
        return (points / self.scale + self.centre) @ self.rotation


@dataclass(frozen=True)
class Box:
    """An axis-aligned box: lowest and highest corner, float64 [3] each."""

    low: np.ndarray
    high: np.ndarray

    @classmethod
    def around(cls, points: np.ndarray) -> Box:
        """The box of points [N, 3]."""
        return cls(points.min(axis=0), points.max(axis=0))

    @property
    def diagonal(self) -> float:
        """Length of the diagonal."""
        return float(np.linalg.norm(self.high - self.low))


class Shape:
    """A closed mesh: vertices float [V, 3], faces int [F, 3], counter-clockwise from outside.

    Raises ValueError for a mesh without faces, without extent or with values that are not finite.
    """

    def __init__(self, vertices: np.ndarray, faces: np.ndarray) -> None:
        vertices = np.asarray(vertices, np.float64)
        if len(faces) == 0 or not np.isfinite(vertices).all():
            raise ValueError("the mesh has no faces, or values that are not finite")
        self.mesh: Mesh = make_mesh(vertices, faces)
        self.low, self.high = self.mesh.bounds
        if not (self.high > self.low).all():
            raise ValueError("the mesh has no extent")
        self.scene = RayScene(self.mesh)
        # Rays restart behind a surface they met: far enough for single precision at this size.
        self._step = BEYOND * max(self.diagonal, float(np.abs(vertices).max()))

    @property
    def diagonal(self) -> float:
        """Length of the box diagonal."""
        return float(np.linalg.norm(self.high - self.low))

    @property
    def longest_edge(self) -> float:
        """Length of the longest edge of the box."""
        return float((self.high - self.low).max())

    def inside(self, points: np.ndarray, votes: int = 3) -> np.ndarray:
        """Bool [N] of points [N, 3]: an odd number of crossings along a ray.

        votes: 1 or 3 directions are asked and the majority counts, because a ray may slip through
        an edge. Which way the faces look plays no part: that is for the normals' metric.
        """
        points = np.asarray(points, np.float64)
        result = np.zeros(len(points), bool)
        near = np.nonzero(((points > self.low) & (points < self.high)).all(axis=1))[0]
        first = self._is_odd(points[near], DIRECTIONS[0])
        if votes == 1:
            result[near] = first
            return result
        second = self._is_odd(points[near], DIRECTIONS[1])
        torn = np.nonzero(first != second)[0]
        first[torn] = self._is_odd(points[near[torn]], DIRECTIONS[2])
        result[near] = first
        return result

    def _is_odd(self, points: np.ndarray, direction: np.ndarray) -> np.ndarray:
        odd = np.zeros(len(points), bool)
        going, origins = np.arange(len(points)), points.copy()
        for _ in range(MAX_CROSSINGS):
            if not len(going):
                break
            hits = self.scene.first_hits(origins, np.broadcast_to(direction, (len(origins), 3)))
            going = going[hits.rays]
            odd[going] ^= True
            travelled = hits.distances + self._step
            origins = origins[hits.rays] + travelled[:, None] * direction
        return odd

    def sample(self, count: int, rng: np.random.Generator) -> SurfaceSamples:
        """`count` points spread evenly over the surface, with the normals of their faces."""
        return sample_surface(self.mesh, count, rng)

    def placed(self, placement: Placement) -> Shape:
        """A copy of it moved."""
        return Shape(placement.apply(self.mesh.vertices), self.mesh.faces)


def turn(degrees: float) -> np.ndarray:
    """Float64 [3, 3]: rotation about +Z, counter-clockwise seen from above."""
    angle = np.radians(degrees)
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def fit_box(
    vertices: np.ndarray, target: Box | Shape, rotation: np.ndarray | None = None
) -> Placement:
    """The placement that rotates vertices [V, 3] and puts their box over the target's.

    Boxes are centred on each other and scaled to the same diagonal; there is no search.
    rotation: [3, 3], None for none. Only vertices that faces use may be given.
    """
    rotation = np.eye(3) if rotation is None else rotation
    turned = np.asarray(vertices, np.float64) @ rotation.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    scale = target.diagonal / float(np.linalg.norm(high - low))
    middle = (target.low + target.high) / 2
    return Placement(rotation, (low + high) / 2 - middle / scale, scale)
