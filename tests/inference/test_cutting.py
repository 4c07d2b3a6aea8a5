"""The object's alpha, its crop, and the cut of opaque pictures."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from bozzetto.inference.errors import Cancelled, PictureError
from bozzetto.inference.pictures.cutting import FILL, cut_out, map_to_source, map_to_square
from bozzetto.inference.pictures.image import load_picture
from bozzetto.inference.types import Cancel, Picture, Source

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
UNSURE = "the cut may be wrong"


def make_picture(rgba: np.ndarray, has_alpha: bool) -> Picture:
    return Picture(rgba=rgba.astype(np.float32), has_alpha=has_alpha, name="thing")


def paint_box(width, height, left, top, right, bottom, colour=(0.8, 0.2, 0.1)) -> Picture:
    rgba = np.zeros((height, width, 4), np.float32)
    rgba[top:bottom, left:right] = (*colour, 1.0)
    return make_picture(rgba, True)


def iou(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.minimum(first, second).sum() / np.maximum(first, second).sum())


def paste_back(cutout) -> np.ndarray:
    """The square's alpha seen in the source picture's pixels (nearest)."""
    width, height = cutout.source_size
    side = cutout.rgba.shape[0]
    left, top, extent = cutout.crop
    columns = np.floor((np.arange(width) + 0.5 - left) * side / extent).astype(int)
    rows = np.floor((np.arange(height) + 0.5 - top) * side / extent).astype(int)
    out = np.zeros((height, width), np.float32)
    inside_x, inside_y = (columns >= 0) & (columns < side), (rows >= 0) & (rows < side)
    out[np.ix_(inside_y, inside_x)] = cutout.rgba[..., 3][np.ix_(rows[inside_y], columns[inside_x])]
    return out


@st.composite
def boxes(draw):
    width, height = draw(st.integers(40, 300)), draw(st.integers(40, 300))
    left, top = draw(st.integers(0, width - 20)), draw(st.integers(0, height - 20))
    right = draw(st.integers(left + 10, width))
    bottom = draw(st.integers(top + 10, height))
    return width, height, left, top, right, bottom


@settings(max_examples=40, deadline=None)
@given(boxes(), st.sampled_from([64, 128, 200]))
def test_box_is_centred_and_maps_back_to_the_source(box, side):
    width, height, left, top, right, bottom = box
    cutout = cut_out(paint_box(*box), side=side)
    assert cutout.rgba.shape == (side, side, 4)
    assert cutout.rgba.dtype == np.float32
    assert cutout.source_size == (width, height)
    longest = max(right - left, bottom - top)
    assert cutout.crop[2] == pytest.approx(longest / FILL)
    assert map_to_square(cutout, (left + right) / 2, (top + bottom) / 2) == pytest.approx(
        (side / 2, side / 2)
    )
    first, last = map_to_square(cutout, left, top), map_to_square(cutout, right, bottom)
    assert max(last[0] - first[0], last[1] - first[1]) == pytest.approx(FILL * side)
    # What is seen lies where the mapping says: alpha's area and box agree.
    area = (last[0] - first[0]) * (last[1] - first[1])
    assert cutout.rgba[..., 3].sum() == pytest.approx(area, rel=0.05, abs=4)
    rows, columns = np.nonzero(cutout.rgba[..., 3] > 0.5)
    assert abs(columns.min() - first[0]) <= 1
    assert abs(columns.max() + 1 - last[0]) <= 1
    assert abs(rows.min() - first[1]) <= 1
    assert abs(rows.max() + 1 - last[1]) <= 1


@settings(max_examples=40, deadline=None)
@given(boxes(), st.floats(-50, 400), st.floats(-50, 400))
def test_mappings_are_inverse(box, x, y):
    cutout = cut_out(paint_box(*box), side=64)
    assert map_to_source(cutout, *map_to_square(cutout, x, y)) == pytest.approx((x, y), abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 80), st.integers(0, 60))
def test_place_in_the_picture_does_not_matter(x, y):
    from_drawing = np.zeros((240, 280, 4), np.float32)
    rng = np.random.default_rng(3)
    patch = np.dstack([rng.random((150, 170, 3)), np.ones((150, 170, 1))])
    patch[40:80, 30:70, 3] = 0.0
    here, there = from_drawing.copy(), from_drawing.copy()
    here[20:170, 30:200] = patch
    there[10 + y : 160 + y, 10 + x : 180 + x] = patch
    first = cut_out(make_picture(here, True), side=128)
    second = cut_out(make_picture(there, True), side=128)
    assert np.allclose(first.rgba, second.rgba, atol=2e-3)
    assert second.crop[0] - first.crop[0] == pytest.approx(x - 20)


@pytest.mark.parametrize("times", [2, 3])
def test_size_in_the_picture_does_not_matter(pictures, times):
    large = pictures.draw_shape(320 * times, 240 * times)
    small = pictures.draw_shape(320, 240)
    cuts = []
    for alpha in (large, small):
        rgba = np.dstack([np.full((*alpha.shape, 3), 0.4), alpha])
        cuts.append(cut_out(make_picture(rgba, True), side=256))
    assert iou(cuts[0].rgba[..., 3], cuts[1].rgba[..., 3]) > 0.97
    seen = (cuts[0].rgba[..., 3] > 0.01) & (cuts[1].rgba[..., 3] > 0.01)
    assert np.allclose(cuts[0].rgba[seen][:, :3], cuts[1].rgba[seen][:, :3], atol=1e-3)


def test_own_alpha_is_used_as_given(pictures):
    chair = np.asarray(pictures.draw_cutout(240, 200), np.float32) / 255
    cutout = cut_out(make_picture(chair, True))
    assert cutout.confidence == 1.0
    assert cutout.messages == ()
    assert iou(paste_back(cutout), chair[..., 3]) > 0.97
    assert cutout.name == "thing"


def test_specks_and_haze_are_ignored():
    picture = paint_box(200, 200, 60, 60, 140, 120)
    clean = cut_out(picture, side=128)
    rgba = picture.rgba.copy()
    rgba[5:8, 5:8, 3] = 1.0  # a speck
    rgba[190, 10, 3] = 0.6
    rgba[..., 3] = np.maximum(rgba[..., 3], 0.015)  # a haze nobody sees
    dusty = cut_out(make_picture(rgba, True), side=128)
    assert dusty.crop == clean.crop
    assert np.allclose(dusty.rgba, clean.rgba, atol=0.02)
    assert dusty.messages == ()


def test_separate_pieces_stay_and_are_told():
    picture = paint_box(200, 200, 20, 60, 90, 120)
    rgba = picture.rgba.copy()
    rgba[60:120, 110:180] = (0.1, 0.2, 0.9, 1.0)
    cutout = cut_out(make_picture(rgba, True), side=100)
    assert cutout.crop[2] == pytest.approx(160 / FILL)
    assert any("2 separate pieces" in message for message in cutout.messages)


def test_tiny_object_is_an_error():
    with pytest.raises(PictureError, match="only 5 pixels long"):
        cut_out(paint_box(200, 200, 50, 50, 55, 54))


def test_keep_takes_the_whole_opaque_picture(pictures):
    scene = pictures.draw_scene(pictures.draw_shape(200, 100), backdrop="clutter")
    cutout = cut_out(make_picture(scene, False), background="keep", side=128)
    assert cutout.crop[2] == pytest.approx(200 / FILL)
    assert cutout.rgba[..., 3].sum() == pytest.approx((0.85 * 128) ** 2 / 2, rel=0.03)
    assert cutout.confidence == 1.0
    assert cutout.messages == ()


def test_remove_cuts_in_spite_of_alpha(pictures, matting):
    truth = pictures.draw_shape(320, 240)
    scene = pictures.draw_scene(truth)
    scene[:, :20, 3] = 0.0  # somebody erased a margin
    kept = cut_out(make_picture(scene, True), background="automatic")
    removed = cut_out(make_picture(scene, True), background="remove", matting=matting)
    assert kept.crop[2] > 1.5 * removed.crop[2]
    assert iou(paste_back(removed), truth) > 0.93


def test_messages_of_the_picture_travel_on():
    picture = paint_box(80, 80, 10, 10, 60, 60)
    told = Picture(rgba=picture.rgba, has_alpha=True, name="x", messages=("Only one frame.",))
    assert cut_out(told).messages == ("Only one frame.",)


def test_cancel_stops():
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        cut_out(paint_box(80, 80, 10, 10, 60, 60), cancel=cancel)


PLAIN = ("plain", "gradient", "vignette", "horizon", "shadow")


@pytest.mark.parametrize("backdrop", PLAIN)
@pytest.mark.parametrize("kind", ["chair", "blob"])
@pytest.mark.parametrize(("noise", "quality"), [(0.0, 0), (0.03, 80)])
def test_plain_backgrounds_are_cut_surely(pictures, backdrop, kind, noise, quality, matting):
    truth = pictures.draw_shape(320, 240, kind)
    scene = pictures.draw_scene(truth, backdrop=backdrop, noise=noise, quality=quality)
    cutout = cut_out(make_picture(scene, False), matting=matting)
    assert iou(paste_back(cutout) > 0.5, truth > 0.5) > 0.95
    assert cutout.confidence > 0.8
    assert cutout.messages == ()


def test_grey_object_is_not_taken_for_a_shadow(pictures, matting):
    truth = pictures.draw_shape(320, 240, "blob")
    scene = pictures.draw_scene(truth, backdrop="shadow", colour=(0.5, 0.5, 0.5))
    assert iou(paste_back(cut_out(make_picture(scene, False), matting=matting)), truth) > 0.95


@pytest.mark.parametrize("kind", ["chair", "blob"])
@pytest.mark.parametrize("seed", range(2))
def test_before_clutter_the_object_is_found_or_doubt_is_admitted(pictures, matting, seed, kind):
    truth = pictures.draw_shape(320, 240, kind)
    scene = pictures.draw_scene(truth, backdrop="clutter", noise=0.02, seed=seed)
    cutout = cut_out(make_picture(scene, False), matting=matting)
    whole = ndimage.binary_fill_holes(truth > 0.5)  # coloured squares seen through a back
    found = ndimage.binary_fill_holes(paste_back(cutout) > 0.5)
    assert iou(found, whole) > 0.95 or any(UNSURE in message for message in cutout.messages)


def test_object_of_the_backdrops_colour_is_found_or_doubt_is_admitted(pictures, matting):
    truth = pictures.draw_shape(320, 240, "blob")
    scene = pictures.draw_scene(truth, colour=(0.86, 0.86, 0.88))
    cutout = cut_out(make_picture(scene, False), matting=matting)
    assert iou(paste_back(cutout), truth) > 0.95 or UNSURE in cutout.messages[0]


def test_nothing_stands_out(matting):
    y, x = np.mgrid[0:120, 0:160] / 160
    rgb = np.dstack([0.5 + 0.2 * x, 0.5 + 0.1 * y, 0.6 - 0.1 * x])
    picture = make_picture(np.dstack([rgb, np.ones(x.shape)]), False)
    with pytest.raises(PictureError, match="Nothing stands out"):
        cut_out(picture, matting=matting)


def test_rim_has_no_halo_of_the_background(pictures, matting):
    truth = pictures.draw_shape(320, 240, "blob")
    scene = pictures.draw_scene(truth, colour=(0.5, 0.05, 0.05))
    cutout = cut_out(make_picture(scene, False), side=256, matting=matting)
    rim = (cutout.rgba[..., 3] > 0.05) & (cutout.rgba[..., 3] < 0.9)
    assert rim.sum() > 100
    # The object's green is at most 0.07, the backdrop's 0.86.
    assert np.percentile(cutout.rgba[rim][:, 1], 95) < 0.2


def test_same_picture_same_cut(pictures, matting):
    scene = pictures.draw_scene(pictures.draw_shape(), backdrop="gradient", noise=0.03)
    first, second = (cut_out(make_picture(scene, False), matting=matting) for _ in range(2))
    assert np.array_equal(first.rgba, second.rgba)
    assert first.confidence == second.confidence
    assert math.isfinite(first.confidence)


def test_example_photo_is_cut_surely(matting):
    photo = load_picture(Source(path=str(EXAMPLES / "table_photo.png")))
    cutout = cut_out(photo, matting=matting)
    assert cutout.messages == ()
    alpha = paste_back(cutout)
    assert 0.1 < (alpha > 0.5).mean() < 0.4
    height, width = alpha.shape
    # Between the legs the floor is seen, shadow or not; the middle of the top is solid.
    assert alpha[int(0.75 * height), width // 2] == 0.0
    assert alpha[int(0.24 * height), width // 2] == 1.0


@pytest.mark.parametrize("name", ["chair", "car", "airplane"])
def test_example_cutouts_have_alpha(name):
    picture = load_picture(Source(path=str(EXAMPLES / f"{name}.png")))
    assert picture.has_alpha
    assert cut_out(picture).messages == ()
