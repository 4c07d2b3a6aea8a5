"""The training pack: solid shapes, points near their surfaces and rendered views, memory-mapped."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

GRID = 64
CELLS = GRID**3


@dataclass(frozen=True)
class Shapes:
    """A batch of shapes: occupancy bool [B, 64, 64, 64]; points [B, N, 3]; inside [B, N] 0/1."""

    occupancy: Tensor
    points: Tensor
    inside: Tensor


class Pack:
    """A pack's arrays and the tables that sampling needs.

    names: classes that are used; None: all of the pack's. objects: index.json's entries in row
    order. classes: int64 [N], index into `names`, -1 where a class is not used.
    rows: rows of used objects by split. views_of: for each object the rows of its views.
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
        self.rows = {
            "train": np.flatnonzero(used & (splits == "train")),
            "train_original": np.flatnonzero(used & (splits == "train") & original),
            "train_real": np.flatnonzero(used & (splits == "train") & original & real),
            "validation": np.flatnonzero(used & (splits == "validation") & original & real),
            "test": np.flatnonzero(used & (splits == "test") & original & real),
        }
        order = np.argsort(self.views_row, kind="stable")
        starts = np.searchsorted(self.views_row[order], np.arange(count + 1))
        self.views_of = [order[a:b] for a, b in itertools.pairwise(starts)]

    def sampling_weights(self, rows: np.ndarray, power: float = 0.5) -> np.ndarray:
        """Probability of each row: classes weigh count ** power (1: as they come, 0: all alike)."""
        classes = self.classes[rows]
        counts = np.bincount(classes, minlength=len(self.names)).astype(float)
        weights = (counts[classes] ** power) / counts[classes]
        return weights / weights.sum()

    def voxels(self, rows: np.ndarray) -> Tensor:
        """Occupancy of some rows, bool [B, 64, 64, 64]."""
        bits = np.unpackbits(np.asarray(self.occupancy[rows]), axis=1)
        return torch.from_numpy(bits.reshape(-1, GRID, GRID, GRID)).bool()

    def surface_points(
        self, rows: np.ndarray, count: int, rng: np.random.Generator
    ) -> tuple[Tensor, Tensor]:
        """`count` random points near the surface, [B, count, 3] float32, and inside [B, count]."""
        picks = rng.integers(0, self.points.shape[1], (len(rows), count))
        points = np.stack([self.points[r][p] for r, p in zip(rows, picks, strict=True)])
        bits = np.stack([self.inside[r][p >> 3] for r, p in zip(rows, picks, strict=True)])
        inside = (bits >> (7 - (picks & 7)).astype(np.uint8)) & 1
        return torch.from_numpy(points.astype(np.float32)), torch.from_numpy(inside).float()

    def shapes(
        self,
        rows: np.ndarray,
        surface: int,
        uniform: int,
        level: int,
        rng: np.random.Generator,
        mirror: np.ndarray | None = None,
    ) -> Shapes:
        """Shapes with training points of one level: 16, 32 or 64 cells along each edge.

        `surface` points near the surface and `uniform` cell centres of that level's grid. At 64
        the surface points carry their exact inside bit; below it, every point carries the value
        of the coarse cell it lies in, and a coarse cell is inside when any of its 64^3 cells is
        (the paper's max-pooling).
        """
        grids = self.voxels(rows)
        points, inside = self.surface_points(rows, surface, rng)
        coarse = pool_any(grids, level)
        batch = torch.arange(len(rows))[:, None]
        cells = torch.from_numpy(rng.integers(0, level, (len(rows), uniform, 3)))
        if level < GRID:
            near = ((points + 0.5) * level).long().clamp(0, level - 1)
            inside = coarse[batch, near[..., 0], near[..., 1], near[..., 2]].float()
        values = coarse[batch, cells[..., 0], cells[..., 1], cells[..., 2]].float()
        points = torch.cat((points, (cells + 0.5) / level - 0.5), 1)
        inside = torch.cat((inside, values), 1)
        if mirror is not None and mirror.any():
            chosen = torch.from_numpy(mirror)
            grids[chosen] = grids[chosen].flip(1)
            points[chosen, :, 0] *= -1
        return Shapes(grids, points, inside)


def pool_any(grids: Tensor, level: int) -> Tensor:
    """Bool [B, 64, 64, 64] -> [B, level, level, level], true where any cell of the block is."""
    if level == GRID:
        return grids
    step = GRID // level
    return torch.nn.functional.max_pool3d(grids[:, None].float(), step)[:, 0] > 0.5
