"""A surface with another topology stands where the original stood, as large."""

from __future__ import annotations

import numpy as np

from ..types import PolygonMesh

_MOST_STRETCH = 0.2


def restore_box(
    mesh: PolygonMesh, original: np.ndarray, *, symmetric: bool, stretch: bool = False
) -> PolygonMesh:
    """Scaled to the original's longest side, on its floor, over its ground centre.

    original: float [V, 3], its vertices. symmetric: x = 0 stays the mirror plane, to the bit.
    stretch: every axis is scaled to the original's box by itself where that takes little: coarse
    faces cut ends off, such as the tips of legs, and would stand too low.
    """
    low = original.min(0).astype(np.float64)
    high = original.max(0).astype(np.float64)
    new_low = mesh.vertices.min(0).astype(np.float64)
    new_high = mesh.vertices.max(0).astype(np.float64)
    extent = np.maximum(new_high - new_low, 1e-12)
    factor = np.full(3, (high - low).max() / extent.max())
    if stretch and (np.abs((high - low) / extent - 1.0) <= _MOST_STRETCH).all():
        factor = (high - low) / extent
    anchor = np.append((low + high)[:2] / 2, low[2])
    new_anchor = np.append((new_low + new_high)[:2] / 2, new_low[2])
    if symmetric:
        anchor[0] = new_anchor[0] = 0.0
    places = ((mesh.vertices - new_anchor) * factor + anchor).astype(np.float32)
    return PolygonMesh(places, mesh.corners, mesh.sizes)
