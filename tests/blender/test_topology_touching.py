"""Vertices of different parts in one place are parted: readers of .stl would join them."""

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

APART = 2e-3


def touching():
    return part("inference.surface.touching")


def join_by_place(mesh):
    """What is wrong with the mesh once vertices with the same bits are one, as in an .stl."""
    _, number = np.unique(mesh.vertices, axis=0, return_inverse=True)
    corners = number.reshape(-1)[mesh.corners].astype(np.int32)
    places = np.zeros((number.max() + 1, 3), np.float32)
    joined = part("inference.types").PolygonMesh(places, corners, mesh.sizes)
    return shapes.count_defects(joined)


def closest(places):
    """The least distance between two vertices, pair by pair."""
    away = np.linalg.norm(places[:, None] - places[None], axis=2)
    return away[~np.eye(len(places), dtype=bool)].min()


@settings(max_examples=40, deadline=None)
@given(
    shifts=st.lists(
        st.tuples(*[st.sampled_from([-1, 0, 1])] * 3), min_size=1, max_size=4, unique=True
    ),
    noise=st.sampled_from([0.0, 1e-8, 2e-4]),
)
def test_boxes_that_touch_are_parted(shifts, noise):
    """Corner to corner, edge to edge and face to face, up to 5 boxes of size 1."""
    centres = np.array([[0, 0, 0], *shifts], float)
    centres = np.unique(centres, axis=0)
    mesh = shapes.make_boxes([(centre, [0.5, 0.5, 0.5]) for centre in centres])
    places = mesh.vertices + noise * np.sin(np.arange(3 * len(mesh.vertices)).reshape(-1, 3))
    mesh = part("inference.types").PolygonMesh(places.astype(np.float32), mesh.corners, mesh.sizes)
    moved = touching().part_touching(mesh, APART)
    assert closest(moved.vertices) >= APART
    assert join_by_place(moved) == {}
    assert np.abs(moved.vertices - mesh.vertices).max() < 20 * APART
    np.testing.assert_array_equal(moved.corners, mesh.corners)
    if len(centres) > 1 and not noise:
        assert join_by_place(mesh) != {} or closest(mesh.vertices) > APART


def test_what_does_not_touch_stays_bit_for_bit():
    mesh = shapes.make_boxes([([0, 0, 0], [1, 1, 1]), ([2.1, 0, 0], [1, 1, 1])])
    assert touching().part_touching(mesh, APART) is mesh


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10_000), count=st.integers(2, 200), apart=st.floats(0.001, 0.2))
def test_pairs_are_those_that_are_near(seed, count, apart):
    places = np.random.default_rng(seed).random((count, 3)).astype(np.float32)
    found = {tuple(pair) for pair in touching().find_touching(places, apart).tolist()}
    away = np.linalg.norm(places[:, None].astype(float) - places[None].astype(float), axis=2)
    near = {(int(a), int(b)) for a, b in np.argwhere(away < apart) if a < b}
    assert found == near


def test_seams_that_touch_are_parted_in_the_plane():
    """Two halves that stand in the mirror plane edge to edge, as thin parts do after QuadriFlow."""
    halves = part("inference.surface.halves")
    box = shapes.make_boxes([([0.5, 0, 0], [0.5, 0.5, 0.5]), ([0.5, 1.0, 0], [0.5, 0.5, 0.5])])
    flat = np.logical_and.reduceat(box.vertices[box.corners, 0] == 0, box.starts)
    kept = np.repeat(~flat, box.sizes)
    half = part("inference.types").PolygonMesh(box.vertices, box.corners[kept], box.sizes[~flat])
    assert join_by_place(halves.mirror_half(half)) != {}
    moved = touching().part_touching(half, APART, half=True)
    whole = halves.mirror_half(moved)
    assert (moved.vertices[halves.find_seam(half), 0] == 0).all()
    assert shapes.is_mirrored(whole)
    assert shapes.count_defects(whole) == {}
    assert join_by_place(whole) == {}


def test_fans_on_one_side_of_their_vertex_get_places_of_their_own():
    """Two prisms that share an edge in the seam and lie on the same side of it."""
    halves = part("inference.surface.halves")
    shape = np.array([[0, 0], [1, 1], [0, 2], [1, 0.5], [0, 4]], float)
    low = np.column_stack([shape, np.zeros(5)])
    places = np.concatenate([low, low + [0, 0, 1]]).astype(np.float32)
    polygons = []
    for first, top, last in ((0, 1, 2), (0, 3, 4)):
        polygons += [[a, b, b + 5, a + 5] for a, b in ((first, top), (top, last))]
        polygons += [[first, last, top], [first + 5, top + 5, last + 5]]
    mesh = part("inference.types").PolygonMesh(
        places,
        np.concatenate(polygons).astype(np.int32),
        np.array([len(polygon) for polygon in polygons], np.int32),
    )
    tidied = halves.tidy_seam(mesh, 0.05)
    assert closest(tidied.vertices) > 0.04
    whole = halves.mirror_half(tidied)
    assert shapes.count_defects(whole) == {}
    assert join_by_place(whole) == {}
