"""Leave out what models bring along under the object: sheets for the ground or a shadow."""

from __future__ import annotations

import numpy as np

from ..formats.mesh import Mesh, component_labels, face_normals


def drop_ground(mesh: Mesh, up: int) -> Mesh:
    """Leave out flat level sheets at the bottom that stand for the ground or a shadow.

    A connected part goes if it is level and without height, lies in the lowest tenth of the object
    and covers more than a twelfth of its ground box. `up` is the axis that points up.
    """
    labels = component_labels(mesh)
    low, high = mesh.bounds
    height = high[up] - low[up]
    flat = [axis for axis in range(3) if axis != up]
    ground_area = float(np.prod((high - low)[flat]))
    normals, areas = face_normals(mesh)
    triangles = mesh.triangles
    keep = np.ones(len(mesh.faces), bool)
    level = np.abs(normals[:, up]) > 0.99
    for label in np.unique(labels[level]):
        part = labels == label
        values = triangles[part][..., up]
        if values.max() - values.min() > 0.01 * height or values.max() > low[up] + 0.1 * height:
            continue
        if areas[part].sum() > ground_area / 12:
            keep &= ~part
    return mesh.select_faces(keep) if keep.any() and not keep.all() else mesh
