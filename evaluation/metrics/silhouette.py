"""Outlines of shapes in views of the truth's camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .shape import Shape
from .volume import iou_of

SIDE = 128
NEW_YAWS = (45.0, 135.0, 225.0, 315.0)
NEW_ELEVATION, NEW_FIELD_OF_VIEW = 20.0, 30.0


def camera_axes(azimuth: float, elevation: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Unit vectors right, up, forward in object space of a camera that looks at the origin.

    azimuth, elevation: degrees, as in `inference.types.Camera`.
    """
    a, e = np.radians(azimuth), np.radians(elevation)
    forward = -np.array([np.cos(e) * np.sin(a), -np.cos(e) * np.cos(a), np.sin(e)])
    right = np.array([np.cos(a), np.sin(a), 0.0])
    return right, np.cross(right, forward), forward


@dataclass(frozen=True)
class View:
    """A pinhole camera that looks at the origin; square picture.

    azimuth, elevation: degrees, as in `inference.types.Camera`. field_of_view: full angle across
    the picture. distance: of the eye from the origin, in box diagonals of the object.
    """

    azimuth: float
    elevation: float
    field_of_view: float
    distance: float

    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Unit vectors right, up, forward in object space."""
        return camera_axes(self.azimuth, self.elevation)

    def rays(self, side: int) -> tuple[np.ndarray, np.ndarray]:
        """The eye [3] and unit directions float64 [side * side, 3], row 0 at the top."""
        right, up, forward = self.axes()
        half = np.tan(np.radians(self.field_of_view) / 2)
        steps = ((np.arange(side) + 0.5) / side * 2 - 1) * half
        across, down = np.meshgrid(steps, -steps)
        rays = forward + across[..., None] * right + down[..., None] * up
        rays = rays.reshape(-1, 3)
        return -forward * self.distance, rays / np.linalg.norm(rays, axis=1, keepdims=True)


def new_views(view: View) -> list[View]:
    """Four views round the object that the engine has not seen, between the input's quarters."""
    distance = 0.55 / np.sin(np.radians(NEW_FIELD_OF_VIEW) / 2)
    return [
        View(view.azimuth + yaw, NEW_ELEVATION, NEW_FIELD_OF_VIEW, float(distance))
        for yaw in NEW_YAWS
    ]


def silhouette(shape: Shape, view: View, side: int = SIDE) -> np.ndarray:
    """Bool [side, side]: where the view's rays meet the shape, row 0 at the top."""
    eye, rays = view.rays(side)
    missed = shape.scene.escapes(np.broadcast_to(eye, rays.shape), rays)
    return ~missed.reshape(side, side)


def silhouette_iou(truth: Shape, prediction: Shape, view: View, side: int = SIDE) -> float:
    """IoU of the outlines of two shapes in object space, seen by the same camera."""
    return iou_of(silhouette(truth, view, side), silhouette(prediction, view, side))
