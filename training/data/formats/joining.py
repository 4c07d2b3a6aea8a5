"""Several meshes as one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .mesh import Mesh, MeshError


def join_meshes(meshes: Sequence[Mesh]) -> Mesh:
    """One mesh of all faces; groups keep their names, textures their pictures.

    Raises MeshError for no mesh at all.
    """
    if not meshes:
        raise MeshError("nothing to join")
    vertices = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    textures = np.cumsum([0, *(len(mesh.textures) for mesh in meshes)])
    groups = np.cumsum([0, *(len(mesh.group_names) for mesh in meshes)])
    rows = range(len(meshes))
    return Mesh(
        vertices=np.concatenate([mesh.vertices for mesh in meshes]),
        faces=np.concatenate([meshes[i].faces + vertices[i] for i in rows]).astype(np.int32),
        face_colours=np.concatenate([mesh.face_colours for mesh in meshes]),
        face_uvs=np.concatenate([mesh.face_uvs for mesh in meshes]),
        face_textures=np.concatenate(
            [
                np.where(mesh.face_textures < 0, -1, mesh.face_textures + textures[i])
                for i, mesh in enumerate(meshes)
            ]
        ).astype(np.int32),
        face_groups=np.concatenate([meshes[i].face_groups + groups[i] for i in rows]).astype(
            np.int32
        ),
        textures=tuple(texture for mesh in meshes for texture in mesh.textures),
        group_names=tuple(name for mesh in meshes for name in mesh.group_names),
    )
