"""What collapsing edges leaves behind is put in order. Only numpy, for both processes."""

from __future__ import annotations

from ..types import PolygonMesh
from .caps import SAFE_HEIGHT, remove_caps
from .touching import APART, part_touching


def mend(mesh: PolygonMesh, diagonal: float, *, half: bool = False) -> PolygonMesh:
    """Without caps, and without vertices of different parts in one place.

    diagonal: of the box of the whole surface. half: the mesh is one half of a symmetric one.
    """
    if (mesh.sizes == 3).all():  # a chord of the half that was split may leave a quad
        faces = mesh.corners.reshape(-1, 3)
        places, faces, _ = remove_caps(mesh.vertices, faces, SAFE_HEIGHT * diagonal)
        mesh = PolygonMesh(places.astype(mesh.vertices.dtype), faces.reshape(-1), mesh.sizes)
    return part_touching(mesh, APART * diagonal, half=half)
