"""Linear blend skinning: vertices follow the weighted mean of their bones' motions.

Thalmann and others, "Joint-dependent local deformations", Graphics Interface 1988.
"""

from __future__ import annotations

import numpy as np


def rigid_matrices(states: np.ndarray) -> np.ndarray:
    """float64 [N, 4, 4] from translations and unit quaternions (x, y, z, w), float64 [N, 7]."""
    quaternions = states[:, 3:]
    length = np.linalg.norm(quaternions, axis=1, keepdims=True)
    identity = np.array([0.0, 0.0, 0.0, 1.0])
    x, y, z, w = np.where(length > 1e-9, quaternions / np.maximum(length, 1e-9), identity).T
    matrices = np.zeros((len(states), 4, 4))
    matrices[:, 0, :3] = np.stack(
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], 1
    )
    matrices[:, 1, :3] = np.stack(
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)], 1
    )
    matrices[:, 2, :3] = np.stack(
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)], 1
    )
    matrices[:, :3, 3] = states[:, :3]
    matrices[:, 3, 3] = 1
    return matrices


def skin(
    vertices: np.ndarray,
    bones: np.ndarray,
    weights: np.ndarray,
    rest: np.ndarray,
    pose: np.ndarray,
) -> np.ndarray:
    """Vertices (float64 [V, 3]) moved from the rest pose to another one.

    bones: int [V, K], numbers of bones, those outside the skeleton do not count.
    weights: float64 [V, K], scaled to a sum of 1; a vertex without weights stays where it is.
    rest, pose: float64 [B, 4, 4], bone to mesh.
    """
    motions = pose @ np.linalg.inv(rest)
    inside = (bones < len(rest)) & (weights > 0)
    weights = np.where(inside, weights, 0.0)
    total = weights.sum(axis=1)
    held = total > 1e-6
    weights = weights / np.maximum(total, 1e-6)[:, None]
    blended = np.einsum("vk,vkij->vij", weights, motions[np.where(inside, bones, 0)])
    moved = np.einsum("vij,vj->vi", blended[:, :3, :3], vertices) + blended[:, :3, 3]
    return np.where(held[:, None], moved, vertices)
