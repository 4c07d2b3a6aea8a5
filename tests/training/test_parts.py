"""Parts of one mesh in the place of another's."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from bozzetto.training.data.formats.joining import join_meshes
from bozzetto.training.data.formats.mesh import Mesh, MeshError, make_mesh
from bozzetto.training.data.parts import exchange_parts, shared_parts


def part(name: str, solid: trimesh.Trimesh, centre: tuple[float, float, float]) -> Mesh:
    mesh = make_mesh(solid.vertices + np.array(centre), solid.faces)
    return replace(mesh, group_names=(name,))


def textured(mesh: Mesh, shade: int) -> Mesh:
    texture = np.full((2, 2, 3), shade, np.uint8)
    return replace(mesh, textures=(texture,), face_textures=np.zeros(len(mesh.faces), np.int32))


CAR = join_meshes(
    [
        textured(part("body", trimesh.creation.box((2, 4, 1)), (0, 0, 1)), 10),
        part("wheel", trimesh.creation.box((0.2, 0.8, 0.8)), (1, 1, 0.4)),
    ]
)
OTHER = join_meshes(
    [
        part("wheel", trimesh.creation.icosphere(1, 3.0), (7, 7, 7)),
        textured(part("wing", trimesh.creation.box((9, 1, 1)), (0, 0, 0)), 20),
    ]
)


def test_the_new_part_stands_where_the_old_one_stood() -> None:
    result = exchange_parts(CAR, OTHER, ["wheel"])
    wheel = result.select_faces(result.face_groups == result.group_names.index("wheel"))
    assert len(wheel.faces) == 80
    np.testing.assert_allclose(wheel.bounds, [[0.9, 0.6, 0], [1.1, 1.4, 0.8]], atol=1e-9)
    np.testing.assert_allclose(result.bounds, CAR.bounds)
    assert result.group_names == CAR.group_names


def test_textures_stay_with_their_faces() -> None:
    second = replace(OTHER, face_textures=np.zeros(len(OTHER.faces), np.int32))
    result = exchange_parts(CAR, second, ["wheel"])
    shades = [result.textures[number][0, 0, 0] for number in result.face_textures]
    assert shades == [10] * 12 + [20] * 80


def test_parts_that_are_missing_are_named() -> None:
    assert shared_parts(CAR, OTHER) == ["wheel"]
    with pytest.raises(MeshError, match="wing"):
        exchange_parts(CAR, OTHER, ["wing"])
    with pytest.raises(MeshError, match="once"):
        exchange_parts(CAR, OTHER, ["wheel", "wheel"])
