"""What is told of a mesh, on shapes whose figures are known."""

import json

import numpy as np
import pytest

from bozzetto.inference.mesh_report import ANGLE_BINS, VALENCES, measure_asymmetry, report_mesh
from bozzetto.inference.types import BaseMesh, PolygonMesh


def make_torus(around=24, tube=12, radius=2.0, thin=0.5):
    u, v = np.meshgrid(np.arange(around), np.arange(tube), indexing="ij")
    a, b = 2 * np.pi * u / around, 2 * np.pi * v / tube
    out = radius + thin * np.cos(b)
    places = np.stack([out * np.cos(a), out * np.sin(a), thin * np.sin(b)], -1).reshape(-1, 3)

    def number(i, j):
        return (i % around) * tube + j % tube

    quads = np.stack([number(u, v), number(u + 1, v), number(u + 1, v + 1), number(u, v + 1)], -1)
    quads = quads.reshape(-1).astype(np.int32)
    return PolygonMesh(places.astype(np.float32), quads, np.full(around * tube, 4, np.int32))


def test_torus():
    mesh = make_torus()
    report = report_mesh(mesh, budget=300)
    json.dumps(report)
    assert report["watertight"]
    assert report["outward"]
    assert (report["faces"], report["quads"], report["triangles"]) == (288, 288, 0)
    assert (report["components"], report["euler_characteristic"], report["genus"]) == (1, 0, 1)
    assert report["regular"] == 1.0
    assert report["valences"][VALENCES.index(4)] == 288
    assert report["budget_met"] is True
    assert report["volume"] == pytest.approx(2 * np.pi**2 * 2 * 0.25, rel=0.08)
    assert report["area"] == pytest.approx(4 * np.pi**2 * 2 * 0.5, rel=0.05)
    assert sum(report["edge_lengths"]) == report["edges"] == 576
    assert sum(report["angles"]) == 4 * 288
    assert report["asymmetry"] < 1e-6


def test_two_spheres_count_as_two_and_an_open_one_is_not_watertight():
    one = make_torus()
    both = PolygonMesh(
        np.concatenate([one.vertices, one.vertices + 10]),
        np.concatenate([one.corners, one.corners + len(one.vertices)]),
        np.concatenate([one.sizes, one.sizes]),
    )
    report = report_mesh(both, budget=100)
    assert (report["components"], report["genus"], report["budget_met"]) == (2, 2, False)
    opened = report_mesh(PolygonMesh(one.vertices, one.corners[4:], one.sizes[1:]))
    assert not opened["watertight"]
    assert opened["boundary_edges"] == 4
    assert opened["genus"] is None
    assert opened["budget_met"] is None


def test_turned_inside_out_is_not_outward():
    one = make_torus()
    turned = PolygonMesh(one.vertices, one.corners.reshape(-1, 4)[:, ::-1].reshape(-1), one.sizes)
    report = report_mesh(turned)
    assert report["watertight"]
    assert not report["outward"]


def test_regular_triangles_and_their_angles():
    places = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], np.float32)
    faces = np.array([[0, 1, 2], [0, 3, 1], [0, 2, 3], [1, 3, 2]])
    report = report_mesh(PolygonMesh.from_triangles(places, faces))
    assert report["smallest_angle"] == pytest.approx(60.0, abs=1e-4)
    assert np.array(report["angles"]).sum() == 12
    assert sum(report["angles"][ANGLE_BINS.index(45) : ANGLE_BINS.index(75)]) == 12
    assert report["regular"] == 0.0  # all have valence 3
    assert report["valences"][VALENCES.index(3)] == 4
    assert report["bent_quads"] is None
    assert report["shortest_edge"] == pytest.approx(np.sqrt(8) / np.sqrt(12), rel=1e-6)


@pytest.mark.parametrize(("lift", "share"), [(0.0, 0.0), (0.5, 1.0)])
def test_bent_quads(lift, share):
    corner = np.array([[0, 0, 0], [1, 0, 0], [1, 1, lift], [0, 1, 0]], np.float32)
    mesh = PolygonMesh(corner, np.arange(4, dtype=np.int32), np.array([4], np.int32))
    report = report_mesh(mesh)
    assert report["bent_quads"] == share
    if lift:
        assert report["most_bent"] > 20


def test_volume_is_compared_at_the_same_size():
    mesh = make_torus()
    a, b, c, d = mesh.corners.reshape(-1, 4).T
    faces = np.concatenate([np.stack([a, b, c], -1), np.stack([a, c, d], -1)])
    raw = BaseMesh(mesh.vertices / 4, faces.astype(np.int32), "ring")
    report = report_mesh(mesh, raw)
    assert report["scale_to_raw"] == pytest.approx(4.0)
    assert report["volume_change"] == pytest.approx(0.0, abs=0.01)


def test_asymmetry_is_the_farthest_from_a_counterpart():
    rng = np.random.default_rng(3)
    right = rng.random((50, 3)) + [0.1, 0, 0]
    middle = np.array([[0.0, 0.3, 0.2]])
    places = np.concatenate([right, right * [-1, 1, 1], middle])
    assert measure_asymmetry(places, 1.0) == 0.0
    moved = places.copy()
    moved[3, 1] += 2e-5
    assert measure_asymmetry(moved, 1.0) == pytest.approx(2e-5, rel=1e-3)
    moved[3, 1] += 0.3
    assert measure_asymmetry(moved, 1.0) is None
    assert measure_asymmetry(places[1:], 1.0) is None
