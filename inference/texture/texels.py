"""The points of a surface that a texture's texels stand for, and their colours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..surface.topology import average_normals, cross_faces
from ..types import Cancel, PolygonMesh
from .colours import encode_bytes
from .layers import LAYERS, mix_layers
from .looking import Viewer
from .margin import find_sources
from .ordered import map_in_order
from .raster import Spans, find_spans, split_polygons

CHUNK = 1 << 16  # texels at a time: their arrays stay near the processor
SMALL = 12.0  # pixels of the picture


@dataclass(frozen=True)
class Body:
    """A mesh as triangles.

    vertices: float32 [V, 3]. triangles: int32 [T, 3]. corners: int32 [T, 3], the polygon mesh's
    corners of the triangles. normals: float32 [V, 3], smooth. facets: float32 [T, 3], of the
    triangles. areas: float32 [T]. diagonal: of the box.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    corners: np.ndarray
    normals: np.ndarray
    facets: np.ndarray
    areas: np.ndarray
    diagonal: float


def prepare_body(mesh: PolygonMesh, uv: np.ndarray | None = None) -> Body:
    """mesh: of triangles and quads. uv: float [L, 2], where its corners lie in the texture, for the
    diagonals of quads that are not convex there; None: in their own planes instead."""
    corners, _ = split_polygons(mesh, _flatten_quads(mesh) if uv is None else uv)
    triangles = mesh.corners[corners]
    vertices = mesh.vertices.astype(np.float32)
    cross = cross_faces(vertices.astype(np.float64), triangles)
    length = np.linalg.norm(cross, axis=1)
    facets = np.divide(cross, length[:, None], out=np.zeros_like(cross), where=length[:, None] > 0)
    return Body(
        vertices,
        triangles,
        corners,
        average_normals(vertices, triangles).astype(np.float32),
        facets.astype(np.float32),
        (length / 2).astype(np.float32),
        float(np.linalg.norm(np.ptp(vertices, axis=0))),
    )


def _flatten_quads(mesh: PolygonMesh) -> np.ndarray:
    """Float64 [L, 2]: corners of quads in the plane that each lies in most; of others zero."""
    plane = np.zeros((len(mesh.corners), 2))
    around = mesh.starts[mesh.sizes == 4][:, None] + np.arange(4)
    at = mesh.vertices[mesh.corners[around]].astype(np.float64)
    along, across = at[:, 2] - at[:, 0], at[:, 3] - at[:, 1]
    beside = np.cross(np.cross(along, across), along)
    for axis, direction in enumerate((along, beside)):
        length = np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-30)
        plane[around, axis] = np.einsum("qkd,qd->qk", at - at[:, :1], direction / length)
    return plane


def sort_triangles(
    body: Body, viewer: Viewer, mirror: float | None, shares: np.ndarray
) -> np.ndarray:
    """bool [T, 2]: triangles of which the camera, or that of the mirror image, may know something.

    shares: float [V, 4], of `LAYERS` at the corners. A triangle that is larger than `SMALL` may be
    seen although none of its corners is; one that looks away is seen through at most.
    """
    corner = body.vertices[body.triangles]
    edges = corner - corner[:, [1, 2, 0]]
    length = np.sqrt(np.einsum("tkd,tkd->tk", edges, edges).max(axis=1))
    eye = np.array(viewer.pinhole.eye, np.float32)
    towards = eye - corner[:, 0]
    distance = np.sqrt(np.einsum("td,td->t", towards, towards))
    large = length > SMALL * 2 * viewer.pinhole.half_side / viewer.sight.side * distance
    at = shares[body.triangles] > 0
    facing = np.einsum("td,td->t", body.facets, towards) > 0
    asked = np.zeros((len(large), 2), bool)
    asked[:, 0] = np.where(facing, large | at[..., 0].any(axis=1), large | at[..., 2].any(axis=1))
    if mirror is not None:
        image = eye * np.array([-1, 1, 1], np.float32) + np.array([2 * mirror, 0, 0], np.float32)
        facing = np.einsum("td,td->t", body.facets, image - corner[:, 0]) > 0
        asked[:, 1] = facing & (large | at[..., 1].any(axis=1))
    return asked


def paint_texels(
    viewer: Viewer,
    mirror: float | None,
    body: Body,
    film: np.ndarray,
    asked: np.ndarray,
    uv: np.ndarray,
    side: int,
    cancel: Cancel,
) -> tuple[np.ndarray, dict[str, float]]:
    """The colours of all texels that charts cover.

    film: float32 [V, 3], linear light, for what no camera sees. asked: bool [T, 2], as of
    `sort_triangles`. uv: float [L, 2].

    Returns
    -------
    uint8 [side * side, 4], alpha 255 where a chart is and 0 elsewhere, and the share of the area
    that each of `LAYERS` coloured. Raises Cancelled.
    """
    plane = uv.astype(np.float64) * (side, -side) + (0, side)
    values = np.concatenate((body.vertices, body.normals), axis=1)
    texture = np.zeros((side * side, 4), np.uint8)
    shares = np.zeros(len(LAYERS))
    for direct, mirrored in ((True, True), (True, False), (False, True), (False, False)):
        which = np.flatnonzero((asked == (direct, mirrored)).all(axis=1))
        spans = find_spans(plane[body.corners[which]], side)
        texels = np.bincount(spans.triangle, spans.count, len(which))
        job = _Job(
            viewer,
            mirror if mirrored else None,
            direct,
            spans,
            body.triangles[which],
            body.facets[which],
            (body.areas[which] / np.maximum(texels, 1)).astype(np.float32),
            values,
            film,
            cancel,
        )
        for cell, packed, given in map_in_order(job.paint, spans.parts(CHUNK)):
            texture.view(np.uint32)[cell, 0] = packed
            shares += given
    shares /= max(float(shares.sum()), 1e-30)
    return texture, dict(zip(LAYERS, shares.tolist(), strict=True))


@dataclass(frozen=True)
class _Job:
    """Triangles that the same cameras are asked about.

    mirror: None: its image is not asked. spans: of the triangles, in the texture. triangles: int
    [T, 3] into values float32 [V, 6], places and normals, and film float32 [V, 3]. facets: float32
    [T, 3]. weight: float32 [T], area of a texel of each.
    """

    viewer: Viewer
    mirror: float | None
    direct: bool
    spans: Spans
    triangles: np.ndarray
    facets: np.ndarray
    weight: np.ndarray
    values: np.ndarray
    film: np.ndarray
    cancel: Cancel

    def paint(self, part: slice) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cells of some runs [N], their colours as uint32 [N], the area that each layer gave."""
        self.cancel.check()
        fragments = self.spans.expand_part(part)
        colours = fragments.interpolate(self.film, self.triangles)
        area = self.weight.take(fragments.triangle)
        given = np.zeros(len(LAYERS))
        if self.direct or self.mirror is not None:
            at = fragments.interpolate(self.values, self.triangles)
            facets = self.facets.take(fragments.triangle, axis=0)
            mixture = mix_layers(
                self.viewer, self.mirror, at[:, :3], at[:, 3:], facets, direct=self.direct
            )
            colours = mixture.over(colours)
            given += area @ mixture.shares
        else:
            given[-1] = area.sum(dtype=np.float64)
        packed = np.full((len(colours), 4), 255, np.uint8)
        packed[:, :3] = encode_bytes(colours)
        return fragments.cell, packed.view(np.uint32)[:, 0], given


def pad_texture(texture: np.ndarray, side: int, fallback: np.ndarray) -> np.ndarray:
    """uint8 [side, side, 4], opaque: every texel without a chart gets a colour from beside it.

    texture: as of `paint_texels`. fallback: uint8 [3], where no texel has a chart.
    """
    filled = texture[:, 3].reshape(side, side) > 0
    if filled.any():
        texels = texture.view(np.uint32)[:, 0].take(find_sources(filled))
        texture = texels.view(np.uint8).reshape(side, side, 4)
    else:
        texture[:, :3] = fallback
        texture = texture.reshape(side, side, 4)
    texture[..., 3] = 255
    return texture
