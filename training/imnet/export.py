"""Write the bundled weights, their record, their card and the attribution of their data."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from ...inference.engines.imnet.checkpoint import FORMAT, FORMAT_VERSION, MAX_BUNDLED
from ...inference.engines.imnet.latents import LatentBank
from ...inference.engines.imnet.networks import ImageEncoder
from ...inference.weights import hash_file
from .autoencoder import load_autoencoder
from .calibrate import calibrate
from .card import write_attribution, write_card
from .evaluate import autoencoder_iou, encode_views
from .pack import Pack
from .pictures import load_pictures
from .run import read_curve

BANK_VIEWS = 6


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


def pack_tensors(modules: dict[str, torch.nn.Module], bank: LatentBank) -> dict[str, Tensor]:
    """What the file holds: matrices as float16, vectors (norms, biases) as float32, no counters."""
    tensors = {
        f"{prefix}.{key}": value.contiguous().to(
            torch.float16 if value.ndim > 1 else torch.float32, copy=True
        )
        for prefix, module in modules.items()
        for key, value in module.state_dict().items()
        if value.is_floating_point()
    }
    tensors["bank.latents"] = bank.latents.half()
    tensors["bank.classes"] = bank.classes.to(torch.uint8)
    tensors["bank.diagonals"] = bank.diagonals.half()
    return tensors


def make_bank(pack: Pack, encoder: ImageEncoder) -> LatentBank:
    """The training originals' latents as the picture encoder gives them: each the mean of views."""
    rows = np.array([row for row in pack.rows["train_original"] if len(pack.views_of[row])])
    shown = [pack.views_of[row][:BANK_VIEWS] for row in rows]
    z, _ = encode_views(pack, encoder, np.concatenate(shown))
    latents = torch.stack([part.mean(0) for part in z.split([len(views) for views in shown])])
    sizes = torch.tensor([real_diagonal(pack, row) for row in rows]).half().float()
    classes = torch.from_numpy(pack.classes[rows]).long()
    return LatentBank(latents.half().float(), classes, pack.names, diagonals=sizes)


def export_weights(
    pack: Pack, pictures_path: Path, folder: Path, curve: Path, autoencoder_path: Path
) -> Path:
    """Calibrate on the validation split and write imnet.safetensors, .json, .md and ATTRIBUTION.

    autoencoder_path: phase 1's checkpoint; where there is none, the card goes without its figures.
    Returns the path of the weights. Raises ValueError when they are larger than may be bundled.
    """
    model, architecture = load_pictures(pictures_path)
    encoder, decoder = model.img_encoder, model.generator
    bank = make_bank(pack, encoder)
    chosen = calibrate(pack, encoder, decoder, bank)
    figures: dict[str, Any] = asdict(chosen)
    if autoencoder_path.exists():
        autoencoder, _ = load_autoencoder(autoencoder_path)
        figures["autoencoder"] = asdict(autoencoder_iou(pack, autoencoder, "validation"))
    lines = read_curve(curve) if curve.exists() else []
    last = {line["phase"]: line for line in lines}
    metadata = {
        "version": FORMAT_VERSION,
        "architecture": architecture.to_dict(),
        "classes": list(pack.names),
        "diagonals": usual_diagonals(pack),
        "level": chosen.level,
        "levels": chosen.levels,
        "pull": chosen.pull,
        "temperature": chosen.temperature,
        "bank": len(bank.latents),
        "sized": True,
        "latent_mean": round(bank.latents.mean().item(), 4),
        "latent_deviation": round(bank.latents.std(0).mean().item(), 4),
        "figures": figures,
        "training": {
            "objects": len(pack.rows["train_original"]),
            "shapes": len(pack.rows["train"]),
            "views": int(sum(len(pack.views_of[row]) for row in pack.rows["train"])),
            **{
                phase: {k: line[k] for k in ("minutes", "steps", "pictures") if k in line}
                for phase, line in last.items()
            },
        },
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "imnet.safetensors"
    temporary = path.with_suffix(".part")
    tensors = pack_tensors({"img_encoder": encoder, "generator": decoder}, bank)
    save_file(tensors, str(temporary), metadata={FORMAT: json.dumps(metadata)})
    size = temporary.stat().st_size
    if size > MAX_BUNDLED:
        raise ValueError(f"{size} bytes are more than the {MAX_BUNDLED} that may be bundled")
    temporary.chmod(0o644)  # the library makes it private
    digest = hash_file(temporary)
    temporary.replace(path)
    record = {"file": path.name, "bytes": size, "sha256": digest}
    path.with_suffix(".json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    write_card(folder / "imnet.md", pack, metadata, record, lines)
    write_attribution(folder / "ATTRIBUTION", pack)
    return path
