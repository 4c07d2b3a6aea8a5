"""Files to tensors: the published `model.ckpt`, and our own smaller copy of it.

Both are mapped into memory, not read: nothing but the pages that are looked at takes room, and the
system may take those back.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ...errors import WeightsError
from ...store.published import PUBLISHED
from ...weights import (
    TensorSpec,
    check_file,
    check_tensors,
    hash_file,
    read_description,
    read_safetensors,
)
from .network import UNUSED, list_tensors

OFFICIAL_SHA256 = PUBLISHED["triposr"].sha256
"""Of model.ckpt at Hugging Face, stabilityai/TripoSR, revision c1cf7716."""
FORMAT, FORMAT_VERSION = PUBLISHED["triposr"].form, 1
LICENCE = PUBLISHED["triposr"].licence
WHAT = "TripoSR (stabilityai/TripoSR, model.ckpt)"
MAX_PUBLISHED, MAX_OWN = PUBLISHED["triposr"].limit, 1 << 30
_FIX = "Choose TripoSR's published model.ckpt, or download it again."


@dataclass(frozen=True)
class Checkpoint:
    """Weights of the whole network.

    tensors: by the published keys, on the CPU, mapped from the file; float32 or float16.
    sha256: of the file. source_sha256: of the published file that they come from.
    """

    tensors: dict[str, Tensor]
    sha256: str
    source_sha256: str


def load_checkpoint(path: Path) -> Checkpoint:
    """A checkpoint: .safetensors is our copy, anything else must be the published file itself.

    Raises WeightsError.
    """
    if path.suffix.lower() == ".safetensors":
        return _load_own(path)
    tensors = open_published(path)
    return Checkpoint(tensors, OFFICIAL_SHA256, OFFICIAL_SHA256)


def open_published(path: Path) -> dict[str, Tensor]:
    """The tensors of the published file, known by its SHA-256 before anything of it is unpacked.

    Raises WeightsError: another file, damaged, or (whatever its hash) not the network's tensors.
    """
    check_file(path, limit=MAX_PUBLISHED)
    found = hash_file(path)
    if found != OFFICIAL_SHA256:
        raise WeightsError(
            f"{path} is not TripoSR's published model.ckpt, or not all of it: its hash is "
            f"{found[:12]}…, expected {OFFICIAL_SHA256[:12]}….",
            _FIX,
        )
    try:
        data = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:  # the unpickler may raise anything
        raise WeightsError(
            f"{path} cannot be read as a checkpoint of tensors ({str(error)[:200]}).", _FIX
        ) from error
    if not isinstance(data, dict) or not all(isinstance(value, Tensor) for value in data.values()):
        raise WeightsError(f"{path} holds no plain dictionary of tensors.", _FIX)
    check_tensors(data, list_tensors(), WHAT)
    return data


def list_kept() -> dict[str, TensorSpec]:
    """The tensors that our copy holds: all but those that nothing reads."""
    return {key: spec for key, spec in list_tensors().items() if not key.startswith(UNUSED)}


def _load_own(path: Path) -> Checkpoint:
    tensors, header = read_safetensors(path, limit=MAX_OWN)
    metadata = read_description(path, header, FORMAT, FORMAT_VERSION)
    source = metadata.get("source_sha256")
    if source != OFFICIAL_SHA256:
        raise WeightsError(f"{path} was not made from TripoSR's published model.ckpt.", _FIX)
    check_tensors(tensors, list_kept(), WHAT)
    return Checkpoint(tensors, hash_file(path), source)
