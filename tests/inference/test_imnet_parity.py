"""The networks give the published code's numbers (fixtures: recipe weights, no checkpoint)."""

import json
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional

from bozzetto.inference.engines.imnet.networks import (
    Architecture,
    AutoEncoder,
    SingleView,
    clip_output,
    encode_points,
)
from bozzetto.inference.engines.imnet.picture import blend_over_white, convert_to_grey

FIXTURES = Path(__file__).resolve().parents[2] / ".." / "shared" / "fixtures"
pytestmark = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason="the parity fixtures are not beside this checkout"
)


def recipe_tensor(key, shape, recipe):
    if key in recipe["fill"]:
        return torch.full(shape, recipe["fill"][key])
    draw = np.random.default_rng(zlib.crc32(key.encode()))
    x = draw.standard_normal(shape, dtype=np.float32)
    leaf = key.rsplit(".", 1)[-1]
    tenth = np.float32(0.1)
    if leaf == "running_var":
        x = 1 + tenth * abs(x)
    elif leaf == "running_mean" or (x.ndim == 1 and leaf != "weight"):
        x = tenth * x
    elif x.ndim == 1:
        x = 1 + tenth * x
    else:
        gain = next(gain for pattern, gain in recipe["gain"] if re.search(pattern, key))
        x = x * np.float32(gain / np.sqrt(np.prod(shape[1:])))
    return torch.from_numpy(x)


@pytest.fixture(scope="module")
def recipe_state():
    recipe = json.loads((FIXTURES / "recipe.json").read_text())["networks"]["im_svr"]
    with torch.device("meta"):
        layout = SingleView(Architecture()).state_dict()
    return {
        key: recipe_tensor(key, tuple(t.shape), recipe)
        if t.is_floating_point()
        else torch.tensor(0)
        for key, t in layout.items()
    }


@pytest.fixture(scope="module")
def network(recipe_state):
    model = SingleView(Architecture())
    model.load_state_dict(recipe_state)
    return model.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def forward():
    with np.load(FIXTURES / "im_svr" / "forward.npz") as data:
        return dict(data)


def assert_probe(data, name, tensor, tolerance):
    values = tensor.numpy().reshape(-1)
    assert tuple(data[f"{name}.shape"]) == tuple(tensor.shape)
    mean, std, total, low, high = data[f"{name}.stats"]
    allowed = tolerance * max(1.0, std)
    difference = abs(values[data[f"{name}.idx"]] - data[f"{name}.val"]).max()
    assert difference <= allowed, f"{name}: {difference} > {allowed}"
    double = values.astype(np.float64)
    found = [double.std(), abs(double).sum(), double.min(), double.max()]
    assert found == pytest.approx([std, total, low, high], rel=1e-4, abs=allowed)
    assert double.mean() == pytest.approx(mean, rel=1e-4, abs=allowed)


def test_recipe_weights_are_the_fixtures_own(recipe_state):
    listing = json.loads((FIXTURES / "im_svr" / "keys.json").read_text())
    assert [entry["key"] for entry in listing["tensors"]] == list(recipe_state)
    for entry in listing["tensors"]:
        tensor = recipe_state[entry["key"]]
        assert list(tensor.shape) == entry["shape"]
        assert tensor.double().sum().item() == pytest.approx(entry["sum"], rel=1e-9, abs=1e-6)
        assert tensor.flatten()[:3].tolist() == pytest.approx(entry["first"], rel=1e-6)


def test_parameter_counts_are_the_published_ones():
    with torch.device("meta"):
        single, auto = SingleView(Architecture()), AutoEncoder(Architecture())
    assert sum(p.numel() for p in single.parameters()) == 20_517_569
    assert len(single.state_dict()) == 142
    assert sum(p.numel() for p in auto.parameters()) == 10_003_713
    assert len(auto.state_dict()) == 20


def test_grey_conversion_is_exact(forward):
    pixels = np.array(Image.open(FIXTURES / "im_svr" / "input_137.png"))
    grey = blend_over_white(convert_to_grey(pixels[..., :3]), pixels[..., 3])[4:132, 4:132]
    assert np.array_equal(grey, forward["grey_u8"])
    assert np.array_equal(grey.astype(np.float32)[None, None] / 255, forward["input"])


def test_image_encoder_agrees_layer_by_layer(network, forward):
    names = ["bn_0", *(f"res_{n}" for n in range(1, 9)), "bn_9", "conv_10"]
    seen = {}
    hooks = [
        getattr(network.img_encoder, name).register_forward_hook(
            lambda _m, _i, out, name=name: seen.__setitem__(name, out.clone())
        )
        for name in names
    ]
    z = network.img_encoder(torch.from_numpy(forward["input"]))[0]
    for hook in hooks:
        hook.remove()
    for name in names:
        assert_probe(forward, f"img_encoder.{name}", seen[name], 2e-5)
    assert abs(z.numpy() - forward["z"]).max() <= 1e-5


def test_decoder_agrees_layer_by_layer(network, forward):
    points, z = torch.from_numpy(forward["points"]), torch.from_numpy(forward["z"])
    seen = {}
    hooks = [
        getattr(network.generator, f"linear_{n}").register_forward_hook(
            lambda _m, inputs, out, n=n: seen.update({n: out[0].clone(), (n, 0): inputs[0][0]})
        )
        for n in range(2, 8)
    ]
    output = network.generator(points[None], z[None])[0]
    for hook in hooks:
        hook.remove()
    for n in range(2, 7):
        assert_probe(forward, f"generator.linear_{n}", seen[n], 2e-5)
    first = functional.linear(
        torch.cat((points, z.expand(len(points), -1)), 1),
        network.generator.linear_1.weight,
        network.generator.linear_1.bias,
    )
    assert_probe(forward, "generator.linear_1", first, 2e-5)
    assert torch.allclose(seen[2, 0], functional.leaky_relu(first, 0.02), atol=1e-5)
    assert abs(seen[7].squeeze(-1).numpy() - forward["generator.linear_7"]).max() <= 1e-4
    assert abs(output.numpy() - forward["output"]).max() <= 1e-4


def test_folded_decoder_agrees(network, forward):
    folded = network.generator.fold(torch.from_numpy(forward["z"]))
    values = folded(torch.from_numpy(forward["points"]))
    assert abs(values.numpy() - forward["output"]).max() <= 1e-4


def test_clip_keeps_a_slope_outside():
    h = torch.tensor([-2.0, 0.0, 0.25, 1.0, 3.0])
    assert torch.allclose(clip_output(h), torch.tensor([-0.02, 0.0, 0.25, 1.0, 1.02]))


def test_fourier_features_keep_the_points_first():
    points = torch.tensor([[0.25, -0.5, 0.125]])
    features = encode_points(points, 2)
    assert features.shape == (1, 15)
    assert torch.equal(features[:, :3], points)
    assert features[0, 3].item() == pytest.approx(1.0)  # sin(2 pi 0.25)
    assert features[0, 6].item() == pytest.approx(0.0, abs=1e-6)  # sin(4 pi 0.25)
    assert torch.equal(encode_points(points, 0), points)
