"""Vertices reach for the tips and rims that coarser faces cut off, and turn nothing over."""

import importlib.util
from pathlib import Path

import numpy as np
from blender_helpers import part
from hypothesis import given, settings
from hypothesis import strategies as st

_spec = importlib.util.spec_from_file_location(
    "topology_shapes", Path(__file__).with_name("topology_shapes.py")
)
shapes = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(shapes)


def reach(mesh, points, **options):
    return part("scene.topology.reach").reach_points(mesh, points, **options)


def measure(mesh, points):
    return part("scene.topology.nearest").Nearest.of(mesh).measure(points)


def make_coarse(voxel, *, bulge=0.0):
    """A table, and voxels of that size of it: symmetric ones as `mirror_right` orders them."""
    vertices, faces = shapes.make_table(voxel=0.03, bulge=bulge)
    types, voxels = part("inference.types"), part("scene.topology.voxels")
    fine = types.PolygonMesh.from_triangles(vertices, faces)
    coarse = voxels.voxelise(fine, voxel)
    if not bulge:
        coarse = part("inference.surface.halves").mirror_right(coarse)
    return fine, coarse


def cross(mesh):
    polygons = part("inference.polygons")
    return polygons.cross_triangles(mesh.vertices, polygons.split_polygons(mesh))


@settings(max_examples=15, deadline=None)
@given(voxel=st.floats(0.07, 0.1), symmetric=st.booleans())
def test_what_was_cut_off_is_nearer_and_the_mesh_stays_sound(voxel, symmetric):
    fine, coarse = make_coarse(voxel, bulge=0.0 if symmetric else 0.1)
    options = {"near": 0.01, "far": 2 * voxel}
    if symmetric:
        options |= {"mirrored": True, "gap": 0.001}
    reached = reach(coarse, fine.vertices, **options)
    before, after = measure(coarse, fine.vertices), measure(reached, fine.vertices)
    assert after.mean() < 0.8 * before.mean()
    assert after.max() <= before.max()
    assert shapes.count_defects(reached) == {}
    assert shapes.measure_volume(reached) > 0
    np.testing.assert_array_equal(reached.corners, coarse.corners)
    if symmetric:
        assert shapes.is_mirrored(reached)


def test_each_corner_of_a_rounded_box_is_met():
    box = shapes.make_boxes([([0, 0, 0], [1, 1, 1])])
    mesh = part("scene.topology.voxels").voxelise(box, 0.3)
    reached = reach(mesh, box.vertices, near=0.01, far=0.6)
    assert measure(mesh, box.vertices).min() > 0.01
    assert measure(reached, box.vertices).max() < 0.01
    same = (reached.vertices == mesh.vertices).all(axis=1)
    assert 0 < (~same).sum() <= 8 * 3, "nothing but the corners has moved"


def test_what_is_not_lost_or_far_away_moves_nothing():
    mesh = shapes.make_boxes([([0, 0, 0], [1, 1, 1])])
    points = np.array([[1.05, 1.05, 1.05], [3.0, 0, 0]], np.float32)
    reached = reach(mesh, points, near=0.1, far=1.0)
    np.testing.assert_array_equal(reached.vertices, mesh.vertices)


def test_the_seam_of_a_half_stays_in_its_plane():
    halves = part("inference.surface.halves")
    vertices, faces = shapes.make_table(voxel=0.06)
    half = halves.tidy_seam(halves.cut_half(vertices.astype(float), faces, 0.006), 0.003)
    seam = halves.find_seam(half)
    points = half.vertices * 1.02 + np.array([0.01, 0, 0])
    reached = reach(half, points, near=1e-3, far=0.2, gap=0.003)
    assert (reached.vertices != half.vertices).any()
    assert (reached.vertices[seam, 0] == 0).all()
    assert (reached.vertices[~seam, 0] >= np.float32(0.003)).all()
    assert shapes.is_mirrored(halves.mirror_half(reached))
