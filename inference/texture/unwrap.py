"""UV coordinates that an artist would accept: few charts, little stretch, no overlap.

Patches are cut along creases (`segment`), merged where they unfold (`charts`), laid out rigidly
(`layout`, with `parametrize`, `untangle` and `repel`) and packed (`packing`). A chart that turns
triangles over, covers itself or stretches too much is cut in two (`divide`) and laid out again;
what that leaves of a few polygons is hung on to other charts (`absorb`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..types import Cancel, PolygonMesh
from .absorb import absorb_crumbs
from .layout import Layout, lay_out, segment_surface
from .packing import pack_charts, turn_upright
from .parametrize import FlatTriangles, measure_areas
from .soundness import Outline, count_coverage
from .stretch import measure_stretch

COVERAGE_SIDE = 2048
"""Overlap is counted at no more texels than these along the square."""
LEANING = 0.1
"""How much a chart's v follows from front to back where it does not climb."""


@dataclass(frozen=True)
class Unwrapped:
    """UV coordinates of a PolygonMesh with L corners and P polygons.

    uv: float32 [L, 2], of every corner, in 0..1, v up. chart: int32 [P]. report: plain JSON types.
    """

    uv: np.ndarray
    chart: np.ndarray
    report: dict[str, Any] = field(default_factory=dict)


def unwrap(
    mesh: PolygonMesh, *, side: int = 1024, margin: int = 3, cancel: Cancel | None = None
) -> Unwrapped:
    """UV coordinates without overlap and without triangles turned over.

    Quads are convex in the plane, so that they may be split along either diagonal. Texels have the
    same size on the whole surface, up to the stretch. A polygon lies in one chart;
    coordinates are continuous but for seams, which may also run within one chart, like a zip.
    Charts may have holes. Where the mesh mirrors itself in x = 0, so do the seams where they can.
    The same mesh gives the same coordinates.

    Parameters
    ----------
    mesh: closed or open, of one or more components; vertices in any unit.
    side, margin: texels along the texture, and at least so many between charts and, half as many,
    around them all; margin is given up where charts are too small for it.

    Raises
    ------
    ValueError: the mesh has no polygons.
    Cancelled: as asked for.
    """
    if not len(mesh.sizes):
        raise ValueError("A mesh without polygons cannot be unwrapped.")
    began = time.perf_counter()
    cancel = cancel or Cancel()
    layout = segment_surface(mesh, cancel)
    lay_out(layout, cancel)
    absorb_crumbs(layout)
    triangles, outline = layout.flatten(layout.triangles), layout.trace()
    cancel.check()
    uv, kept = _pack(layout, triangles, outline, side, margin, cancel)
    report = _report(layout, triangles, outline, uv, side) | {"margin_texels": kept}
    report["seconds"] = round(time.perf_counter() - began, 3)
    return Unwrapped(uv, layout.chart.astype(np.int32), report)


def _pack(
    layout: Layout,
    triangles: FlatTriangles,
    outline: Outline,
    side: int,
    margin: int,
    cancel: Cancel,
) -> tuple[np.ndarray, float]:
    """Float32 [L, 2] coordinates, and the margin that was kept, in texels."""
    place, position = layout.place, layout.place_vertices()
    of_corner = layout.chart[layout.halfedges.polygon]
    height = layout.halfedges.points @ (0.0, LEANING, 1.0)
    up = _find_up(place, height[layout.halfedges.corners], of_corner)
    start, end = position[outline.edges].T
    turn = turn_upright(start, outline.chart, up)
    areas = np.bincount(triangles.chart, triangles.area)
    packing = pack_charts(
        start, end, outline.chart, turn, areas, side=side, margin=margin, cancel=cancel
    )
    packed = packing.scale * packing.turn[of_corner] * place + packing.shift[of_corner]
    uv = np.stack([packed.real, packed.imag], axis=-1).clip(0, 1).astype(np.float32)
    return uv, round(packing.gap * side, 2)


def _find_up(place: np.ndarray, height: np.ndarray, chart: np.ndarray) -> np.ndarray:
    """Complex128 [C]: where height grows in every chart."""
    uses = np.bincount(chart)
    middle = np.bincount(chart, place.real) + 1j * np.bincount(chart, place.imag)
    away = place - (middle / uses)[chart]
    climb = height - (np.bincount(chart, height) / uses)[chart]
    return np.bincount(chart, away.real * climb) + 1j * np.bincount(chart, away.imag * climb)


def _report(
    layout: Layout, triangles: FlatTriangles, outline: Outline, uv: np.ndarray, side: int
) -> dict[str, Any]:
    """Measured on the coordinates as they are delivered."""
    plane = uv.astype(np.float64) @ np.array([1, 1j])
    corners = plane[layout.triangles]
    position = np.zeros(layout.cut.max() + 1, complex)
    position[layout.cut] = plane
    raster = min(side, COVERAGE_SIDE)
    start, end = position[outline.edges].T * raster
    coverage = count_coverage(start, end, raster, raster)
    sizes = np.bincount(layout.chart)
    length = layout.halfedges.length[layout.halfedges.inner[:, 0]]
    return {
        "charts": len(sizes),
        "smallest_chart": int(sizes.min()),
        "median_chart": float(np.median(sizes)),
        "seam_length": round(float(length[layout.seam].sum() / max(length.sum(), 1e-300)), 4),
        "utilisation": round(float(measure_areas(corners).sum()), 4),
        **measure_stretch(triangles.flat, corners).summarise(),
        "flipped": int((measure_areas(plane[layout.guards]) <= 0).sum()),
        "overlapping_texels": int((coverage > 1).sum() + (coverage < 0).sum()),
        "overlap_raster": raster,
        "splits": layout.splits,
    }
