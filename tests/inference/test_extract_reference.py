"""IM-NET's own sampling, as a test helper, against the numbers of its published code."""

from pathlib import Path

import numpy as np
import pytest
import torch
import trimesh
from analytic_fields import BOX
from reference_sampling import LEVEL, march_reference, optimize_vertices, sample_reference
from scipy.spatial import cKDTree

from bozzetto.inference.surface.extract import extract_surface

FIXTURES = Path(__file__).resolve().parents[2] / ".." / "shared" / "fixtures" / "im_svr"
pytestmark = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="the parity fixtures are not beside this checkout"
)


def occupancy(points: np.ndarray) -> np.ndarray:
    x, y, z = points.astype(np.float64).T
    torus = np.sqrt((np.sqrt(x**2 + z**2) - 0.27) ** 2 + (y + 0.05) ** 2) - 0.07
    sphere = np.sqrt((x - 0.10) ** 2 + (y - 0.22) ** 2 + (z + 0.05) ** 2) - 0.13
    across = np.sqrt((y - 0.234375) ** 2 + (z + 0.046875) ** 2) - 0.0055
    rod = np.maximum(across, np.abs(x + 0.15) - 0.25)
    bead = np.sqrt((x + 0.34375) ** 2 + (y - 0.34375) ** 2 + (z - 0.34375) ** 2) - 0.006
    nearest = np.minimum.reduce([torus, sphere, rod, bead])
    return np.clip(0.5 - 24 * nearest, 0, 1).astype(np.float32)


class FixtureField:
    bounds, level, device = BOX, LEVEL, torch.device("cpu")

    def occupancy(self, points: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(occupancy(points.numpy()))


@pytest.fixture(scope="module")
def stored():
    with np.load(FIXTURES / "extraction.npz") as file:
        return {name: file[name] for name in file.files}


@pytest.fixture(scope="module")
def sampling():
    return sample_reference(occupancy)


@pytest.fixture(scope="module")
def surface(sampling):
    return march_reference(sampling.grid)


def test_field_is_the_fixture_s(stored):
    assert np.abs(occupancy(stored["field_points"]) - stored["field_values"]).max() <= 1e-7


def test_counts_are_the_reference_s(stored, sampling):
    for name in (
        "frame_queries",
        "frame_occupied",
        "initial_queue",
        "uniform_inside_cells",
        "refined_cells",
        "refine_queries",
    ):
        assert getattr(sampling, name) == int(stored[name]), name


def test_every_voxel_is_the_reference_s(stored, sampling):
    inside = sampling.grid > LEVEL
    assert int(inside.sum()) == int(stored["occupied_voxels"])
    assert np.array_equal(np.packbits(inside.ravel()), stored["occupied_bits_258"])
    found = sampling.grid.ravel()[stored["value_idx_258"]]
    assert np.abs(found - stored["value_val"]).max() <= 1e-7
    assert sampling.grid.sum(dtype=np.float64) == pytest.approx(float(stored["value_sum"]))
    crossings = sum(int(np.diff(inside, axis=axis).sum()) for axis in range(3))
    assert crossings == int(stored["sign_change_edges"])


def test_surface_is_the_reference_s(stored, surface):
    vertices, faces = surface
    mesh = trimesh.Trimesh(vertices, faces, process=False)
    assert len(vertices) == int(stored["vertices"])
    assert mesh.is_watertight
    assert mesh.body_count == int(stored["components"])
    assert mesh.area == pytest.approx(float(stored["area"]), rel=1e-5)
    assert mesh.volume == pytest.approx(float(stored["volume"]), rel=1e-5)
    assert np.abs(mesh.bounds.ravel() - stored["bbox"]).max() <= 1e-6
    assert cKDTree(vertices).query(stored["sample_vertices"])[0].max() <= 1e-6


def test_optimised_vertices_are_the_reference_s(stored, surface):
    vertices, faces = surface
    moved = optimize_vertices(vertices, occupancy)
    _, row = cKDTree(vertices).query(stored["sample_vertices"])
    assert np.abs(moved[row] - stored["sample_vertices_optimized"]).max() <= 1e-6
    mesh = trimesh.Trimesh(moved, faces, process=False)
    assert mesh.area == pytest.approx(float(stored["optimized_area"]), rel=1e-5)
    assert mesh.volume == pytest.approx(float(stored["optimized_volume"]), rel=1e-5)


def test_extraction_finds_all_that_the_reference_finds_with_fewer_queries(stored, sampling):
    surface = extract_surface(FixtureField(), 256)
    mesh = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
    assert mesh.is_watertight
    assert mesh.body_count >= int(stored["components"])  # it may also find the detached bead
    distance, _ = cKDTree(surface.vertices).query(stored["sample_vertices"])
    assert distance.max() <= 0.5 / 256
    assert surface.report["queries"] < sampling.frame_queries + sampling.refine_queries
