"""Shapes for the tests of topology, loaded by them as `topology_shapes`; only numpy and bpy."""

import json

import numpy as np
import pytest
from blender_helpers import part

BOX = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32)
SIDES = np.array(
    [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]], np.int32
)


def make_boxes(boxes):
    """PolygonMesh of boxes (centre, half sizes), each closed."""
    places = [BOX * half + centre for centre, half in boxes]
    corners = [SIDES.reshape(-1) + 8 * number for number in range(len(boxes))]
    mesh = part("inference.types").PolygonMesh
    return mesh(
        np.concatenate(places).astype(np.float32),
        np.concatenate(corners).astype(np.int32),
        np.full(6 * len(boxes), 4, np.int32),
    )


def make_solid(boxes, voxel, *, bulge=0.0):
    """The boxes as one surface of triangles, as extraction would give it: vertices and faces.

    bulge: by how much x is stretched towards +X, so that the surface does not mirror itself.
    """
    mesh = part("scene.topology.voxels").voxelise(make_boxes(boxes), voxel)
    faces = part("inference.polygons").split_polygons(mesh)
    places = mesh.vertices.astype(np.float64)
    places[:, 0] += bulge * np.maximum(places[:, 0], 0) ** 2
    places[:, :2] -= (places.min(0) + places.max(0))[:2] / 2
    places[:, 2] -= places[:, 2].min()
    return places.astype(np.float32), faces


def make_table(voxel=0.03, leg=0.06, **options):
    """A table 2 wide, 1.4 deep, 1 high on four legs of half width `leg`."""
    legs = [([x, y, 0.5], [leg, leg, 0.5]) for x in (-0.9, 0.9) for y in (-0.6, 0.6)]
    return make_solid([([0, 0, 1.0], [1.0, 0.7, 0.06]), *legs], voxel, **options)


def make_original(vertices, faces, cell=0.03):
    return part("scene.topology.original").Original(vertices, faces, cell)


def count_defects(mesh):
    """Only what is wrong."""
    found = part("inference.polygons").count_defects(mesh)
    return {name: count for name, count in found.items() if count}


def is_mirrored(mesh):
    """Whether the vertices are the same set after x has changed its sign, to the bit."""
    image = mesh.vertices * np.array([-1, 1, 1], np.float32)
    ordered = [places[np.lexsort(places.T)] for places in (mesh.vertices, image)]
    return bool((ordered[0] == ordered[1]).all())


def measure_volume(mesh):
    polygons = part("inference.polygons")
    return polygons.measure_volume(mesh.vertices, polygons.split_polygons(mesh))


def make_result(vertices, faces):
    return part("inference.types").BaseMesh(vertices, faces, "table", "table")


def shape(mesh, **values):
    module = part("scene.shape_mesh")
    return module.shape_mesh(mesh, module.ShapeSettings(**values))


def check_delivery(shaped, mesh, budget, *, symmetric):
    """Closed, outward, in its place, within the budget."""
    assert count_defects(shaped.mesh) == {}
    assert measure_volume(shaped.mesh) > 0
    assert abs(len(shaped.mesh.sizes) - budget) <= 0.1 * budget
    assert shaped.report["symmetric"] is symmetric
    assert is_mirrored(shaped.mesh) is symmetric
    low, high = shaped.vertices.min(0), shaped.vertices.max(0)
    assert low[2] == pytest.approx(0, abs=1e-6)
    middle = (mesh.vertices.min(0) + mesh.vertices.max(0)) / 2
    np.testing.assert_allclose(((low + high) / 2)[:2], middle[:2], atol=1e-5)
    assert (high - low).max() == pytest.approx(np.ptp(mesh.vertices, axis=0).max(), rel=1e-5)
    links = part("inference.polygons").link_corners(shaped.mesh)
    edges = np.diff(shaped.vertices[links.edges], axis=1)
    assert np.linalg.norm(edges, axis=(1, 2)).min() > 1e-4 * np.linalg.norm(high - low)
    json.dumps(shaped.report)
