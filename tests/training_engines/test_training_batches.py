"""What a batch says of a picture is where the picture shows it."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from bozzetto.inference.engines.pixel.projection import PictureCamera, move_picture
from bozzetto.training.data.views.camera import (
    CAMERA_COLUMNS,
    Camera,
    azimuth_density,
    frame,
    random_camera,
)
from bozzetto.training.engines.batches import (
    camera_of_views,
    draw_batch,
    draw_views,
    pose_numbers,
)
from bozzetto.training.engines.errors import azimuth_target
from bozzetto.training.pictures.augment import draw_moves, move

angles = st.floats(-179, 179)


@given(angles, st.floats(-10, 60), st.floats(15, 60), st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_projection_agrees_with_the_renderer(azimuth, elevation, view, seed):
    camera = Camera(azimuth, elevation, view)
    points = np.random.default_rng(seed).uniform(-0.28, 0.28, (50, 3))
    window = frame(camera, points)
    found = camera_of_views(window.row(camera)[None]).project(
        torch.from_numpy(points).float()[None]
    )
    right, up, forward = camera.axes()
    local = points - camera.eye
    x = (local @ right / (local @ forward) - window.centre_x) / window.half_side
    y = (local @ up / (local @ forward) - window.centre_y) / window.half_side
    assert np.allclose(found[0, :, 0], x, atol=1e-3)
    assert np.allclose(found[0, :, 1], -y, atol=1e-3)
    assert np.allclose(found[0, :, 2], 2 * (points @ forward), atol=1e-4)


@given(st.integers(0, 2**31))
@settings(max_examples=20, deadline=None)
def test_moved_points_stay_on_what_they_showed(seed):
    generator = torch.Generator().manual_seed(seed)
    moves = draw_moves(3, generator)
    picture = torch.rand(3, 1, 16, 16, generator=generator)
    picture = functional.interpolate(picture, size=128, mode="bicubic")
    points = torch.rand(3, 40, 3, generator=generator) - 0.5
    moved = move_picture(points, moves)
    kept = moved[..., :2].abs().amax(-1) < 0.95

    def read(pictures, places):
        return functional.grid_sample(pictures, places[:, :, None, :2], align_corners=False)[
            :, 0, :, 0
        ]

    away = (read(move(picture, moves), moved) - read(picture, points)).abs()
    assert away[kept].mean() < 0.02
    assert torch.equal(moved[..., 2], points[..., 2])


@pytest.mark.parametrize("stretched", [0.0, 1.0])
def test_points_inside_are_under_the_matte(pack, stretched):
    rows = np.array([0, 1, 2, 4])
    batch = draw_batch(
        pack, rows, np.random.default_rng(3), torch.Generator().manual_seed(3),
        near=64, uniform=256, stretched=stretched,
    )  # fmt: skip
    places = batch.picture_points[:, :, None, :2]
    alpha = functional.grid_sample(batch.pictures[:, 3:], places, align_corners=False)[:, 0, :, 0]
    inside = batch.inside > 0.5
    assert alpha[inside].mean() > 0.8  # mattes have errors, and some pictures are cut off
    assert alpha[inside].mean() > 2 * alpha[~inside].mean()


def test_same_generators_give_the_same_batch(pack):
    rows = np.array([0, 5])
    first, again, other = (
        draw_batch(
            pack, rows, np.random.default_rng(seed), torch.Generator().manual_seed(seed),
            near=8, uniform=8,
        )
        for seed in (0, 0, 1)
    )  # fmt: skip
    assert torch.equal(first.pictures, again.pictures)
    assert torch.equal(first.points, again.points)
    assert not torch.equal(first.pictures, other.pictures)


def random_azimuths(count):
    rng = np.random.default_rng(4)
    return np.array([random_camera(rng).azimuth for _ in range(count)])


def test_azimuths_are_as_dense_as_is_said():
    counts, edges = np.histogram(random_azimuths(20_000), 12, (-180, 180))
    found = counts / counts.mean()
    assert np.allclose(found, azimuth_density((edges[1:] + edges[:-1]) / 2), atol=0.12)
    assert found.max() > 2 * found.min()


def test_pictures_from_behind_are_drawn_more_often_than_they_are_there():
    count = 500
    cameras = np.zeros((count, len(CAMERA_COLUMNS)), np.float32)
    cameras[:, CAMERA_COLUMNS.index("azimuth")] = azimuths = random_azimuths(count)
    views = SimpleNamespace(views_of=[np.arange(count)], views_camera=cameras)
    drawn = draw_views(views, np.zeros(3000, int), np.random.default_rng(5))
    behind = np.abs(azimuths) > 120
    assert np.abs(azimuths[drawn] - azimuths[drawn].mean()).max() > 150  # all sides are there
    assert 1.3 * behind.mean() < behind[drawn].mean() < 1 / 3


def test_a_picture_moved_nowhere_keeps_its_pose(pack):
    camera = camera_of_views(pack.views_camera[:1])
    still = torch.tensor([[[1.0, 0, 0], [0, 1, 0]]])
    numbers = pose_numbers(camera, still)[0]
    assert numbers[0] == 0
    assert numbers[1].exp() == pytest.approx(float(camera.half_side[0]), rel=1e-5)
    assert numbers[2].exp() == pytest.approx(0.5, rel=1e-3)
    enlarged = pose_numbers(camera, 0.5 * still)[0]  # half of the picture fills it now
    assert enlarged[1] == pytest.approx(float(numbers[1]) - math.log(2), rel=1e-4)


@given(st.floats(-math.pi, math.pi))
@settings(max_examples=20, deadline=None)
def test_azimuth_target_is_a_bump_around_the_angle(azimuth):
    target = azimuth_target(torch.tensor([azimuth]), 36)[0]
    assert target.sum() == pytest.approx(1, abs=1e-5)
    centres = (torch.arange(36) + 0.5) / 36 * 2 * math.pi
    mean = torch.atan2((target * centres.sin()).sum(), (target * centres.cos()).sum())
    away = (float(mean) - azimuth + math.pi) % (2 * math.pi) - math.pi
    assert abs(away) < math.radians(1.5)


def test_cameras_are_moved_between_devices_whole():
    camera = PictureCamera(*(torch.full((1,), float(i)) for i in range(1, 7)))
    assert camera.to(torch.device("cpu")) == camera
