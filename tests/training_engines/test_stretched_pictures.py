"""Stretched pictures show what their cameras, points and boxes say."""

import math
from dataclasses import fields

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bozzetto.inference.engines.pixel.projection import PictureCamera, move_picture
from bozzetto.training.pictures.augment import move
from bozzetto.training.pictures.stretch import (
    FILLED,
    MOST,
    draw_factors,
    find_boxes,
    frame_anew,
    stretch_objects,
)

STILL = torch.tensor([[[1.0, 0, 0], [0, 1, 0]]])
cameras = st.builds(
    lambda *numbers: PictureCamera(*(torch.tensor([n]) for n in numbers)),
    st.floats(-3.1, 3.1),
    st.floats(-0.2, 1.0),
    st.floats(0.15, 0.5),
    st.floats(-0.05, 0.05),
    st.floats(-0.05, 0.05),
    st.floats(1.2, 4.0),
)
factors = st.floats(math.exp(-MOST), math.exp(MOST)).map(lambda f: torch.tensor([f]))


def ellipse(middle, half):
    """Alpha uint8 [1, 128, 128] of an ellipse in the picture frame."""
    steps = (np.arange(128) + 0.5) / 64 - 1
    x, y = np.meshgrid(steps, steps)
    inside = ((x - middle[0]) / half[0]) ** 2 + ((y - middle[1]) / half[1]) ** 2 < 1
    return (inside * 255).astype(np.uint8)[None]


@given(cameras, factors)
@settings(max_examples=40, deadline=None)
def test_the_picture_of_the_stretched_object_is_the_stretched_picture(camera, factor):
    stretch = stretch_objects(camera, torch.tensor([[0.5, 0.7, 0.4]]), factor)
    points = torch.rand(1, 30, 3, generator=torch.Generator().manual_seed(1)) - 0.5
    old = camera.project(points)
    new = stretch.camera.project(points @ stretch.matrix.transpose(1, 2))
    axis = camera.centre_y / camera.half_side
    assert torch.allclose(new[..., 0], old[..., 0], atol=1e-3)
    assert torch.allclose(new[..., 1], axis + factor * (old[..., 1] - axis), atol=1e-3)


@given(st.floats(-3.1, 3.1), factors)
@settings(max_examples=20, deadline=None)
def test_seen_from_the_horizon_an_object_becomes_taller_and_stays_one_diagonal_long(turn, factor):
    one = torch.ones(1)
    camera = PictureCamera(one * turn, one * 0, one * 0.3, one * 0, one * 0, one * 2)
    edges = torch.tensor([[0.48, 0.6, 0.64]])
    found = stretch_objects(camera, edges, factor).edges
    assert float(found.norm()) == pytest.approx(1, abs=1e-5)
    assert torch.allclose(found[:, 2] / found[:, 0], factor * edges[:, 2] / edges[:, 0])
    assert torch.allclose(found[:, 1] / found[:, 0], edges[:, 1] / edges[:, 0])


@given(cameras, factors, st.floats(-0.2, 0.2), st.floats(0.3, 0.8))
@settings(max_examples=25, deadline=None)
def test_stretched_pictures_are_framed_like_cut_outs_and_show_the_points(
    camera, factor, off, height
):
    alpha = ellipse((off, -off), (0.5, height))
    stretch = stretch_objects(camera, torch.ones(1, 3), factor)
    framed, resampled = frame_anew(alpha, STILL, stretch)
    picture = torch.from_numpy(alpha)[:, None].float()
    shown = move(picture, resampled)[:, 0].round().byte().numpy()
    low, high = find_boxes(shown)
    assert float((high - low).max()) == pytest.approx(2 * FILLED, abs=0.06)
    assert (low + high).abs().max() < 0.06
    # the lowest point of the ellipse, as the stretched picture's camera sees it, is in the new one
    axis = camera.centre_y / camera.half_side
    lowest = torch.stack((torch.tensor([off]), axis + factor * (height - off - axis)), 1)
    place = move_picture(torch.cat((lowest, torch.zeros(1, 1)), 1)[:, None], framed)
    assert float(place[0, 0, 1]) == pytest.approx(float(high[0, 1]), abs=0.04)


def test_what_is_not_stretched_stays_exactly_as_it_was():
    numbers = torch.tensor([0.4, 0.3, 0.25, 0.02, -0.03, 2.0])
    camera = PictureCamera(*numbers[:, None])
    stretch = stretch_objects(camera, torch.tensor([[0.5, 0.6, 0.7]]), torch.ones(1))
    moves = torch.tensor([[[0.9, 0.1, 0.02], [-0.1, 0.9, 0.03]]])
    framed, resampled = frame_anew(ellipse((0.1, 0.2), (0.3, 0.5)), moves, stretch)
    assert torch.equal(framed, moves)
    assert torch.allclose(resampled, moves, atol=1e-7)
    assert torch.allclose(stretch.matrix, torch.eye(3)[None], atol=1e-6)
    for one in fields(camera):
        assert torch.allclose(getattr(camera, one.name), getattr(stretch.camera, one.name))


def test_what_is_seen_from_above_is_stretched_less():
    generator = torch.Generator().manual_seed(0)
    low, high = torch.full((500,), 0.05), torch.full((500,), math.radians(45))
    flat = draw_factors(low, generator, share=1.0).log().abs()
    steep = draw_factors(high, generator, share=1.0).log().abs()
    assert 0.25 < flat.max() <= MOST
    assert 0.1 < steep.max() <= 0.12 + 1e-6
    some = draw_factors(low, generator, share=0.5)
    assert 0.4 < float((some == 1).float().mean()) < 0.6


def test_an_empty_matte_is_framed_by_the_whole_picture():
    low, high = find_boxes(np.zeros((2, 32, 32), np.uint8))
    assert torch.equal(low, -torch.ones(2, 2))
    assert torch.equal(high, torch.ones(2, 2))
