"""The pixel-aligned engine: what it reads is where the picture shows it, whatever the file says."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from bozzetto.inference.engines import create_engine
from bozzetto.inference.engines.pixel.camera_head import read_camera
from bozzetto.inference.engines.pixel.checkpoint import FORMAT, load_checkpoint
from bozzetto.inference.engines.pixel.field import PixelField
from bozzetto.inference.engines.pixel.networks import (
    ELEVATION_UNIT,
    Architecture,
    PixelNetwork,
    blur_matte,
)
from bozzetto.inference.errors import WeightsError
from bozzetto.inference.settings import GenerateSettings
from bozzetto.inference.surface.extract import extract_surface
from bozzetto.inference.texture.camera import render_sight
from bozzetto.inference.types import Cancel, Cutout, Field, no_progress

SIZES = Architecture(
    classes=("ball", "box"), widths=(8, 8, 8), bins=4, volume=2, detail=2, code=4, hidden=8,
    octaves=1, azimuths=12,
)  # fmt: skip
DEPTH = 0.2  # half of the depth of what the network below sees, in box diagonals


def matte_network() -> PixelNetwork:
    """A network that takes everything under the matte, up to `DEPTH` before and behind the middle,
    for the object, sees it from behind, and is sure of that."""
    torch.manual_seed(0)
    network = PixelNetwork(SIZES).eval().requires_grad_(False)
    points = network.points
    for layer in (points.linear_1, points.linear_2, points.linear_3, points.code):
        layer.weight.zero_()
        if layer.bias is not None:
            layer.bias.zero_()
    matte, depth = SIZES.volume + SIZES.detail, SIZES.volume + SIZES.detail + 3 + 2
    points.linear_1.weight[0, matte] = 1
    points.linear_1.weight[1, depth] = 1
    points.linear_1.weight[2, depth] = -1
    points.linear_2.weight[:3, :3] = torch.eye(3)
    # 40 (matte - 1/2) - 40 max(|z| - 2 DEPTH, ...): the sum of both ramps is |z|
    points.linear_3.weight[0, :3] = torch.tensor([60.0, -60.0, -60.0])
    points.linear_3.bias.fill_(-60 * (1 - 2 * DEPTH) + 0.1)
    for layer in (network.camera_2, network.classes):
        layer.weight.zero_()
        layer.bias.zero_()
    network.camera_2.bias[5:7] = 20  # of twelve bins; the same in a mirror image
    numbers = torch.tensor([math.radians(15) / ELEVATION_UNIT, math.log(0.2), math.log(0.4), 0, 0])
    network.camera_2.bias[SIZES.azimuths :] = numbers
    network.classes.bias[1] = 3
    return network


def metadata(**changed):
    return {
        "version": 1, "architecture": SIZES.to_dict(), "diagonals": {"box": 2.0}, "level": 0.5,
        "levels": {}, "sure": 0.5, "mirrored": [], "training": {}, **changed,
    }  # fmt: skip


def write(path, network=None, header=None):
    tensors = {
        key: value.contiguous().clone()
        for key, value in (network or matte_network()).state_dict().items()
        if value.is_floating_point()
    }
    save_file(tensors, str(path), metadata={FORMAT: json.dumps(header or metadata())})
    return path


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return write(tmp_path_factory.mktemp("pixel") / "matte.safetensors")


@pytest.fixture(scope="module")
def engine(checkpoint):
    return create_engine("pixel", checkpoint=str(checkpoint), device="cpu")


def disc(side=256, radius=0.425):
    axis = (np.arange(side) + 0.5) / side - 0.5
    x, y = np.meshgrid(axis, axis)
    rgba = np.zeros((side, side, 4), np.float32)
    rgba[..., :3] = 0.5
    rgba[..., 3] = np.hypot(x, y) < radius
    return Cutout(rgba, (0, 0, side), (side, side), "disc")


def encode(engine, cutout, **settings):
    return engine.encode(
        cutout,
        GenerateSettings(**settings),
        generator=torch.Generator().manual_seed(0),
        progress=no_progress,
        cancel=Cancel(),
    )


def test_heads_agree_about_a_picture_and_its_mirror_image():
    torch.manual_seed(3)
    network = PixelNetwork(SIZES).eval().requires_grad_(False)
    picture = torch.rand(1, 4, 128, 128)
    seen, mirrored = network.read_both_ways(picture), network.read_both_ways(picture.flip(3))
    assert torch.allclose(seen.azimuth, mirrored.azimuth.flip(1), atol=1e-4)
    assert torch.allclose(seen.classes, mirrored.classes, atol=1e-4)
    assert torch.allclose(seen.pose, mirrored.pose * torch.tensor([1.0, 1, 1, -1, 1]), atol=1e-4)
    assert torch.allclose(seen.volume, network(picture).volume, atol=1e-4)  # the picture's own


def test_candidate_is_a_field_with_class_size_and_camera(engine):
    (best,) = encode(engine, disc())
    assert isinstance(best.field, Field)
    assert best.category == "box"
    assert best.diagonal == 2.0
    assert abs(best.camera.azimuth) == pytest.approx(180, abs=1)
    assert best.camera.elevation == pytest.approx(15, abs=0.1)
    assert best.camera.confidence > 0.95


def test_field_has_a_centred_box_of_diagonal_one(engine):
    surface = extract_surface(encode(engine, disc())[0].field, 64)
    low, high = surface.vertices.min(0), surface.vertices.max(0)
    assert np.allclose(low + high, 0, atol=0.05)
    assert np.linalg.norm(high - low) == pytest.approx(1, abs=0.08)


def test_outline_is_that_of_the_matte(engine):
    """A disc with a bite: seen from the estimated camera the surface covers it and nothing else."""
    cutout = disc()
    cutout.rgba[:128, :128, 3] = 0
    field = encode(engine, cutout)[0].field
    surface = extract_surface(field, 96)
    camera = field._camera
    points = torch.from_numpy(surface.vertices) * field._scale + field._offset
    seen = camera.project(points[None])[0, :, :2].numpy()
    columns, rows = (((seen + 1) / 2) * 256).astype(int).clip(0, 255).T
    near = np.zeros((256, 256), bool)
    near[rows, columns] = True
    alpha = cutout.rgba[..., 3] > 0.5
    grown = np.pad(alpha, 6)[6:-6, 6:-6].copy()
    for shift in range(-6, 7):
        grown |= np.roll(alpha, shift, 0) | np.roll(alpha, shift, 1)
    assert grown[near].mean() > 0.97
    assert near[20:100, 20:100].mean() < 0.02  # nothing in the bite


@pytest.mark.parametrize("column", [100, 127, 131, 150])
def test_a_pole_too_thin_for_any_grid_is_there_to_its_end(engine, column):
    """Whatever samples it falls between, while the shape's box is looked for and after."""
    cutout = disc(radius=0.15)
    cutout.rgba[20:128, column : column + 3, 3] = 1
    candidate = encode(engine, cutout)[0]
    surface = extract_surface(candidate.field, 128)
    alpha = cutout.rgba[..., 3] > 0.5
    seen = render_sight(candidate.pinhole, surface.vertices, surface.faces, 256).covered
    assert (seen & alpha)[22:85].any(1).all()  # if thinner by a voxel
    assert (seen & alpha).sum() > 0.93 * (seen | alpha).sum()


def test_an_unsure_azimuth_shows_the_side_that_was_seen(tmp_path):
    network = matte_network()
    network.camera_2.bias[: SIZES.azimuths] = 0
    path = write(tmp_path / "unsure.safetensors", network)
    engine = create_engine("pixel", checkpoint=str(path), device="cpu")
    (best,) = encode(engine, disc())
    assert best.camera.azimuth == 0
    assert best.camera.confidence < 0.5


@pytest.mark.parametrize(
    ("facing", "thick_end"),
    [("toward", "-x"), ("left", "-y"), ("right", "+y"), ("away", "+x")],
)
def test_the_artist_says_where_the_front_points(engine, facing, thick_end):
    """A bar across the picture, thick on the left. An object that faces left has its thick end in
    front (-Y); one that faces us has it on its own right (-X)."""
    cutout = disc()
    cutout.rgba[..., 3] = 0
    cutout.rgba[108:148, 20:236, 3] = 1
    cutout.rgba[78:178, 20:70, 3] = 1
    (best,) = encode(engine, cutout, facing=facing)
    vertices = extract_surface(best.field, 64).vertices
    thick = vertices[np.abs(vertices[:, 2]) > 0.7 * np.abs(vertices[:, 2]).max()][:, :2].mean(0)
    axis = "xy".index(thick_end[1])
    assert abs(thick[axis]) > 3 * abs(thick[1 - axis])
    assert (thick[axis] > 0) == (thick_end[0] == "+")


def test_nothing_inside_is_no_candidate(engine):
    cutout = disc()
    cutout.rgba[..., 3] = 0
    assert encode(engine, cutout) == []


def test_a_chosen_class_is_taken(tmp_path):
    header = metadata(levels={"chair": 0.4}, diagonals={"chair": 1.25})
    path = write(tmp_path / "c.safetensors", header=header)
    engine = create_engine("pixel", checkpoint=str(path), device="cpu")
    (best,) = encode(engine, disc(), category="chair")
    assert (best.category, best.diagonal, best.field.level) == ("chair", 1.25, 0.4)


def test_field_answers_alike_in_any_number_of_points(engine):
    field = encode(engine, disc())[0].field
    points = torch.rand(40_000, 3) - 0.5
    whole = field.occupancy(points)
    assert torch.allclose(whole[:7], field.occupancy(points[:7]), atol=1e-5)
    assert field.occupancy(points[:0]).shape == (0,)
    with pytest.raises(ValueError, match="points are"):
        field.occupancy(torch.rand(3, 2))


@given(st.floats(0, 6.28), st.integers(10, 60), st.integers(68, 118))
@settings(max_examples=20, deadline=None)
def test_half_a_mirror_image_makes_a_symmetric_field(azimuth, left, right):
    network = matte_network()
    picture = torch.rand(1, 4, 128, 128, generator=torch.Generator().manual_seed(1))
    numbers = torch.tensor([0.0, math.log(0.2), math.log(0.4), 0, 0])
    camera = replace(read_camera(torch.zeros(12), numbers).camera, azimuth=torch.tensor([azimuth]))
    matte = torch.zeros(1, 1, 128, 128)
    matte[..., 20:100, left:right] = 1
    field = PixelField(network, network(picture), blur_matte(matte), camera, mirrored=0.5)
    points = torch.rand(200, 3) - 0.5
    other = points * torch.tensor([-1.0, 1, 1])
    assert (field.occupancy(points) - field.occupancy(other)).abs().max() < 1e-3


@pytest.mark.parametrize(("left", "right", "fits"), [(40, 88, True), (36, 72, False)])
def test_picture_cuts_off_a_mirror_image_that_it_contradicts(left, right, fits):
    network = matte_network()
    numbers = torch.tensor([0.0, math.log(0.2), math.log(0.4), 0, 0])
    camera = replace(read_camera(torch.zeros(12), numbers).camera, azimuth=torch.zeros(1))
    matte = torch.zeros(1, 1, 128, 128)
    matte[..., 30:100, left:right] = 1
    # surer of what the matte shows than of what it does not, so that the mean of both is inside
    network.points.linear_3.bias += 30
    reading = network(torch.rand(1, 4, 128, 128))
    field = PixelField(network, reading, blur_matte(matte), camera, mirrored=0.5, mismatch=0.06)
    forced = PixelField(network, reading, blur_matte(matte), camera, mirrored=0.5)
    points = torch.rand(20_000, 3) - 0.5
    assert (field.symmetric, forced.symmetric) == (fits, True)
    for one, wide in ((field, not fits), (forced, False)):
        inside = points[one.occupancy(points) > 0.5]
        other = one.occupancy(inside * torch.tensor([-1.0, 1, 1])) > 0.5
        assert (float(other.float().mean()) < 0.9) == wide


def fine_network(correction):
    """`matte_network` with a fine level that adds `correction` everywhere near the surface."""
    coarse = matte_network()
    network = PixelNetwork(replace(SIZES, fine=True)).eval().requires_grad_(False)
    network.load_state_dict(network.state_dict() | coarse.state_dict())
    network.fine.start_silent()
    network.fine.linear_3.bias.fill_(correction)
    return network


def test_silent_fine_level_changes_nothing_and_a_loud_one_moves_the_surface(tmp_path):
    cutout = disc()
    header = metadata(architecture=replace(SIZES, fine=True).to_dict())
    fields = {}
    for correction in (None, 0.0, 1.0):
        network = None if correction is None else fine_network(correction)
        path = write(
            tmp_path / f"{correction}.safetensors", network, header if network else metadata()
        )
        engine = create_engine("pixel", checkpoint=str(path), device="cpu")
        fields[correction] = encode(engine, cutout)[0].field
    # a coarse sphere of the box: where the fitted boxes agree, so do the points
    points = torch.rand(20_000, 3, generator=torch.Generator().manual_seed(2)) - 0.5
    coarse, silent, loud = (field.occupancy(points) for field in fields.values())
    assert torch.equal(coarse, silent)
    assert (loud > 0.5).sum() > (coarse > 0.5).sum()


def test_fine_level_is_asked_near_the_surface_only(monkeypatch):
    network = fine_network(1.0)
    asked = []
    correction = network.fine.correction

    def count(planes, points, embedding):
        asked.append(points.shape[1])
        return correction(planes, points, embedding)

    monkeypatch.setattr(network.fine, "correction", count)
    picture = torch.zeros(1, 4, 384, 384)
    picture[..., 100:280, 100:280] = 1
    small = torch.nn.functional.avg_pool2d(picture, 3)
    camera = read_camera(torch.zeros(12), torch.tensor([0.0, math.log(0.2), math.log(0.4), 0, 0]))
    field = PixelField(
        network, network(small), blur_matte(small[:, 3:].contiguous()), camera.camera,
        fine=network.fine.read(picture),
    )  # fmt: skip
    asked.clear()
    points = torch.rand(30_000, 3) - 0.5
    field.occupancy(points)
    assert 0 < sum(asked) < 0.5 * len(points)


@given(st.integers(0, 71), st.floats(0.5, 30))
@settings(max_examples=20, deadline=None)
def test_camera_head_is_read_as_an_angle(bin_number, height):
    logits = torch.zeros(72)
    logits[bin_number] = height
    found = read_camera(logits, torch.zeros(5))
    wanted = (bin_number + 0.5) / 72 * 2 * math.pi
    away = (float(found.camera.azimuth[0]) - wanted + math.pi) % (2 * math.pi) - math.pi
    assert abs(away) < math.radians(13)
    assert 0 <= found.confidence <= 1


@given(st.lists(st.floats(-50, 50), min_size=5, max_size=5))
@settings(max_examples=20, deadline=None)
def test_no_head_gives_an_impossible_camera(numbers):
    camera = read_camera(torch.zeros(12), torch.tensor(numbers)).camera
    projected = camera.project(torch.rand(1, 20, 3) - 0.5)
    assert torch.isfinite(projected).all()
    assert float(camera.distance[0]) > 0.09


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"version": 9}, "version"),
        ({"level": 2.0}, "wrongly"),
        ({"levels": {"box": "high"}}, "wrongly"),
        ({"diagonals": {"box": float("inf")}}, "wrongly"),
        ({"architecture": {"classes": ["a"], "bins": 10**9}}, "wrongly"),
        ({"architecture": replace(SIZES, hidden=9).to_dict()}, "tensor|shape"),
    ],
)
def test_wrong_headers_are_refused(tmp_path, changed, words):
    path = write(tmp_path / "w.safetensors", header=metadata(**changed))
    with pytest.raises(WeightsError, match=words):
        load_checkpoint(path)


def test_files_of_other_kinds_are_refused(tmp_path):
    (tmp_path / "a.pth").write_bytes(b"PK\x03\x04")
    with pytest.raises(WeightsError, match="safetensors"):
        load_checkpoint(tmp_path / "a.pth")
    save_file({"a": torch.zeros(1)}, str(tmp_path / "b.safetensors"))
    with pytest.raises(WeightsError, match="not a checkpoint of the engine pixel"):
        load_checkpoint(tmp_path / "b.safetensors")
