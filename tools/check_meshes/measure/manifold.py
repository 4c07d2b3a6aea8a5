"""Whether a mesh is a closed manifold that looks outward, as Blender's own bmesh sees it."""

from __future__ import annotations

from typing import Any

import bmesh
import numpy as np
from mathutils.bvhtree import BVHTree

from .arrays import MeshArrays, label_components, measure_areas

SHORTEST_EDGE = 1e-4
"""No edge may be shorter than this share of the box diagonal."""
FLATTEST = 1e-6
"""A triangle lower than this share of the diagonal has no area that counts."""
_DIRECTIONS = ((0.577, 0.211, 0.789), (-0.389, 0.842, 0.374), (0.127, -0.541, -0.831))
_POINTS = 5


def measure_manifold(mesh: Any, arrays: MeshArrays) -> dict[str, Any]:
    """Counts of what is wrong, all 0 for a sound mesh, and of what there is; plain types.

    shortest_edge: share of the diagonal. volume: signed, cubic Blender units. flipped_edges: edges
    whose two faces run the same way. inward_shells: closed shells of negative volume.
    nested_shells: shells inside another.
    """
    work = bmesh.new()
    try:
        work.from_mesh(mesh)
        facts: dict[str, Any] = {
            "boundary_edges": sum(edge.is_boundary for edge in work.edges),
            "wire_edges": sum(edge.is_wire for edge in work.edges),
            "non_manifold_edges": sum(len(edge.link_faces) > 2 for edge in work.edges),
            "flipped_edges": sum(
                len(edge.link_faces) == 2 and not edge.is_contiguous for edge in work.edges
            ),
            "non_manifold_vertices": sum(
                bool(vertex.link_faces) and not vertex.is_manifold for vertex in work.verts
            ),
            "loose_vertices": sum(not vertex.link_edges for vertex in work.verts),
            "volume": work.calc_volume(signed=True),
            "edges": len(work.edges),
        }
    finally:
        work.free()
    facts |= {"vertices": len(mesh.vertices), "faces": len(mesh.polygons)}
    facts["triangles"] = len(arrays.triangles)
    facts |= _measure_faces(arrays) | _measure_shells(arrays)
    facts["euler_characteristic"] = facts["vertices"] - facts["edges"] + facts["faces"]
    return facts


def _measure_faces(arrays: MeshArrays) -> dict[str, Any]:
    """Doubled, flat and short."""
    diagonal = max(arrays.diagonal, 1e-30)
    starts = arrays.starts
    ends = arrays.vertices[arrays.corners[arrays.following]]
    lengths = np.linalg.norm(ends - arrays.vertices[arrays.corners], axis=1) / diagonal
    points = arrays.vertices[arrays.faces]
    sides = np.linalg.norm(points - points[:, [1, 2, 0]], axis=2).max(axis=1)
    heights = 2 * measure_areas(points) / np.maximum(sides, 1e-30) / diagonal
    doubled = 0
    for size in np.unique(arrays.sizes):
        group = starts[arrays.sizes == size][:, None] + np.arange(size)
        used = np.sort(arrays.corners[group], axis=1)
        doubled += len(used) - len(np.unique(used, axis=0))
    return {
        "shortest_edge": float(lengths.min(initial=np.inf)) if len(lengths) else 0.0,
        "short_edges": int((lengths < SHORTEST_EDGE).sum()),
        "degenerate_faces": int((heights < FLATTEST).sum()),
        "doubled_faces": int(doubled),
    }


def _measure_shells(arrays: MeshArrays) -> dict[str, Any]:
    """Shells (faces joined by vertices): how many, which look inward, which are inside others."""
    faces = arrays.faces
    labels = label_components(
        len(arrays.vertices), arrays.corners, arrays.corners[arrays.following]
    )
    used, shell = np.unique(labels[faces[:, 0]], return_inverse=True)
    shell = shell.reshape(-1)
    centred = arrays.vertices - arrays.vertices.mean(axis=0)
    a, b, c = (centred[faces[:, corner]] for corner in range(3))
    volumes = np.bincount(shell, np.einsum("ij,ij->i", a, np.cross(b, c)) / 6, len(used))
    return {
        "shells": len(used),
        "inward_shells": int((volumes <= 0).sum()),
        "nested_shells": _count_nested(arrays, shell, len(used)),
        "smallest_shell_share": float(np.abs(volumes).min() / max(np.abs(volumes).sum(), 1e-30))
        if len(volumes)
        else 0.0,
    }


def _count_nested(arrays: MeshArrays, shell: np.ndarray, count: int) -> int:
    """Shells most of whose sampled vertices lie inside another shell."""
    if count < 2:
        return 0
    faces = arrays.faces
    groups = [faces[shell == number] for number in range(count)]
    boxes = [
        (arrays.vertices[group.ravel()].min(0), arrays.vertices[group.ravel()].max(0))
        for group in groups
    ]
    points = arrays.vertices.tolist()
    trees: dict[int, BVHTree] = {}
    nested = 0
    for number, group in enumerate(groups):
        own = np.unique(group)
        sample = arrays.vertices[own[np.linspace(0, len(own) - 1, _POINTS).astype(int)]]
        for other in range(count):
            low, high = boxes[other]
            if other == number or not ((sample >= low) & (sample <= high)).all(axis=1).any():
                continue
            if other not in trees:
                trees[other] = BVHTree.FromPolygons(points, groups[other].tolist())
            inside = [_is_inside(trees[other], point, arrays.diagonal) for point in sample]
            if sum(inside) > len(inside) / 2:
                nested += 1
                break
    return nested


def _is_inside(tree: BVHTree, point: np.ndarray, diagonal: float) -> bool:
    """Whether most rays from the point leave the shell an odd number of times."""
    votes = 0
    for direction in _DIRECTIONS:
        direction = np.array(direction) / np.linalg.norm(direction)
        start, crossings = point.copy(), 0
        while crossings < 1000:
            place, _, _, _ = tree.ray_cast(start, direction)
            if place is None:
                break
            crossings += 1
            start = np.array(place) + direction * diagonal * 1e-6
        votes += crossings % 2
    return votes * 2 > len(_DIRECTIONS)
