"""What a mesh of triangles and quads is like for the artist who works on it; only numpy."""

from __future__ import annotations

from typing import Any

import numpy as np

from .polygons import (
    HalfEdges,
    count_defects,
    label_components,
    link_corners,
    measure_volume,
    split_polygons,
)
from .types import BaseMesh, PolygonMesh

VALENCES = tuple(range(2, 11))
"""Bins of the valence histogram; the first and the last one take what is beyond."""
EDGE_BINS = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0)
"""Borders of the edge length histogram, in median edges; the last bin takes what is longer."""
ANGLE_BINS = tuple(range(0, 181, 15))
"""Borders of the corner angle histogram, in degrees."""
FLAT = 10.0
"""Degrees by which the halves of a quad may be bent until it counts as not planar."""
TOLERANCE = 0.1
"""Share by which the number of faces may miss the budget."""


def report_mesh(
    mesh: PolygonMesh, raw: BaseMesh | None = None, *, budget: int = 0
) -> dict[str, Any]:
    """Counts and measures of a mesh, plain JSON types, all counted anew from its arrays.

    Parameters
    ----------
    mesh: triangles and quads, in any unit. raw: what it was made from; None: nothing to compare
    with. budget: faces that were asked for; 0: none were.

    Returns
    -------
    vertices, faces, triangles, quads, edges; boundary_edges, wire_edges (always 0: a PolygonMesh
    has no edges of their own), non_manifold_edges, non_manifold_vertices, loose_vertices,
    bad_polygons; watertight; components; euler_characteristic; genus (of all components together;
    None where the mesh is not watertight); volume, area, dimensions (in the mesh's units);
    outward (positive volume); shortest_edge (share of the box diagonal); edge_lengths, angles,
    valences (histograms: see EDGE_BINS, ANGLE_BINS, VALENCES); regular (share of vertices of
    valence 4 where most faces are quads, else of valence 6); smallest_angle (degrees);
    bent_quads (share bent by more than FLAT degrees; None without quads), most_bent (degrees);
    asymmetry (farthest that a vertex is from the mirror image in x = 0 of its counterpart, as a
    share of the diagonal; None where the vertices have no counterparts); face_budget and budget_met
    (None without a budget); volume_change and scale_to_raw (None without `raw`): of the volume,
    sizes made alike by the longest side, and by how much that differs.
    """
    links = link_corners(mesh)
    triangles = split_polygons(mesh)
    extent = np.ptp(mesh.vertices, axis=0).astype(np.float64)
    diagonal = max(float(np.linalg.norm(extent)), 1e-30)
    defects = count_defects(mesh, links)
    watertight = not any(defects.values())
    components, _ = label_components(len(mesh.vertices), links.edges)
    euler = len(mesh.vertices) - len(links.edges) + len(mesh.sizes)
    volume = measure_volume(mesh.vertices, triangles)
    places = mesh.vertices.astype(np.float64)
    lengths = np.linalg.norm(places[links.edges[:, 0]] - places[links.edges[:, 1]], axis=1)
    angles = measure_angles(mesh, links)
    return {
        "vertices": len(mesh.vertices),
        "faces": len(mesh.sizes),
        "triangles": int((mesh.sizes == 3).sum()),
        "quads": int((mesh.sizes == 4).sum()),
        "edges": len(links.edges),
        **defects,
        "wire_edges": 0,
        "watertight": watertight,
        "components": components,
        "euler_characteristic": euler,
        "genus": components - euler // 2 if watertight else None,
        "volume": volume,
        "outward": volume > 0.0,
        "area": _measure_area(places, triangles),
        "dimensions": [float(length) for length in extent],
        "shortest_edge": float(lengths.min()) / diagonal,
        "edge_lengths": _count_lengths(lengths),
        "angles": np.histogram(angles, ANGLE_BINS)[0].tolist(),
        "smallest_angle": float(angles.min()),
        **_describe_valences(mesh, links),
        **_describe_quads(mesh),
        "asymmetry": measure_asymmetry(mesh.vertices, diagonal),
        **_describe_budget(len(mesh.sizes), budget),
        **_compare_volume(volume, extent, raw),
    }


def measure_angles(mesh: PolygonMesh, links: HalfEdges) -> np.ndarray:
    """Float64 [L]: the angle of every corner in degrees; 0 where an edge has no length."""
    places = mesh.vertices.astype(np.float64)
    before = np.empty(len(links.tails), np.int64)
    before[links.following] = np.arange(len(before))
    ahead = places[links.heads] - places[links.tails]
    back = places[links.tails[before]] - places[links.tails]
    across = np.linalg.norm(np.cross(ahead, back), axis=1)
    return np.degrees(np.arctan2(across, np.einsum("ij,ij->i", ahead, back)))


def measure_asymmetry(vertices: np.ndarray, diagonal: float) -> float | None:
    """How far vertices are from mirroring themselves in x = 0, as a share of `diagonal`.

    Vertices are paired in the order of their rounded places. None: they do not pair up.
    """
    places = vertices.astype(np.float64)
    edge = 1e-6 * diagonal
    right, left = places[places[:, 0] > edge], places[places[:, 0] < -edge]
    if len(right) != len(left):
        return None
    left = left * [-1, 1, 1]
    step = 1e-4 * diagonal
    ordered = [part[np.lexsort(np.rint(part / step).T)] for part in (right, left)]
    middle = np.abs(places[np.abs(places[:, 0]) <= edge, 0]).max(initial=0.0)
    apart = np.linalg.norm(ordered[0] - ordered[1], axis=1).max(initial=0.0)
    if apart > 10 * step:
        return None  # these are not each other's images
    return float(max(apart, middle)) / diagonal


def _measure_area(places: np.ndarray, triangles: np.ndarray) -> float:
    a, b, c = (places[triangles[:, corner]] for corner in range(3))
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def _count_lengths(lengths: np.ndarray) -> list[int]:
    median = max(float(np.median(lengths)), 1e-30)
    return np.histogram(lengths / median, (*EDGE_BINS, np.inf))[0].tolist()


def _describe_valences(mesh: PolygonMesh, links: HalfEdges) -> dict[str, Any]:
    valence = np.bincount(links.edges.reshape(-1), minlength=len(mesh.vertices))
    clipped = valence.clip(VALENCES[0], VALENCES[-1]) - VALENCES[0]
    wanted = 4 if (mesh.sizes == 4).mean() > 0.5 else 6
    return {
        "valences": np.bincount(clipped, minlength=len(VALENCES)).tolist(),
        "regular": float((valence == wanted).mean()),
    }


def _describe_quads(mesh: PolygonMesh) -> dict[str, Any]:
    """How far quads are from planar: the angle between the halves, cut along either diagonal."""
    starts = mesh.starts[mesh.sizes == 4].astype(np.int64)
    if not len(starts):
        return {"bent_quads": None, "most_bent": None}
    corners = mesh.vertices[mesh.corners[starts[:, None] + np.arange(4)]].astype(np.float64)
    bent = np.zeros(len(starts))
    for turn in (0, 1):
        a, b, c, d = np.roll(corners, turn, axis=1).transpose(1, 0, 2)
        one, other = np.cross(b - a, c - a), np.cross(c - a, d - a)
        across = np.linalg.norm(np.cross(one, other), axis=1)
        angle = np.degrees(np.arctan2(across, np.einsum("ij,ij->i", one, other)))
        bent = np.maximum(bent, angle)
    return {"bent_quads": float((bent > FLAT).mean()), "most_bent": float(bent.max())}


def _describe_budget(count: int, budget: int) -> dict[str, Any]:
    met = abs(count - budget) <= TOLERANCE * budget if budget else None
    return {"face_budget": budget, "budget_met": met}


def _compare_volume(volume: float, extent: np.ndarray, raw: BaseMesh | None) -> dict[str, Any]:
    if raw is None:
        return {"volume_change": None, "scale_to_raw": None}
    scale = float(extent.max()) / max(float(np.ptp(raw.vertices, axis=0).max()), 1e-30)
    before = measure_volume(raw.vertices, raw.faces) * scale**3
    return {"volume_change": volume / before - 1.0, "scale_to_raw": scale}
