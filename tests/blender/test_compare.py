"""The source picture with its mesh: the camera sees the mesh where the picture shows the object."""

import math

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, draw_chair, part, prepare, write_png
from bpy_extras.object_utils import world_to_camera_view
from mathutils import Matrix, Vector

WIDE, HIGH = (160, 100), (100, 160)


def make_solid():
    """Boxes that look different from every side: vertices, triangles, outward."""
    corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
    box = [(0, 1, 3), (0, 3, 2), (4, 6, 7), (4, 7, 5), (0, 4, 5), (0, 5, 1), (2, 3, 7), (2, 7, 6),
           (0, 2, 6), (0, 6, 4), (1, 5, 7), (1, 7, 3)]  # fmt: skip
    vertices, faces = [], []
    for low, high in (
        ((-0.5, -0.3, 0), (-0.2, 0.3, 1.0)),
        ((-0.2, -0.3, 0), (0.5, 0.0, 0.25)),
        ((-0.2, -0.3, 0.7), (0.1, -0.1, 1.0)),
    ):
        faces.append(np.array(box, np.int32) + 8 * len(vertices))
        vertices.append(np.array(low) + corners * (np.array(high) - np.array(low)))
    return np.concatenate(vertices).astype(np.float32), np.concatenate(faces)


def make_view(size, *, azimuth=35.0, elevation=25.0, shift=(0.06, -0.04)):
    """A camera as the worker describes it, its picture's size in pixels given."""
    a, e = math.radians(azimuth), math.radians(elevation)
    right = np.array([math.cos(a), math.sin(a), 0])
    forward = np.array([-math.cos(e) * math.sin(a), math.cos(e) * math.cos(a), -math.sin(e)])
    up = np.cross(right, forward)
    half = 0.26
    return {
        "eye": (np.array([0, 0, 0.5]) - 3 * forward).tolist(),
        "axes": [right.tolist(), up.tolist(), forward.tolist()],
        "half_size": [half * size[0] / min(size), half * size[1] / min(size)],
        "centre": list(shift),
    }


def project(view, points, size):
    """Pixels [N, 2] from the upper left corner, worked out without Blender."""
    local = (points - np.array(view["eye"])) @ np.array(view["axes"]).T
    plane = local[:, :2] / local[:, 2:]
    share = (plane - np.array(view["centre"])) / np.array(view["half_size"])
    return (share * [1, -1] + 1) / 2 * np.array(size)


def draw_silhouette(view, vertices, faces, size):
    """bool [h, w]: which pixels' centres a triangle covers."""
    x, y = np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5)
    drawn = np.zeros((size[1], size[0]), bool)
    for a, b, c in project(view, vertices, size)[faces]:
        sides = [
            (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])
            for p, q in ((a, b), (b, c), (c, a))
        ]
        drawn |= np.all([s >= 0 for s in sides], 0) | np.all([s <= 0 for s in sides], 0)
    return drawn


def make_object(tmp_path, size, view, *, scale=1.0, **picture):
    """An object as `deliver` leaves it, made from a picture of that size."""
    vertices, faces = make_solid()
    rgba = np.zeros((size[1], size[0], 4), np.uint8)
    if view is not None:
        rgba[draw_silhouette(view, vertices, faces, size)] = (220, 120, 40, 255)
    path = write_png(tmp_path / "shape.png", rgba)
    info = {
        "view": view,
        "inserted": {"scale": scale},
        "picture": {"size": list(size), "orientation": 1, "crop": [0.0, 0.0, max(size)], **picture},
    }
    record = part("scene.record").make_record(
        part("inference.settings").GenerateSettings(engine="pixel"),
        info,
        {"kind": "file", "path": str(path), "image": ""},
        {},
        "an identity",
    )
    shaped = prepare(vertices * np.float32(scale), faces)
    scene, layer = bpy.context.scene, bpy.context.view_layer
    return part("scene.insert").insert(
        shaped, name="shape", category="", smooth_angle=0.5, record=record, scene=scene,
        view_layer=layer,
    )  # fmt: skip


def set_frame(width, height, *, pixel_aspect=1.0):
    render = bpy.context.scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = width, height, 100
    render.pixel_aspect_x = pixel_aspect
    return (width * pixel_aspect) / height


def fit(size, frame):
    """Where a fitted picture is in the frame, 0..1 from below: left, bottom, width, height."""
    aspect = size[0] / size[1]
    width, height = (1.0, frame / aspect) if aspect >= frame else (aspect / frame, 1.0)
    return np.array([(1 - width) / 2, (1 - height) / 2, width, height])


@pytest.mark.parametrize("size", [WIDE, HIGH])
@pytest.mark.parametrize("frame", [(1920, 1080), (600, 900), (500, 500)])
@pytest.mark.parametrize("pixel_aspect", [1.0, 1.5])
def test_every_corner_is_where_the_fitted_picture_shows_it(tmp_path, size, frame, pixel_aspect):
    view = make_view(size)
    aspect = set_frame(*frame, pixel_aspect=pixel_aspect)
    item = make_object(tmp_path, size, view, scale=2.5)
    item.matrix_basis = Matrix.Translation((3, -1, 2)) @ Matrix.Rotation(0.7, 4, "Z")
    child = part("scene.compare").add_comparison(item, bpy.context.scene)
    bpy.context.view_layer.update()
    vertices, _ = make_solid()
    box = fit(size, aspect)
    for vertex, pixel in zip(vertices, project(view, vertices, size), strict=True):
        place = item.matrix_world @ (Vector(vertex) * 2.5)
        seen = world_to_camera_view(bpy.context.scene, child, place)
        wanted = box[:2] + box[2:] * (pixel[0] / size[0], 1 - pixel[1] / size[1])
        assert tuple(seen)[:2] == pytest.approx(wanted, abs=1e-4)
        assert seen.z > 0, "in front of the camera"


@pytest.mark.parametrize("size", [WIDE, HIGH])
def test_rendered_silhouette_is_the_picture_s(tmp_path, size):
    """The whole way by Blender's own renderer: axes, handedness, aspect and shift."""
    view = make_view(size)
    item = make_object(tmp_path, size, view)
    set_frame(*size)
    scene = bpy.context.scene
    scene.camera = part("scene.compare").add_comparison(item, scene)
    scene.render.engine, scene.cycles.samples = "CYCLES", 4
    scene.cycles.use_denoising = False  # Debian's Blender cannot
    scene.render.film_transparent = True
    scene.render.filepath = str(tmp_path / "render.png")
    bpy.ops.render.render(write_still=True)
    rendered = read_alpha(scene.render.filepath)
    truth = draw_silhouette(view, *make_solid(), size)
    overlap = (rendered & truth).sum() / (rendered | truth).sum()
    assert truth.mean() > 0.05
    assert overlap > 0.97, overlap
    for wrong in (truth[:, ::-1], truth[::-1]):  # what would be a mistake is one for this shape
        assert (rendered & wrong).sum() / (rendered | wrong).sum() < 0.8


def read_alpha(path):
    image = bpy.data.images.load(path)
    pixels = np.empty(image.size[0] * image.size[1] * 4, np.float32)
    image.pixels.foreach_get(pixels)
    alpha = pixels.reshape(image.size[1], image.size[0], 4)[::-1, :, 3] > 0.5
    bpy.data.images.remove(image)
    return alpha


def test_picture_is_the_camera_s_background_and_removal_leaves_nothing(tmp_path):
    item = make_object(tmp_path, WIDE, make_view(WIDE))
    before = {**count_data(), "cameras": len(bpy.data.cameras)}
    selected = [one.name for one in bpy.context.selected_objects]
    compare = part("scene.compare")
    bpy.ops.ed.undo_push(message="before")
    assert bpy.ops.bozzetto.compare() == {"FINISHED"}
    child = compare.find_comparison(item)
    (background,) = child.data.background_images
    assert child.data.show_background_images
    assert background.image.size[:] == WIDE
    assert bpy.context.scene.camera is None, "the scene's camera is the artist's"
    assert [one.name for one in bpy.context.selected_objects] == selected
    assert bpy.ops.bozzetto.compare() == {"FINISHED"}, "again: one replaces the other"
    assert bpy.ops.bozzetto.remove_comparison() == {"FINISHED"}
    assert {**count_data(), "cameras": len(bpy.data.cameras)} == before
    assert not bpy.ops.bozzetto.remove_comparison.poll()


def test_image_of_the_file_stays_at_removal(tmp_path):
    item = make_object(tmp_path, WIDE, make_view(WIDE))
    own = bpy.data.images.load(str(tmp_path / "shape.png"))
    own.use_fake_user = False
    compare = part("scene.compare")
    child = compare.add_comparison(item, bpy.context.scene)
    assert child.data.background_images[0].image == own
    compare.remove_comparison(item)
    assert bpy.data.images.get("shape.png") == own


def test_packed_image_serves_when_its_file_is_gone(tmp_path):
    make_object(tmp_path, WIDE, make_view(WIDE))
    item = bpy.context.view_layer.objects.active
    own = bpy.data.images.load(str(tmp_path / "shape.png"))
    own.pack()
    record = part("scene.record").read_record(item)
    record["picture"]["image"] = own.name
    part("scene.record").write_record(item, record)
    (tmp_path / "shape.png").unlink()
    child = part("scene.compare").add_comparison(item, bpy.context.scene)
    assert child.data.background_images[0].image == own


def find_space():
    window = bpy.context.window_manager.windows[0]
    area = next(area for area in window.screen.areas if area.type == "VIEW_3D")
    return area.spaces.active


def test_look_through_and_back(tmp_path):
    bpy.ops.wm.read_homefile(use_empty=False)
    item = make_object(tmp_path, HIGH, make_view(HIGH))
    compare, scene, space = part("scene.compare"), bpy.context.scene, find_space()
    camera = scene.camera
    child = compare.add_comparison(item, scene)
    set_frame(900, 300)  # another frame than when it was added
    compare.look_through(space, child, scene)
    assert compare.looks_through(space, child)
    assert space.region_3d.view_perspective == "CAMERA"
    assert scene.camera == camera
    assert child.data.sensor_fit == "VERTICAL"
    assert bpy.ops.bozzetto.remove_comparison() == {"FINISHED"}
    assert not space.use_local_camera
    assert space.region_3d.view_perspective != "CAMERA"
    assert scene.camera == camera


def test_engine_without_camera_puts_the_picture_beside(tmp_path):
    item = make_object(tmp_path, WIDE, None)
    before = count_data()
    assert bpy.ops.bozzetto.compare() == {"FINISHED"}
    child = part("scene.compare").find_comparison(item)
    assert child.type == "EMPTY"
    assert child.data.size[:] == WIDE
    bpy.context.view_layer.update()
    across = child.empty_display_size  # the picture is wider than high
    right = child.matrix_world.translation.x + across / 2
    assert right < min(corner[0] for corner in item.bound_box), "it covers the object"
    normal = child.matrix_world.to_3x3() @ Vector((0, 0, 1))
    assert tuple(normal) == pytest.approx((0, -1, 0), abs=1e-6)
    assert not bpy.ops.bozzetto.look_through.poll()
    assert bpy.ops.bozzetto.remove_comparison() == {"FINISHED"}
    assert count_data() == before


def test_lost_picture_is_said_and_changes_nothing(tmp_path):
    make_object(tmp_path, WIDE, make_view(WIDE))
    (tmp_path / "shape.png").unlink()
    before = count_data()
    with pytest.raises(RuntimeError, match="cannot be opened"):
        bpy.ops.bozzetto.compare()
    assert count_data() == before


def test_only_generated_objects_are_compared():
    bpy.ops.mesh.primitive_cube_add()
    assert not bpy.ops.bozzetto.compare.poll()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright_as_their_exif_data_says(orientation):
    """EXIF 2.3: place of the file's row 0 and column 0 in the upright picture."""
    upright = np.arange(6).reshape(2, 3, 1)
    mirrored = upright[:, ::-1]
    stored = {
        1: upright, 2: mirrored, 3: np.rot90(upright, 2), 4: np.rot90(mirrored, 2),
        5: np.rot90(mirrored, 1), 6: np.rot90(upright, 1), 7: np.rot90(mirrored, -1),
        8: np.rot90(upright, -1),
    }[orientation]  # fmt: skip
    turned = part("scene.upright").turn_upright(stored, orientation)
    np.testing.assert_array_equal(turned, upright)


def test_lying_picture_is_shown_upright(tmp_path):
    rgba = draw_chair()[:64]
    path = write_png(tmp_path / "lying.png", np.rot90(rgba, 1).copy())  # as orientation 6 holds it
    image = part("scene.upright").load_upright(str(path), 6)
    assert image.size[:] == (96, 64)
    pixels = np.empty(96 * 64 * 4, np.float32)
    image.pixels.foreach_get(pixels)
    shown = pixels.reshape(64, 96, 4)[::-1]
    np.testing.assert_allclose(shown[..., 3], rgba[..., 3] / 255, atol=1 / 255)
    assert image.packed_file is not None, "it would be lost at the next save"
    assert len(bpy.data.images) == 1
