"""Make a surface fair: bumps and terraces go, edges and volume stay.

The normals are filtered first (`denoise`), then the vertices follow them, as in Sun, Rosin, Martin
and Langbein, "Fast and Effective Feature-Preserving Mesh Denoising" (2007), section 4: every edge
of a face should lie across the face's filtered normal. Here all vertices are solved for at once,
each with one unknown, the height along its normal. No vertex moves farther than a fixed share of a
voxel (Gibson, "Constrained Elastic Surface Nets", 1998).
"""

from __future__ import annotations

import numpy as np

from .conjugate import solve_symmetric
from .crease import sharpen_creases
from .denoise import Denoised, denoise_normals
from .graph import SurfaceGraph, connect_surface, measure_lengths
from .mirror import Mirror
from .topology import cross_faces, measure_edges, measure_volume

_SPREAD = 2.0
"""Voxels within which faces of a rough surface listen to each other."""
_FREE, _HELD = 6.0, 1.0
"""Voxels beyond which a vertex' own place outweighs the normals: on rough and on clean surfaces."""
_NEXT = [1, 2, 0]
_RELAXING_ROUNDS = 3
_SETTLING_ROUNDS = 4
_LEANING = 0.2
"""Cosine between a face and its filtered normal under which it counts as turned over."""
MAX_DRIFT = 0.005
"""Share of the volume that may be won or lost."""
_VOLUME_ROUNDS = 8
_SQUEEZED = 0.05
"""Share of its area that a small face must keep."""
_SHORTEST = 0.03
"""Of a voxel: no edge may fall under it."""


def fair_surface(
    vertices: np.ndarray,
    faces: np.ndarray,
    *,
    cell: float,
    limit: float = 0.5,
    shortest: float = 0.0,
    box: tuple[np.ndarray, np.ndarray] | None = None,
    before: np.ndarray | None = None,
    farthest: float = 1.0,
    mirror: Mirror | None = None,
) -> np.ndarray:
    """Vertices of a fairer surface with the same faces.

    How much is done follows the roughness found around each place. A vertex goes back, in part or
    whole, where a face would turn over or be squeezed or an edge would become too short. The volume
    stays within 0.5 %.

    Parameters
    ----------
    vertices: float64 [V, 3], object space. faces: int64 [F, 3], a closed manifold, outward.
    cell: length of a voxel of the grid that the surface comes from.
    limit: voxels that no vertex moves beyond.
    shortest: length under which no edge may fall (where it was not under it before).
    box: lowest and highest corner of the field; vertices on it stay, none leaves it.
    before, farthest: float64 [V, 3], other places of the vertices, and voxels from them that no
        vertex moves beyond (as far as it is not beyond them already).
    mirror: keeps a symmetric surface symmetric: partners get mirrored places.

    Returns
    -------
    float64 [V, 3].

    Raises
    ------
    ValueError: the mesh is not closed or not a manifold.
    """
    graph = connect_surface(faces, len(vertices))
    centre = vertices.mean(axis=0)
    start = (vertices - centre) / cell
    seen = denoise_normals(graph, start, spread=_SPREAD)
    fixed = np.zeros(len(vertices), bool)
    if box is not None:
        tight = 1e-3 * cell
        fixed = ((vertices <= box[0] + tight) | (vertices >= box[1] - tight)).any(axis=1)
    moved, still = _aim(graph, start, seen, fixed, limit)
    origin = None if before is None else (before - centre) / cell
    limits = None if box is None else tuple((corner - centre) / cell for corner in box)
    plane = 0.0 if mirror is None else (mirror.plane - centre[0]) / cell

    def bound(moved: np.ndarray) -> np.ndarray:
        if mirror is not None:
            moved = mirror.average(moved, plane)
            moved[fixed] = start[fixed]
        moved = _limit_moves(start, moved, limit, origin, farthest)
        return moved if limits is None else np.clip(moved, *limits)

    volume = measure_volume(start, faces)
    moved = _limit_moves(start, moved, limit, origin, farthest)
    missing = volume - measure_volume(moved, faces)
    for round_ in range(_VOLUME_ROUNDS):
        if round_ < _VOLUME_ROUNDS // 2:
            moved = _add_volume(graph, start, moved, seen, still, limit, missing)
        else:
            moved = (start + moved) / 2
        moved = bound(moved)
        share = _settle(graph, start, moved, seen, max(_SHORTEST, shortest / cell), mirror)
        move = share[:, None] * (moved - start)
        missing = volume - measure_volume(start + move, faces)
        if abs(missing) <= MAX_DRIFT * abs(volume):
            return vertices + move * cell
    return vertices.copy()


def _aim(
    graph: SurfaceGraph, start: np.ndarray, seen: Denoised, fixed: np.ndarray, limit: float
) -> tuple[np.ndarray, np.ndarray]:
    """Where the vertices belong, float64 [V, 3], and bool [V]: which of them nothing else moves."""
    height = _find_heights(graph, start, seen, fixed, limit)
    moved = start + height[:, None] * seen.directions
    sharp, place = sharpen_creases(graph, seen.creases, moved, seen.area)
    moved[sharp] = place
    still = fixed.copy()
    still[sharp] = True
    moved = _relax(graph, moved, seen.directions, np.where(still, 0.0, seen.roughness / 2))
    moved[fixed] = start[fixed]
    return moved, still


def _find_heights(
    graph: SurfaceGraph, start: np.ndarray, seen: Denoised, fixed: np.ndarray, limit: float
) -> np.ndarray:
    """Float64 [V]: how far along its direction each vertex goes, in voxels."""
    faces, tail, head = graph.faces, graph.faces.reshape(-1), graph.faces[:, _NEXT].reshape(-1)
    weight = np.repeat(seen.area * np.maximum(seen.trust, 0.02), 3)
    at_corner = np.einsum("fd,fcd->fc", seen.normals, seen.directions[faces])
    at_tail, at_head = at_corner.reshape(-1), at_corner[:, _NEXT].reshape(-1)
    at_corner = np.einsum("fd,fcd->fc", seen.normals, start[faces])
    lean = (at_corner[:, _NEXT] - at_corner).reshape(-1)
    count = graph.vertex_count
    area = np.bincount(tail, np.repeat(seen.area, 3), count) / 3
    hold = 2 * area * (seen.roughness / _FREE**2 + (1 - seen.roughness) / _HELD**2)
    hold = np.where(fixed, 1e6, hold)
    diagonal = np.bincount(tail, weight * at_tail**2, count)
    diagonal += np.bincount(head, weight * at_head**2, count) + hold
    product = weight * at_head * at_tail
    link = product[graph.halves[:, 0]] + product[graph.halves[:, 1]]
    right = np.bincount(tail, weight * at_tail * lean, count)
    right -= np.bincount(head, weight * at_head * lean, count)
    matrix = graph.weigh_edges(-link, diagonal)
    height = np.zeros((count, 1))
    height = solve_symmetric(matrix, right[:, None], height, tolerance=0.02, rounds=80)
    beyond = np.abs(height[:, 0]) > limit
    if beyond.any():  # those stop at the limit, the others find their place beside them
        held = height.clip(-limit, limit)
        stop = np.where(beyond, 1e4, 0.0)
        matrix = graph.weigh_edges(-link, diagonal + stop)
        right = right + stop * held[:, 0]
        height = solve_symmetric(matrix, right[:, None], held, tolerance=0.02, rounds=40)
    return height[:, 0].clip(-limit, limit)


def _relax(
    graph: SurfaceGraph, moved: np.ndarray, directions: np.ndarray, step: np.ndarray
) -> np.ndarray:
    """Spread the vertices more evenly within the surface, which opens its thinnest triangles.

    step: float64 [V], the share of the way to its neighbours' middle that a vertex goes each time.
    """
    for _ in range(_RELAXING_ROUNDS):
        towards = (graph.adjacency @ moved) / graph.valence - moved
        towards -= np.einsum("vd,vd->v", towards, directions)[:, None] * directions
        moved = moved + step[:, None] * towards
    return moved


def _limit_moves(
    start: np.ndarray,
    moved: np.ndarray,
    limit: float,
    origin: np.ndarray | None,
    farthest: float,
) -> np.ndarray:
    """Shorten moves to `limit` from the start and, with an origin, `farthest` from there."""
    move = moved - start
    square = np.einsum("vd,vd->v", move, move)
    share = np.minimum(1.0, limit / np.sqrt(np.maximum(square, 1e-30)))
    if origin is not None:
        away = start - origin
        across = np.einsum("vd,vd->v", away, move)
        room = np.maximum(farthest**2 - np.einsum("vd,vd->v", away, away), 0)
        # the larger root of |away + share * move| = farthest
        root = np.sqrt(across**2 + square * room) - across
        share = np.minimum(share, root / np.maximum(square, 1e-30))
    return start + share[:, None] * move


def _add_volume(
    graph: SurfaceGraph,
    start: np.ndarray,
    moved: np.ndarray,
    seen: Denoised,
    still: np.ndarray,
    limit: float,
    missing: float,
) -> np.ndarray:
    """Move what is rough out (or in), everywhere by the same, to win the volume that is missing."""
    gain = graph.corners @ (graph.cross_faces(moved) / 6)
    gain = np.einsum("vd,vd->v", gain, seen.directions)
    room = np.maximum(limit - measure_lengths(moved - start), 0)
    free = np.where(still, 0.0, np.maximum(seen.roughness, 0.05) * (room / 0.1).clip(0, 1))
    total = float((gain * free).sum())
    if total <= 0:
        return moved
    step = np.clip(free * np.clip(missing / total, -0.1, 0.1), -room, room)
    return moved + step[:, None] * seen.directions


def _settle(
    graph: SurfaceGraph,
    start: np.ndarray,
    moved: np.ndarray,
    seen: Denoised,
    shortest: float,
    mirror: Mirror | None,
) -> np.ndarray:
    """Float64 [V]: the share of its move that each vertex may make."""
    share = np.ones(len(start))
    facing = np.where(seen.creases.near[:, None], seen.creases.normals, seen.normals)
    some = np.arange(len(graph.faces))
    rounds = 0
    while True:  # ends: where no vertex has a share left, nothing has changed
        faces = graph.faces[some]
        place = start + share[:, None] * (moved - start)
        after, old = cross_faces(place, faces), cross_faces(start, faces)
        size, old_size = measure_lengths(after), measure_lengths(old)
        lean = np.einsum("fd,fd->f", after, facing[some])
        old_lean = np.einsum("fd,fd->f", old, facing[some])
        bad = (lean < _LEANING * size) & (lean * old_size < old_lean * size)
        bad |= (size < _SQUEEZED * old_size) & (size < _SQUEEZED / 2)
        back = np.zeros(len(start), bool)
        back[faces[bad].reshape(-1)] = True
        around = np.zeros(len(graph.edges), bool)
        around[graph.edge_of.reshape(-1, 3)[some]] = True
        edges = graph.edges[around]
        length = measure_edges(place, edges)
        short = (length < shortest) & (length < measure_edges(start, edges))
        back[edges[short].reshape(-1)] = True
        if mirror is not None:
            back[mirror.one] |= back[mirror.other]
        if not back.any():
            return share
        share[back] *= 0.6 if rounds < _SETTLING_ROUNDS else 0.0
        rounds += 1
        some = np.flatnonzero(back[graph.faces].any(axis=1))
