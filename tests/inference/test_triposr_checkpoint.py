"""What is taken for TripoSR's weights, and what is not. Files are small: tensors of one number."""

import json

import pytest
import torch
from safetensors.torch import save_file

from bozzetto.inference.engines.triposr import checkpoint, convert
from bozzetto.inference.engines.triposr.engine import TriposrEngine
from bozzetto.inference.engines.triposr.network import list_tensors
from bozzetto.inference.errors import Cancelled, WeightsError
from bozzetto.inference.types import Cancel
from bozzetto.inference.weights import hash_file


@pytest.fixture(scope="module")
def layout():
    return list_tensors()


@pytest.fixture
def state(layout):
    """All tensors in their shapes; each takes the room of one number in a file."""
    return {key: torch.full((), 0.5).expand(spec.shape) for key, spec in layout.items()}


@pytest.fixture
def publish(tmp_path, monkeypatch):
    """Save something, and take its hash for the published one."""

    def save(content):
        path = tmp_path / "model.ckpt"
        torch.save(content, path)
        for module in (checkpoint, convert):
            monkeypatch.setattr(module, "OFFICIAL_SHA256", hash_file(path))
        return path

    return save


def test_layout_is_the_published_one(layout):
    assert len(layout) == 549
    assert sum(torch.Size(spec.shape).numel() for spec in layout.values()) == 419_275_628


def test_published_layout_loads(publish, state):
    path = publish(state)
    loaded = checkpoint.load_checkpoint(path)
    assert list(loaded.tensors) == list(state)
    assert loaded.sha256 == loaded.source_sha256 == hash_file(path)


def test_another_hash_is_refused_before_anything_is_unpacked(tmp_path, state, monkeypatch):
    path = tmp_path / "model.ckpt"
    torch.save(state, path)
    monkeypatch.setattr(torch, "load", lambda *_, **__: pytest.fail("unpacked"))
    with pytest.raises(WeightsError, match="not TripoSR's published") as caught:
        checkpoint.load_checkpoint(path)
    assert "model.ckpt" in caught.value.fix


def test_truncated_file_is_refused(publish, state):
    path = publish(state)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(WeightsError, match="not all of it"):
        checkpoint.load_checkpoint(path)


def test_truncated_container_is_refused(publish, state, monkeypatch):
    """Even if its hash were the right one."""
    path = publish(state)
    path.write_bytes(path.read_bytes()[:-100])
    monkeypatch.setattr(checkpoint, "OFFICIAL_SHA256", hash_file(path))
    with pytest.raises(WeightsError, match="cannot be read"):
        checkpoint.load_checkpoint(path)


class Hostile:
    def __reduce__(self):
        return print, ("this must not run",)


def test_code_in_a_pickle_is_refused(publish, capsys):
    path = publish({"tokenizer.embeddings": Hostile()})
    with pytest.raises(WeightsError, match="cannot be read"):
        checkpoint.load_checkpoint(path)
    assert "must not run" not in capsys.readouterr().out


@pytest.mark.parametrize("content", [[1, 2], {"a": 1}, {"state_dict": {"a": torch.ones(1)}}])
def test_what_holds_no_tensors_is_refused(publish, content):
    with pytest.raises(WeightsError, match="no plain dictionary"):
        checkpoint.load_checkpoint(publish(content))


def test_missing_key_is_named(publish, state):
    del state["backbone.proj_in.bias"]
    with pytest.raises(WeightsError, match=r"lacks 'backbone\.proj_in\.bias'"):
        checkpoint.load_checkpoint(publish(state))


def test_unexpected_key_is_named(publish, state):
    state["renderer.bias"] = torch.zeros(1)
    with pytest.raises(WeightsError, match=r"unexpected tensor 'renderer\.bias'"):
        checkpoint.load_checkpoint(publish(state))


def test_wrong_shape_is_named(publish, state):
    key = "image_tokenizer.model.embeddings.position_embeddings"
    state[key] = torch.zeros(1).expand(1, 1025, 768)  # of pictures of another size
    with pytest.raises(WeightsError, match=r"position_embeddings.*1, 1025, 768.*1, 197, 768"):
        checkpoint.load_checkpoint(publish(state))


def test_nan_is_refused(publish, state):
    key = "image_tokenizer.model.embeddings.cls_token"
    state[key] = torch.full((1, 1, 768), float("nan"))
    with pytest.raises(WeightsError, match="not finite"):
        checkpoint.load_checkpoint(publish(state))


@pytest.mark.parametrize(
    ("about", "match"),
    [
        ({"version": 1, "source_sha256": "0" * 64}, "not made from"),
        ({"version": 1}, "not made from"),
        ({"version": 2, "source_sha256": checkpoint.OFFICIAL_SHA256}, "format version 2"),
        ({"version": 1, "source_sha256": checkpoint.OFFICIAL_SHA256}, "lacks"),
    ],
)
def test_copies_that_are_not_ours(tmp_path, about, match):
    path = tmp_path / "x.safetensors"
    save_file({"a": torch.ones(1)}, str(path), metadata={checkpoint.FORMAT: json.dumps(about)})
    with pytest.raises(WeightsError, match=match):
        checkpoint.load_checkpoint(path)


def test_someone_elses_safetensors(tmp_path):
    path = tmp_path / "x.safetensors"
    save_file({"a": torch.ones(1)}, str(path))
    with pytest.raises(WeightsError, match="engine triposr"):
        checkpoint.load_checkpoint(path)


def test_no_file_and_no_path(tmp_path):
    with pytest.raises(WeightsError, match="no file"):
        checkpoint.load_checkpoint(tmp_path / "model.ckpt")
    with pytest.raises(WeightsError, match="do not come with the extension") as caught:
        TriposrEngine("")
    assert "preferences" in caught.value.fix


@pytest.fixture
def opened(tmp_path, state, monkeypatch):
    """A source whose check has passed (other tests are about the check)."""
    monkeypatch.setattr(convert, "open_published", lambda _: state)
    return tmp_path / "model.ckpt"


def test_conversion_that_is_cancelled_leaves_nothing(opened):
    path = opened
    cancel = Cancel()
    told = []

    def progress(fraction):
        told.append(fraction)
        if len(told) == 3:
            cancel.set()

    target = path.with_name("triposr.safetensors")
    target.write_bytes(b"the old one")
    with pytest.raises(Cancelled):
        convert.convert_checkpoint(path, target, progress=progress, cancel=cancel)
    assert target.read_bytes() == b"the old one"
    assert [entry.name for entry in path.parent.iterdir()] == [target.name]
    assert 0 < told[0] <= told[1] <= told[2] < 1


def test_full_disk_leaves_nothing(opened, monkeypatch):
    path = opened

    def fail(file, *_):
        file.write(b"the beginning")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(convert, "_write", fail)
    with pytest.raises(WeightsError, match="No space left") as caught:
        convert.convert_checkpoint(path, path.with_name("triposr.safetensors"))
    assert "make room" in caught.value.fix
    assert not list(path.parent.iterdir())


def test_conversion_of_another_file_is_refused(tmp_path):
    path = tmp_path / "model.ckpt"
    torch.save({"a": torch.ones(1)}, path)
    with pytest.raises(WeightsError, match="not TripoSR's published"):
        convert.convert_checkpoint(path, tmp_path / "x.safetensors")


def test_values_beyond_half_precision_are_refused():
    with pytest.raises(WeightsError, match="half precision"):
        convert.convert_tensor("a.weight", torch.tensor([[1.0, 7e4]]), torch.float16)


def test_only_the_large_matrices_are_halved(layout):
    halved = {k for k, spec in layout.items() if convert.choose_type(k, spec) == torch.float16}
    assert len(halved) == 12 * 6 + 16 * 10
    numbers = {k: torch.Size(spec.shape).numel() for k, spec in layout.items()}
    assert sum(numbers[k] for k in halved) > 0.98 * sum(numbers.values())
    assert not any(k.startswith(("decoder.", "post_processor.")) or "norm" in k for k in halved)
