"""Generate one base mesh from one picture.

In Blender: open this file in the Text Editor, write your picture below, Run Script.
Without a window: blender --background --python generate_one.py -- chair.png out
"""

import sys
from pathlib import Path

import bpy
from bl_ext.user_default.bozzetto import api

# What follows "--" on the command line, if anything does.
arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
PICTURE = arguments[0] if arguments else "//chair.png"  # // is the folder of the .blend file

try:
    # Everything but the picture may be left out. help(api.GenerateSettings) lists the settings.
    item = api.generate(PICTURE, category="chair", size=0.9, face_budget=3000)
except api.BozzettoError as error:
    print("It did not work:", error.message)
    print("What helps:", error.fix)
    raise

# From here on it is an object like any other.
item.rotation_euler.z = 0.5
item.modifiers.new("Subdivision", "SUBSURF")

record = api.read_record(item)
print(f"{item.name}: {len(item.data.polygons)} faces, taken for a {record['info']['category']}")

if bpy.app.background:  # nobody is there to save it
    output = Path(arguments[1] if len(arguments) > 1 else ".").resolve()
    output.mkdir(parents=True, exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=str(output / f"{item.name}.blend"))
