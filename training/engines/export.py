"""Write everything that is bundled: both engines' weights, records and cards, and the credits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from ...inference.engines.imnet.checkpoint import load_checkpoint as load_imnet
from ...inference.engines.imnet.networks import Architecture as ImnetArchitecture
from ...inference.engines.pixel.checkpoint import Checkpoint
from ...inference.engines.pixel.checkpoint import load_checkpoint as load_pixel
from ..shared.pack import Pack
from ..shared.run import read_curve
from .card import write_card
from .credits import write_attribution
from .fine import FineTraining
from .imnet_export import export_imnet
from .pictures import load_networks
from .pixel_export import export_pixel


def export_weights(
    pack: Pack, checkpoint: Path, folder: Path, curve: Path, *, limit: int | None = None
) -> list[Path]:
    """Calibrate on the validation split and write both engines' files into `folder`.

    limit: validation objects that are asked, None: all for imnet, 120 for pixel. Returns the paths
    of the weights. Raises ValueError when a file is larger than may be bundled.
    """
    model = load_networks(checkpoint)
    state = torch.load(checkpoint, weights_only=True)
    training: dict[str, Any] = {
        "pictures": int(state["pictures"]),
        "minutes": round(float(state["spent"]) / 60, 1),
        "steps": int(state["steps"]),
    }
    imnet = ImnetArchitecture.from_dict(state["imnet"])
    found = {
        "pixel": export_pixel(pack, model.pixel, folder, training, limit=limit or 120),
        "imnet": export_imnet(pack, model.imnet, imnet, folder, training, limit=limit),
    }
    rewrite_cards(pack, folder, curve)
    write_attribution(folder / "ATTRIBUTION", pack, keep=int(state["pictures_before"]) > 0)
    return [folder / record["file"] for _, record in found.values()]


def export_fine(
    pack: Pack,
    training: FineTraining,
    weights: Checkpoint,
    folder: Path,
    curve: Path,
    *,
    limit: int = 120,
) -> Path:
    """Write pixel's weights with the trained fine level into `folder`, chosen anew on `limit`
    validation objects; what the record says of the coarse networks stays. Returns the path."""
    network, record = training.result()
    said = dict(weights.metadata.get("training", {}))
    said["fine"] = record | {"coarse_pictures": said.get("pictures", 0)}
    export_pixel(pack, network, folder, said, limit=limit)
    rewrite_cards(pack, folder, curve)
    write_attribution(folder / "ATTRIBUTION", pack, keep=True)
    return folder / "pixel.safetensors"


def rewrite_cards(pack: Pack, folder: Path, curve: Path) -> None:
    """Both engines' cards, from what their weights in `folder` say of themselves."""
    lines = read_curve(curve) if curve.exists() else []
    for name, load in (("pixel", load_pixel), ("imnet", load_imnet)):
        metadata = load(folder / f"{name}.safetensors").metadata
        record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        write_card(folder / f"{name}.md", name, pack, metadata, record, lines)
