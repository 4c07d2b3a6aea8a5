"""Occupancy, renders and splits on shapes whose truth is known."""

import numpy as np
import pytest
import trimesh

from bozzetto.training.data.formats.mesh import Mesh, make_mesh, normalise
from bozzetto.training.data.occupancy import (
    MIN_THICKNESS,
    Solid,
    grid_points,
    occupancy_grid,
    surface_points,
)
from bozzetto.training.data.splits import (
    assign_splits,
    object_hash,
    overlap,
    same_shape_groups,
    split_of_hash,
)
from bozzetto.training.data.views.camera import FILL, Camera, random_camera
from bozzetto.training.data.views.render import Light, Renderer

LIGHT = Light(np.array([0.0, -0.6, 0.8]), np.full(3, 0.6), np.full(3, 0.3))


def box(size: tuple[float, float, float], centre: tuple[float, float, float] = (0, 0, 0)) -> Mesh:
    solid = trimesh.creation.box(size)
    return make_mesh(solid.vertices + np.array(centre), solid.faces)


def join(*meshes: Mesh) -> Mesh:
    offsets = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes])
    faces = [mesh.faces + offset for mesh, offset in zip(meshes, offsets, strict=False)]
    return make_mesh(np.concatenate([m.vertices for m in meshes]), np.concatenate(faces))


def solid_of(mesh: Mesh) -> Solid:
    return Solid(mesh, np.random.default_rng(0))


def cells(mesh: Mesh) -> np.ndarray:
    return occupancy_grid(solid_of(mesh))


def expected_box(size: tuple[float, float, float]) -> np.ndarray:
    return (np.abs(grid_points()) < np.array(size) / 2).all(axis=1).reshape(64, 64, 64)


def test_grid_index_order_is_x_y_z() -> None:
    points = grid_points().reshape(64, 64, 64, 3)
    np.testing.assert_allclose(points[3, 5, 7], [3.5 / 64 - 0.5, 5.5 / 64 - 0.5, 7.5 / 64 - 0.5])


def test_closed_box_is_exact() -> None:
    mesh, _ = normalise(box((2, 1, 0.7)))
    low, high = mesh.bounds
    np.testing.assert_array_equal(cells(mesh), expected_box(tuple(high - low)))


def test_box_without_its_bottom_is_still_solid_without_its_front_it_is_hollow() -> None:
    mesh, _ = normalise(box((1, 1, 1)))
    centres = mesh.triangles.mean(axis=1)
    closed = cells(mesh)
    bottomless = cells(mesh.select_faces(centres[:, 2] > centres[:, 2].min() + 1e-6))
    assert (bottomless & closed).sum() > 0.98 * closed.sum()
    assert not (bottomless & ~closed).any()
    frontless = cells(mesh.select_faces(centres[:, 1] > centres[:, 1].min() + 1e-6))
    assert not frontless[32, 32, 32]
    assert not frontless[32, 16, 32]


def test_hole_of_a_torus_is_empty_and_its_ring_solid() -> None:
    torus = trimesh.creation.torus(1.0, 0.35)
    grid = cells(normalise(make_mesh(torus.vertices, torus.faces))[0])
    assert not grid[32, 32].any()
    scale = 1 / np.linalg.norm([2.7, 2.7, 0.7])
    index = int((1.0 * scale + 0.5) * 64)
    assert grid[index, 32, 32]
    assert grid[32, index, 32]


def test_under_a_table_is_outside() -> None:
    top = box((1.2, 0.7, 0.05), (0, 0, 0.7))
    legs = [box((0.06, 0.06, 0.7), (x, y, 0.35)) for x in (-0.55, 0.55) for y in (-0.3, 0.3)]
    mesh, _ = normalise(join(top, *legs))
    grid = cells(mesh)
    column = grid[32, 32]
    # the top takes its own thickness (two or three cells), and nothing under it is solid
    assert 2 <= column.sum() <= 3
    assert column[: 64 // 2].sum() == 0
    low, _ = mesh.bounds
    foot = int((low[2] + 0.5) * 64) + 2
    legs_here = grid[:, :, foot]
    assert 4 <= legs_here.sum() <= 4 * 9


def test_thin_sheet_and_thin_pole_are_kept_without_holes() -> None:
    sheet = make_mesh(
        np.array([[-1, -0.5, 0], [1, -0.5, 0], [1, 0.5, 0], [-1, 0.5, 0]]), [[0, 1, 2], [0, 2, 3]]
    )
    pole = box((0.01, 0.01, 1.5), (0, 0, 0.75))
    grid = cells(normalise(join(sheet, pole))[0])
    flat = grid.any(axis=2)
    inner = flat[8:56, 20:44]
    assert inner.mean() > 0.99
    heights = np.nonzero(grid[32, 32] | grid[31, 31] | grid[31, 32] | grid[32, 31])[0]
    assert len(heights) == heights.max() - heights.min() + 1 > 30
    assert MIN_THICKNESS * 64 < 2


def test_surface_points_agree_with_the_solid_and_see_both_sides() -> None:
    mesh, _ = normalise(box((2, 1, 0.7)))
    low, high = mesh.bounds
    points, inside = surface_points(solid_of(mesh), 4096, np.random.default_rng(1))
    assert points.dtype == np.float16
    truth = ((points > low) & (points < high)).all(axis=1)
    assert (truth == inside).mean() > 0.995
    assert 0.3 < inside.mean() < 0.6
    outside_by = np.maximum(np.abs(points.astype(np.float64)) - high, 0).max(axis=1)
    assert np.quantile(outside_by[::2], 0.99) < 0.04 < np.quantile(outside_by[1::2], 0.995)


@pytest.mark.parametrize("azimuth", [0, 90, 180, -90])
def test_camera_looks_from_where_it_says(azimuth: float) -> None:
    right, up, forward = Camera(azimuth, 0, 30).axes()
    eye = {0: [0, -1, 0], 90: [1, 0, 0], 180: [0, 1, 0], -90: [-1, 0, 0]}[azimuth]
    np.testing.assert_allclose(-forward, eye, atol=1e-12)
    np.testing.assert_allclose(np.cross(right, forward), up, atol=1e-12)
    np.testing.assert_allclose(up, [0, 0, 1], atol=1e-12)


def test_silhouette_of_a_box_fills_the_frame_as_inference_crops() -> None:
    mesh, _ = normalise(box((1.0, 0.5, 0.25)))
    picture = Renderer(mesh).render(Camera(0, 0, 15), LIGHT, side=128)
    alpha = picture[..., 3] > 127
    rows, columns = np.nonzero(alpha.any(axis=1))[0], np.nonzero(alpha.any(axis=0))[0]
    assert len(columns) == pytest.approx(FILL * 128, abs=1.5)
    assert len(rows) == pytest.approx(FILL * 128 / 4, abs=1.5)
    assert columns[0] + columns[-1] == pytest.approx(127, abs=1)
    assert rows[0] + rows[-1] == pytest.approx(127, abs=1)
    assert alpha.sum() == pytest.approx(len(rows) * len(columns), abs=4)  # corners
    # straight alpha: colour at a half-covered edge is the object's, not darkened by the background
    edge = (picture[..., 3] > 20) & (picture[..., 3] < 235)
    if edge.any():
        assert picture[edge][:, :3].min() > 40


def test_picture_of_a_sphere_is_a_disc() -> None:
    sphere = trimesh.creation.icosphere(4)
    picture = Renderer(normalise(make_mesh(sphere.vertices, sphere.faces))[0]).render(
        random_camera(np.random.default_rng(5)), LIGHT, side=128
    )
    covered = (picture[..., 3] / 255).sum()
    assert covered == pytest.approx(np.pi / 4 * (FILL * 128) ** 2, rel=0.02)


def test_own_colours_and_albedo_reach_the_picture() -> None:
    mesh, _ = normalise(box((1, 1, 1)))
    red = make_mesh(mesh.vertices, mesh.faces, (0.9, 0.0, 0.0))
    camera = Camera(20, 20, 30)
    own = Renderer(red).render(camera, LIGHT, side=32)[16, 16]
    assert own[0] > 60 > 5 > own[1]
    green = np.tile(np.float32([0, 0.9, 0]), (len(red.faces), 1))
    given = Renderer(red).render(camera, LIGHT, green, side=32)[16, 16]
    assert given[1] > 60 > 5 > given[0]


def test_split_rule_of_the_hash() -> None:
    assert object_hash("p", "n") == 0xBA5CC33BF4DEE99F4FC980793E87723E
    assert [split_of_hash(value, 100) for value in (20, 21, 25, 26)] == [
        "test",
        "validation",
        "train",
        "train",
    ]
    assert [split_of_hash(value, 99) for value in (20, 21, 25, 26)] == [
        "test",
        "validation",
        "test",
        "validation",
    ]


def packed_noise(count: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.packbits(rng.random((count, 16, 16, 16)) < 0.5, axis=-1).reshape(count, -1)


def test_groups_of_like_shapes_share_the_split_of_their_smallest_hash() -> None:
    packed = packed_noise(4)
    packed[3] = packed[0]
    packed[3, :7] ^= 255
    assert overlap(packed, packed)[0, 3] > 0.9 > overlap(packed, packed)[0, 1]
    groups = same_shape_groups(packed)
    assert groups[0] == groups[3]
    assert len(set(groups.tolist())) == 3
    hashes = [11, 12, 13, 10]
    assert assign_splits(hashes, ["chair"] * 4, groups) == ["test", "train", "train", "test"]


def test_a_mirror_image_or_another_pose_is_no_other_shape() -> None:
    packed = packed_noise(4)
    cells = np.unpackbits(packed[0]).reshape(16, 16, 16)
    packed[1] = np.packbits(cells[::-1].reshape(-1))
    assert same_shape_groups(packed).tolist()[:2] == [0, 0]
    assert len(set(same_shape_groups(packed).tolist())) == 3
    groups = same_shape_groups(packed, bodies=["horse", "cow", "dog", "dog"])
    assert groups.tolist() == [0, 0, 1, 1]


def test_only_real_objects_decide_how_many_a_class_has() -> None:
    hashes = [5, 15, *range(100, 1500, 10)]
    groups = np.arange(len(hashes))
    kinds = ["chair"] * len(hashes)
    assert assign_splits(hashes, kinds, groups)[0] == "train"  # 142 objects: every tenth
    generated = [False, False] + [True] * 140
    assert assign_splits(hashes, kinds, groups, generated)[0] == "test"  # 2 real: every fifth


def test_a_finer_grid_is_the_coarse_one_where_nothing_is_thin() -> None:
    mesh, _ = normalise(box((1.0, 0.7, 0.5)))
    solid = Solid(mesh, np.random.default_rng(0))
    fine = occupancy_grid(solid, 128)
    asked = solid.inside(grid_points(128)).reshape(fine.shape)
    np.testing.assert_array_equal(fine, asked)
    with pytest.raises(ValueError, match="power of two"):
        occupancy_grid(solid, 96)
