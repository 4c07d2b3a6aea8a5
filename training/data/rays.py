"""Ray casting against a triangle mesh (embreex), single precision, one core."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from embreex import rtcore_scene
from embreex.mesh_construction import TriangleMesh

from .formats.mesh import Mesh


@dataclass(frozen=True)
class Hits:
    """First hits of N rays: index of the rays that hit, face, distance and barycentric (u, v)."""

    rays: np.ndarray
    faces: np.ndarray
    distances: np.ndarray
    barycentric: np.ndarray


class RayScene:
    """A mesh that rays can be cast against."""

    def __init__(self, mesh: Mesh) -> None:
        self.scene = rtcore_scene.EmbreeScene()
        # embreex keeps a pointer to the triangles, so they must live as long as the scene
        self.triangles = np.ascontiguousarray(mesh.triangles, np.float32)
        self.geometry = TriangleMesh(self.scene, self.triangles)

    def escapes(self, origins: np.ndarray, directions: np.ndarray) -> np.ndarray:
        """bool [N]: true where nothing is in the way from `origins` [N, 3] along `directions`."""
        return self.scene.run(_rows(origins), _rows(directions), query="OCCLUDED") == -1

    def first_hits(self, origins: np.ndarray, directions: np.ndarray) -> Hits:
        """The first triangle along every ray that meets one; directions have length 1."""
        result = self.scene.run(_rows(origins), _rows(directions), query="INTERSECT", output=True)
        rays = np.nonzero(result["primID"] >= 0)[0]
        return Hits(
            rays=rays,
            faces=result["primID"][rays].astype(np.int64),
            distances=result["tfar"][rays].astype(np.float64),
            barycentric=np.stack([result["u"][rays], result["v"][rays]], axis=1),
        )


def _rows(values: np.ndarray) -> np.ndarray:
    """A writable, contiguous float32 copy, which is what embreex needs."""
    return np.array(values, np.float32, order="C", copy=True)


def spread_directions(count: int) -> np.ndarray:
    """float64 [count, 3]: unit directions spread evenly over the sphere (Fibonacci lattice)."""
    i = np.arange(count) + 0.5
    polar = np.arccos(1 - 2 * i / count)
    turn = np.pi * (1 + 5**0.5) * i
    return np.stack(
        [np.cos(turn) * np.sin(polar), np.sin(turn) * np.sin(polar), np.cos(polar)], axis=1
    )
