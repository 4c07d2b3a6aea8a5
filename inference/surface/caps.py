"""Triangles without height: caps, whose three corners lie nearly on a line, go.

A cap's longest edge is flipped, so that the corner that lies on it splits the triangle behind it
(Botsch and Kobbelt, "A Robust Procedure to Eliminate Degenerate Faces from Triangle Meshes", 2001,
section 4, without slicing). Where that cannot be, the corner is lifted off the edge by a hair.
Only numpy, for both processes.
"""

from __future__ import annotations

import numpy as np

from ..polygons import cross_triangles, link_corners
from ..types import PolygonMesh

LOWEST_FACE = 1e-6
"""No delivered triangle is lower than this share of the box diagonal."""
SAFE_HEIGHT = 5e-6
"""The same before coordinates are rounded and a mesh is fitted into its box."""
_ROUNDS = 12
_LIFT = 1.5


def measure_heights(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Float64 [F]: height of triangles int [F, 3] over their longest edge."""
    corners = vertices[faces].astype(np.float64)
    sides = corners - corners[:, [1, 2, 0]]
    longest = np.sqrt(np.einsum("fkd,fkd->fk", sides, sides).max(axis=1))
    double_area = np.linalg.norm(cross_triangles(vertices, faces), axis=1)
    return double_area / np.maximum(longest, 1e-300)


def remove_caps(
    vertices: np.ndarray, faces: np.ndarray, lowest: float
) -> tuple[np.ndarray, np.ndarray, float]:
    """Flip the longest edges of triangles lower than `lowest`, or lift their corners.

    Parameters
    ----------
    vertices: float [V, 3]. faces: int [F, 3], a manifold, closed or with open edges; no edge is
    shorter than a few times `lowest`. Vertices on open edges with x = 0 stay there.

    Returns
    -------
    vertices as given or float64 [V, 3]; faces int [F, 3], as many; and how far the surface may be
    from what it was. Which sides of which vertices an edge joins changes, not how many there are:
    what was a manifold still is one, and no edge joins two vertices of open edges that none joined.
    """
    low = np.flatnonzero(measure_heights(vertices, faces) < lowest)
    if not len(low):
        return vertices, faces, 0.0
    places, faces, moved = vertices.astype(np.float64), faces.copy(), 0.0
    for _ in range(_ROUNDS):
        moved = max(moved, _flip_edges(places, faces, low, lowest))
        low = np.flatnonzero(measure_heights(places, faces) < lowest)
        if not len(low):
            break
        moved += lift_corners(places, faces, low, lowest)
        low = np.flatnonzero(measure_heights(places, faces) < lowest)
        if not len(low):
            break
    return places, faces, moved


def _flip_edges(places: np.ndarray, faces: np.ndarray, low: np.ndarray, lowest: float) -> float:
    """Flip, in place, the longest edges of the triangles in low, int; the largest height of those.

    A triangle is flipped once at most: what it is like afterwards is for the next round.
    """
    links = link_corners(PolygonMesh.from_triangles(places.astype(np.float32), faces))
    on_rim = np.zeros(len(places), bool)
    on_rim[links.edges[links.uses == 1]] = True
    heights = measure_heights(places, faces[low])
    touched: set[int] = set()
    moved = 0.0
    for face, height in zip(low[np.argsort(heights)].tolist(), np.sort(heights), strict=True):
        corners = faces[face]
        sides = np.linalg.norm(places[corners] - places[corners[[1, 2, 0]]], axis=1)
        first = int(sides.argmax())
        twin = int(links.twin[3 * face + first])
        other = twin // 3
        if twin < 0 or face in touched or other in touched:
            continue
        a, b, c = (int(corners[(first + step) % 3]) for step in range(3))
        d = int(faces[other][(twin + 2) % 3])
        if c == d or (on_rim[c] and on_rim[d]) or _are_joined(faces, c, d):
            continue
        new = np.array([[a, d, c], [d, b, c]], faces.dtype)
        behind = cross_triangles(places, faces[[other]])[0]
        turned = (cross_triangles(places, new) @ behind <= 0).any()
        if turned or measure_heights(places, new).min() < lowest:
            continue
        faces[face], faces[other] = new
        touched |= {face, other}
        moved = max(moved, float(height))
    return moved


def _are_joined(faces: np.ndarray, one: int, two: int) -> bool:
    return bool(((faces == one).any(axis=1) & (faces == two).any(axis=1)).any())


def lift_corners(
    places: np.ndarray, faces: np.ndarray, low: np.ndarray, lowest: float, *, sideways: bool = False
) -> float:
    """Move corners of triangles lower than `lowest` off their longest edges; the longest way.

    places: float64 [V, 3], changed in place; those with x = 0 stay there. faces: int [F, 3]. low:
    int [N], the triangles. sideways: out of the triangles' planes, not within them: the way out
    for a corner that two triangles of one plane push to and fro.
    """
    farthest = 0.0
    for face in low.tolist():
        corners = faces[face]
        sides = np.linalg.norm(places[corners] - places[corners[[1, 2, 0]]], axis=1)
        first = int(sides.argmax())
        a, b, c = (int(corners[(first + step) % 3]) for step in range(3))
        along = (places[b] - places[a]) / max(float(sides[first]), 1e-300)
        away = places[c] - places[a]
        away = away - (away @ along) * along
        height = float(np.linalg.norm(away))
        if height >= lowest:
            continue  # another corner's way has done it
        if height < 1e-3 * lowest:  # no way is told: any across the edge
            away = np.cross(along, np.eye(3)[np.abs(along).argmin()])
        if sideways:
            away = np.cross(along, away)
        if places[c, 0] == 0.0:
            away = _stay_on_mirror(away, along)
        length = float(np.linalg.norm(away))
        if length > 0.0:
            step = _LIFT * lowest - height
            places[c] += away / length * step
            farthest = max(farthest, step)
    return farthest


def _stay_on_mirror(away: np.ndarray, along: np.ndarray) -> np.ndarray:
    """A way across an edge, float64 [3], without its x; where little is left that leads away from
    the edge, whose direction is `along`, another such way."""
    kept = away * (0.0, 1.0, 1.0)
    across = kept - (kept @ along) * along
    if np.linalg.norm(across) >= 0.5 * np.linalg.norm(away):
        return kept
    return np.cross(along, (1.0, 0.0, 0.0))
