"""Objects of 0 A.D.: its file formats, skinning, actors, and the entries made of them."""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from training.data.formats.mesh import Mesh, MeshError, face_normals, make_mesh
from training.data.formats.pmd import NO_BONE, parse_pmd
from training.data.formats.psa import frame_at, parse_psa
from training.data.formats.skinning import rigid_matrices, skin
from training.data.sources import zeroad
from training.data.sources.zeroad_actors import ARCHIVE, open_archive, resolve
from training.data.sources.zeroad_ground import clip_below
from training.data.sources.zeroad_skins import cut_out
from training.data.sources.zeroad_tables import METRES_PER_UNIT

REST = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
# a box one wide, two long toward the engine's front (-Z) and one high
CORNERS = [(x, y, z) for x in (-0.5, 0.5) for y in (0.0, 1.0) for z in (-2.0, 0.0)]
FACES = [
    *((0, 2, 1), (1, 2, 3), (4, 5, 6), (5, 7, 6), (0, 1, 4), (1, 5, 4)),
    *((2, 6, 3), (3, 6, 7), (0, 4, 2), (2, 4, 6), (1, 3, 5), (3, 7, 5)),
]


def pmd_bytes(
    corners: list[tuple[float, float, float]] = CORNERS,
    bones: list[tuple[float, ...]] | None = None,
    points: list[tuple[str, tuple[float, ...], int]] | None = None,
) -> bytes:
    """A PMD file of version 4 whose vertices all hang on the first bone, if there is one."""
    bones, points = bones or [], points or []
    data = bytearray()
    for x, y, z in corners:
        data += struct.pack("<8f", x, y, z, 0, 1, 0, (x + 1) / 2, (y + 1) / 2)
        data += bytes([0 if bones else NO_BONE, NO_BONE, NO_BONE, NO_BONE])
        data += struct.pack("<4f", 1.0 if bones else 0.0, 0, 0, 0)
    data += struct.pack("<I", len(FACES)) + b"".join(struct.pack("<3H", *face) for face in FACES)
    data += struct.pack("<I", len(bones)) + b"".join(struct.pack("<7f", *bone) for bone in bones)
    data += struct.pack("<I", len(points))
    for name, transform, bone in points:
        data += struct.pack("<I", len(name)) + name.encode()
        data += struct.pack("<7fB", *transform, bone)
    return b"PSMD" + struct.pack("<4I", 4, len(data) + 4, len(corners), 1) + bytes(data)


def psa_bytes(frames: list[list[tuple[float, ...]]]) -> bytes:
    """A PSA file with these frames of bones."""
    body = struct.pack("<I", 4) + b"walk" + struct.pack("<fII", 33.0, len(frames[0]), len(frames))
    body += b"".join(struct.pack("<7f", *bone) for frame in frames for bone in frame)
    return b"PSSA" + struct.pack("<II", 1, len(body)) + body


def picture(colour: tuple[int, int, int, int]) -> bytes:
    """A PNG of one colour."""
    stream = io.BytesIO()
    Image.new("RGBA", (4, 4), colour).save(stream, "PNG")
    return stream.getvalue()


def actor(mesh: str, inside: str = "", skin_file: str = "fur.png", material: str = "") -> str:
    """An actor of one group and variant."""
    return (
        f'<actor version="1"><group><variant frequency="1"><mesh>{mesh}.dae</mesh>{inside}'
        f'<textures><texture file="{skin_file}" name="baseTex"/></textures></variant></group>'
        f"<material>{material}</material></actor>"
    )


WOLF_MOVES = (
    '<animations><animation file="idle.dae" name="Idle"/>'
    '<animation file="walk.dae" name="Walk"/></animations>'
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a tiny archive: a wolf with a collar, a livery of it, a tree, a house."""
    path = tmp_path / "unpacked" / "0ad-data" / ARCHIVE
    path.parent.mkdir(parents=True)
    lifted = (0.0, 3.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    above = (0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    collar = '<props><prop actor="props/collar.xml" attachpoint="neck"/></props>'
    deep = [(x, 3 * y - 1, z) for x, y, z in CORNERS]
    small = [(x / 10, y / 10, z / 10) for x, y, z in CORNERS]
    files: dict[str, str | bytes] = {
        "art/actors/fauna/wolf.xml": actor("wolf", WOLF_MOVES + collar),
        "art/actors/fauna/wolf_white.xml": actor("wolf", WOLF_MOVES + collar, "white.png"),
        "art/actors/props/collar.xml": actor("collar"),
        "art/actors/fauna/bomb.xml": '<!DOCTYPE a [<!ENTITY b "c">]><actor>&b;</actor>',
        "art/actors/fauna/ghost.xml": actor("missing"),
        "art/actors/fauna/broken.xml": "<actor><group>",
        "art/actors/structures/romans/house.xml": actor("house", material="player_trans.xml"),
        "art/meshes/wolf.dae.cached.pmd": pmd_bytes(bones=[REST], points=[("neck", above, 0)]),
        "art/meshes/collar.dae.cached.pmd": pmd_bytes(small),
        "art/meshes/house.dae.cached.pmd": pmd_bytes(deep),
        "art/animation/idle.dae.cached.psa": psa_bytes([[REST]]),
        "art/animation/walk.dae.cached.psa": psa_bytes([[lifted], [lifted]]),
        "art/textures/skins/fur.png": picture((200, 100, 50, 0)),
        "art/textures/skins/white.png": picture((255, 255, 255, 255)),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return tmp_path


def test_pmd_gives_surface_skeleton_and_prop_points() -> None:
    mesh = parse_pmd(pmd_bytes(bones=[REST], points=[("prop-head", REST, 0)]), "box")
    assert mesh.vertices.tolist() == [list(corner) for corner in CORNERS]
    assert mesh.faces.tolist() == [list(face) for face in FACES]
    assert mesh.rest.shape == (1, 7)
    assert mesh.prop_point("head") == mesh.prop_point("prop-head") is not None
    assert mesh.prop_point("tail") is None


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_files_raise_mesh_errors_only(draw: st.DataObject) -> None:
    whole = draw.draw(
        st.sampled_from(
            [pmd_bytes(bones=[REST], points=[("head", REST, 0)]), psa_bytes([[REST], [REST]])]
        )
    )
    data = bytearray(whole[: draw.draw(st.integers(0, len(whole)))])
    for _ in range(draw.draw(st.integers(0, 3))):
        if data:
            data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    for parse in (parse_pmd, parse_psa):
        with contextlib.suppress(MeshError):
            parse(bytes(data), "damaged")


def test_frame_at_covers_the_animation() -> None:
    frames = parse_psa(psa_bytes([[(float(i), *REST[1:])] for i in range(4)]), "walk")
    assert [frame_at(frames, share)[0, 0] for share in (0.0, 0.3, 0.99, 1.0)] == [0, 1, 3, 3]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_skinning_with_one_motion_for_all_bones_is_that_motion(seed: int) -> None:
    rng = np.random.default_rng(seed)
    states = rng.normal(size=(4, 7))
    rest, motion = rigid_matrices(states[:3]), rigid_matrices(states[3:])[0]
    vertices = rng.normal(size=(20, 3))
    bones, weights = rng.integers(0, 3, (20, 4)), rng.random((20, 4)) + 0.01
    moved = skin(vertices, bones, weights, rest, motion @ rest)
    assert np.allclose(moved, vertices @ motion[:3, :3].T + motion[:3, 3])


def test_vertices_without_bones_stay() -> None:
    vertices = np.array([[1.0, 2.0, 3.0]])
    rest = rigid_matrices(np.array([REST]))
    lifted = rigid_matrices(np.array([(0, 5.0, 0, 0, 0, 0, 1)]))
    bones, weights = np.array([[NO_BONE, 0]]), np.array([[1.0, 0.0]])
    assert np.allclose(skin(vertices, bones, weights, rest, lifted), vertices)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-1, 1))
def test_clipping_above_and_below_shares_the_area(seed: int, level: float) -> None:
    rng = np.random.default_rng(seed)
    mesh = make_mesh(rng.uniform(-1, 1, (12, 3)), np.arange(12).reshape(4, 3))
    upper = clip_below(mesh, level)
    turned = mesh.with_vertices(mesh.vertices * [1, 1, -1])
    lower = clip_below(turned, -level)
    assert (upper.triangles[..., 2] >= level - 1e-9).all()
    assert np.isclose(area(upper) + area(lower), area(mesh))
    kept = face_normals(upper)[0] @ face_normals(mesh)[0].T
    assert (np.abs(kept.max(axis=1, initial=0)[face_normals(upper)[1] > 1e-6] - 1) < 1e-3).all()


def area(mesh: Mesh) -> float:
    """Area of all faces."""
    return float(face_normals(mesh)[1].sum())


def test_cut_out_keeps_what_is_opaque() -> None:
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, :32, 3] = 255  # the left half is there
    corners = np.array([[[0, 0, 0], [1, 0, 0], [1, 1, 0]], [[0, 0, 0], [1, 1, 0], [0, 1, 0]]])
    triangles, uvs = cut_out(corners.astype(np.float64), corners[..., :2].astype(float), pixels)
    sides = triangles[:, 1:] - triangles[:, :1]
    assert np.linalg.norm(np.cross(sides[:, 0], sides[:, 1]), axis=1).sum() / 2 == pytest.approx(
        0.5, abs=0.08
    )
    assert triangles[..., 0].max() < 0.7
    assert np.allclose(triangles[..., :2], uvs)


def test_poses_are_entries_of_one_body_and_liveries_are_not_listed(data: Path) -> None:
    entries = zeroad.list_entries(data)
    wolves = [entry for entry in entries if entry.kind == "quadruped"]
    assert {entry.name for entry in wolves} == {
        "fauna/wolf@idle-0.00",
        "fauna/wolf@walk-0.10",
        "fauna/wolf@walk-0.60",
        "fauna/wolf@idle-0.50",
    }
    assert len({entry.body for entry in wolves}) == 1
    assert len({entry.id for entry in entries}) == len(entries)
    assert {entry.licence for entry in entries} == {"CC-BY-SA-3.0"}
    assert {entry.kind for entry in entries} == {"quadruped", "building"}


def test_a_posed_animal_faces_the_front_and_carries_its_props(data: Path) -> None:
    entries = {entry.name: entry for entry in zeroad.list_entries(data)}
    still = zeroad.load(entries["fauna/wolf@idle-0.00"], data)
    walking = zeroad.load(entries["fauna/wolf@walk-0.10"], data)
    low, high = still.mesh.bounds
    assert np.allclose(low, [-0.5, -2, 0])
    assert np.allclose(high, [0.5, 0, 1.1])
    assert np.allclose(np.subtract(walking.mesh.bounds, still.mesh.bounds), [0, 0, 3])
    assert still.mesh.group_names == ("wolf", "collar")
    assert still.size_m == pytest.approx(np.array([1, 2, 1.1]) * METRES_PER_UNIT)
    assert (still.mesh.textures[0] == [200, 100, 50]).all()


def test_buildings_end_at_the_ground_and_show_their_owners_colour(data: Path) -> None:
    entry = next(entry for entry in zeroad.list_entries(data) if entry.kind == "building")
    loaded = zeroad.load(entry, data)
    assert loaded.mesh.bounds[0][2] == pytest.approx(0)
    assert loaded.mesh.bounds[1][2] == pytest.approx(2)
    assert loaded.size_m is None
    expected = np.array([200, 100, 50]) * zeroad.player_colour(entry.body)
    assert np.abs(loaded.mesh.textures[0] - expected).max() <= 1


def test_actors_that_hang_on_themselves_end(tmp_path: Path) -> None:
    path = tmp_path / "public.zip"
    prop = '<props><prop actor="loop.xml" attachpoint="root"/></props>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("art/actors/loop.xml", actor("box", prop))
    part = resolve(open_archive(path), "loop.xml")
    assert part is not None
    assert len(list(part.walk())) < 20


def test_actors_with_endless_props_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "public.zip"
    prop = '<prop actor="loop.xml" attachpoint="root"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("art/actors/loop.xml", actor("box", f"<props>{prop * 50}</props>"))
    with pytest.raises(MeshError, match="parts"):
        resolve(open_archive(path), "loop.xml")


def test_without_the_package_the_message_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(MeshError, match=r"public\.zip"):
        zeroad.list_entries(tmp_path)
