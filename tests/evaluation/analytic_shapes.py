"""Closed shapes whose measures are known."""

import numpy as np
from skimage.measure import marching_cubes

from bozzetto.evaluation.metrics.shape import Shape


def box(size=(1.0, 1.0, 1.0), centre=(0.0, 0.0, 0.0)):
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    vertices = signs * np.array(size) / 2 + np.array(centre)
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [f for a, b, c, d in quads for f in ((a, b, c), (a, c, d))]
    return vertices, np.array(faces)


def join(*meshes):
    vertices, faces, start = [], [], 0
    for points, triangles in meshes:
        vertices.append(points)
        faces.append(np.asarray(triangles) + start)
        start += len(points)
    return np.concatenate(vertices), np.concatenate(faces)


def surface_of(function, resolution=64):
    """The closed surface where function(points [N, 3]) is 0 in [-0.5, 0.5]³, negative inside."""
    steps = (np.arange(resolution + 1)) / resolution - 0.5
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    values = function(grid.reshape(-1, 3)).reshape((resolution + 1,) * 3)
    vertices, faces, _, _ = marching_cubes(values, 0.0)
    return vertices / resolution - 0.5, faces.astype(np.int64)


def ball(radius=0.4, centre=(0.0, 0.0, 0.0), resolution=64):
    return surface_of(lambda p: np.linalg.norm(p - np.array(centre), axis=1) - radius, resolution)


def box_distance(points, size, centre):
    return (np.abs(points - np.array(centre)) - np.array(size) / 2).max(axis=1)


def armchair():
    """A seat with a back on +Y and one arm: no two yaws of it look alike."""
    parts = (
        ((0.5, 0.5, 0.2), (0, 0, -0.2)),
        ((0.5, 0.12, 0.4), (0, 0.19, 0.05)),
        ((0.12, 0.3, 0.2), (0.19, -0.1, -0.05)),
    )
    return Shape(*surface_of(lambda p: np.min([box_distance(p, *b) for b in parts], axis=0)))
