"""The published checkpoint to our own copy: half the size, and nothing in it but numbers.

Written tensor by tensor in the layout of safetensors (https://github.com/huggingface/safetensors,
"Format": the header's length in 8 bytes, a JSON header, the bytes in the header's order), so that
no more than one tensor is ever in memory.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

import torch
from torch import Tensor

from ...errors import WeightsError
from ...store.shelf import UNFINISHED
from ...types import Cancel
from ...weights import TensorSpec
from .checkpoint import FORMAT, FORMAT_VERSION, LICENCE, OFFICIAL_SHA256, list_kept, open_published

_HALVED = ("image_tokenizer.model.encoder.layer.", "backbone.transformer_blocks.")
"""Parts whose matrices become float16; the little rest stays float32."""
_NAMES = {torch.float16: "F16", torch.float32: "F32"}
_ALIGNMENT = 64


def convert_checkpoint(
    source: Path,
    target: Path,
    *,
    progress: Callable[[float], None] = lambda fraction: None,
    cancel: Cancel | None = None,
) -> int:
    """Make our copy of the published file.

    source: the published model.ckpt. target: a .safetensors file, replaced in one step when all is
    written, untouched before. progress(fraction): after every tensor.

    Returns the bytes of the copy. Raises WeightsError: the source is not the published file, the
    disk is full, or the folder cannot be written. Cancelled.
    """
    tensors = open_published(source)
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        with unfinished.open("wb") as file:
            _write(file, tensors, progress, cancel or Cancel())
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
        return target.stat().st_size
    except OSError as error:
        raise WeightsError(
            f"{target} cannot be written ({error.strerror or error}).",
            "It takes 860 MB: make room on the disk, and try again.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def choose_type(key: str, spec: TensorSpec) -> torch.dtype:
    """float16 for the matrices of the many layers, else float32."""
    return torch.float16 if len(spec.shape) > 1 and key.startswith(_HALVED) else torch.float32


def convert_tensor(key: str, stored: Tensor, wanted: torch.dtype) -> Tensor:
    """In the wanted type, contiguous. Raises WeightsError for values that it cannot hold."""
    converted = stored.to(wanted).contiguous()
    if not torch.isfinite(torch.stack(converted.aminmax())).all():
        raise WeightsError(f"{key!r} has values that half precision cannot hold.")
    return converted


def _write(
    file: BinaryIO, tensors: Mapping[str, Tensor], progress: Callable[[float], None], cancel: Cancel
) -> None:
    kept = list_kept()
    header, size = _describe(kept)
    file.write(len(header).to_bytes(8, "little") + header)
    done = 0
    for key, spec in kept.items():
        cancel.check()
        values = convert_tensor(key, tensors[key], choose_type(key, spec))
        file.write(memoryview(values.view(-1).numpy()).cast("B"))
        done += values.nbytes
        progress(done / size)


def _describe(kept: Mapping[str, TensorSpec]) -> tuple[bytes, int]:
    """The header, and how many bytes follow it."""
    about = {
        "version": FORMAT_VERSION, "source_sha256": OFFICIAL_SHA256, "licence": LICENCE,
        "network": "TripoSR", "precision": "float16",
    }  # fmt: skip
    entries: dict[str, object] = {"__metadata__": {FORMAT: json.dumps(about)}}
    end = 0
    for key, spec in kept.items():
        kind = choose_type(key, spec)
        begin, end = end, end + kind.itemsize * _count(spec)
        entries[key] = {"dtype": _NAMES[kind], "shape": spec.shape, "data_offsets": [begin, end]}
    text = json.dumps(entries, separators=(",", ":")).encode()
    # The numbers begin on a boundary that processors like; blanks may follow a JSON object.
    return text + b" " * (-(len(text) + 8) % _ALIGNMENT), end


def _count(spec: TensorSpec) -> int:
    return torch.Size(spec.shape).numel()
