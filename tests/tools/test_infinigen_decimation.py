"""Fewer triangles, but no part gets lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bozzetto.tools.infinigen.decimation import (
    FEWEST,
    decimate,
    share_budget,
    simplify_part,
    split_parts,
    weld,
)


def sheet(side, low, size):
    """A square of 2 * side * side triangles on z = low[2]."""
    steps = np.linspace(0, size, side + 1)
    x, y = np.meshgrid(steps, steps, indexing="ij")
    points = np.stack((x, y, np.zeros_like(x)), -1).reshape(-1, 3) + low
    first = (np.arange(side)[:, None] * (side + 1) + np.arange(side)).reshape(-1)
    one = np.stack((first, first + side + 1, first + 1), 1)
    two = np.stack((first + 1, first + side + 1, first + side + 2), 1)
    return points, np.concatenate((one, two))


def two_sheets():
    (a, fa), (b, fb) = sheet(30, (0, 0, 0), 1.0), sheet(20, (2, 0, 0), 0.01)
    faces = np.concatenate((fa, fb + len(a)))
    return np.concatenate((a, b)), faces, np.repeat([0, 1], [len(fa), len(fb)])


def keep_corners(points, faces, count):
    """Two triangles of the box's corners: the shape of a sheet with the fewest triangles."""
    low, high = points.min(0), points.max(0)
    z = low[2]
    square = [
        (low[0], low[1], z),
        (high[0], low[1], z),
        (high[0], high[1], z),
        (low[0], high[1], z),
    ]
    return np.array(square, np.float32), np.array([[0, 1, 2], [0, 2, 3]], np.int32)


def lose_all(points, faces, count):
    return points[:0], faces[:0]


def lose_half(points, faces, count):
    return points, faces[: len(faces) // 2]


def test_small_parts_are_simplified_by_themselves_and_keep_their_groups():
    points, faces, groups = decimate(*two_sheets(), 500, keep_corners)
    assert len(faces) == 4
    assert sorted(groups) == [0, 0, 1, 1]
    assert np.ptp(points[faces[groups == 1]].reshape(-1, 3), axis=0) == pytest.approx(
        [0.01, 0.01, 0]
    )


@pytest.mark.parametrize("simplify", [lose_all, lose_half])
def test_a_part_that_would_lose_its_shape_stays_as_it_is(simplify):
    vertices, faces, groups = two_sheets()
    points, kept, kept_groups = decimate(vertices, faces, groups, 100, simplify)
    assert len(kept) == len(faces)
    assert np.ptp(points, axis=0) == pytest.approx(np.ptp(vertices, axis=0))
    assert np.array_equal(np.sort(kept_groups), groups)


def test_a_part_gets_twice_the_triangles_until_it_keeps_its_shape():
    points, faces = sheet(16, (0, 0, 0), 1.0)
    asked = []

    def careful(points, faces, count):
        asked.append(count)
        if count < 100:
            return lose_all(points, faces, count)
        return keep_corners(points, faces, count)

    assert len(simplify_part(points, faces, 30, careful)[1]) == 2
    assert asked[0] == 30
    assert asked[-1] == 120


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=200), st.integers(100, 20_000))
@settings(max_examples=50, deadline=None)
def test_the_budget_is_kept_but_for_the_least_of_every_part(counts, target):
    counts = np.array(counts)
    areas = counts / counts.sum()
    budget = share_budget(counts, areas, target)
    assert (budget <= counts).all()
    assert (budget >= np.minimum(counts, FEWEST)).all()
    assert budget.sum() <= max(target, FEWEST * len(counts))


def test_vertices_on_each_other_are_joined_and_flat_triangles_left_out():
    vertices = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0.0]])
    faces = np.array([[0, 1, 2], [3, 5, 4], [0, 1, 3]])
    points, corners, groups = weld(vertices, faces, np.arange(3))
    assert len(points) == 4
    assert groups.tolist() == [0, 1]
    assert len(split_parts(corners, len(points))) == 1
    with pytest.raises(ValueError, match="area"):
        weld(vertices, faces[2:], np.arange(1))
