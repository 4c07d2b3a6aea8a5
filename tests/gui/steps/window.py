"""A bare window: what renders it, whether keys and the pointer arrive."""

import gpu


def steps(ui):
    ui.record("renderer", gpu.platform.renderer_get())
    yield from ui.rest_pointer()
    space = ui.area("VIEW_3D").spaces.active
    before = space.show_region_ui
    yield from ui.key("n")
    toggled = yield from ui.wait(lambda: space.show_region_ui != before, 5)
    ui.record("n_key_toggles_sidebar", toggled)
    yield from ui.shot("window")
