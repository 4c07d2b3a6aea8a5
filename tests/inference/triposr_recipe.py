"""TripoSR's weights as the fixtures' recipe draws them from the names of the tensors."""

import json
import re
import zlib
from pathlib import Path

import numpy as np
import torch

from bozzetto.inference.engines.triposr.network import list_tensors

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "fixtures"
FIXTURES = SHARED / "triposr"


def draw_tensor(key, shape, recipe):
    """float32 [*shape]: rule 3 of the fixtures' README (the network has no other entries)."""
    draw = np.random.default_rng(zlib.crc32(key.encode()))
    x = draw.standard_normal(shape, dtype=np.float32)
    leaf = key.rsplit(".", 1)[-1]
    if x.ndim == 1:
        x *= np.float32(0.1)
        if leaf == "weight":
            x += 1
    elif leaf != "weight":
        x *= np.float32(0.5)
    else:
        gain = next(gain for pattern, gain in recipe["gain"] if re.search(pattern, key))
        strides = [s for pattern, s in recipe["conv_transpose"].items() if re.search(pattern, key)]
        fan = np.prod(shape[1:])
        if strides:
            fan = shape[0] * np.prod(shape[2:]) / strides[0] ** 2
        x *= np.float32(gain / np.sqrt(fan))
    return torch.from_numpy(x)


def draw_state():
    """All tensors of the published layout, 1.7 GB."""
    recipe = json.loads((SHARED / "recipe.json").read_text())["networks"]["triposr"]
    return {key: draw_tensor(key, spec.shape, recipe) for key, spec in list_tensors().items()}


def assert_probe(data, name, tensor, tolerance):
    """The fixtures' pass rule for a probe; the worst difference is in the message."""
    assert tuple(data[f"{name}.shape"]) == tuple(tensor.shape), name
    values = tensor.float().numpy().reshape(-1)
    mean, std, total, low, high = data[f"{name}.stats"]
    found = values[data[f"{name}.idx"]]
    worst = abs(found.astype(np.float64) - data[f"{name}.val"]).max()
    assert worst <= tolerance * max(1, std), f"{name}: {worst:.2e} at std {std:.2f}"
    wide = values.astype(np.float64)
    assert np.isclose(abs(wide).sum(), total, rtol=1e-4), name
    assert np.isclose(wide.std(), std, rtol=1e-4), name
    for value, wanted in ((wide.mean(), mean), (wide.min(), low), (wide.max(), high)):
        assert abs(value - wanted) <= 1e-4 * max(abs(wanted), std), name
