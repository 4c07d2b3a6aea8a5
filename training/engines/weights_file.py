"""Networks to safetensors files with a record beside them, and what both engines' files share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from ...inference.weights import hash_file
from ..shared.pack import Pack


def half_tensors(module: torch.nn.Module, prefix: str = "") -> dict[str, Tensor]:
    """Matrices as float16, vectors (norms, biases) as float32, no counters."""
    return {
        prefix + key: value.contiguous().to(
            torch.float16 if value.ndim > 1 else torch.float32, copy=True
        )
        for key, value in module.state_dict().items()
        if value.is_floating_point()
    }


def write_weights(
    path: Path, tensors: dict[str, Tensor], form: str, metadata: dict[str, Any], limit: int
) -> dict[str, Any]:
    """Write a weights file and, beside it, its record (name, bytes, SHA-256), which is returned.

    form: key of the header under which the metadata stands as JSON. Raises ValueError when the file
    is larger than `limit` bytes, which is what may be bundled; nothing is written then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    save_file(tensors, str(partial), metadata={form: json.dumps(metadata)})
    size = partial.stat().st_size
    if size > limit:
        partial.unlink()
        raise ValueError(f"{size} bytes are more than the {limit} that may be bundled")
    partial.chmod(0o644)  # the library makes it private
    record = {"file": path.name, "bytes": size, "sha256": hash_file(partial)}
    partial.replace(path)
    path.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return record


def real_diagonal(pack: Pack, row: int) -> float:
    """Box diagonal in metres of an object of the pack; 0 where its real size is not known."""
    size = pack.objects[row].get("size_m")
    return float(np.linalg.norm(size)) if size else 0.0


def usual_diagonals(pack: Pack) -> dict[str, float]:
    """Median box diagonal in metres of the training objects of each class that have a size."""
    found: dict[str, list[float]] = {}
    for row in pack.rows["train_original"]:
        diagonal = real_diagonal(pack, row)
        if diagonal:
            found.setdefault(pack.objects[row]["class"], []).append(diagonal)
    return {name: round(float(np.median(values)), 3) for name, values in found.items()}


def describe_data(pack: Pack) -> dict[str, int]:
    """How much the weights were trained on."""
    return {
        "objects": len(pack.rows["train_original"]),
        "shapes": len(pack.rows["train"]),
        "views": int(sum(len(pack.views_of[row]) for row in pack.rows["train"])),
    }
