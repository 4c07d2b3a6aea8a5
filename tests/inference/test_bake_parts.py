"""What baking is made of: scan conversion, filling, margins, delighting."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from painted_solids import Solid, join, orbit, photograph
from scipy import ndimage

from bozzetto.inference.texture.bake import bake
from bozzetto.inference.texture.colours import LUMINANCE, decode_bytes, encode_bytes
from bozzetto.inference.texture.delight import (
    MOST,
    Shading,
    estimate_shading,
    evaluate_harmonics,
)
from bozzetto.inference.texture.fill import fill_surface
from bozzetto.inference.texture.margin import find_sources
from bozzetto.inference.texture.raster import find_spans, split_polygons
from bozzetto.inference.types import PolygonMesh


def triangulate(seed, count, side):
    """Triangles [T, 3, 2] that tile the square, of random points in it, in random orientation."""
    from scipy.spatial import Delaunay

    rng = np.random.default_rng(seed)
    inner = rng.uniform(0, side, (count, 2))
    grid = rng.integers(0, 2 * side + 1, (count, 2)) / 2  # on cells' centres and borders, too
    points = np.concatenate([inner, grid, [(0, 0), (0, side), (side, 0), (side, side)]])
    points = np.unique(points, axis=0)
    triangles = Delaunay(points).simplices
    turned = rng.random(len(triangles)) < 0.5
    triangles[turned] = triangles[turned][:, ::-1]
    return points[triangles]


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(1, 33), st.integers(1, 50))
def test_triangles_that_tile_the_square_cover_every_cell_once(seed, count, side, limit):
    triangles = triangulate(seed, count, side)
    spans = find_spans(triangles, side)
    parts = [spans.expand_part(part) for part in spans.parts(limit)]
    cells = np.concatenate([part.cell for part in parts])
    assert np.array_equal(np.sort(cells), np.arange(side**2))
    whole = spans.expand_all()
    assert np.array_equal(np.concatenate([part.triangle for part in parts]), whole.triangle)
    # the weights say where the cell's centre is
    at = np.einsum("nk,nkd->nd", whole.weights, triangles[whole.triangle])
    centre = np.stack((whole.cell % side, whole.cell // side), axis=1) + 0.5
    assert np.abs(at - centre).max() < 1e-3 * side
    assert (whole.weights >= 0).all()
    values = triangles.reshape(-1, 2).astype(np.float32)
    corners = np.arange(len(values)).reshape(-1, 3)
    assert np.abs(whole.interpolate(values, corners) - at).max() < 1e-3 * side
    some = np.arange(0, len(at), 3)
    assert np.array_equal(
        whole.interpolate(values, corners, some), whole.interpolate(values, corners)[some]
    )


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_what_lies_beyond_the_square_is_left_out(seed):
    triangles = np.random.default_rng(seed).uniform(-20, 30, (30, 3, 2))
    triangles[0] = triangles[0, :1]  # a point
    triangles[1, 2] = triangles[1, 1]  # a line
    fragments = find_spans(triangles, 10).expand_all()
    assert not np.isin([0, 1], fragments.triangle).any()
    x, y = np.meshgrid(np.arange(10) + 0.5, np.arange(10) + 0.5)
    for number in range(2, 30):
        a, b, c = triangles[number]
        edges = [
            (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])
            for p, q in ((a, b), (b, c), (c, a))
        ]
        inside = (np.min(edges, axis=0) > 0) | (np.max(edges, axis=0) < 0)
        got = np.zeros(100, bool)
        got[fragments.cell[fragments.triangle == number]] = True
        assert np.array_equal(got.reshape(10, 10), inside)


def test_quads_are_cut_inside_their_place_in_the_plane():
    """A dart: only the cut from its notch stays inside."""
    dart = np.array([(0, 0), (1, 0.2), (0.3, 0.3), (0.2, 1)], np.float32)
    for turn in range(4):
        plane = np.roll(dart, turn, axis=0)
        mesh = PolygonMesh(
            np.pad(plane, ((0, 0), (0, 1))), np.arange(4, dtype=np.int32), np.int32([4])
        )
        corners, polygons = split_polygons(mesh, plane)
        (ax, ay), (bx, by) = (
            (plane[corners[:, k]] - plane[corners[:, 0]]).T.astype(float) for k in (1, 2)
        )
        area = (ax * by - ay * bx) / 2
        assert (area > 0).all()
        assert (polygons == 0).all()
    five = PolygonMesh(np.zeros((5, 3), np.float32), np.arange(5, dtype=np.int32), np.int32([5]))
    assert split_polygons(five)[0].tolist() == [[0, 1, 2], [0, 2, 3], [0, 3, 4]]


BALL = Solid(np.zeros(3), np.ones(3), is_round=True, steps=8)


def as_triangles(mesh):
    corners, _ = split_polygons(mesh)
    return mesh.vertices, mesh.corners[corners]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10**6), st.floats(0.01, 0.6))
def test_film_stays_between_what_is_known(seed, share):
    vertices, triangles = as_triangles(join([BALL])[0])
    rng = np.random.default_rng(seed)
    colours = rng.random((len(vertices), 3)).astype(np.float32)
    known = rng.random(len(vertices)) < share
    known[rng.integers(len(vertices))] = True
    certainty = known * rng.uniform(0.05, 1, len(vertices))
    film = fill_surface(vertices, triangles, colours, certainty)
    assert film.shape == colours.shape
    assert np.isfinite(film).all()
    assert (film >= colours[known].min(axis=0) - 1e-6).all()
    assert (film <= colours[known].max(axis=0) + 1e-6).all()
    even = np.where(known[:, None], np.float32([0.2, 0.5, 0.8]), colours)
    assert np.abs(fill_surface(vertices, triangles, even, certainty) - [0.2, 0.5, 0.8]).max() < 2e-3


def test_film_is_harmonic_and_does_not_depend_on_the_triangles():
    mesh = join([Solid(np.zeros(3), np.ones(3), is_round=True, steps=16)])[0]
    corners, _ = split_polygons(mesh)
    other = 4 * np.arange(len(mesh.sizes))[:, None] + np.array([1, 2, 3, 1, 3, 0])
    height = mesh.vertices[:, 2]
    certainty = (np.abs(height) > 0.95).astype(float)
    colours = np.tile((height[:, None] > 0).astype(np.float32), (1, 3))
    films = [
        fill_surface(mesh.vertices, mesh.corners[cut.reshape(-1, 3)], colours, certainty)
        for cut in (corners, other)
    ]
    assert np.abs(films[0] - films[1]).max() < 0.05
    # between two caps of a sphere, harmonic is linear in artanh(z)
    band = np.abs(height) < 0.9
    truth = 0.5 + 0.5 * np.arctanh(height[band]) / np.arctanh(0.96)
    assert np.abs(films[0][band, 0] - truth).max() < 0.05


def test_film_of_parts_of_which_nothing_is_known():
    solids = [Solid(np.array([x, 0.0, 0.0]), np.full(3, 0.5), steps=4) for x in (0.0, 2.0, 9.0)]
    vertices, triangles = as_triangles(join(solids)[0])
    first = np.arange(len(vertices)) < len(vertices) // 3
    last = np.arange(len(vertices)) >= 2 * len(vertices) // 3
    colours = np.where(first[:, None], np.float32([1, 0, 0]), np.float32([0, 0, 1]))
    film = fill_surface(vertices, triangles, colours, (first | last).astype(float))
    assert np.abs(film[~first & ~last] - [1, 0, 0]).max() < 0.01, "that of the nearer one"
    nothing = fill_surface(vertices, triangles, colours, np.zeros(len(vertices)))
    assert np.array_equal(nothing, colours)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10**6), st.integers(1, 70), st.integers(1, 6))
def test_margins_take_what_is_near(seed, side, count):
    rng = np.random.default_rng(seed)
    filled = np.zeros((side, side), bool)
    for row, column in rng.integers(0, side, (count, 2)):
        filled[row : row + rng.integers(1, 12), column : column + rng.integers(1, 12)] = True
    source = find_sources(filled)
    assert filled.reshape(-1)[source].all()
    own = np.arange(side**2).reshape(side, side)
    assert np.array_equal(source[filled], own[filled])
    row, column = np.indices((side, side))
    distance = np.hypot(source // side - row, source % side - column)
    nearest = ndimage.distance_transform_edt(~filled)
    close = nearest <= 6
    assert (distance[close] <= 1.25 * nearest[close] + 0.5).all()
    # farther out: one within the smallest aligned block of 2, 4, 8 ... texels that has any near it
    size = 2
    while not close.all():
        blocks = row // size * side + column // size
        reached = np.isin(blocks, np.unique(blocks[close])) & ~close
        assert (distance[reached] <= 1.5 * size + 12).all()
        close |= reached
        size *= 2


def test_bytes_and_light_are_inverse():
    codes = np.arange(256, dtype=np.uint8)
    assert np.array_equal(encode_bytes(decode_bytes(codes)), codes)
    assert decode_bytes(np.uint8([188]))[0] == pytest.approx(0.5, abs=0.005)
    assert encode_bytes(np.float32([-1, 2])).tolist() == [0, 255]


def scatter(seed, count=3000):
    normals = np.random.default_rng(seed).normal(size=(count, 3))
    return normals / np.linalg.norm(normals, axis=1, keepdims=True)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_light_of_second_order_is_found_and_divided_out(seed):
    """Three paints under one light, a twentieth of the pixels is a highlight."""
    rng = np.random.default_rng(seed)
    normals = scatter(seed)
    light = np.exp(
        (evaluate_harmonics(normals) * rng.choice([-0.15, -0.1, 0.1, 0.15], 8)).sum(axis=1)
    )
    paints = np.array([(0.5, 0.1, 0.1), (0.1, 0.4, 0.12), (0.15, 0.2, 0.5)])
    paint = paints[rng.integers(3, size=len(normals))]
    colours = paint * light[:, None]
    shiny = rng.random(len(normals)) < 0.05
    colours[shiny] = np.minimum(colours[shiny] * 2.5, 0.95)
    shading = estimate_shading(colours.astype(np.float32), normals, np.ones(len(normals)))
    found = colours * shading.find_gain(normals, 1.0)[:, None]
    rest = (found / paint)[~shiny].mean(axis=1)
    before = np.log(light[~shiny])
    assert np.log(rest).std() < 0.35 * before.std() + 0.005
    assert 0 <= shading.explained <= 1
    assert (shading.find_gain(normals, 0.0) == 1).all()


def test_flat_light_is_left_alone():
    """Red on one side, blue on the other, a grain that no normal explains."""
    rng = np.random.default_rng(3)
    normals = scatter(3)
    paint = np.where(normals[:, :1] > 0, (0.6, 0.1, 0.1), (0.05, 0.05, 0.3))
    colours = paint * rng.uniform(0.8, 1.25, (len(normals), 1))
    shading = estimate_shading(colours, normals, np.ones(len(normals)))
    assert shading.explained < 0.05
    assert np.abs(shading.find_gain(normals, 1.0) - 1).max() < 0.03


def test_no_colour_changes_by_more_than_the_limit():
    shading = Shading(np.full(8, 5.0), 0.0, 1.0)
    normals = scatter(1)
    colours = np.full((len(normals), 3), 0.25)
    factor = shading.find_gain(normals, 1.0)
    assert factor.max() <= MOST * 1.001
    assert factor.min() >= 1 / MOST * 0.999
    few = estimate_shading(colours[:9], normals[:9], np.ones(9))
    assert few.explained == 0
    assert not few.coefficients.any()


def test_baking_takes_the_shading_out_of_the_texture():
    ball = Solid(np.zeros(3), np.ones(3), is_round=True, steps=16)

    def lit(points):
        light = 0.35 * np.exp(0.6 * points[:, 0] + 0.3 * points[:, 2] - 0.1)
        linear = light[:, None] * np.array([1.0, 0.6, 0.4])
        return encode_bytes(linear.astype(np.float32)) / 255

    source = photograph([ball], [lit], orbit(0, 10))
    mesh, uv = join([ball])
    spread = {}
    for amount in (0.0, 0.5, 1.0):
        coating = bake(mesh, uv, source, side=128, delight=amount)
        luminance = decode_bytes(coating.texture[..., :3]) @ LUMINANCE
        spread[amount] = np.log(luminance).std()
        assert coating.report["psnr"] > 25
    assert coating.report["shading_explained"] > 0.9
    assert spread[1.0] < 0.35 * spread[0.0]
    assert spread[1.0] < spread[0.5] < spread[0.0]
