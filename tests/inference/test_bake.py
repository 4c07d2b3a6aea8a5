"""Baking gives back the paint that was photographed, and invents nothing that bleeds."""

import json

import numpy as np
import pytest
from painted_solids import Solid, join, orbit, photograph, read_texture

from bozzetto.inference.errors import Cancelled
from bozzetto.inference.texture.bake import bake
from bozzetto.inference.texture.camera import project_points
from bozzetto.inference.types import Cancel, ColourSource, PolygonMesh

ORIGIN = np.zeros(3)
BALL = Solid(ORIGIN, np.array([1.0, 0.8, 0.9]), is_round=True, steps=24)


def waves(points):
    """A smooth paint without any symmetry."""
    x, y, z = points.T
    return 0.5 + 0.3 * np.stack((np.sin(3 * x), np.sin(3 * y + z), np.sin(2 * z - x)), axis=1)


def even(points):
    """The same on both sides of x = 0."""
    x, y, z = points.T
    return 0.5 + 0.3 * np.stack((np.cos(4 * x), np.sin(4 * y + 2), np.sin(4 * z)), axis=1)


def one(colour):
    return lambda points: np.tile(colour, (len(points), 1))


def middles(mesh, uv):
    """Middles of the quads: places in the texture, points, normals of their planes."""
    at = mesh.vertices[mesh.corners].reshape(-1, 4, 3).astype(float)
    normals = np.cross(at[:, 2] - at[:, 0], at[:, 3] - at[:, 1])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    return uv.reshape(-1, 4, 2).mean(axis=1), at.mean(axis=1), normals


def face_camera(points, normals, pinhole):
    towards = np.array(pinhole.eye) - points
    return (normals * towards).sum(axis=1) / np.linalg.norm(towards, axis=1)


@pytest.fixture(scope="module")
def ball():
    source = photograph([BALL], [waves], orbit(35, 15))
    mesh, uv = join([BALL])
    return mesh, uv, source, bake(mesh, uv, source, side=256)


def test_what_was_seen_has_the_colour_of_the_picture(ball):
    mesh, uv, source, coating = ball
    places, points, normals = middles(mesh, uv)
    cosine = face_camera(points, normals, source.pinhole)
    error = np.abs(read_texture(coating.texture, places) - 255 * waves(points)).max(axis=1)
    assert (cosine > 0.35).mean() > 0.25
    assert np.median(error[cosine > 0.35]) < 2
    assert error[cosine > 0.35].max() < 8
    assert error[cosine < -0.5].max() > 40, "what was not seen cannot be known"


def test_report_and_coating(ball):
    mesh, uv, _, coating = ball
    report = coating.report
    json.dumps(report)
    layers = [report[name] for name in ("seen", "mirrored", "through", "filled")]
    assert sum(layers) == pytest.approx(1)
    assert report["mirrored"] == 0
    assert 0.3 < report["seen"] < 0.5
    assert report["psnr"] > 32
    assert report["silhouette_iou"] > 0.97
    assert report["texels"] == pytest.approx(256**2 * 0.92**2, rel=0.02)
    assert report["shading_explained"] is None
    assert set(report["seconds"]) == {"sight", "paint", "fill", "project", "margin", "compare"}
    assert coating.texture.shape == (256, 256, 4)
    assert coating.texture.dtype == np.uint8
    assert coating.colours.shape == (len(mesh.vertices), 4)
    assert coating.colours.dtype == np.uint8
    assert (coating.texture[..., 3] == 255).all()
    assert (coating.colours[..., 3] == 255).all()
    assert coating.uv is uv or (coating.uv == uv).all()


def test_vertices_have_the_colours_of_the_texture(ball):
    mesh, uv, _, coating = ball
    texels = read_texture(coating.texture, uv)
    difference = np.abs(texels - coating.colours[mesh.corners, :3]).max(axis=1)
    assert np.median(difference) < 3
    assert np.quantile(difference, 0.97) < 16


def test_the_same_twice_and_as_triangles(ball):
    mesh, uv, source, coating = ball
    again = bake(mesh, uv, source, side=256)
    assert (again.texture == coating.texture).all()
    assert (again.colours == coating.colours).all()
    split = np.array([0, 1, 2, 0, 2, 3]) + 4 * np.arange(len(mesh.sizes))[:, None]
    triangles = PolygonMesh.from_triangles(mesh.vertices, mesh.corners[split].reshape(-1, 3))
    other = bake(triangles, uv[split.reshape(-1)], source, side=256)
    difference = np.abs(other.texture.astype(int) - coating.texture).max(axis=-1)
    assert np.quantile(difference, 0.99) <= 2


def test_no_part_takes_the_colour_of_another_nor_of_the_backdrop():
    """A red box before a blue one, which it hides in part."""
    front = Solid(np.array([0.3, -1.0, 0.0]), np.array([0.35, 0.35, 0.35]))
    back = Solid(np.array([-0.1, 0.6, 0.0]), np.array([0.9, 0.3, 0.8]))
    paints = [one((0.9, 0.1, 0.1)), one((0.1, 0.1, 0.9))]
    source = photograph([front, back], paints, orbit(10, 10))
    mesh, uv = join([front, back])
    coating = bake(mesh, uv, source, side=256)
    half = len(front.mesh().vertices)
    for colours in (coating.colours[:half], read_texture(coating.texture, uv[: len(uv) // 2])):
        assert colours[:, 0].min() > 200
        assert colours[:, 1:3].max() < 60
    for colours in (coating.colours[half:], read_texture(coating.texture, uv[len(uv) // 2 :])):
        assert colours[:, 2].min() > 200
        assert colours[:, :2].max() < 60
    # not one texel, between the charts neither
    assert coating.texture[..., 1].max() < 60


@pytest.mark.parametrize("grown", [0.9, 1.06])
def test_a_mesh_that_does_not_fit_its_picture_gets_no_backdrop(grown):
    source = photograph([BALL], [one((0.8, 0.2, 0.6))], orbit(20, 10))
    mesh, uv = join([BALL])
    larger = PolygonMesh(mesh.vertices * np.float32(grown), mesh.corners, mesh.sizes)
    coating = bake(larger, uv, source, side=128)
    difference = np.abs(coating.texture[..., :3] - np.array([204, 51, 153])).max()
    assert difference <= 12
    assert coating.report["silhouette_iou"] < 0.95


def test_mirrored_side_has_the_colour_of_the_seen_one():
    solid = Solid(np.array([0.2, 0.0, 0.0]), np.array([0.8, 0.9, 0.7]), is_round=True, steps=24)

    def paint(points):
        return even(points - solid.centre)

    source = photograph([solid], [paint], orbit(60, 15), mirror=0.2)
    mesh, uv = join([solid])
    places, points, normals = middles(mesh, uv)
    flip = np.array([-1, 1, 1])
    hidden = face_camera(points, normals, source.pinhole) < -0.1
    mirrored = points * flip + [0.4, 0, 0]
    shown = hidden & (face_camera(mirrored, normals * flip, source.pinhole) > 0.4)
    assert shown.sum() > 200
    coating = bake(mesh, uv, source, side=256)
    error = np.abs(read_texture(coating.texture, places) - 255 * paint(points)).max(axis=1)
    assert error[shown].max() < 12
    assert coating.report["mirrored"] > 0.1
    plain = bake(mesh, uv, ColourSource(source.rgba, source.pinhole), side=256)
    error = np.abs(read_texture(plain.texture, places) - 255 * paint(points)).max(axis=1)
    assert np.median(error[shown]) > 20, "nothing else would know"
    assert plain.report["mirrored"] == 0


def test_seen_sides_come_from_the_picture_although_there_is_a_mirror():
    """The paint has no symmetry: where the camera looks, it must not matter."""
    source = photograph([BALL], [waves], orbit(30, 15), mirror=0.0)
    mesh, uv = join([BALL])
    places, points, normals = middles(mesh, uv)
    coating = bake(mesh, uv, source, side=256)
    error = np.abs(read_texture(coating.texture, places) - 255 * waves(points)).max(axis=1)
    well = face_camera(points, normals, source.pinhole) > 0.8
    assert error[well].max() < 8


def test_other_side_of_a_sheet_has_what_is_in_front_of_it():
    sheet = Solid(ORIGIN, np.array([0.9, 0.03, 0.7]))

    def halves(points):
        return np.where(points[:, :1] > 0, (0.8, 0.3, 0.2), (0.2, 0.3, 0.8))

    source = photograph([sheet], [halves], orbit(0, 0))
    mesh, uv = join([sheet])
    coating = bake(mesh, uv, source, side=256)
    places, points, normals = middles(mesh, uv)
    behind = (normals[:, 1] > 0.9) & (np.abs(points[:, 0]) > 0.1)
    error = np.abs(read_texture(coating.texture, places) - 255 * halves(points)).max(axis=1)
    assert error[behind].max() < 30
    assert coating.report["through"] > 0.2


def test_hidden_side_is_filled_smoothly():
    source = photograph([BALL], [waves], orbit(0, 0))
    mesh, uv = join([BALL])
    coating = bake(mesh, uv, source, side=128)
    quads = mesh.corners.reshape(-1, 4)
    colours = coating.colours[:, :3].astype(float)
    points = mesh.vertices[quads].mean(axis=1)
    step = np.abs(colours[quads] - colours[np.roll(quads, 1, axis=1)]).max(axis=(1, 2))
    assert step[points[:, 1] > 0.3].max() < 12
    texture = coating.texture[..., :3].astype(float)
    places = middles(mesh, uv)[0]
    inside = read_texture(texture, places)[points[:, 1] > 0.3]
    seen = source.rgba[source.rgba[..., 3] > 127][:, :3]
    assert (inside >= seen.min(axis=0) - 1).all()
    assert (inside <= seen.max(axis=0) + 1).all()


def test_a_part_that_the_camera_does_not_see_takes_its_neighbours_colour():
    seen = Solid(np.array([0.0, -0.5, 0.0]), np.array([0.8, 0.3, 0.8]))
    hidden = Solid(np.array([0.0, 0.6, 0.0]), np.array([0.3, 0.2, 0.3]))
    paints = [one((0.7, 0.5, 0.2)), one((0, 0, 0))]
    source = photograph([seen, hidden], paints, orbit(0, 0))
    mesh, uv = join([seen, hidden])
    colours = bake(mesh, uv, source, side=64).colours[:, :3].astype(float)
    assert np.abs(colours - [178.5, 127.5, 51]).max() < 8


def test_a_camera_that_misses_the_mesh_paints_it_in_the_pictures_mean():
    source = photograph([BALL], [one((0.25, 0.5, 0.75))], orbit(0, 0))
    mesh, uv = join([BALL])
    away = PolygonMesh(mesh.vertices + np.float32([30, 0, 0]), mesh.corners, mesh.sizes)
    coating = bake(away, uv, source, side=32)
    assert coating.report["psnr"] is None
    assert coating.report["silhouette_iou"] == 0
    assert coating.report["filled"] == pytest.approx(1)
    assert np.abs(coating.texture[..., :3] - np.array([64, 128, 191])).max() <= 6


def test_an_empty_picture_and_the_smallest_texture():
    mesh, uv = join([BALL])
    source = ColourSource(np.zeros((16, 16, 4), np.uint8), orbit(0, 0))
    coating = bake(mesh, uv, source, side=1)
    assert coating.texture.shape == (1, 1, 4)
    assert coating.texture[0, 0, 3] == 255


def test_coarse_faces_are_seen_whole():
    """A cube of six quads: its vertices' normals look away from what the camera sees."""
    cube = Solid(ORIGIN, np.array([0.7, 0.7, 0.7]), steps=1)
    source = photograph([cube], [waves], orbit(30, 20))
    mesh, uv = join([cube])
    coating = bake(mesh, uv, source, side=256)
    fine = Solid(ORIGIN, np.array([0.7, 0.7, 0.7]), steps=16)
    other, at = join([fine])
    places, points, normals = middles(other, at)
    shown = face_camera(points, normals, source.pinhole) > 0.3
    error = np.abs(read_texture(coating.texture, places) - 255 * waves(points)).max(axis=1)
    assert shown.sum() > 500
    assert np.quantile(error[shown], 0.95) < 8


def test_refusals(ball):
    mesh, uv, source, _ = ball
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        bake(mesh, uv, source, side=64, cancel=cancel)
    for wrong in (
        (mesh, uv[:-1], source, {}),
        (mesh, np.full_like(uv, np.nan), source, {}),
        (mesh, uv, ColourSource(source.rgba[:9], source.pinhole), {}),
        (mesh, uv, ColourSource(source.rgba.astype(np.float32), source.pinhole), {}),
        (mesh, uv, source, {"side": 0}),
        (mesh, uv, source, {"delight": 1.5}),
    ):
        with pytest.raises(ValueError, match=r"\w+"):
            bake(*wrong[:3], **wrong[3])


def test_projection_is_that_of_the_square():
    pinhole = orbit(25, 10)
    axes, eye = np.array(pinhole.axes), np.array(pinhole.eye)
    corner = axes[2] + axes[0] * (0.01 - 0.3) + axes[1] * (-0.02 + 0.3)  # upper left
    columns, rows, depth = project_points(pinhole, (eye + 3 * corner)[None], 100)
    assert columns[0] == pytest.approx(0, abs=1e-3)
    assert rows[0] == pytest.approx(0, abs=1e-3)
    assert depth[0] == pytest.approx(3, abs=1e-5)
