"""Patches laid on a surface along a direction: panes, lights, grilles, lines between doors."""

from __future__ import annotations

import numpy as np

from .surface import Surface
from .sweep import plate


class Projector:
    """Finds where parallel rays first meet a surface.

    along: direction of the rays, [3]. Their places are given in the plane square to it by `u` and
    `v`, unit vectors: v is as upright as can be (+Y for vertical rays), and u, v, -along is
    right-handed, so that someone who looks along the rays sees u to the right.
    """

    def __init__(self, surface: Surface, along: np.ndarray) -> None:
        self.along = np.asarray(along, np.float64) / np.linalg.norm(along)
        upright = np.array([0.0, 1.0, 0.0] if abs(self.along[2]) > 0.9 else [0.0, 0.0, 1.0])
        self.u = np.cross(self.along, upright)
        self.u /= np.linalg.norm(self.u)
        self.v = np.cross(self.u, self.along)
        corners = surface.triangles
        flat = np.stack([corners @ self.u, corners @ self.v], axis=2)
        edges = flat[:, 1:] - flat[:, :1]
        area = edges[:, 0, 0] * edges[:, 1, 1] - edges[:, 0, 1] * edges[:, 1, 0]
        keep = np.abs(area) > 1e-10
        self.flat, self.edges, self.area = flat[keep], edges[keep], area[keep]
        self.depths = (corners @ self.along)[keep]

    def depth(self, places: np.ndarray) -> np.ndarray:
        """float64 [N]: way along the rays to the first hit for places (u, v) [N, 2].

        A ray that misses takes the depth of the nearest ray that hits; NaN where none hits.
        """
        places = np.asarray(places, np.float64)
        low, high = places.min(axis=0), places.max(axis=0)
        near = (self.flat.min(axis=1) <= high).all(axis=1) & (self.flat.max(axis=1) >= low).all(
            axis=1
        )
        start, edges, area = self.flat[near, 0], self.edges[near], self.area[near]
        depths = self.depths[near]
        if not len(area):
            return np.full(len(places), np.nan)
        way = places[:, None] - start
        s = (way[..., 0] * edges[:, 1, 1] - way[..., 1] * edges[:, 1, 0]) / area
        t = (way[..., 1] * edges[:, 0, 0] - way[..., 0] * edges[:, 0, 1]) / area
        hit = (s >= -1e-9) & (t >= -1e-9) & (s + t <= 1 + 1e-9)
        depth = depths[:, 0] * (1 - s - t) + depths[:, 1] * s + depths[:, 2] * t
        first = np.where(hit, depth, np.inf).min(axis=1)
        found = np.isfinite(first)
        if found.any() and not found.all():
            gaps = np.linalg.norm(places[~found, None] - places[None, found], axis=2)
            first[~found] = first[found][gaps.argmin(axis=1)]
        return np.where(np.isfinite(first), first, np.nan)

    def points(self, places: np.ndarray, lift: float | np.ndarray = 0.0) -> np.ndarray:
        """float64 [..., 3] on the surface for places [..., 2], `lift` toward the rays' origin.

        lift: one number or an array that broadcasts to the places' [...].
        """
        places = np.asarray(places, np.float64)
        depth = self.depth(places.reshape(-1, 2)).reshape(places.shape[:-1]) - lift
        return places[..., :1] * self.u + places[..., 1:] * self.v + depth[..., None] * self.along

    def patch(
        self, grid: np.ndarray, lift: float | np.ndarray = 0.006, sink: float = 0.02
    ) -> Surface | None:
        """A thin closed plate over the surface for a grid of places (u, v) [n, m, 2].

        It stands out by `lift` and reaches `sink` below. None where the surface is not there.
        """
        outer = self.points(grid, lift)
        if not np.isfinite(outer).all():
            return None
        way = np.broadcast_to(np.asarray(lift) + sink, outer.shape[:2])
        return plate(outer, outer + self.along * way[..., None])


def ruled(first: np.ndarray, second: np.ndarray, rows: int) -> np.ndarray:
    """float64 [rows, m, 2]: the grid between two lines of m points each."""
    t = np.linspace(0, 1, rows)[:, None, None]
    return (1 - t) * np.asarray(first) + t * np.asarray(second)


def disc(centre: tuple[float, float], radii: tuple[float, float], count: int = 13) -> np.ndarray:
    """float64 [5, count, 2]: an ellipse as a grid of places between its two halves."""
    turn = np.linspace(0, np.pi, count)
    lower = np.stack([np.cos(turn), -np.sin(turn)], axis=1)
    upper = lower * np.array([1.0, -1.0])
    return np.asarray(centre) + ruled(lower, upper, 5) * np.asarray(radii)
