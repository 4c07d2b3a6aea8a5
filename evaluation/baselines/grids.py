"""Occupancy grids as the pack keeps them, and closed shapes from them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from skimage.measure import marching_cubes

from ..metrics.shape import Shape


@dataclass(frozen=True)
class Pack:
    """A finished pack's arrays, memory-mapped (layout: `training/data/README.md`)."""

    folder: Path
    index: dict[str, Any]
    occupancy: np.ndarray
    views: np.ndarray
    views_row: np.ndarray
    views_camera: np.ndarray

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The rows of `index.json`."""
        return self.index["objects"]

    @property
    def resolution(self) -> int:
        """Cells along an edge of the occupancy grids."""
        return int(self.index["meta"]["resolution"])

    def grids(self, rows: np.ndarray) -> np.ndarray:
        """Bool [R, n, n, n] of some rows."""
        bits = np.unpackbits(np.asarray(self.occupancy[rows]), axis=1)
        return bits.astype(bool).reshape((-1,) + (self.resolution,) * 3)

    def rows(self, split: str, kind: str | None = None, *, originals: bool = True) -> np.ndarray:
        """Rows of a split, of one class or all, without deformed variants or with them."""
        return np.array(
            [
                row
                for row, item in enumerate(self.objects)
                if item["split"] == split
                and (kind is None or item["class"] == kind)
                and not (originals and item["variant_of"])
            ],
            np.int64,
        )


def open_pack(folder: Path) -> Pack:
    """The pack in a folder. Raises FileNotFoundError where there is no finished one."""
    if not (folder / "READY").exists():
        raise FileNotFoundError(f"{folder} holds no finished pack; ./bozzetto data makes one")
    return Pack(
        folder=folder,
        index=json.loads((folder / "index.json").read_text(encoding="utf-8")),
        occupancy=np.load(folder / "occupancy.npy", mmap_mode="r"),
        views=np.load(folder / "views.npy", mmap_mode="r"),
        views_row=np.load(folder / "views_row.npy"),
        views_camera=np.load(folder / "views_camera.npy"),
    )


def shape_of_values(values: np.ndarray, level: float) -> Shape:
    """The closed surface at a level of float [n, n, n] in the cube [-0.5, 0.5]³, high inside.

    Raises ValueError where nothing is above the level.
    """
    if not (values > level).any():
        raise ValueError("nothing is above the level")
    beyond = min(float(values.min()), level - 0.5)
    padded = np.pad(values.astype(np.float32), 1, constant_values=beyond)
    vertices, faces, _, _ = marching_cubes(padded, level, gradient_direction="ascent")
    return Shape((vertices - 0.5) / values.shape[0] - 0.5, faces)
