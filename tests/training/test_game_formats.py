"""Readers of game meshes: SPM, G3D, Minetest's tiles, copies apart, Debian's copyright files."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bozzetto.training.data.formats.clusters import largest_cluster
from bozzetto.training.data.formats.g3d import count_frames, load_g3d
from bozzetto.training.data.formats.joining import join_meshes
from bozzetto.training.data.formats.mesh import Mesh, MeshError, make_mesh
from bozzetto.training.data.formats.spm import load_spm
from bozzetto.training.data.sources.debian_copyright import licence_of, read_copyright
from bozzetto.training.data.sources.homedecor import parse_tiles

CORNERS = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float64)
FACES = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], np.int32)


def no_texture(name: str) -> None:
    return None


def spm_bytes(animated: bool = False, colour: tuple[int, int, int] | None = None) -> bytes:
    """A tetrahedron with normals, colours and one texture."""
    data = b"SP" + bytes([8 | (1 if animated else 2), 0b011]) + struct.pack("<6f", *range(6))
    data += struct.pack("<H", 1) + b"\x05a.png\x00" + struct.pack("<HH", 1, 1)
    data += struct.pack("<IIH", 4, 12, 0)
    for corner in CORNERS:
        data += struct.pack("<3fI", *corner, 0)
        data += b"\x80" if colour is None else bytes([0, *colour])
        data += np.array([0.25, 0.75], "<f2").tobytes()
        data += bytes(16) if animated else b""
    return data + FACES.astype(np.uint8).tobytes()


def g3d_bytes(frames: int = 2) -> bytes:
    """A tetrahedron that moves one unit along x with every frame."""
    data = b"G3D\x04" + struct.pack("<HB", 1, 0) + b"body".ljust(64, b"\0")
    data += struct.pack("<III8fII", frames, 4, 12, 0.5, 0.25, 1, 0, 0, 0, 1, 1, 0, 1)
    data += b"skin.png".ljust(64, b"\0")
    for frame in range(frames):
        data += (CORNERS + [frame, 0, 0]).astype("<f4").tobytes()
    data += bytes(frames * 4 * 12)
    data += np.zeros((4, 2), "<f4").tobytes()
    return data + FACES.astype("<u4").tobytes()


def tetrahedron(offset: float = 0.0, size: float = 1.0) -> Mesh:
    return make_mesh(CORNERS * size + [offset, 0, 0], FACES)


@pytest.mark.parametrize("animated", [False, True])
def test_spm_gives_the_vertices_faces_and_coordinates_of_the_file(animated: bool) -> None:
    mesh = load_spm(spm_bytes(animated), "a.spm", no_texture)
    assert np.array_equal(mesh.vertices, CORNERS)
    assert np.array_equal(mesh.faces, FACES)
    assert np.allclose(mesh.face_uvs, [0.25, 0.25])  # the file counts v downward
    assert mesh.group_names == ("a.png",)


def test_spm_keeps_vertex_colours() -> None:
    mesh = load_spm(spm_bytes(colour=(255, 0, 51)), "a.spm", no_texture)
    assert np.allclose(mesh.face_colours, [1, 0, 0.2])


def test_g3d_frames_move() -> None:
    data = g3d_bytes(3)
    assert count_frames(data, "a.g3d") == 3
    for frame, shift in ((0, 0), (2, 2), (9, 2)):
        mesh = load_g3d(data, "a.g3d", no_texture, frame)
        assert np.array_equal(mesh.vertices, CORNERS + [shift, 0, 0])
    assert np.allclose(mesh.face_colours, [0.5, 0.25, 1])
    assert (mesh.face_textures == -1).all()


@pytest.mark.parametrize("data", [spm_bytes(), g3d_bytes()])
def test_every_cut_off_file_is_refused(data: bytes) -> None:
    read = load_spm if data.startswith(b"SP") else load_g3d
    for size in range(len(data)):
        with pytest.raises(MeshError):
            read(data[:size], "cut", no_texture)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([spm_bytes(), g3d_bytes()]), st.data())
def test_damaged_files_give_a_mesh_or_a_clear_error(data: bytes, draw: st.DataObject) -> None:
    damaged = bytearray(data)
    for _ in range(draw.draw(st.integers(1, 4))):
        place = draw.draw(st.integers(4, len(data) - 1))
        damaged[place] = draw.draw(st.integers(0, 255))
    read = load_spm if data.startswith(b"SP") else load_g3d
    try:
        mesh = read(bytes(damaged), "damaged", no_texture)
    except MeshError:
        return
    assert np.isfinite(mesh.vertices).all()


def test_joined_meshes_keep_their_own_textures() -> None:
    first, second = tetrahedron(), tetrahedron(5)
    picture = np.zeros((2, 2, 3), np.uint8)
    textured = Mesh(
        second.vertices,
        second.faces,
        second.face_colours,
        second.face_uvs,
        np.zeros(4, np.int32),
        second.face_groups,
        (picture,),
        ("b",),
    )
    joined = join_meshes([textured, first, textured])
    assert joined.face_textures.tolist() == [0] * 4 + [-1] * 4 + [1] * 4
    assert [joined.group_names[group] for group in joined.face_groups] == [
        *"bbbb",
        *[""] * 4,
        *"bbbb",
    ]
    assert joined.bounds[1][0] == 6


@settings(deadline=None)
@given(st.floats(1.5, 20), st.floats(0.3, 0.8))
def test_the_largest_of_two_objects_apart_is_kept(offset: float, size: float) -> None:
    both = join_meshes([tetrahedron(offset, size), tetrahedron()])
    assert np.allclose(largest_cluster(both).bounds, [[0, 0, 0], [1, 1, 1]])


def test_touching_parts_stay_together() -> None:
    both = join_meshes([tetrahedron(), tetrahedron(0.5)])
    assert len(largest_cluster(both).faces) == 8


def test_tiles_of_a_lua_file() -> None:
    text = """
    homedecor.register("desk", {
        mesh = "desk.obj",
        tiles = {
            { name = "wood.png", color = 0xffffffff },
            "drawers.png^[colorize:#000:70",  -- "not this.png"
            homedecor.textures.steel,
        },
    })
    """
    assert parse_tiles(text) == {"desk.obj": ("wood.png", "drawers.png", "")}


def test_the_last_stanza_that_fits_holds(tmp_path: Path) -> None:
    file = tmp_path / "copyright"
    file.write_text(
        "Format: x\n\nFiles: *\nCopyright: 2001-2011 The Team <a@b.c>\nLicense: GPL-2+\n\n"
        "Files: data/karts/*\n  data/a.spm\nCopyright: 2010, Ann\n  2012 Bob\nLicense: CC0\n",
        encoding="utf-8",
    )
    stanzas = read_copyright(file)
    assert licence_of("data/b.spm", stanzas) == ("GPL-2.0-or-later", "The Team")
    assert licence_of("data/a.spm", stanzas) == ("CC0-1.0", "Ann, Bob")
    assert licence_of("data/karts", stanzas) == ("CC0-1.0", "Ann, Bob")
