"""Parts of a surface that were not there before: what is left of a thin one that broke."""

from __future__ import annotations

import numpy as np

from ...inference.polygons import label_components, link_corners, pick_polygons, split_polygons
from ...inference.types import PolygonMesh

_ALIKE = 1e-3
"""Parts whose volumes differ by less than this share count as images of each other."""


def count_parts(mesh: PolygonMesh) -> int:
    """Connected components."""
    return label_components(len(mesh.vertices), link_corners(mesh).edges)[0]


def drop_surplus(mesh: PolygonMesh, before: int) -> tuple[PolygonMesh, int]:
    """The mesh with its `before` largest parts, and how many others were dropped.

    Of two parts that mirror each other both stay or both go.
    """
    count, label = label_components(len(mesh.vertices), link_corners(mesh).edges)
    if count <= before:
        return mesh, 0
    triangles = split_polygons(mesh)
    centred = mesh.vertices.astype(np.float64) - mesh.vertices.mean(axis=0)
    a, b, c = (centred[triangles[:, corner]] for corner in range(3))
    shares = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6
    volumes = np.abs(np.bincount(label[triangles[:, 0]], shares, count))
    dropped = volumes < np.sort(volumes)[-before] * (1.0 - _ALIKE)
    if not dropped.any():
        return mesh, 0
    kept = ~dropped[label[mesh.corners[mesh.starts]]]
    return pick_polygons(mesh, kept), int(dropped.sum())
