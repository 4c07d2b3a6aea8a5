"""The preview of the cut, asked for by a real click, while the window lives on."""

import artist
import bpy

PREVIEW = "bpy.ops.bozzetto.preview_cut("


def steps(ui):
    yield from artist.prepare(ui, resolution="64")
    yield from look_at_the_cut(ui)


def look_at_the_cut(ui):
    """Ask for the preview, then for that of the object at a point."""
    matte, images = artist.part("scene.matte_preview"), len(bpy.data.images)
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

    def is_other(cut):
        return matte.preview.cut is not None and matte.preview.cut is not cut

    bpy.context.scene.bozzetto.background = "remove"
    ui.record("preview_refreshed", (yield from ui.wait(lambda: is_other(asked), 90)))
    bpy.context.scene.bozzetto.background = "automatic"
    yield from ui.wait(lambda: not matte.preview.waiting, 60)
    ui.record("images_added_by_preview", len(bpy.data.images) - images)
    matte.close()
