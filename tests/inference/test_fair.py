"""Fair surfaces: bumps and terraces go; edges, volume, symmetry and thin parts stay."""

import numpy as np
import pytest
import torch
import trimesh
from analytic_fields import DistanceField, box, sphere, torus, union
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter
from scipy.sparse import csr_array
from skimage.measure import marching_cubes

from bozzetto.inference.surface.conjugate import solve_symmetric
from bozzetto.inference.surface.extract import extract_surface
from bozzetto.inference.surface.fair import fair_surface
from bozzetto.inference.surface.mirror import find_mirror
from bozzetto.inference.surface.topology import average_normals, measure_volume


def extract(distance, resolution=48):
    surface = extract_surface(DistanceField(distance), resolution)
    return surface.vertices.astype(np.float64), surface.faces.astype(np.int64), 1 / resolution


def roughen(vertices, faces, size, seed=0):
    draws = np.random.default_rng(seed).normal(size=len(vertices))
    return vertices + average_normals(vertices, faces) * (size * draws)[:, None]


def bends(vertices, faces):
    """Angles between neighbouring faces in degrees, by trimesh."""
    return np.degrees(trimesh.Trimesh(vertices, faces, process=False).face_adjacency_angles)


def signed(distance, points):
    return distance(torch.from_numpy(points)).numpy()


def march(values):
    vertices, faces, _, _ = marching_cubes(values, 0.5, gradient_direction="ascent")
    return vertices.astype(np.float64), faces.astype(np.int64)


balls = st.lists(
    st.builds(sphere, st.tuples(*[st.floats(-0.3, 0.3)] * 3), st.floats(0.06, 0.18)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=20, deadline=None)
@given(balls, st.floats(0, 0.8), st.floats(0.05, 0.5), st.integers(0, 99))
def test_the_limits_hold_however_rough_it_is(parts, noise, limit, seed):
    vertices, faces, cell = extract(union(*parts), 40)
    rough = roughen(vertices, faces, noise * cell, seed)
    shortest = 0.02 * cell
    faired = fair_surface(rough, faces, cell=cell, limit=limit, shortest=shortest)
    moved = np.linalg.norm(faired - rough, axis=1) / cell
    assert np.isfinite(faired).all()
    assert moved.max() <= limit * (1 + 1e-9)
    assert measure_volume(faired, faces) == pytest.approx(measure_volume(rough, faces), rel=5e-3)
    assert (bends(faired, faces) > 150).sum() <= (bends(rough, faces) > 150).sum()
    edges = trimesh.Trimesh(rough, faces, process=False).edges_unique
    before = np.linalg.norm(rough[edges[:, 0]] - rough[edges[:, 1]], axis=1)
    after = np.linalg.norm(faired[edges[:, 0]] - faired[edges[:, 1]], axis=1)
    assert (after >= np.minimum(before, shortest) * (1 - 1e-9)).all()


def test_other_places_bind_too():
    vertices, faces, cell = extract(sphere())
    rough = roughen(vertices, faces, 0.3 * cell)
    faired = fair_surface(rough, faces, cell=cell, before=vertices, farthest=0.6)
    before = np.linalg.norm(rough - vertices, axis=1) / cell
    after = np.linalg.norm(faired - vertices, axis=1) / cell
    assert before.max() > 0.9
    assert (after <= np.maximum(before, 0.6) + 1e-9).all()
    free = fair_surface(rough, faces, cell=cell)
    assert np.linalg.norm(free - vertices, axis=1).max() / cell > after[before < 0.6].max()


@pytest.mark.parametrize("distance", [sphere(), torus()], ids=["sphere", "torus"])
def test_a_clean_round_surface_stays(distance):
    vertices, faces, cell = extract(distance, 64)
    faired = fair_surface(vertices, faces, cell=cell)
    away = np.abs(signed(distance, faired)) / cell
    assert away.max() < 0.1
    assert np.sqrt((away**2).mean()) < 0.025
    assert measure_volume(faired, faces) == pytest.approx(measure_volume(vertices, faces), rel=1e-3)


@pytest.mark.parametrize("noise", [0.1, 0.25])
def test_bumps_on_a_sphere_shrink_and_the_sphere_does_not(noise):
    vertices, faces, cell = extract(sphere(), 64)
    rough = roughen(vertices, faces, noise * cell)
    faired = fair_surface(rough, faces, cell=cell)
    before, after = (np.linalg.norm(v, axis=1) - 0.3 for v in (rough, faired))
    assert after.std() < before.std() / 2
    assert bends(faired, faces).mean() < bends(rough, faces).mean() / 3
    assert abs(after.mean()) < 0.02 * cell
    assert measure_volume(faired, faces) == pytest.approx(measure_volume(rough, faces), rel=1e-3)


def test_terraces_go():
    """A sphere of which only cells inside and outside are known."""
    grid = np.indices((64, 64, 64)).reshape(3, -1).T - [31.7, 31.4, 32.2]
    radius = 21.0
    inside = (np.linalg.norm(grid, axis=1) < radius).reshape(64, 64, 64).astype(np.float32)
    vertices, faces = march(gaussian_filter(inside, 0.8))
    vertices -= [31.7, 31.4, 32.2]
    faired = fair_surface(vertices, faces, cell=1.0)

    def miss(v):  # how far the faces lean from where a sphere's look
        mesh = trimesh.Trimesh(v, faces, process=False)
        out = mesh.triangles_center / np.linalg.norm(mesh.triangles_center, axis=1)[:, None]
        return 1 - np.average(
            np.einsum("fd,fd->f", out, mesh.face_normals), weights=mesh.area_faces
        )

    assert miss(faired) < miss(vertices) / 5
    before, after = (np.linalg.norm(v, axis=1).std() for v in (vertices, faired))
    assert after < before
    assert measure_volume(faired, faces) == pytest.approx(measure_volume(vertices, faces), rel=1e-3)


SIZE = np.array([0.61, 0.43, 0.33])


def along_edges(size):
    """Points on the edges of a centred box, away from its corners."""
    steps = np.linspace(-0.4, 0.4, 41)
    points = []
    for axis in range(3):
        for signs in ((-0.5, -0.5), (-0.5, 0.5), (0.5, -0.5), (0.5, 0.5)):
            line = np.empty((len(steps), 3))
            line[:, axis] = steps
            line[:, [a for a in range(3) if a != axis]] = signs
            points.append(line * size)
    return np.concatenate(points)


def test_a_box_gets_its_edges_back():
    vertices, faces, cell = extract(box(size=tuple(SIZE)), 64)
    faired = fair_surface(vertices, faces, cell=cell)
    _, before, _ = trimesh.proximity.closest_point_naive(
        trimesh.Trimesh(vertices, faces, process=False), along_edges(SIZE)[::12]
    )
    _, after, _ = trimesh.proximity.closest_point_naive(
        trimesh.Trimesh(faired, faces, process=False), along_edges(SIZE)[::12]
    )
    assert before.mean() > 0.1 * cell
    assert after.mean() < before.mean() / 4
    # flat faces stay flat, and no vertex but the sharpened ones goes anywhere
    assert np.abs(signed(box(size=tuple(SIZE)), faired)).mean() < 0.02 * cell
    corners = np.indices((2, 2, 2)).reshape(3, -1).T * SIZE - SIZE / 2
    nearest = [np.linalg.norm(faired - corner, axis=1).min() / cell for corner in corners]
    assert max(nearest) < 0.5
    # the angle of the edge is a right one again
    sharp = bends(faired, faces)
    bevelled = bends(vertices, faces)
    assert (sharp > 80).sum() > 3 * max(1, (bevelled > 80).sum())


def test_thin_round_legs_keep_their_girth():
    """A capsule two voxels thick, rough."""

    def leg(p):
        z = p[:, 2].clamp(-0.3, 0.3)
        return (p - torch.stack([z * 0, z * 0, z], dim=1)).norm(dim=1) - 0.022

    vertices, faces, cell = extract(leg, 96)
    rough = roughen(vertices, faces, 0.15 * cell)
    faired = fair_surface(rough, faces, cell=cell)
    assert measure_volume(faired, faces) == pytest.approx(measure_volume(rough, faces), rel=5e-3)
    middle = np.abs(faired[:, 2]) < 0.28
    girth = np.linalg.norm(faired[middle, :2], axis=1)
    assert girth.mean() == pytest.approx(np.linalg.norm(rough[middle, :2], axis=1).mean(), rel=0.03)
    assert girth.std() < np.linalg.norm(rough[middle, :2], axis=1).std() / 1.5


def test_vertices_on_the_box_stay_and_none_leaves_it():
    field = DistanceField(box(size=(2.0, 0.4, 0.3)), clipped=False)
    surface = extract_surface(field, 48)
    vertices, faces = surface.vertices.astype(np.float64), surface.faces.astype(np.int64)
    limits = np.full(3, -0.5), np.full(3, 0.5)
    rough = np.clip(roughen(vertices, faces, 0.2 / 48), *limits)
    capped = np.abs(vertices[:, 0]) > 0.5 - 1e-6
    rough[capped] = vertices[capped]
    faired = fair_surface(rough, faces, cell=1 / 48, box=limits)
    assert capped.sum() > 100
    assert (faired[capped] == rough[capped]).all()
    assert (np.abs(faired) <= 0.5).all()


def test_a_symmetric_surface_stays_symmetric():
    pair = union(sphere((0.2, 0.0, 0.0), 0.17), sphere((-0.2, 0.0, 0.0), 0.17), sphere(radius=0.2))
    vertices, faces, cell = extract(pair)
    waves = np.cos(vertices[:, :1] * 140) * np.sin(vertices[:, 2:] * 170)  # mirrored bumps
    rough = vertices + average_normals(vertices, faces) * waves * 0.3 * cell
    mirror = find_mirror(rough, 0.0, cell)
    assert mirror is not None
    assert len(mirror.one) > 0.95 * len(rough)
    faired = fair_surface(rough, faces, cell=cell, mirror=mirror)
    image = faired[mirror.other] * [-1, 1, 1]
    exact = np.abs(faired[mirror.one] - image).max(axis=1) < 1e-9
    assert exact.mean() > 0.97
    assert bends(faired, faces).mean() < bends(rough, faces).mean() / 1.5


def test_what_has_no_mirror_is_not_given_one():
    vertices, _, cell = extract(sphere((3 / 48, 0.0, 0.0)))
    assert find_mirror(vertices, 0.0, cell) is None
    assert find_mirror(vertices, 3 / 48, cell) is not None


def test_the_same_input_gives_the_same_bits():
    vertices, faces, cell = extract(torus())
    rough = roughen(vertices, faces, 0.3 * cell)
    first, second = (fair_surface(rough, faces, cell=cell) for _ in range(2))
    assert (first == second).all()


def test_place_and_scale_do_not_matter():
    vertices, faces, cell = extract(torus())
    rough = roughen(vertices, faces, 0.3 * cell)
    here = fair_surface(rough, faces, cell=cell)
    there = fair_surface(rough * 8 + [16, -32, 4], faces, cell=8 * cell)
    assert np.abs((there - [16, -32, 4]) / 8 - here).max() < 1e-3 * cell


def test_an_open_mesh_is_refused():
    vertices, faces, cell = extract(sphere(), 16)
    with pytest.raises(ValueError, match="not closed"):
        fair_surface(vertices, faces[1:], cell=cell)
    with pytest.raises(ValueError, match="no face"):
        fair_surface(np.concatenate([vertices, [[0, 0, 0]]]), faces, cell=cell)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 30), st.integers(1, 3), st.integers(0, 999))
def test_conjugate_gradients_solve(count, columns, seed):
    generator = np.random.default_rng(seed)
    factor = generator.normal(size=(count, count))
    matrix = factor @ factor.T + np.eye(count)
    right = generator.normal(size=(count, columns))
    found = solve_symmetric(
        csr_array(matrix), right, np.zeros_like(right), tolerance=1e-10, rounds=20 * count
    )
    assert np.abs(matrix @ found - right).max() < 1e-6
