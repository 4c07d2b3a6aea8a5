"""Where pictures are taken from, and which part of the view they show.

Azimuth 0 stands in front of the object (on -Y, looking toward +Y), positive azimuth moves the
camera toward +X; elevation is the angle above the ground; both in degrees. The camera looks at the
origin from as far as the bounding sphere (diameter 1) fills its field of view. The picture is then
cropped to a square around the silhouette's box, whose longest side takes `FILL` of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FILL = 0.85
FRONT_SHARE, FRONT_DEVIATION = 0.5, 40.0
"""Share of the pictures that are taken around the front, and their deviation in degrees."""
CAMERA_COLUMNS = (
    "azimuth",
    "elevation",
    "field_of_view",
    "centre_x",
    "centre_y",
    "half_side",
    "distance",
)


@dataclass(frozen=True)
class Camera:
    """azimuth, elevation and field of view in degrees; see the module for their zero."""

    azimuth: float
    elevation: float
    field_of_view: float

    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Unit vectors right, up and forward (float64 [3] each) in object space."""
        azimuth, elevation = np.radians(self.azimuth), np.radians(self.elevation)
        forward = -np.array(
            [
                np.cos(elevation) * np.sin(azimuth),
                -np.cos(elevation) * np.cos(azimuth),
                np.sin(elevation),
            ]
        )
        right = np.array([np.cos(azimuth), np.sin(azimuth), 0.0])
        return right, np.cross(right, forward), forward

    @property
    def distance(self) -> float:
        """From the eye to the origin, in diagonals of the object's box."""
        return float(0.5 / np.sin(np.radians(self.field_of_view) / 2))

    @property
    def eye(self) -> np.ndarray:
        """float64 [3], where the camera stands in object space."""
        return -self.axes()[2] * self.distance


@dataclass(frozen=True)
class Window:
    """The square that a picture shows on the plane one unit in front of the eye.

    A point with camera coordinates (right, up, forward) = (X, Y, Z) is seen at
    x = X / Z, y = Y / Z (y up); pixel column = ((x - centre_x) / half_side + 1) / 2 * side,
    pixel row = (1 - (y - centre_y) / half_side) / 2 * side, both counted from the edge.
    """

    centre_x: float
    centre_y: float
    half_side: float

    def row(self, camera: Camera) -> np.ndarray:
        """float32 [7] in the order of `CAMERA_COLUMNS`."""
        angles = (camera.azimuth, camera.elevation, camera.field_of_view)
        crop = (self.centre_x, self.centre_y, self.half_side)
        return np.array((*angles, *crop, camera.distance), np.float32)


def frame(camera: Camera, points: np.ndarray, fill: float = FILL) -> Window:
    """The window around the silhouette of a mesh whose vertices are `points` [N, 3].

    The silhouette's box is the box of the projected vertices, which is exact for a perspective
    view of triangles that are all in front of the camera.
    """
    axes = np.stack(camera.axes(), axis=1).astype(points.dtype)
    local = points @ axes
    depth = np.maximum(local[:, 2] + points.dtype.type(camera.distance), 1e-6)
    x, y = local[:, 0] / depth, local[:, 1] / depth
    left, right, bottom, top = x.min(), x.max(), y.min(), y.max()
    half = max(float(right - left), float(top - bottom), 1e-4) / 2 / fill
    return Window(float(left + right) / 2, float(bottom + top) / 2, half)


def random_camera(rng: np.random.Generator) -> Camera:
    """A camera as a person might hold it.

    Half of the azimuths are around the front, the others anywhere; elevation -10..60, mostly
    0..35; field of view 15..60 degrees.
    """
    if rng.random() < FRONT_SHARE:
        azimuth = float((rng.normal(0, FRONT_DEVIATION) + 180) % 360 - 180)
    else:
        azimuth = float(rng.uniform(-180, 180))
    elevation = float(rng.normal(16, 12) if rng.random() < 0.8 else rng.uniform(-10, 60))
    return Camera(azimuth, float(np.clip(elevation, -10, 60)), float(rng.uniform(15, 60)))


def azimuth_density(azimuth: np.ndarray) -> np.ndarray:
    """How often `random_camera` takes such azimuths (degrees, -180..180), against all alike."""
    bump = np.exp(-0.5 * (azimuth / FRONT_DEVIATION) ** 2) / (FRONT_DEVIATION * np.sqrt(2 * np.pi))
    return (1 - FRONT_SHARE) + FRONT_SHARE * 360 * bump
