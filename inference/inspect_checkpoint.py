"""A checkpoint that somebody imports: of which engine it is, or why it is none. Needs torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import memory
from .engines.imnet import checkpoint as imnet
from .engines.pixel import checkpoint as pixel
from .engines.triposr import checkpoint as triposr
from .errors import BozzettoError, WeightsError
from .store.importing import read_header

MEMORY = 6 << 30
"""Bytes that the look may take: a hostile file must not take the machine's."""


def inspect(path: Path) -> dict[str, Any]:
    """engine, sha256 and licence ("" where it says none) of a checkpoint whose tensors all fit.

    Raises WeightsError, OutOfMemoryError.
    """
    memory.set_limit(MEMORY)
    if path.suffix.lower() != ".safetensors":
        return {"engine": "imnet", "sha256": imnet.load_checkpoint(path).sha256, "licence": ""}
    header = read_header(path)
    for engine, module in (("imnet", imnet), ("pixel", pixel)):
        if module.FORMAT in header:
            loaded = module.load_checkpoint(path)
            return {
                "engine": engine,
                "sha256": loaded.sha256,
                "licence": _find_licence(header, loaded.metadata),
            }
    if triposr.FORMAT in header:
        sha256 = triposr.load_checkpoint(path).sha256
        return {"engine": "triposr", "sha256": sha256, "licence": triposr.LICENCE}
    raise WeightsError(
        "This safetensors file is of none of Bozzetto's engines: its header describes no network "
        "of theirs.",
        "Choose a checkpoint that Bozzetto's training exported, a published IM_SVR .pth, or "
        "TripoSR's model.ckpt.",
    )


def describe(path: Path) -> dict[str, Any]:
    """`inspect` for a process of its own: plain JSON, errors by kind."""
    try:
        return inspect(path)
    except BozzettoError as error:
        found = error
    except MemoryError:
        found = WeightsError("The checkpoint needs more memory than a checkpoint may.")
    message = found.message.replace(str(path), "The file")
    return {"error": {"kind": found.kind, "message": message, "fix": found.fix}}


def _find_licence(header: dict[str, str], metadata: dict[str, Any]) -> str:
    for place in (metadata, header):
        for key in ("licence", "license"):
            if isinstance(place.get(key), str):
                return place[key]
    return ""
