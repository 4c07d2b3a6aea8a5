"""Fewer triangles for the usual delivery: a base mesh, not a dump of the grid it came from.

Edges are collapsed where that changes the shape least (quadrics: Garland and Heckbert 1997, section
4, as fast-simplification has them). A shape that mirrors itself is reduced as one half, which is
then mirrored, so that it still does, exactly.
"""

from __future__ import annotations

from typing import Any

import fast_simplification
import numpy as np

from ..polygons import count_defects, split_polygons
from ..types import BaseMesh, PolygonMesh, ReducedMesh
from .box import restore_box
from .distance import measure_distances
from .halves import GAP, SNAP, cut_half, mirror_half, tidy_seam
from .mend import mend
from .mirror import find_mirror
from .slivers import SAFE_EDGE, spread_short_edges
from .topology import drop_unused, label_shells, measure_volume, split_fans

USUAL_FACES, USUAL_RESOLUTION = 20_000, 128
"""Triangles that a surface of that resolution is given, and in proportion to the surface's samples
otherwise: a finer field has more to show."""
WORTH_IT = 0.9
"""What leaves more than this share of the triangles is not done."""
MAX_DISTANCE, MAX_VOLUME_CHANGE = 1.0, 0.02
"""Bounds of what it may change: in voxels, and as a share of the volume."""
SPLIT_APART = 0.05
"""How far vertices move apart, in voxels, where collapsing made sheets touch."""
LEAST_SHELL = 4  # triangles of a closed surface
PROBES = 2_000
_AGGRESSIVENESS, _UNIT = 3.0, 0.1
"""Of fast-simplification, 0 to 10, and a voxel's length there: with these triangles come out
evenest, and the number is reached."""


def choose_usual_faces(resolution: int) -> int:
    """Triangles that a surface extracted at that resolution is reduced to."""
    return max(round(USUAL_FACES * (resolution / USUAL_RESOLUTION) ** 2), 4)


def reduce_mesh(mesh: BaseMesh, *, resolution: int, cell: float) -> ReducedMesh | None:
    """The finished mesh with the usual number of triangles; the same mesh gives the same one.

    Parameters
    ----------
    mesh: as `finish_surface` leaves it. resolution: of its extraction, samples along the longest
    axis. cell: length of a voxel in object space.

    Returns
    -------
    ReducedMesh: as manifold as the mesh is, no edge and no triangle lower than is delivered, the
    same longest side, floor and ground centre. None: the mesh has no more triangles than usual, or
    fewer would have changed it by over a voxel or 2 % of its volume.
    """
    count = choose_usual_faces(resolution)
    if count > WORTH_IT * len(mesh.faces):
        return None
    placement = mesh.info["placement"]
    cell = cell * placement["scale"]
    plane = -placement["ground"][0] * placement["scale"]
    vertices = mesh.vertices.astype(np.float64)
    diagonal = float(np.linalg.norm(np.ptp(vertices, axis=0)))
    if find_mirror(vertices, plane, cell) is not None:
        half = _collapse(_cut(vertices, mesh.faces, plane, cell), round(count / 2), cell)
        half = tidy_seam(half, GAP * cell)
        half = PolygonMesh.from_triangles(half.vertices, split_polygons(half))
        light = mirror_half(_mend(half, diagonal, half=True))
        reduced = _judge(light, mesh, cell, symmetric=True)
        if reduced is not None:
            return reduced
    light = _collapse(PolygonMesh.from_triangles(mesh.vertices, mesh.faces), count, cell)
    places, faces = split_fans(
        light.vertices.astype(np.float64),
        light.corners.reshape(-1, 3).astype(np.int64),
        apart=SPLIT_APART * cell,
    )
    light = _mend(PolygonMesh.from_triangles(*drop_slips(places, faces)), diagonal)
    return _judge(light, mesh, cell, symmetric=False)


def drop_slips(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Vertices float [V, 3] and triangles int [F, 3] without pieces of fewer triangles than enclose
    anything: collapsing leaves them behind where the shape is thinnest."""
    _, shell = label_shells(faces, len(vertices))
    kept = faces[np.bincount(shell)[shell] >= LEAST_SHELL]
    vertices, number = drop_unused(vertices, kept)
    return vertices, number[kept]


def _cut(vertices: np.ndarray, faces: np.ndarray, plane: float, cell: float) -> PolygonMesh:
    """The half at x > plane, moved so that the plane is x = 0."""
    places = vertices - (plane, 0.0, 0.0)
    return tidy_seam(cut_half(places, faces, SNAP * cell), GAP * cell)


def _collapse(mesh: PolygonMesh, count: int, cell: float) -> PolygonMesh:
    """About `count` triangles of a mesh of triangles.

    The library raises the error that it allows by fixed steps, so it is given lengths that do not
    depend on how large the object is.
    """
    if count >= len(mesh.sizes):
        return mesh
    places, faces = fast_simplification.simplify(
        np.ascontiguousarray(mesh.vertices * (_UNIT / cell), np.float32),
        np.ascontiguousarray(mesh.corners.reshape(-1, 3), np.int32),
        target_count=count,
        agg=_AGGRESSIVENESS,
    )
    places, number = drop_unused(places * (cell / _UNIT), faces)
    return PolygonMesh.from_triangles(places, number[faces])


def _mend(mesh: PolygonMesh, diagonal: float, *, half: bool = False) -> PolygonMesh:
    return mend(spread_short_edges(mesh, SAFE_EDGE * diagonal), diagonal, half=half)


def _judge(
    light: PolygonMesh, mesh: BaseMesh, cell: float, *, symmetric: bool
) -> ReducedMesh | None:
    """With the distances that it moved the surface, where the mesh stands; None: it is no good."""
    if not len(light.sizes) or any(count_defects(light).values()):
        return None
    light = restore_box(light, mesh.vertices, symmetric=symmetric)
    vertices, faces = light.vertices, light.corners.reshape(-1, 3)
    if len(faces) > WORTH_IT * len(mesh.faces):
        return None
    report = _compare(vertices, faces, mesh, cell)
    if report["distance_max"] > MAX_DISTANCE or abs(report["volume_change"]) > MAX_VOLUME_CHANGE:
        return None
    if report["components"] != mesh.info["mesh"]["components"]:
        return None
    return ReducedMesh(vertices, faces, symmetric, report)


def _compare(
    vertices: np.ndarray, faces: np.ndarray, mesh: BaseMesh, cell: float
) -> dict[str, Any]:
    """Distances both ways from at most PROBES vertices and middles of triangles, in voxels."""
    new, old = vertices.astype(np.float64), mesh.vertices.astype(np.float64)
    points = np.concatenate([new, new[faces].mean(axis=1)])
    there = measure_distances(_choose(points), old, mesh.faces)
    back = measure_distances(_choose(old), new, faces)
    volume = measure_volume(new, faces.astype(np.int64))
    components, _ = label_shells(faces.astype(np.int64), len(vertices))
    return {
        "distance_max": float(max(there.max(), back.max())) / cell,
        "distance_mean": float((there.mean() + back.mean()) / 2) / cell,
        "volume_change": volume / measure_volume(old, mesh.faces.astype(np.int64)) - 1.0,
        "components": components,
    }


def _choose(points: np.ndarray) -> np.ndarray:
    return points[:: -(-len(points) // PROBES)]
