"""Compare, replace, history, clipboard, several files, the Image Editor: by real clicks."""

import artist
import bpy

COMPARE = "bpy.ops.bozzetto.compare("
LOOK = "bpy.ops.bozzetto.look_through("
REMOVE = "bpy.ops.bozzetto.remove_comparison("
PREVIEW = "bpy.ops.bozzetto.preview_cut("
REPLACE = "bpy.ops.bozzetto.replace("
PASTE = "bpy.ops.bozzetto.paste_picture("
RUN = "bpy.ops.bozzetto.history_run("
RESTORE = "bpy.ops.bozzetto.history_restore("
FROM_IMAGE = "bpy.ops.bozzetto.generate_from_image("


def steps(ui):
    unfold("BOZZETTO_PT_compare")
    unfold("BOZZETTO_PT_history")
    yield from artist.prepare(ui, engine="pixel", resolution="64")
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    before = artist.describe_scene()
    yield from ui.click_button(artist.GENERATE)
    yield from ui.wait(lambda: artist.new_objects(before), 120)
    yield 0.5
    (item,) = artist.new_objects(before)
    yield from compare(ui)
    yield from replace(ui, item)
    yield from use_history(ui, before)
    yield from paste(ui)
    yield from drop_several(ui)
    yield from use_image_editor(ui)


def press(ui, text, near):
    """Click a button of the sidebar that is not far from one that was found before."""
    if not (yield from ui.find_button(text, near=near)):
        raise LookupError(f"no button with {text!r} in the sidebar")
    yield from ui.press_button()


def press_beside(ui, known, text):
    """Click a small button in the row of one that was found before."""
    region = ui.region(ui.editor, "UI")
    for share in (0.86, 0.845, 0.83, 0.815, 0.8, 0.785, 0.77):
        yield from ui.move(region.x + region.width * share, ui.known_place(known)[1])
        if text in ui.button_under_pointer():
            yield from ui.press_button()
            return
    raise LookupError(f"no {text!r} beside {known!r}")


def press_in_column(ui, text, share):
    """Click a button that is not as wide as the sidebar."""
    region = ui.region(ui.editor, "UI")
    for y in range(region.y + 10, region.y + region.height, 14):
        yield from ui.move(region.x + region.width * share, y)
        if text in ui.button_under_pointer():
            yield from ui.press_button()
            return
    raise LookupError(f"no {text!r} in the sidebar")


def unfold(name):
    """Register a section anew, opened: it must not have been drawn before."""
    panel = getattr(bpy.types, name)
    bpy.utils.unregister_class(panel)
    panel.bl_options = set()
    bpy.utils.register_class(panel)


def compare(ui):
    """Look through the picture's camera by real clicks, and back again."""
    before = artist.describe_scene()
    cameras = len(bpy.data.cameras)
    yield from press(ui, COMPARE, artist.GENERATE)
    yield 0.5
    space = ui.area("VIEW_3D").spaces.active
    yield from press(ui, LOOK, COMPARE)
    yield 0.5
    ui.record("perspective", space.region_3d.view_perspective)
    yield from ui.rest_pointer()
    yield from ui.shot("looking_through")
    yield from press(ui, LOOK, COMPARE)
    yield 0.3
    ui.record("perspective_after", space.region_3d.view_perspective)
    yield from press(ui, REMOVE, LOOK)
    yield 0.3
    ui.record("compare_left", artist.describe_scene() == before)
    ui.record("cameras_left", len(bpy.data.cameras) - cameras)


def replace(ui, item):
    """Another detail into the same object."""
    item.location = (0.5, 0.25, 0.0)
    item.modifiers.new("Smooth", "SMOOTH")
    name, faces = item.name, len(item.data.polygons)
    bpy.ops.ed.undo_push(message="Worked on it")
    group = bpy.context.scene.bozzetto
    group.resolution = "128"
    yield from press(ui, REPLACE, artist.GENERATE)
    yield from ui.wait(lambda: artist.is_busy(), 10)
    yield from ui.wait(lambda: not artist.is_busy(), 120)
    yield 0.5
    item = bpy.data.objects[name]
    ui.record(
        "replaced",
        {
            "faces_before": faces,
            "faces": len(item.data.polygons),
            "location": list(item.location),
            "modifiers": [modifier.name for modifier in item.modifiers],
            "objects": len([one for one in bpy.data.objects if one.type == "MESH"]),
        },
    )
    yield from ui.rest_pointer()
    yield from ui.shot("replaced")
    yield from ui.key("ctrl+z")
    yield 0.5
    ui.record("faces_after_undo", len(bpy.data.objects[name].data.polygons))
    yield from ui.key("ctrl+shift+z")
    yield 0.5


def use_history(ui, before):
    """Run the first generation again, restore its settings."""
    group = bpy.context.scene.bozzetto
    ui.record("history", [entry.name for entry in group.history])
    group.history_index = 1  # the one at detail 64
    yield 0.5
    yield from ui.rest_pointer()
    yield from ui.shot("history")
    count = len(artist.new_objects(before))
    yield from press_in_column(ui, RUN, 0.2)
    yield from ui.wait(lambda: len(artist.new_objects(before)) > count, 120)
    ui.record("objects_after_run", len(artist.new_objects(before)) - count)
    yield 0.5
    group = bpy.context.scene.bozzetto
    group.resolution = "256"
    yield from press(ui, RESTORE, REMOVE)
    yield 0.5
    group = bpy.context.scene.bozzetto
    ui.record("restored", [group.resolution, group.engine, group.history_index])


def paste(ui):
    """There is no picture in the clipboard: said, and nothing has moved."""
    kinds = [area.ui_type for area in bpy.context.window_manager.windows[0].screen.areas]
    yield from ui.find_button(PREVIEW)
    yield from press_beside(ui, PREVIEW, PASTE)
    yield 0.7
    after = [area.ui_type for area in bpy.context.window_manager.windows[0].screen.areas]
    ui.record("areas_kept", kinds == after)
    yield from ui.rest_pointer()  # which also closes the popup
    # The way through an Image Editor for a moment, as where the system gives pictures.
    clipboard = artist.part("scene.clipboard")
    clipboard._can_read_pictures = lambda: True
    yield from press_beside(ui, PREVIEW, PASTE)
    yield 0.7
    failure = artist.part("operators.jobs").failure
    ui.record("paste_failure_of_blender", failure and [failure.message, failure.fix])
    after = [area.ui_type for area in bpy.context.window_manager.windows[0].screen.areas]
    ui.record("areas_kept_after_borrowing", kinds == after)
    yield from ui.rest_pointer()
    yield from ui.shot("nothing_to_paste")


def drop_several(ui):
    """What Blender calls when two pictures are dropped into the view."""
    window, area = bpy.context.window_manager.windows[0], ui.area("VIEW_3D")
    region = ui.region("VIEW_3D", "WINDOW")
    before = artist.describe_scene()
    folder, names = ui.parameters["folder"], ui.parameters["names"]
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.bozzetto.generate_from_file(
            "INVOKE_DEFAULT",
            filepath=f"{folder}/{names[0]}",
            directory=folder,
            files=[{"name": name} for name in names],
        )
    yield from ui.wait(lambda: len(artist.new_objects(before)) == len(names), 180)
    yield 0.5
    found = [artist.describe_object(item) for item in artist.new_objects(before)]
    ui.record("dropped", [[item["name"], item["low"][0], item["high"][0]] for item in found])
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.view3d.view_all()
    yield 1.0
    yield from ui.shot("dropped")


def use_image_editor(ui):
    """The section in the Image Editor's sidebar, and its big button."""
    area = ui.area("VIEW_3D")
    area.ui_type = "IMAGE_EDITOR"
    yield 0.5
    picture = bpy.data.images.load(ui.parameters["picture"], check_existing=True)
    area.spaces.active.image = picture
    before = artist.describe_scene()
    ui.editor = "IMAGE_EDITOR"
    yield from ui.open_sidebar("Bozzetto")
    yield from ui.rest_pointer()
    yield 0.5
    yield from ui.shot("image_editor")
    yield from ui.click_button(FROM_IMAGE)
    ui.record("from_editor", (yield from ui.wait(lambda: artist.new_objects(before), 120)))
    yield from ui.shot("image_editor_done")
