"""Pictures reach the network as the published code feeds it, byte by byte."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from triposr_recipe import FIXTURES, assert_probe

from bozzetto.inference.engines.triposr.preprocess import (
    blend_over_grey,
    frame_foreground,
    normalise_picture,
    prepare_cutout,
    resize_picture,
)

needs_fixtures = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="the parity fixtures are not beside this checkout"
)


def load_npz(name):
    with np.load(FIXTURES / name) as data:
        return dict(data)


@needs_fixtures
def test_picture_of_the_fixture_is_exact():
    data = load_npz("forward.npz")
    framed = frame_foreground(np.array(Image.open(FIXTURES / "input_640x480.png")))
    assert list(framed.shape) == data["pre.resized_rgba.shape"].tolist()
    sums = framed.reshape(-1, 4).astype(np.int64).sum(0)
    assert sums.tolist() == data["pre.resized_rgba.u8sum"].tolist()
    blended = blend_over_grey(framed)
    assert np.array_equal(blended, np.array(Image.open(FIXTURES / "preprocessed.png")))
    assert np.array_equal(blended[100:164, 100:164], data["pre.composite_u8.crop"])
    picture = resize_picture(blended).permute(0, 2, 3, 1)
    assert_probe(data, "input_512", picture, 1e-5)
    assert abs(picture[0, 224:256, 224:256].numpy() - data["input_512.crop"]).max() <= 1e-5


@needs_fixtures
@pytest.mark.parametrize("percent", [85, 60])
def test_large_pictures_shrink_with_the_same_filter(percent):
    data = load_npz("preprocess_downscale.npz")
    source = np.array(Image.open(FIXTURES / "input_1500x1100.png"))
    framed = frame_foreground(source, percent / 100)
    assert list(framed.shape) == data[f"ratio_{percent}.shape"].tolist()
    blended = blend_over_grey(framed)
    sums = blended.reshape(-1, 3).astype(np.int64).sum(0)
    assert sums.tolist() == data[f"ratio_{percent}.composite_u8.sum"].tolist()
    assert np.array_equal(blended[::17, ::17], data[f"ratio_{percent}.composite_u8.strided"])
    picture = resize_picture(blended).permute(0, 2, 3, 1)
    assert_probe(data, f"ratio_{percent}.input_512", picture, 1e-5)


def test_cutouts_and_the_published_way_meet():
    """A square whose object has the published share already: both ways give the same bytes."""
    rgba = np.zeros((512, 512, 4), np.uint8)
    rgba[38:474, 138:374] = (200, 90, 30, 255)  # the published way loses the last row and column
    published = resize_picture(blend_over_grey(frame_foreground(rgba)))
    ours = prepare_cutout(rgba.astype(np.float32) / 255)
    inner = slice(45, 465)  # the two squares differ by a pixel in place and size
    assert torch.allclose(published[..., inner, 200:300], ours[..., inner, 200:300], atol=1e-6)
    assert torch.equal((ours * 255).round() / 255, ours)


@given(
    st.integers(2, 40), st.integers(2, 40), st.integers(0, 9), st.integers(0, 9),
    st.sampled_from([0.6, 0.85, 1.0]),
)  # fmt: skip
def test_the_object_is_centred_with_its_share(height, width, top, left, ratio):
    rgba = np.zeros((60, 60, 4), np.uint8)
    rgba[top : top + height, left : left + width] = 255
    framed = frame_foreground(rgba, ratio)
    longest = max(height, width) - 1
    assert framed.shape == (int(longest / ratio), int(longest / ratio), 4)
    rows, columns = np.nonzero(framed[..., 3])
    assert (np.ptp(rows) + 1, np.ptp(columns) + 1) == (height - 1, width - 1)
    for places in (rows, columns):
        before, after = places.min(), len(framed) - 1 - places.max()
        assert 0 <= after - before <= 2


def test_nothing_to_see_is_refused():
    with pytest.raises(ValueError, match="no opaque area"):
        frame_foreground(np.zeros((8, 8, 4), np.uint8))


def test_grey_lies_behind_and_bytes_are_cut_off():
    rgba = np.array([[[255, 0, 128, 0], [255, 0, 128, 255], [255, 0, 101, 128]]], np.uint8)
    assert blend_over_grey(rgba).tolist() == [[[127, 127, 127], [255, 0, 128], [191, 63, 114]]]


def test_normalised_by_channel():
    picture = torch.full((1, 3, 2, 2), 0.5)
    found = normalise_picture(picture)[0, :, 0, 0].tolist()
    assert found == pytest.approx([0.015 / 0.229, 0.044 / 0.224, 0.094 / 0.225], abs=1e-6)
