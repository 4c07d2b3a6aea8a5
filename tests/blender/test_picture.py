"""Every kind of image that Blender knows becomes a Source, or its own error."""

import struct

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, draw_chair, part, write_png


def read(picture):
    before = count_data()
    result = part("scene.picture").read_picture(picture)
    assert count_data() == before
    return result


def refuse(picture):
    before = count_data()
    with pytest.raises(part("inference.errors").PictureError) as caught:
        part("scene.picture").read_picture(picture)
    assert count_data() == before
    assert caught.value.fix
    return str(caught.value)


def write_exr(path, rgba):
    """Write float32 [h, w, 4], linear and premultiplied, as an uncompressed OpenEXR file."""
    height, width = rgba.shape[:2]

    def attribute(name, kind, data):
        return name + b"\0" + kind + b"\0" + struct.pack("<i", len(data)) + data

    channel = struct.pack("<iB3xii", 2, 0, 1, 1)
    channels = b"".join(name + b"\0" + channel for name in (b"A", b"B", b"G", b"R")) + b"\0"
    box = struct.pack("<4i", 0, 0, width - 1, height - 1)
    head = struct.pack("<II", 20000630, 2)
    head += attribute(b"channels", b"chlist", channels)
    head += attribute(b"compression", b"compression", b"\0")
    head += attribute(b"dataWindow", b"box2i", box) + attribute(b"displayWindow", b"box2i", box)
    head += attribute(b"lineOrder", b"lineOrder", b"\0")
    head += attribute(b"pixelAspectRatio", b"float", struct.pack("<f", 1))
    head += attribute(b"screenWindowCenter", b"v2f", struct.pack("<2f", 0, 0))
    head += attribute(b"screenWindowWidth", b"float", struct.pack("<f", 1)) + b"\0"
    rows = []
    for y in range(height):
        data = np.ascontiguousarray(rgba[y][:, ::-1].T, np.float32).tobytes()
        rows.append(struct.pack("<ii", y, len(data)) + data)
    starts = np.cumsum([len(head) + 8 * height] + [len(row) for row in rows[:-1]])
    path.write_bytes(head + starts.astype("<u8").tobytes() + b"".join(rows))
    return path


def linearize(srgb):
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def test_file_and_its_datablock_are_the_same_file(picture):
    path = picture("stool")
    by_path, _ = read(str(path))
    by_image, origin = read(bpy.data.images.load(str(path)))
    assert by_path.path == by_image.path == str(path)
    assert by_path.name == by_image.name == "stool"
    assert origin["image"] == "stool.png"


def test_relative_path_of_a_saved_file(picture, tmp_path):
    picture("stool")
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "here.blend"))
    assert read("//stool.png")[0].path == str(tmp_path / "stool.png")
    image = bpy.data.images.load("//stool.png")
    assert read(image)[0].path == str(tmp_path / "stool.png")


def test_name_without_blender_s_number(picture):
    path = str(picture("büro stuhl"))
    bpy.data.images.load(path)
    second = bpy.data.images.load(path, check_existing=False)
    assert second.name == "büro stuhl.png.001"
    assert read(second)[0].name == "büro stuhl"


def test_packed_image_gives_its_file_s_bytes(picture):
    path = picture("stool")
    data = path.read_bytes()
    image = bpy.data.images.load(str(path))
    image.pack()
    path.unlink()
    source, origin = read(image)
    assert source.encoded == data
    assert origin["kind"] == "packed"


def test_painted_image_gives_its_pixels(picture):
    image = bpy.data.images.load(str(picture("stool")))
    truth = draw_chair().astype(np.float32) / 255
    truth[10, 20] = (1, 0, 1, 1)
    image.pixels.foreach_set(np.ascontiguousarray(truth[::-1]).ravel())
    assert image.is_dirty
    source, origin = read(image)
    np.testing.assert_allclose(source.pixels, truth, atol=1 / 255)
    assert origin["kind"] == "pixels"


def test_generated_image(tmp_path):
    image = bpy.data.images.new("plate", 32, 24, alpha=True)
    image.generated_color = (0.8, 0.4, 0.2, 0.5)
    source, _ = read(image)
    assert source.pixels.shape == (24, 32, 4)
    np.testing.assert_allclose(source.pixels[0, 0], (0.8, 0.4, 0.2, 0.5), atol=1 / 255)


def test_exr_is_straight_srgb_top_row_first(tmp_path):
    straight = np.full((20, 30, 4), (0.9, 0.5, 0.1, 1.0), np.float32)
    straight[:5] = (0.2, 0.6, 0.4, 0.5)
    linear = linearize(straight[..., :3]) * straight[..., 3:]
    path = write_exr(tmp_path / "x.exr", np.concatenate([linear, straight[..., 3:]], axis=-1))
    for picture in (str(path), bpy.data.images.load(str(path))):
        source, _ = read(picture)
        np.testing.assert_allclose(source.pixels, straight, atol=2e-3)


def test_exr_with_few_broken_pixels_is_cleaned(tmp_path):
    pixels = np.ones((20, 20, 4), np.float32)
    pixels[3, 4] = np.nan
    pixels[5, 6, 0] = np.inf
    source, _ = read(str(write_exr(tmp_path / "x.exr", pixels)))
    assert np.isfinite(source.pixels).all()
    assert source.pixels[..., 3].min() == 1, "a hole would count as transparency"


def test_exr_of_nan_is_refused(tmp_path):
    pixels = np.full((20, 20, 4), np.nan, np.float32)
    assert "not numbers" in refuse(str(write_exr(tmp_path / "x.exr", pixels)))


@pytest.mark.parametrize("kept", [9, 60, 330, 400, 491, 3771])
def test_truncated_exr_is_refused(tmp_path, kept):
    path = write_exr(tmp_path / "x.exr", np.ones((20, 20, 4), np.float32))  # its header: 331 bytes
    path.write_bytes(path.read_bytes()[:kept])
    assert "cannot be decoded" in refuse(str(path))


def test_truncated_packed_exr_is_refused(tmp_path):
    path = write_exr(tmp_path / "x.exr", np.ones((20, 20, 4), np.float32))
    image = bpy.data.images.load(str(path))
    path.write_bytes(path.read_bytes()[:60])
    image.pack()
    assert "cannot be decoded" in refuse(image)


def test_exr_that_says_it_is_huge_is_refused(tmp_path):
    path = write_exr(tmp_path / "x.exr", np.ones((20, 20, 4), np.float32))
    small, huge = struct.pack("<4i", 0, 0, 19, 19), struct.pack("<4i", 0, 0, 99_999, 99_999)
    path.write_bytes(path.read_bytes().replace(small, huge))
    assert "100000 x 100000" in refuse(str(path))


@pytest.mark.parametrize("codec", ["NONE", "ZIP", "ZIPS", "PIZ", "PXR24", "B44", "DWAA", "DWAB"])
def test_exr_as_blender_writes_it_is_read(tmp_path, codec):
    settings = bpy.context.scene.render.image_settings
    settings.file_format, settings.color_depth, settings.exr_codec = "OPEN_EXR", "16", codec
    image = bpy.data.images.new("plain", 40, 30, float_buffer=True)
    image.save_render(str(tmp_path / "plain.exr"), scene=bpy.context.scene)
    bpy.data.images.remove(image)
    assert read(str(tmp_path / "plain.exr"))[0].pixels.shape == (30, 40, 4)


def test_sequence_stands_for_the_frame_it_names(tmp_path):
    for number in (1, 2):
        write_png(tmp_path / f"turn_{number:04}.png", draw_chair())
    image = bpy.data.images.load(str(tmp_path / "turn_0002.png"))
    image.source = "SEQUENCE"
    assert read(image)[0].path == str(tmp_path / "turn_0002.png")


def test_tiles_stand_for_the_first_one(tmp_path):
    for number in (1001, 1002):
        write_png(tmp_path / f"skin.{number}.png", draw_chair())
    image = bpy.data.images.load(str(tmp_path / "skin.1001.png"))
    image.source = "TILED"
    image.tiles.new(1002)
    image.filepath = str(tmp_path / "skin.<UDIM>.png")
    assert read(image)[0].path == str(tmp_path / "skin.1001.png")
    image.pack()
    assert read(image)[0].encoded == (tmp_path / "skin.1001.png").read_bytes()


def test_film_is_refused(picture):
    image = bpy.data.images.load(str(picture()))
    image.source = "MOVIE"
    assert "film" in refuse(image)


def test_render_result_is_refused():
    scene = bpy.context.scene
    scene.render.engine, scene.cycles.samples = "CYCLES", 1
    scene.cycles.use_denoising = False  # Debian's Blender is built without it
    scene.render.resolution_x = scene.render.resolution_y = 8
    scene.camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    bpy.ops.render.render()
    assert "no pixels of its own" in refuse(bpy.data.images["Render Result"])


def test_lost_file_of_an_image_is_refused(picture):
    path = picture()
    image = bpy.data.images.load(str(path))
    path.unlink()
    assert "does not exist" in refuse(image)


def test_folder_is_refused(tmp_path):
    assert "folder" in refuse(str(tmp_path))


def test_empty_choice_is_refused():
    assert "No picture" in refuse("")
