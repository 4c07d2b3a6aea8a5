"""Move a surface's vertices onto the level of its field."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from .topology import average_normals, cross_faces, list_edges, measure_edges

Evaluate = Callable[[np.ndarray], np.ndarray]
"""float64 [N, 3] points of object space -> float [N], value minus level (positive inside)."""

_REACH = 0.5  # of a voxel: no vertex moves farther
_PROBE = 0.25  # of a voxel: first step along the normal
_ENOUGH = 0.03  # of a voxel: nearer than this is on the level
_SURVEY = 2048  # vertices that tell the field's usual slope
_UNDO_ROUNDS = 20


def project_vertices(
    vertices: np.ndarray,
    faces: np.ndarray,
    evaluate: Evaluate,
    *,
    cell: float,
    box: tuple[np.ndarray, np.ndarray],
    shortest: float,
) -> np.ndarray:
    """Secant steps along the surface's normals towards the level.

    The normal of the surface stands for the field's gradient: across the level both agree, and it
    costs no query. Vertices whose value is already within a few hundredths of a voxel of the level
    (judged by the field's usual slope) stay. A move counts only if it brings the value nearer to
    the level; a vertex goes back where a face would turn over or an edge become too short.

    Parameters
    ----------
    vertices: float64 [V, 3], object space. faces: int64 [F, 3].
    evaluate: the field's value minus its level.
    cell: length of a voxel.
    box: lowest and highest corner that points stay within (where the box cuts the shape, its flat
        caps stay).
    shortest: length under which no edge may fall (where it was not under it before).

    Returns
    -------
    float64 [V, 3].
    """
    value = evaluate(vertices)
    normals = average_normals(vertices, faces)
    slope = _survey_slope(vertices, normals, value, evaluate, cell, box)
    far = np.flatnonzero(np.abs(value) > _ENOUGH * slope * cell)
    if not len(far):
        return vertices
    start, value, along = vertices[far], value[far], normals[far] * np.sign(value[far])[:, None]
    best, residual = np.zeros(len(far)), np.abs(value)
    near, near_value = np.zeros(len(far)), value
    step = np.full(len(far), _PROBE * cell)
    open_ = np.arange(len(far))
    for _ in range(3):
        points = np.clip(start[open_] + along[open_] * step[open_, None], *box)
        found = evaluate(points)
        better = open_[np.abs(found) < residual[open_]]
        best[better] = step[better]
        residual[better] = np.abs(found)[np.abs(found) < residual[open_]]
        difference = near_value[open_] - found
        crossing = (found != value[open_]) & (difference * np.sign(value[open_]) > 0)
        following = np.zeros(len(open_))
        following[crossing] = (
            near[open_][crossing]
            + near_value[open_][crossing]
            * (step[open_] - near[open_])[crossing]
            / difference[crossing]
        )
        near[open_], near_value[open_] = step[open_], found
        step[open_] = np.clip(following, -_REACH * cell, _REACH * cell)
        open_ = open_[crossing & (np.abs(found) > _ENOUGH * slope * cell)]
        if not len(open_):
            break
    moved = vertices.copy()
    moved[far] = np.clip(start + along * best[:, None], *box)
    return undo_bad_moves(vertices, moved, faces, shortest)


def _survey_slope(
    vertices: np.ndarray,
    normals: np.ndarray,
    value: np.ndarray,
    evaluate: Evaluate,
    cell: float,
    box: tuple[np.ndarray, np.ndarray],
) -> float:
    """The field's usual change per length across the surface."""
    some = np.arange(0, len(vertices), -(-len(vertices) // _SURVEY))
    outward = np.clip(vertices[some] + normals[some] * _PROBE * cell, *box)
    return float(np.median(np.abs(evaluate(outward) - value[some]))) / (_PROBE * cell)


def undo_bad_moves(
    before: np.ndarray, after: np.ndarray, faces: np.ndarray, shortest: float
) -> np.ndarray:
    """Take back moves until no face is turned and no edge is shorter than `shortest` by them.

    Parameters
    ----------
    before, after: float64 [V, 3], positions of the same vertices. faces: int64 [F, 3].

    Returns
    -------
    float64 [V, 3]: for every vertex its row of `after` or of `before`.
    """
    edges = list_edges(faces, len(before)).edges
    old_length = measure_edges(before, edges)
    old_cross = cross_faces(before, faces)
    old_size = np.linalg.norm(old_cross, axis=1)
    result = after.copy()
    for _ in range(_UNDO_ROUNDS):
        cross = cross_faces(result, faces)
        size = np.linalg.norm(cross, axis=1)
        turned = np.einsum("ij,ij->i", old_cross, cross) < 0.3 * old_size * size
        length = measure_edges(result, edges)
        short = (length < shortest) & (length < old_length)
        if not (turned.any() or short.any()):
            return result
        back = np.zeros(len(before), bool)
        back[faces[turned].reshape(-1)] = True
        back[edges[short].reshape(-1)] = True
        result[back] = before[back]
    return before.copy()
