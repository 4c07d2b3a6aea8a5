"""Leave out what models bring along under the object: sheets for the ground or a shadow."""

from __future__ import annotations

import numpy as np

from ..formats.mesh import Mesh, component_labels, face_normals


def drop_ground(mesh: Mesh, up: int) -> Mesh:
    """Leave out flat level sheets at the bottom that stand for the ground or a shadow.

    A connected part goes if it is level and without height, lies in the lowest tenth of the object
    and covers more than a twelfth of its ground box. `up` is the axis that points up. A mesh that
    is nothing but such sheets stays as it is.
    """
    labels = component_labels(mesh)
    parts = int(labels.max()) + 1
    low, high = mesh.bounds
    height = high[up] - low[up]
    ground_area = float(np.prod(np.delete(high - low, up)))
    normals, areas = face_normals(mesh)
    heights = mesh.triangles[..., up]
    part_low, part_high = np.full(parts, np.inf), np.full(parts, -np.inf)
    np.minimum.at(part_low, labels, heights.min(axis=1))
    np.maximum.at(part_high, labels, heights.max(axis=1))
    has_level_face = np.bincount(labels, np.abs(normals[:, up]) > 0.99, parts) > 0
    part_area = np.bincount(labels, areas, parts)
    ground = (
        has_level_face
        & (part_high - part_low <= 0.01 * height)
        & (part_high <= low[up] + 0.1 * height)
        & (part_area > ground_area / 12)
    )
    keep = ~ground[labels]
    return mesh.select_faces(keep) if keep.any() and not keep.all() else mesh
