"""Baseline: the training object whose picture looks most alike, in its own true orientation."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from ...inference.engines.efficientnet import FEATURES, EfficientNetLite0
from ...training.shared.imagenet import WEIGHTS_SHA256
from ...training.shared.run import autocast
from ..metrics.shape import Shape
from ..truth import save_arrays, shape_of_grid
from .grids import Pack

BATCH = 32
BLOCK = 1024
BACKDROP = 255
"""Behind transparent pixels: white, as behind products."""
BANK_VERSION = 2


@dataclass(frozen=True)
class Bank:
    """Features float32 [V, 1280] of length 1, and the pack's row of the object each shows, [V]."""

    features: np.ndarray
    rows: np.ndarray

    def nearest(self, features: np.ndarray) -> tuple[int, float]:
        """The row of the object with the highest cosine to features [1280], and the cosine."""
        cosines = self.features @ unit(features)
        best = int(cosines.argmax())
        return int(self.rows[best]), float(cosines[best])


def unit(features: np.ndarray) -> np.ndarray:
    """Features [..., 1280] scaled to length 1, float32."""
    length = np.linalg.norm(features, axis=-1, keepdims=True)
    return (features / np.maximum(length, 1e-12)).astype(np.float32)


def to_pixels(pictures: np.ndarray) -> torch.Tensor:
    """Straight-alpha pictures uint8 [B, s, s, 4] over the backdrop: float32 [B, 3, s, s], 0-255."""
    colours = torch.from_numpy(np.array(pictures)).float()
    alpha = colours[..., 3:] / 255
    over = colours[..., :3] * alpha + BACKDROP * (1 - alpha)
    return over.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


def compute_features(network: EfficientNetLite0, pictures: np.ndarray) -> np.ndarray:
    """Float32 [B, 1280], length 1, of straight-alpha pictures uint8 [B, s, s, 4].

    In bfloat16 where the processor has it, which halves the time of the largest part of a run.
    """
    found = np.empty((len(pictures), FEATURES), np.float32)
    threads = torch.get_num_threads()
    # these convolutions are small: several threads mostly wait for each other
    torch.set_num_threads(1)
    try:
        with torch.inference_mode(), autocast():
            for start in range(0, len(pictures), BATCH):
                part = slice(start, start + BATCH)
                found[part] = unit(network.features(to_pixels(pictures[part])).float().numpy())
    finally:
        torch.set_num_threads(threads)
    return found


def build_bank(
    pack: Pack, network: EfficientNetLite0, cache: Path, *, variants: bool = True
) -> Bank:
    """Features of all training renders, computed once for a pack and kept in blocks.

    variants: also those of deformed variants.
    """
    chosen = np.zeros(len(pack.objects), bool)
    chosen[pack.rows("train", originals=not variants)] = True
    views = np.flatnonzero(chosen[pack.views_row])
    stamp = (pack.folder / "READY").read_text().strip().replace(":", "")
    folder = cache / "features" / f"{pack.folder.name}-{stamp}-{WEIGHTS_SHA256[:8]}-v{BANK_VERSION}"
    features, started = [], time.monotonic()
    starts = np.unique(views // BLOCK)
    for number, block in enumerate(starts):
        inside = views[views // BLOCK == block]
        path = folder / f"{block}-{'all' if variants else 'originals'}.npz"
        if not path.exists():
            found = compute_features(network, np.asarray(pack.views[inside]))
            save_arrays(path, features=found.astype(np.float16))
            passed = time.monotonic() - started
            left = passed / (number + 1) * (len(starts) - number - 1)
            print(
                f"  features {number + 1}/{len(starts)}: {passed:.0f} s, {left:.0f} s left",
                flush=True,
            )
        with np.load(path) as stored:
            features.append(stored["features"].astype(np.float32))
    return Bank(unit(np.concatenate(features)), pack.views_row[views])


def prepare_query(rgba: np.ndarray, side: int) -> np.ndarray:
    """A cutout float32 [S, S, 4] as the pack's pictures are, uint8 [side, side, 4]."""
    picture = Image.fromarray(np.round(rgba * 255).astype(np.uint8), "RGBA").convert("RGBa")
    return np.asarray(picture.resize((side, side), Image.Resampling.BOX).convert("RGBA"))


def retrieve(
    pack: Pack, bank: Bank, network: EfficientNetLite0, rgba: np.ndarray
) -> tuple[Shape, int]:
    """The nearest training object's solid in object space, and its row. rgba: the cutout's."""
    query = prepare_query(rgba, pack.views.shape[1])[None]
    row, _ = bank.nearest(compute_features(network, query)[0])
    return shape_of_grid(pack.grids(np.array([row]))[0]), row
