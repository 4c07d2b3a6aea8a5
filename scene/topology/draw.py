"""Vertices drawn onto a surface, without turning any face over."""

from __future__ import annotations

import numpy as np

from ...inference.polygons import cross_triangles, link_corners
from ...inference.types import PolygonMesh

_ATTEMPTS, _SHRINK = 12, 0.7
_LEAST_LEFT = 0.01
"""What must be left of a corner's area, along its normal."""


def draw_vertices(mesh: PolygonMesh, wanted: np.ndarray) -> PolygonMesh:
    """Vertices moved to float64 [V, 3], or as far there as no polygon turns over or collapses."""
    triangles = _list_corners(mesh)
    start = mesh.vertices.astype(np.float64)
    way, share = wanted - start, np.ones((len(wanted), 1))
    before = cross_triangles(start, triangles)
    area = np.linalg.norm(before, axis=1)
    for attempt in range(_ATTEMPTS):
        places = start + share * way
        after = cross_triangles(places, triangles)
        turned = np.einsum("ij,ij->i", before, after) < _LEAST_LEFT * area * area
        if not turned.any():
            return PolygonMesh(places.astype(np.float32), mesh.corners, mesh.sizes)
        back = np.unique(triangles[turned])
        share[back] = 0.0 if attempt >= _ATTEMPTS // 2 else share[back] * _SHRINK
    return mesh


def _list_corners(mesh: PolygonMesh) -> np.ndarray:
    """Int64 [L, 3]: every corner between its neighbours along the polygon."""
    links = link_corners(mesh)
    before = np.empty(len(links.tails), np.int64)
    before[links.following] = np.arange(len(before))
    return np.stack([links.tails[before], links.tails, links.heads], axis=-1)
