"""Coarse-to-fine extraction: the same surface as a dense one, for a fraction of the queries."""

import json

import numpy as np
import pytest
import torch
import trimesh
from analytic_fields import DistanceField, box, extract_dense, sphere, torus, union, without
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from bozzetto.inference.errors import Cancelled, EmptyFieldError, WeightsError
from bozzetto.inference.surface.extract import extract_surface
from bozzetto.inference.types import Cancel

FLAT = ((-0.5, -0.42, -0.2), (0.5, 0.42, 0.2))


def as_mesh(surface):
    return trimesh.Trimesh(surface.vertices, surface.faces, process=False)


def hausdorff_voxels(one, other, cell):
    """From the vertices and face middles of each surface to the triangles of the other."""
    worst = 0.0
    for a, b in ((as_mesh(one), as_mesh(other)), (as_mesh(other), as_mesh(one))):
        probe = np.concatenate([a.vertices, a.triangles_center])
        _, near = cKDTree(b.triangles_center).query(probe, k=8)
        places = trimesh.triangles.closest_point(
            b.triangles[near.ravel()], np.repeat(probe, near.shape[1], axis=0)
        )
        away = np.linalg.norm(places.reshape(*near.shape, 3) - probe[:, None], axis=2)
        worst = max(worst, away.min(axis=1).max())
    return worst / cell


SHAPES = {
    "torus": (torus(), FLAT),
    "plate one coarse cell thick": (box(size=(0.7, 0.45, 4.05 / 128)), FLAT),
    "detached bead": (
        union(box(size=(0.5, 0.3, 0.2)), sphere((0.4, 0.2, 0.14), 2.01 / 128)),
        FLAT,
    ),
    "several parts": (
        union(sphere((-0.3, 0, 0), 0.12), sphere((0.0, 0.1, 0.02), 0.1), torus(0.15, 0.04)),
        FLAT,
    ),
    "touching the border": (union(box(size=(1.0, 0.2, 0.2)), sphere((0, 0, 0), 0.18)), FLAT),
    "crossing the border": (union(sphere((0.45, 0, 0), 0.2), sphere((-0.2, 0, 0), 0.1)), FLAT),
    "hollow": (without(sphere(radius=0.19), sphere(radius=0.1)), FLAT),
    "wire that the coarse samples miss": (
        union(sphere((-0.3, 0.013, 0.017), 0.15), box((0.1, 0.013, 0.017), (0.7, 0.011, 0.011))),
        FLAT,
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_equals_the_dense_answer(name):
    distance, bounds = SHAPES[name]
    field = DistanceField(distance, bounds)
    dense = extract_dense(field, 128)
    field.queries = 0
    surface = extract_surface(field, 128)
    found, expected = as_mesh(surface), as_mesh(dense)
    assert found.is_watertight
    assert found.is_winding_consistent
    assert found.volume > 0
    assert found.body_count == expected.body_count
    assert found.euler_number == expected.euler_number
    assert hausdorff_voxels(surface, dense, dense.report["cell"]) <= 0.5
    assert surface.report["queries"] == field.queries
    assert field.queries * 4 < surface.report["dense_queries"]


@pytest.mark.parametrize("resolution", [64, 77, 100, 129, 200])
def test_torus_has_one_hole_at_any_resolution(resolution):
    surface = extract_surface(DistanceField(torus()), resolution)
    mesh = as_mesh(surface)
    assert mesh.is_watertight
    assert mesh.euler_number == 0
    assert mesh.volume == pytest.approx(2 * np.pi**2 * 0.3 * 0.01, rel=0.02)
    assert surface.vertices.dtype == np.float32
    assert surface.faces.dtype == np.int32


@pytest.mark.parametrize("clipped", [True, False])
def test_ten_times_fewer_queries_at_256(clipped):
    field = DistanceField(torus(0.35, 0.1), clipped=clipped)
    report = extract_surface(field, 256).report
    assert report["queries"] == field.queries
    assert report["dense_queries"] == 256**3
    assert field.queries * 10 < report["dense_queries"]


def test_512_follows_the_same_surface():
    surface = extract_surface(DistanceField(torus(), FLAT), 512)
    mesh = as_mesh(surface)
    assert mesh.is_watertight
    assert mesh.euler_number == 0
    ring = np.linalg.norm(surface.vertices[:, :2], axis=1) - 0.3
    away = np.abs(np.hypot(ring, surface.vertices[:, 2]) - 0.1)
    assert away.max() < 0.1 * surface.report["cell"]
    assert surface.report["queries"] * 20 < surface.report["dense_queries"]


def test_a_step_field_without_any_slope_gives_no_false_walls():
    step = DistanceField(union(torus(), box((0.3, 0, 0), (0.011, 0.5, 0.011))), FLAT, slope=1e9)
    surface, dense = extract_surface(step, 128), extract_dense(step, 128)
    assert as_mesh(surface).is_watertight
    assert as_mesh(surface).euler_number == as_mesh(dense).euler_number
    assert len(surface.faces) == len(dense.faces)


def test_capped_flat_on_the_box_where_the_shape_leaves_it():
    surface = extract_surface(DistanceField(sphere((0.5, 0, 0), 0.3), clipped=False), 64)
    caps = surface.vertices[:, 0] > 0.5 - 0.4 / 64
    assert caps.sum() > 100
    assert np.abs(surface.vertices[caps, 0] - 0.5).max() < 1e-6


def test_thin_plate_that_coarse_samples_straddle_is_still_found():
    plate = box((0, 0, 0.0123), (0.8, 0.5, 2.2 / 128))  # half of a coarse cell
    field = DistanceField(plate, FLAT, slope=60.0)
    surface, dense = extract_surface(field, 128), extract_dense(field, 128)
    assert as_mesh(surface).is_watertight
    assert len(surface.faces) == len(dense.faces)
    assert hausdorff_voxels(surface, dense, dense.report["cell"]) < 0.1


@settings(max_examples=10, deadline=None)
@given(st.tuples(*[st.floats(-0.2, 0.2)] * 2), st.integers(0, 2))
def test_a_needle_that_all_samples_but_the_finest_miss_is_found_by_its_seeds(place, axis):
    places, size = np.insert(place, axis, 0.0), np.insert(np.full(2, 1.5 / 128), axis, 0.4)
    needle = box(tuple(places), tuple(size))
    field = DistanceField(union(needle, sphere((0.4, 0.4, 0.4), 0.05)), slope=1e9)
    along = np.linspace(-0.19, 0.19, 12)
    field.seeds = torch.tensor(np.insert(np.tile(place, (12, 1)), axis, along, axis=1)).float()
    surface, dense = extract_surface(field, 128), extract_dense(field, 128)
    assert as_mesh(surface).is_watertight
    assert len(surface.faces) == len(dense.faces)
    assert surface.report["queries"] * 20 < surface.report["dense_queries"]


def test_report_says_how_thin_a_part_may_be_and_is_json():
    report = extract_surface(DistanceField(torus(), FLAT), 128).report
    assert json.loads(json.dumps(report)) == report
    assert report["coarse_cell"] == pytest.approx(4 / 128)
    assert report["sure_thickness"] == pytest.approx(4 * np.sqrt(3) / 128)
    assert report["samples"] == [128, 107, 51]
    assert report["queries"] == sum(level["queries"] for level in report["levels"])


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[st.floats(-0.3, 0.3)] * 3))
def test_every_ball_of_the_sure_thickness_is_found(centre):
    """Even of a field without slope, which gives no hint between the samples."""
    sure = 4 * np.sqrt(3) / 128
    bead = DistanceField(sphere(centre, sure / 2 + 1e-6), slope=1e9)
    assert as_mesh(extract_surface(bead, 128)).is_watertight


def allowed_difference(mesh, resolution):
    """A tenth of a voxel all over the surface: samples on the level are kept a little off it, and
    a flat side of a box may have all of its samples there (0.06 was met once)."""
    return 0.1 / resolution * mesh.area


balls = st.builds(sphere, st.tuples(*[st.floats(-0.45, 0.45)] * 3), st.floats(0.08, 0.3))
boxes = st.builds(
    box,
    st.tuples(*[st.floats(-0.4, 0.4)] * 3),
    st.tuples(*[st.floats(0.08, 0.9)] * 3),
)
shapes = st.lists(st.one_of(balls, boxes), min_size=1, max_size=4).map(lambda s: union(*s))


@settings(max_examples=20, deadline=None)
@given(shapes, st.integers(24, 48), st.sampled_from([0.7, 24.0, 1e9]))
def test_any_union_is_closed_outward_and_within_the_box(shape, resolution, slope):
    field = DistanceField(shape, slope=slope)
    surface = extract_surface(field, resolution)
    mesh = as_mesh(surface)
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume > 0
    assert np.abs(surface.vertices).max() <= 0.5 + 1e-6
    assert len(np.unique(surface.faces)) == len(surface.vertices)
    # at most a dense grid, and the coarse one before it where that saw a surface everywhere
    assert field.queries <= resolution**3 + (resolution // 2 + 2) ** 3
    assert field.queries == surface.report["queries"]
    dense = as_mesh(extract_dense(field, resolution))
    assert mesh.volume == pytest.approx(dense.volume, abs=allowed_difference(dense, resolution))


@settings(max_examples=15, deadline=None)
@given(shapes, st.tuples(*[st.integers(-3, 3)] * 3))
def test_moving_the_world_by_whole_cells_moves_the_surface(shape, cells):
    shift = np.array(cells) / 48
    moved = DistanceField(
        lambda p: shape(p - torch.from_numpy(shift)),
        tuple(map(tuple, np.array([[-0.5] * 3, [0.5] * 3]) + shift)),
    )
    here, there = extract_surface(DistanceField(shape), 48), extract_surface(moved, 48)
    assert abs(len(here.vertices) - len(there.vertices)) <= 0.01 * len(here.vertices) + 8
    mesh = as_mesh(here)
    assert as_mesh(there).volume == pytest.approx(mesh.volume, abs=allowed_difference(mesh, 48))
    assert np.abs(there.vertices.min(0) - here.vertices.min(0) - shift).max() < 2e-3


def test_same_field_gives_the_same_bits():
    first, second = (extract_surface(DistanceField(torus(), FLAT), 96) for _ in range(2))
    assert np.array_equal(first.vertices, second.vertices)
    assert np.array_equal(first.faces, second.faces)


@pytest.mark.parametrize("radius", [-1.0, 10.0])
def test_a_field_without_surface_is_an_error_that_says_what_to_do(radius):
    with pytest.raises(EmptyFieldError) as caught:
        extract_surface(DistanceField(sphere(radius=radius)), 64)
    assert caught.value.fix


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_values_that_are_not_numbers_are_an_error(value):
    class Broken(DistanceField):
        def occupancy(self, points):
            result = super().occupancy(points)
            result[points[:, 0] > 0.25] = value
            return result

    with pytest.raises(WeightsError):
        extract_surface(Broken(torus()), 64)


@pytest.mark.parametrize(
    "bounds",
    [((0, 0, 0), (1, 1, 0)), ((0, 0, 0), (1, 1, float("nan"))), ((1, 0, 0), (0, 1, 1))],
)
def test_a_box_without_volume_is_an_error(bounds):
    with pytest.raises(EmptyFieldError):
        extract_surface(DistanceField(torus(), bounds), 64)


@pytest.mark.parametrize("resolution", [0, 1, 5000])
def test_resolution_out_of_range_is_an_error(resolution):
    with pytest.raises(ValueError, match="resolution"):
        extract_surface(DistanceField(torus()), resolution)


def test_progress_rises_from_0_to_1():
    told = []
    extract_surface(DistanceField(torus()), 128, progress=lambda *args: told.append(args))
    assert {phase for phase, _ in told} == {"extract"}
    fractions = [fraction for _, fraction in told]
    assert fractions[0] == 0
    assert fractions[-1] == 1
    assert fractions == sorted(fractions)
    assert len(set(fractions)) > 6


def test_cancel_stops_before_the_next_chunk():
    cancel = Cancel()
    field = DistanceField(torus())
    seen = []

    def stop(phase, fraction):
        seen.append(fraction)
        if fraction > 0.25:
            cancel.set()

    with pytest.raises(Cancelled):
        extract_surface(field, 256, progress=stop, cancel=cancel)
    assert seen[-1] == next(fraction for fraction in seen if fraction > 0.25)
    assert field.queries < 500_000
