"""Cut away what lies under the ground: foundations and roots, modelled deep for uneven terrain."""

from __future__ import annotations

import numpy as np

from ..formats.mesh import Mesh


def clip_below(mesh: Mesh, level: float = 0.0) -> Mesh:
    """The part of a mesh with z >= `level`; the cut stays open, as objects stand on the ground.

    Sutherland and Hodgman, "Reentrant polygon clipping", 1974, for one plane and triangles.
    """
    triangles, uvs = mesh.triangles, mesh.face_uvs.astype(np.float64)
    above = triangles[..., 2] >= level
    count = above.sum(axis=1)
    sources, corners, corner_uvs = [], [], []

    def keep(faces: np.ndarray, points: np.ndarray) -> None:
        """Append triangles given as weights [n, 3, 3] of their faces' corners."""
        sources.append(faces)
        corners.append(points @ triangles[faces])
        corner_uvs.append(points @ uvs[faces])

    whole = np.nonzero(count == 3)[0]
    keep(whole, np.broadcast_to(np.eye(3), (len(whole), 3, 3)))
    for inside in (1, 2):
        faces = np.nonzero(count == inside)[0]
        # the corner that is alone on its side comes first; turning keeps the orientation
        lonely = np.argmax(above[faces] == (inside == 1), axis=1)
        order = (lonely[:, None] + np.arange(3)) % 3
        weights = np.eye(3)[order]
        height = np.take_along_axis(triangles[faces][..., 2], order, axis=1) - level
        first = _between(weights[:, 0], weights[:, 1], height[:, 0], height[:, 1])
        second = _between(weights[:, 0], weights[:, 2], height[:, 0], height[:, 2])
        if inside == 1:
            keep(faces, np.stack([weights[:, 0], first, second], axis=1))
        else:
            keep(faces, np.stack([first, weights[:, 1], weights[:, 2]], axis=1))
            keep(faces, np.stack([first, weights[:, 2], second], axis=1))
    rows = np.concatenate(sources)
    return Mesh(
        vertices=np.concatenate(corners).reshape(-1, 3),
        faces=np.arange(3 * len(rows), dtype=np.int32).reshape(-1, 3),
        face_colours=mesh.face_colours[rows],
        face_uvs=np.concatenate(corner_uvs).astype(np.float32),
        face_textures=mesh.face_textures[rows],
        face_groups=mesh.face_groups[rows],
        textures=mesh.textures,
        group_names=mesh.group_names,
    )


def _between(
    start: np.ndarray, end: np.ndarray, height: np.ndarray, end_height: np.ndarray
) -> np.ndarray:
    """Where the edges from `start` to `end` (weights [n, 3]) cross height 0."""
    share = height / (height - end_height)
    return start + share[:, None] * (end - start)
