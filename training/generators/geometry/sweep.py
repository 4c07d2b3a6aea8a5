"""Surfaces swept by curves: lofts, tubes, bodies of revolution, extrusions, rounded boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .curves import rounded_rectangle
from .surface import Surface, grid_faces, triangulate


def loft(sections: np.ndarray, caps: bool = True) -> Surface:
    """The skin over closed curves, float64 [n, m, 3], with flat ends if `caps`.

    All curves have m corners, matched by number; a curve may be concave. With `caps` the surface
    is closed and its outside points outward.
    """
    sections = np.asarray(sections, np.float64)
    rows, columns = sections.shape[:2]
    faces = [grid_faces(rows, columns, close_columns=True)]
    if caps:
        faces.append(_cap(sections[0])[:, ::-1])
        faces.append(_cap(sections[-1]) + (rows - 1) * columns)
    surface = Surface(sections.reshape(-1, 3), np.concatenate(faces).astype(np.int32))
    return surface.outward() if caps else surface


def _cap(curve: np.ndarray) -> np.ndarray:
    """Triangles of the flat face of a closed curve [m, 3], counter-clockwise as the curve runs."""
    following = np.roll(curve, -1, axis=0)
    normal = np.cross(curve, following).sum(axis=0)  # Newell's method
    drop = int(np.argmax(np.abs(normal)))
    axes = [(1, 2), (2, 0), (0, 1)][drop]
    flat = curve[:, axes]
    if not np.ptp(flat, axis=0).all():
        return np.zeros((0, 3), np.int32)
    triangles = triangulate(flat)
    return triangles if normal[drop] > 0 else triangles[:, ::-1]


def sheet(grid: np.ndarray) -> Surface:
    """An open surface over a grid of points float64 [n, m, 3]."""
    grid = np.asarray(grid, np.float64)
    return Surface(grid.reshape(-1, 3), grid_faces(grid.shape[0], grid.shape[1]))


def plate(outer: np.ndarray, inner: np.ndarray) -> Surface:
    """The closed body between two grids of equal shape, float64 [n, m, 3] each."""
    rows, columns = outer.shape[:2]
    top = grid_faces(rows, columns)
    bottom = top[:, ::-1] + rows * columns
    numbers = np.arange(rows * columns).reshape(rows, columns)
    rim = np.concatenate([numbers[0, :-1], numbers[:-1, -1], numbers[-1, :0:-1], numbers[:0:-1, 0]])
    after = np.roll(rim, -1)
    low = rows * columns
    walls = np.concatenate(
        [np.stack([rim, rim + low, after], 1), np.stack([after, rim + low, after + low], 1)]
    )
    vertices = np.concatenate([outer.reshape(-1, 3), inner.reshape(-1, 3)])
    return Surface(vertices, np.concatenate([top, bottom, walls]).astype(np.int32)).outward()


def tube(path: np.ndarray, radius: float | np.ndarray, sides: int = 8) -> Surface:
    """A round bar along points float64 [n, 3]; `radius` one number or one per point.

    Frames are carried along the path without twist (parallel transport).
    """
    path = np.asarray(path, np.float64)
    radii = np.broadcast_to(np.asarray(radius, np.float64), (len(path),))
    tangents = np.gradient(path, axis=0)
    tangents /= np.linalg.norm(tangents, axis=1, keepdims=True)
    up = np.eye(3)[int(np.argmin(np.abs(tangents[0])))]
    turn = np.arange(sides) / sides * 2 * np.pi
    sections = []
    for point, tangent, size in zip(path, tangents, radii, strict=True):
        up = up - tangent * np.dot(up, tangent)
        up = up / np.linalg.norm(up)
        side = np.cross(tangent, up)
        sections.append(point + size * (np.outer(np.cos(turn), up) + np.outer(np.sin(turn), side)))
    return loft(np.array(sections))


def bar(start: Sequence[float], end: Sequence[float], radius: float, sides: int = 8) -> Surface:
    """A straight round bar between two points."""
    return tube(np.array([start, end], np.float64), radius, sides)


def revolve(profile: np.ndarray, axis: int = 0, steps: int = 24) -> Surface:
    """A profile (place along the axis, radius) float64 [n, 2] turned about a coordinate axis.

    A profile whose ends have radius 0, or that is closed, makes a closed surface. Corners with
    radius 0 become fans of triangles without area, dropped here.
    """
    profile = np.asarray(profile, np.float64)
    turn = np.arange(steps) / steps * 2 * np.pi
    grid = np.zeros((len(profile), steps, 3))
    grid[..., axis] = profile[:, :1]
    grid[..., (axis + 1) % 3] = profile[:, 1:] * np.cos(turn)
    grid[..., (axis + 2) % 3] = profile[:, 1:] * np.sin(turn)
    vertices = grid.reshape(-1, 3)
    faces = grid_faces(len(profile), steps, close_columns=True)
    a, b, c = np.moveaxis(vertices[faces], 1, 0)
    faces = faces[np.linalg.norm(np.cross(b - a, c - a), axis=1) > 1e-12]
    return Surface(vertices, faces).outward()


def extrude(
    outline: np.ndarray, low: float, high: float, axis: int = 0, bevel: float = 0.0
) -> Surface:
    """A simple polygon [n, 2] made a body from `low` to `high` along a coordinate axis.

    The polygon's coordinates are the two axes after `axis` in cyclic order (for 0: y, z; for 1:
    z, x; for 2: x, y). bevel: how far the edges of both ends are drawn in, by corner normals.
    """
    outline = np.asarray(outline, np.float64)
    rows = [(low, 0.0), (high, 0.0)]
    if bevel > 0:
        depth = min(bevel, abs(high - low) / 3) * np.sign(high - low)
        rows = [(low, bevel), (low + depth, 0.0), (high - depth, 0.0), (high, bevel)]
    sections = np.zeros((len(rows), len(outline), 3))
    for section, (place, inset) in zip(sections, rows, strict=True):
        section[:, axis] = place
        section[:, [(axis + 1) % 3, (axis + 2) % 3]] = offset_outline(outline, -inset)
    return loft(sections)


def offset_outline(outline: np.ndarray, distance: float) -> np.ndarray:
    """The polygon [n, 2] with every corner moved outward along its mean normal by `distance`."""
    outline = np.asarray(outline, np.float64)
    edges = np.roll(outline, -1, axis=0) - outline
    length = np.linalg.norm(edges, axis=1, keepdims=True)
    normals = np.stack([edges[:, 1], -edges[:, 0]], axis=1) / np.maximum(length, 1e-12)
    corner = normals + np.roll(normals, 1, axis=0)
    corner /= np.maximum(np.linalg.norm(corner, axis=1, keepdims=True), 1e-12)
    x, y = outline.T
    area = np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))
    return outline + corner * (distance if area > 0 else -distance)


def rounded_box(
    size: Sequence[float], centre: Sequence[float], radius: float = 0.02, axis: int = 2
) -> Surface:
    """A box with round edges along `axis` and bevelled ends. size, centre: x, y, z."""
    first, second = (axis + 1) % 3, (axis + 2) % 3
    radius = min(radius, 0.45 * min(size))
    outline = rounded_rectangle(size[first] / 2, size[second] / 2, radius, 2)
    half = size[axis] / 2
    body = extrude(outline, -half, half, axis, bevel=radius * 0.6)
    return body.moved(*centre)


def box(low: Sequence[float], high: Sequence[float]) -> Surface:
    """A plain box between two corners."""
    (x, y, z), (u, v, w) = low, high
    return extrude(np.array([[x, y], [u, y], [u, v], [x, v]]), z, w, axis=2)
