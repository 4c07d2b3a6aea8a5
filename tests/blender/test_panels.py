"""What the sidebars show. Nothing is drawn without a window: the layout is a stand-in."""

import importlib.util
from pathlib import Path
from types import SimpleNamespace

import bpy
import numpy as np
import pytest
from blender_helpers import part

_spec = importlib.util.spec_from_file_location(
    "fake_layout", Path(__file__).with_name("fake_layout.py")
)
_module = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_module)
FakeLayout = _module.FakeLayout

pytestmark = pytest.mark.usefixtures("fake_worker")


def draw(module, name, *, image=None, kind="VIEW_3D"):
    """Draw a panel as Blender would; the layout."""
    layout = FakeLayout()
    space = SimpleNamespace(type=kind, image=image)
    context = SimpleNamespace(
        scene=bpy.context.scene,
        view_layer=bpy.context.view_layer,
        active_object=bpy.context.view_layer.objects.active,
        space_data=space,
        window_manager=bpy.context.window_manager,
    )
    panel = getattr(part(f"panels.{module}"), name)
    panel.draw(SimpleNamespace(layout=layout), context)
    return layout


def main():
    return draw("main", "BOZZETTO_PT_main")


def generate(path, **values):
    group = bpy.context.scene.bozzetto
    for name, value in values.items():
        setattr(group, name, value)
    group.filepath = str(path)
    bpy.ops.bozzetto.generate()
    return bpy.context.view_layer.objects.active


def test_default_view_has_one_obvious_button():
    layout = main()
    operators = layout.names("operator")
    assert "bozzetto.generate" in operators
    assert "bozzetto.replace" not in operators, "there is nothing to replace"
    assert "bozzetto.cancel" not in operators
    for name in ("image", "filepath", "engine", "category", "resolution"):
        assert name in layout.names("prop")


def test_new_sections_are_folded():
    for module, name in (("history", "BOZZETTO_PT_history"), ("compare", "BOZZETTO_PT_compare")):
        panel = getattr(part(f"panels.{module}"), name)
        assert panel.bl_options == {"DEFAULT_CLOSED"}
        assert panel.bl_parent_id == "BOZZETTO_PT_main"


def test_active_generated_object_can_be_replaced(picture):
    generate(picture("stool"))
    assert "bozzetto.replace" in main().names("operator")
    bpy.ops.mesh.primitive_cube_add()
    assert "bozzetto.replace" not in main().names("operator")


def test_selected_generated_object_can_be_exported(picture):
    assert "bozzetto.export" not in main().names("operator")
    generate(picture())
    assert "bozzetto.export" in main().names("operator")


def test_thumbnail_of_a_mere_path(picture):
    """Without a window there are no icons, but the file is being read for one."""
    thumbnails = part("scene.thumbnails")
    thumbnails.close()
    bpy.context.scene.bozzetto.filepath = str(picture("stool"))
    main()
    main()
    assert thumbnails.count() == 1, "one for the file, not one a redraw"
    (preview,) = thumbnails._previews.values()
    assert preview.image_size[:] == (96, 96)


def test_path_without_a_file_has_no_thumbnail(tmp_path):
    thumbnails = part("scene.thumbnails")
    thumbnails.close()
    for path in (tmp_path / "none.png", tmp_path, "\0"):
        bpy.context.scene.bozzetto.filepath = str(path).replace("\0", "?")
        main()
    assert thumbnails.count() == 0


def test_thumbnails_are_bounded_and_freed():
    thumbnails = part("scene.thumbnails")
    for number in range(thumbnails.MAX_COUNT + 5):
        thumbnails.show_pixels(f"test {number}", np.zeros((4, 4, 4), np.uint8))
    assert thumbnails.count() <= thumbnails.MAX_COUNT
    thumbnails.close()
    assert thumbnails.count() == 0


def test_preview_of_the_cut_is_shown_with_its_doubt(picture):
    bpy.context.scene.bozzetto.filepath = str(picture("doubt"))
    assert "bozzetto.preview_cut" in main().names("operator")
    bpy.ops.bozzetto.preview_cut()
    layout = main()
    assert "bozzetto.close_cut_preview" in layout.names("operator")
    text = " ".join(layout.names("label"))
    assert "What will be taken" in text
    assert "The cut may be wrong." in text


def test_history_shows_the_chosen_entry(picture):
    layout = draw("history", "BOZZETTO_PT_history")
    assert "Nothing was generated" in " ".join(layout.names("label"))
    generate(picture("stool"), seed=12)
    layout = draw("history", "BOZZETTO_PT_history")
    text = " ".join(layout.names("label"))
    assert "pixel, chair" in text
    assert "seed 12" in text
    for name in ("run", "select", "restore", "remove", "clear"):
        assert f"bozzetto.history_{name}" in layout.names("operator")
    item = part("panels.history").BOZZETTO_UL_history
    row = FakeLayout()
    entry = bpy.context.scene.bozzetto.history[0]
    item.draw_item(None, bpy.context, row, None, entry, 0, None, "")
    assert "stool" in row.names("label")


def test_comparison_offers_what_there_is(picture):
    labels = draw("compare", "BOZZETTO_PT_compare").names("label")
    assert any("generated object" in text for text in labels)
    generate(picture("stool"), engine="pixel")
    assert draw("compare", "BOZZETTO_PT_compare").names("operator") == ["bozzetto.compare"]
    bpy.ops.bozzetto.compare()
    layout = draw("compare", "BOZZETTO_PT_compare")
    assert "bozzetto.look_through" in layout.names("operator")
    assert "alpha" in layout.names("prop")
    generate(picture("other"), engine="imnet")
    bpy.ops.bozzetto.compare()
    layout = draw("compare", "BOZZETTO_PT_compare")
    assert "bozzetto.look_through" not in layout.names("operator")
    assert any("no camera" in text for text in layout.names("label"))


def test_image_editor_s_section(picture):
    def shown(image):
        return draw("image_editor", "BOZZETTO_PT_image_editor", image=image, kind="IMAGE_EDITOR")

    assert "bozzetto.generate_from_image" not in shown(None).names("operator")
    image = bpy.data.images.load(str(picture("stool")))
    layout = shown(image)
    assert "bozzetto.generate_from_image" in layout.names("operator")
    bpy.context.scene.bozzetto.image = image
    bpy.ops.bozzetto.preview_cut()
    assert "bozzetto.close_cut_preview" in shown(image).names("operator")


def test_failure_is_shown_in_both_sidebars(picture):
    with pytest.raises(RuntimeError):
        generate(picture("weights"))
    image = bpy.data.images.load(str(picture("stool")))
    editor = draw("image_editor", "BOZZETTO_PT_image_editor", image=image, kind="IMAGE_EDITOR")
    for layout in (main(), editor):
        assert "The weights are gone." in layout.names("label")
        assert "bozzetto.copy_report" in layout.names("operator")
        assert "extensions.package_install_files" in layout.names("operator")


def test_menus_of_images_have_an_entry(picture):
    menus = part("panels.menus")
    image = bpy.data.images.load(str(picture("stool")))
    for given in ({"id": image}, {"button_pointer": image}):
        layout = FakeLayout()
        menus.draw_context_menu(
            SimpleNamespace(layout=layout), SimpleNamespace(space_data=None, **given)
        )
        assert layout.names("operator") == ["bozzetto.generate_from_image"]
    layout = FakeLayout()
    menus.draw_context_menu(
        SimpleNamespace(layout=layout),
        SimpleNamespace(space_data=None, id=bpy.context.scene),
    )
    assert not layout.shown, "a menu of something else has no entry"
    space = SimpleNamespace(active_operator=None, params=SimpleNamespace(directory=b"/here"))
    for name, entries in (("a.PNG", 1), ("a.blend", 0)):
        shown = FakeLayout()
        context = SimpleNamespace(space_data=space, active_file=SimpleNamespace(name=name))
        menus.draw_file_menu(SimpleNamespace(layout=shown), context)
        assert len(shown.names("operator")) == entries, name
    space = SimpleNamespace(type="IMAGE_EDITOR", image=image)
    menus.draw_image_menu(SimpleNamespace(layout=layout), SimpleNamespace(space_data=space))
    assert layout.names("operator") == ["bozzetto.generate_from_image"]
