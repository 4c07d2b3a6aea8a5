"""The three ways a prediction is laid over the truth, and everything measured in each.

- camera frame: turned into the frame of the camera it was seen by (with the engine's own estimate
  of the camera, or, for silhouette inflation, as it was made), where its box is laid over that of
  the truth in the true camera's frame: scale, place and depth by the box. It leaves out the error
  of the pose.
- as delivered: as it would stand in the scene. Boxes centred and scaled, no search.
- best yaw: turned about the vertical by the best of 36 yaws.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from .shape import Box, Shape, fit_box, turn
from .silhouette import View, camera_axes, new_views, silhouette_iou
from .surface import SurfaceTruth
from .volume import POINTS, unit_points, volume_iou
from .yaw import best_yaw, symmetry_order, yaw_error

CAMERA, DELIVERED, BEST_YAW = "camera frame", "as delivered", "best yaw"
ALIGNMENTS = (CAMERA, DELIVERED, BEST_YAW)
SYMMETRY_POINTS = 30_000
NORMALS_OF_NOTHING = 0.0


@dataclass(frozen=True)
class Scores:
    """All metrics of one prediction in one alignment; chamfer is None where there is no mesh."""

    iou: float
    chamfer: float | None
    f1: float
    f2: float
    f5: float
    normals: float
    outline: float
    new_outlines: float

    @classmethod
    def of_nothing(cls) -> Scores:
        """What a failed generation gets."""
        return cls(0.0, None, 0.0, 0.0, 0.0, NORMALS_OF_NOTHING, 0.0, 0.0)


@dataclass(frozen=True)
class Prediction:
    """A mesh as delivered (Z up, facing -Y, any place and scale) and the camera its maker saw.

    estimate: (azimuth, elevation) in degrees, None where the maker answers in the object's own
    pose: then the camera frame has nothing to correct and its scores are those as delivered.
    """

    shape: Shape
    estimate: tuple[float, float] | None = None


class Truth:
    """The true shape in object space with what is computed once for all predictions."""

    def __init__(self, shape: Shape, seed: int) -> None:
        self.shape = shape
        self.seed = seed
        self.surface = SurfaceTruth(shape, np.random.default_rng((seed, 1)))
        self.points = unit_points(POINTS, np.random.default_rng((seed, 2)))
        self.symmetry = symmetry_order(shape, self.points[:SYMMETRY_POINTS])

    def score(self, placed: Shape, view: View) -> Scores:
        """All metrics of a shape that lies over the truth."""
        surface = self.surface.compare(placed, np.random.default_rng((self.seed, 3)))
        return Scores(
            iou=volume_iou(self.shape, placed, self.points),
            chamfer=surface.chamfer,
            f1=surface.f[0],
            f2=surface.f[1],
            f5=surface.f[2],
            normals=surface.normals,
            outline=silhouette_iou(self.shape, placed, view),
            new_outlines=float(
                np.mean([silhouette_iou(self.shape, placed, v) for v in new_views(view)])
            ),
        )

    def judge(self, prediction: Prediction | None, view: View) -> dict[str, Any]:
        """One row of results: scores by alignment, yaw, yaw_error, symmetry; plain types.

        prediction: None for a failed generation, which gets the worst scores and yaw error.
        """
        row: dict[str, Any] = {"symmetry": None if np.isinf(self.symmetry) else self.symmetry}
        if prediction is None:
            row |= {name: asdict(Scores.of_nothing()) for name in ALIGNMENTS}
            return {**row, "yaw": None, "yaw_error": yaw_error(180 / self.symmetry, self.symmetry)}
        shape = prediction.shape
        yaw, _ = best_yaw(self.shape, shape, self.points)
        scores = {DELIVERED: self._score_turned(shape, np.eye(3), view)}
        scores[CAMERA] = scores[DELIVERED]
        if prediction.estimate is not None:
            scores[CAMERA] = self._score_in_camera(shape, prediction.estimate, view)
        # nothing to measure again where the best yaw is the one as delivered
        scores[BEST_YAW] = self._score_turned(shape, turn(yaw), view) if yaw else scores[DELIVERED]
        row |= {name: asdict(scores[name]) for name in ALIGNMENTS}
        return {**row, "yaw": yaw, "yaw_error": yaw_error(yaw, self.symmetry)}

    def _score_turned(self, shape: Shape, rotation: np.ndarray, view: View) -> Scores:
        return self.score(shape.placed(fit_box(shape.mesh.vertices, self.shape, rotation)), view)

    def _score_in_camera(self, shape: Shape, estimate: tuple[float, float], view: View) -> Scores:
        """Boxes are fitted along the cameras' axes, the result is turned back to object space."""
        seen, true = camera_frame(*estimate), camera_frame(view.azimuth, view.elevation)
        truth = Box.around(self.shape.mesh.vertices @ true.T)
        placement = fit_box(shape.mesh.vertices, truth, seen)
        placed = placement.apply(shape.mesh.vertices) @ true
        return self.score(Shape(placed, shape.mesh.faces), view)


def camera_frame(azimuth: float, elevation: float) -> np.ndarray:
    """Float64 [3, 3]: object space to the camera's axes (right, up, forward)."""
    return np.stack(camera_axes(azimuth, elevation))
