"""Where points are seen in a picture, and what stands in front of them there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..types import Pinhole
from .raster import find_spans

NEAREST = 1e-6
"""Depths are at least this: what is behind the eye is not seen."""


def project_points(pinhole: Pinhole, points: np.ndarray, side: int) -> tuple[np.ndarray, ...]:
    """Points float [N, 3] -> columns, rows and depths along the axis, float32 [N] each.

    Columns and rows are in cells of a square of side x side, (0, 0) its upper left corner.
    """
    axes = np.array(pinhole.axes, np.float32)
    local = (points - np.array(pinhole.eye, np.float32)).astype(np.float32) @ axes.T
    depth = np.maximum(local[:, 2], NEAREST)
    scale = side / (2 * pinhole.half_side)
    columns = (local[:, 0] / depth - pinhole.centre[0]) * scale + side / 2
    rows = (pinhole.centre[1] - local[:, 1] / depth) * scale + side / 2
    return columns, rows, depth


@dataclass(frozen=True)
class Sight:
    """What a camera meets first, in a square of side x side cells.

    entry: float32 [side * side], depth where the line of sight enters the object, inf: it never
    does; exit: where it leaves it again for the first time. triangle: int32 [side * side], the one
    that is seen, -1: none. weights: float32 [side * side, 3], of its corners on the surface.
    """

    side: int
    entry: np.ndarray
    exit: np.ndarray
    triangle: np.ndarray
    weights: np.ndarray
    cosine: np.ndarray

    @property
    def covered(self) -> np.ndarray:
        """bool [side, side]: the silhouette."""
        return (self.triangle >= 0).reshape(self.side, self.side)


def render_sight(pinhole: Pinhole, vertices: np.ndarray, triangles: np.ndarray, side: int) -> Sight:
    """A depth buffer of vertices float [V, 3] and triangles int [T, 3], outward."""
    columns, rows, depth = project_points(pinhole, vertices, side)
    plane = np.stack((columns, rows), axis=-1)[triangles]
    inverse = (1 / depth)[triangles]  # linear across the picture, as depth is not
    (ax, ay), (bx, by) = ((plane[:, k] - plane[:, 0]).T for k in (1, 2))
    facing = ax * by - ay * bx < 0  # rows count down
    ahead = (depth > NEAREST)[triangles].all(axis=1)
    front, back = np.flatnonzero(facing & ahead), np.flatnonzero(~facing & ahead)
    nearest = np.zeros(side * side, np.float32)
    fragments = find_spans(plane[front], side).expand_all()
    depths = np.einsum("nk,nk->n", fragments.weights, inverse[front].take(fragments.triangle, 0))
    np.maximum.at(nearest, fragments.cell, depths)
    won = np.flatnonzero(depths == nearest[fragments.cell])
    triangle = np.full(side * side, -1, np.int32)
    weights = np.zeros((side * side, 3), np.float32)
    cell = fragments.cell[won]
    triangle[cell] = front[fragments.triangle[won]]
    true = fragments.weights[won] * inverse[triangle[cell]]
    weights[cell] = true / true.sum(axis=1, keepdims=True)

    cosine = np.ones(side * side, np.float32)
    cosine[cell] = _face_eye(pinhole, vertices, triangles)[triangle[cell]]

    leaving = np.zeros(side * side, np.float32)
    fragments = find_spans(plane[back], side).expand_all()
    depths = np.einsum("nk,nk->n", fragments.weights, inverse[back].take(fragments.triangle, 0))
    np.maximum.at(leaving, fragments.cell, depths)
    with np.errstate(divide="ignore"):
        return Sight(side, 1 / nearest, 1 / leaving, triangle, weights, cosine)


def _face_eye(pinhole: Pinhole, vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """float32 [T]: cosines between the triangles' normals and the lines to the eye."""
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    normals, towards = np.cross(b - a, c - a), np.array(pinhole.eye, np.float32) - a
    length = np.sqrt(np.einsum("tk,tk->t", normals, normals) * (towards**2).sum(axis=1))
    return np.einsum("tk,tk->t", normals, towards) / np.maximum(length, 1e-30)
