"""Preview of the cut, compare, replace, history, clipboard, several files, the Image Editor."""

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
    bpy.data.objects.remove(bpy.data.objects["Cube"])
    yield from artist.prepare(ui, engine="pixel", resolution="64")
    yield from look_at_the_cut(ui)
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


def unfold(name, *, opened=True):
    """Register a section anew, opened or folded: there is no way to find its header."""
    panel = getattr(bpy.types, name)
    bpy.utils.unregister_class(panel)
    panel.bl_options = set() if opened else {"DEFAULT_CLOSED"}
    bpy.utils.register_class(panel)


def look_at_the_cut(ui):
    """Ask for the preview, then for that of the object at a point."""
    matte = artist.part("scene.matte_preview")
    idle = ui.start_heartbeat()
    yield 2.0
    ui.record("largest_gap_when_idle", round(idle.stop(), 3))
    heartbeat = ui.start_heartbeat()
    yield from ui.click_button(PREVIEW)
    yield from ui.wait(lambda: matte.preview and not matte.preview.waiting, 120)
    ui.record("largest_gap_at_preview", round(heartbeat.stop(), 3))
    ui.record("preview_shape", list(matte.preview.cut.rgba.shape))
    yield 0.5
    yield from ui.rest_pointer()
    yield from ui.shot("cut")
    asked = matte.preview.cut
    bpy.context.scene.bozzetto.background = "remove"
    ui.record("preview_refreshed", (yield from ui.wait(lambda: matte.preview.cut != asked, 60)))
    bpy.context.scene.bozzetto.background = "automatic"
    yield from ui.wait(lambda: not matte.preview.waiting, 60)
    ui.record("images_after_preview", sorted(image.name for image in bpy.data.images))
    matte.close()


def compare(ui):
    """Look through the picture's camera by real clicks, and back again."""
    unfold("BOZZETTO_PT_compare")
    yield 0.5
    before = artist.describe_scene()
    cameras = len(bpy.data.cameras)
    yield from ui.click_button(COMPARE)
    yield 0.5
    space = ui.area("VIEW_3D").spaces.active
    yield from ui.click_button(LOOK)
    yield 0.5
    ui.record("perspective", space.region_3d.view_perspective)
    yield from ui.rest_pointer()
    yield from ui.shot("looking_through")
    yield from ui.click_button(LOOK)
    yield 0.3
    ui.record("perspective_after", space.region_3d.view_perspective)
    yield from ui.click_button(REMOVE)
    yield 0.3
    ui.record("compare_left", artist.describe_scene() == before)
    ui.record("cameras_left", len(bpy.data.cameras) - cameras)
    unfold("BOZZETTO_PT_compare", opened=False)
    yield 0.3


def replace(ui, item):
    """Another detail into the same object."""
    item.location = (0.5, 0.25, 0.0)
    item.modifiers.new("Smooth", "SMOOTH")
    name, faces = item.name, len(item.data.polygons)
    bpy.ops.ed.undo_push(message="Worked on it")
    group = bpy.context.scene.bozzetto
    group.resolution = "128"
    yield from ui.click_button(REPLACE)
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
    unfold("BOZZETTO_PT_history")
    yield 0.7
    group = bpy.context.scene.bozzetto
    ui.record("history", [entry.name for entry in group.history])
    group.history_index = 1  # the one at detail 64
    yield 0.5
    yield from ui.rest_pointer()
    yield from ui.shot("history")
    count = len(artist.new_objects(before))
    yield from ui.click_button(RUN)
    yield from ui.wait(lambda: len(artist.new_objects(before)) > count, 120)
    ui.record("objects_after_run", len(artist.new_objects(before)) - count)
    yield 0.5
    group = bpy.context.scene.bozzetto
    group.resolution = "256"
    yield from ui.click_button(RESTORE)
    yield 0.5
    group = bpy.context.scene.bozzetto
    ui.record("restored", [group.resolution, group.engine, group.history_index])
    unfold("BOZZETTO_PT_history", opened=False)
    yield 0.3


def paste(ui):
    """There is no picture in the clipboard: said, and nothing has moved."""
    kinds = [area.ui_type for area in bpy.context.window_manager.windows[0].screen.areas]
    yield from ui.click_button(PASTE)
    yield 0.7
    failure = artist.part("operators.jobs").failure
    ui.record("paste_failure", failure and [failure.message, failure.fix])
    after = [area.ui_type for area in bpy.context.window_manager.windows[0].screen.areas]
    ui.record("areas_kept", kinds == after)
    # The way through an Image Editor for a moment, as where the system gives pictures.
    clipboard = artist.part("scene.clipboard")
    clipboard._can_read_pictures = lambda: True
    yield from ui.click_button(PASTE)
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
    area.spaces.active.image = bpy.context.scene.bozzetto.image
    before = artist.describe_scene()
    ui.editor = "IMAGE_EDITOR"
    yield from ui.open_sidebar("Bozzetto")
    yield from ui.rest_pointer()
    yield 0.5
    yield from ui.shot("image_editor")
    yield from ui.click_button(FROM_IMAGE)
    ui.record("from_editor", (yield from ui.wait(lambda: artist.new_objects(before), 120)))
    yield from ui.shot("image_editor_done")
