"""From every source's frame into object space (Z up, faces -Y, centred, diagonal 1).

The conventions were found by looking: on the contact sheets that `sheets` draws, every object
of a class faces the same way. What a package got wrong for one object is in `YAW_FIXES`.
"""

from __future__ import annotations

import numpy as np

from ..formats.mesh import Mesh, normalise

# Rows are the axes of object space written in the source's axes.
# Sweet Home 3D: Y up, front at +Z. AC3D as FlightGear uses it: Y up, nose at -X, left wing at +Z.
SH3D_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
AC3D_AXES = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
AXES = {
    "sweethome3d-furniture": SH3D_AXES,
    "flightgear-data-ai": AC3D_AXES,
    "flightgear-data-base": AC3D_AXES,
    "flightgear-data-models": AC3D_AXES,
}


def rotation_z(degrees: float) -> np.ndarray:
    """float64 [3, 3]: turn by `degrees` about Z, counter-clockwise seen from above."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def object_rotation(
    package: str, yaw_fix: float = 0.0, own: tuple[float, ...] | None = None
) -> np.ndarray:
    """float64 [3, 3] that takes a source's vertex into object space's axes.

    own: the catalogue's own rotation of this model (row-major), applied first.
    yaw_fix: degrees about Z, applied last.
    """
    matrix = AXES[package]
    if own is not None:
        matrix = matrix @ np.array(own, np.float64).reshape(3, 3)
    return rotation_z(yaw_fix) @ matrix


def to_object_space(
    mesh: Mesh, package: str, yaw_fix: float = 0.0, own: tuple[float, ...] | None = None
) -> tuple[Mesh, float]:
    """The mesh in object space, and its old bounding box diagonal in the source's units."""
    rotation = object_rotation(package, yaw_fix, own)
    return normalise(mesh.with_vertices(mesh.vertices @ rotation.T))
