"""What a generated mesh gets its colours from: the cutout, its camera, its plane of symmetry."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from ..pictures.cutting import Isolated, crop_square
from ..types import BaseMesh, Candidate, ColourSource, Pinhole, PolygonMesh
from .fit_view import fit_pinhole

SIDES = (256, 512, 1024)
"""Pixels across of the picture that colours come from: the first that keeps all of its pixels."""
MIN_FIT = 0.5
"""IoU of a silhouette with the cutout under which a camera that was searched for is none."""
SYMMETRIC = 1.0
"""A mesh is its own mirror image when its vertices' images lie this near to others on average, in
mean edge lengths."""
_SURVEY = 4000  # vertices that tell


def find_colour_source(
    mesh: BaseMesh, candidate: Candidate, isolated: Isolated
) -> ColourSource | None:
    """The source of the mesh's colours, in the mesh's own space; None: no camera fits.

    candidate: what the mesh was made from; an engine that estimates no camera gets the one from
    which the mesh's silhouette fits the cutout's best. Raises PictureError.
    """
    placement = mesh.info["placement"]
    scale, ground = float(placement["scale"]), placement["ground"]
    rgba = _crop_colours(isolated)
    pinhole = candidate.pinhole
    if pinhole is not None:
        pinhole = Pinhole(
            eye=tuple(scale * (a - b) for a, b in zip(pinhole.eye, ground, strict=True)),
            axes=pinhole.axes,
            half_side=pinhole.half_side,
            centre=pinhole.centre,
        )
    else:
        triangles = PolygonMesh.from_triangles(mesh.vertices, mesh.faces)
        pinhole, agreement = fit_pinhole(triangles, rgba[..., 3])
        if agreement < MIN_FIT:
            return None
    plane = -scale * float(ground[0])  # object space mirrors itself at x = 0
    mirror = plane if is_symmetric(mesh.vertices, mesh.faces, plane) else None
    return ColourSource(rgba, pinhole, mirror)


def is_symmetric(vertices: np.ndarray, faces: np.ndarray, plane: float) -> bool:
    """Whether the mesh is about its own mirror image at x = plane.

    vertices: float [V, 3]. faces: int [F, 3].
    """
    some = vertices[:: -(-len(vertices) // _SURVEY)].astype(np.float64)
    some[:, 0] = 2 * plane - some[:, 0]
    distance, _ = cKDTree(vertices).query(some)
    edges = vertices[faces[:, 0]] - vertices[faces[:, 1]]
    return float(distance.mean()) < SYMMETRIC * float(np.linalg.norm(edges, axis=1).mean())


def _crop_colours(isolated: Isolated) -> np.ndarray:
    """Uint8 [S, S, 4]: the cutout's square again, as fine as the picture allows."""
    extent = crop_square(isolated, "", side=8).crop[2]
    side = next((side for side in SIDES if side >= extent), SIDES[-1])
    rgba = crop_square(isolated, "", side=side).rgba
    return np.round(np.clip(rgba, 0.0, 1.0) * 255).astype(np.uint8)
