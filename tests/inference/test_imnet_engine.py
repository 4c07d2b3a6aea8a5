"""The engine: what a picture becomes, classes, sizes, devices, frames."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file

from bozzetto.inference.engines import create_engine
from bozzetto.inference.engines.devices import choose_device
from bozzetto.inference.engines.imnet.checkpoint import FORMAT, FORMAT_VERSION
from bozzetto.inference.engines.imnet.engine import Y_UP_FROM_OBJECT, ImnetEngine
from bozzetto.inference.engines.imnet.field import CHUNK, ImplicitField
from bozzetto.inference.engines.imnet.latents import LatentBank
from bozzetto.inference.engines.imnet.networks import Architecture, Decoder, SingleView
from bozzetto.inference.engines.imnet.picture import prepare_picture, resize_straight_alpha
from bozzetto.inference.errors import Cancelled, SettingsError
from bozzetto.inference.settings import GenerateSettings
from bozzetto.inference.types import Cancel, Cutout, Field, no_progress

SMALL = Architecture(
    latent=8, decoder=(16, 16, 16, 8, 8, 8), frequencies=1, voxel_encoder=(2, 2, 2, 2),
    image_base=4, image_channels=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    torch.manual_seed(3)
    model = SingleView(SMALL)
    tensors = {k: v for k, v in model.state_dict().items() if v.is_floating_point()}
    latents = torch.rand(12, 8)
    tensors["bank.latents"] = latents
    tensors["bank.classes"] = torch.tensor([0, 1, 2] * 4, dtype=torch.uint8)
    metadata = {
        "version": FORMAT_VERSION, "architecture": SMALL.to_dict(), "level": 0.4, "pull": 0.5,
        "levels": {"bed": 0.3},
        "classes": ["chair", "car", "bed"], "diagonals": {"chair": 1.25, "car": 4.5}, "bank": 12,
    }  # fmt: skip
    path = tmp_path_factory.mktemp("imnet") / "x.safetensors"
    save_file(tensors, str(path), metadata={FORMAT: json.dumps(metadata)})
    return path


@pytest.fixture(scope="module")
def engine(checkpoint):
    return create_engine("imnet", checkpoint=str(checkpoint), device="cpu")


def disc(side=200, colour=(0.8, 0.3, 0.2)):
    y, x = np.mgrid[:side, :side] + 0.5 - side / 2
    rgba = np.zeros((side, side, 4), np.float32)
    rgba[..., :3] = colour
    rgba[..., 3] = np.hypot(x, y) < 0.425 * side
    return Cutout(rgba, (0.0, 0.0, float(side)), (side, side), "disc")


def encode(engine, cutout, cancel=None, **changes):
    return engine.encode(
        cutout, GenerateSettings(**changes), generator=torch.Generator().manual_seed(0),
        progress=no_progress, cancel=cancel or Cancel(),
    )  # fmt: skip


def grid(side=12):
    axis = (torch.arange(side) + 0.5) / side - 0.5
    return torch.stack(torch.meshgrid(axis, axis, axis, indexing="ij"), -1).reshape(-1, 3)


def test_candidates_are_fields_best_first(engine):
    candidates = encode(engine, disc())
    assert 1 <= len(candidates) <= 2
    assert [c.score for c in candidates] == sorted((c.score for c in candidates), reverse=True)
    best = candidates[0]
    assert isinstance(best.field, Field)
    assert best.field.level in (0.3, 0.4)
    assert best.category in ("chair", "car", "bed")
    values = best.field.occupancy(grid())
    assert values.shape == (12**3,)
    assert torch.isfinite(values).all()
    assert values.std() > 0


def test_same_picture_gives_the_same_field_bit_for_bit(engine, checkpoint):
    other = ImnetEngine(str(checkpoint), "cpu")
    first, second = (encode(e, disc())[0].field.occupancy(grid()) for e in (engine, other))
    assert torch.equal(first, second)


def test_another_picture_gives_another_field(engine):
    square = disc()
    square.rgba[30:170, 30:170, 3] = 1
    a, b = (encode(engine, c)[0].field.occupancy(grid()) for c in (disc(), square))
    assert not torch.equal(a, b)


@pytest.mark.parametrize(("category", "diagonal"), [("chair", 1.25), ("car", 4.5), ("bed", 2.6)])
def test_the_artists_class_is_kept_and_gives_the_size(engine, category, diagonal):
    candidates = encode(engine, disc(), category=category)
    assert [c.category for c in candidates] == [category]
    assert candidates[0].field.level == (0.3 if category == "bed" else 0.4)
    assert candidates[0].diagonal == diagonal  # bed: the file tells none, the rough one is taken


def test_the_artists_class_changes_the_shape(engine):
    shapes = [
        encode(engine, disc(), category=name)[0].field.occupancy(grid())
        for name in ("chair", "car", "bed")
    ]
    assert not torch.equal(shapes[0], shapes[1])
    assert not torch.equal(shapes[1], shapes[2])


def test_a_class_without_training_shapes_is_only_a_name(engine):
    (candidate,) = encode(engine, disc(), category="lamp")
    assert candidate.category == "lamp"
    automatic = encode(engine, disc())[0].field.occupancy(grid())
    assert torch.equal(candidate.field.occupancy(grid()), automatic)


def test_cancel_stops(engine):
    cancel = Cancel()
    cancel.set()
    with pytest.raises(Cancelled):
        encode(engine, disc(), cancel)


def test_published_checkpoint_reads_a_picture(tmp_path):
    torch.manual_seed(0)
    path = tmp_path / "IM_SVR.model-1.pth"
    torch.save(SingleView(Architecture()).state_dict(), path)
    engine = ImnetEngine(str(path), "cpu")
    (unknown,) = encode(engine, disc())
    assert (unknown.category, unknown.diagonal, unknown.field.level) == ("", 1.0, 0.5)
    (car,) = encode(engine, disc(), category="car")
    assert (car.category, car.diagonal) == ("car", 4.9)
    assert torch.isfinite(unknown.field.occupancy(grid(4))).all()


def test_published_space_is_turned_not_mirrored():
    turn = Y_UP_FROM_OBJECT
    assert torch.linalg.det(turn).item() == pytest.approx(1.0)
    up, front = torch.tensor([0.0, 0.0, 1.0]), torch.tensor([0.0, -1.0, 0.0])
    assert (turn @ up).tolist() == [0, 1, 0]
    assert (turn @ front).tolist() == [0, 0, -1]
    decoder, z = Decoder(SMALL).eval(), torch.rand(8)
    points = torch.rand(50, 3) - 0.5
    turned = ImplicitField(decoder, z, frame=turn).occupancy(points)
    there = torch.stack((-points[:, 0], points[:, 2], points[:, 1]), 1)
    assert torch.allclose(turned, ImplicitField(decoder, z).occupancy(there), atol=1e-6)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([0, 1, 7, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 5]), st.integers(0, 99))
def test_field_answers_any_number_of_points(count, seed):
    torch.manual_seed(seed)
    decoder, z = Decoder(SMALL).eval(), torch.rand(8)
    points = torch.rand(count, 3) - 0.5
    values = ImplicitField(decoder, z).occupancy(points)
    with torch.no_grad():
        whole = decoder(points[None], z[None])[0]
    assert values.shape == (count,)
    assert not values.requires_grad
    assert torch.allclose(values, whole, atol=1e-5)


@pytest.mark.parametrize(
    "points", [torch.zeros(3), torch.zeros(4, 2), torch.zeros(1, 4, 3), torch.zeros(4, 3).long()]
)
def test_field_refuses_what_are_no_points(points):
    field = ImplicitField(Decoder(SMALL).eval(), torch.rand(8))
    with pytest.raises(ValueError, match=r"expected floats \[N, 3\]"):
        field.occupancy(points)


def bank(pull=0.0):
    torch.manual_seed(1)
    centres = torch.tensor([[0.2] * 8, [0.8] * 8])
    latents = centres.repeat_interleave(10, 0) + 0.05 * torch.randn(20, 8)
    return LatentBank(latents, torch.tensor([0] * 10 + [1] * 10), ("chair", "car"), pull)


def test_size_is_that_of_the_nearest_shapes():
    known = bank()
    sizes = torch.full((20,), 4.5)
    sizes[10:15], sizes[15] = 12.0, 0.0  # some cars are lorries, one has no known size
    sized = LatentBank(known.latents, known.classes, known.names, diagonals=sizes)
    assert sized.estimate_diagonal(known.latents[12], "car") > 6
    assert 4.5 <= sized.estimate_diagonal(known.latents[15], "car") <= 12
    assert sized.estimate_diagonal(known.latents[12], "chair") == pytest.approx(4.5)
    assert sized.estimate_diagonal(known.latents[12], "boat") == 0
    assert known.estimate_diagonal(known.latents[12], "car") == 0


def test_class_is_the_nearest_shapes():
    known = bank()
    assert known.rank_classes(known.latents[3])[0][0] == "chair"
    assert known.rank_classes(known.latents[13])[0][0] == "car"
    ranked = known.rank_classes(torch.full((8,), 0.5))
    assert sum(weight for _, weight in ranked) == pytest.approx(1)


def test_a_crowded_class_does_not_win_by_its_numbers():
    torch.manual_seed(2)
    lone, crowd = torch.zeros(1, 8), 0.3 + 0.2 * torch.randn(400, 8)
    known = LatentBank(
        torch.cat((lone, crowd)), torch.tensor([0] + [1] * 400), ("lamp", "airplane")
    )
    z = torch.full((8,), 0.12)
    dense = replace(known, temperature=0.2)
    assert known.rank_classes(z)[0][0] == "airplane"  # one of the many lies a little nearer
    assert dense.rank_classes(z)[0][0] == "lamp"
    assert sum(weight for _, weight in dense.rank_classes(z)) == pytest.approx(1)


def test_moving_to_a_class_ends_in_it():
    known = bank()
    for z in (known.latents[0], torch.full((8,), 0.45), torch.full((8,), -1.0)):
        moved = known.move_to_class(z, "car")
        assert known.rank_classes(moved)[0][0] == "car"
    own = known.latents[0]
    assert torch.equal(known.move_to_class(own, "chair"), own)


def test_settling_moves_towards_the_training_shapes():
    far = torch.full((8,), 0.35)
    before = bank().distances(far).min()
    after = bank().distances(bank(pull=0.5).settle(far)).min()
    assert after < before
    assert torch.equal(bank().settle(far), far)


def test_picture_is_grey_over_white_and_alpha():
    picture = prepare_picture(disc(colour=(1.0, 0.0, 0.0)).rgba, 2)
    assert picture.shape == (1, 2, 128, 128)
    assert picture[0, :, 0, 0].tolist() == [1.0, 0.0]  # a corner: white, transparent
    assert picture[0, 0, 64, 64].item() == pytest.approx(0.299, abs=1e-3)  # red's luma
    assert picture[0, 1, 64, 64].item() == 1.0
    grey = prepare_picture(disc(colour=(1.0, 0.0, 0.0)).rgba, 1)
    assert grey.shape == (1, 1, 128, 128)
    assert grey[0, 0, 64, 64].item() == pytest.approx(76 / 255)
    assert grey[0, 0, 0, 0].item() == 1.0


def test_hidden_colours_do_not_bleed_through_the_resize():
    cutout = disc(colour=(0.5, 0.5, 0.5))
    other = cutout.rgba.copy()
    other[cutout.rgba[..., 3] == 0] = [0.0, 1.0, 0.0, 0.0]  # what lies under transparency
    assert torch.equal(prepare_picture(cutout.rgba, 2), prepare_picture(other, 2))


@pytest.mark.parametrize("side", [1, 37, 128, 129, 1000])
def test_any_side_is_resized(side):
    rgba = np.ones((side, side, 4), np.float32)
    resized = resize_straight_alpha(rgba, 128)
    assert resized.shape == (4, 128, 128)
    assert torch.allclose(resized, torch.ones(()), atol=1e-5)


@pytest.mark.parametrize("name", ["hpu", "cuda:99", "cpu:3"])
def test_device_that_is_not_there_falls_back_and_says_so(engine, checkpoint, name):
    fallen = ImnetEngine(str(checkpoint), name)
    assert fallen.device == torch.device("cpu")
    assert fallen.messages == (
        f"The device {name!r} is not available; the processor was used instead.",
    )
    assert engine.messages == ()


def test_device_names():
    assert choose_device("cpu") == (torch.device("cpu"), ())
    assert choose_device("automatic")[1] == ()
    with pytest.raises(SettingsError, match="no kind of device"):
        choose_device("toaster")


def test_unknown_engine_is_a_settings_error():
    with pytest.raises(SettingsError, match="no engine"):
        create_engine("imnot", checkpoint="", device="cpu")
