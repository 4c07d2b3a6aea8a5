"""Pictures from outside: each bad one gets its own error, each odd one works."""

import numpy as np
import pytest
from PIL import Image

from bozzetto.inference.errors import PictureError
from bozzetto.inference.pictures import image as image_module
from bozzetto.inference.pictures.image import load_picture, resample
from bozzetto.inference.types import Source

BAD = {
    "empty": "empty",
    "truncated_png": "damaged or incomplete",
    "truncated_jpeg": "damaged or incomplete",
    "header_only": "not a picture",
    "corrupt": "damaged or incomplete",
    "not_an_image": "not a picture",
    "random_bytes": "not a picture",
    "one_pixel": "too small (1 x 1)",
    "strip": "strip (30000 x 40)",
    "huge": "100 million pixels",
    "bomb": "100 million pixels",
    "transparent": "fully transparent",
    "one_colour": "all one colour",
    "svg": "SVG",
    "pdf": "PDF",
    "psd": "Photoshop",
    "eps": "PostScript",
    "exr": "OpenEXR",
    "hdr": "Radiance",
    "heic": "HEIC",
    "film": "film",
    "float_tiff": "floating point",
    "folder": "is a folder",
    "missing": "no picture",
    "fifo": "a pipe",
    "device": "a device",
    "link_to_device": "a device",
}


@pytest.fixture(scope="module")
def bad(pictures, tmp_path_factory):
    return pictures.write_bad_pictures(tmp_path_factory.mktemp("bad"))


@pytest.fixture(scope="module")
def odd(pictures, tmp_path_factory):
    return pictures.write_odd_pictures(tmp_path_factory.mktemp("odd pictures"))


def load(path) -> image_module.Picture:
    return load_picture(Source(path=str(path)))


@pytest.mark.parametrize("name", BAD)
def test_bad_picture_gets_its_own_error(bad, name):
    with pytest.raises(PictureError) as caught:
        load(bad[name])
    assert BAD[name] in caught.value.message
    assert caught.value.fix.endswith(".")
    assert caught.value.fix != PictureError.default_fix


def test_every_bad_picture_is_listed(bad):
    assert set(bad) == set(BAD)


def test_unreadable_file(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    # Tests may run as root, whom no permission stops.
    monkeypatch.setattr(image_module.os, "open", refuse)
    path = tmp_path / "secret.png"
    path.write_bytes(b"x")
    with pytest.raises(PictureError, match="may not be read"):
        load(path)


def test_file_size_is_bounded(tmp_path):
    path = tmp_path / "large.png"
    with path.open("wb") as stream:
        stream.truncate(image_module.MAX_BYTES + 1)  # sparse: takes no disk
    with pytest.raises(PictureError, match="larger than 256 MB"):
        load(path)


def test_name_with_a_null_byte_is_an_error():
    with pytest.raises(PictureError, match="cannot be read"):
        load_picture(Source(path="a\0b.png"))


@pytest.mark.parametrize("source", [Source(), Source(path="a.png", encoded=b"x")])
def test_exactly_one_source(source):
    with pytest.raises(PictureError, match="No picture was given"):
        load_picture(source)


ALPHA = ("plain", "palette_alpha", "apng", "webp", "names", "wrong_suffix", "tga", "tiff", "avif")
TOLERANCE = {"palette_alpha": 0.08, "avif": 0.03}


@pytest.mark.parametrize("name", ALPHA)
def test_pictures_with_alpha_show_the_chair(pictures, odd, name):
    picture = load(odd[name])
    expected = np.asarray(pictures.draw_cutout(), np.float32) / 255
    assert picture.has_alpha
    assert picture.rgba.dtype == np.float32
    assert picture.rgba.shape == expected.shape
    limit = TOLERANCE.get(name, 1e-6)
    assert np.abs(picture.rgba[..., 3] - expected[..., 3]).mean() <= limit
    solid = expected[..., 3] == 1
    assert np.abs(picture.rgba[solid] - expected[solid]).mean() <= limit


FLAT = ("gif", "cmyk", "grey16", "profile", "broken_profile", "broken_exif", "bmp", "wrong_profile")


@pytest.mark.parametrize("name", FLAT)
def test_opaque_pictures_show_the_chair(pictures, odd, name):
    picture = load(odd[name])
    chair = pictures.draw_cutout()
    white = Image.new("RGBA", chair.size, "white")
    white.alpha_composite(chair)
    grey = name in ("grey16", "wrong_profile")
    expected = np.asarray(white.convert("L" if grey else "RGB").convert("RGB"), np.float32) / 255
    assert not picture.has_alpha
    assert (picture.rgba[..., 3] == 1).all()
    assert np.abs(picture.rgba[..., :3] - expected).mean() < 0.02


@pytest.mark.parametrize(
    ("channels", "seen"), [(1, [0]), (2, [0, 3]), (3, [0, 1, 2]), (4, [0, 1, 2, 3])]
)
def test_sixteen_bits_keep_their_range(pictures, channels, seen):
    values = np.random.default_rng(0).integers(0, 65536, (32, 48, channels), dtype=np.uint16)
    picture = load_picture(Source(encoded=pictures.encode_16_bits(values)))
    assert np.allclose(picture.rgba[..., seen], values / 65535, atol=1 / 255)


def test_exif_rotation_is_applied(odd):
    upright, turned = load(odd["bmp"]).rgba, load(odd["exif_rotated"]).rgba
    assert turned.shape[:2] == upright.shape[1::-1]
    assert np.abs(np.rot90(upright, -1) - turned).mean() < 0.03


@pytest.mark.parametrize("name", ["gif", "apng", "webp"])
def test_animations_say_that_one_frame_is_used(odd, name):
    assert "animated" in load(odd[name]).messages[0]


@pytest.mark.parametrize("name", ["broken_profile", "wrong_profile"])
def test_ignored_profile_is_told(odd, name):
    assert "profile was ignored" in load(odd[name]).messages[0]


def test_good_pictures_have_no_messages(odd):
    for name in ("plain", "palette_alpha", "profile", "cmyk", "bilevel", "names"):
        assert load(odd[name]).messages == ()


def test_profile_brings_colours_to_srgb(pictures):
    profile = pictures.make_linear_profile()
    stored = np.tile(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], (32, 1, 3))
    data = pictures.encode(Image.fromarray(stored), icc_profile=profile)
    picture = load_picture(Source(encoded=data))
    assert picture.messages == ()
    linear = stored[0, :, 0] / 255
    expected = np.where(linear < 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.allclose(picture.rgba[0, :, 1], expected, atol=0.02)


def test_name_is_the_stem_or_as_given(odd):
    assert load(odd["names"]).name == "стул и 椅子 ☕"
    assert load_picture(Source(path=str(odd["plain"]), name="Stool")).name == "Stool"
    assert load_picture(Source(encoded=odd["plain"].read_bytes())).name == "Object"


def test_path_and_bytes_give_the_same_picture(odd):
    for path in odd.values():
        by_path, by_bytes = load(path), load_picture(Source(encoded=path.read_bytes()))
        assert np.array_equal(by_path.rgba, by_bytes.rgba)
        assert (by_path.has_alpha, by_path.messages) == (by_bytes.has_alpha, by_bytes.messages)


def test_pixels_give_the_same_picture(odd):
    by_path = load(odd["plain"])
    assert np.array_equal(load_picture(Source(pixels=by_path.rgba)).rgba, by_path.rgba)


@pytest.mark.parametrize("size", [(3000, 1500), (5000, 400)])
@pytest.mark.parametrize("kind", ["jpeg", "png", "pixels"])
def test_large_pictures_are_averaged_down(size, kind, pictures):
    width, height = size
    x = np.linspace(0, 255, width).astype(np.uint8)
    image = Image.fromarray(np.repeat(np.tile(x, (height, 1))[..., None], 3, axis=2))
    if kind == "pixels":
        pixels = np.asarray(image.convert("RGBA"), np.float32) / 255
        picture = load_picture(Source(pixels=pixels))
    else:
        picture = load_picture(Source(encoded=pictures.encode(image, kind.upper())))
    assert picture.rgba.shape[1] == image_module.WORKING_SIDE
    assert abs(picture.rgba.shape[0] - height * 2048 / width) <= 1
    assert np.allclose(picture.rgba[5, :, 1], np.linspace(0, 1, 2048), atol=0.02)


def test_invisible_alpha_noise_does_not_mark_an_object(pictures):
    rgba = pictures.draw_scene(pictures.draw_shape(64, 64))
    rgba[0, 0, 3] = 0.5
    rgba[..., 3] -= 0.01
    assert not load_picture(Source(pixels=rgba)).has_alpha


def test_pixels_without_a_number(pictures):
    rgba = pictures.draw_scene(pictures.draw_shape(64, 64))
    rgba[5, 5, 0] = np.nan
    rgba[9, 9, 1] = np.inf
    picture = load_picture(Source(pixels=rgba))
    assert np.isfinite(picture.rgba).all()
    assert "2 pixels" in picture.messages[0]
    rgba[:32] = np.nan
    with pytest.raises(PictureError, match="50% of the image's pixels hold no number"):
        load_picture(Source(pixels=rgba))


def test_pixels_out_of_range_are_clipped(pictures):
    rgba = pictures.draw_scene(pictures.draw_shape(64, 64)) * 3 - 1
    clipped = load_picture(Source(pixels=rgba)).rgba
    assert (clipped.min(), clipped.max()) == (0.0, 1.0)
    assert rgba.max() > 1.0  # the caller's array is left alone


@pytest.mark.parametrize(
    "pixels", [np.zeros((64, 64, 3), "f4"), np.zeros((64, 64), "f4"), np.zeros((64, 64, 4), "u1")]
)
def test_pixels_of_another_shape_are_refused(pixels):
    with pytest.raises(PictureError, match="shape"):
        load_picture(Source(pixels=pixels))


def test_resample_never_bleeds_hidden_colours():
    rgba = np.zeros((40, 40, 4), np.float32)
    rgba[..., 0] = 1.0  # hidden red
    rgba[10:30, 10:30] = (0.0, 1.0, 0.0, 1.0)
    out = resample(rgba, (-10.0, -10.0, 50.0, 50.0), (27, 27))
    seen = out[..., 3] > 0
    assert np.allclose(out[seen][:, :3], (0.0, 1.0, 0.0), atol=1e-4)
    assert (out[~seen] == 0).all()
