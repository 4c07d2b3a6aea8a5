"""Every polygon as quads around its middle: four times as many, in the same flow."""

from __future__ import annotations

import numpy as np

from ...inference.polygons import link_corners
from ...inference.types import PolygonMesh


def subdivide(mesh: PolygonMesh) -> PolygonMesh:
    """Each polygon of n corners becomes n quads; the new vertices have no other valence than 4.

    New vertices are the middles of edges and polygons (Catmull and Clark 1978 without smoothing).
    """
    links = link_corners(mesh)
    places = mesh.vertices.astype(np.float64)
    middles = places[links.edges].mean(axis=1)
    count = len(mesh.sizes)
    centres = np.stack(
        [np.bincount(links.polygon, places[links.tails, axis], count) for axis in range(3)], axis=-1
    )
    centres /= mesh.sizes[:, None]
    before = np.empty(len(links.tails), np.int64)
    before[links.following] = np.arange(len(before))
    first_middle, first_centre = len(places), len(places) + len(middles)
    quads = np.stack(
        [
            links.tails,
            first_middle + links.edge,
            first_centre + links.polygon,
            first_middle + links.edge[before],
        ],
        axis=-1,
    )
    return PolygonMesh(
        np.concatenate([places, middles, centres]).astype(mesh.vertices.dtype),
        quads.reshape(-1).astype(np.int32),
        np.full(len(quads), 4, np.int32),
    )
