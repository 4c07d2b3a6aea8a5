"""The true surface made of cells: closed, outward, true to formulas, thin parts kept."""

import numpy as np
import pytest
from analytic_shapes import box, box_distance

from bozzetto.evaluation.metrics.shape import Shape
from bozzetto.evaluation.truth import (
    PARTS,
    refine_coverage,
    shape_of_coverage,
    shape_of_grid,
    true_coverage,
)
from bozzetto.training.data.formats.mesh import make_mesh, normalise


def grid_of(function, resolution=64):
    steps = (np.arange(resolution) + 0.5) / resolution - 0.5
    points = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    return (function(points) < 0).reshape((resolution,) * 3)


def volume(shape):
    a, b, c = np.moveaxis(shape.mesh.triangles, 1, 0)
    return np.einsum("nd,nd->n", a, np.cross(b, c)).sum() / 6


def test_a_ball_of_cells_has_the_ball_s_volume_and_smooth_outward_normals():
    shape = shape_of_grid(grid_of(lambda p: np.linalg.norm(p, axis=1) - 0.35))
    assert volume(shape) == pytest.approx(4 / 3 * np.pi * 0.35**3, rel=0.02)
    samples = shape.sample(5000, np.random.default_rng(0))
    radial = samples.points / np.linalg.norm(samples.points, axis=1, keepdims=True)
    assert np.einsum("nd,nd->n", samples.normals, radial).mean() > 0.97


def test_a_box_of_cells_keeps_its_size_and_place():
    shape = shape_of_grid(grid_of(lambda p: box_distance(p, (0.5, 0.25, 0.75), (0.125, 0, 0))))
    assert shape.low == pytest.approx([-0.125, -0.125, -0.375], abs=0.004)
    assert shape.high == pytest.approx([0.375, 0.125, 0.375], abs=0.004)


def test_the_thinnest_post_is_not_smoothed_away():
    thin = 1.45 / 64
    shape = shape_of_grid(grid_of(lambda p: box_distance(p, (thin, thin, 0.8), (0.003, 0.002, 0))))
    assert volume(shape) > 0.5 * thin**2 * 0.8
    assert shape.inside(np.array([[0.003, 0.002, z] for z in (-0.3, 0.0, 0.3)])).all()


class Formula:
    """A solid as `training.data.occupancy.Solid` answers."""

    def __init__(self, function):
        self.function = function

    def inside(self, points):
        return self.function(points) < 0


def test_cells_at_the_surface_tell_how_much_of_them_is_inside():
    def ball(points):
        return np.linalg.norm(points, axis=1) - 0.35

    grid = grid_of(ball)
    coverage = refine_coverage(Formula(ball), grid)
    assert coverage.sum() / PARTS / 64**3 == pytest.approx(4 / 3 * np.pi * 0.35**3, rel=0.002)
    assert coverage[32, 32, 32] == PARTS
    assert coverage[0, 0, 0] == 0
    shape = shape_of_coverage(coverage)
    assert volume(shape) == pytest.approx(4 / 3 * np.pi * 0.35**3, rel=0.02)
    samples = shape.sample(5000, np.random.default_rng(0))
    assert np.linalg.norm(samples.points, axis=1) == pytest.approx(0.35, abs=0.005)
    radial = samples.points / np.linalg.norm(samples.points, axis=1, keepdims=True)
    assert np.einsum("nd,nd->n", samples.normals, radial).mean() > 0.985


def test_a_post_at_any_place_stays_in_one_piece():
    thin = 1.45 / 64
    for shift in np.linspace(0, 1 / 64, 6):

        def post(points, shift=shift):
            return box_distance(points, (thin, thin, 0.8), (shift, shift / 2, 0))

        shape = shape_of_coverage(refine_coverage(Formula(post), grid_of(post)))
        middle = np.array([[shift, shift / 2, z] for z in np.linspace(-0.35, 0.35, 8)])
        assert shape.inside(middle).all()


def test_nothing_is_refused():
    with pytest.raises(ValueError, match="empty"):
        shape_of_grid(np.zeros((8, 8, 8), bool))
    with pytest.raises(ValueError, match="empty"):
        shape_of_coverage(np.zeros((8, 8, 8), np.uint8))


def test_the_solid_of_a_mesh_is_kept_and_read_back(tmp_path):
    mesh, _ = normalise(make_mesh(*box((1.0, 0.6, 0.4))))
    coverage = true_coverage("p/box", mesh, "0123", tmp_path)
    true = Shape(mesh.vertices, mesh.faces)
    assert coverage.mean() / PARTS == pytest.approx(volume(true), rel=0.02)
    (file,) = tmp_path.rglob("*.npz")
    written = file.stat().st_mtime_ns
    assert np.array_equal(true_coverage("p/box", mesh, "0123", tmp_path), coverage)
    assert file.stat().st_mtime_ns == written
