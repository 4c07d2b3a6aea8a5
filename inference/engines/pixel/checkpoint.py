"""Files to networks: the engine's safetensors, whose header describes them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ...errors import WeightsError
from ...weights import (
    check_bundled,
    check_tensors,
    expected_tensors,
    hash_file,
    read_description,
    read_safetensors,
)
from .networks import Architecture, PixelNetwork

BUNDLED = Path(__file__).resolve().parents[3] / "vendor" / "weights" / "pixel.safetensors"
FORMAT = "bozzetto-pixel"
FORMAT_VERSION = 1
MAX_BUNDLED = 40 << 20
MAX_OWN = 256 << 20


@dataclass(frozen=True)
class Checkpoint:
    """A network ready to use, in eval mode, float32, on the CPU, and what the file says.

    sha256: of the file. levels: of the surface by class, `level` otherwise. diagonals: usual box
    diagonal in metres by class. sure: camera confidence from which the azimuth is trusted.
    mirrored: classes that the mirror image improves. metadata: the file's own record.
    """

    network: PixelNetwork
    sha256: str
    level: float
    levels: dict[str, float]
    diagonals: dict[str, float]
    sure: float
    mirrored: tuple[str, ...]
    metadata: dict[str, Any]


def load_bundled(path: Path = BUNDLED) -> Checkpoint:
    """The weights that ship with the extension, whose SHA-256 stands in a file beside them.

    Raises WeightsError.
    """
    check_bundled(path)
    return load_checkpoint(path, limit=MAX_BUNDLED)


def load_checkpoint(path: Path, *, limit: int = MAX_OWN) -> Checkpoint:
    """A .safetensors that our training exported. Raises WeightsError."""
    if path.suffix.lower() != ".safetensors":
        raise WeightsError(
            f"{path} is not a .safetensors file.",
            "Choose a checkpoint that Bozzetto's training exported for the engine pixel, or the "
            "engine that the file belongs to.",
        )
    tensors, header = read_safetensors(path, limit=limit)
    metadata = read_description(path, header, FORMAT, FORMAT_VERSION)
    try:
        architecture = Architecture.from_dict(metadata["architecture"])
        diagonals = {str(k): float(v) for k, v in metadata["diagonals"].items()}
        levels = {str(k): float(v) for k, v in metadata["levels"].items()}
        level, sure = float(metadata["level"]), float(metadata["sure"])
        mirrored = tuple(str(name) for name in metadata["mirrored"])
        if not all(0 < value < 1 for value in (level, *levels.values())) or not 0 <= sure <= 1.01:
            raise ValueError("a value is out of range")
        if not all(math.isfinite(d) and 0 < d < 1e4 for d in diagonals.values()):
            raise ValueError("a size is out of range")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise WeightsError(f"{path} describes its network wrongly: {error}.") from error
    with torch.device("meta"):
        network = PixelNetwork(architecture)
    expected = expected_tensors(network)
    counters = [key for key, spec in expected.items() if not spec.floating]
    stored = {key: spec for key, spec in expected.items() if spec.floating}
    check_tensors(tensors, stored, "the Bozzetto pixel network that the file itself describes")
    values = {key: value.float() for key, value in tensors.items()}
    values |= {key: torch.tensor(0) for key in counters}
    network.load_state_dict(values, strict=True, assign=True)
    network = network.eval().requires_grad_(False).to(memory_format=torch.channels_last)
    return Checkpoint(network, hash_file(path), level, levels, diagonals, sure, mirrored, metadata)
