"""Colour from the picture: what it shows is projected, what it hides is mirrored or filled.

Every texel is a point of the surface. Its colour is, in this order and blended smoothly: what the
picture shows there; what it shows of the mirror image; what is seen in front of it, where the part
is thin; what the surface's own film of colours says (`fill`). Averages are of linear light.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import ndimage

from ..types import Cancel, Coating, ColourSource, PolygonMesh
from .camera import Sight, render_sight
from .colours import decode_bytes, encode_bytes
from .compare import compare_front
from .delight import estimate_shading
from .fill import fill_surface, rate_colours
from .layers import Mixture, mix_layers
from .looking import Viewer
from .paint import Paint, prepare_paint
from .texels import Body, pad_texture, paint_texels, prepare_body, sort_triangles

NEUTRAL = 0.2  # linear light of mid grey, for a picture without any pixel
THROUGH = 0.05
"""What the other side of a sheet counts there."""
FIRM = 2.0
"""Power of how well a vertex is seen with which it holds the film."""


@dataclass(frozen=True)
class Knowledge:
    """What is known of a mesh's colours before it has UVs.

    body: the mesh as triangles. sight, viewer: what the picture's camera sees of it. rgba: the
    picture, without its shading where that was asked for. mixture: of the vertices. film: float32
    [V, 3], linear light. base: float32 [3], of all that is seen. explained: share of the variance
    that is shading, or None. seconds: by step.
    """

    body: Body
    sight: Sight
    viewer: Viewer
    rgba: np.ndarray
    mixture: Mixture
    film: np.ndarray
    base: np.ndarray
    explained: float | None
    seconds: dict[str, float]


def learn_colours(
    mesh: PolygonMesh,
    source: ColourSource,
    *,
    delight: float = 0.0,
    cancel: Cancel | None = None,
) -> Knowledge:
    """What the picture tells of the mesh, see `bake`; it needs no UVs, so they may be made
    meanwhile. Raises ValueError, Cancelled."""
    _check(mesh, source, delight)
    clock = _Clock(cancel or Cancel())
    body = prepare_body(mesh)
    rgba = source.rgba
    sight = render_sight(source.pinhole, body.vertices, body.triangles, rgba.shape[0])
    clock.lap("sight")
    pixel = 2 * source.pinhole.half_side / sight.side
    paint = prepare_paint(rgba, sight, pixel, body.diagonal)
    clock.lap("paint")
    explained = None
    if delight > 0:
        paint, explained = _divide_shading(paint, sight, body, delight)
        rgba = np.dstack((encode_bytes(paint.colours), rgba[..., 3]))
        clock.lap("delight")
    viewer = Viewer(source.pinhole, paint, sight, body.facets, body.diagonal)
    mixture = mix_layers(viewer, source.mirror, body.vertices, body.normals, body.normals)
    base = _average(rgba)
    film = _spread_film(body, mixture, base)
    clock.lap("fill")
    return Knowledge(body, sight, viewer, rgba, mixture, film, base, explained, clock.seconds)


def bake(
    mesh: PolygonMesh,
    uv: np.ndarray,
    source: ColourSource,
    *,
    side: int = 1024,
    delight: float = 0.0,
    cancel: Cancel | None = None,
    known: Knowledge | None = None,
) -> Coating:
    """Texture and vertex colours of a mesh from its picture.

    mesh: closed, outward, metres. uv: float32 [L, 2], one for each corner, in 0..1, v up, charts
    that do not overlap. source: picture, camera and mirror plane, in the mesh's space. side: of the
    texture in texels, 1 or more. delight: 0..1, how much of the shading is divided out. known: what
    `learn_colours` gave for the same mesh, source and delight; None: it is asked here.

    Returns
    -------
    Coating with uv as given. report: shares of the surface's area that are seen, mirrored, through
    (taken from what is in front of a thin part) and filled, which sum to 1; texels (covered by
    charts) and coverage (share of the texture); psnr (dB, of the mesh seen by the picture's camera
    against the picture where it is opaque; None: they have nothing in common),
    silhouette_iou; shading_explained (share of variance; None: not asked for); seconds, by step.
    With delight, psnr compares with the picture without its shading.

    Raises
    ------
    ValueError: arrays that do not belong together. Cancelled.
    """
    _check(mesh, source, delight)
    _check_places(mesh, uv, side)
    cancel = cancel or Cancel()
    known = known or learn_colours(mesh, source, delight=delight, cancel=cancel)
    clock = _Clock(cancel, known.seconds)
    uv = np.asarray(uv, np.float32)
    viewer, film = known.viewer, known.film
    colours = np.full((len(film), 4), 255, np.uint8)
    colours[:, :3] = encode_bytes(known.mixture.over(film))
    body = known.body
    if (mesh.sizes > 3).any():  # a chart may want another diagonal
        body = prepare_body(mesh, uv)
    asked = sort_triangles(body, viewer, source.mirror, known.mixture.shares)
    texture, shares = paint_texels(viewer, source.mirror, body, film, asked, uv, side, clock.cancel)
    texels = int(np.count_nonzero(texture[:, 3]))
    clock.lap("project")
    texture = pad_texture(texture, side, encode_bytes(known.base))
    clock.lap("margin")
    report: dict[str, Any] = {
        **shares,
        "texels": texels,
        "coverage": texels / side**2,
        **compare_front(known.sight, known.body, uv, texture, known.rgba),
        "shading_explained": known.explained,
    }
    clock.lap("compare")
    return Coating(uv, texture, colours, {**report, "seconds": clock.seconds})


def _check_places(mesh: PolygonMesh, uv: np.ndarray, side: int) -> None:
    if np.asarray(uv).shape != (len(mesh.corners), 2):
        raise ValueError(f"{len(mesh.corners)} corners need as many places, not {np.shape(uv)}.")
    if not np.isfinite(uv).all():
        raise ValueError("A corner's place in the texture is not finite.")
    if side < 1:
        raise ValueError(f"A side of {side} texels makes no sense.")


def _check(mesh: PolygonMesh, source: ColourSource, delight: float) -> None:
    if not len(mesh.sizes):
        raise ValueError("A mesh without faces has no colours.")
    rgba = source.rgba
    if rgba.ndim != 3 or rgba.shape[0] != rgba.shape[1] or rgba.shape[2] != 4:
        raise ValueError(f"A square of four channels is needed, not {rgba.shape}.")
    if rgba.dtype != np.uint8:
        raise ValueError(f"Colours are bytes, not {rgba.dtype}.")
    if not 0 <= delight <= 1:
        raise ValueError(f"Delighting by {delight} makes no sense.")


def _divide_shading(paint: Paint, sight: Sight, body: Body, amount: float) -> tuple[Paint, float]:
    """The paint without its shading, and how much of its variance the normals explained."""
    seen = np.flatnonzero(sight.triangle >= 0)
    if not len(seen):
        return paint, 0.0
    corners = body.normals[body.triangles[sight.triangle[seen]]]
    normals = np.einsum("nk,nkd->nd", sight.weights[seen], corners)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    colours, trust = paint.samples[:, :3], paint.samples[:, 3]
    shading = estimate_shading(colours[seen], normals, trust[seen])
    gain = np.zeros(sight.side**2, np.float32)
    gain[seen] = shading.find_gain(normals, amount)
    # colours that were carried beyond the mesh's outline go with those at the outline
    rows, columns = ndimage.distance_transform_edt(
        ~sight.covered, return_distances=False, return_indices=True
    )
    divided = colours * gain[(rows * sight.side + columns).reshape(-1), None]
    samples = np.concatenate((divided, trust[:, None]), axis=1)
    return replace(paint, samples=samples), shading.explained


def _spread_film(body: Body, mixture: Mixture, base: np.ndarray) -> np.ndarray:
    """float32 [V, 3]: the colours of `fill_surface` from what is known of the vertices.

    What is only grazed counts little, and so do colours that are rare: at an outline the picture
    shows reflections and the backdrop's light, and all that is hidden would take their colour.
    """
    certainty = mixture.certainty
    known = np.divide(
        mixture.paint,
        certainty[:, None],
        out=np.tile(base, (len(certainty), 1)),
        where=certainty[:, None] > 0,
    )
    hold = np.maximum(mixture.firm**FIRM, THROUGH * mixture.shares[:, 2])
    hold = np.where(certainty > 0, hold, 0) * rate_colours(known, hold)
    return fill_surface(body.vertices, body.triangles, known, hold)


def _average(rgba: np.ndarray) -> np.ndarray:
    """Float32 [3]: the mean of the object's colours, linear light."""
    seen = rgba[..., 3] > 127
    if not seen.any():
        return np.full(3, NEUTRAL, np.float32)
    return decode_bytes(rgba[..., :3][seen]).mean(axis=0)


class _Clock:
    """Seconds by step; asks before each whether to go on."""

    def __init__(self, cancel: Cancel, before: dict[str, float] | None = None) -> None:
        self.cancel = cancel
        self.seconds: dict[str, float] = dict(before or {})
        self._last = time.perf_counter()

    def lap(self, step: str) -> None:
        """Ends a step. Raises Cancelled."""
        now = time.perf_counter()
        self.seconds[step] = round(now - self._last, 4)
        self._last = now
        self.cancel.check()
