"""UV coordinates: no overlap, nothing turned over, few charts, seams only where the report says."""

import json

import numpy as np
import pytest
import torch
from analytic_fields import box, sphere, torus, union, without
from hypothesis import given, settings
from hypothesis import strategies as st
from unwrap_shapes import (
    count_covers,
    extracted,
    fan_triangles,
    joined,
    polygon_slices,
    quad_box,
    quad_torus,
    shared_edges,
    signed_areas,
)

from bozzetto.inference.errors import Cancelled
from bozzetto.inference.texture.unwrap import unwrap
from bozzetto.inference.types import Cancel, PolygonMesh


def cylinder(radius=0.2, height=0.8):
    def distance(p):
        return torch.maximum(p[:, :2].norm(dim=1) - radius, p[:, 2].abs() - height / 2)

    return distance


def chair():
    legs = [box((x, y, -0.25), (0.09, 0.09, 0.5)) for x in (-0.25, 0.25) for y in (-0.25, 0.25)]
    return union(box((0, 0, 0), (0.6, 0.6, 0.1)), box((0, 0.26, 0.25), (0.6, 0.08, 0.5)), *legs)


def rough(shape, strength=0.006):
    """A surface with bumps of about a voxel, as networks give it."""

    def distance(p):
        return shape(p) + strength * torch.sin(p * 95).sum(dim=1)

    return distance


MESHES = {
    "cube of quads": quad_box,
    "one quad a side": lambda: quad_box(cells=1),
    "long box": lambda: quad_box((0.1, 0.1, 1.0), cells=6),
    "torus of quads": quad_torus,
    "sphere": lambda: extracted(sphere(), 32),
    "torus": lambda: extracted(torus(), 36),
    "cylinder": lambda: extracted(cylinder(), 32),
    "two components": lambda: joined(extracted(sphere(), 24), quad_box()),
    "rough chair": lambda: extracted(rough(chair()), 40),
    "box with a hole": lambda: extracted(without(box(), box(size=(0.3, 0.2, 0.9))), 32),
}


@pytest.fixture(scope="module", params=MESHES)
def case(request):
    mesh = MESHES[request.param]()
    return request.param, mesh, unwrap(mesh)


def assert_sound(mesh, unwrapped, side=512):
    uv = unwrapped.uv
    assert uv.shape == (len(mesh.corners), 2)
    assert uv.dtype == np.float32
    assert unwrapped.chart.shape == mesh.sizes.shape
    assert unwrapped.chart.dtype == np.int32
    assert uv.min() >= 0
    assert uv.max() <= 1
    for diagonal in (0, 1):
        assert (signed_areas(uv, fan_triangles(mesh, diagonal)) > 0).all()
    assert count_covers(uv, fan_triangles(mesh), side).max() == 1


def test_nothing_overlaps_and_nothing_is_turned_over(case):
    _, mesh, unwrapped = case
    assert_sound(mesh, unwrapped)
    assert unwrapped.report["flipped"] == 0
    assert unwrapped.report["overlapping_texels"] == 0


def test_coordinates_are_continuous_but_for_the_seams(case):
    _, mesh, unwrapped = case
    cut, total, joined_charts = 0.0, 0.0, set()
    for (a, b, one), (c, d, two) in shared_edges(mesh):
        length = np.linalg.norm(mesh.vertices[mesh.corners[a]] - mesh.vertices[mesh.corners[b]])
        total += length
        if (unwrapped.uv[[a, b]] == unwrapped.uv[[d, c]]).all():
            assert unwrapped.chart[one] == unwrapped.chart[two]
            joined_charts.add(unwrapped.chart[one])
        else:
            cut += length
    assert cut / total == pytest.approx(unwrapped.report["seam_length"], abs=2e-4)
    assert unwrapped.report["charts"] == len(np.unique(unwrapped.chart))
    assert cut / total < 0.5 or len(mesh.sizes) < 100


def test_charts_keep_their_distance(case):
    """Drawn with half the margin around them, charts still do not touch."""
    _, mesh, unwrapped = case
    side = 1024
    assert unwrapped.report["margin_texels"] >= 3
    owner = np.full((side, side), -1)
    triangles = fan_triangles(mesh)
    chart_of = np.repeat(unwrapped.chart, mesh.sizes)[triangles[:, 0]]
    for chart in np.unique(unwrapped.chart):
        part = np.zeros((side, side), bool)
        for triangle in unwrapped.uv[triangles[chart_of == chart]].astype(np.float64) * side:
            weights = np.random.default_rng(0).dirichlet((0.6, 0.6, 0.6), 40)
            x, y = (weights @ triangle).astype(int).T.clip(0, side - 1)
            part[y, x] = True
        y, x = np.nonzero(part)
        for dy, dx in ((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1)):
            rows, columns = (y + dy).clip(0, side - 1), (x + dx).clip(0, side - 1)
            seen = owner[rows, columns]
            assert np.isin(seen, (-1, chart)).all()
            owner[rows, columns] = chart


def test_texels_are_equally_dense_everywhere(case):
    """No chart has more texels for its surface than another, up to what it is stretched."""
    name, mesh, unwrapped = case
    triangles = fan_triangles(mesh)
    a, b, c = (mesh.vertices[mesh.corners[triangles[:, k]]].astype(np.float64) for k in range(3))
    true = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
    plane = signed_areas(unwrapped.uv, triangles)
    chart = np.repeat(unwrapped.chart, mesh.sizes)[triangles[:, 0]]
    density = np.bincount(chart, plane) / np.bincount(chart, true)
    assert density == pytest.approx(np.full(len(density), density.mean()), rel=0.05), name
    assert plane.sum() == pytest.approx(unwrapped.report["utilisation"], abs=1e-3)


def test_few_charts_that_hardly_stretch(case):
    name, _, unwrapped = case
    most = {"rough chair": 40, "two components": 12, "box with a hole": 14}.get(name, 12)
    assert unwrapped.report["charts"] <= most
    assert unwrapped.report["stretch_l2"] < 1.1
    assert unwrapped.report["stretch_ratio"] < 1.25
    assert unwrapped.report["utilisation"] > (0.28 if name == "long box" else 0.35)


def test_the_report_is_plain_and_the_same_again(case):
    _, mesh, unwrapped = case
    again = unwrap(mesh)
    assert again.uv.tobytes() == unwrapped.uv.tobytes()
    assert (again.chart == unwrapped.chart).all()
    assert json.loads(json.dumps(unwrapped.report)) == unwrapped.report
    assert {k: v for k, v in again.report.items() if k != "seconds"} == {
        k: v for k, v in unwrapped.report.items() if k != "seconds"
    }


def test_a_box_unfolds_without_stretch():
    report = unwrap(quad_box((1.0, 0.6, 0.3), cells=5)).report
    assert report["stretch_l2"] == pytest.approx(1, abs=1e-3)
    assert report["stretch_linf"] == pytest.approx(1, abs=1e-2)
    assert report["angle_error_degrees"] < 0.05


def test_a_leg_is_one_sleeve_with_a_zip():
    """Four sides of a long box end in one chart whose seam runs along it, apart from the ends."""
    mesh = joined(quad_box((0.1, 0.1, 1.0), cells=6))
    mesh = PolygonMesh(mesh.vertices + np.float32([0.4, 0, 0]), mesh.corners, mesh.sizes)
    unwrapped = unwrap(mesh)
    middle = [
        unwrapped.chart[number]
        for number, part in enumerate(polygon_slices(mesh))
        if abs(mesh.vertices[mesh.corners[part], 2]).max() < 0.45
    ]
    assert len(set(middle)) == 1


@pytest.mark.parametrize("shape", [chair, lambda: box(size=(0.5, 0.7, 0.3))])
def test_seams_of_a_mirrored_mesh_mirror_themselves(shape):
    """Marching cubes of a mirrored field mirrors its vertices: so do the borders of the charts."""
    half = extracted(shape(), 40)
    unwrapped = unwrap(half)
    centre = np.stack(
        [half.vertices[half.corners[part]].mean(axis=0) for part in polygon_slices(half)]
    )
    areas = np.bincount(unwrapped.chart)
    means = np.stack([np.bincount(unwrapped.chart, column) / areas for column in centre.T], axis=-1)
    large = np.flatnonzero(areas > 0.03 * areas.sum())
    for chart in large:
        away = np.linalg.norm(means - means[chart] * (-1, 1, 1), axis=1)
        twin = int(np.argmin(away))
        assert away[twin] < 0.03
        assert areas[twin] == pytest.approx(areas[chart], rel=0.1)


@given(
    st.lists(
        st.tuples(
            st.tuples(*[st.floats(-0.25, 0.25)] * 3), st.tuples(*[st.floats(0.12, 0.45)] * 3)
        ),
        min_size=1,
        max_size=4,
    ),
    st.floats(0, 0.008),
)
@settings(max_examples=12, deadline=None)
def test_any_heap_of_boxes_is_sound(boxes, strength):
    mesh = extracted(rough(union(*[box(at, size) for at, size in boxes]), strength), 28)
    unwrapped = unwrap(mesh, side=256, margin=2)
    assert_sound(mesh, unwrapped, side=700)
    assert unwrapped.report["overlapping_texels"] == unwrapped.report["flipped"] == 0


def test_crumpled_triangles_are_sound_too():
    """Vertices thrown about until many triangles face inwards."""
    mesh = extracted(sphere(), 16)
    noise = np.random.default_rng(1).normal(0, 0.02, mesh.vertices.shape).astype(np.float32)
    mesh = PolygonMesh(mesh.vertices + noise, mesh.corners, mesh.sizes)
    assert_sound(mesh, unwrap(mesh), side=1500)


def test_dented_quads_stay_convex():
    mesh = quad_torus(around=20, across=10)
    noise = np.random.default_rng(2).normal(0, 0.012, mesh.vertices.shape).astype(np.float32)
    mesh = PolygonMesh(mesh.vertices + noise, mesh.corners, mesh.sizes)
    assert_sound(mesh, unwrap(mesh))


def test_open_meshes_unwrap_along_their_boundary():
    mesh = quad_box(cells=3)
    flat = PolygonMesh(mesh.vertices, mesh.corners[:36], mesh.sizes[:9])
    unwrapped = unwrap(flat)
    assert_sound(flat, unwrapped)
    assert unwrapped.report["charts"] == 1
    assert unwrapped.report["seam_length"] == 0


def test_what_cannot_be_unwrapped_is_refused():
    empty = PolygonMesh(np.zeros((0, 3), np.float32), np.zeros(0, np.int32), np.zeros(0, np.int32))
    with pytest.raises(ValueError, match="without polygons"):
        unwrap(empty)


def test_it_stops_when_asked():
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        unwrap(quad_box(), cancel=cancel)
