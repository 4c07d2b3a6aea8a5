"""A cutout's colours in linear light, and how far each of its pixels can be trusted.

Two things spoil a pixel. At the cutout's edge its colour is mixed with the backdrop's: there the
colours come from safely inside, and are carried outward for a mesh that is larger than the picture.
At an edge within the object, a part in front mixes with the part behind, and as a mesh never fits
its picture to the pixel, what is a step further back is not trusted near such an edge (Debevec,
Yu, Borshukov 1998, "Efficient View-Dependent Image-Based Rendering", section 3, weighs like that).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .camera import Sight
from .colours import decode_bytes

OPAQUE = 0.95
STRAND = 0.5
INNER = 1.0
"""Pixels nearer to the cutout's edge than this are mixed with what was around it."""
FADE = 8.0
"""Pixels beyond the edge over which the trust in carried colours falls to a third."""
LEAST_CARRIED = 0.05
FAINT = 3.0
"""Times `FADE` from which on carried colours are trusted no less."""
JUMP = 0.02
"""Depth between neighbouring pixels that makes an edge, over the mesh's box diagonal."""
SLOPE, STEEPEST = 1.5, 0.2
"""Times that a surface may be deeper from one pixel to the next than its slope says, and the cosine
below which slopes count no more."""
NEAR_RAMP = (0.0, 2.5)
NEAR_LEAST = 0.05
FAR_RAMP = (2.0, 7.0)
"""Distances in pixels from an edge within the object between which trust grows from none (in front
from `NEAR_LEAST`) to all. All lengths are for a picture of `REFERENCE` pixels or less."""
REFERENCE = 512


@dataclass(frozen=True)
class Paint:
    """What can be taken from a picture.

    side: of the picture's square. samples: float32 [side * side, 4]: linear red, green and blue,
    and trust in 0..1.
    limit: float32 [side * side], the depth of what is seen; inf: nothing.
    """

    side: int
    samples: np.ndarray
    limit: np.ndarray

    @property
    def colours(self) -> np.ndarray:
        """float32 [side, side, 3]: linear light."""
        return self.samples[:, :3].reshape(self.side, self.side, 3)


def prepare_paint(rgba: np.ndarray, sight: Sight, pixel: float, diagonal: float) -> Paint:
    """Colours and trust of a cutout.

    rgba: uint8 [S, S, 4], sRGB-encoded, straight alpha. sight: of the mesh in the same square.
    pixel: of that square, on the plane one unit in front of the eye. diagonal: of the mesh's box.
    """
    side = sight.side
    unit = max(side / REFERENCE, 1.0)
    depth = sight.entry.reshape(side, side)
    box = _find_box(sight.covered | (rgba[..., 3] > 0), round(FAINT * FADE * unit))
    rgba, depth, cosine = rgba[box], depth[box], sight.cosine.reshape(side, side)[box]
    colours, trust = _carry_outward(rgba, unit)
    jump = JUMP * diagonal
    steep = 1 / np.maximum(cosine, STEEPEST)
    least = jump + steep * np.where(np.isfinite(depth), depth, 0) * np.float32(SLOPE * pixel)
    colours, kept = _part_edges(colours, depth, least, jump, unit)
    samples = np.concatenate((colours, (trust * kept)[..., None]), axis=-1)
    around = [(edge.start, side - edge.stop) for edge in box]
    samples = np.pad(samples, (*around, (0, 0)), mode="edge")
    limit = np.pad(_limit_depth(depth), around, constant_values=np.inf)
    return Paint(side, samples.reshape(-1, 4), limit.reshape(-1))


def _find_box(mask: np.ndarray, around: int) -> tuple[slice, slice]:
    """Rows and columns of the box of a mask, bool [S, S], with so many pixels around; all without.

    Beyond, a picture tells no more than at the border of the box.
    """
    if not mask.any():
        return slice(0, len(mask)), slice(0, len(mask))
    spans = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    rows, columns = (
        slice(max(0, int(span[0]) - around), min(len(mask), int(span[-1]) + 1 + around))
        for span in spans
    )
    return rows, columns


def find_safe(alpha: np.ndarray, unit: float = 1.0) -> np.ndarray:
    """bool [S, S]: pixels of the object that show nothing of what was around it.

    Where the object is too thin to have an inside, all that is opaque counts; where it is never
    opaque, as hair, all that is more there than not.
    """
    reach = max(1, round(INNER * unit))
    safe = ~_grow(alpha < OPAQUE, reach)
    for least in (OPAQUE, STRAND):
        safe |= (alpha >= least) & ~_grow(safe, 2 * reach)
    return safe


def _grow(mask: np.ndarray, steps: int) -> np.ndarray:
    """bool [S, S] grown by so many pixels, straight and slanted in turn."""
    wide = np.pad(mask, 1)
    for step in range(steps):
        grown = wide.copy()
        grown[1:] |= wide[:-1]
        grown[:-1] |= wide[1:]
        across = grown.copy() if step % 2 else wide  # slanted: of what has grown up and down
        grown[:, 1:] |= across[:, :-1]
        grown[:, :-1] |= across[:, 1:]
        wide = grown
        wide[[0, -1]] = wide[:, [0, -1]] = False
    return wide[1:-1, 1:-1]


def _carry_outward(rgba: np.ndarray, unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Colours float32 [H, W, 3] with the unsafe ones replaced, and the trust in them [H, W].

    rgba: uint8 [H, W, 4].
    """
    alpha = rgba[..., 3].astype(np.float32) / 255
    colours = decode_bytes(rgba[..., :3])
    trust = np.ones(alpha.shape, np.float32)
    safe = find_safe(alpha, unit)
    if not safe.any():
        seen = alpha > 0
        mean = np.average(colours[seen], axis=0, weights=alpha[seen]) if seen.any() else 0.5
        return np.broadcast_to(np.float32(mean), colours.shape), trust
    unsafe, nearest, distance = _find_nearest(safe)
    flat = colours.reshape(-1, 3)
    flat[unsafe] = flat.take(nearest, axis=0)
    outside = np.maximum(distance - np.float32(INNER * unit), 0) / np.float32(FADE * unit)
    trust.reshape(-1)[unsafe] = np.maximum(np.exp(-outside), LEAST_CARRIED)
    return colours, trust


def _find_nearest(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flat pixels that are not in the mask, the flat pixel of it that is nearest to each, and how
    far that is, float32; the mask, bool [H, W], is not empty.
    """
    rows, columns = ndimage.distance_transform_edt(
        ~mask, return_distances=False, return_indices=True
    )
    others = np.flatnonzero(~mask)
    rows, columns = rows.reshape(-1).take(others), columns.reshape(-1).take(others)
    width = mask.shape[1]
    row = (others // width).astype(np.int32)
    down, right = row - rows, others.astype(np.int32) - row * width - columns
    square = (down * down + right * right).astype(np.float32)
    return others, rows.astype(np.int64) * width + columns, np.sqrt(square)


def _find_rim(depth: np.ndarray, least: np.ndarray) -> np.ndarray:
    """bool [S, S]: pixels in front beside a pixel that is a step further back.

    least: float [S, S], what such a step has to exceed, for either of the two pixels.
    """
    rim = np.zeros(depth.shape, bool)
    for at, to, low in ((depth, rim, least), (depth.T, rim.T, least.T)):  # views of the same
        steps = _steps(at)
        size = np.abs(steps)
        # a slope goes on before or behind, an edge does not; at the outline one of them tells
        wide = np.pad(size, ((0, 0), (1, 1)), constant_values=np.nan)
        usual = np.fmin(wide[:, :-2], wide[:, 2:])
        edge = size > np.maximum(low[:, :-1], low[:, 1:]) + 2 * usual
        to[:, :-1] |= edge & (steps > 0)
        to[:, 1:] |= edge & (steps < 0)
    return rim


def _part_edges(
    colours: np.ndarray, depth: np.ndarray, least: np.ndarray, jump: float, unit: float
) -> tuple[np.ndarray, np.ndarray]:
    """Colours [S, S, 3] in which no pixel at an edge within the object is mixed, and the trust
    float32 [S, S] in 0..1 that is left there.

    Beside the edge, both the part in front and the pixels next to it get the colour of the nearest
    pixel of the part in front that is off the edge: so much is read with it between pixels, and
    what is behind is not trusted there. Parts too thin to have such a pixel keep theirs.
    """
    rim = _find_rim(depth, least)
    if not rim.any():
        return colours, np.ones(depth.shape, np.float32)
    trust = np.ones(depth.size, np.float32)
    flat = depth.reshape(-1)
    pixel, source, distance = _find_nearest(rim)
    near = np.flatnonzero(distance < FAR_RAMP[1] * unit)  # beyond, all is trusted
    pixel, source, distance = pixel[near], source[near], distance[near]
    edge = np.flatnonzero(rim)
    pixel, source = np.concatenate([edge, pixel]), np.concatenate([edge, source])
    distance = np.concatenate([np.zeros(len(edge), np.float32), distance])
    front, here = flat.take(source), flat.take(pixel)
    behind = (here > front + jump / 2) & np.isfinite(here)
    distance = distance / np.float32(unit)
    before = NEAR_LEAST + (1 - NEAR_LEAST) * ramp(distance, *NEAR_RAMP)
    trust[pixel] = np.where(behind, ramp(distance, *FAR_RAMP), before)
    trust = trust.reshape(depth.shape)

    mixed = distance <= 1 + 0.5 / unit  # slanted neighbours, too
    free = flat.copy()
    free[pixel[mixed]] = np.inf
    mixed &= np.isfinite(here)
    todo, level = pixel[mixed], np.where(behind, front, here)[mixed]
    (high, wide), reach = depth.shape, round(2 * unit) + 2
    steps = np.arange(-reach, reach + 1)
    down, right = (part.reshape(-1) for part in np.meshgrid(steps, steps, indexing="ij"))
    old, new = colours.reshape(-1, 3), colours.reshape(-1, 3).copy()
    for step in np.argsort(down**2 + right**2, kind="stable")[1:]:
        source = (todo // wide + down[step]).clip(0, high - 1) * wide
        source += (todo % wide + right[step]).clip(0, wide - 1)
        found = np.abs(free[source] - level) < jump
        new[todo[found]] = old[source[found]]
        todo, level = todo[~found], level[~found]
    return new.reshape(colours.shape), trust


def _steps(depth: np.ndarray) -> np.ndarray:
    """float [S, S - 1]: from each pixel to the right one; 0 where one of them shows no object."""
    both = np.isfinite(depth[:, :-1]) & np.isfinite(depth[:, 1:])
    return np.subtract(
        depth[:, 1:], depth[:, :-1], out=np.zeros(both.shape, np.float32), where=both
    )


def _limit_depth(depth: np.ndarray) -> np.ndarray:
    """float32 [S, S]: the depth buffer, one pixel wider than the silhouette."""
    around = _reduce_around(depth, np.minimum)
    return np.where(np.isfinite(depth), depth, around).astype(np.float32)


def _reduce_around(values: np.ndarray, reduce: np.ufunc) -> np.ndarray:
    """The least or the greatest (np.minimum, np.maximum) of every pixel and its 8 neighbours."""
    for turned in (False, True):
        old = values.T if turned else values
        new = old.copy()
        reduce(new[1:], old[:-1], out=new[1:])
        reduce(new[:-1], old[1:], out=new[:-1])
        values = new.T if turned else new
    return np.ascontiguousarray(values)


def ramp(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """0 below low, 1 above high, smooth in between."""
    t = np.clip((values - low) / (high - low), 0.0, 1.0)
    return t * t * (3 - 2 * t)
