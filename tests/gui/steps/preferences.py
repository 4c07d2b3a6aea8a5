"""The preferences, in an area of the main window where the pointer reaches them."""

import artist
import bpy


def steps(ui):
    manager, preferences = bpy.context.window_manager, bpy.context.preferences
    manager.addon_search = "Bozzetto"
    preferences.active_section = "ADDONS"
    bpy.ops.preferences.addon_expand(module=artist.PACKAGE)
    ui.area("VIEW_3D").type = "PREFERENCES"
    ui.editor = "PREFERENCES"
    yield 1.0
    yield from ui.move(500, 60)
    yield from ui.shot("top")
    region = ui.region("PREFERENCES", "WINDOW")
    weights = artist.part("scene.weights")
    ui.record("before", [weights.find_condition(item).value for item in weights.list_weights()])
    yield from ui.set_number("0", "1.5", "WINDOW")  # the first number from the top
    ui.record("memory_limit", artist.part("scene.runtime").find_preferences().memory_limit)
    yield from ui.scroll_down(region.x + region.width * 0.5, region.y + region.height * 0.5)
    names = ("import_weights", "verify_weights", "release")
    found = {}
    for name in names:
        found[name] = yield from ui.find_button(f"bpy.ops.bozzetto.{name}(", region_kind="WINDOW")
    ui.record("buttons", found)
    yield from ui.click_button("bpy.ops.bozzetto.verify_weights(", "WINDOW")
    yield from ui.wait(lambda: weights.find_progress() is None and weights.message, 30)
    yield 0.5
    yield from ui.move(500, 60)
    yield from ui.shot("verified")
    ui.record("after", [weights.find_condition(item).value for item in weights.list_weights()])
    ui.record("message", weights.message)
    manager.clipboard = ""
    yield from ui.scroll_down(region.x + region.width * 0.5, region.y + region.height * 0.5, 30)
    yield from ui.shot("end")
    yield from ui.click_button("bpy.ops.bozzetto.copy_system_report(", "WINDOW")
    ui.record("report", manager.clipboard)
    yield from import_and_choose(ui, weights)


def import_and_choose(ui, weights):
    """A checkpoint from a file, while timers go on; then the menu that chooses it."""
    source = weights.list_bundled()[0].path
    heartbeat = ui.start_heartbeat()
    bpy.ops.bozzetto.import_weights("EXEC_DEFAULT", filepath=str(source))
    yield from ui.wait(lambda: weights.find_progress() is None, 120)
    ui.record("gap_while_importing", round(heartbeat.stop(), 3))
    ui.record("import", str(weights.failure or weights.message))
    yield 0.5
    yield from ui.shot("imported")
    ui.area("PREFERENCES").type = "VIEW_3D"
    ui.editor = "VIEW_3D"
    yield 0.5
    yield from ui.rest_pointer()
    window, area = bpy.context.window_manager.windows[0], ui.area("VIEW_3D")
    with bpy.context.temp_override(window=window, area=area, region=ui.region("VIEW_3D", "WINDOW")):
        bpy.ops.wm.call_menu(name="BOZZETTO_MT_weights")
    yield 0.5
    yield from ui.shot("menu")
    yield from ui.key("Escape")
    (item,) = weights.list_imported()
    bpy.ops.bozzetto.choose_weights("EXEC_DEFAULT", name=item.id)
    ui.record("chosen", bpy.context.scene.bozzetto.checkpoint == str(item.path))
    bpy.ops.bozzetto.remove_weights("EXEC_DEFAULT", name=item.id)
    ui.record("left", [len(weights.list_imported()), bpy.context.scene.bozzetto.checkpoint])
