"""The camera that took a picture, for an engine that estimates none.

The mesh stands upright and faces -Y; the camera is searched for on an orbit around it, the one
from which the mesh's silhouette is most like the picture's alpha. Sampled points are splatted into
small masks, many cameras at a time; the best few are refined and then rendered.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from ..types import Pinhole, PolygonMesh
from .camera import render_sight
from .raster import split_polygons

FIELD_OF_VIEW = 30.0
"""Degrees that the square of a usual picture spans."""
AZIMUTHS = np.linspace(-90.0, 90.0, 25)
"""Only the front: silhouettes from behind are nearly the mirror images of these."""
ELEVATIONS = np.array([-4.0, 7.0, 18.0, 30.0])
LOWEST, HIGHEST = -15.0, 60.0
SIDE = 48  # of the masks of the search
FINE_SIDE = 64
FINAL_SIDE = 128
POINTS = 2000
FINE_POINTS = 5000
KEPT = 4
TURNS = ((3.5, 5.0), (1.8, 2.5))
"""Degrees of azimuth and elevation by which the best views are moved, round by round."""
STEPS = np.array([1.5, 2.0, 0.25, 0.03, 0.03, 0.05])
"""First steps of the last search: azimuth and elevation, logarithm of the field of view, shift of
the silhouette in shares of the square, logarithm of its size."""
ROUNDS = 7
MOST_SHIFT, MOST_ZOOM, MOST_WIDENING = 0.08, 0.2, 0.7
USUAL_ELEVATION = 15.0
TIE = 4e-4
"""IoU that a degree away from the usual elevation must be worth, and half of it one of azimuth."""
PRESENT = 0.5  # alpha
TOUCHED = 0.1
"""Share of a cell that is covered from where on a sampled point is likely in it."""
TIPS = 128


@dataclass(frozen=True)
class _Target:
    """A mask at a side, and where its box is: middle and longest side, in shares of the square."""

    mask: np.ndarray
    middle: tuple[float, float]
    longest: float


def fit_pinhole(mesh: PolygonMesh, alpha: np.ndarray) -> tuple[Pinhole, float]:
    """The camera from whose place the mesh looks most like a silhouette.

    mesh: upright, facing -Y. alpha: [S, S], uint8 0..255 or float 0..1, row 0 at the top, of the
    picture's square; something is in it.

    Returns
    -------
    Pinhole of that square, in the mesh's own space, and the IoU of the mesh's silhouette with the
    alpha's, rendered at `FINAL_SIDE`. The azimuth is within 90 degrees of the front. The box of the
    silhouette has about the middle and the longest side of the alpha's.

    Raises
    ------
    ValueError: the alpha is no square or empty, or the mesh has no triangle.
    """
    if alpha.ndim != 2 or alpha.shape[0] != alpha.shape[1]:
        raise ValueError(f"The alpha has to be a square, not {alpha.shape}.")
    if alpha.dtype == np.uint8:
        alpha = alpha.astype(np.float32) / 255
    present = alpha >= PRESENT
    corners, _ = split_polygons(mesh)
    if not present.any() or not len(corners):
        raise ValueError("There is no silhouette to fit.")
    vertices, triangles = mesh.vertices.astype(np.float32), mesh.corners[corners]
    centre = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    local = vertices - centre

    grid = np.stack(np.meshgrid(AZIMUTHS, ELEVATIONS, indexing="ij"), axis=-1).reshape(-1, 2)
    views = np.pad(grid, ((0, 0), (0, 4)))
    coarse = _shrink(present, SIDE, TOUCHED)
    tips = _find_tips(local)
    scores = _score(np.concatenate((tips, sample_surface(local, triangles, POINTS))), views, coarse)
    best = _choose_apart(views, scores, KEPT)
    fine = _shrink(present, FINE_SIDE, TOUCHED)
    points = np.concatenate((tips, sample_surface(local, triangles, FINE_POINTS)))
    for turns in TURNS:
        moves = np.array([(a, e) for a in (-1, 0, 1) for e in (-1, 0, 1)]) * turns
        around = _bound((best[:, None] + np.pad(moves, ((0, 0), (0, 4)))).reshape(-1, 6))
        scores = _score(points, around, fine).reshape(len(best), -1)
        best = around.reshape(len(best), -1, 6)[np.arange(len(best)), scores.argmax(axis=1)]
        best = best[np.argsort(-scores.max(axis=1), kind="stable")][: (len(best) + 1) // 2]
    pinhole = _frame(local, centre, _refine(points, best[0], fine), fine)
    final = _shrink(present, FINAL_SIDE, PRESENT).mask
    drawn = render_sight(pinhole, vertices, triangles, FINAL_SIDE).covered
    either = np.count_nonzero(final | drawn)
    return pinhole, float(np.count_nonzero(final & drawn) / either) if either else 0.0


def sample_surface(vertices: np.ndarray, triangles: np.ndarray, count: int) -> np.ndarray:
    """Float32 [count, 3]: points spread evenly over a surface, the same ones every time.

    Places along the triangles' areas and in the triangles follow the R2 sequence (Roberts 2018,
    "The Unreasonable Effectiveness of Quasirandom Sequences").
    """
    a, b, c = (vertices[triangles[:, k]] for k in range(3))
    area = np.cumsum(np.linalg.norm(np.cross(b - a, c - a), axis=1).astype(np.float64))
    place = (np.arange(count) + 0.5) / count * area[-1]
    which = np.searchsorted(area, place).clip(0, len(triangles) - 1)
    steps = np.arange(1, count + 1)[:, None] * (0.7548776662466927, 0.5698402909980532) % 1.0
    outside = steps.sum(axis=1) > 1
    steps[outside] = 1 - steps[outside]
    s, t = steps.astype(np.float32).T[..., None]
    return a[which] * (1 - s - t) + b[which] * s + c[which] * t


def _find_tips(vertices: np.ndarray) -> np.ndarray:
    """Float32 [up to TIPS, 3]: the vertices that lie farthest out in directions all around, which
    decide how a view is framed."""
    height = 1 - (2 * np.arange(TIPS) + 1) / TIPS  # a Fibonacci sphere
    turn = np.arange(TIPS) * np.pi * (3 - np.sqrt(5))
    wide = np.sqrt(1 - height**2)
    around = np.stack((wide * np.cos(turn), wide * np.sin(turn), height)).astype(np.float32)
    return vertices[np.unique((vertices @ around).argmax(axis=0))]


def _shrink(present: np.ndarray, side: int, least: float) -> _Target:
    """The silhouette as a mask of another size: cells of which this share is covered."""
    whole = present.shape[0]
    rows, columns = (np.flatnonzero(present.any(axis=axis)) for axis in (1, 0))
    top, bottom = rows[0] / whole, (rows[-1] + 1) / whole
    left, right = columns[0] / whole, (columns[-1] + 1) / whole
    # shares of coverage by a summed-area table: as right for a larger side as for a smaller one
    table = np.zeros((whole + 1, whole + 1))
    table[1:, 1:] = present.cumsum(axis=0).cumsum(axis=1)
    at = np.linspace(0, whole, side + 1)
    sums = ndimage.map_coordinates(table, np.meshgrid(at, at, indexing="ij"), order=1)
    share = np.diff(np.diff(sums, axis=0), axis=1) * (side / whole) ** 2
    middle = ((left + right) / 2, (top + bottom) / 2)
    return _Target(share >= least, middle, max(right - left, bottom - top))


def _axes(views: np.ndarray) -> np.ndarray:
    """float64 [N, 3, 3]: right, up and forward for views [N, 6]."""
    azimuth, elevation = np.radians(views[:, :2]).T
    zero = np.zeros_like(azimuth)
    right = np.stack((np.cos(azimuth), np.sin(azimuth), zero), axis=1)
    flat = np.cos(elevation)
    forward = np.stack(
        (-flat * np.sin(azimuth), flat * np.cos(azimuth), -np.sin(elevation)), axis=1
    )
    return np.stack((right, np.cross(right, forward), forward), axis=1)


def _frame_points(
    points: np.ndarray, views: np.ndarray, target: _Target
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """N cameras that look at points [P, 3]: where the points are on the plane one unit in front of
    each eye, float32 [N, P, 2], the eye's distance [N], half_side [N] and centre [N, 2].

    The eye is so far away that the square spans about the view's field; the box of the points has
    the target's middle and longest side, but for the view's shift and size.
    """
    axes = _axes(views).astype(np.float32)
    local = np.moveaxis(np.tensordot(axes, points.astype(np.float32), (2, 1)), 1, 2)
    low, high = local.min(axis=1), local.max(axis=1)
    extent = (high - low)[:, :2].max(axis=1)
    spread = np.tan(np.radians(FIELD_OF_VIEW / 2) * np.exp(views[:, 2]))
    away = np.maximum(extent / (2 * target.longest * spread), 0.55 * extent - low[:, 2])
    plane = local[..., :2] / (local[..., 2:] + away[:, None, None].astype(np.float32))
    low, high = plane.min(axis=1), plane.max(axis=1)
    half = (high - low).max(axis=1) / (2 * target.longest) * np.exp(-views[:, 5])
    shift = np.array([2 * target.middle[0] - 1, 1 - 2 * target.middle[1]]) + 2 * views[:, 3:5]
    return plane, away, half, (low + high) / 2 - half[:, None] * shift


def _score(points: np.ndarray, views: np.ndarray, target: _Target) -> np.ndarray:
    """float [N]: IoU of splatted points [P, 3] with the target, less what an odd view costs."""
    side = target.mask.shape[0]
    plane, _, half, centre = _frame_points(points, views, target)
    scale = (side / (2 * half)).astype(np.float32)[:, None]
    columns = (plane[..., 0] - centre[:, :1].astype(np.float32)) * scale + side / 2
    rows = (centre[:, 1:].astype(np.float32) - plane[..., 1]) * scale + side / 2
    cell = rows.clip(0, side - 1).astype(np.int32) * side
    cell += columns.clip(0, side - 1).astype(np.int32)
    cell += np.arange(len(views), dtype=np.int32)[:, None] * side**2
    drawn = np.zeros((len(views), side, side), bool)
    drawn.reshape(-1)[cell] = True
    _close_gaps(drawn)
    both = np.count_nonzero(drawn & target.mask, axis=(1, 2))
    either = np.count_nonzero(drawn | target.mask, axis=(1, 2))
    odd = np.abs(views[:, 1] - USUAL_ELEVATION) + np.abs(views[:, 0]) / 2
    return both / np.maximum(either, 1) - TIE * odd


def _bound(views: np.ndarray) -> np.ndarray:
    """The same within what is searched."""
    limit = np.array([MOST_WIDENING, MOST_SHIFT, MOST_SHIFT, MOST_ZOOM])
    low, high = np.array([-90.0, LOWEST, *-limit]), np.array([90.0, HIGHEST, *limit])
    return views.clip(low, high)


def _refine(points: np.ndarray, view: np.ndarray, target: _Target) -> np.ndarray:
    """The best view [6] nearby: pattern search (Hooke and Jeeves 1961) along the axes."""
    steps = STEPS.copy()
    held = float(_score(points, view[None], target)[0])
    for _ in range(ROUNDS):
        moves = np.concatenate((np.diag(steps), -np.diag(steps)))
        around = _bound(view + moves)
        scores = _score(points, around, target)
        gain = scores - held
        # all axes that gain, together, if that is better than the best alone
        along = np.where(gain[:6] > gain[6:], 1, -1)
        useful = np.maximum(gain[:6], gain[6:]) > 0
        jointly = _bound((view + along * useful * steps)[None])
        joint = float(_score(points, jointly, target)[0])
        found = int(scores.argmax())
        if max(joint, scores[found]) > held:
            view = jointly[0] if joint >= scores[found] else around[found]
            held = max(joint, float(scores[found]))
        else:
            steps = steps / 2
    return view


def _close_gaps(drawn: np.ndarray) -> None:
    """Cells [N, side, side] between two drawn ones are drawn: points leave holes."""
    between = drawn[:, :, :-2] & drawn[:, :, 2:]
    upright = drawn[:, :-2] & drawn[:, 2:]
    drawn[:, :, 1:-1] |= between
    drawn[:, 1:-1] |= upright


def _choose_apart(views: np.ndarray, scores: np.ndarray, count: int) -> np.ndarray:
    """float [count, 6]: the best views that are no neighbours of a better one."""
    chosen: list[np.ndarray] = []
    for index in np.argsort(-scores, kind="stable"):
        view = views[index]
        if all(np.abs((view - other)[:2] / (8.0, 12.0)).max() > 1 for other in chosen):
            chosen.append(view)
        if len(chosen) == count:
            break
    return np.array(chosen)


def _frame(local: np.ndarray, centre: np.ndarray, view: np.ndarray, target: _Target) -> Pinhole:
    """The pinhole of a view of vertices [V, 3] around a centre."""
    _, away, half, middle = _frame_points(local, view[None], target)
    axes = _axes(view[None])[0]
    eye = centre - axes[2] * float(away[0])
    right, up, forward = (tuple(float(value) for value in axis) for axis in axes)
    return Pinhole(
        eye=tuple(float(value) for value in eye),
        axes=(right, up, forward),
        half_side=float(half[0]),
        centre=(float(middle[0, 0]), float(middle[0, 1])),
    )
