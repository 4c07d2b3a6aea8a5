"""A triangle mesh with colours, and the few operations the data builder needs on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

DEFAULT_COLOUR = (0.8, 0.8, 0.8)
MAX_TRIANGLES = 1_500_000


class MeshError(ValueError):
    """A mesh file that cannot be used; the message says which and why."""


@dataclass(frozen=True)
class Mesh:
    """A triangle soup.

    vertices: float64 [V, 3]; units and frame are the source's own until `axes` is applied.
    faces: int32 [F, 3].
    face_colours: float32 [F, 3], display (sRGB) values in 0-1.
    face_uvs: float32 [F, 3, 2], texture coordinates per corner, v up.
    face_textures: int32 [F], index into `textures`, -1 where a face has none.
    textures: uint8 [h, w, 3] each, row 0 at the top.
    face_groups: int32 [F], index into `group_names` (objects of the file).
    """

    vertices: np.ndarray
    faces: np.ndarray
    face_colours: np.ndarray
    face_uvs: np.ndarray
    face_textures: np.ndarray
    face_groups: np.ndarray
    textures: tuple[np.ndarray, ...] = ()
    group_names: tuple[str, ...] = field(default=("",))

    def __post_init__(self) -> None:
        count = len(self.faces)
        if count and (self.faces.min() < 0 or self.faces.max() >= len(self.vertices)):
            raise MeshError("a face refers to a vertex that is not there")
        for name in ("face_colours", "face_uvs", "face_textures", "face_groups"):
            if len(getattr(self, name)) != count:
                raise MeshError(f"{name} has {len(getattr(self, name))} rows, faces {count}")

    @property
    def triangles(self) -> np.ndarray:
        """float64 [F, 3, 3], the corners of every face."""
        return self.vertices[self.faces]

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest corner (float64 [3] each) of the vertices that faces use."""
        used = self.vertices[np.unique(self.faces)]
        return used.min(axis=0), used.max(axis=0)

    def with_vertices(self, vertices: np.ndarray) -> Mesh:
        """The same surface with other vertex positions (float64 [V, 3])."""
        return replace(self, vertices=np.asarray(vertices, np.float64))

    def select_faces(self, mask: np.ndarray) -> Mesh:
        """Only the faces where `mask` (bool [F]) is true; vertices are kept as they are."""
        return replace(
            self,
            faces=self.faces[mask],
            face_colours=self.face_colours[mask],
            face_uvs=self.face_uvs[mask],
            face_textures=self.face_textures[mask],
            face_groups=self.face_groups[mask],
        )


def make_mesh(
    vertices: np.ndarray,
    faces: np.ndarray,
    colour: tuple[float, float, float] = DEFAULT_COLOUR,
) -> Mesh:
    """A mesh of one colour without textures from vertices [V, 3] and faces [F, 3]."""
    faces = np.asarray(faces, np.int32).reshape(-1, 3)
    count = len(faces)
    return Mesh(
        vertices=np.asarray(vertices, np.float64).reshape(-1, 3),
        faces=faces,
        face_colours=np.tile(np.asarray(colour, np.float32), (count, 1)),
        face_uvs=np.zeros((count, 3, 2), np.float32),
        face_textures=np.full(count, -1, np.int32),
        face_groups=np.zeros(count, np.int32),
    )


def clean(mesh: Mesh) -> Mesh:
    """Drop faces without area or with vertices that are not finite numbers."""
    triangles = mesh.triangles
    with np.errstate(invalid="ignore", over="ignore"):
        area = np.linalg.norm(
            np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0]), axis=1
        )
    good = np.isfinite(triangles).all(axis=(1, 2)) & np.isfinite(area) & (area > 0)
    vertices = np.where(np.isfinite(mesh.vertices), mesh.vertices, 0.0)
    return mesh.select_faces(good).with_vertices(vertices)


def normalise(mesh: Mesh) -> tuple[Mesh, float]:
    """Centre the bounding box at the origin and scale its diagonal to 1.

    Returns the mesh and the length of the old diagonal, in the mesh's own units.
    """
    if not len(mesh.faces):
        raise MeshError("the mesh has no faces")
    low, high = mesh.bounds
    diagonal = float(np.linalg.norm(high - low))
    if not diagonal > 0:
        raise MeshError("the mesh has no size")
    return mesh.with_vertices((mesh.vertices - (low + high) / 2) / diagonal), diagonal


def face_normals(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Unit normals (float64 [F, 3], zero for degenerate faces) and areas (float64 [F])."""
    triangles = mesh.triangles
    cross = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    length = np.linalg.norm(cross, axis=1)
    return cross / np.maximum(length, 1e-30)[:, None], length / 2


def component_labels(mesh: Mesh) -> np.ndarray:
    """int32 [F]: number of the connected component of every face (coincident vertices joined)."""
    keys = np.round(mesh.vertices / 1e-5).astype(np.int64)
    _, joined = np.unique(keys, axis=0, return_inverse=True)
    faces = joined.reshape(-1)[mesh.faces]
    rows = np.concatenate([faces[:, 0], faces[:, 1]])
    columns = np.concatenate([faces[:, 1], faces[:, 2]])
    size = int(faces.max()) + 1 if len(faces) else 0
    graph = coo_matrix((np.ones(len(rows), np.int8), (rows, columns)), shape=(size, size))
    labels = connected_components(graph, directed=False)[1]
    _, compact = np.unique(labels[faces[:, 0]], return_inverse=True)
    return compact.reshape(-1).astype(np.int32)


def fan(count: int) -> list[tuple[int, int, int]]:
    """Corner numbers of the triangles of a polygon with `count` corners."""
    return [(0, i, i + 1) for i in range(1, count - 1)]
