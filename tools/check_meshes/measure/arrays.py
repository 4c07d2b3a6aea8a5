"""A Blender mesh as numpy arrays, and what several measures need of them. bpy is not imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class MeshArrays:
    """A mesh, in its own space.

    vertices: float64 [V, 3]. corners: int64 [L], vertex of each corner. sizes: int64 [P], corners
    of each polygon. triangles: int64 [T, 3], corners of the triangles that Blender draws.
    """

    vertices: np.ndarray
    corners: np.ndarray
    sizes: np.ndarray
    triangles: np.ndarray

    @classmethod
    def of_triangles(cls, vertices: np.ndarray, faces: np.ndarray) -> MeshArrays:
        """vertices: float [V, 3]. faces: int [F, 3]."""
        return cls(
            vertices.astype(np.float64),
            faces.reshape(-1).astype(np.int64),
            np.full(len(faces), 3, np.int64),
            np.arange(faces.size).reshape(-1, 3),
        )

    @property
    def faces(self) -> np.ndarray:
        """int64 [T, 3]: vertices of the triangles."""
        return self.corners[self.triangles]

    @property
    def starts(self) -> np.ndarray:
        """int64 [P]: first corner of each polygon."""
        return np.cumsum(self.sizes) - self.sizes

    @property
    def following(self) -> np.ndarray:
        """int64 [L]: the corner that comes after each corner, around its polygon."""
        after = np.arange(len(self.corners)) + 1
        after[self.starts + self.sizes - 1] = self.starts
        return after

    @property
    def diagonal(self) -> float:
        """Of the bounding box."""
        if not len(self.vertices):
            return 0.0
        return float(np.linalg.norm(np.ptp(self.vertices, axis=0)))


def read_arrays(mesh: Any) -> MeshArrays:
    """The arrays of a `bpy.types.Mesh`."""
    mesh.calc_loop_triangles()
    vertices = np.empty((len(mesh.vertices), 3), np.float32)
    corners = np.empty(len(mesh.loops), np.int32)
    sizes = np.empty(len(mesh.polygons), np.int32)
    triangles = np.empty((len(mesh.loop_triangles), 3), np.int32)
    mesh.vertices.foreach_get("co", vertices.ravel())
    mesh.loops.foreach_get("vertex_index", corners)
    mesh.polygons.foreach_get("loop_total", sizes)
    mesh.loop_triangles.foreach_get("loops", triangles.ravel())
    return MeshArrays(
        vertices.astype(np.float64),
        corners.astype(np.int64),
        sizes.astype(np.int64),
        triangles.astype(np.int64),
    )


def label_components(count: int, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """int64 [count]: the component of each of `count` things joined by pairs int [E].

    Every thing takes the least label around it, then labels are followed to their ends.
    """
    labels = np.arange(count, dtype=np.int64)
    while True:
        least = np.minimum(labels[first], labels[second])
        after = labels.copy()
        # roots, not only the things themselves, take the lesser label: few rounds are needed
        np.minimum.at(after, labels[first], least)
        np.minimum.at(after, labels[second], least)
        while True:
            jumped = after[after]
            if (jumped == after).all():
                break
            after = jumped
        if (after == labels).all():
            return np.unique(labels, return_inverse=True)[1].reshape(-1).astype(np.int64)
        labels = after


def measure_areas(points: np.ndarray) -> np.ndarray:
    """Float64 [T]: areas of triangles float [T, 3, 3]."""
    cross = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    return np.linalg.norm(cross, axis=1) / 2
