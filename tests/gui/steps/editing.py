"""The artist goes on working in Edit Mode: the result waits until that is over."""

import artist
import bpy


def steps(ui):
    yield from artist.prepare(ui, resolution="64")
    before = artist.describe_scene()
    yield from ui.click_button(artist.GENERATE)
    yield from ui.rest_pointer()
    yield from ui.key("Tab")
    ui.record("mode", bpy.context.mode)
    finished = artist.part("operators.jobs").finished
    ui.record("result_came", (yield from ui.wait(lambda: finished, 120)))
    yield 1.0
    ui.record("objects_while_editing", len(artist.new_objects(before)))
    ui.record("mode_with_result", bpy.context.mode)
    yield from ui.shot("waiting")
    yield from ui.key("a")  # select all vertices: a tool still works
    yield from ui.key("Tab")
    yield from ui.wait(lambda: artist.new_objects(before), 10)
    yield 0.5
    yield from ui.shot("inserted")
    ui.record("result", [artist.describe_object(item) for item in artist.new_objects(before)])
    ui.record("cube", artist.describe_object(bpy.data.objects["Cube"]))
