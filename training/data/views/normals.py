"""Normals that are smooth over gentle edges and split at sharp ones."""

from __future__ import annotations

import numpy as np

from ..formats.mesh import Mesh, face_normals

SPLIT_DEGREES = 40.0
NEIGHBOURS = 24  # faces around a vertex that are compared, on either side of the list


def corner_normals(mesh: Mesh, split: float = SPLIT_DEGREES) -> np.ndarray:
    """float32 [F, 3, 3]: a unit normal for each corner of each face, zero for degenerate faces.

    A corner's normal is the area-weighted mean over the faces at the same place whose normals are
    less than `split` degrees apart from its own face's. Normals that point the opposite way (faces
    wound the other way round) count turned about, since sources mix windings.
    """
    normals, areas = face_normals(mesh)
    normals = normals.astype(np.float32)
    weighted = normals * areas.astype(np.float32)[:, None]
    place = _join(mesh.vertices)[mesh.faces].reshape(-1)
    order = np.argsort(place, kind="stable")
    place, face = place[order], (order // 3).astype(np.int64)
    result = weighted[face]
    limit = np.cos(np.radians(split))
    first = np.arange(len(place))
    for step in range(1, NEIGHBOURS + 1):
        first = first[first + step < len(place)]
        first = first[place[first] == place[first + step]]
        if not len(first):
            break
        one, other = face[first], face[first + step]
        cosine = np.einsum("ij,ij->i", normals[one], normals[other])
        turned = (np.sign(cosine) * (np.abs(cosine) > limit))[:, None]
        result[first] += turned * weighted[other]
        result[first + step] += turned * weighted[one]
    length = np.linalg.norm(result, axis=1, keepdims=True)
    corners = np.empty_like(result)
    corners[order] = result / np.maximum(length, 1e-30)
    return corners.reshape(-1, 3, 3)


def _join(vertices: np.ndarray) -> np.ndarray:
    """int64 [V]: equal for vertices at the same place (to 1e-5)."""
    cells = np.round(vertices * 1e5).astype(np.int64) & 0x1FFFFF
    keys = (cells[:, 0] << 42) | (cells[:, 1] << 21) | cells[:, 2]
    return np.unique(keys, return_inverse=True)[1].reshape(-1)
