"""The three baselines under one roof: made once for a pack, asked for every picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ...training.shared.imagenet import load_imagenet
from ..metrics.shape import Shape
from .grids import Pack
from .inflation import USUAL_ELEVATION, inflate, tune_profile
from .mean_shape import build_mean_shapes
from .retrieval import build_bank, retrieve

MEAN_SHAPE, RETRIEVAL, INFLATION = "class mean shape", "retrieval", "silhouette inflation"
BASELINES = (MEAN_SHAPE, RETRIEVAL, INFLATION)


class Baselines:
    """All baselines at full strength.

    variants: whether retrieval searches the renders of deformed variants too.
    """

    def __init__(self, pack: Pack, cache: Path, *, variants: bool = True) -> None:
        self._pack = pack
        self.mean_shapes = build_mean_shapes(pack)
        self.profile = tune_profile(pack)
        self._network = load_imagenet()
        self._bank = build_bank(pack, self._network, cache, variants=variants)

    @property
    def choices(self) -> dict[str, Any]:
        """What was chosen on the validation split, and what retrieval searches; plain types."""
        return {
            MEAN_SHAPE: self.mean_shapes.levels,
            INFLATION: {"scale": self.profile.scale, "roundness": self.profile.roundness},
            RETRIEVAL: {"renders": len(self._bank.rows)},
        }

    def predict(
        self, kind: str, rgba: np.ndarray | None
    ) -> dict[str, tuple[Shape | None, tuple[float, float] | None, dict[str, Any]]]:
        """For each baseline its shape, the camera that it believes in, and facts for the row.

        kind: the true class. rgba: float32 [S, S, 4] of the cutout, None where nothing was cut out;
        then only the class mean shape has an answer.
        """
        mean = self.mean_shapes.predict(kind)
        found: dict[str, Any] = {MEAN_SHAPE: (mean, None, {})}
        if rgba is None:
            return found | dict.fromkeys((RETRIEVAL, INFLATION), (None, None, {}))
        shape, row = retrieve(self._pack, self._bank, self._network, rgba)
        found[RETRIEVAL] = (shape, None, {"retrieved": self._pack.objects[row]["id"]})
        blown = inflate(rgba[..., 3], self.profile)
        found[INFLATION] = (blown, (0.0, USUAL_ELEVATION), {})
        return found
