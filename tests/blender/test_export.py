"""Generated objects as files of other programs: sizes, axes, and a scene that stays as it was."""

import struct

import bpy
import numpy as np
import pytest
from blender_helpers import count_data, part, prepare, read_vertices

SIZE = (0.4, 0.6, 0.9)  # metres along x, y, z
IMPORTERS = {
    "glb": lambda path: bpy.ops.import_scene.gltf(filepath=path),
    "fbx": lambda path: bpy.ops.import_scene.fbx(filepath=path),
    "obj": lambda path: bpy.ops.wm.obj_import(filepath=path),
    "stl": lambda path: bpy.ops.wm.stl_import(filepath=path, global_scale=0.001),
    "usd": lambda path: bpy.ops.wm.usd_import(filepath=path),
}


def make_object(name="stool", *, unit=1.0):
    """A wedge that is `SIZE` large, its nose at the floor towards -Y, as an insertion leaves it."""
    x, y, z = np.array(SIZE) / unit / (2, 2, 1)
    vertices = np.array(
        [(-x, -y, 0), (x, -y, 0), (x, y, 0), (-x, y, 0), (x, y, z), (-x, y, z)], np.float32
    )
    faces = np.array(
        [(0, 2, 1), (0, 3, 2), (0, 1, 4), (0, 4, 5), (2, 3, 5), (2, 5, 4), (1, 2, 4), (0, 5, 3)],
        np.int32,
    )
    scene, layer = bpy.context.scene, bpy.context.view_layer
    return part("scene.insert").insert(
        prepare(vertices, faces), name=name, category="",
        smooth_angle=0.5, record={}, scene=scene, view_layer=layer,
    )  # fmt: skip


def export(items, path):
    return part("scene.export").export_objects(items, path)


def available():
    return part("scene.export").list_formats()


def test_every_format_of_this_blender_is_offered():
    usd = ["usd"] if bpy.app.build_options.usd else []  # Debian's has none
    assert available() == ["glb", "fbx", "obj", "stl", *usd]


@pytest.mark.parametrize("unit", [1.0, 0.01])
@pytest.mark.parametrize("kind", IMPORTERS)
def test_it_comes_back_in_metres_upright_and_facing_the_front(kind, unit, tmp_path):
    """Blender's importers know what each format's axes and units mean."""
    if kind not in available():
        with pytest.raises(part("inference.errors").ExportError, match=r"cannot write \.usd"):
            export([make_object()], tmp_path / f"stool.{kind}")
        return
    bpy.context.scene.unit_settings.scale_length = unit
    item = make_object(unit=unit)
    item.location = (1 / unit, 0, 0)
    path = tmp_path / f"stool.{kind}"
    assert export([item], path)[0] == path
    bpy.ops.wm.read_homefile(use_empty=True)  # a scene in metres
    IMPORTERS[kind](str(path))
    (found,) = [item for item in bpy.context.scene.objects if item.type == "MESH"]
    bpy.context.view_layer.update()
    points = read_vertices(found) @ np.array(found.matrix_world)[:3, :3].T
    points += np.array(found.matrix_world)[:3, 3]
    low, high = points.min(0), points.max(0)
    assert high - low == pytest.approx(SIZE, rel=1e-3)
    assert low[2] == pytest.approx(0, abs=1e-3)
    assert (low + high)[0] / 2 == pytest.approx(1, rel=1e-3)
    assert points[points[:, 2] > 0.5, 1].min() > 0, "the nose points to -Y"


def test_stl_counts_millimetres_with_z_up(tmp_path):
    export([make_object()], tmp_path / "stool.stl")
    data = (tmp_path / "stool.stl").read_bytes()
    (count,) = struct.unpack_from("<I", data, 80)
    record = np.dtype([("floats", "<f4", 12), ("attribute", "<u2")])
    corners = np.frombuffer(data, record, count, 84)["floats"][:, 3:].reshape(-1, 3)
    assert np.ptp(corners, axis=0) == pytest.approx([400, 600, 900], rel=1e-4)


def test_modifiers_are_applied_and_the_object_stays_editable(tmp_path):
    item = make_object()
    item.modifiers.new("thrice", "ARRAY").count = 3
    export([item], tmp_path / "row.stl")
    (count,) = struct.unpack_from("<I", (tmp_path / "row.stl").read_bytes(), 80)
    assert count == 3 * 8
    assert [modifier.type for modifier in item.modifiers] == ["ARRAY"]
    assert len(item.data.polygons) == 8


def test_only_what_was_asked_for_and_the_scene_stays_as_it_was(tmp_path):
    wanted, other = make_object("wanted"), make_object("other")
    bpy.ops.mesh.primitive_cube_add(location=(5, 0, 0))
    cube = bpy.context.object
    other.select_set(True)
    bpy.context.scene.unit_settings.scale_length = 0.1
    wanted.parent, wanted.location = cube, (1, 2, 3)
    bpy.context.view_layer.update()
    before, matrix = count_data(), wanted.matrix_world.copy()
    for kind in available():
        export([wanted], tmp_path / f"wanted.{kind}")
        bpy.context.view_layer.update()
        assert set(bpy.context.selected_objects) == {cube, other}, kind
        assert bpy.context.view_layer.objects.active == cube
        assert np.allclose(wanted.matrix_world, matrix), kind
        assert count_data() == before, kind
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=str(tmp_path / "wanted.glb"))
    assert [item.name for item in bpy.data.objects] == ["wanted"]


def test_parent_and_child_in_another_unit(tmp_path):
    bpy.context.scene.unit_settings.scale_length = 0.01
    parent, child = make_object("parent", unit=0.01), make_object("child", unit=0.01)
    child.parent, child.location, parent.location = parent, (100, 0, 0), (0, 50, 0)
    export([child, parent], tmp_path / "both.glb")
    bpy.ops.wm.read_homefile(use_empty=True)
    bpy.ops.import_scene.gltf(filepath=str(tmp_path / "both.glb"))
    bpy.context.view_layer.update()
    places = {item.name: tuple(item.matrix_world.translation) for item in bpy.data.objects}
    assert places["parent"] == pytest.approx((0, 0.5, 0), abs=1e-5)
    assert places["child"] == pytest.approx((1, 0.5, 0), abs=1e-5)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("stool.xyz", r"no ending that is known.*\.glb.*\.usd"),
        ("stool", "no ending"),
        ("none/stool.glb", "does not exist"),
        ("taken.glb", "cannot be written"),
    ],
)
def test_file_that_cannot_be_written_is_told_and_leaves_nothing(name, words, tmp_path):
    (tmp_path / "taken.glb").mkdir()
    item = make_object()
    with pytest.raises(part("inference.errors").ExportError, match=words) as caught:
        export([item], tmp_path / name)
    assert caught.value.fix
    assert [path.name for path in tmp_path.iterdir()] == ["taken.glb"]
    assert item.select_get()


def test_hidden_object_is_told(tmp_path):
    item = make_object()
    item.hide_set(True)
    with pytest.raises(part("inference.errors").ExportError, match="'stool' is hidden"):
        export([item], tmp_path / "stool.glb")
    assert not list(tmp_path.iterdir())


class TestOperator:
    def test_selected_generated_objects_go_into_the_file(self, tmp_path):
        make_object("a").select_set(True)
        bpy.ops.mesh.primitive_cube_add()
        bpy.data.objects["a"].select_set(True)
        assert bpy.ops.bozzetto.export(filepath=str(tmp_path / "both"), format="obj") == {
            "FINISHED"
        }
        text = (tmp_path / "both.obj").read_text()
        assert "o a" in text
        assert "o Cube" not in text
        assert (tmp_path / "both.mtl").is_file()

    def test_ending_of_the_name_decides(self, tmp_path):
        make_object()
        bpy.ops.bozzetto.export(filepath=str(tmp_path / "stool.stl"), format="glb")
        assert [path.name for path in tmp_path.iterdir()] == ["stool.stl"]

    def test_without_a_generated_object_it_is_greyed(self):
        bpy.ops.mesh.primitive_cube_add()
        assert not bpy.ops.bozzetto.export.poll()
        make_object()
        assert bpy.ops.bozzetto.export.poll()

    def test_failure_is_told_with_its_fix(self, tmp_path):
        make_object()
        with pytest.raises(RuntimeError, match="does not exist"):
            bpy.ops.bozzetto.export(filepath=str(tmp_path / "none" / "stool.glb"))
        assert part("operators.jobs").failure.fix == "Make it first."


def test_api_takes_one_or_several(tmp_path):
    api = part("api")
    a, b = make_object("a"), make_object("b")
    assert api.export(a, tmp_path / "a.stl") == [tmp_path / "a.stl"]
    api.export([a, b], str(tmp_path / "both.stl"))
    sizes = [(tmp_path / name).stat().st_size for name in ("a.stl", "both.stl")]
    assert sizes[1] - 84 == 2 * (sizes[0] - 84)
