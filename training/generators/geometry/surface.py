"""A triangle surface of one material and the ways to move it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ...data.formats.mesh import MeshError


@dataclass(frozen=True)
class Surface:
    """vertices: float64 [V, 3]. faces: int32 [F, 3], seen from outside counter-clockwise."""

    vertices: np.ndarray
    faces: np.ndarray

    @property
    def triangles(self) -> np.ndarray:
        """float64 [F, 3, 3], the corners of every face."""
        return self.vertices[self.faces]

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest corner, float64 [3] each."""
        return self.vertices.min(axis=0), self.vertices.max(axis=0)

    @property
    def volume(self) -> float:
        """Signed volume (divergence theorem); means something for closed surfaces only."""
        a, b, c = np.moveaxis(self.triangles, 1, 0)
        return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Surface:
        """Translated."""
        return Surface(self.vertices + np.array([x, y, z]), self.faces)

    def scaled(self, x: float = 1.0, y: float = 1.0, z: float = 1.0) -> Surface:
        """Scaled about the origin; a mirroring scale keeps the outside outside."""
        faces = self.faces[:, ::-1] if x * y * z < 0 else self.faces
        return Surface(self.vertices * np.array([x, y, z]), faces)

    def rotated(self, axis: int, degrees: float) -> Surface:
        """Turned about the coordinate axis 0, 1 or 2, right-handed."""
        cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        matrix = np.eye(3)
        first, second = (axis + 1) % 3, (axis + 2) % 3
        matrix[first, first] = matrix[second, second] = cosine
        matrix[second, first], matrix[first, second] = sine, -sine
        return Surface(self.vertices @ matrix.T, self.faces)

    def mirrored(self, axis: int = 0) -> Surface:
        """Reflected in the plane through the origin that is square to `axis`."""
        factors = [1.0, 1.0, 1.0]
        factors[axis] = -1.0
        return self.scaled(*factors)

    def flipped(self) -> Surface:
        """The same surface with inside and outside exchanged."""
        return Surface(self.vertices, self.faces[:, ::-1])

    def outward(self) -> Surface:
        """Flipped if the signed volume is negative."""
        return self.flipped() if self.volume < 0 else self


def join(surfaces: Iterable[Surface]) -> Surface:
    """One surface of several, none of them changed. Raises MeshError for none at all."""
    surfaces = list(surfaces)
    if not surfaces:
        raise MeshError("nothing to join")
    starts = np.cumsum([0] + [len(surface.vertices) for surface in surfaces[:-1]])
    return Surface(
        np.concatenate([surface.vertices for surface in surfaces]),
        np.concatenate(
            [surface.faces + start for surface, start in zip(surfaces, starts, strict=True)]
        ).astype(np.int32),
    )


def grid_faces(rows: int, columns: int, close_columns: bool = False) -> np.ndarray:
    """int32 [F, 3]: two triangles for every cell of a grid of rows x columns vertices, row-major.

    close_columns: the last column is also joined to the first, as in a tube.
    """
    row = np.arange(rows - 1)[:, None] * columns
    column = np.arange(columns if close_columns else columns - 1)[None]
    after = (column + 1) % columns
    a, b = (row + column).ravel(), (row + after).ravel()
    c, d = (row + columns + after).ravel(), (row + columns + column).ravel()
    return np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)]).astype(np.int32)


def triangulate(polygon: np.ndarray) -> np.ndarray:
    """Triangles int32 [n - 2, 3] of a simple polygon float64 [n, 2], either way round.

    Ear clipping (G. Meisters, "Polygons have ears", 1975). Where rounding leaves no clean ear, the
    corner with the least area goes, so that it always ends.
    """
    points = np.asarray(polygon, np.float64)
    x, y = points[:, 0], points[:, 1]
    order = list(range(len(points)))
    if np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)) < 0:
        order.reverse()
    result: list[tuple[int, int, int]] = []
    while len(order) > 3:
        before, here = np.roll(order, 1), np.array(order)
        after = np.roll(order, -1)
        a, b, c = points[before], points[here], points[after]
        turn = _cross(b - a, c - a)
        ear = int(np.argmin(np.abs(turn)))
        for i in np.argsort(np.where(turn > 0, 0, 1), kind="stable"):
            if turn[i] <= 0:
                break
            rest = points[[k for k in order if k not in (before[i], here[i], after[i])]]
            inside = (
                (_cross(b[i] - a[i], rest - a[i]) >= 0)
                & (_cross(c[i] - b[i], rest - b[i]) >= 0)
                & (_cross(a[i] - c[i], rest - c[i]) >= 0)
            )
            if not inside.any():
                ear = int(i)
                break
        result.append((int(before[ear]), int(here[ear]), int(after[ear])))
        order.pop(ear)
    result.append((order[0], order[1], order[2]))
    return np.array(result, np.int32)


def _cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
