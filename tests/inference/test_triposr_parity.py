"""The published code's numbers at every checkpoint of the fixtures: recipe weights, no checkpoint.

One pass of the whole network in float32, by way of a full-size model.ckpt and the weights' flow;
minutes on two slow cores.
"""

import math

import numpy as np
import pytest
import torch
from PIL import Image
from triposr_recipe import FIXTURES, assert_probe, draw_state

from bozzetto.inference.engines.triposr import checkpoint, convert, engine
from bozzetto.inference.engines.triposr.decoder import RADIUS, Decoder, sample_planes
from bozzetto.inference.engines.triposr.engine import TriposrEngine
from bozzetto.inference.engines.triposr.field import DISTANCE, VIEW, TriplaneField
from bozzetto.inference.engines.triposr.network import (
    UNUSED,
    encode_picture,
    make_empty_network,
    read_picture,
)
from bozzetto.inference.engines.triposr.preprocess import prepare_cutout, resize_picture
from bozzetto.inference.engines.triposr.vit import interpolate_positions
from bozzetto.inference.engines.triposr.volume import LOG_THRESHOLD, TriplaneVolume
from bozzetto.inference.engines.triposr.weights_flow import WeightsFlow
from bozzetto.inference.errors import Cancelled
from bozzetto.inference.settings import GenerateSettings
from bozzetto.inference.types import Cancel, Cutout, no_progress
from bozzetto.inference.weights import hash_file

pytestmark = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="the parity fixtures are not beside this checkout"
)
CPU = torch.device("cpu")
VIT, BACKBONE = "image_tokenizer.model", "backbone"


@pytest.fixture(scope="module")
def data():
    with np.load(FIXTURES / "forward.npz") as file:
        return dict(file)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A full-size model.ckpt whose hash is taken for the published one, and our copy of it."""
    folder = tmp_path_factory.mktemp("triposr")
    path = folder / "model.ckpt"
    torch.save(draw_state(), path)
    with pytest.MonkeyPatch.context() as patch:
        digest = hash_file(path)
        for module in (checkpoint, convert):
            patch.setattr(module, "OFFICIAL_SHA256", digest)
        smaller = folder / "triposr.safetensors"
        assert convert.convert_checkpoint(path, smaller) == smaller.stat().st_size
        yield path, smaller
    path.unlink()
    smaller.unlink()


@pytest.fixture(scope="module")
def tensors(files):
    return checkpoint.load_checkpoint(files[0]).tensors


@pytest.fixture(scope="module")
def copy(files):
    return checkpoint.load_checkpoint(files[1])


@pytest.fixture(scope="module")
def picture():
    return resize_picture(np.array(Image.open(FIXTURES / "preprocessed.png")))


@pytest.fixture(scope="module")
def seen(tensors, picture):
    """What every module put out on the way, and the planes."""
    network = make_empty_network()
    wanted = {
        f"{VIT}.embeddings.patch_embeddings": "vit.patch_projection",
        f"{VIT}.embeddings": "vit.embeddings_plus_pos",
        **{f"{VIT}.encoder.layer.{n}": f"vit.layer_{n}" for n in (0, 5, 11)},
        f"{VIT}.layernorm": "image_tokens",
        f"{BACKBONE}.norm": "backbone.norm",
        f"{BACKBONE}.proj_in": "backbone.proj_in",
        **{
            f"{BACKBONE}.transformer_blocks.0.{n}": f"backbone.block_0.{n}"
            for n in ("attn1", "attn2", "ff")
        },
        **{f"{BACKBONE}.transformer_blocks.{n}": f"backbone.block_{n}" for n in (0, 7, 15)},
    }
    found = {}
    for place, name in wanted.items():
        network.get_submodule(place).register_forward_hook(
            lambda _m, _i, out, name=name: found.__setitem__(name, out[0].clone())
        )
    network.post_processor.register_forward_hook(
        lambda _m, inputs, _o: found.__setitem__("backbone.output", inputs[0][0].clone())
    )
    fractions = []
    planes = encode_picture(network, WeightsFlow(network, tensors, CPU), picture, fractions.append)
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1], len(fractions)) == (0.0, 1.0, 1 + 12 + 16 + 1)
    assert all(parameter.is_meta for parameter in network.parameters())  # nothing stayed
    found["scene_codes"] = planes
    return found


@pytest.fixture(scope="module")
def decoder(tensors):
    made = Decoder().requires_grad_(False)
    made.load_state_dict(
        {k.removeprefix("decoder."): v for k, v in tensors.items() if k.startswith("decoder.")}
    )
    return made


def test_positions_are_resized_with_the_published_scale(tensors, data):
    positions = interpolate_positions(tensors[f"{VIT}.embeddings.position_embeddings"], 32)
    assert_probe(data, "vit.pos_interpolated", positions[0], 2e-5)


@pytest.mark.parametrize(
    "name", ["patch_projection", "embeddings_plus_pos", "layer_0", "layer_5", "layer_11"]
)
def test_image_network(seen, data, name):
    assert_probe(data, f"vit.{name}", seen[f"vit.{name}"], 2e-5)


def test_image_tokens(seen, data):
    tokens = seen["image_tokens"]
    assert_probe(data, "image_tokens", tokens.T[None], 2e-5)
    assert abs(tokens[::41, ::16].numpy() - data["image_tokens.strided"]).max() <= 2e-5


@pytest.mark.parametrize(
    "name",
    ["norm", "proj_in", "block_0.attn1", "block_0.attn2", "block_0.ff", "block_0", "block_7",
     "block_15", "output"],
)  # fmt: skip
def test_triplane_transformer(seen, data, name):
    assert_probe(data, f"backbone.{name}", seen[f"backbone.{name}"], 3e-5)


def test_scene_codes(seen, data):
    planes = seen["scene_codes"]
    assert_probe(data, "scene_codes", planes, 3e-5)
    assert abs(planes[:, ::5, ::8, ::8].numpy() - data["scene_codes.strided"]).max() <= 3e-5


def test_points(seen, decoder, data):
    """By the plain decoder, and folded as the field asks it."""
    points = torch.from_numpy(data["points"])
    plain = decoder(sample_planes(seen["scene_codes"], points / RADIUS))
    volume = TriplaneVolume(seen["scene_codes"], decoder)
    for answer in (plain, volume.decode(points)):
        assert abs(answer[:, 0].numpy() - data["density_pre"]).max() <= 1e-3
    density, wanted = volume.log_density(points).exp().numpy(), data["density"]
    assert (abs(density - wanted) <= 1e-3 * (1 + wanted)).all()
    assert abs(volume.colour(points).numpy() - data["color"]).max() <= 2e-4


def test_points_beyond_the_planes(seen, decoder, data):
    volume = TriplaneVolume(seen["scene_codes"], decoder)
    density = volume.log_density(torch.from_numpy(data["points_outside"])).exp().numpy()
    wanted = data["density_outside"]
    assert (abs(density - wanted) <= 1e-3 * (1 + wanted)).all()


def test_grid(seen, decoder, data):
    axis = torch.linspace(0, 1, 64) * 2 * RADIUS - RADIUS
    volume = TriplaneVolume(seen["scene_codes"], decoder)
    density = volume.log_density(torch.cartesian_prod(axis, axis, axis)).exp().numpy()
    wanted = data["grid64.density.val"]
    apart = abs(density[data["grid64.density.idx"]] - wanted)
    assert (apart <= 2e-3 * (1 + wanted)).all()
    assert (density > 25).sum() == data["grid64.count_above_25"]


def test_view_of_the_picture_is_the_published_render(seen, decoder, data):
    """The field's own pinhole and turn, rendered as the published renderer does it."""
    volume = TriplaneVolume(seen["scene_codes"], decoder)
    field = TriplaneField(volume)
    assert field.found
    pinhole = field.pinhole
    for side, name in ((8, "rays"), (32, "render32")):
        place = ((torch.arange(side) + 0.5) / side * 2 - 1) * pinhole.half_side
        up, right = torch.meshgrid(-place, place, indexing="ij")
        axes = torch.tensor(pinhole.axes)
        rays = right[..., None] * axes[0] + up[..., None] * axes[1] + axes[2]
        eye = torch.tensor(pinhole.eye)[None]
        start = field._locate(eye)
        ends = field._locate(eye + rays.reshape(-1, 3))
        rays = torch.nn.functional.normalize(ends - start).view(side, side, 3)
        if name == "rays":
            assert abs(rays.numpy() - data["rays_d"][0]).max() <= 1e-5
            assert abs(start.numpy() - data["rays_o"][0, 0, 0]).max() <= 1e-5
            assert start[0].tolist() == pytest.approx([DISTANCE, 0, 0], abs=1e-5)
        else:
            assert abs(render(volume, start[0], rays).numpy() - data["render32"]).max() <= 2e-3
    assert pinhole.half_side == pytest.approx(math.tan(math.radians(VIEW / 2)))


def render(volume, start, rays, samples=128):
    """Mildenhall et al., NeRF (2020), equation 3, between a ray's ends in the box, over white.

    As in the published renderer step lengths count as shares of the ray, and its ends lie a
    thousandth inside of the box.
    """
    half = 0.999 * RADIUS
    first, second = (-half - start) / rays, (half - start) / rays
    near = torch.minimum(first, second).amax(-1).clamp(min=0)
    far = torch.maximum(first, second).amin(-1)
    share = (torch.arange(samples) + 0.5) / samples
    depth = near[..., None] * (1 - share) + far[..., None] * share
    points = (start + depth[..., None] * rays[..., None, :]).reshape(-1, 3)
    density = volume.log_density(points).exp().view(depth.shape)
    alpha = 1 - (-density / samples).exp()
    passed = torch.cumprod(1 - alpha + 1e-10, -1)
    weight = alpha * torch.cat((torch.ones_like(passed[..., :1]), passed[..., :-1]), -1)
    weight = weight * (far > near)[..., None]
    colour = (weight[..., None] * volume.colour(points).view(*depth.shape, 3)).sum(-2)
    return colour + 1 - weight.sum(-1, keepdim=True)


def test_copy_holds_the_same_numbers(files, copy, tensors):
    """Every kept tensor, to half precision or exactly; half the size."""
    assert copy.source_sha256 == hash_file(files[0])
    assert copy.sha256 == hash_file(files[1])
    assert set(tensors) - set(copy.tensors) == {k for k in tensors if k.startswith(UNUSED)}
    assert files[1].stat().st_size < 0.52 * files[0].stat().st_size
    for key, stored in copy.tensors.items():
        assert torch.equal(stored, tensors[key].to(stored.dtype)), key
    assert {t.dtype for t in copy.tensors.values()} == {torch.float16, torch.float32}


def test_image_network_from_the_copy(copy, picture, seen):
    """float16 weights, float32 arithmetic; resident and streamed are the same to the bit."""
    found = []
    for resident in (False, True):
        network = make_empty_network()
        flow = WeightsFlow(network, copy.tensors, CPU, resident=resident)
        found.append(read_picture(network, flow, picture, lambda _: None)[0])
        layer = network.image_tokenizer.model.encoder.layer[3]
        assert layer.output.dense.weight.is_meta != resident
    assert torch.equal(*found)
    away = (found[0] - seen["image_tokens"]).abs()
    print(
        f"image tokens from float16 weights: {away.max():.1e} apart, {away.mean():.1e} on average"
    )
    assert away.max() < 0.01


def test_engine_from_a_cutout(files, seen, monkeypatch):
    """The engine's own way, its network's answer taken from the pass above."""
    square = np.zeros((512, 512, 4), np.float32)
    square[..., :3], square[100:400, 40:480, 3] = (0.8, 0.4, 0.2), 1
    given = []

    def answer(_network, _flow, prepared, step):
        given.append(prepared)
        step(0.5)
        return seen["scene_codes"]

    monkeypatch.setattr(engine, "encode_picture", answer)
    made = TriposrEngine(str(files[1]), "cpu")
    assert made.weights_hash == hash_file(files[1])
    cutout = Cutout(square, (0.0, 0.0, 512.0), (512, 512), "thing")
    settings = GenerateSettings(category="chair", facing="left")
    told = []

    def encode(**changes):
        options = {
            "generator": torch.Generator(),
            "progress": lambda *step: told.append(step),
            "cancel": Cancel(),
        }
        return made.encode(cutout, settings, **{**options, **changes})

    candidates = encode()
    assert torch.equal(given[0], prepare_cutout(square))
    assert [phase for phase, _ in told] == ["encode"] * len(told)
    assert told[-1][1] == 1.0
    assert (candidates[0].category, candidates[0].diagonal) == ("chair", 1.1)
    field = candidates[0].field
    assert candidates[0].pinhole.axes[2] == pytest.approx((-1, 0, 0), abs=1e-6)  # seen from +X
    assert candidates[0].camera.azimuth == 90.0
    points = torch.rand(500, 3) * 0.6 - 0.3
    volume = TriplaneVolume(seen["scene_codes"], made._decoder)
    wanted = (volume.log_density(field._locate(points)) - LOG_THRESHOLD).sigmoid()
    assert torch.allclose(field.occupancy(points), wanted, atol=1e-6)
    stopped = Cancel()
    stopped.set()
    with pytest.raises(Cancelled):
        encode(cancel=stopped, progress=no_progress)
