"""Pictures of shapes whose look is known; damaged meshes; compact storage."""

import multiprocessing
from dataclasses import replace

import numpy as np
import pytest
import trimesh
from hypothesis import given, settings
from hypothesis import strategies as st

from bozzetto.training.data.formats.mesh import Mesh, MeshError, make_mesh, normalise
from bozzetto.training.data.views import decode_views, encode_views, make_views
from bozzetto.training.data.views.appearance import MATERIALS, Material, random_appearance
from bozzetto.training.data.views.camera import FILL, Camera, Window
from bozzetto.training.data.views.coding import decode_picture, encode_picture
from bozzetto.training.data.views.normals import corner_normals
from bozzetto.training.data.views.rasteriser import Painter, RendererMissing
from bozzetto.training.data.views.viewset import code_of_depth, depth_from_code

pytestmark = pytest.mark.usefixtures("software_gl")


def mesh_of(solid: trimesh.Trimesh, colour: tuple[float, float, float] = (0.8, 0.8, 0.8)) -> Mesh:
    return normalise(make_mesh(solid.vertices, solid.faces, colour))[0]


def plain_look(seed: int = 0):
    """An appearance with the mesh's own colours, matt."""
    look = random_appearance(np.random.default_rng(seed), Camera(0, 20, 30))
    matt = Material(colours=(np.ones(3), np.ones(3)), own=1.0, roughness=1.0)
    return replace(look, materials=(matt,) * MATERIALS, exposure=1.0)


def draw(mesh: Mesh, camera: Camera, side: int = 96):
    with Painter(mesh) as painter:
        return painter.draw(camera, plain_look(), side)


def test_sphere_is_a_disc_that_fills_the_frame() -> None:
    picture = draw(mesh_of(trimesh.creation.icosphere(4)), Camera(33, 20, 40), 128)
    alpha = picture.pixels[..., 3]
    assert alpha.sum() / 255 == pytest.approx(np.pi / 4 * (FILL * 128) ** 2, rel=0.01)
    edge = picture.pixels[(alpha > 20) & (alpha < 235)]
    assert edge[:, :3].max(axis=1).min() > 15  # straight alpha: the edge is not mixed with black


def test_row_0_is_the_top_and_the_front_has_its_right_side() -> None:
    # a tall post on the +X side, red; the camera in front sees +X on the right
    low = trimesh.creation.box((1, 0.4, 0.1))
    post = trimesh.creation.box((0.1, 0.4, 1))
    post.apply_translation((0.45, 0, 0.5))
    mesh = make_mesh(
        np.concatenate([low.vertices, post.vertices]),
        np.concatenate([low.faces, post.faces + len(low.vertices)]),
    )
    pixels = draw(normalise(mesh)[0], Camera(0, 0, 20)).pixels
    rows, columns = np.nonzero(pixels[..., 3] > 127)
    assert columns[rows < 40].min() > 60
    assert np.ptp(columns[rows > 85]) > 60


def test_depth_and_camera_lead_back_to_the_surface() -> None:
    radius = 0.5 / 3**0.5
    mesh = mesh_of(trimesh.creation.icosphere(5))
    views = make_views(mesh, np.random.default_rng(3), count=3, fine_count=0)
    for code, row in zip(views.depths, views.cameras, strict=True):
        camera, window, distance = Camera(*row[:3]), Window(*row[3:6]), row[6]
        depth = depth_from_code(code, distance)
        i, j = np.nonzero(depth)
        side = len(depth)
        x = window.centre_x + ((j + 0.625) / side * 2 - 1) * window.half_side
        y = window.centre_y - ((i + 0.625) / side * 2 - 1) * window.half_side
        local = np.stack([x, y, np.ones(len(x))], axis=1) * depth[i, j, None]
        points = local @ np.stack(camera.axes()) + camera.eye
        np.testing.assert_allclose(np.linalg.norm(points, axis=1), radius, atol=2e-3)
        assert camera.distance == pytest.approx(distance, rel=1e-5)


def test_depth_code_is_exact_enough() -> None:
    depth = np.array([0.0, 2.5, 3.0, 3.49], np.float32)
    back = depth_from_code(code_of_depth(depth, 3.0), 3.0)
    assert back[0] == 0
    np.testing.assert_allclose(back, depth, atol=1e-4)


def test_own_colours_and_textures_reach_the_picture() -> None:
    box = trimesh.creation.box((1, 1, 1))
    red = draw(mesh_of(box, (0.9, 0.0, 0.0)), Camera(20, 20, 30)).pixels[48, 48]
    assert red[0] > 100 > 50 > red[1]
    mesh = mesh_of(box)
    texture = np.zeros((4, 4, 3), np.uint8)
    texture[..., 1] = 220
    mesh = replace(mesh, face_textures=np.zeros(len(mesh.faces), np.int32), textures=(texture,))
    green = draw(mesh, Camera(20, 20, 30)).pixels[48, 48]
    assert green[1] > 100 > 50 > green[0]


def test_winding_does_not_matter() -> None:
    mesh = mesh_of(trimesh.creation.icosphere(3))
    mixed = mesh.faces.copy()
    mixed[::2] = mixed[::2, ::-1]
    one = draw(mesh, Camera(10, 10, 30)).pixels.astype(int)
    other = draw(replace(mesh, faces=mixed), Camera(10, 10, 30)).pixels.astype(int)
    assert np.abs(one - other).mean() < 0.5


def test_normals_are_smooth_on_a_ball_and_split_on_a_box() -> None:
    ball = mesh_of(trimesh.creation.icosphere(3))
    points = ball.triangles / np.linalg.norm(ball.triangles, axis=2, keepdims=True)
    assert (corner_normals(ball) * points).sum(axis=2).min() > 0.99
    normals = np.abs(corner_normals(mesh_of(trimesh.creation.box((1, 2, 3)))))
    np.testing.assert_allclose(np.sort(normals, axis=2)[..., 2], 1, atol=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_damaged_meshes_draw_without_error(seed: int) -> None:
    rng = np.random.default_rng(seed)
    faces = rng.integers(0, 12, (rng.integers(1, 30), 3))  # repeated corners, no order
    vertices = rng.normal(size=(12, 3))
    vertices[rng.integers(0, 12, 4)] = vertices[0]
    if rng.random() < 0.3:
        vertices[:, rng.integers(3)] = 0
    mesh = make_mesh(vertices, faces)
    try:
        mesh, _ = normalise(mesh)
    except MeshError:
        return
    views = make_views(mesh, rng, count=2, side=32, fine_count=1, fine_side=48)
    assert views.pictures.shape == (2, 32, 32, 4)
    assert np.isfinite(views.cameras).all()


def test_mesh_that_is_not_normalised_is_refused() -> None:
    big = trimesh.creation.box((3, 3, 3))
    with pytest.raises(MeshError, match="normalised"):
        make_views(make_mesh(big.vertices, big.faces), np.random.default_rng(0))
    with pytest.raises(MeshError, match="no faces"):
        make_views(make_mesh(np.zeros((3, 3)), np.zeros((0, 3))), np.random.default_rng(0))


def test_same_seed_same_views_and_storage_keeps_them() -> None:
    mesh = mesh_of(trimesh.creation.capsule(1, 0.3))
    one, other = (make_views(mesh, np.random.default_rng(8), 4, 64, 1, 96) for _ in range(2))
    np.testing.assert_array_equal(one.pictures, other.pictures)
    back = decode_views(encode_views(one))
    np.testing.assert_array_equal(back.depths, one.depths)
    np.testing.assert_array_equal(back.cameras, one.cameras)
    for name in ("pictures", "fine_pictures"):
        kept, drawn = getattr(back, name), getattr(one, name)
        np.testing.assert_array_equal(kept[..., 3], drawn[..., 3])
        seen = drawn[..., 3] > 0
        np.testing.assert_array_equal(kept[seen], drawn[seen])
    without = decode_views(encode_views(make_views(mesh, np.random.default_rng(8), 2, 32, 0)))
    assert len(without.pictures) == 2
    assert len(without.fine_pictures) == 0


def test_damaged_picture_is_told() -> None:
    data = encode_picture(np.full((8, 8, 4), 200, np.uint8))
    with pytest.raises(ValueError, match="damaged"):
        decode_picture(data[:20])


def test_drawing_in_a_forked_process_is_refused_not_hung() -> None:
    mesh = mesh_of(trimesh.creation.box((1, 1, 1)))
    draw(mesh, Camera(0, 0, 30), 16)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        answer = pool.apply_async(draw, (mesh, Camera(0, 0, 30), 16))
        with pytest.raises(RendererMissing, match="spawn"):
            answer.get(timeout=60)
