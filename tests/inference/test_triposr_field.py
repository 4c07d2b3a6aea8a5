"""The volume of a picture, placed in object space: reading planes, turning, framing."""

import math

import numpy as np
import pytest
import torch
from analytic_fields import box, sphere, torus, union
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree
from triposr_recipe import FIXTURES

from bozzetto.inference.engines.triposr.decoder import (
    RADIUS,
    Decoder,
    FoldedDecoder,
    sample_planes,
)
from bozzetto.inference.engines.triposr.field import TriplaneField
from bozzetto.inference.engines.triposr.framing import SEARCH
from bozzetto.inference.engines.triposr.volume import LOG_THRESHOLD, TriplaneVolume
from bozzetto.inference.errors import Cancelled
from bozzetto.inference.surface.extract import extract_surface
from bozzetto.inference.types import Cancel, Field


class AnalyticVolume:
    """A known shape in the networks' space; its colour is its place."""

    device = torch.device("cpu")

    def __init__(self, distance):
        self.distance, self.queries = distance, 0

    def log_density(self, points):
        self.queries += len(points)
        return (LOG_THRESHOLD - 30 * self.distance(points.double())).float()

    def colour(self, points):
        return (points + 1) / 2


@pytest.fixture(scope="module")
def decoder():
    torch.manual_seed(3)
    made = Decoder()
    return made.requires_grad_(False).eval()


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 2**31 - 1), st.integers(1, 7), st.integers(1, 9))
def test_folded_decoder_reads_the_planes_like_grid_sample(decoder, seed, height, width):
    draw = torch.Generator().manual_seed(seed)
    planes = torch.randn(3, 40, height, width, generator=draw)
    points = torch.rand(200, 3, generator=draw) * 3 - 1.5  # a third of them beyond the planes
    points[:4] = torch.tensor([[1.0, 1, 1], [-1, -1, -1], [1 + 1 / width, 0, 0], [0, -1, 0.5]])
    wanted = decoder(sample_planes(planes, points))
    assert torch.allclose(FoldedDecoder(planes, decoder)(points), wanted, atol=2e-5)


def test_planes_are_read_by_their_own_coordinates():
    """Plane 0 knows x along its width and y along its height, 1 x and z, 2 y and z."""
    ramp = (torch.arange(8) + 0.5) / 4 - 1
    width, height = ramp.expand(8, 8), ramp[:, None].expand(8, 8)
    planes = torch.stack((width, height)).expand(3, 2, 8, 8)
    point = torch.tensor([[0.1, -0.3, 0.6]])
    found = sample_planes(planes, point)[0].tolist()
    assert found == pytest.approx([0.1, -0.3, 0.1, 0.6, -0.3, 0.6], abs=1e-6)


def test_volume_in_chunks_equals_one_point_at_a_time(decoder):
    volume = TriplaneVolume(torch.randn(3, 40, 8, 8), decoder)
    points = torch.rand(9000, 3) * 1.7 - 0.85
    found = volume.decode(points)
    for index in (0, 4095, 4096, 8999):
        assert torch.allclose(volume.decode(points[index : index + 1])[0], found[index], atol=1e-5)
    assert volume.decode(torch.empty(0, 3)).shape == (0, 4)


def place(native):
    """The networks' (x, y, z) in object space: the camera's side is -Y, its right +X."""
    x, y, z = native
    return np.array([y, -x, z])


# A body, a nose towards the camera (+X there) and a hand to its right (+Y there), a hat above.
CREATURE = union(
    sphere((0, 0, 0), 0.3), sphere((0.4, 0, 0), 0.1), sphere((0, 0.45, 0), 0.12),
    sphere((0, 0, 0.5), 0.15),
)  # fmt: skip


@pytest.mark.parametrize("degrees", [0, 45, 90, 180, 270, 315])
def test_shape_faces_front_and_is_not_mirrored(degrees):
    field = TriplaneField(AnalyticVolume(CREATURE), turn=math.radians(degrees))
    assert isinstance(field, Field)
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle), 0],
                     [math.sin(angle), math.cos(angle), 0], [0, 0, 1]])  # fmt: skip
    where = np.array([turn @ place(p) for p in ((0, 0, 0), (0.4, 0, 0), (0, 0.45, 0), (0, 0, 0.5))])
    pinhole = field.pinhole
    eye = turn @ (0, -1.9, 0)
    scale = np.linalg.norm(eye) / np.linalg.norm(np.array(pinhole.eye) - _origin(field))
    seen = torch.from_numpy((where / scale + _origin(field)).astype(np.float32))
    assert (field.occupancy(seen) > 0.9).all()
    mirrored = torch.from_numpy(
        (turn @ place((0, -0.45, 0)) / scale + _origin(field)).astype(np.float32)
    )
    assert field.occupancy(mirrored[None]) < 0.5  # no hand on the other side
    assert np.allclose((np.array(pinhole.eye) - _origin(field)) * scale, eye, atol=1e-5)
    right, up, forward = (np.array(axis) for axis in pinhole.axes)
    assert np.allclose(np.cross(right, forward), up)
    hand = seen[2].numpy() - seen[0].numpy()
    assert hand @ right > 0.9 * np.linalg.norm(hand)
    assert (seen[1].numpy() - seen[0].numpy()) @ forward < 0  # the nose is nearer to the camera


def _origin(field):
    """The networks' origin in object space: where its colour says that it is."""
    base, steps = field.colour(torch.zeros(1, 3)) * 2 - 1, field.colour(torch.eye(3)) * 2 - 1
    matrix = (steps - base).double().numpy()
    return -np.linalg.solve(matrix.T, base[0].double().numpy())


@settings(deadline=None, max_examples=5)
@given(
    st.tuples(*[st.floats(-0.3, 0.3)] * 3), st.tuples(*[st.floats(0.08, 0.9)] * 3),
    st.sampled_from([0.0, 45.0, 135.0, 270.0]),
)  # fmt: skip
def test_object_space_is_the_shapes_own_box(centre, size, degrees):
    field = TriplaneField(AnalyticVolume(box(centre, size)), turn=math.radians(degrees))
    surface = extract_surface(field, 64)
    low, high = surface.vertices.min(0), surface.vertices.max(0)
    cell = 2 * RADIUS * math.sqrt(2) / SEARCH[0] / field._scale  # what the search can tell apart
    assert abs((low + high) / 2).max() <= cell
    assert abs(np.linalg.norm(high - low) - 1) <= 2 * math.sqrt(3) * cell
    assert (low > np.array(field.bounds[0])).all()
    assert (high < np.array(field.bounds[1])).all()


def test_thin_parts_that_the_grid_misses_are_kept():
    """A rod of a third of the search's distance, between its samples, on a ball."""
    cell = 2 * RADIUS / SEARCH[0]
    rod = box((0.3, cell * 3, cell * 3), (0.9, cell / 3, cell / 3))
    field = TriplaneField(AnalyticVolume(union(sphere(radius=0.2), rod)))
    assert field.bounds[0][1] * field._scale + field._offset[1] < -0.75  # -Y is the rod's way


def test_shape_that_leaves_the_box_is_closed_on_it():
    volume = AnalyticVolume(sphere((0.6, 0, 0), 0.5))
    for degrees in (0.0, 30.0):
        field = TriplaneField(volume, turn=math.radians(degrees))
        surface = extract_surface(field, 64)
        points = torch.from_numpy(surface.vertices)
        places = field._locate(points)
        step = surface.report["cell"] * field._scale
        assert places[:, 0].max() <= RADIUS + step
        edges = np.sort(surface.faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), 1)
        _, counts = np.unique(edges, axis=0, return_counts=True)
        assert (counts == 2).all()


def test_nothing_inside_is_said():
    field = TriplaneField(AnalyticVolume(lambda p: torch.ones(len(p), dtype=p.dtype)))
    assert not field.found


def test_search_can_be_cancelled():
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        TriplaneField(AnalyticVolume(torus()), cancel=cancel)


@pytest.mark.parametrize("points", [torch.zeros(3), torch.zeros(2, 2), torch.zeros(2, 3).int()])
def test_points_of_another_shape_are_refused(points):
    field = TriplaneField(AnalyticVolume(torus()))
    with pytest.raises(ValueError, match=r"expected floats \[N, 3\]"):
        field.occupancy(points)


def fixture_distance(p):
    """Of the fixtures' analytic density (its README), float64 [N, 3] -> [N]."""
    x, y, z = p.unbind(1)
    ring = (torch.hypot(torch.hypot(x, y) - 0.45, z + 0.1)) - 0.13
    ball = (p - torch.tensor([0.15, -0.1, 0.4], dtype=p.dtype)).norm(dim=1) - 0.25
    block = torch.stack(((x + 0.5).abs() - 0.12, (y - 0.55).abs() - 0.08, (z - 0.5).abs() - 0.2))
    return torch.minimum(torch.minimum(ring, ball), block.amax(0))


class FixtureVolume(AnalyticVolume):
    def log_density(self, points):
        self.queries += len(points)
        return (LOG_THRESHOLD + (-30 * self.distance(points.double())).clamp(-20, 8)).float()


@pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="the parity fixtures are not beside this checkout"
)
def test_density_of_the_fixture():
    with np.load(FIXTURES / "extraction.npz") as data:
        points, values = torch.from_numpy(data["field_points"]), data["field_values"]
    found = FixtureVolume(fixture_distance).log_density(points).exp().numpy()
    assert np.allclose(found, values, rtol=2e-5)


@pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="the parity fixtures are not beside this checkout"
)
@pytest.mark.parametrize("resolution", [64, 128])
def test_sparse_extraction_gives_the_published_vertices(resolution):
    """On the published lattice, with the published level: the same surface from fewer queries.

    `march_bricks` keeps vertices a little off their samples, and cuts off values far from the
    level: with a density that grows without bound some vertices move by a part of a cell. (The
    engine's own field is bounded.)
    """
    with np.load(FIXTURES / "extraction.npz") as data:
        wanted = {
            k.partition(".")[2]: data[k] for k in data.files if k[1:].startswith(f"{resolution}.")
        }
    volume = FixtureVolume(fixture_distance)
    half = RADIUS * resolution / (resolution - 1)  # the published samples are our cells' centres
    field = DensityField(volume, half)
    surface = extract_surface(field, resolution)
    apart, _ = cKDTree(surface.vertices).query(wanted["vertex_unique_sample"])
    print(
        f"{resolution}: vertices apart {apart.max():.1e}, {(apart > 1e-5).mean():.1%} of them more "
        f"than 1e-5; queries {volume.queries:,}"
    )
    assert np.quantile(apart, 0.97) <= 1e-5
    assert apart.max() <= 0.2 * surface.report["cell"]
    assert len(surface.faces) == wanted["faces"]
    assert len(surface.vertices) == wanted["sign_change_edges"]
    points = torch.from_numpy(surface.vertices).double()
    area, solid = measure(points, surface.faces)
    assert area == pytest.approx(float(wanted["area"]), rel=1e-4)
    assert solid == pytest.approx(float(wanted["signed_volume"]), rel=1e-4)  # outward
    found = torch.cat((points.amin(0), points.amax(0))).numpy()
    assert abs(found - wanted["bbox"]).max() <= 1e-6
    assert volume.queries < resolution**3 / (2 if resolution == 64 else 4)


class DensityField:
    """A volume's plain density in the networks' space."""

    level, device = 25.0, torch.device("cpu")

    def __init__(self, volume, half):
        self.volume, self.bounds = volume, ((-half,) * 3, (half,) * 3)

    def occupancy(self, points):
        return self.volume.log_density(points).exp()


def measure(points, faces):
    """Area and signed volume."""
    a, b, c = (points[faces[:, corner].astype(np.int64)] for corner in range(3))
    area = float(torch.linalg.cross(b - a, c - a).norm(dim=1).sum()) / 2
    return area, float((torch.linalg.cross(a, b) * c).sum()) / 6


@pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="the parity fixtures are not beside this checkout"
)
def test_sparse_extraction_against_the_published_dense_one():
    """In our own lattice, tighter than theirs: on average as near to the true surface as theirs at
    128, with a fifth of the queries, and the same size, area and volume."""
    with np.load(FIXTURES / "extraction.npz") as data:
        dense = {key[5:]: data[key] for key in data.files if key.startswith("r128.")}
    volume = FixtureVolume(fixture_distance)
    field = TriplaneField(volume)
    surface = extract_surface(field, 128)
    native = field._locate(torch.from_numpy(surface.vertices)).double()
    away = fixture_distance(native).abs().numpy()
    theirs = fixture_distance(torch.from_numpy(dense["vertex_unique_sample"]).double()).abs()
    print(
        f"mean distance from the true surface {away.mean():.2e}, dense {theirs.mean():.2e}; "
        f"largest {away.max():.2e}, {theirs.max():.2e} of a sample; "
        f"queries {volume.queries:,} against {128**3:,}"
    )
    assert away.mean() <= theirs.mean()
    assert away.max() <= surface.report["cell"] * field._scale / 2  # at sharp edges
    assert volume.queries * 5 < 128**3
    area, solid = measure(native, surface.faces)
    assert area == pytest.approx(float(dense["area"]), rel=5e-3)
    assert solid == pytest.approx(float(dense["signed_volume"]), rel=5e-3)  # outward
    found = torch.cat((native.amin(0), native.amax(0))).numpy()
    assert abs(found - dense["bbox"]).max() <= 1.74 / 127
