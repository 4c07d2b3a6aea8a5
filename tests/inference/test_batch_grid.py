"""Results of a batch stand apart from each other."""

import numpy as np
import pytest

from bozzetto.inference.batch.grid import GAP, Grid, choose_columns, measure_ground


def place_all(sizes, columns, anchor=(0.0, 0.0, 0.0)):
    grid = Grid(columns, anchor)
    return [(grid.place(width, depth), width, depth) for width, depth in sizes]


@pytest.mark.parametrize("columns", [1, 3, 4])
def test_objects_of_any_size_never_overlap(columns):
    random = np.random.default_rng(7)
    sizes = [tuple(side) for side in np.exp(random.uniform(-3, 3, (23, 2)))]
    smallest_gap = GAP * min(min(side) for side in sizes)
    placed = place_all(sizes, columns)
    for i, ((x, y, _), width, depth) in enumerate(placed):
        for (other_x, other_y, _), other_width, other_depth in placed[:i]:
            free_x = abs(x - other_x) - (width + other_width) / 2
            free_y = abs(y - other_y) - (depth + other_depth) / 2
            assert max(free_x, free_y) >= smallest_gap - 1e-9


def test_equal_objects_make_a_regular_grid_from_the_anchor():
    places = [place for place, *_ in place_all([(1.0, 2.0)] * 5, 3, (10.0, 20.0, 1.0))]
    assert places[0] == (10.0, 20.0, 1.0)
    assert [place[0] for place in places] == pytest.approx([10, 11.3, 12.6, 10, 11.3])
    assert [place[1] for place in places] == pytest.approx([20, 20, 20, 22.6, 22.6])


def test_rows_begin_and_face_the_viewer_on_a_line():
    placed = place_all([(1, 1), (4, 3), (2, 5), (0.5, 0.5)], 2)
    fronts = [y - depth / 2 for (_, y, _), _, depth in placed]
    assert fronts[0] == pytest.approx(fronts[1])
    assert fronts[2] == pytest.approx(fronts[3])
    lefts = [x - width / 2 for (x, _, _), width, _ in placed]
    assert lefts[0] == pytest.approx(lefts[2])


def test_columns():
    assert [choose_columns(n) for n in (0, 1, 2, 4, 5, 9, 10)] == [1, 1, 2, 2, 3, 3, 4]


def test_ground_of_an_object_in_the_scene_s_units():
    box = np.array([[-1, -0.5, 0], [1, 0.5, 4]], np.float32)
    assert measure_ground(box) == pytest.approx((2, 1))
    assert measure_ground(box, size=2.0) == pytest.approx((1, 0.5))
    assert measure_ground(box, scale_length=0.01) == pytest.approx((200, 100))
