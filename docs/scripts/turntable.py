"""Generate one base mesh, then render it from all around: one PNG a frame.

Without a window: blender --background --python turntable.py -- chair.png out 36
(36 pictures; out/0001.png is the front). Best in an empty file: it adds a camera and a light.
"""

import math
import sys
from pathlib import Path

import bpy
from bl_ext.user_default.bozzetto import api

arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
PICTURE = arguments[0] if arguments else "//chair.png"
OUTPUT = Path(bpy.path.abspath(arguments[1] if len(arguments) > 1 else "//turntable")).resolve()
FRAMES = int(arguments[2]) if len(arguments) > 2 else 36
PIXELS = 256

item = api.generate(PICTURE, size=1.0, face_budget=4000)
bpy.context.view_layer.update()
height = item.dimensions.z
reach = item.dimensions.length

# The camera hangs on a pivot in the middle of the object: turning that turns camera and light.
pivot = bpy.data.objects.new("Turntable", None)
pivot.location = item.location
pivot.location.z += height / 2
camera = bpy.data.objects.new("Turntable camera", bpy.data.cameras.new("Turntable"))
camera.location = (0.0, -1.7 * reach, 0.5 * reach)
camera.rotation_euler = (math.radians(90) - math.atan2(0.5, 1.7), 0.0, 0.0)
lamp = bpy.data.objects.new("Turntable sun", bpy.data.lights.new("Turntable", "SUN"))
lamp.data.energy = 3.0
lamp.rotation_euler = (math.radians(50), 0.0, math.radians(-35))
for part in (pivot, camera, lamp):
    bpy.context.scene.collection.objects.link(part)
for part in (camera, lamp):
    part.parent = pivot

scene = bpy.context.scene
scene.camera = camera
scene.world = scene.world or bpy.data.worlds.new("World")
scene.render.engine = "CYCLES"  # needs no graphics card; EEVEE is faster where there is one
scene.cycles.samples = 8
scene.render.resolution_x = scene.render.resolution_y = PIXELS
scene.render.film_transparent = True
scene.render.image_settings.file_format = "PNG"

for frame in range(FRAMES):
    pivot.rotation_euler.z = math.tau * frame / FRAMES
    scene.render.filepath = str(OUTPUT / f"{frame + 1:04}.png")
    bpy.ops.render.render(write_still=True)
    print(f"{frame + 1} of {FRAMES}: {scene.render.filepath}")
