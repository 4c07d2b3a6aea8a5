"""Write the weights of `pixel`: network and choices."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from ...inference.engines.pixel.checkpoint import FORMAT, FORMAT_VERSION, MAX_BUNDLED
from ...inference.engines.pixel.networks import PixelNetwork
from ..shared.pack import Pack
from .pixel_calibrate import calibrate
from .weights_file import describe_data, half_tensors, usual_diagonals, write_weights


def export_pixel(
    pack: Pack,
    network: PixelNetwork,
    folder: Path,
    training: dict[str, Any],
    *,
    limit: int = 120,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Calibrate on the validation split and write pixel.safetensors and .json into `folder`.

    training: what the record says of the run. limit: objects that are asked. Returns the metadata
    and the record. Raises ValueError when the file is larger than may be bundled.
    """
    chosen = calibrate(pack, network, limit=limit)
    metadata = {
        "version": FORMAT_VERSION,
        "architecture": network.architecture.to_dict(),
        "diagonals": usual_diagonals(pack),
        "level": chosen.level,
        "levels": {},
        "sure": chosen.sure,
        "mirrored": list(chosen.mirrored),
        "figures": asdict(chosen),
        "training": describe_data(pack) | training,
    }
    path = folder / "pixel.safetensors"
    record = write_weights(path, half_tensors(network), FORMAT, metadata, MAX_BUNDLED)
    return metadata, record
