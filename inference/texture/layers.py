"""From what is seen, mirrored and in front to one colour of every point and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .looking import Viewer
from .paint import ramp

POWER = 3.0
"""Of the weights: the better view of a point wins, with a short blend between the two."""
MIRRORED = 0.6
"""What a mirrored view is worth."""
ENOUGH = (0.3, 0.6)
"""Weights between which the picture itself makes the mirrored view unheard."""
THROUGH = 0.8
"""The most that the other side of a sheet gets of what is in front of it."""
LAYERS = ("seen", "mirrored", "through", "filled")


@dataclass(frozen=True)
class Mixture:
    """What is known of N points.

    paint: float32 [N, 3], linear light, times certainty. shares: float32 [N, 4], what each of
    `LAYERS` gives to the final colour; they sum to 1, and the last is what is not known.
    firm: float32 [N] in 0..1, how well the camera, or that of the mirror image, sees the points.
    """

    paint: np.ndarray
    shares: np.ndarray
    firm: np.ndarray

    @property
    def certainty(self) -> np.ndarray:
        """float32 [N], 0..1."""
        return 1.0 - self.shares[:, 3]

    def over(self, film: np.ndarray) -> np.ndarray:
        """float32 [N, 3]: what is known, laid over what the film [N, 3] says."""
        return self.paint + film * self.shares[:, 3:]


def mix_layers(
    viewer: Viewer,
    mirror: float | None,
    points: np.ndarray,
    normals: np.ndarray,
    facets: np.ndarray,
    *,
    direct: bool = True,
) -> Mixture:
    """Colours of points float32 [N, 3] with their smooth normals, of any length, and the unit
    normals of their triangles, float32 [N, 3] each.

    mirror: the plane x = mirror in which the object mirrors itself, or None: its image is not
    looked at. direct: whether the points themselves are.
    """
    count = len(points)
    seen, heard, sure = np.zeros((3, count), np.float32)
    paint, shares = np.zeros((count, 3), np.float32), np.zeros((count, len(LAYERS)), np.float32)
    if direct:
        look = viewer.look(points, normals, facets)
        seen[look.index], sure[look.index] = look.seen, look.sure
    if mirror is not None:
        need = np.flatnonzero(seen < ENOUGH[1])
        parts = (points, normals, facets)
        if len(need) < count:
            parts = tuple(part.take(need, axis=0) for part in parts)
        other = viewer.look_mirrored(mirror, *parts)
        index = need[other.index]
        unmet = 1 - ramp(seen[index], *ENOUGH)
        heard[index] = MIRRORED * other.seen * unmet
        sure[index] = 1 - (1 - sure[index]) * (1 - other.sure * unmet)
        own, rest = seen[index] ** POWER, heard[index] ** POWER
        rival = np.divide(rest, own + rest, out=np.zeros_like(own), where=rest > 0)
        shares[index, 1] = sure[index] * rival
        paint[index] = other.colours * shares[index, 1, None]
    shares[:, 0] = sure - shares[:, 1]
    if direct:
        shares[look.index, 2] = THROUGH * look.through * (1 - sure[look.index])
        # the camera's colour of a point that it does not see is that of what is in front
        given = shares[look.index, 0] + shares[look.index, 2]
        paint[look.index] += look.colours * given[:, None]
    shares[:, 3] = 1 - sure - shares[:, 2]
    return Mixture(paint, shares, np.maximum(seen, heard))
