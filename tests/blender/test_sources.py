"""Where pictures come from: the Image Editor, menus, the clipboard, several files at once."""

from types import SimpleNamespace

import bpy
import pytest
from blender_helpers import count_data, draw_chair, part, write_png
from mathutils import Vector

pytestmark = pytest.mark.usefixtures("fake_worker")


def find_area(kind="IMAGE_EDITOR"):
    window = bpy.context.window_manager.windows[0]
    return next((area for area in window.screen.areas if area.type == kind), None)


@pytest.fixture
def editor():
    """An Image Editor in the window's first area."""
    bpy.ops.wm.read_homefile(use_empty=False)
    area = find_area("VIEW_3D")
    area.ui_type = "IMAGE_EDITOR"
    return area


def test_image_of_the_editor_is_chosen(editor, picture):
    assert not bpy.ops.bozzetto.use_editor_image.poll()
    image = bpy.data.images.load(str(picture("stool")))
    editor.spaces.active.image = image
    assert bpy.ops.bozzetto.use_editor_image() == {"FINISHED"}
    assert bpy.context.scene.bozzetto.image == image


def test_image_is_generated_from_by_name_or_place(editor, picture):
    group = bpy.context.scene.bozzetto
    image = bpy.data.images.load(str(picture("stool")))
    assert bpy.ops.bozzetto.generate_from_image(image="stool.png") == {"FINISHED"}
    assert "stool" in bpy.data.objects
    editor.spaces.active.image = bpy.data.images.load(str(picture("other")))
    assert bpy.ops.bozzetto.generate_from_image() == {"FINISHED"}
    assert "other" in bpy.data.objects
    assert group.image is None, "the sidebar's picture is the artist's choice"
    assert image.users == 0


def test_unknown_image_is_said(picture):
    bpy.data.images.load(str(picture("stool")))
    with pytest.raises(RuntimeError, match="no image"):
        bpy.ops.bozzetto.generate_from_image(image="nowhere.png")
    bpy.ops.wm.read_homefile(use_empty=True)
    assert not bpy.ops.bozzetto.generate_from_image.poll()


def test_several_dropped_files_stand_side_by_side(picture):
    paths = [picture(name) for name in ("one", "two", "three")]
    files = [{"name": path.name} for path in paths]
    answer = bpy.ops.bozzetto.generate_from_file(
        "INVOKE_DEFAULT", filepath=str(paths[0]), directory=str(paths[0].parent), files=files
    )
    assert answer == {"FINISHED"}
    bpy.context.view_layer.update()
    boxes = []
    for name in ("one", "two", "three"):
        item = bpy.data.objects[name]
        corners = [item.matrix_world @ Vector(corner) for corner in item.bound_box]
        boxes.append((min(c.x for c in corners), max(c.x for c in corners)))
        assert item.location.z == item.location.y == 0
    assert boxes[0][1] < boxes[1][0]
    assert boxes[1][1] < boxes[2][0]
    assert bpy.data.objects["one"].location.x == 0


def test_one_dropped_file_stands_where_it_is_told(picture):
    path = picture("one")
    for _ in range(2):
        bpy.ops.bozzetto.generate_from_file(
            "INVOKE_DEFAULT",
            filepath=str(path),
            directory=str(path.parent),
            files=[{"name": path.name}],
        )
    assert [tuple(item.location) for item in bpy.data.objects] == [(0, 0, 0)] * 2


def test_bad_one_of_several_files_does_not_stop_the_others(picture, tmp_path):
    paths = [picture("one"), tmp_path / "none.png", picture("two")]
    with pytest.raises(RuntimeError, match="does not exist"):
        bpy.ops.bozzetto.generate_from_file(
            directory=str(tmp_path), files=[{"name": path.name} for path in paths]
        )
    assert {"one", "two"} <= set(bpy.data.objects.keys())


def test_clipboard_without_a_window_is_said():
    before = count_data()
    with pytest.raises(RuntimeError, match="no clipboard"):
        bpy.ops.bozzetto.paste_picture()
    assert count_data() == before


class TestClipboard:
    """Blender's own operator stands in: there is no clipboard here."""

    @pytest.fixture
    def paste(self, monkeypatch):
        """`paste(area, name)`: what Blender's operator would do there."""
        clipboard = part("scene.clipboard")
        monkeypatch.setattr(clipboard, "_has_window", lambda: True)
        monkeypatch.setattr(clipboard, "_can_read_pictures", lambda: True)
        seen = []

        def pretend(window, area):
            seen.append(area.type)
            if pretend.gives:
                image = bpy.data.images.new("Clipboard", 32, 32)
                image.pixels[0] = 1.0
                area.spaces.active.image = image

        pretend.gives, pretend.seen = True, seen
        monkeypatch.setattr(clipboard, "_paste", pretend)
        return pretend

    def test_picture_is_chosen_and_kept_with_the_file(self, paste, tmp_path):
        bpy.ops.wm.read_homefile(use_empty=False)
        kinds = [area.ui_type for area in bpy.context.window_manager.windows[0].screen.areas]
        assert find_area() is None
        assert bpy.ops.bozzetto.paste_picture() == {"FINISHED"}
        assert paste.seen == ["IMAGE_EDITOR"], "Blender pastes into an Image Editor only"
        image = bpy.context.scene.bozzetto.image
        assert image.name == "Clipboard"
        assert image.packed_file is not None
        after = [area.ui_type for area in bpy.context.window_manager.windows[0].screen.areas]
        assert after == kinds, "an area did not get its editor back"
        assert bpy.ops.bozzetto.generate() == {"FINISHED"}
        assert "Clipboard" in bpy.data.objects

    def test_open_editor_keeps_its_image(self, paste, editor, tmp_path):
        image = bpy.data.images.load(str(write_png(tmp_path / "mine.png", draw_chair())))
        editor.spaces.active.image = image
        bpy.ops.bozzetto.paste_picture()
        assert editor.spaces.active.image == image
        assert bpy.context.scene.bozzetto.image.name == "Clipboard"

    def test_empty_clipboard_is_said(self, paste):
        paste.gives = False
        before = count_data()
        with pytest.raises(RuntimeError, match="holds no picture"):
            bpy.ops.bozzetto.paste_picture()
        assert count_data() == before
        assert "holds no picture" in part("operators.jobs").failure.message

    def test_system_without_pictures_in_its_clipboard_is_said(self, paste, monkeypatch):
        monkeypatch.setattr(part("scene.clipboard"), "_can_read_pictures", lambda: False)
        with pytest.raises(RuntimeError, match="cannot read pictures"):
            bpy.ops.bozzetto.paste_picture()


def test_menu_of_an_image_knows_which(picture):
    image = bpy.data.images.load(str(picture("stool")))
    find = part("operators.sources").find_menu_image
    windows = SimpleNamespace(windows=[])
    for given in ({"id": image}, {"button_pointer": image}, {"edit_image": image}):
        context = SimpleNamespace(space_data=None, window_manager=windows, **given)
        assert find(context) == image
    context = SimpleNamespace(space_data=None, window_manager=windows, id=bpy.context.scene)
    assert find(context) is None
