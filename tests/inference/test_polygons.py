"""How polygons hang together, against the worker's own way with scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bozzetto.inference import polygons
from bozzetto.inference.surface import topology
from bozzetto.inference.types import PolygonMesh

CUBE = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
SIDES = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]


def make_mesh(vertices, rings):
    corners = np.concatenate([np.asarray(ring, np.int32) for ring in rings])
    return PolygonMesh(vertices, corners, np.array([len(ring) for ring in rings], np.int32))


def soups(count=9):
    triangle = st.lists(st.integers(0, count - 1), min_size=3, max_size=3, unique=True)
    return st.lists(triangle, min_size=1, max_size=16)


@settings(max_examples=200, deadline=None)
@given(faces=soups())
def test_defects_are_those_that_the_worker_counts(faces):
    faces = np.array(faces)
    mesh = PolygonMesh.from_triangles(np.zeros((9, 3), np.float32), faces)
    defects = polygons.count_defects(mesh)
    del defects["bad_polygons"]
    assert defects == topology.count_defects(faces, 9)


@settings(max_examples=100, deadline=None)
@given(edges=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=40))
def test_components_are_those_of_scipy(edges):
    edges = np.array(edges, np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(edges)), edges.T), shape=(30, 30))
    count, labels = connected_components(graph, directed=False)
    ours, mine = polygons.label_components(30, edges)
    assert ours == count
    assert len(set(zip(labels.tolist(), mine.tolist(), strict=True))) == count


def test_long_chain_is_one_component():
    order = np.random.default_rng(0).permutation(5000)
    count, labels = polygons.label_components(5000, np.stack([order[:-1], order[1:]], axis=-1))
    assert count == 1
    assert (labels == 0).all()


def test_cube_of_quads():
    mesh = make_mesh(CUBE, SIDES)
    assert not any(polygons.count_defects(mesh).values())
    triangles = polygons.split_polygons(mesh)
    assert len(triangles) == 12
    assert polygons.measure_volume(mesh.vertices, triangles) == pytest.approx(1.0)
    links = polygons.link_corners(mesh)
    assert len(links.edges) == 12
    np.testing.assert_array_equal(links.twin[links.twin], np.arange(24))


def test_touching_cubes_share_a_vertex_that_is_not_manifold():
    other = CUBE + 1
    vertices = np.concatenate([CUBE, other])
    rings = [*SIDES, *[[7 if v == 0 else 8 + v for v in ring] for ring in SIDES]]
    defects = polygons.count_defects(make_mesh(vertices, rings))
    assert defects["non_manifold_vertices"] == 1
    assert defects["loose_vertices"] == 1
    assert defects["boundary_edges"] == defects["non_manifold_edges"] == 0


def test_hole_and_side_turned_inward_are_counted():
    assert polygons.count_defects(make_mesh(CUBE, SIDES[1:]))["boundary_edges"] == 4
    turned = [SIDES[0][::-1], *SIDES[1:]]
    assert polygons.count_defects(make_mesh(CUBE, turned))["non_manifold_edges"] == 4


@pytest.mark.parametrize(
    ("rings", "count"),
    [
        (SIDES, 0),
        ([*SIDES, [1, 3, 2, 0]], 1),
        ([*SIDES, [2, 3, 1, 0]], 1),
        ([*SIDES, [0, 1, 1, 2]], 1),
        ([*SIDES, [0, 1, 3]], 0),
        ([[0, 1, 2], [1, 2, 0], [0, 2, 1], *SIDES], 2),
    ],
)
def test_bad_polygons(rings, count):
    assert polygons.count_bad_polygons(make_mesh(CUBE, rings)) == count


def test_quads_are_cut_along_the_shorter_diagonal():
    kite = np.array([[0, 0, 0], [3, -1, 0], [6, 0, 0], [3, 1, 0]], np.float32)
    cut = polygons.split_polygons(make_mesh(kite, [[0, 1, 2, 3]]))
    assert all({1, 3} <= set(triangle) for triangle in cut.tolist())


def test_picked_polygons_keep_only_their_vertices():
    mesh = polygons.pick_polygons(make_mesh(CUBE, SIDES), np.arange(6) == 1)
    np.testing.assert_array_equal(mesh.vertices[mesh.corners], CUBE[SIDES[1]])
    assert len(mesh.vertices) == 4
