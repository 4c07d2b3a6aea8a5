"""A pack's large pictures, which the fine level is trained on."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 384


class FineViews:
    """Pictures of some of a pack's objects, decoded when they are asked for.

    views_of: for each object of the pack the numbers of its large pictures. views_camera: float32
    [F, 7], as the pack's own. Raises ValueError when the arrays do not belong together.
    """

    def __init__(self, folder: Path, views_of: list[np.ndarray]) -> None:
        self._files = np.load(folder / "fine.npy", mmap_mode="r")
        self._ends = np.load(folder / "fine_ends.npy")
        self.views_camera = np.load(folder / "fine_camera.npy")
        self.views_of = views_of
        count = sum(len(views) for views in views_of)
        if not count == len(self._ends) == len(self.views_camera):
            raise ValueError(f"{folder}: fine views, ends and cameras differ in number")
        if self._ends[-1] != len(self._files):
            raise ValueError(f"{folder}: fine.npy does not end where its last picture does")

    def pictures(self, views: np.ndarray) -> np.ndarray:
        """Pictures uint8 [B, 384, 384, 4], straight alpha."""
        return np.stack([self._decode(int(view)) for view in views])

    def _decode(self, view: int) -> np.ndarray:
        start = int(self._ends[view - 1]) if view else 0
        data = self._files[start : int(self._ends[view])].tobytes()
        with Image.open(io.BytesIO(data), formats=["WEBP"]) as image:
            if image.size != (SIDE, SIDE):
                raise ValueError(f"a fine view of {image.size}, expected {SIDE} pixels a side")
            return np.asarray(image.convert("RGBA"))
