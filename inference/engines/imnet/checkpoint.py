"""Files to networks: the published IM_SVR layout, and our own safetensors with a latent bank."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ...errors import WeightsError
from ...weights import (
    TensorSpec,
    check_bundled,
    check_tensors,
    expected_tensors,
    hash_file,
    read_description,
    read_safetensors,
    read_torch_checkpoint,
)
from .latents import LatentBank
from .networks import Architecture, AutoEncoder, SingleView

BUNDLED = Path(__file__).resolve().parents[3] / "vendor" / "weights" / "imnet.safetensors"
FORMAT = "bozzetto-imnet"
FORMAT_VERSION = 1
MAX_BUNDLED = 25 << 20
MAX_OWN = 256 << 20
MAX_PUBLISHED = 512 << 20
MAX_BANK = 20_000
PUBLISHED_MODEL = "IM-NET (improved version, z 256, full width)"


@dataclass(frozen=True)
class Checkpoint:
    """Networks ready to use, and what the file says about them.

    model: in eval mode, float32, on the CPU. sha256: of the file. level: the surface's value.
    bank: None for published checkpoints. diagonals: usual box diagonal in metres by class.
    y_up: whether the networks' space is the published one (Y up) rather than object space.
    levels: levels by class where they differ. metadata: the file's own record.
    """

    model: SingleView
    architecture: Architecture
    sha256: str
    level: float
    bank: LatentBank | None
    diagonals: dict[str, float]
    y_up: bool
    metadata: dict[str, Any]
    levels: dict[str, float] = field(default_factory=dict)


def load_checkpoint(path: Path) -> Checkpoint:
    """A single-view checkpoint: .safetensors is ours, anything else is a published .pth.

    Raises WeightsError.
    """
    if path.suffix.lower() == ".safetensors":
        return _load_own(path, MAX_OWN)
    return _load_published(path)


def load_bundled(path: Path = BUNDLED) -> Checkpoint:
    """The weights that ship with the extension, whose SHA-256 stands in a file beside them.

    Raises WeightsError.
    """
    check_bundled(path)
    return _load_own(path, MAX_BUNDLED)


def load_autoencoder(path: Path) -> AutoEncoder:
    """A published IM_AE checkpoint (encoder and decoder, no picture encoder).

    Raises WeightsError.
    """
    tensors = read_torch_checkpoint(path, limit=MAX_PUBLISHED)
    with torch.device("meta"):
        model = AutoEncoder(Architecture())
    check_tensors(tensors, expected_tensors(model), f"{PUBLISHED_MODEL} auto-encoder")
    return _fill(model, tensors)


def _load_published(path: Path) -> Checkpoint:
    tensors = read_torch_checkpoint(path, limit=MAX_PUBLISHED)
    if any(key.startswith("encoder.") for key in tensors) and not any(
        key.startswith("img_encoder.") for key in tensors
    ):
        raise WeightsError(
            f"{path} is an auto-encoder (IM_AE): it turns shapes into shapes and has no picture "
            "encoder.",
            "Choose the single-view checkpoint, IM_SVR.model-….pth.",
        )
    architecture = Architecture()
    with torch.device("meta"):
        model = SingleView(architecture)
    check_tensors(tensors, expected_tensors(model), PUBLISHED_MODEL)
    return Checkpoint(_fill(model, tensors), architecture, hash_file(path), 0.5, None, {}, True, {})


def _load_own(path: Path, limit: int) -> Checkpoint:
    tensors, header = read_safetensors(path, limit=limit)
    metadata = read_description(path, header, FORMAT, FORMAT_VERSION)
    try:
        architecture = Architecture.from_dict(metadata["architecture"])
        names = tuple(str(name) for name in metadata["classes"])
        diagonals = {str(k): float(v) for k, v in metadata["diagonals"].items()}
        level, pull = float(metadata["level"]), float(metadata["pull"])
        levels = {str(k): float(v) for k, v in metadata.get("levels", {}).items()}
        temperature = float(metadata.get("temperature", 0.0))
        size = int(metadata["bank"])
        shares = (level, *levels.values())
        sane = all(0 < value < 1 for value in shares) and 0 <= pull <= 1 and 0 <= temperature < 100
        sane = sane and 1 <= size <= MAX_BANK and 1 <= len(names) <= 99
        if not sane or not all(math.isfinite(d) and 0 < d < 1e4 for d in diagonals.values()):
            raise ValueError("a value is out of range")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WeightsError(f"{path} describes its networks wrongly: {error}.") from error
    with torch.device("meta"):
        model = SingleView(architecture)
    expected = expected_tensors(model)
    counters = [key for key, spec in expected.items() if not spec.floating]
    stored = {key: spec for key, spec in expected.items() if spec.floating}
    stored["bank.latents"] = TensorSpec((size, architecture.latent))
    stored["bank.classes"] = TensorSpec((size,), floating=False)
    if metadata.get("sized"):
        stored["bank.diagonals"] = TensorSpec((size,))
    check_tensors(tensors, stored, "the Bozzetto IM-NET that the file itself describes")
    latents = tensors.pop("bank.latents").float()
    classes = tensors.pop("bank.classes").long()
    if classes.min() < 0 or classes.max() >= len(names):
        raise WeightsError(f"{path} has a latent of an unknown class.")
    sizes = tensors.pop("bank.diagonals", None)
    sizes = None if sizes is None else sizes.float().clamp(0, 1e4)
    tensors.update({key: torch.tensor(0) for key in counters})
    bank = LatentBank(latents, classes, names, pull, sizes, temperature)
    return Checkpoint(
        _fill(model, tensors), architecture, hash_file(path), level, bank, diagonals, False,
        metadata, levels,
    )  # fmt: skip


def _fill(model: torch.nn.Module, tensors: dict[str, Tensor]) -> Any:
    """The module with these tensors as float32; it may have been made on the meta device."""
    converted = {k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}
    model.load_state_dict(converted, strict=True, assign=True)
    return model.eval().requires_grad_(False)
