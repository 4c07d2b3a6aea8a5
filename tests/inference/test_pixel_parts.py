"""The parts of the pixel-aligned engine that make one shape of what it reads."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bozzetto.inference.engines import create_engine
from bozzetto.inference.engines.pixel.canonical import GRID_HALF, CanonicalBranch, CanonicalGrid
from bozzetto.inference.engines.pixel.engine import read_proportions
from bozzetto.inference.engines.pixel.networks import PixelNetwork
from bozzetto.inference.engines.pixel.outline import Outline
from bozzetto.inference.engines.pixel.projection import PictureCamera
from bozzetto.inference.engines.proportions import Proportions

from .test_pixel_engine import SIZES, disc, encode, matte_network, metadata, write


def camera(azimuth=0.0, elevation=0.2, centre_x=0.0, centre_y=0.0):
    numbers = (azimuth, elevation, 0.25, centre_x, centre_y, 2.2)
    return PictureCamera(*(torch.tensor([float(number)]) for number in numbers))


@given(
    st.floats(0, 6.28), st.floats(-0.5, 1.2), st.floats(-0.1, 0.1), st.floats(-0.1, 0.1),
    st.integers(0, 1000),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_unproject_takes_projected_points_back(azimuth, elevation, x, y, seed):
    points = torch.rand(1, 50, 3, generator=torch.Generator().manual_seed(seed)) - 0.5
    eye = camera(azimuth, elevation, x, y)
    assert torch.allclose(eye.unproject(eye.project(points)), points, atol=1e-4)


def bar_matte(width):
    """A bar from top to bottom, `width` of 128 pixels wide, in the middle of the picture."""
    matte = torch.zeros(1, 1, 128, 128)
    matte[..., 64 - width // 2 : 64 + width // 2] = 1
    return matte


def unsure(places):
    """Likeliest in the middle of the depth, and nowhere likely enough."""
    return -1.5 - 4 * places[:, 2].abs()


@pytest.mark.parametrize("width", [6, 12, 24])
def test_a_bar_of_which_the_network_is_unsure_is_there_about_as_thick_as_wide(width):
    outline = Outline(unsure, bar_matte(width), level=0.0, scale=0.5)
    depths = torch.linspace(-1.1, 1.1, 801)
    places = torch.stack((torch.zeros(801), torch.full((801,), 0.1), depths), 1)
    filled = unsure(places) + outline.lacking(places) > 0
    assert filled.any()
    assert filled[400 - 5 : 400 + 5].all()  # at the likeliest depth
    thick = float(filled.sum()) * 2.2 / 800  # half box diagonals
    wide = width / 64 * 0.5 * 2  # half sides, of which `scale` box diagonals go to one
    assert 0.4 * wide <= thick <= 1.3 * wide + 2.2 / 40


def test_a_box_guessed_too_small_takes_nothing_of_what_is_seen():
    def fade(places):
        return 60 * (places[:, 1] - 0.5).clamp(min=0)

    outline = Outline(lambda p: unsure(p) - fade(p), bar_matte(20), level=0.0, scale=0.5, fade=fade)
    places = torch.zeros(9, 3)
    places[:, 1] = torch.linspace(-0.9, 0.9, 9)
    assert (unsure(places) - fade(places) + outline.lacking(places) >= 0).all()
    assert outline.missed == 0
    assert len(outline.met) == outline.covered


def test_nothing_is_outside_the_outline():
    outline = Outline(lambda p: torch.full((len(p),), 8.0), bar_matte(20), level=0.0, scale=0.5)
    places = torch.rand(500, 3, generator=torch.Generator().manual_seed(0)) * 2 - 1
    places[:, 0] = torch.where(places[:, 0] > 0, 1, -1) * (0.25 + 0.7 * places[:, 0].abs())
    assert outline.outside(places).all()
    assert not outline.outside(places * torch.tensor([0.1, 1, 1])).any()


def test_a_shape_ends_along_the_outline_wherever_samples_lie():
    """As between two samples the surface is where their values' line meets the level."""
    x = (torch.arange(256) + 0.5 - 128) / 128
    radius = 0.6
    away = torch.hypot(x[None, :], x[:, None]) - radius
    matte = (0.5 - away * 128).clip(0, 1)[None, None]
    outline = Outline(lambda p: torch.full((len(p),), 8.0), matte, level=0.0, scale=0.5)
    angles = torch.linspace(0, 6.28, 400)
    apart = 2 / 100  # samples of 128 to the box's longest side
    for offset in (0.1, 0.35, 0.6, 0.85):
        near = radius + (offset - 1) * apart
        ends = []
        for distance in (near, near + apart):
            places = torch.stack((distance * angles.cos(), distance * angles.sin()), 1)
            places = torch.cat((places, torch.zeros(len(angles), 1)), 1)
            ends.append(outline.allowed(places).sigmoid())
        share = (ends[0] - 0.5) / (ends[0] - ends[1])
        assert ((near + share * apart - radius).abs() < 0.2 * apart).all()


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_matte_without_an_outline(value):
    matte = torch.full((1, 1, 32, 32), value)
    outline = Outline(lambda p: torch.full((len(p),), 8.0), matte, level=0.0, scale=0.5)
    places = torch.rand(50, 3, generator=torch.Generator().manual_seed(0)) * 1.8 - 0.9
    assert (outline.outside(places) == (value == 0)).all()


def test_an_outline_that_is_reached_changes_nothing_inside():
    outline = Outline(lambda p: 5 - 20 * p[:, 2].abs(), bar_matte(20), level=0.0, scale=0.1)
    places = torch.zeros(9, 3)
    places[:, 2] = torch.linspace(-1, 1, 9)
    assert not outline.lacking(places).any()
    assert not outline.outside(places).any()


def test_rays_through_gaps_narrower_than_they_are_apart_count_by_the_gaps_area():
    matte = torch.ones(1, 1, 256, 256)
    matte[..., torch.arange(256) % 11 < 3] = 0  # a ray has four columns of the matte
    rays = Outline(lambda p: torch.full((len(p),), 8.0), matte, level=0.0, scale=0.5).free_rays()
    assert 0.15 < len(rays) / 64**2 < 0.35


@pytest.fixture(scope="module")
def branch():
    torch.manual_seed(4)
    branch = CanonicalBranch(8, 4, 2, 16).eval().requires_grad_(False)
    branch.decoder.linear_3.weight.mul_(3)
    return branch


def test_grid_holds_the_mean_of_shape_and_mirrored_shape(branch):
    latent, mirrored = torch.rand(2, 8)
    grid = CanonicalGrid(branch, latent, mirrored)
    axis = ((torch.arange(48) + 0.5) / 48 * 2 - 1) * GRID_HALF
    points = torch.stack([axis[torch.randint(48, (200,))] for _ in range(3)], 1)
    flip = torch.tensor([-1.0, 1, 1])
    expected = 8 * (
        (branch.decoder.fold(latent)(points) + branch.decoder.fold(mirrored)(points * flip)) / 2
        - 0.5
    )
    assert torch.allclose(grid.logits(points), expected, atol=1e-3)
    same = CanonicalGrid(branch, latent, latent)
    assert torch.allclose(same.logits(points), same.logits(points * flip), atol=1e-3)


def test_field_fades_beyond_its_proportions():
    box = Proportions(torch.tensor([0.8, 0.4, 0.447]))
    inside = (torch.rand(100, 3) - 0.5) * torch.tensor([0.8, 0.4, 0.447])
    assert (box.fade(inside) == 0).all()
    losses = box.fade(torch.tensor([[0.41, 0, 0], [0.5, 0, 0], [0.5, 0.3, 0]]))
    assert losses[0] > 0
    assert losses[0] < losses[1] < losses[2]


def test_engine_with_a_canonical_branch_keeps_to_the_box(tmp_path):
    """The branch says the same everywhere, its box has no depth: nor has what comes out, though the
    picture's disc keeps its height."""
    sizes = replace(SIZES, latent=4, planes=2, frequencies=1, plane_width=8)
    torch.manual_seed(0)
    network = PixelNetwork(sizes).eval().requires_grad_(False)
    network.load_state_dict(matte_network().state_dict(), strict=False)
    for part in (network.points.linear_3.weight, network.points.linear_3.bias):
        part.mul_(0.05)  # not so sure that no box could change its mind
    whole = network.canonical
    whole.decoder.linear_3.weight.zero_()
    whole.decoder.linear_3.bias.fill_(0.5)
    whole.box.weight.zero_()
    whole.box.bias.copy_(torch.tensor([1.0, 0.1, 1.0]).log())
    path = write(tmp_path / "flat.safetensors", network, metadata(architecture=sizes.to_dict()))
    engine = create_engine("pixel", checkpoint=str(path), device="cpu")
    (best,) = encode(engine, disc())
    low, high = (torch.tensor(side) for side in best.field.bounds)
    assert (high - low)[1] < 0.6 * (high - low)[0]
    plain = create_engine("pixel", checkpoint=str(write(tmp_path / "p.safetensors")), device="cpu")
    low, high = (torch.tensor(side) for side in encode(plain, disc())[0].field.bounds)
    assert (high - low)[2] > 0.8 * (high - low)[0]


def test_proportions_are_of_length_one():
    class Reading:
        box = torch.tensor([[0.1, -0.4, -2.0]])

    assert float((2 * read_proportions(Reading).half).norm()) == pytest.approx(1)
