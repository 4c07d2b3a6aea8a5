"""The parts of unwrapping: layout, stretch, overlap and packing, each against a known answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unwrap_shapes import quad_box

from bozzetto.inference.texture.absorb import absorb_crumbs
from bozzetto.inference.texture.divide import (
    divide_evenly,
    price_seams,
    separate_places,
    take_piece,
)
from bozzetto.inference.texture.halfedges import cut_vertices, join_polygons, link_corners
from bozzetto.inference.texture.layout import lay_out, segment_surface
from bozzetto.inference.texture.packing import pack_charts, turn_upright
from bozzetto.inference.texture.parametrize import find_flips, lay_flat, unfold_charts
from bozzetto.inference.texture.soundness import Outline, count_coverage, find_crossings
from bozzetto.inference.texture.stretch import measure_stretch
from bozzetto.inference.texture.untangle import untangle
from bozzetto.inference.types import Cancel, PolygonMesh

TRIANGLE = np.array([[0, 1, 1j]])


def grid_triangles(count=12):
    """Cut vertices int [T, 3] and places complex [V] of a square grid."""
    number = np.arange((count + 1) ** 2).reshape(count + 1, -1)
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]
    triangles = np.concatenate(
        [np.stack([a, b, c], axis=-1).reshape(-1, 3), np.stack([a, c, d], axis=-1).reshape(-1, 3)]
    )
    y, x = np.divmod(np.arange(number.size), count + 1)
    return triangles, x + 1j * y


def outline_of(loop, chart=0):
    """A closed loop of places 0..N-1 as an Outline."""
    edges = np.stack([np.arange(len(loop)), np.roll(np.arange(len(loop)), -1)], axis=-1)
    zeros = np.zeros(len(loop), np.int64)
    return Outline(edges, zeros, zeros + chart, zeros)


@given(st.floats(1, 4), st.floats(0.3, 1), st.floats(0, 2 * np.pi), st.floats(0.1, 10))
def test_stretch_of_a_known_map(wide, high, turn, scale):
    """A plane that is the surface squeezed by 1/wide and 1/high, turned and scaled."""
    plane = (TRIANGLE.real / wide + 1j * TRIANGLE.imag / high) * np.exp(1j * turn) * scale
    stretch = measure_stretch(TRIANGLE.astype(complex), plane)
    even = np.sqrt(wide * high)  # areas are made equal
    assert stretch.largest[0] == pytest.approx(max(wide, high) / even)
    assert stretch.smallest[0] == pytest.approx(min(wide, high) / even)
    l2 = np.sqrt((wide**2 + high**2) / 2) / even
    assert stretch.summarise()["stretch_l2"] == pytest.approx(l2, abs=1e-4)
    assert stretch.summarise()["stretch_ratio"] == pytest.approx(wide / high, abs=1e-4)


def test_a_triangle_turned_over_stretches_negatively():
    stretch = measure_stretch(
        np.array([[0, 1, 1j], [0, 1, 1j]]), np.array([[0, 1, 1j], [0, 1, -0.5j]])
    )
    assert stretch.smallest[0] > 0 > stretch.smallest[1]


def test_a_rolled_sheet_unrolls_without_stretch():
    triangles, place = grid_triangles(20)
    angle = place.real / 20 * np.radians(340)
    points = np.stack([np.cos(angle), np.sin(angle), place.imag / 8], axis=-1)
    flat = lay_flat(points[triangles], triangles, np.zeros(len(triangles), np.int64))
    position = unfold_charts(flat)
    stretch = measure_stretch(flat.flat, position[triangles])
    assert not find_flips(position, flat).any()
    assert stretch.largest.max() == pytest.approx(1, abs=0.01)
    corner = position[np.flatnonzero((place.real % 20 == 0) & (place.imag % 20 == 0))]
    width = 20 * 2 * np.sin(np.radians(340 / 40))  # of 20 chords
    sides = np.abs(corner[[0, 1, 3, 2]] - corner[[1, 3, 2, 0]])
    assert sides == pytest.approx([width, 20 / 8, width, 20 / 8], rel=0.01)


def test_untangling_turns_nearly_all_triangles_back():
    triangles, place = grid_triangles()
    points = np.stack([place.real, place.imag, 0 * place.real], axis=-1)
    flat = lay_flat(points[triangles], triangles, np.zeros(len(triangles), np.int64))
    calm = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        moved = rng.choice(len(place), 6, replace=False)
        thrown = place.copy()
        thrown[moved] += rng.normal(0, 1.0, 6) + 1j * rng.normal(0, 1.0, 6)
        found = untangle(thrown, flat)
        left, before = (find_flips(position, flat).sum() for position in (found, thrown))
        assert left <= before
        calm += left == 0
        far = np.abs(place[:, None] - place[moved][None]).min(axis=1) > 6
        assert (found[far] == thrown[far]).all()
    assert calm >= 95  # the others are split by the layout


def test_crossings_are_those_that_cross():
    square = np.array([0, 4, 4 + 4j, 4j])
    bow = np.array([0, 4 + 4j, 4, 4j])
    assert not len(find_crossings(square, outline_of(square))[0])
    one, two = find_crossings(bow, outline_of(bow))
    assert {frozenset(pair) for pair in zip(one, two, strict=True)} == {frozenset((0, 2))}


@given(st.integers(0, 10**6))
@settings(max_examples=25, deadline=None)
def test_crossings_agree_with_every_pair(seed):
    loop = np.random.default_rng(seed).uniform(0, 5, (14, 2)) @ (1, 1j)
    outline = outline_of(loop)
    one, two = find_crossings(loop, outline)
    found = {frozenset(pair) for pair in zip(one.tolist(), two.tolist(), strict=True)}
    expected = set()
    for i in range(14):
        for j in range(i + 2, 14 - (i == 0)):
            a, b = loop[outline.edges[i]]
            c, d = loop[outline.edges[j]]
            system = np.array([[(b - a).real, (c - d).real], [(b - a).imag, (c - d).imag]])
            s, t = np.linalg.solve(system, [(c - a).real, (c - a).imag])
            if 0 <= s <= 1 and 0 <= t <= 1:
                expected.add(frozenset((i, j)))
    assert found == expected


def test_coverage_counts_layers_and_leaves_holes():
    def loop(low, high, forward=True):
        corners = np.array([low + 1j * low, high + 1j * low, high + 1j * high, low + 1j * high])
        return corners if forward else corners[::-1]

    loops = [loop(2.0, 12.0), loop(4.0, 6.0, forward=False), loop(10.0, 14.0)]
    start = np.concatenate(loops)
    end = np.concatenate([np.roll(part, -1) for part in loops])
    expected = np.zeros((16, 18), int)
    expected[2:12, 2:12] += 1
    expected[4:6, 4:6] -= 1
    expected[10:14, 10:14] += 1
    assert (count_coverage(start, end, 16, 18) == expected).all()


def test_charts_are_turned_into_their_smallest_box():
    rectangle = np.array([0, 6, 6 + 2j, 2j])
    tilted = np.concatenate([rectangle * np.exp(0.4j), rectangle * np.exp(-1.1j)])
    chart = np.repeat([0, 1], 4)
    up = np.array([1j * np.exp(0.4j), 1j * np.exp(-1.1j)])
    turned = tilted * turn_upright(tilted, chart, up)[chart]
    for part in (turned[:4], turned[4:]):
        assert np.ptp(part.real) == pytest.approx(6, abs=0.1)
        assert np.ptp(part.imag) == pytest.approx(2, abs=0.15)


@given(st.integers(0, 10**6), st.integers(1, 6), st.sampled_from([128, 512, 2048]))
@settings(max_examples=15, deadline=None)
def test_packed_rectangles_keep_their_margin(seed, margin, side):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 25))
    size = rng.uniform(0.2, 2, (count, 2))
    corner = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    loops = (corner[None] * size[:, None]) @ np.array([1, 1j])
    start, end = loops.reshape(-1), np.roll(loops, -1, axis=1).reshape(-1)
    chart = np.repeat(np.arange(count), 4)
    packing = pack_charts(
        start, end, chart, np.ones(count, complex), size.prod(axis=1), side=side, margin=margin
    )
    placed = packing.scale * packing.turn[chart] * start + packing.shift[chart]
    placed = placed.reshape(count, 4) * side
    low = np.stack([placed.real.min(axis=1), placed.imag.min(axis=1)], axis=-1)
    high = np.stack([placed.real.max(axis=1), placed.imag.max(axis=1)], axis=-1)
    assert (low >= margin / 2 - 1e-6).all()
    assert (high <= side - margin / 2 + 1e-6).all()
    for i in range(count):
        for j in range(i):
            gap = np.maximum(low[i] - high[j], low[j] - high[i]).max()
            assert gap >= margin - 0.01
    assert packing.gap * side >= margin - 1e-9


def test_seams_cut_corners_apart():
    mesh = quad_box(cells=1)
    halfedges = link_corners(mesh)
    assert len(halfedges.inner) == 12
    none, all_edges = np.zeros(12, bool), np.ones(12, bool)
    assert len(np.unique(cut_vertices(halfedges, none))) == 8
    assert len(np.unique(cut_vertices(halfedges, all_edges))) == 24
    assert len(np.unique(join_polygons(halfedges, none))) == 1
    assert len(np.unique(join_polygons(halfedges, all_edges))) == 6


def test_edges_of_three_polygons_are_left_open():
    corners = np.array([0, 1, 2, 1, 0, 3, 0, 1, 4], np.int32)
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1]], np.float32)
    halfedges = link_corners(PolygonMesh(vertices, corners, np.full(3, 3, np.int32)))
    assert len(halfedges.inner) == 0
    assert (halfedges.twin == -1).all()


def sheet(keep):
    """A flat sheet of unit quads: those whose lower corner (column, row) is kept."""
    cells = [(x, y) for y in range(20) for x in range(30) if keep(x, y)]
    corners = np.array([[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)] for x, y in cells])
    places, index = np.unique(corners.reshape(-1, 2), axis=0, return_inverse=True)
    vertices = np.concatenate([places, np.zeros((len(places), 1))], axis=1).astype(np.float32)
    mesh = PolygonMesh(
        vertices, index.reshape(-1).astype(np.int32), np.full(len(cells), 4, np.int32)
    )
    return mesh, {cell: number for number, cell in enumerate(cells)}


def test_two_places_are_parted_where_the_chart_is_narrow():
    mesh, number = sheet(lambda x, y: abs(x - 15) > 3 or 8 <= y < 10)
    halfedges = link_corners(mesh)
    normals = np.tile([0.0, 0.0, 1.0], (len(mesh.sizes), 1))
    none = np.zeros(len(halfedges.inner), bool)
    one, two = number[(2, 3)], number[(27, 15)]
    price = price_seams(halfedges, normals, none)
    piece = take_piece(halfedges, price, none, np.arange(len(mesh.sizes)))
    cut = none.copy()
    cut[piece.edges[separate_places(piece, np.array([one]), np.array([two]))]] = True
    assert halfedges.length[halfedges.inner[cut, 0]].sum() == pytest.approx(2)
    parts = join_polygons(halfedges, cut)
    assert parts.max() == 1
    assert parts[one] != parts[two]


def test_a_flat_chart_is_halved_along_its_length():
    mesh, number = sheet(lambda x, y: True)
    halfedges = link_corners(mesh)
    normals = np.tile([0.0, 0.0, 1.0], (len(mesh.sizes), 1))
    none = np.zeros(len(halfedges.inner), bool)
    piece = take_piece(halfedges, np.ones(len(none)), none, np.arange(600))
    parts = join_polygons(halfedges, divide_evenly(halfedges, normals, piece))
    assert np.bincount(parts).tolist() == [300, 300]
    assert parts[number[(0, 0)]] == parts[number[(0, 19)]] != parts[number[(29, 0)]]


@pytest.mark.parametrize("where", [(1.0, 0.04, 0.04), (1.0, 0.96, 0.04), (0.5, 1.0, 0.5)])
def test_crumbs_are_hung_on_again(where):
    """A polygon cut out of a chart, inside or at its border, comes back to where it was."""
    mesh = quad_box(cells=12)
    layout = segment_surface(mesh, Cancel())
    lay_out(layout, Cancel())
    charts = layout.chart.max() + 1
    centre = mesh.vertices[mesh.corners].reshape(-1, 4, 3).mean(axis=1) + 0.5
    crumb = int(np.argmin(np.linalg.norm(centre - where, axis=1)))
    halfedges = layout.halfedges
    before = layout.place.copy()
    layout.open_seams((halfedges.sides == crumb).any(axis=1))
    layout.place[halfedges.polygon == crumb] *= np.exp(2j)
    absorb_crumbs(layout)
    assert layout.chart.max() + 1 == charts
    position = layout.place_vertices()
    assert position[layout.cut] == pytest.approx(layout.place)
    moved = np.abs(layout.place - before) > 1e-6
    assert set(halfedges.polygon[moved]) <= {crumb}
    assert not find_flips(position, layout.flatten(layout.guards)).any()
    assert not len(find_crossings(position, layout.trace())[0])
