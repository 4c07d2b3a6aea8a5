"""Weights from files that may be hostile: bounded sizes, nothing executed, every tensor checked.

Two containers are read: safetensors (ours) and PyTorch's checkpoints (published ones; both the zip
container and the older plain pickle, always by the restricted unpickler that builds tensors only).
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from .errors import WeightsError

MAX_FILE = 2 << 30
MAX_RECORDS = 20_000  # entries of a zip container
MAX_DESCRIPTION = 1 << 20  # characters


@dataclass(frozen=True)
class TensorSpec:
    """What a tensor must be: its shape, and whether it holds floats or integers."""

    shape: tuple[int, ...]
    floating: bool = True


def hash_file(path: Path) -> str:
    """SHA-256 of a file, hexadecimal. Raises WeightsError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def check_file(path: Path, *, limit: int = MAX_FILE) -> None:
    """Raises WeightsError unless path is a readable file of 1 to `limit` bytes."""
    if path.is_dir():
        raise WeightsError(
            f"{path} is a folder, not a checkpoint.", "Choose the .pth or .safetensors file in it."
        )
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(256)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise _unreadable(path, error) from error
    if size == 0:
        raise WeightsError(f"{path} is empty.", "Download or copy the checkpoint again.")
    if size > limit:
        raise WeightsError(
            f"{path} has {size / 1e6:.0f} MB, more than the {limit / 1e6:.0f} MB that such a "
            "checkpoint can have.",
            "Choose the checkpoint of this engine.",
        )
    if _is_text(head):
        raise WeightsError(
            f"{path} is a text file, not a checkpoint.",
            "Choose the .pth or .safetensors file beside it; a file called 'checkpoint' only lists "
            "their names.",
        )


def read_safetensors(
    path: Path, *, limit: int = MAX_FILE
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Tensors (as stored) and metadata of a safetensors file.

    The format holds no code, and the library refuses a header whose shapes do not fill the file.
    Raises WeightsError: missing, a folder, empty, too large, truncated, another format.
    """
    check_file(path, limit=limit)
    try:
        with safe_open(str(path), framework="pt", device="cpu") as file:
            return {key: file.get_tensor(key) for key in file.keys()}, file.metadata() or {}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise WeightsError(
            f"{path} is not an intact safetensors file ({_first_line(error)}).",
            "Download or copy it again.",
        ) from error


def check_bundled(path: Path) -> None:
    """Compare a bundled file with the SHA-256 in the .json beside it. Raises WeightsError."""
    card = path.with_suffix(".json")
    try:
        expected = json.loads(card.read_text(encoding="utf-8"))["sha256"]
        if not isinstance(expected, str):
            raise TypeError("sha256 is not a string")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"The record of the bundled weights, {card}, is missing or damaged.",
            "Reinstall the extension.",
        ) from error
    found = hash_file(path)
    if found != expected:
        raise WeightsError(
            f"The bundled weights have the wrong hash {found[:12]}…, expected {expected[:12]}….",
            "Reinstall the extension.",
        )


def read_description(path: Path, header: dict[str, str], form: str, version: int) -> dict[str, Any]:
    """The JSON object under the key `form` of a .safetensors header, in which an engine's file
    describes itself. Raises WeightsError when it is not there or of another version."""
    text = header.get(form, "")
    try:
        metadata = json.loads(text) if 0 < len(text) <= MAX_DESCRIPTION else None
    except ValueError:
        metadata = None
    if not isinstance(metadata, dict):
        engine = form.rpartition("-")[2]
        raise WeightsError(
            f"{path} is not a checkpoint of the engine {engine}: its header describes none.",
            "Choose the engine that it belongs to, or a checkpoint of this one.",
        )
    if metadata.get("version") != version:
        raise WeightsError(
            f"{path} has format version {metadata.get('version')!r}, this Bozzetto reads "
            f"{version}.",
            "Update the extension.",
        )
    return metadata


def read_torch_checkpoint(path: Path, *, limit: int = MAX_FILE) -> dict[str, Tensor]:
    """The state dict that torch.save wrote, on the CPU.

    Only tensors in plain containers are built (weights_only=True); a pickle that asks for anything
    else is refused before it runs. Raises WeightsError: missing, a folder, empty, too large (also
    when unpacked), truncated, unsafe, or not a plain dictionary of tensors.
    """
    check_file(path, limit=limit)
    if zipfile.is_zipfile(path):
        _check_zip(path, limit)
    try:
        data = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a hostile stream can make the unpickler raise anything
        raise WeightsError(
            f"{path} cannot be read as a checkpoint of tensors ({_first_line(error)}).",
            "It is damaged, or it holds more than tensors, which is refused for safety: choose "
            "the original checkpoint, or copy it again.",
        ) from error
    if not isinstance(data, Mapping) or not all(
        isinstance(key, str) and isinstance(value, Tensor) for key, value in data.items()
    ):
        raise WeightsError(
            f"{path} holds no plain dictionary of tensors.",
            "Choose a checkpoint that holds a state dict.",
        )
    return dict(data)


def check_tensors(
    tensors: Mapping[str, Tensor], expected: Mapping[str, TensorSpec], what: str
) -> None:
    """Raises WeightsError unless tensors are exactly the expected ones, dense and finite.

    what: the network's name for the message. The first offending key is named.
    """
    fix = f"Choose a checkpoint of {what}."
    missing = [key for key in expected if key not in tensors]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise WeightsError(f"The checkpoint lacks {missing[0]!r}{more}: not {what}.", fix)
    unexpected = [key for key in tensors if key not in expected]
    if unexpected:
        more = f" and {len(unexpected) - 1} more" if len(unexpected) > 1 else ""
        raise WeightsError(
            f"The checkpoint has the unexpected tensor {unexpected[0]!r}{more}: not {what}.", fix
        )
    for key, spec in expected.items():
        tensor = tensors[key]
        if tuple(tensor.shape) != spec.shape:
            raise WeightsError(
                f"{key!r} has shape {_shape(tensor)}, {what} has {list(spec.shape)}.", fix
            )
        if tensor.layout != torch.strided or tensor.is_floating_point() != spec.floating:
            raise WeightsError(f"{key!r} has the type {tensor.dtype}, {tensor.layout}.", fix)
        if spec.floating and not torch.isfinite(torch.stack(tensor.aminmax())).all():
            raise WeightsError(
                f"{key!r} holds values that are not finite: the checkpoint is damaged.",
                "Download or copy it again.",
            )


def expected_tensors(module: torch.nn.Module) -> dict[str, TensorSpec]:
    """What a module's state dict must hold; make it on the meta device, that costs no memory."""
    return {
        key: TensorSpec(tuple(tensor.shape), tensor.is_floating_point())
        for key, tensor in module.state_dict().items()
    }


def _check_zip(path: Path, limit: int) -> None:
    """A zip container names its records' unpacked sizes: look before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            records = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise WeightsError(
            f"{path} is a damaged zip container ({_first_line(error)}).", "Copy it again."
        ) from error
    unpacked = sum(record.file_size for record in records)
    compressed = any(record.compress_type != zipfile.ZIP_STORED for record in records)
    if len(records) > MAX_RECORDS or unpacked > limit or compressed:
        raise WeightsError(
            f"{path} is no checkpoint: {len(records)} records that unpack to "
            f"{unpacked / 1e6:.0f} MB" + (", compressed." if compressed else "."),
            "Choose the original checkpoint.",
        )


def _is_text(head: bytes) -> bool:
    return all(byte >= 32 or byte in b"\t\r\n" for byte in head)


def _shape(tensor: Tensor) -> list[int]:
    return list(tensor.shape)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]


def _unreadable(path: Path, error: Exception) -> WeightsError:
    if isinstance(error, FileNotFoundError):
        return WeightsError(f"There is no file {path}.", "Choose a checkpoint that exists.")
    return WeightsError(f"{path} cannot be read ({_first_line(error)}).", "Check its permissions.")
