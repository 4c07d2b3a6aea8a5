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
    """Conjugate gradients with the diagonal as preconditioner, all columns at once.

    Shewchuk, "An Introduction to the Conjugate Gradient Method Without the Agonizing Pain" (1994),
    section 12. Every column has its own step lengths; the loop ends when no column's residual is
    over `tolerance` times the residual at the start, or after `rounds`.

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
    size = np.einsum("nc,nc->c", residual, direction)
    enough = tolerance**2 * size
    for _ in range(rounds):
        if (size <= enough).all():
            break
        image = matrix @ direction
        along = np.einsum("nc,nc->c", direction, image)
        step = np.divide(size, along, out=np.zeros_like(size), where=along > 0)
        found += step * direction
        residual -= step * image
        scaled = inverse * residual
        before, size = size, np.einsum("nc,nc->c", residual, scaled)
        direction *= np.divide(size, before, out=np.zeros_like(size), where=before > 0)
        direction += scaled
    return found
