"""Quads that follow the surface, by Blender's QuadriFlow (Huang et al. 2018), in this process.

QuadriFlow may need minutes, hang, answer with holes or, without a word, not at all: `quads` runs
this in a process of its own and judges what comes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np

from ...inference.polygons import count_defects, cross_triangles, measure_volume, split_polygons
from ...inference.surface.box import restore_box
from ...inference.surface.caps import SAFE_HEIGHT
from ...inference.surface.halves import GAP, SNAP, cut_half, find_seam, mirror_half
from ...inference.surface.slivers import SAFE_EDGE, lift_flat_corners, spread_short_edges
from ...inference.surface.touching import APART, find_touching, part_touching
from ...inference.types import PolygonMesh
from ..mesh_arrays import read_polygons
from .doublets import make_cuttable
from .draw import draw_vertices
from .holder import hold_mesh
from .holes import fill_holes
from .nearest import Nearest, choose_points
from .original import Original
from .reach import LOST_FROM, LOST_TO, reach_points
from .remnants import drop_surplus
from .subdivide import subdivide
from .thin import thicken
from .triangles import thin_out
from .voxels import voxelise

QUAD_SHARE = 0.95
"""Least share of quads among the faces."""
MOST_FLOWED = 6_000
"""Faces that QuadriFlow is asked for at most: its time grows faster than their number. More are
had by subdivision, each vertex drawn onto the surface."""
_MOST_TRIANGLES = 60_000
_RUNS = 3
_THICK, _VOXELS = 1.2, 4.0
"""In edges of the quads: how thick thin parts become. How many voxels an edge has then."""
NEAR = 0.08
TOLERANCE = 0.1
"""Shares of the budget: within which no other run is tried, and which may be missed."""
MAX_LOST = 0.005
"""Share of the original that may be lost before another way is tried."""
_SHORTEST = 1e-3
"""In units of the run."""
_PROBES = 3_000
_LOOSE = 1.5
"""A point of the original counts as lost when it is farther than this many edges away."""
_ASTRAY, _FARTHEST = 0.75, 2.0
"""In edges of the quads: how far 99.8 % of the new vertices, and all, may be from the original."""


@dataclass(frozen=True)
class Way:
    """One way to prepare the surface.

    half: one side of a symmetric one, to be mirrored. thick: parts thinner than a quad are
    thickened first, so that quads fit around them, and the result is drawn back to the surface.
    """

    half: bool = False
    thick: bool = False


def list_ways(original: Original) -> list[Way]:
    """What is tried, best first."""
    if not original.symmetric:
        return [Way(), Way(thick=True)]
    return [Way(half=True), Way(half=True, thick=True), Way(thick=True)]


def count_levels(budget: int) -> int:
    """How often what QuadriFlow gives is subdivided for that budget."""
    levels = 0
    while budget / 4**levels > MOST_FLOWED:
        levels += 1
    return levels


def flow_quads(
    original: Original, budget: int, way: Way
) -> Iterator[tuple[PolygonMesh, dict[str, Any]]]:
    """Runs of QuadriFlow with ever better targets: what each gave, where that can be used.

    The mesh is in metres, where the original stood. The dictionary: count (faces), lost (share of
    the original that it has not), astray (its farthest vertex, in edges of its quads), symmetric.
    """
    levels = count_levels(budget)
    source = _prepare(original, budget / 4**levels, way)
    target = budget / 4**levels / (2 if way.half else 1)
    for _ in range(_RUNS):
        flowed = run_quadriflow(source, round(target), original.cell, boundary=way.half)
        if flowed is None:
            return
        mesh = _complete(original, flowed, levels, way)
        if mesh is None:
            return
        report = judge(original, mesh, levels)
        if report is not None:
            yield mesh, {**report, "symmetric": way.half}
        if abs(len(mesh.sizes) - budget) <= NEAR * budget:
            return
        target *= float(np.clip(budget / len(mesh.sizes), 0.5, 2.0))


def run_quadriflow(
    mesh: PolygonMesh, target: int, unit: float, *, boundary: bool = False
) -> PolygonMesh | None:
    """About `target` quads; None: QuadriFlow refused. The current scene's active object changes.

    unit: length that becomes 1 meanwhile, about that of an edge: QuadriFlow takes edges under 1e-4,
    in absolute terms, for damage. boundary: open edges are held.
    """
    scaled = PolygonMesh((mesh.vertices / unit).astype(np.float32), mesh.corners, mesh.sizes)
    with hold_mesh(spread_short_edges(scaled, _SHORTEST)) as holder:
        members = {"object": holder, "active_object": holder}
        with bpy.context.temp_override(**members, selected_objects=[holder]):
            try:
                bpy.ops.object.quadriflow_remesh(
                    mode="FACES",
                    target_faces=max(target, 1),
                    seed=0,
                    use_mesh_symmetry=False,
                    use_preserve_sharp=False,
                    use_preserve_boundary=boundary,
                )
            except RuntimeError:
                return None
        flowed = read_polygons(holder.data)
    if len(flowed.sizes) == len(mesh.sizes) or not len(flowed.sizes) or flowed.sizes.max() > 4:
        return None  # it answers FINISHED even where it did nothing
    return PolygonMesh((flowed.vertices * unit).astype(np.float32), flowed.corners, flowed.sizes)


def _prepare(original: Original, count: float, way: Way) -> PolygonMesh:
    """What QuadriFlow is given for about `count` quads of the whole; with `half`, one side of it,
    its plane at x = 0."""
    if not way.thick:
        source = original.half if way.half else original.mesh
        return thin_out(source, _MOST_TRIANGLES)
    whole = mirror_half(original.half) if way.half else original.mesh
    edge = float(np.sqrt(measure_area(whole) / count))
    thickened = thicken(whole, Nearest.of(whole), _THICK * edge)
    size = max(original.cell, edge / _VOXELS)
    mesh = voxelise(thickened, size)
    if not way.half or not len(mesh.sizes):
        return mesh
    return original.tidy(cut_half(mesh.vertices, split_polygons(mesh), SNAP * size))


def _complete(original: Original, flowed: PolygonMesh, levels: int, way: Way) -> PolygonMesh | None:
    """Subdivided and drawn onto the surface, mirrored, without short edges, in its place."""
    flowed = fill_holes(flowed, flowed.vertices[:, 0] < original.cell if way.half else None)
    if way.half:
        flowed = original.tidy(flowed)
        if not len(flowed.sizes):
            return None
    if way.thick:
        flowed = _draw(original, flowed, half=way.half)
    for _ in range(levels):
        flowed = _draw(original, subdivide(flowed), half=way.half)
    edge = float(np.sqrt(measure_area(flowed) / len(flowed.sizes)))
    flowed = reach_points(
        flowed,
        original.half.vertices if way.half else original.vertices,
        near=LOST_FROM * original.cell,
        far=LOST_TO * max(edge, original.cell),
        gap=GAP * original.cell if way.half else None,
    )
    mesh = spread_short_edges(flowed, SAFE_EDGE * original.diagonal)
    mesh = original.tidy(mesh) if way.half else mesh
    mesh = part_touching(mesh, APART * original.diagonal, half=way.half)
    mesh = lift_flat_corners(mesh, SAFE_HEIGHT * original.diagonal)
    mesh = make_cuttable(mirror_half(mesh) if way.half else mesh)
    mesh, _ = drop_surplus(mesh, original.parts)
    return restore_box(mesh, original.vertices, symmetric=way.half, stretch=True)


def _draw(original: Original, mesh: PolygonMesh, *, half: bool) -> PolygonMesh:
    shift = np.array([original.plane if half else 0.0, 0.0, 0.0])
    drawn = original.nearest.project(mesh.vertices + shift) - shift
    if half:
        drawn[find_seam(mesh), 0] = 0.0
    return draw_vertices(mesh, drawn)


def is_better(report: dict[str, Any], other: dict[str, Any], budget: int) -> bool:
    """Whether what the first of two reports of `flow_quads` tells of is to be preferred."""

    def rank(one: dict[str, Any]) -> tuple[bool, bool, bool, float]:
        miss = abs(one["count"] - budget) / budget
        kept = one["lost"] <= MAX_LOST
        return not kept, miss > TOLERANCE, not one["symmetric"], miss if kept else one["lost"]

    return rank(report) < rank(other)


def measure_area(mesh: PolygonMesh) -> float:
    """Of the surface."""
    cross = cross_triangles(mesh.vertices, split_polygons(mesh))
    return float(np.linalg.norm(cross, axis=1).sum() / 2)


def judge(original: Original, mesh: PolygonMesh, levels: int) -> dict[str, Any] | None:
    """Whether the mesh can be delivered for the original; what was measured, or None."""
    if any(count_defects(mesh).values()) or (mesh.sizes == 4).mean() < QUAD_SHARE:
        return None
    if len(find_touching(mesh.vertices, APART * original.diagonal / 2)):
        return None  # it has been tried to part them
    triangles = split_polygons(mesh)
    if measure_volume(mesh.vertices, triangles) <= 0.0:
        return None
    edge = float(np.sqrt(measure_area(mesh) / len(mesh.sizes))) * 2**levels
    away = original.nearest.measure(choose_points(mesh.vertices, 4 * _PROBES)) / edge
    if away.max() > _FARTHEST or np.quantile(away, 0.998) > _ASTRAY:
        return None
    probes = choose_points(original.vertices, _PROBES)
    distances = Nearest(mesh.vertices, triangles).measure(probes)
    lost = float((distances > _LOOSE * edge).mean())
    return {"count": len(mesh.sizes), "lost": lost, "astray": float(away.max())}
