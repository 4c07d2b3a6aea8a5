"""Write the weights of `imnet`: networks, training latents, choices."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ...inference.engines.imnet.checkpoint import FORMAT, FORMAT_VERSION, MAX_BUNDLED
from ...inference.engines.imnet.latents import LatentBank
from ...inference.engines.imnet.networks import Architecture, EfficientEncoder, SingleView
from ..shared.pack import Pack
from .batches import plain_pictures
from .imnet_calibrate import calibrate
from .weights_file import (
    describe_data,
    half_tensors,
    real_diagonal,
    usual_diagonals,
    write_weights,
)

BANK_VIEWS = 6


def make_bank(pack: Pack, encoder: EfficientEncoder) -> LatentBank:
    """The training originals' latents as the picture encoder gives them: each the mean of views."""
    rows = np.array([row for row in pack.rows["train_original"] if len(pack.views_of[row])])
    shown = [pack.views_of[row][:BANK_VIEWS] for row in rows]
    pictures = np.array_split(np.concatenate(shown), max(1, BANK_VIEWS * len(rows) // 32))
    with torch.no_grad():
        z = torch.cat([encoder(plain_pictures(pack.views[part])).float() for part in pictures])
    latents = torch.stack([part.mean(0) for part in z.split([len(views) for views in shown])])
    sizes = torch.tensor([real_diagonal(pack, row) for row in rows]).half().float()
    classes = torch.from_numpy(pack.classes[rows]).long()
    return LatentBank(latents.half().float(), classes, pack.names, diagonals=sizes)


def export_imnet(
    pack: Pack,
    model: SingleView,
    architecture: Architecture,
    folder: Path,
    training: dict[str, Any],
    *,
    limit: int | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Calibrate on the validation split and write imnet.safetensors and .json into `folder`.

    training: what the record says of the run. limit: objects that are asked. Returns the metadata
    and the record. Raises ValueError when the file is larger than may be bundled.
    """
    encoder = model.img_encoder
    assert isinstance(encoder, EfficientEncoder)
    bank = make_bank(pack, encoder)
    chosen = calibrate(pack, model, bank, limit=limit)
    metadata = {
        "version": FORMAT_VERSION,
        "architecture": architecture.to_dict(),
        "classes": list(pack.names),
        "diagonals": usual_diagonals(pack),
        "level": chosen.level,
        "levels": chosen.levels,
        "pull": chosen.pull,
        "bank": len(bank.latents),
        "sized": True,
        "figures": asdict(chosen),
        "training": describe_data(pack) | training,
    }
    tensors = half_tensors(encoder, "img_encoder.") | half_tensors(model.generator, "generator.")
    tensors["bank.latents"] = bank.latents.half()
    tensors["bank.classes"] = bank.classes.to(torch.uint8)
    assert bank.diagonals is not None
    tensors["bank.diagonals"] = bank.diagonals.half()
    path = folder / "imnet.safetensors"
    return metadata, write_weights(path, tensors, FORMAT, metadata, MAX_BUNDLED)
