"""Meshes for the tests of unwrapping, and checks that share no code with it."""

import numpy as np
from analytic_fields import DistanceField

from bozzetto.inference.surface.extract import extract_surface
from bozzetto.inference.types import PolygonMesh


def quad_box(size=(1.0, 1.0, 1.0), cells=4):
    """A closed box of quads, cells along every edge."""
    vertices, quads = [], []
    steps = np.linspace(-0.5, 0.5, cells + 1)
    for axis in range(3):
        for sign in (-1, 1):
            u, v = np.meshgrid(steps, steps, indexing="ij")
            points = np.zeros((cells + 1, cells + 1, 3))
            points[..., axis] = sign / 2
            points[..., (axis + 1) % 3], points[..., (axis + 2) % 3] = u, v
            number = np.arange((cells + 1) ** 2).reshape(cells + 1, -1) + len(vertices)
            quad = np.stack(
                [number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]], axis=-1
            ).reshape(-1, 4)
            quads.append(quad if sign > 0 else quad[:, ::-1])
            vertices.extend(points.reshape(-1, 3))
    vertices = np.round(np.array(vertices), 9)
    unique, place = np.unique(vertices, axis=0, return_inverse=True)
    corners = place.reshape(-1)[np.concatenate(quads)]
    return PolygonMesh(
        (unique * size).astype(np.float32),
        corners.reshape(-1).astype(np.int32),
        np.full(len(corners), 4, np.int32),
    )


def quad_torus(major=0.35, minor=0.12, around=48, across=24):
    """A closed torus of quads."""
    u = np.arange(around) * 2 * np.pi / around
    v = np.arange(across) * 2 * np.pi / across
    ring = major + minor * np.cos(v)[None]
    points = np.stack(
        [
            ring * np.cos(u)[:, None],
            ring * np.sin(u)[:, None],
            np.broadcast_to(minor * np.sin(v), (around, across)),
        ],
        axis=-1,
    )
    number = np.arange(around * across).reshape(around, across)
    ahead, above = np.roll(number, -1, axis=0), np.roll(number, -1, axis=1)
    quads = np.stack([number, ahead, np.roll(ahead, -1, axis=1), above], axis=-1).reshape(-1, 4)
    return PolygonMesh(
        points.reshape(-1, 3).astype(np.float32),
        quads.reshape(-1).astype(np.int32),
        np.full(len(quads), 4, np.int32),
    )


def extracted(distance, resolution=40):
    """Marching cubes of a signed distance."""
    surface = extract_surface(DistanceField(distance), resolution)
    return PolygonMesh.from_triangles(surface.vertices, surface.faces)


def joined(*meshes):
    """One mesh of several components, side by side."""
    vertices, corners, sizes, shift, count = [], [], [], 0.0, 0
    for mesh in meshes:
        vertices.append(mesh.vertices + np.float32([shift, 0, 0]))
        corners.append(mesh.corners + count)
        sizes.append(mesh.sizes)
        shift, count = shift + 1.5, count + len(mesh.vertices)
    return PolygonMesh(
        np.concatenate(vertices),
        np.concatenate(corners).astype(np.int32),
        np.concatenate(sizes),
    )


def polygon_slices(mesh):
    ends = np.cumsum(mesh.sizes)
    return [slice(end - size, end) for end, size in zip(ends, mesh.sizes, strict=True)]


def fan_triangles(mesh, diagonal=0):
    """Int [T, 3] corners; diagonal 1 splits quads the other way."""
    triangles = []
    for part in polygon_slices(mesh):
        ring = np.roll(np.arange(part.start, part.stop), -diagonal)
        triangles += [(ring[0], ring[k], ring[k + 1]) for k in range(1, len(ring) - 1)]
    return np.array(triangles)


def signed_areas(uv, triangles):
    a, b, c = (uv[triangles[:, k]].astype(np.float64) for k in range(3))
    one, two = b - a, c - a
    return (one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) / 2


def count_covers(uv, triangles, side):
    """Int [side, side]: in how many triangles every texel's middle lies, by barycentric signs.

    Middles on an edge count for neither, so nothing is counted twice that only touches.
    """
    covers = np.zeros((side, side), int)
    for triangle in uv[triangles].astype(np.float64) * side:
        low = np.floor(triangle.min(axis=0)).astype(int).clip(0, side - 1)
        high = np.ceil(triangle.max(axis=0)).astype(int).clip(1, side)
        y, x = np.mgrid[low[1] : high[1], low[0] : high[0]] + 0.5
        inside = np.ones(x.shape, bool)
        for k in range(3):
            (ax, ay), (bx, by) = triangle[k], triangle[(k + 1) % 3]
            inside &= (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 1e-9
        covers[low[1] : high[1], low[0] : high[0]] += inside
    return covers


def shared_edges(mesh):
    """Pairs of (corner, next corner, their polygon) for the two sides of every edge."""
    sides = {}
    for number, part in enumerate(polygon_slices(mesh)):
        ring = list(range(part.start, part.stop))
        for here, there in zip(ring, ring[1:] + ring[:1], strict=True):
            key = (int(mesh.corners[here]), int(mesh.corners[there]))
            sides[key] = (here, there, number)
    return [(side, sides[key[::-1]]) for key, side in sides.items() if key[0] < key[1]]
