"""However a quad mesh is cut into triangles, no edge gets four of them."""

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


def make_mesh(places, polygons):
    return part("inference.types").PolygonMesh(
        np.array(places, np.float32),
        np.concatenate(polygons).astype(np.int32),
        np.array([len(polygon) for polygon in polygons], np.int32),
    )


def list_polygons(mesh):
    return [one.tolist() for one in np.split(mesh.corners, np.cumsum(mesh.sizes)[:-1])]


def cut(mesh, choices):
    """As triangles, each quad along one of its diagonals."""
    triangles = []
    for polygon, other in zip(list_polygons(mesh), choices, strict=False):
        turned = polygon[1:] + polygon[:1] if other else polygon
        triangles.append(turned[:3])
        if len(turned) == 4:
            triangles.append([turned[0], *turned[2:]])
    return make_mesh(mesh.vertices, triangles)


def add_doublet(mesh, polygon, corner, where):
    """A quad becomes two that share two edges: one more vertex, which has these two edges alone."""
    polygons = list_polygons(mesh)
    a, b, c, d = np.roll(polygons[polygon], -corner).tolist()
    new = len(mesh.vertices)
    place = where * mesh.vertices[b] + (1 - where) * mesh.vertices[d]
    polygons[polygon] = [a, b, c, new]
    return make_mesh([*mesh.vertices, place], [*polygons, [a, new, c, d]])


@settings(max_examples=60, deadline=None)
@given(
    added=st.lists(
        st.tuples(st.integers(0, 23), st.integers(0, 3), st.floats(0.2, 0.8)), max_size=6
    ),
    seed=st.integers(0, 999),
)
def test_doublets_go_and_every_way_to_cut_is_a_manifold(added, seed):
    plain = part("scene.topology.subdivide").subdivide(shapes.make_boxes([([0, 0, 0], [1, 1, 1])]))
    mesh = plain
    for polygon, corner, where in added:
        mesh = add_doublet(mesh, polygon, corner, where)
    assert shapes.count_defects(mesh) == {}
    mended = part("scene.topology.doublets").make_cuttable(mesh)
    assert shapes.count_defects(mended) == {}
    choices = np.random.default_rng(seed).random((20, len(mended.sizes))) < 0.5
    for some in choices:
        assert shapes.count_defects(cut(mended, some)) == {}
    assert len(mended.vertices) == len(plain.vertices)
    assert (mended.sizes == 4).all()


def test_a_doublet_is_a_fault_where_it_stays():
    """That the test above can fail."""
    plain = part("scene.topology.subdivide").subdivide(shapes.make_boxes([([0, 0, 0], [1, 1, 1])]))
    mesh = add_doublet(plain, 3, 0, 0.5)
    assert any(
        shapes.count_defects(cut(mesh, [True] * 30 if turn else [False] * 30)) for turn in (0, 1)
    )


def test_a_box_between_two_corners_is_cut_where_it_may():
    """A pillow of two quads: both diagonals are of both."""
    mesh = make_mesh([[0, 0, 0], [1, 0, 0], [1, 1, 0.5], [0, 1, 0]], [[0, 1, 2, 3], [3, 2, 1, 0]])
    mended = part("scene.topology.doublets").make_cuttable(mesh)
    for turn in (False, True):
        assert shapes.count_defects(cut(mended, [turn] * 9)) == {}


def test_sound_meshes_stay_as_they_are():
    mesh = part("scene.topology.subdivide").subdivide(shapes.make_boxes([([0, 0, 0], [1, 1, 1])]))
    mended = part("scene.topology.doublets").make_cuttable(mesh)
    np.testing.assert_array_equal(mended.corners, mesh.corners)
    np.testing.assert_array_equal(mended.vertices, mesh.vertices)
