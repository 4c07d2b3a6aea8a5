"""What a camera knows of the colour of points on a surface, and how well it sees them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..types import Pinhole
from .camera import Sight, project_points
from .paint import Paint, ramp

EDGE_ON = 0.02
"""Cosine between the facet and the line of sight below which nothing is seen."""
GRAZING, STEEP = 0.06, 0.25
"""Cosines from which a point is not only guessed, and from which it is surely seen."""
CREASE = (0.92, 0.99)
"""Cosines between smooth and facet normal, of a crease and of a surface that is truly smooth."""
SLACK = 0.003
"""Of the box diagonal, by which a point may lie behind the depth buffer and still be seen."""
LEAST_SLOPE = 0.1
TRUSTED = 0.4
"""Trust in a pixel from which it is surely better than a guess."""
THICKNESS = 0.08
"""How far a colour reaches through the object, over its box diagonal."""
OPPOSED = (0.3, 0.8)
"""Cosines between the two sides of a part from where it counts as a sheet, and as a true one."""


@dataclass(frozen=True)
class Look:
    """What one camera tells of N points.

    index: int [M], the points of which it tells anything. colours: float32 [M, 3], linear light.
    seen: float32 [M], 0: not at all, 1: straight on and far from any edge; it falls with the square
    of the cosine, to be compared with another look. sure: float32 [M] in 0..1, how much better this
    is than a guess. through: float32 [M], the same for points right behind what is seen, on the
    other side of a sheet; their colours are those in front.
    """

    index: np.ndarray
    colours: np.ndarray
    seen: np.ndarray
    sure: np.ndarray
    through: np.ndarray


@dataclass(frozen=True)
class Viewer:
    """A camera with its picture and its depth buffer.

    facets: float32 [T, 3], unit normals of the triangles. diagonal: of the mesh's box.
    """

    pinhole: Pinhole
    paint: Paint
    sight: Sight
    facets: np.ndarray
    diagonal: float

    def look(self, points: np.ndarray, normals: np.ndarray, facets: np.ndarray) -> Look:
        """What is known of points float32 [N, 3] with their smooth normals, of any length, and the
        unit normals of their triangles, float32 [N, 3] each."""
        side = self.paint.side
        columns, rows, depth = project_points(self.pinhole, points, side)
        inside = (columns >= 0) & (columns < side) & (rows >= 0) & (rows < side)
        cell = np.where(inside, rows, 0).astype(np.int32) * side
        cell += np.where(inside, columns, 0).astype(np.int32)
        towards = np.array(self.pinhole.eye, np.float32) - points
        towards /= np.sqrt(np.einsum("nk,nk->n", towards, towards))[:, None]
        flat = np.einsum("nk,nk->n", facets, towards)
        reach = THICKNESS * self.diagonal
        # within a pixel, the surface goes as much deeper as it is steep
        pixel = 2 * self.pinhole.half_side / side * depth
        slack = SLACK * self.diagonal + pixel / np.maximum(np.abs(flat), LEAST_SLOPE)
        ahead = inside & (flat > EDGE_ON) & (depth <= self.paint.limit.take(cell) + slack)
        behind = inside & (flat < -EDGE_ON)
        behind &= depth <= np.minimum(
            self.sight.exit.take(cell) + reach / 8, self.sight.entry.take(cell) + 2 * reach
        )
        index = np.flatnonzero(ahead | behind)
        flat, cell, ahead = flat[index], cell[index], ahead[index]
        samples = sample_grid(self.paint.samples, side, columns[index], rows[index])
        normals = normals[index]
        normals /= np.maximum(np.sqrt(np.einsum("nk,nk->n", normals, normals)), 1e-12)[:, None]
        smooth = np.einsum("nk,nk->n", normals, towards[index])
        # at a crease, the smooth normal of a visible face may look away
        crease = 1 - ramp(np.einsum("nk,nk->n", normals, facets[index]), *CREASE)
        smooth = np.where(ahead, smooth, -smooth)
        cosine = (smooth + crease * (np.abs(flat) - smooth)).clip(0)
        trust = samples[:, 3]
        sure = ramp(cosine, GRAZING, STEEP) * ramp(trust, 0.0, TRUSTED)
        weight = trust * cosine**2
        through = np.zeros_like(weight)
        behind = np.flatnonzero(~ahead & (weight > 0) & (self.sight.triangle.take(cell) >= 0))
        front, own = self.facets[self.sight.triangle[cell[behind]]], facets[index[behind]]
        thick = (depth[index[behind]] - self.sight.entry[cell[behind]]) / reach
        through[behind] = sure[behind] * np.exp(-(thick**2))
        through[behind] *= ramp(-np.einsum("nk,nk->n", front, own), *OPPOSED)
        none = np.float32(0)
        return Look(
            index,
            samples[:, :3],
            np.where(ahead, weight, none),
            np.where(ahead, sure, none),
            through,
        )

    def look_mirrored(
        self, plane: float, points: np.ndarray, normals: np.ndarray, facets: np.ndarray
    ) -> Look:
        """What is known of the points' mirror images in the plane x = plane."""
        flip = np.array([-1, 1, 1], np.float32)
        shift = np.array([2 * plane, 0, 0], np.float32)
        return self.look(points * flip + shift, normals * flip, facets * flip)


def sample_grid(values: np.ndarray, side: int, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Float32 [N, K]: values [side * side, K] between the cells' centres, bilinear.

    columns, rows: in cells, (0, 0) the upper left corner; beyond the square its border counts.
    """
    x = np.clip(columns - 0.5, 0, side - 1).astype(np.float32)
    y = np.clip(rows - 0.5, 0, side - 1).astype(np.float32)
    left = np.minimum(x.astype(np.int32), max(side - 2, 0))
    top = np.minimum(y.astype(np.int32), max(side - 2, 0))
    right, down = (x - left)[:, None], (y - top)[:, None]
    cell = top * side + left
    step, line = (1, side) if side > 1 else (0, 0)
    upper = _blend(values.take(cell, 0), values.take(cell + step, 0), right)
    lower = _blend(values.take(cell + line, 0), values.take(cell + line + step, 0), right)
    return _blend(upper, lower, down)


def _blend(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Float32 [N, K]: from the first (share 0) to the second (share 1); float ones are reused."""
    first, second = first.astype(np.float32, copy=False), second.astype(np.float32, copy=False)
    second -= first
    second *= share
    second += first
    return second
