"""Solve large, sparse, symmetric systems with a good first guess."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array


def solve_symmetric(
    matrix: csr_array,
    right: np.ndarray,
    start: np.ndarray,
    *,
    tolerance: float,
    rounds: int,
) -> np.ndarray:
    """Conjugate gradients with the diagonal as preconditioner, all columns as one system.

    Shewchuk, "An Introduction to the Conjugate Gradient Method Without the Agonizing Pain" (1994),
    section 12. The loop ends when the residual is not over `tolerance` times the residual at the
    start (both in the preconditioner's norm), or after `rounds`.

    Parameters
    ----------
    matrix: float [N, N], symmetric, positive definite. right, start: float [N, C].

    Returns
    -------
    float [N, C].
    """
    inverse = 1.0 / matrix.diagonal()[:, None]
    found = start.copy()
    residual = right - matrix @ found
    direction = inverse * residual
    size = np.vdot(residual, direction)
    enough = tolerance**2 * size
    for _ in range(rounds):
        if size <= enough:
            break
        image = matrix @ direction
        step = size / np.vdot(direction, image)
        found += step * direction
        image *= step
        residual -= image
        scaled = inverse * residual
        before, size = size, np.vdot(residual, scaled)
        direction *= size / before
        direction += scaled
    return found
