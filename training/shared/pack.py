"""The training pack: solid shapes, points near their surfaces and rendered views, memory-mapped."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .fine_views import FineViews

GRID = 64
CELLS = GRID**3
GENERATED = 0.5
"""How often a generated object is drawn, compared with one that somebody made: they are more alike
than their number says."""
VARIANT = 1 / 3
"""How often a deformed copy is drawn, compared with its original: there may be three of each."""


class Pack:
    """A pack's arrays and the tables that sampling needs.

    names: classes that are used; None: all of the pack's. objects: index.json's entries in row
    order. classes: int64 [N], index into `names`, -1 where a class is not used.
    rows: rows of used objects by split. views_of: for each object the rows of its views. fine:
    large pictures of some of the objects, None where the pack has none.
    Raises FileNotFoundError or ValueError when the folder does not hold a pack.
    """

    def __init__(self, folder: Path, names: Sequence[str] | None = None) -> None:
        index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        self.objects: list[dict[str, Any]] = index["objects"]
        self.occupancy = np.load(folder / "occupancy.npy", mmap_mode="r")
        self.points = np.load(folder / "points.npy", mmap_mode="r")
        self.inside = np.load(folder / "inside.npy", mmap_mode="r")
        self.views = np.load(folder / "views.npy", mmap_mode="r")
        self.views_row = np.load(folder / "views_row.npy")
        self.views_camera = np.load(folder / "views_camera.npy")
        count = len(self.objects)
        expected = {
            "occupancy": (self.occupancy, (count, CELLS // 8)),
            "points": (self.points, (count, self.points.shape[1], 3)),
            "inside": (self.inside, (count, self.points.shape[1] // 8)),
            "views": (self.views, (len(self.views_row), 128, 128, 4)),
            "views_camera": (self.views_camera, (len(self.views_row), self.views_camera.shape[1])),
        }
        for name, (array, shape) in expected.items():
            if array.shape != shape:
                raise ValueError(f"{name}.npy has shape {array.shape}, expected {shape}")
        present = index["meta"]["classes"]
        self.names = tuple(n for n in present if names is None or n in names)
        places = {name: place for place, name in enumerate(self.names)}
        self.classes = np.array([places.get(item["class"], -1) for item in self.objects])
        splits = np.array([item["split"] for item in self.objects])
        original = np.array([not item.get("variant_of") for item in self.objects])
        used = self.classes >= 0
        real = np.array([not item.get("generated", False) for item in self.objects])
        self.generated, self.variant = ~real, ~original
        self.rows = {
            "train": np.flatnonzero(used & (splits == "train")),
            "train_original": np.flatnonzero(used & (splits == "train") & original),
            "train_real": np.flatnonzero(used & (splits == "train") & original & real),
            "validation": np.flatnonzero(used & (splits == "validation") & original & real),
            "test": np.flatnonzero(used & (splits == "test") & original & real),
        }
        self.views_of = views_by_object(self.views_row, count)
        self.fine: FineViews | None = None
        if (folder / "fine.npy").exists():
            rows = np.load(folder / "fine_row.npy")
            self.fine = FineViews(folder, views_by_object(rows, count))
        self._boxes: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def pictures(self, views: np.ndarray) -> np.ndarray:
        """Views uint8 [B, 128, 128, 4], straight alpha."""
        return self.views[views]

    def sampling_weights(self, rows: np.ndarray, power: float = 0.5) -> np.ndarray:
        """Probability of each row: classes weigh count ** power (1: as they come, 0: all alike);
        in a class a generated object weighs `GENERATED` of another one and a variant `VARIANT`,
        and each counts as much."""
        classes = self.classes[rows]
        worth = np.where(self.generated[rows], GENERATED, 1.0)
        worth *= np.where(self.variant[rows], VARIANT, 1.0)
        counts = np.bincount(classes, worth, minlength=len(self.names))
        weights = worth * counts[classes] ** (power - 1)
        return weights / weights.sum()

    def voxels(self, rows: np.ndarray) -> Tensor:
        """Occupancy of some rows, bool [B, 64, 64, 64]."""
        bits = np.unpackbits(np.asarray(self.occupancy[rows]), axis=1)
        return torch.from_numpy(bits.reshape(-1, GRID, GRID, GRID)).bool()

    def boxes(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """First filled cell and the one behind the last, int64 [B, 3] each, of each solid."""
        for row in {int(row) for row in rows} - self._boxes.keys():
            cells = np.argwhere(np.unpackbits(self.occupancy[row]).reshape((GRID,) * 3))
            self._boxes[row] = (cells.min(0), cells.max(0) + 1)
        low, high = zip(*(self._boxes[int(row)] for row in rows), strict=True)
        return np.stack(low), np.stack(high)

    def surface_points(
        self, rows: np.ndarray, count: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """`count` random points near the surface, [B, count, 3] float32, and inside [B, count]."""
        picks = rng.integers(0, self.points.shape[1], (len(rows), count))
        points = np.stack([self.points[r][p] for r, p in zip(rows, picks, strict=True)])
        bits = np.stack([self.inside[r][p >> 3] for r, p in zip(rows, picks, strict=True)])
        inside = (bits >> (7 - (picks & 7)).astype(np.uint8)) & 1
        return torch.from_numpy(points.astype(np.float32)), torch.from_numpy(inside).float()


def views_by_object(views_row: np.ndarray, count: int) -> list[np.ndarray]:
    """The numbers of the views of each of `count` objects; views_row: int [V], theirs."""
    order = np.argsort(views_row, kind="stable")
    starts = np.searchsorted(views_row[order], np.arange(count + 1))
    return [order[a:b] for a, b in itertools.pairwise(starts)]
