"""The mesh loaders on small handwritten files."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bozzetto.training.data.formats.ac3d import load_ac3d
from bozzetto.training.data.formats.mesh import MeshError, clean, component_labels, normalise
from bozzetto.training.data.formats.obj import load_obj, parse_mtl

OBJ = """mtllib shop.mtl
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
vt 0.25 0.75
vt 0.75 0.75
vt 0.75 0.25
vt 0.25 0.25
g top
usemtl red
f 1 2 3 4
g side
usemtl painted
f -4/1 -3/2 -2/3
f 1/1 99/2 3/3
f 1 2
"""
MTL = "newmtl red\nKd 0.9 0.1 2.0\nnewmtl painted\nKd 1 1 1\nmap_Kd -s 1 1 1 wood.png\n"


def png(colour: tuple[int, int, int]) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (4, 4), colour).save(stream, "PNG")
    return stream.getvalue()


def read_shop(path: str) -> bytes | None:
    files = {"a/x.obj": OBJ.encode(), "a/shop.mtl": MTL.encode(), "a/wood.png": png((10, 20, 30))}
    return files.get(path)


def test_obj_polygons_colours_groups_and_texture() -> None:
    mesh = load_obj(read_shop, "a/x.obj")
    # the quad becomes two triangles, negative indices count from the end, the face with a vertex
    # that is not there and the one with two corners are left out
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3], [0, 1, 2]]
    np.testing.assert_allclose(mesh.face_colours[0], [0.9, 0.1, 1.0])
    assert mesh.face_textures.tolist() == [-1, -1, 0]
    assert mesh.textures[0][0, 0].tolist() == [10, 20, 30]
    np.testing.assert_allclose(mesh.face_uvs[2], [[0.25, 0.75], [0.75, 0.75], [0.75, 0.25]])
    assert [mesh.group_names[i] for i in mesh.face_groups] == ["top", "top", "side"]


def test_obj_without_faces_or_file_is_refused() -> None:
    with pytest.raises(MeshError, match="no faces"):
        load_obj(lambda path: b"v 0 0 0\nv 1 0 0\n", "x.obj")
    with pytest.raises(MeshError, match="no such file"):
        load_obj(lambda path: None, "x.obj")


def test_obj_survives_garbage_lines_and_missing_library() -> None:
    text = "mtllib none.mtl\nv a b c\nv 1 0 0\nv 0 1 0\nv 0 0 1\nusemtl x\nf 2 3 4\nf q w e\n"
    mesh = load_obj(lambda path: text.encode() if path == "x.obj" else None, "x.obj")
    assert mesh.faces.tolist() == [[1, 2, 3]]


def test_mtl_reads_opacity_and_keeps_the_colour() -> None:
    materials = parse_mtl("newmtl glass\nd 0.25\nKd 0.1 0.2 0.3\n")
    assert materials["glass"].opacity == 0.25
    assert materials["glass"].colour == (0.1, 0.2, 0.3)


AC = """AC3Db
MATERIAL "paint" rgb 0.2 0.4 0.6  amb 0 0 0  emis 0 0 0  spec 0 0 0  shi 10  trans 0
OBJECT world
kids 2
OBJECT poly
name "hull"
data 5
abcde
texture "skin.png"
texrep 2 1
loc 10 0 0
rot 0 1 0 -1 0 0 0 0 1
numvert 4
0 0 0
1 0 0

1 1 0
0 1 0
numsurf 3
SURF 0x0
mat 0
refs 4
0 0 0
1 1 0
2 1 1
3 0 1
SURF 0x14
mat 0
refs 4
0 0 0
1 1 0

2 1 1
3 0 1
SURF 0x2
mat 0
refs 2
0 0 0
1 1 0
kids 0
OBJECT poly
name "propdisc.left"
numvert 3
0 0 0
0 5 0
0 0 5
numsurf 1
SURF 0x0
mat 7
refs 3
0 0 0
1 0 0
2 0 0
kids 9
"""


@pytest.fixture
def ac_file(tmp_path: Path) -> Path:
    (tmp_path / "skin.png").write_bytes(png((200, 100, 50)))
    path = tmp_path / "plane.ac"
    path.write_text(AC)
    return path


def test_ac3d_tree_strips_textures_and_blank_lines(ac_file: Path) -> None:
    mesh = load_ac3d(ac_file)
    # polygon: 2 triangles, strip: 2 with the second one turned round, the line: none, disc: 1
    assert mesh.faces.tolist() == [[0, 1, 2], [0, 2, 3], [0, 1, 2], [2, 1, 3], [4, 5, 6]]
    # AC3D's matrix is stored by rows of the transposed: x goes to y, then the object moves by loc
    np.testing.assert_allclose(mesh.vertices[1], [10, 1, 0])
    np.testing.assert_allclose(mesh.vertices[3], [9, 0, 0])
    assert mesh.face_textures.tolist() == [0, 0, 0, 0, -1]
    np.testing.assert_allclose(mesh.face_uvs[0, 1], [2, 0])
    np.testing.assert_allclose(mesh.face_colours, np.tile([0.2, 0.4, 0.6], (5, 1)), atol=1e-6)
    assert mesh.group_names == ("hull", "propdisc.left")


def test_ac3d_refuses_what_is_no_ac3d(tmp_path: Path) -> None:
    path = tmp_path / "x.ac"
    path.write_text("solid cube")
    with pytest.raises(MeshError, match="not an AC3D file"):
        load_ac3d(path)
    path.write_text("AC3Db\nOBJECT poly\nnumvert 3\n0 0 0\n")
    with pytest.raises(MeshError, match="line"):
        load_ac3d(path)
    with pytest.raises(MeshError):
        load_ac3d(tmp_path / "missing.ac")


def test_clean_drops_degenerate_faces_and_normalise_gives_diagonal_one() -> None:
    text = "v 0 0 0\nv 3 0 0\nv 0 4 0\nv nan 0 0\nf 1 2 3\nf 1 1 2\nf 1 2 4\n"
    mesh, diagonal = normalise(clean(load_obj(lambda path: text.encode(), "x.obj")))
    assert len(mesh.faces) == 1
    assert diagonal == pytest.approx(5)
    low, high = mesh.bounds
    np.testing.assert_allclose(low, [-0.3, -0.4, 0])
    np.testing.assert_allclose(high, [0.3, 0.4, 0])


def test_components_join_vertices_at_one_place() -> None:
    text = (
        "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 1 0 0\nv 0 1 0\nv 1 1 0\nv 9 9 9\nv 8 9 9\nv 9 8 9\n"
        "f 1 2 3\nf 4 5 6\nf 7 8 9\n"
    )
    labels = component_labels(load_obj(lambda path: text.encode(), "x.obj"))
    assert labels[0] == labels[1] != labels[2]
