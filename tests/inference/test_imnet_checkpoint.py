"""Files to networks: the published layouts, our own, and every way they can be wrong."""

import json

import pytest
import torch
from safetensors.torch import save_file

from bozzetto.inference.engines.imnet.checkpoint import (
    FORMAT,
    FORMAT_VERSION,
    load_autoencoder,
    load_bundled,
    load_checkpoint,
)
from bozzetto.inference.engines.imnet.networks import Architecture, AutoEncoder, SingleView
from bozzetto.inference.errors import WeightsError
from bozzetto.inference.weights import hash_file

SMALL = Architecture(
    latent=8, decoder=(8, 8, 8, 6, 4, 4), frequencies=2, voxel_encoder=(2, 2, 2, 2), image_base=2,
    image_channels=2,
)  # fmt: skip


def own_parts(seed=0):
    torch.manual_seed(seed)
    tensors = {
        key: value.half() if value.ndim > 1 else value
        for key, value in SingleView(SMALL).state_dict().items()
        if value.is_floating_point()
    }
    tensors["bank.latents"] = torch.rand(4, 8).half()
    tensors["bank.classes"] = torch.tensor([0, 0, 1, 1], dtype=torch.uint8)
    metadata = {
        "version": FORMAT_VERSION,
        "architecture": SMALL.to_dict(),
        "classes": ["chair", "car"],
        "diagonals": {"chair": 1.25, "car": 4.5},
        "level": 0.45,
        "pull": 0.25,
        "bank": 4,
    }
    return tensors, metadata


def write_own(path, tensors, metadata, name=FORMAT):
    save_file(tensors, str(path), metadata={name: json.dumps(metadata)})
    return path


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Full-width checkpoints in the published layouts, random numbers in them."""
    folder = tmp_path_factory.mktemp("published")
    torch.manual_seed(0)
    single, auto = SingleView(Architecture()), AutoEncoder(Architecture())
    paths = folder / "IM_SVR.model-1000.pth", folder / "IM_AE.model64-200.pth"
    torch.save(single.state_dict(), paths[0], _use_new_zipfile_serialization=False)
    torch.save(auto.state_dict(), paths[1])
    return paths


def test_published_single_view_loads(published):
    loaded = load_checkpoint(published[0])
    state = torch.load(published[0], weights_only=True)
    assert all(torch.equal(value, state[key]) for key, value in loaded.model.state_dict().items())
    assert len(state) == 142
    assert loaded.y_up
    assert loaded.bank is None
    assert loaded.sha256 == hash_file(published[0])
    assert not loaded.model.training


def test_published_autoencoder_loads_as_what_it_is(published):
    model = load_autoencoder(published[1])
    state = torch.load(published[1], weights_only=True)
    assert len(state) == 20
    assert all(torch.equal(value, state[key]) for key, value in model.state_dict().items())


def test_autoencoder_alone_cannot_read_pictures(published):
    with pytest.raises(WeightsError, match="no picture encoder") as caught:
        load_checkpoint(published[1])
    assert "IM_SVR" in caught.value.fix


def test_a_layer_of_another_width_is_named(published, tmp_path):
    state = torch.load(published[0], weights_only=True)
    state["generator.linear_1.weight"] = torch.zeros(1024, 131)  # the paper's first version, z 128
    path = tmp_path / "old.pth"
    torch.save(state, path)
    with pytest.raises(WeightsError, match=r"generator\.linear_1\.weight.*1024, 131.*1024, 259"):
        load_checkpoint(path)


def test_another_network_is_refused(tmp_path):
    path = tmp_path / "resnet.pth"
    torch.save({"conv1.weight": torch.zeros(64, 3, 7, 7)}, path)
    with pytest.raises(WeightsError, match=r"lacks 'img_encoder\.conv_0\.weight'"):
        load_checkpoint(path)


def test_own_file_comes_back(tmp_path):
    tensors, metadata = own_parts()
    loaded = load_checkpoint(write_own(tmp_path / "x.safetensors", tensors, metadata))
    state = loaded.model.state_dict()
    assert all(
        torch.equal(state[key], value.float())
        for key, value in tensors.items()
        if not key.startswith("bank.")
    )
    assert {value.dtype for value in state.values()} == {torch.float32, torch.int64}
    assert loaded.architecture == SMALL
    assert loaded.level == 0.45
    assert loaded.diagonals == {"chair": 1.25, "car": 4.5}
    assert loaded.bank.names == ("chair", "car")
    assert torch.equal(loaded.bank.latents, tensors["bank.latents"].float())
    assert not loaded.y_up


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("level", float("nan")), ("level", 2), ("levels", {"car": 1.5}), ("levels", [1]),
        ("pull", -1), ("bank", 10**12), ("bank", "x"),
        ("classes", 7), ("diagonals", {"chair": -1.0}), ("diagonals", []), ("architecture", {}),
        ("architecture", {"latent": 10**9}), ("architecture", {"shape": 1}), ("architecture", None),
        ("architecture", {"decoder": [8, 8]}), ("architecture", {"decoder": "wide"}),
        ("version", 2), ("version", None),
    ],
)  # fmt: skip
def test_metadata_that_makes_no_sense(tmp_path, key, value):
    tensors, metadata = own_parts()
    metadata[key] = value
    with pytest.raises(WeightsError):
        load_checkpoint(write_own(tmp_path / "x.safetensors", tensors, metadata))


@pytest.mark.parametrize("key", ["version", "architecture", "classes", "level", "bank"])
def test_metadata_that_is_missing(tmp_path, key):
    tensors, metadata = own_parts()
    del metadata[key]
    with pytest.raises(WeightsError):
        load_checkpoint(write_own(tmp_path / "x.safetensors", tensors, metadata))


def test_someone_elses_safetensors(tmp_path):
    tensors, metadata = own_parts()
    path = write_own(tmp_path / "x.safetensors", tensors, metadata, name="format")
    with pytest.raises(WeightsError, match="describes none"):
        load_checkpoint(path)


def test_bank_with_an_unknown_class(tmp_path):
    tensors, metadata = own_parts()
    tensors["bank.classes"] = torch.tensor([0, 0, 1, 9], dtype=torch.uint8)
    with pytest.raises(WeightsError, match="unknown class"):
        load_checkpoint(write_own(tmp_path / "x.safetensors", tensors, metadata))


@pytest.mark.parametrize("key", ["generator.linear_3.bias", "bank.latents"])
def test_nan_in_own_file(tmp_path, key):
    tensors, metadata = own_parts()
    tensors[key].view(-1)[1] = float("nan")
    with pytest.raises(WeightsError, match="not finite"):
        load_checkpoint(write_own(tmp_path / "x.safetensors", tensors, metadata))


@pytest.fixture
def bundle(tmp_path):
    path = write_own(tmp_path / "imnet.safetensors", *own_parts())
    path.with_suffix(".json").write_text(json.dumps({"sha256": hash_file(path)}))
    return path


def test_bundle_with_its_hash_loads(bundle):
    assert load_bundled(bundle).sha256 == hash_file(bundle)


def test_bundle_with_another_hash_is_refused(bundle):
    write_own(bundle, *own_parts(seed=1))
    with pytest.raises(WeightsError, match="wrong hash") as caught:
        load_bundled(bundle)
    assert "Reinstall" in caught.value.fix


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"sha256": 7}'])
def test_bundle_without_a_sound_record_is_refused(bundle, text):
    bundle.with_suffix(".json").write_text(text)
    with pytest.raises(WeightsError):
        load_bundled(bundle)


def test_bundle_that_is_not_there(bundle):
    bundle.unlink()
    with pytest.raises(WeightsError, match="no file"):
        load_bundled(bundle)
