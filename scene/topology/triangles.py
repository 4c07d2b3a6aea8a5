"""Fewer triangles, by Blender's Decimate: edges are collapsed where that changes the shape least.

Decimate weighs by quadrics (Garland and Heckbert 1997, section 4). A shape that mirrors itself is
decimated as one half, which is then mirrored, so that it still does, exactly.
"""

from __future__ import annotations

from collections.abc import Callable

import bpy
import numpy as np

from ...inference.errors import InsertError
from ...inference.polygons import count_defects, drop_unused
from ...inference.surface.box import restore_box
from ...inference.surface.halves import mirror_half
from ...inference.surface.mend import mend
from ...inference.surface.slivers import SAFE_EDGE, spread_short_edges
from ...inference.types import PolygonMesh
from .holder import hold_mesh, run_modifier
from .original import Original, Remeshed

TOLERANCE = 0.1
"""Share by which the number of faces may miss the budget."""
_ATTEMPTS = 6
_NO_SYMMETRY = "Left and right could not be kept alike within the face budget."


def decimate(original: Original, budget: int) -> Remeshed:
    """About `budget` triangles, or all where there are no more, standing where the original stood.

    Raises InsertError when nothing is left.
    """
    if len(original.faces) <= budget:
        return Remeshed(original.mesh, "triangles")
    messages = []
    if original.symmetric:
        half = original.half
        mesh = _approach(half, budget / 2 / len(half.sizes), budget, original, _mirror)
        if mesh is not None and _meets(mesh, budget) and not any(count_defects(mesh).values()):
            mesh = restore_box(mesh, original.vertices, symmetric=True)
            return Remeshed(mesh, "triangles", symmetric=True)
        messages.append(_NO_SYMMETRY)
    ratio = budget / len(original.faces)
    mesh = _approach(original.mesh, ratio, budget, original, _complete)
    if mesh is None:
        raise InsertError(
            f"Decimate left nothing at a budget of {budget} faces.", "Raise the face budget."
        )
    mesh = restore_box(mesh, original.vertices, symmetric=False)
    return Remeshed(mesh, "triangles", messages=tuple(messages))


def thin_out(mesh: PolygonMesh, count: int) -> PolygonMesh:
    """A mesh with about `count` triangles, as it comes; for tools that are slow on more."""
    if len(mesh.sizes) <= count:
        return mesh
    with hold_mesh(mesh) as holder:
        return drop_flat_shells(_collapse(holder, count / len(mesh.sizes)))


def _meets(mesh: PolygonMesh, budget: int) -> bool:
    return abs(len(mesh.sizes) - budget) <= budget * TOLERANCE


def _collapse(holder: bpy.types.Object, ratio: float) -> PolygonMesh:
    return run_modifier(holder, "DECIMATE", ratio=ratio, use_collapse_triangulate=True)


def _mirror(half: PolygonMesh, original: Original) -> PolygonMesh:
    return mirror_half(mend(original.tidy(half), original.diagonal, half=True))


def _complete(mesh: PolygonMesh, original: Original) -> PolygonMesh:
    return mend(mesh, original.diagonal)


def _approach(
    mesh: PolygonMesh,
    ratio: float,
    budget: int,
    original: Original,
    complete: Callable[[PolygonMesh, Original], PolygonMesh],
) -> PolygonMesh | None:
    """Decimate until what `complete` makes of it has about `budget` triangles; None: nothing left.

    ratio: the first one that is tried. Where the surface is not manifold Decimate keeps more than
    it was asked for: then it is asked for less.
    """
    shortest, best = SAFE_EDGE * original.diagonal, None
    with hold_mesh(mesh) as holder:
        for _ in range(_ATTEMPTS):
            thinned = drop_flat_shells(_collapse(holder, ratio))
            if not len(thinned.sizes):
                ratio = min(ratio * budget, 1.0)
                continue
            candidate = complete(spread_short_edges(thinned, shortest), original)
            miss = abs(len(candidate.sizes) - budget)
            if len(candidate.sizes) and (best is None or miss < abs(len(best.sizes) - budget)):
                best = candidate
            if miss <= budget * TOLERANCE / 2:
                break
            ratio = min(max(ratio * budget / max(len(candidate.sizes), 1), 1e-6), 1.0)
    return best


def drop_flat_shells(mesh: PolygonMesh) -> PolygonMesh:
    """Without triangles that share all three corners: what Decimate leaves of specks.

    They go in pairs, back and front, so that a closed surface stays closed.
    """
    ordered = np.sort(mesh.corners.reshape(-1, 3), axis=1)
    order = np.lexsort(ordered.T)
    same = (ordered[order[1:]] == ordered[order[:-1]]).all(axis=1)
    if not same.any():
        return mesh
    group = np.empty(len(order), np.int64)
    group[order] = np.concatenate([[0], np.cumsum(~same)])
    kept = np.bincount(group)[group] % 2 == 1
    corners = mesh.corners.reshape(-1, 3)[kept].reshape(-1)
    return drop_unused(PolygonMesh(mesh.vertices, corners, mesh.sizes[kept]))
