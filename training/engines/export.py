"""Write everything that is bundled: both engines' weights, records and cards, and the credits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from ...inference.engines.imnet.networks import Architecture as ImnetArchitecture
from ..shared.pack import Pack
from ..shared.run import read_curve
from .card import write_attribution, write_card
from .imnet_export import export_imnet
from .pictures import load_networks
from .pixel_export import export_pixel


def export_weights(
    pack: Pack, checkpoint: Path, folder: Path, curve: Path, *, limit: int | None = None
) -> list[Path]:
    """Calibrate on the validation split and write both engines' files into `folder`.

    limit: validation objects that are asked, None: all for imnet, 160 for pixel. Returns the paths
    of the weights. Raises ValueError when a file is larger than may be bundled.
    """
    model = load_networks(checkpoint)
    state = torch.load(checkpoint, weights_only=True)
    lines = read_curve(curve) if curve.exists() else []
    training: dict[str, Any] = {
        "pictures": int(state["pictures"]),
        "minutes": round(float(state["spent"]) / 60, 1),
        "steps": int(state["steps"]),
    }
    imnet = ImnetArchitecture.from_dict(state["imnet"])
    found = {
        "pixel": export_pixel(pack, model.pixel, folder, training, limit=limit or 160),
        "imnet": export_imnet(pack, model.imnet, imnet, folder, training, limit=limit),
    }
    for name, (metadata, record) in found.items():
        write_card(folder / f"{name}.md", name, pack, metadata, record, lines)
    write_attribution(folder / "ATTRIBUTION", pack)
    return [folder / record["file"] for _, record in found.values()]
