"""From a source's frame into the axes of object space: Z up, the object faces -Y.

Conventions are found by looking: on the contact sheets that `sheets` draws, every object of a
class faces the same way. What a package got wrong for one object is in its source's tables.
"""

from __future__ import annotations

import numpy as np

from ..formats.mesh import Mesh

# Rows are the axes of object space written in the source's axes.
Y_UP_FACING_PLUS_Z = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
Y_UP_FACING_MINUS_X = np.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def rotation_z(degrees: float) -> np.ndarray:
    """float64 [3, 3]: turn by `degrees` about Z, counter-clockwise seen from above."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cosine, -sine, 0.0], [sine, cosine, 0.0], [0.0, 0.0, 1.0]])


def object_rotation(
    axes: np.ndarray, yaw_fix: float = 0.0, own: tuple[float, ...] | None = None
) -> np.ndarray:
    """float64 [3, 3] that takes a source's vertex into object space's axes.

    axes: float64 [3, 3], the source's convention, such as `Y_UP_FACING_PLUS_Z`.
    own: the source's own rotation of this model (row-major 3x3), applied first.
    yaw_fix: degrees about Z, applied last.
    """
    matrix = axes
    if own is not None:
        matrix = matrix @ np.array(own, np.float64).reshape(3, 3)
    return rotation_z(yaw_fix) @ matrix


def rotate(mesh: Mesh, rotation: np.ndarray) -> Mesh:
    """The mesh with every vertex multiplied by `rotation` (float64 [3, 3]) from the left."""
    return mesh.with_vertices(mesh.vertices @ rotation.T)
