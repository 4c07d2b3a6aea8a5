"""The judge's metrics on shapes whose measures are known."""

import math

import numpy as np
import pytest
from analytic_shapes import armchair, ball, box, join, surface_of
from hypothesis import given, settings
from hypothesis import strategies as st

from bozzetto.evaluation.metrics.alignment import (
    ALIGNMENTS,
    BEST_YAW,
    CAMERA,
    DELIVERED,
    Prediction,
    Truth,
    camera_frame,
)
from bozzetto.evaluation.metrics.shape import Shape, fit_box, turn
from bozzetto.evaluation.metrics.silhouette import View, silhouette, silhouette_iou
from bozzetto.evaluation.metrics.surface import SurfaceTruth, compare_samples
from bozzetto.evaluation.metrics.volume import unit_points, volume_iou
from bozzetto.evaluation.metrics.yaw import best_yaw, symmetry_order, yaw_error
from bozzetto.training.data.occupancy import SurfaceSamples

VIEW = View(azimuth=30, elevation=20, field_of_view=30, distance=2.1)
POINTS = unit_points(100_000, np.random.default_rng(0))


@pytest.fixture(scope="module")
def chair():
    return Truth(armchair(), seed=7)


def moved(shape, rotation=None, scale=3.0, shift=(4.0, -2.0, 1.0), flip=False):
    rotation = np.eye(3) if rotation is None else rotation
    faces = shape.mesh.faces[:, ::-1] if flip else shape.mesh.faces
    return Shape(shape.mesh.vertices @ rotation.T * scale + np.array(shift), faces)


def test_a_perfect_mesh_of_another_size_and_place_scores_full_marks(chair):
    row = chair.judge(Prediction(moved(chair.shape)), VIEW)
    for alignment in ALIGNMENTS:
        scores = row[alignment]
        assert scores["iou"] > 0.99
        assert (scores["f1"], scores["f2"], scores["f5"]) == pytest.approx((1, 1, 1), abs=2e-3)
        assert scores["normals"] > 0.97  # points beside an edge may find the other face nearer
        assert scores["chamfer"] < 0.04  # in tenths of the longest edge: the points' own spacing
        assert scores["outline"] > 0.99
        assert scores["new_outlines"] > 0.99
    assert row["yaw"] == row["yaw_error"] == 0


def test_normals_that_point_inwards_are_punished_and_the_volume_is_the_same(chair):
    row = chair.judge(Prediction(moved(chair.shape, flip=True)), VIEW)[DELIVERED]
    assert row["normals"] < -0.97
    assert row["iou"] > 0.99


@pytest.mark.parametrize("yaw", [90.0, 130.0])
def test_what_faces_elsewhere_loses_as_delivered_and_not_at_its_best_yaw(chair, yaw):
    row = chair.judge(Prediction(moved(chair.shape, turn(yaw))), VIEW)
    assert row[DELIVERED]["iou"] < 0.7
    assert row[DELIVERED]["outline"] < 0.95
    assert row[BEST_YAW]["iou"] > 0.98
    assert row["yaw"] == pytest.approx(360 - yaw)
    assert row["yaw_error"] == pytest.approx(min(yaw, 360 - yaw))


def test_a_wrong_estimate_of_the_camera_costs_nothing_in_the_camera_frame(chair):
    # an engine that sees the right shape in the picture and believes in another camera
    believed = (75.0, 5.0)
    wrong = camera_frame(*believed).T @ camera_frame(VIEW.azimuth, VIEW.elevation)
    row = chair.judge(Prediction(moved(chair.shape, wrong), believed), VIEW)
    assert row[CAMERA]["iou"] > 0.98
    assert row[CAMERA]["outline"] > 0.98
    assert row[DELIVERED]["iou"] < 0.7


def test_a_generation_that_failed_scores_nothing(chair):
    row = chair.judge(None, VIEW)
    assert row[DELIVERED]["iou"] == row[DELIVERED]["f5"] == row[DELIVERED]["outline"] == 0
    assert row[DELIVERED]["chamfer"] is None
    assert (row["yaw"], row["yaw_error"]) == (None, 180)


@pytest.mark.parametrize("radius", [0.2, 0.3])
def test_iou_of_two_balls_is_that_of_their_volumes(radius):
    # inside each other: the intersection is the small one
    iou = volume_iou(Shape(*ball(0.4)), Shape(*ball(radius)), POINTS)
    assert iou == pytest.approx((radius / 0.4) ** 3, abs=0.015)


@given(st.floats(0.05, 0.9))
@settings(max_examples=15, deadline=None)
def test_iou_of_two_boxes_pushed_apart_is_the_overlap_of_intervals(shift):
    first, second = Shape(*box()), Shape(*box(centre=(shift, 0, 0)))
    assert volume_iou(first, second, POINTS) == pytest.approx((1 - shift) / (1 + shift), abs=0.02)


def test_volume_beside_the_truth_s_box_counts_as_wrong():
    truth = Shape(*box())
    both = Shape(*join(box(), box(centre=(3, 0, 0))))
    assert volume_iou(truth, both, POINTS) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("function", "sure"),
    [
        (lambda p: np.hypot(np.hypot(p[:, 0], p[:, 1]) - 0.3, p[:, 2]) - 0.1, 0.005),
        # a hollow ball: what is in the hollow is outside
        (lambda p: np.abs(np.linalg.norm(p, axis=1) - 0.3) - 0.08, 0.005),
        # a thin post
        (lambda p: np.maximum(np.hypot(p[:, 0], p[:, 1]) - 0.03, np.abs(p[:, 2]) - 0.4), 0.006),
    ],
    ids=["ring", "hollow ball", "post"],
)
@pytest.mark.parametrize("flip", [False, True])
def test_inside_agrees_with_the_formula(function, sure, flip):
    vertices, faces = surface_of(function, 100)
    shape = Shape(vertices, faces[:, ::-1] if flip else faces)
    points = np.random.default_rng(1).uniform(-0.5, 0.5, (50_000, 3))
    distance = function(points)
    clear = np.abs(distance) > sure  # the triangles are that far from the formula's surface
    assert np.array_equal(shape.inside(points)[clear], distance[clear] < 0)


@given(st.floats(0.01, 0.3))
@settings(max_examples=4, deadline=None)
def test_chamfer_of_an_offset_ball_is_the_offset(offset):
    # every point of one sphere is `offset` from the other; the unit is a tenth of 0.6
    truth = SurfaceTruth(Shape(*ball(0.3, resolution=48)), np.random.default_rng(0), 30_000)
    larger = Shape(*ball(0.3, resolution=48))
    larger = Shape(larger.mesh.vertices * (1 + offset / 0.3), larger.mesh.faces)
    scores = truth.compare(larger, np.random.default_rng(1))
    assert scores.chamfer == pytest.approx(offset / 0.06, rel=0.08)
    assert scores.normals > 0.99


def test_f_score_is_the_harmonic_mean_of_the_shares_within_reach():
    truth = SurfaceTruth(Shape(*box()), np.random.default_rng(0), 20_000)
    # half of the predicted points on the surface, half far away: precision 1/2, recall near 1
    near = truth.samples.points[::2]
    far = near + 10.0
    normals = np.concatenate([truth.samples.normals[::2]] * 2)
    predicted = SurfaceSamples(np.concatenate([near, far]), normals, np.zeros(len(normals)))
    scores = compare_samples(truth, predicted)
    assert scores.f == pytest.approx((2 / 3,) * 3, abs=0.04)


@pytest.mark.parametrize(
    ("shape", "order"),
    [
        (Shape(*ball(0.4)), math.inf),
        (Shape(*box((0.6, 0.6, 0.5))), 4),
        (Shape(*box((0.9, 0.4, 0.3))), 2),
        (armchair(), 1),
    ],
    ids=["ball", "square box", "long box", "armchair"],
)
def test_symmetry_is_measured_from_the_shape(shape, order):
    assert symmetry_order(shape, POINTS[:20_000]) == order


def test_yaw_errors_respect_symmetry():
    assert [yaw_error(yaw, 1) for yaw in (0, 10, 350, 180, 200)] == [0, 10, 10, 180, 160]
    assert [yaw_error(yaw, 2) for yaw in (180, 190, 90, 350)] == [0, 10, 90, 10]
    assert [yaw_error(yaw, 4) for yaw in (90, 100, 45)] == [0, 10, 45]
    assert yaw_error(120, math.inf) is None


def test_of_equally_good_yaws_the_smallest_turn_wins():
    shape = Shape(*box((0.6, 0.6, 0.5)))
    yaw, iou = best_yaw(shape, moved(shape), POINTS)
    assert yaw == 0
    assert iou > 0.99


def test_boxes_are_centred_and_scaled_without_search(chair):
    placement = fit_box(moved(chair.shape).mesh.vertices, chair.shape)
    placed = placement.apply(moved(chair.shape).mesh.vertices)
    assert placed == pytest.approx(chair.shape.mesh.vertices, abs=1e-9)
    assert placement.undo(placed) == pytest.approx(moved(chair.shape).mesh.vertices, abs=1e-9)


def test_outlines_are_seen_from_the_side_that_the_azimuth_says():
    # a post at +X is on the right in front (azimuth 0) and hidden ahead at azimuth 90
    shape = Shape(*box((0.1, 0.1, 0.6), (0.3, 0, 0)))
    front = silhouette(shape, View(0, 0, 40, 2.0))
    assert front[:, 64:].any()
    assert not front[:, :64].any()
    side = silhouette(shape, View(90, 0, 40, 2.0))
    assert side[:, 56:72].sum() == side.sum()
    assert silhouette_iou(shape, shape, VIEW) == 1


def test_a_mesh_without_extent_is_refused():
    with pytest.raises(ValueError, match="no extent"):
        Shape(np.zeros((3, 3)), np.array([[0, 1, 2]]))
    with pytest.raises(ValueError, match="no faces"):
        Shape(np.zeros((3, 3)), np.zeros((0, 3), int))
