"""The learned matting: what it finds, which object it takes, and what happens without it."""

import builtins
import json
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from bozzetto.inference.errors import Cancelled, PictureError, WeightsError
from bozzetto.inference.pictures.cutting import cut_out
from bozzetto.inference.pictures.edges import estimate_colours, refine_matte
from bozzetto.inference.pictures.matting import FOLDER, Matting
from bozzetto.inference.pictures.opaque import separate_object
from bozzetto.inference.pictures.pieces import choose_object
from bozzetto.inference.types import Cancel, Picture

UNSURE = "the cut may be wrong"


def iou(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.minimum(first, second).sum() / np.maximum(first, second).sum())


def draw_clutter(height: int = 240, width: int = 320, seed: int = 0) -> np.ndarray:
    """A photo-like busy ground, float32 [h, w, 3]: blurred blotches of many sizes, and grain."""
    random = np.random.default_rng(seed)
    ground = np.full((height, width, 3), 0.45)
    for spread in (2.0, 5.0, 12.0):
        noise = ndimage.gaussian_filter(random.normal(0, 1, ground.shape), (spread, spread, 0))
        ground += 0.07 * noise / noise.std()
    return np.clip(ground + random.normal(0, 0.015, ground.shape), 0, 1).astype(np.float32)


def draw_ball(
    rgb: np.ndarray, x: float, y: float, radius: float, colour: tuple[float, float, float]
) -> np.ndarray:
    """Paint a shaded ball into a picture; its coverage float32 [h, w]."""
    rows, columns = np.mgrid[0 : rgb.shape[0], 0 : rgb.shape[1]]
    distance = np.hypot(columns + 0.5 - x, rows + 0.5 - y)
    cover = np.clip(radius - distance + 0.5, 0, 1).astype(np.float32)
    light = np.hypot(columns - x + 0.3 * radius, rows - y + 0.4 * radius) / radius
    shade = np.clip(1.15 - 0.55 * light, 0.1, 1.2)[..., None] * np.array(colour)
    rgb[:] = cover[..., None] * np.clip(shade, 0, 1) + (1 - cover[..., None]) * rgb
    return cover


def as_picture(rgb: np.ndarray) -> Picture:
    rgba = np.dstack([rgb, np.ones(rgb.shape[:2])]).astype(np.float32)
    return Picture(rgba=rgba, has_alpha=False, name="thing")


def separate(rgb, matting, subject="automatic", point=(0.5, 0.5)):
    return separate_object(rgb, matting, subject=subject, point=point, cancel=Cancel())


@pytest.mark.parametrize("seed", range(3))
def test_object_before_clutter_is_found_surely(matting, seed):
    rgb = draw_clutter(seed=seed)
    truth = draw_ball(rgb, 190, 130, 70, (0.9, 0.25, 0.15))
    separation, told = separate(rgb, matting)
    assert iou(separation.alpha, truth) > 0.95
    assert separation.confidence > 0.75
    assert told == []


def test_background_does_not_bleed_into_the_rim(matting):
    rgb = draw_clutter() * np.float32([0.1, 0.2, 1.0])  # the ground is blue
    draw_ball(rgb, 160, 120, 70, (0.9, 0.5, 0.0))
    separation, _ = separate(rgb, matting)
    rim = (separation.alpha > 0.05) & (separation.alpha < 0.95)
    assert rim.sum() > 100
    assert np.percentile(rgb[rim][:, 2], 90) > 0.3
    assert np.percentile(separation.rgb[rim][:, 2], 90) < 0.15


@pytest.mark.parametrize("kind", ["noise", "blotches", "gradient", "tiles"])
def test_nothing_stands_out_is_said_with_a_fix(matting, kind):
    y, x = np.mgrid[0:240, 0:320] / 320
    rgb = {
        "noise": np.random.default_rng(0).random((240, 320, 3)),
        "blotches": draw_clutter(),
        "gradient": np.dstack([0.5 + 0.2 * x, 0.5 + 0.1 * y, 0.6 - 0.1 * x]),
        "tiles": np.repeat(0.4 + 0.3 * ((x * 20 % 1 > 0.5) ^ (y * 20 % 1 > 0.5))[..., None], 3, 2),
    }[kind].astype(np.float32)
    with pytest.raises(PictureError, match="Nothing stands out") as caught:
        cut_out(as_picture(rgb), matting=matting)
    assert "transparent background" in caught.value.fix


@pytest.fixture(scope="module")
def two_balls():
    """A large red ball at the left, a small yellow one in the middle; with their coverages."""
    rgb = np.full((240, 320, 3), 0.8, np.float32)
    large = draw_ball(rgb, 75, 120, 62, (0.85, 0.15, 0.1))
    small = draw_ball(rgb, 185, 120, 34, (0.9, 0.75, 0.1))
    return rgb, large, small


@pytest.mark.parametrize(
    ("subject", "point", "expected"),
    [
        ("automatic", (0.5, 0.5), "large"),
        ("largest", (0.5, 0.5), "large"),
        ("central", (0.5, 0.5), "small"),
        ("point", (0.58, 0.5), "small"),
        ("point", (0.2, 0.6), "large"),
    ],
)
def test_one_of_two_objects_is_taken(matting, two_balls, subject, point, expected):
    rgb, large, small = two_balls
    separation, told = separate(rgb, matting, subject, point)
    assert iou(separation.alpha, {"large": large, "small": small}[expected]) > 0.93
    if subject == "automatic":
        assert told == ["The picture shows 2 objects; the largest is modelled. "
                        "Object chooses another."]  # fmt: skip


def test_point_beside_every_object_is_an_error(matting, two_balls):
    with pytest.raises(PictureError, match=r"no object at the point \(0.97, 0.03\)") as caught:
        separate(two_balls[0], matting, "point", (0.97, 0.03))
    assert "Automatic" in caught.value.fix


def test_subject_chooses_among_the_pieces_of_a_transparent_picture():
    rgba = np.zeros((100, 200, 4), np.float32)
    rgba[20:80, 10:70] = (0.8, 0.1, 0.1, 1.0)
    rgba[40:60, 90:110] = (0.1, 0.8, 0.1, 1.0)
    picture = Picture(rgba=rgba, has_alpha=True, name="two")
    both, large = cut_out(picture), cut_out(picture, subject="largest")
    small = cut_out(picture, subject="point", point=(0.5, 0.5))
    assert [round(cut.crop[2] * 0.85) for cut in (both, large, small)] == [100, 60, 20]
    assert small.rgba[256, 256, 1] > 0.7
    assert large.messages == small.messages == ()
    with pytest.raises(PictureError, match="no object at the point"):
        cut_out(picture, subject="point", point=(0.9, 0.9))


@st.composite
def blocks(draw):
    """A mask with two separate rectangles, and their boxes."""
    height, width = draw(st.integers(60, 160)), draw(st.integers(120, 240))
    gap = 8
    found = []
    for left, right in ((0, width // 2 - gap), (width // 2 + gap, width)):
        x = sorted(draw(st.tuples(*[st.integers(left, right)] * 2)))
        y = sorted(draw(st.tuples(*[st.integers(0, height)] * 2)))
        x[1], y[1] = max(x[1], x[0] + 3), max(y[1], y[0] + 3)
        found.append(
            (min(x[0], right - 3), min(y[0], height - 3), min(x[1], right), min(y[1], height))
        )
    mask = np.zeros((height, width), bool)
    for left, top, right, bottom in found:
        mask[top:bottom, left:right] = True
    return mask, found


@settings(max_examples=60, deadline=None)
@given(blocks(), st.data())
def test_a_point_in_an_object_chooses_that_object(drawn, data):
    mask, boxes = drawn
    box = data.draw(st.sampled_from(boxes))
    x = data.draw(st.integers(box[0], box[2] - 1)) + 0.5
    y = data.draw(st.integers(box[1], box[3] - 1)) + 0.5
    point = (x / mask.shape[1], y / mask.shape[0])
    choice = choose_object(mask, "point", point)
    assert choice.box == tuple(box)
    assert choice.territory[int(y), int(x)]
    other = boxes[1 - boxes.index(box)]
    assert not choice.territory[other[1] : other[3], other[0] : other[2]].any()
    largest = choose_object(mask, "largest", point)
    area = [(b[2] - b[0]) * (b[3] - b[1]) for b in (largest.box, *boxes)]
    assert area[0] == max(area)


@settings(max_examples=20, deadline=None)
@given(st.integers(40, 200), st.integers(40, 200), st.integers(0, 99))
def test_refining_stays_a_matte_and_keeps_solid_and_clear(height, width, seed):
    random = np.random.default_rng(seed)
    rgb = random.random((height, width, 3)).astype(np.float32)
    matte = np.zeros((height, width), np.float32)
    matte[:, : width // 2] = 1.0
    alpha = refine_matte(rgb, matte)
    assert alpha.shape == matte.shape
    assert alpha.dtype == np.float32
    assert alpha.min() >= 0.0
    assert alpha.max() <= 1.0
    assert (alpha[:, : width // 2 - 12] > 0.99).all()
    assert (alpha[:, width // 2 + 12 :] < 0.01).all()
    colours = estimate_colours(rgb, alpha)
    assert colours.shape == rgb.shape
    inner = ndimage.binary_erosion(alpha > 0.99, iterations=3, border_value=1)
    assert np.array_equal(colours[inner], rgb[inner])


def test_refining_moves_the_edge_onto_the_pictures_edge():
    truth = np.zeros((200, 200), np.float32)
    truth[60:140, 50:150] = 1.0
    rgb = np.where(truth[..., None] > 0, [0.7, 0.3, 0.2], [0.2, 0.4, 0.6]).astype(np.float32)
    smooth = ndimage.gaussian_filter(truth, 3.0)
    assert iou(refine_matte(rgb, smooth), truth) > 0.99 > iou(smooth, truth)


def test_same_picture_same_answer_with_any_number_of_threads(matting):
    rgb = draw_clutter()
    draw_ball(rgb, 100, 120, 60, (0.2, 0.7, 0.3))
    first = matting.predict(rgb)
    assert np.array_equal(first, matting.predict(rgb))
    assert np.array_equal(first, Matting(threads=2).predict(rgb))
    assert first.shape == (240, 320)
    assert first.dtype == np.float32


def test_release_gives_the_network_back_and_it_loads_again():
    matting = Matting()
    assert not matting.is_loaded
    matting.load()
    assert matting.is_loaded
    matting.release()
    assert not matting.is_loaded
    assert matting.predict(draw_clutter()).shape == (240, 320)


def make_plain_picture(pictures) -> tuple[Picture, np.ndarray]:
    truth = pictures.draw_shape(320, 240, "blob")
    return as_picture(pictures.draw_scene(truth)[..., :3]), truth


def test_missing_network_falls_back_and_says_so(pictures, tmp_path):
    picture, _ = make_plain_picture(pictures)
    cutout = cut_out(picture, matting=Matting(tmp_path))
    assert 0.3 < (cutout.rgba[..., 3] > 0.5).mean() < 0.7
    assert len(cutout.messages) == 1
    assert "cannot be read" in cutout.messages[0]
    assert "Reinstall the extension" in cutout.messages[0]
    assert "simpler method" in cutout.messages[0]


def test_missing_onnxruntime_falls_back_and_says_so(pictures, monkeypatch):
    real = builtins.__import__

    def refuse(name, *arguments, **options):
        if name == "onnxruntime":
            raise ImportError("No module named 'onnxruntime'")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refuse)
    picture, _ = make_plain_picture(pictures)
    cutout = cut_out(picture, matting=Matting())
    assert "lacks onnxruntime" in cutout.messages[0]
    assert "vendor/requirements.txt" in cutout.messages[0]


@pytest.mark.parametrize("damage", ["changed", "truncated", "other", "no record"])
def test_wrong_checksum_is_refused(pictures, tmp_path, damage):
    shutil.copy(FOLDER / "u2netp.json", tmp_path)
    record = json.loads((tmp_path / "u2netp.json").read_text())
    data = bytearray((FOLDER / record["file"]).read_bytes())
    if damage == "changed":
        data[len(data) // 2] ^= 1
    elif damage == "truncated":
        del data[1000:]
    elif damage == "other":
        data = bytearray(b"not a network")
    else:
        (tmp_path / "u2netp.json").write_text("{}")
    (tmp_path / record["file"]).write_bytes(data)
    matting = Matting(tmp_path)
    with pytest.raises(WeightsError, match="network") as caught:
        matting.predict(draw_clutter())
    assert not matting.is_loaded
    assert "Reinstall" in caught.value.fix
    picture, _ = make_plain_picture(pictures)
    assert "Reinstall" in cut_out(picture, matting=matting).messages[0]


def test_cancel_stops_between_the_looks(matting):
    cancel = Cancel()

    class Watching(Matting):
        def predict(self, rgb, window=None):
            cancel.set()
            return matting.predict(rgb, window)

    rgb = draw_clutter()
    draw_ball(rgb, 100, 120, 60, (0.2, 0.7, 0.3))
    with pytest.raises(Cancelled):
        cut_out(as_picture(rgb), matting=Watching(), cancel=cancel)
