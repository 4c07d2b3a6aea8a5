"""Checkpoints from outside: each bad one is refused with its own message, and nothing runs."""

import os
import pickle
import struct
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from bozzetto.inference.errors import WeightsError
from bozzetto.inference.weights import (
    TensorSpec,
    check_tensors,
    hash_file,
    read_safetensors,
    read_torch_checkpoint,
)

STATE = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.ones(2)}
READERS = [(read_torch_checkpoint, "x.pth"), (read_safetensors, "x.safetensors")]


def write(path: Path, state=STATE) -> Path:
    if path.suffix == ".safetensors":
        save_file(state, str(path), metadata={"who": "me"})
    else:
        torch.save(state, path)
    return path


class Bomb:
    """Unpickled without care, it makes a folder."""

    def __init__(self, target: Path):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


def test_safetensors_come_back(tmp_path):
    tensors, metadata = read_safetensors(write(tmp_path / "x.safetensors"))
    assert metadata == {"who": "me"}
    assert tensors.keys() == STATE.keys()
    assert all(torch.equal(tensors[key], STATE[key]) for key in STATE)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy pickle"])
def test_torch_checkpoints_come_back(tmp_path, zipped):
    path = tmp_path / "x.pth"
    torch.save(STATE, path, _use_new_zipfile_serialization=zipped)
    tensors = read_torch_checkpoint(path)
    assert all(torch.equal(tensors[key], STATE[key]) for key in STATE)


@pytest.mark.parametrize(("read", "name"), READERS)
def test_missing_file_says_so(tmp_path, read, name):
    with pytest.raises(WeightsError, match="no file"):
        read(tmp_path / name)


@pytest.mark.parametrize(("read", "name"), READERS)
def test_folder_names_what_to_choose(tmp_path, read, name):
    with pytest.raises(WeightsError, match=r"folder.*\.pth or \.safetensors"):
        read(tmp_path)


@pytest.mark.parametrize(("read", "name"), READERS)
def test_empty_file(tmp_path, read, name):
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(WeightsError, match="is empty"):
        read(tmp_path / name)


@pytest.mark.parametrize(("read", "name"), READERS)
def test_the_text_file_called_checkpoint(tmp_path, read, name):
    path = tmp_path / "checkpoint"
    path.write_text("checkpoint/all_vox256_img_svr_128/IM_SVR.model-1000.pth\n")
    with pytest.raises(WeightsError, match=r"text file.*only lists"):
        read(path)


@pytest.mark.parametrize(("read", "name"), READERS)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_truncated_file(tmp_path, read, name, share):
    path = write(tmp_path / name, {"a": torch.randn(64, 64)})
    data = path.read_bytes()
    path.write_bytes(data[: max(1, int(len(data) * share))])
    with pytest.raises(WeightsError, match=r"Copy it again|copy it again|original checkpoint"):
        read(path)


@pytest.mark.parametrize(("read", "name"), READERS)
def test_noise_is_no_checkpoint(tmp_path, read, name):
    path = tmp_path / name
    path.write_bytes(bytes(range(256)) * 40)
    with pytest.raises(WeightsError):
        read(path)


@pytest.mark.parametrize(("read", "name"), READERS)
def test_too_large_file_is_not_read(tmp_path, read, name):
    path = write(tmp_path / name, {"a": torch.zeros(300_000)})
    with pytest.raises(WeightsError, match="1 MB"):
        read(path, limit=1_000_000)


@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy pickle"])
def test_pickle_with_code_does_not_run(tmp_path, zipped):
    target = tmp_path / "made_by_the_pickle"
    path = tmp_path / "evil.pth"
    torch.save({"a": torch.ones(1), "b": Bomb(target)}, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError, match="refused for safety"):
        read_torch_checkpoint(path)
    assert not target.exists()


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_plain_pickle_with_code_does_not_run(tmp_path, protocol):
    target = tmp_path / "made_by_the_pickle"
    path = tmp_path / "evil.pth"
    path.write_bytes(pickle.dumps(Bomb(target), protocol=protocol))
    with pytest.raises(WeightsError):
        read_torch_checkpoint(path)
    assert not target.exists()
    with path.open("rb") as file:
        pickle.load(file)  # the bomb is a real one
    assert target.exists()


def test_zip_bomb_is_seen_before_it_is_unpacked(tmp_path):
    path = tmp_path / "bomb.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x/data.pkl", b"\0" * 30_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(WeightsError, match="unpack to 30 MB"):
        read_torch_checkpoint(path, limit=1_000_000)


def test_huge_shape_in_safetensors_is_refused(tmp_path):
    header = b'{"a":{"dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4000000000000]}}'
    path = tmp_path / "huge.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + b"\0" * 16)
    with pytest.raises(WeightsError, match="not an intact safetensors file"):
        read_safetensors(path)


def test_tensor_that_claims_to_be_huge_is_refused_by_its_shape(tmp_path):
    path = tmp_path / "huge.pth"
    torch.save({"a": torch.ones(1).expand(1 << 40)}, path)
    assert path.stat().st_size < 10_000
    tensors = read_torch_checkpoint(path)
    with pytest.raises(WeightsError, match="has shape"):
        check_tensors(tensors, {"a": TensorSpec((1,))}, "a test")


@pytest.mark.parametrize("data", [[torch.ones(1)], {"state": {"a": torch.ones(1)}}, {1: 2}, 7])
def test_other_contents_are_refused(tmp_path, data):
    path = tmp_path / "x.pth"
    torch.save(data, path)
    with pytest.raises(WeightsError, match="no plain dictionary of tensors"):
        read_torch_checkpoint(path)


def test_check_names_the_first_wrong_tensor():
    expected = {"a.weight": TensorSpec((2, 3)), "a.bias": TensorSpec((2,))}
    check_tensors(STATE, expected, "a test")
    with pytest.raises(WeightsError, match=r"lacks 'a\.bias'"):
        check_tensors({"a.weight": STATE["a.weight"]}, expected, "a test")
    with pytest.raises(WeightsError, match=r"unexpected tensor 'z'"):
        check_tensors({**STATE, "z": torch.ones(1)}, expected, "a test")
    with pytest.raises(WeightsError, match=r"'a\.bias' has shape \[3\], a test has \[2\]"):
        check_tensors({**STATE, "a.bias": torch.ones(3)}, expected, "a test")
    with pytest.raises(WeightsError, match=r"'a\.bias' has the type torch\.int64"):
        check_tensors({**STATE, "a.bias": torch.ones(2).long()}, expected, "a test")
    with pytest.raises(WeightsError, match=r"'a\.bias' has the type .*sparse"):
        check_tensors({**STATE, "a.bias": torch.ones(2).to_sparse()}, expected, "a test")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite(value):
    bad = {**STATE, "a.bias": torch.tensor([1.0, value])}
    with pytest.raises(WeightsError, match=r"'a\.bias' holds values that are not finite"):
        check_tensors(bad, {key: TensorSpec(tuple(t.shape)) for key, t in STATE.items()}, "a test")


def test_hash_is_sha256(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    assert hash_file(tmp_path / "x").startswith("ba7816bf8f01cfea")
