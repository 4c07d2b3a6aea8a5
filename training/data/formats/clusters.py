"""One object out of a file that holds several copies of it, standing apart."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from .mesh import Mesh, MeshError, component_labels

MAX_COMPONENTS = 4_000


def largest_cluster(mesh: Mesh, margin: float = 0.002) -> Mesh:
    """The group of connected components with the most surface.

    Components belong together when their boxes, grown by `margin` of the mesh's longest edge,
    touch. Raises MeshError for more than `MAX_COMPONENTS` components.
    """
    labels = component_labels(mesh)
    count = int(labels.max()) + 1 if len(labels) else 0
    if not 1 <= count <= MAX_COMPONENTS:
        raise MeshError(f"{count} components, not 1 to {MAX_COMPONENTS}")
    triangles = mesh.triangles
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, labels, triangles.min(axis=1))
    np.maximum.at(high, labels, triangles.max(axis=1))
    grow = margin * float((high.max(axis=0) - low.min(axis=0)).max())
    touch = np.ones((count, count), bool)
    for axis in range(3):
        touch &= low[:, None, axis] - grow <= high[None, :, axis] + grow
        touch &= low[None, :, axis] - grow <= high[:, None, axis] + grow
    cluster = connected_components(coo_matrix(touch), directed=False)[1][labels]
    area = np.linalg.norm(
        np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1
    )
    return mesh.select_faces(cluster == np.bincount(cluster, weights=area).argmax())
