"""UVs: inside the square, one on top of the other nowhere, and how much they stretch."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import MeshArrays, label_components, measure_areas
from .coverage import count_cover

GRID = 2048
"""Cells along the square's side at which overlaps are looked for."""
_OUTSIDE = 1e-6


def measure_uvs(mesh: Any, arrays: MeshArrays) -> dict[str, Any]:
    """Facts of the active UV layer, plain types; {"layers": 0} without one.

    outside: corners outside 0..1. overlapping_cells: cells of a `GRID`² grid whose middle lies in
    two triangles or more. utilisation: share of the square that is covered. mirrored: triangles
    whose UVs run the other way. collapsed: triangles with area in space but none in the square.
    islands: pieces joined by corners of one place. seam_share: of the edges' length. stretch: the
    L2 stretch of Sander et al., Texture Mapping Progressive Meshes (2001), section 3, with the mean
    scale divided out; 1 is none. density: 5th and 95th percentile, over the area, of texels per
    length relative to the mean.
    """
    layer = mesh.uv_layers.active
    if layer is None:
        return {"layers": 0}
    uv = np.empty((len(mesh.loops), 2), np.float32)
    layer.uv.foreach_get("vector", uv.ravel())
    uv = uv.astype(np.float64)
    facts: dict[str, Any] = {"layers": len(mesh.uv_layers), "name": layer.name}
    finite = np.isfinite(uv).all(axis=1)
    uv = np.where(np.isfinite(uv), uv, -1.0)
    outside = ~finite | (uv < -_OUTSIDE).any(axis=1) | (uv > 1 + _OUTSIDE).any(axis=1)
    cover = count_cover(uv[arrays.triangles] * GRID, GRID)
    facts |= {
        "outside": int(outside.sum()),
        "overlapping_cells": int((cover > 1).sum()),
        "utilisation": float((cover > 0).mean()),
    }
    return facts | _measure_stretch(uv, arrays) | _measure_islands(uv, arrays)


def _measure_stretch(uv: np.ndarray, arrays: MeshArrays) -> dict[str, Any]:
    points, flat = arrays.vertices[arrays.faces], uv[arrays.triangles]
    one, other = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    signed = (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]) / 2
    areas, mapped = measure_areas(points), np.abs(signed)
    real = areas > 1e-12 * max(arrays.diagonal, 1e-30) ** 2
    good = real & (mapped > 1e-14)
    facts = {
        "mirrored": int((signed < -1e-14).sum()),
        "collapsed": int((real & ~good).sum()),
        "stretch": 0.0,
        "density": [],
    }
    if not good.any():
        return facts
    # derivatives of the surface by s and t (Sander et al., equations 1 and 2)
    (q1, q2, q3), a = (points[good, i] for i in range(3)), signed[good, None]
    (s1, t1), (s2, t2), (s3, t3) = (
        (flat[good, i, 0][:, None], flat[good, i, 1][:, None]) for i in range(3)
    )
    by_s = (q1 * (t2 - t3) + q2 * (t3 - t1) + q3 * (t1 - t2)) / (2 * a)
    by_t = (q1 * (s3 - s2) + q2 * (s1 - s3) + q3 * (s2 - s1)) / (2 * a)
    squared = (np.einsum("ij,ij->i", by_s, by_s) + np.einsum("ij,ij->i", by_t, by_t)) / 2
    weight = areas[good] / areas[good].sum()
    scale = mapped[good].sum() / areas[good].sum()
    facts["stretch"] = float(np.sqrt((squared * weight).sum() * scale))
    density = np.sqrt(mapped[good] / areas[good] / scale)
    order = np.argsort(density)
    places = np.searchsorted(np.cumsum(weight[order]), (0.05, 0.95)).clip(0, len(order) - 1)
    facts["density"] = [round(float(value), 4) for value in density[order][places]]
    return facts


def _measure_islands(uv: np.ndarray, arrays: MeshArrays) -> dict[str, Any]:
    """Corners are one when vertex and place in the square are one."""
    places = np.round(uv * 2**20).astype(np.int64)
    rows = np.column_stack([arrays.corners, places])
    _, point = np.unique(rows, axis=0, return_inverse=True)
    point = point.reshape(-1)
    after = arrays.following
    labels = label_components(int(point.max(initial=-1)) + 1, point, point[after])
    # an edge is a seam when its two polygons have other points at its ends
    start, end = arrays.corners, arrays.corners[after]
    low = np.minimum(start, end) * np.int64(max(len(arrays.vertices), 1)) + np.maximum(start, end)
    swap = start > end
    ends = np.where(swap[:, None], np.column_stack([point[after], point]),
                    np.column_stack([point, point[after]]))  # fmt: skip
    order = np.lexsort((ends[:, 1], ends[:, 0], low))
    edge, side = low[order], ends[order]
    same = edge[1:] == edge[:-1]
    seam = same & (side[1:] != side[:-1]).any(axis=1)
    length = np.linalg.norm(arrays.vertices[start] - arrays.vertices[end], axis=1)[order]
    total = length[1:][same].sum()
    return {
        "islands": int(labels.max(initial=-1)) + 1,
        "seam_share": float(length[1:][seam].sum() / total) if total else 0.0,
    }
