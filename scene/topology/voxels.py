"""Quads of one size on a grid, by Blender's voxel remesh: for sculpting, and where quads fail.

The remesh takes the surface to signed distances on a grid and back by dual contouring (Museth
2013, OpenVDB; Ju et al. 2002). The grid has a plane at x = 0, so that what mirrors itself does so
afterwards; its right side is then mirrored, for the bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...inference.errors import InsertError
from ...inference.polygons import count_defects, cross_triangles, split_polygons
from ...inference.surface.box import restore_box
from ...inference.surface.caps import SAFE_HEIGHT
from ...inference.surface.halves import mirror_half, mirror_right
from ...inference.surface.slivers import SAFE_EDGE, lift_flat_corners, spread_short_edges
from ...inference.types import PolygonMesh
from .doublets import make_cuttable
from .draw import draw_vertices
from .holder import hold_mesh, run_modifier
from .nearest import Nearest, choose_points
from .original import Original, Remeshed
from .reach import LOST_FROM, LOST_TO, reach_points
from .remnants import drop_surplus
from .thin import thicken

_RUNS, _NEAR = 5, 0.07
"""How many sizes of voxels are tried until the budget is met to within this share."""
_THICK = 1.7
"""In voxels: parts this thick survive the grid wherever they lie on it."""
_FINER = 1.5
"""Where thin parts are lost all the same the voxels shrink by this factor, once."""
_LOOSE = 1.6
"""A point of the original counts as lost when it is farther than this many voxels away."""
_LOST = 0.005
"""Share of the original that may be lost."""
_PROBES = 3_000
_GAP = 0.02
"""In voxels: how near to the mirror plane vertices come."""


@dataclass(frozen=True)
class _Attempt:
    """mesh: in metres. size: of a voxel. lost: share of the original. dropped: remnants of broken
    parts, left out. finer: whether it has more faces than asked for."""

    mesh: PolygonMesh
    size: float
    lost: float
    dropped: int
    finer: bool

    @property
    def keeps_all(self) -> bool:
        return self.lost <= _LOST and not self.dropped


def remesh_voxels(original: Original, budget: int) -> Remeshed:
    """About `budget` quads of one size, standing where the original stood.

    Where parts thinner than a voxel would be lost the voxels are made smaller, for more faces than
    asked for; the messages say so, and what is lost all the same. Raises InsertError when nothing
    is left.
    """
    source = _Source(original, budget)
    attempts: list[_Attempt] = []
    for thick, finer in ((False, False), (True, False), (True, True)):
        attempts.append(source.attempt(thick=thick, finer=finer))
        if attempts[-1].keeps_all:
            break
    # Smaller voxels that lose as much are not worth their faces.
    last = attempts[-1]
    chosen = last if last.keeps_all else min(attempts[:2], key=lambda attempt: attempt.lost)
    if not len(chosen.mesh.sizes):
        raise InsertError(
            f"Voxels leave nothing at a budget of {budget} faces.", "Raise the face budget."
        )
    messages = []
    if chosen.finer:
        messages.append(
            f"Voxels of {budget:,} faces would lose thin parts: they were made smaller."
        )
    elif not chosen.keeps_all:
        messages.append(
            f"Parts thinner than a voxel are lost or broken ({chosen.lost:.1%} of the surface): "
            "raise the face budget, or use triangles."
        )
    # a tool may cut a quad either way: no half of one may be without area
    whole = lift_flat_corners(make_cuttable(chosen.mesh), SAFE_HEIGHT * original.diagonal)
    symmetric = source.symmetric and _is_mirrored(whole)
    if original.symmetric and not symmetric:
        messages.append("Left and right could not be kept alike by voxels.")
    mesh = restore_box(whole, original.vertices, symmetric=symmetric, stretch=True)
    report = {
        "voxel": chosen.size,
        "lost": round(chosen.lost, 5),
        "dropped_remnants": chosen.dropped,
    }
    return Remeshed(mesh, "voxel", symmetric, tuple(messages), report)


def voxelise(mesh: PolygonMesh, size: float) -> PolygonMesh:
    """The mesh remeshed by voxels of that size, on a grid through the origin; same space."""
    # Scaled so that a voxel is 1: the modifier takes no voxels under 1e-4.
    scaled = PolygonMesh((mesh.vertices / size).astype(np.float32), mesh.corners, mesh.sizes)
    with hold_mesh(scaled) as holder:
        cubes = run_modifier(holder, "REMESH", mode="VOXEL", voxel_size=1.0)
    return PolygonMesh((cubes.vertices * size).astype(np.float32), cubes.corners, cubes.sizes)


def _is_mirrored(mesh: PolygonMesh) -> bool:
    """Whether the vertices are the same set after x has changed its sign, to the bit."""
    image = mesh.vertices * np.array([-1, 1, 1], np.float32)
    ours = mesh.vertices[np.lexsort(mesh.vertices.T)]
    return bool((ours == image[np.lexsort(image.T)]).all())


class _Source:
    """What is remeshed to about `budget` quads: with its mirror plane, if any, at x = 0."""

    def __init__(self, original: Original, budget: int) -> None:
        self._budget = budget
        self.symmetric = original.symmetric
        self._original = original
        self.mesh = mirror_half(original.half) if self.symmetric else original.mesh
        self._nearest = Nearest.of(self.mesh)
        self._probes = choose_points(self.mesh.vertices, _PROBES)

    def attempt(self, *, thick: bool, finer: bool) -> _Attempt:
        """Remeshed, drawn onto the surface, and what that lost.

        thick: thin parts are thickened first. finer: by smaller voxels than the budget asks for.
        """
        mesh, size = self._meet_budget(thick=thick)
        if finer:
            size /= _FINER
            mesh = self._remesh(size, thick=thick)
        mesh, dropped = drop_surplus(mesh, self._original.parts)
        if not len(mesh.sizes):
            return _Attempt(mesh, size, 1.0, dropped, finer)
        if thick or size > self._original.cell:
            mesh = self._draw(mesh, size)
        # before the vertices reach for it: that moves the surface there, and makes no part anew
        distances = Nearest.of(mesh).measure(self._probes)
        lost = float((distances > _LOOSE * size).mean())
        mesh = self._reach(mesh, size)
        mesh = spread_short_edges(mesh, SAFE_EDGE * self._original.diagonal)
        return _Attempt(mesh, size, lost, dropped, finer)

    def _reach(self, mesh: PolygonMesh, size: float) -> PolygonMesh:
        """Vertices moved to the tips and rims that voxels cut off."""
        mirrored = self.symmetric and _is_mirrored(mesh)
        return reach_points(
            mesh,
            self.mesh.vertices,
            near=LOST_FROM * self._original.cell,
            far=LOST_TO * max(size, self._original.cell),
            gap=_GAP * size if mirrored else None,
            mirrored=mirrored,
        )

    def _meet_budget(self, *, thick: bool) -> tuple[PolygonMesh, float]:
        """The mesh of about as many quads as wanted, and the size of its voxels.

        Every edge of the grid that the surface crosses gives a quad; a face of area A and unit
        normal n crosses A (|nx| + |ny| + |nz|) / size² of them.
        """
        cross = cross_triangles(self.mesh.vertices, split_polygons(self.mesh))
        size = float(np.sqrt(np.abs(cross).sum() / 2 / self._budget))
        best: tuple[int, PolygonMesh, float] | None = None
        small, large = 0.0, np.inf  # voxels known to give too many quads, and too few
        for _ in range(_RUNS):
            mesh = self._remesh(size, thick=thick)
            miss = len(mesh.sizes) - self._budget
            if best is None or abs(miss) < best[0]:
                best = abs(miss), mesh, size
            if abs(miss) <= _NEAR * self._budget:
                break
            small, large = (max(small, size), large) if miss > 0 else (small, min(large, size))
            size *= float(np.clip(np.sqrt(max(len(mesh.sizes), 1) / self._budget), 0.5, 2.0))
            if not small < size < large:  # the number jumps where a flat side meets the grid
                size = float(np.sqrt(small * large)) if small < large else size * 1.02
        return best[1], best[2]

    def _remesh(self, size: float, *, thick: bool) -> PolygonMesh:
        """As voxels leave it; mirrored to the bit where it can be."""
        source = thicken(self.mesh, self._nearest, _THICK * size) if thick else self.mesh
        mesh = voxelise(source, size)
        mirrored = mirror_right(mesh) if self.symmetric and len(mesh.sizes) else None
        if mirrored is not None and not any(count_defects(mirrored).values()):
            return mirrored
        return mesh

    def _draw(self, mesh: PolygonMesh, size: float) -> PolygonMesh:
        """Vertices moved onto the surface, where that turns no face over.

        Coarse voxels cut corners and make thin parts thinner.
        """
        drawn = self._nearest.project(mesh.vertices).astype(np.float64)
        if self.symmetric and _is_mirrored(mesh):
            # The image of a vertex is drawn to the image of the place where that one is drawn.
            half = len(mesh.vertices) // 2
            drawn[:half, 0] = np.maximum(drawn[:half, 0], _GAP * size)
            drawn[half:] = drawn[:half] * [-1, 1, 1]
        return draw_vertices(mesh, drawn)
