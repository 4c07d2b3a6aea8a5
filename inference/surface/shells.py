"""Which shells of an extracted surface are delivered: solids, without cavities and without dust."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import EmptyFieldError
from .topology import label_shells, measure_volumes

DUST_SHARE = 5e-3
"""A solid under this share of the whole volume is a speck: such beads float beside shapes that a
network is unsure of."""
DUST_VOXELS = 8.0
"""A solid under so many voxels (2 x 2 x 2) is a speck: the sampling does not resolve it."""


@dataclass(frozen=True)
class ShellChoice:
    """faces: int64 [F', 3] that stay, facing outward; counts of what went and what stayed."""

    faces: np.ndarray
    components: int
    dropped_specks: int
    removed_cavities: int
    flipped: bool


def choose_shells(vertices: np.ndarray, faces: np.ndarray, cell: float) -> ShellChoice:
    """Keep the solids that stand free; drop cavities, solids inside others, and specks.

    A shell that faces inward bounds a cavity of the solid around it; nobody sees it, and slicers
    stumble over it. The largest solid always stays.

    Parameters
    ----------
    vertices: float64 [V, 3]. faces: int64 [F, 3], closed. cell: length of a voxel.

    Raises EmptyFieldError when no shell encloses a volume.
    """
    count, labels = label_shells(faces, len(vertices))
    volumes = measure_volumes(vertices, faces, labels, count)
    if not count or not np.abs(volumes).max() > 0:
        raise EmptyFieldError("The surface encloses no volume.")
    flipped = bool(volumes[np.abs(volumes).argmax()] < 0)
    if flipped:
        faces, volumes = faces[:, ::-1], -volumes
    cavities = volumes <= 0
    specks = ~cavities & (
        volumes < max(DUST_SHARE * volumes[~cavities].sum(), DUST_VOXELS * cell**3)
    )
    specks[volumes.argmax()] = False
    solids = np.flatnonzero(~cavities & ~specks)
    hidden = _find_hidden(vertices, faces, labels, solids)
    kept = np.zeros(count, bool)
    kept[solids] = True
    kept[hidden] = False
    return ShellChoice(
        faces[kept[labels]],
        int(kept.sum()),
        int(specks.sum()),
        int(cavities.sum() + len(hidden)),
        flipped,
    )


def _find_hidden(
    vertices: np.ndarray, faces: np.ndarray, labels: np.ndarray, solids: np.ndarray
) -> np.ndarray:
    """int: which of the shells `solids` lie inside another one of them."""
    if len(solids) < 2:
        return solids[:0]
    groups = {int(solid): faces[labels == solid] for solid in solids}
    low = {solid: vertices[part.reshape(-1)].min(axis=0) for solid, part in groups.items()}
    high = {solid: vertices[part.reshape(-1)].max(axis=0) for solid, part in groups.items()}
    hidden = [
        inner
        for inner, part in groups.items()
        if any(
            (low[outer] < low[inner]).all()
            and (high[outer] > high[inner]).all()
            and _is_inside(vertices[part[0, 0]], vertices, other)
            for outer, other in groups.items()
            if outer != inner
        )
    ]
    return np.asarray(hidden, np.int64)


def _is_inside(point: np.ndarray, vertices: np.ndarray, faces: np.ndarray) -> bool:
    """Whether a closed shell winds around a point (solid angles: Van Oosterom, Strackee, 1983)."""
    a, b, c = (vertices[faces[:, corner]] - point for corner in range(3))
    length_a, length_b, length_c = (np.linalg.norm(side, axis=1) for side in (a, b, c))
    above = np.einsum("ij,ij->i", a, np.cross(b, c))
    below = (
        length_a * length_b * length_c
        + np.einsum("ij,ij->i", a, b) * length_c
        + np.einsum("ij,ij->i", b, c) * length_a
        + np.einsum("ij,ij->i", c, a) * length_b
    )
    return bool(np.arctan2(above, below).sum() > np.pi)  # half of the full 2 pi
