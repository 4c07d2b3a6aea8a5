"""The usual number of triangles: the same shape, as closed, as symmetric, as good to work on."""

import numpy as np
import pytest
import torch
import trimesh
from analytic_fields import DistanceField, box, sphere, union
from hypothesis import given, settings
from hypothesis import strategies as st

from bozzetto.inference.surface.caps import LOWEST_FACE, measure_heights
from bozzetto.inference.surface.distance import measure_distances
from bozzetto.inference.surface.extract import extract_surface
from bozzetto.inference.surface.finish import SHORTEST_EDGE, finish_surface
from bozzetto.inference.surface.reduce import choose_usual_faces, drop_slips, reduce_mesh
from bozzetto.inference.surface.topology import count_defects
from bozzetto.inference.surface.touching import APART, find_touching

RESOLUTION = 64


def stool(legs, tilt=0.0):
    """A seat on legs at (x, y); tilt: how much height follows x, which takes the symmetry."""
    shape = union(
        box((0.0, 0.0, 0.25), (0.9, 0.6, 0.2)),
        *(box((x, y, -0.1), (0.12, 0.12, 0.6)) for x, y in legs),
    )
    return lambda p: shape(torch.stack([p[:, 0], p[:, 1], p[:, 2] - tilt * p[:, 0]], dim=1)) - 0.02


def make(distance, resolution=RESOLUTION):
    field = DistanceField(distance)
    surface = extract_surface(field, resolution)
    return finish_surface(surface, field, diagonal=1.3, name="x"), surface.report["cell"]


def check(mesh, reduced, resolution=RESOLUTION):
    """What is true of every delivered mesh, and that it is the same shape."""
    vertices, faces = reduced.vertices, reduced.faces
    assert vertices.dtype == np.float32
    assert faces.dtype == np.int32
    assert not any(count_defects(faces.astype(np.int64), len(vertices)).values())
    diagonal = np.linalg.norm(np.ptp(vertices, axis=0))
    edges = np.linalg.norm(vertices[faces] - vertices[faces[:, [1, 2, 0]]], axis=2)
    assert edges.min() >= SHORTEST_EDGE * diagonal
    assert measure_heights(vertices, faces).min() >= LOWEST_FACE * diagonal
    assert not len(find_touching(vertices, APART / 2 * diagonal))
    assert vertices[:, 2].min() == 0.0
    assert np.ptp(vertices, axis=0).max() == pytest.approx(np.ptp(mesh.vertices, axis=0).max())
    assert len(faces) == pytest.approx(choose_usual_faces(resolution), rel=0.1)
    old = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    new = trimesh.Trimesh(vertices, faces, process=False)
    assert new.is_watertight
    assert new.volume > 0
    assert new.volume == pytest.approx(old.volume, rel=0.02)
    assert reduced.report["volume_change"] == pytest.approx(new.volume / old.volume - 1, abs=1e-6)
    assert new.body_count == old.body_count == reduced.report["components"]


def measure_hausdorff(mesh, reduced):
    """In metres, both ways, from some of the vertices to every triangle."""
    far = 0.0
    for one, other in ((mesh, reduced), (reduced, mesh)):
        points = one.vertices[:: len(one.vertices) // 150].astype(np.float64)
        corners = other.vertices[other.faces].astype(np.float64)
        for point in points:
            near = trimesh.triangles.closest_point(corners, np.tile(point, (len(corners), 1)))
            far = max(far, float(np.linalg.norm(near - point, axis=1).min()))
    return far


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_distances_to_triangles_of_any_size_are_exact(seed):
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(60, 1, 3))
    corners = middles + rng.normal(size=(60, 3, 3)) * 10.0 ** rng.uniform(-3, 1, (60, 1, 1))
    vertices, faces = corners.reshape(-1, 3), np.arange(180).reshape(-1, 3)
    points = rng.normal(size=(40, 3)) * 2
    found = measure_distances(points, vertices, faces)
    for point, distance in zip(points, found, strict=True):
        near = trimesh.triangles.closest_point(corners, np.tile(point, (60, 1)))
        assert distance == pytest.approx(np.linalg.norm(near - point, axis=1).min(), abs=1e-9)


def test_lone_triangles_that_collapsing_leaves_are_dropped():
    solid = trimesh.creation.icosphere(subdivisions=1)
    lone = np.array([[2.0, 0, 0], [2, 1, 0], [2, 0, 1]])
    vertices = np.concatenate([lone, solid.vertices])
    faces = np.concatenate([[[0, 1, 2]], solid.faces + 3])
    places, kept = drop_slips(vertices, faces)
    assert np.array_equal(places, solid.vertices)
    assert np.array_equal(kept, solid.faces)


LEGS = st.lists(st.tuples(st.floats(-0.36, 0.36), st.floats(-0.2, 0.2)), min_size=1, max_size=4)


@given(LEGS, st.floats(-0.2, 0.2))
@settings(max_examples=8, deadline=None)
def test_any_stool_stays_what_it_is(legs, tilt):
    mesh, cell = make(stool(legs, tilt))
    reduced = reduce_mesh(mesh, resolution=RESOLUTION, cell=cell)
    assert reduced is not None
    check(mesh, reduced)
    voxel = cell * mesh.info["placement"]["scale"]
    assert measure_hausdorff(mesh, reduced) <= 0.25 * voxel
    assert reduced.report["distance_max"] <= 0.25


@given(LEGS)
@settings(max_examples=6, deadline=None)
def test_what_mirrors_itself_still_does_to_the_bit(legs):
    both = [(side * x, y) for x, y in legs for side in (1, -1)]
    mesh, cell = make(stool(both))
    reduced = reduce_mesh(mesh, resolution=RESOLUTION, cell=cell)
    assert reduced is not None
    assert reduced.symmetric
    check(mesh, reduced)
    image = reduced.vertices * np.array([-1, 1, 1], np.float32)
    assert {tuple(v) for v in image.tolist()} == {tuple(v) for v in reduced.vertices.tolist()}


def test_the_size_of_the_object_changes_nothing_but_the_size():
    field = DistanceField(stool([(-0.3, 0.1), (0.3, -0.1)]))
    surface = extract_surface(field, RESOLUTION)
    cell = surface.report["cell"]
    meshes = [finish_surface(surface, field, size=size, name="x") for size in (0.05, 400.0)]
    small, large = (reduce_mesh(mesh, resolution=RESOLUTION, cell=cell) for mesh in meshes)
    assert len(small.faces) == pytest.approx(len(large.faces), rel=0.01)
    assert large.report["distance_max"] <= 0.2
    assert small.report["distance_max"] <= 0.2


def test_separate_parts_stay_separate():
    two = union(sphere((-0.25, 0.0, 0.0), 0.2), sphere((0.26, 0.0, 0.1), 0.19))
    mesh, cell = make(two)
    reduced = reduce_mesh(mesh, resolution=RESOLUTION, cell=cell)
    check(mesh, reduced)
    assert reduced.report["components"] == 2


def test_a_mesh_of_few_triangles_is_left_alone():
    mesh, cell = make(sphere(radius=0.1))
    assert len(mesh.faces) < choose_usual_faces(RESOLUTION)
    assert reduce_mesh(mesh, resolution=RESOLUTION, cell=cell) is None


def test_more_resolution_is_worth_more_triangles():
    counts = [choose_usual_faces(resolution) for resolution in (64, 128, 256, 512)]
    assert counts == [5_000, 20_000, 80_000, 320_000]


def test_the_same_mesh_gives_the_same_bytes():
    mesh, cell = make(stool([(-0.3, 0.1), (0.3, -0.1)]))
    one, two = (reduce_mesh(mesh, resolution=RESOLUTION, cell=cell) for _ in range(2))
    assert one.vertices.tobytes() == two.vertices.tobytes()
    assert one.faces.tobytes() == two.faces.tobytes()
