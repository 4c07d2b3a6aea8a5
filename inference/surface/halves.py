"""A mesh that mirrors itself, as one half: cut at the plane x = 0, and put together again.

The half is what lies at x > 0; its open edge, the seam, lies in the plane. Only numpy.
"""

from __future__ import annotations

import numpy as np

from ..polygons import drop_unused, label_fans, link_corners
from ..types import PolygonMesh

SNAP, GAP = 0.1, 0.05
"""In voxels: how far the cut moves vertices into the mirror plane, and how near others come."""
_ROUNDS = 8


def cut_half(vertices: np.ndarray, faces: np.ndarray, snap: float) -> PolygonMesh:
    """The triangles at x >= 0; those that cross the plane are cut there.

    vertices: float [V, 3]. faces: int [F, 3]. snap: vertices nearer to the plane than this are
    moved into it, so that the cut leaves no slivers.
    """
    places = vertices.astype(np.float64)
    places[np.abs(places[:, 0]) < snap, 0] = 0.0
    side = np.sign(places[:, 0]).astype(np.int64)
    sides = side[faces]
    above, below = (sides > 0).sum(axis=1), (sides < 0).sum(axis=1)
    whole = faces[(below == 0) & (above > 0)].astype(np.int64)
    alone = _turn(faces, sides > 0, (above == 1) & (below > 0))
    paired = _turn(faces, sides < 0, (above == 2) & (below == 1))

    # Every edge that is cut, as (end above, end below).
    _, second, third = alone.T
    first_cut = np.stack([alone[:, 0], second], axis=-1)
    last_cut = np.stack([alone[:, 0], third], axis=-1)
    wanted = np.concatenate(
        [
            first_cut[side[second] < 0],
            last_cut[side[third] < 0],
            paired[:, [1, 0]],
            paired[:, [2, 0]],
        ]
    )
    keys = wanted[:, 0] * len(places) + wanted[:, 1]
    known, number = np.unique(keys, return_inverse=True)
    upper, lower = np.divmod(known, len(places))
    share = places[upper, 0] / (places[upper, 0] - places[lower, 0])
    cuts = places[upper] + share[:, None] * (places[lower] - places[upper])
    cuts[:, 0] = 0.0
    number = number.reshape(-1) + len(places)

    parts = np.split(number, np.cumsum([(side[second] < 0).sum(), (side[third] < 0).sum()]))
    new_second, new_third = second.copy(), third.copy()
    new_second[side[second] < 0] = parts[0]
    new_third[side[third] < 0] = parts[1]
    near, far = np.split(parts[2], 2)
    pieces = [
        whole,
        np.stack([alone[:, 0], new_second, new_third], axis=-1),
        np.stack([near, paired[:, 1], paired[:, 2]], axis=-1),
        np.stack([near, paired[:, 2], far], axis=-1),
    ]
    kept = PolygonMesh.from_triangles(np.concatenate([places, cuts]), np.concatenate(pieces))
    return drop_unused(kept)


def _turn(faces: np.ndarray, marked: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """The chosen triangles, int64 [N, 3], turned so that their one marked corner comes first."""
    first = marked[chosen].argmax(axis=1)[:, None]
    return np.take_along_axis(faces[chosen].astype(np.int64), (first + np.arange(3)) % 3, axis=1)


def find_seam(mesh: PolygonMesh) -> np.ndarray:
    """Bool [V]: the vertices on open edges."""
    links = link_corners(mesh)
    seam = np.zeros(len(mesh.vertices), bool)
    seam[links.edges[links.uses == 1]] = True
    return seam


def tidy_seam(half: PolygonMesh, gap: float) -> PolygonMesh:
    """The half as `mirror_half` needs it for a closed manifold.

    The seam goes into the plane and the rest stays in front of it by at least `gap`; polygons that
    lie in the plane are dropped; an edge that runs from seam to seam inside the half, which two
    more polygons would share once mirrored, is split, and its middle moves out of the plane; where
    parts of the half touch in a vertex of the seam, each gets a vertex of its own.
    """
    for _ in range(_ROUNDS):
        seam = find_seam(half)
        flat = np.logical_and.reduceat(seam[half.corners], half.starts)
        if not flat.any():
            break
        kept = np.repeat(~flat, half.sizes)
        half = drop_unused(PolygonMesh(half.vertices, half.corners[kept], half.sizes[~flat]))
        if not len(half.sizes):
            return half
    half = _separate_fans(half, gap)
    seam = find_seam(half)
    places = half.vertices.astype(np.float64)
    places[:, 0] = np.where(seam, 0.0, np.maximum(places[:, 0], gap))
    return _split_chords(PolygonMesh(places, half.corners, half.sizes), seam, gap)


def _separate_fans(mesh: PolygonMesh, gap: float) -> PolygonMesh:
    """Give every fan of polygons a vertex of its own, `gap` away from where they touched."""
    links = link_corners(mesh)
    _, first, fan = np.unique(label_fans(links), return_index=True, return_inverse=True)
    fan = fan.reshape(-1)
    vertex_of = links.tails[first]
    shared = np.bincount(vertex_of, minlength=len(mesh.vertices))[vertex_of] > 1
    if not shared.any():
        return mesh
    places = mesh.vertices[vertex_of].astype(np.float64)
    neighbour = mesh.vertices[links.heads].astype(np.float64)
    count = np.bincount(fan, minlength=len(places))
    fans_at = np.bincount(vertex_of, minlength=len(mesh.vertices))
    away = np.zeros_like(places)
    for axis in (1, 2):
        middle = np.bincount(fan, neighbour[:, axis], len(places)) / count
        # against the others' middle: two that lie on the same side would stay in one place
        others = np.bincount(vertex_of, middle, len(mesh.vertices)) / np.maximum(fans_at, 1)
        away[:, axis] = middle - others[vertex_of]
    length = np.linalg.norm(away, axis=1, keepdims=True)
    away = np.divide(away, length, out=np.zeros_like(away), where=length > 0)
    places[shared] += gap * away[shared]
    return PolygonMesh(places, fan.astype(np.int32), mesh.sizes)


def _split_chords(mesh: PolygonMesh, seam: np.ndarray, gap: float) -> PolygonMesh:
    """Give inner edges between vertices of the seam a middle vertex in front of the plane."""
    links = link_corners(mesh)
    chord = (links.uses == 2) & seam[links.edges].all(axis=1)
    if not chord.any():
        return mesh
    places = mesh.vertices
    middles = places[links.edges[chord]].mean(axis=1)
    middles[:, 0] = np.maximum(
        gap, 0.25 * np.linalg.norm(np.diff(places[links.edges[chord]], axis=1), axis=(1, 2))
    )
    number = np.full(len(links.edges), -1)
    number[chord] = len(places) + np.arange(int(chord.sum()))
    cut = number[links.edge]  # of every half-edge
    hit = np.logical_or.reduceat(cut >= 0, mesh.starts)
    kept = np.repeat(~hit, mesh.sizes)
    corners, sizes = [mesh.corners[kept]], [mesh.sizes[~hit]]
    for start, size in zip(mesh.starts[hit].tolist(), mesh.sizes[hit].tolist(), strict=True):
        ring: list[int] = []
        for corner in range(start, start + size):
            ring += [int(mesh.corners[corner])] + ([int(cut[corner])] if cut[corner] >= 0 else [])
        for piece in _divide_ring(ring, len(places)):
            corners.append(np.array(piece, np.int32))
            sizes.append(np.array([len(piece)], np.int32))
    return PolygonMesh(
        np.concatenate([places, middles]),
        np.concatenate(corners).astype(np.int32),
        np.concatenate(sizes).astype(np.int32),
    )


def _divide_ring(ring: list[int], first_middle: int) -> list[list[int]]:
    """A polygon with new vertices (those from `first_middle` on), as triangles and quads.

    The corner behind each new vertex is cut off until four are left: then no edge between old
    vertices is made.
    """
    pieces = []
    while len(ring) > 4:
        start = next(i for i, vertex in enumerate(ring) if vertex >= first_middle)
        ring = ring[start:] + ring[:start]
        pieces.append([ring[0], ring[1], ring[2]])
        ring = [ring[0], *ring[2:]]
    if len(ring) == 4 and pieces == []:
        start = next(i for i, vertex in enumerate(ring) if vertex >= first_middle)
        ring = ring[start:] + ring[:start]
        return [ring[:3], [ring[0], ring[2], ring[3]]]
    return [*pieces, ring]


def mirror_half(half: PolygonMesh) -> PolygonMesh:
    """The half and its mirror image, joined at the seam; x is the exact negative, float32.

    half: as `tidy_seam` leaves it.
    """
    seam = find_seam(half)
    places = half.vertices.astype(np.float32)
    places[seam, 0] = 0.0
    number = np.arange(len(places), dtype=np.int32)
    number[~seam] = len(places) + np.arange(int((~seam).sum()), dtype=np.int32)
    other = places[~seam] * np.array([-1, 1, 1], np.float32)
    image = PolygonMesh(places, number[half.corners], half.sizes)
    return PolygonMesh(
        np.concatenate([places, other]),
        np.concatenate([half.corners, reverse_polygons(image)]).astype(np.int32),
        np.concatenate([half.sizes, half.sizes]),
    )


def mirror_right(mesh: PolygonMesh) -> PolygonMesh | None:
    """The polygons at x > 0 and their mirror image, joined by the quads that cross x = 0.

    For a mesh whose vertices all lie beside the plane. A quad that crosses it has an edge on either
    side; the one at x > 0 is kept, the other one becomes its mirror image. None: some polygon
    crosses the plane in another way.
    """
    right = mesh.vertices[:, 0] > 0.0
    sides = right[mesh.corners]
    on_right = np.add.reduceat(sides.astype(np.int64), mesh.starts)
    crossing = (on_right > 0) & (on_right < mesh.sizes)
    if not ((on_right[crossing] == 2) & (mesh.sizes[crossing] == 4)).all():
        return None
    quads = mesh.corners[mesh.starts[crossing][:, None] + np.arange(4)]
    # Turned so that it leaves the right side behind its second corner.
    last = (right[quads] & ~right[np.roll(quads, -1, axis=1)]).argmax(axis=1)
    quads = np.take_along_axis(quads, (last[:, None] + np.array([3, 0])) % 4, axis=1)
    if not right[quads].all():
        return None  # its right corners are opposite ones
    whole = on_right == mesh.sizes
    number = np.full(len(right), -1, np.int32)
    number[right] = np.arange(int(right.sum()))
    places = mesh.vertices[right]
    corners = number[mesh.corners[np.repeat(whole, mesh.sizes)]]
    half = PolygonMesh(places, corners, mesh.sizes[whole])
    quads = number[quads]
    bridge = np.stack([quads[:, 0], quads[:, 1], *(quads[:, [1, 0]] + len(places)).T], axis=-1)
    return PolygonMesh(
        np.concatenate([places, places * np.array([-1, 1, 1], np.float32)]),
        np.concatenate([corners, reverse_polygons(half) + len(places), bridge.reshape(-1)]).astype(
            np.int32
        ),
        np.concatenate([half.sizes, half.sizes, np.full(len(bridge), 4, np.int32)]),
    )


def reverse_polygons(mesh: PolygonMesh) -> np.ndarray:
    """Int32 [L]: the corners with every polygon looking the other way."""
    starts, ends = mesh.starts, mesh.starts + mesh.sizes - 1
    # Within a polygon its first corner changes places with its last one, and so on.
    order = np.repeat(starts + ends, mesh.sizes) - np.arange(len(mesh.corners))
    return mesh.corners[order]
