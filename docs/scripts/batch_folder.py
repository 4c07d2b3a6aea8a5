"""Generate from every picture of a folder, and write a table of what became of each.

In Blender: open this file in the Text Editor, write your folder below, Run Script.
Without a window: blender --background --python batch_folder.py -- photos out
"""

import sys
from pathlib import Path

import bpy
from bl_ext.user_default.bozzetto import api

arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
FOLDER = arguments[0] if arguments else "//photos"
OUTPUT = arguments[1] if len(arguments) > 1 else "//"

# One picture that fails does not stop the others, and raises nothing.
batch = api.batch(FOLDER, face_budget=3000, summary=OUTPUT)

print(f"{len(batch.objects)} objects in the collection {batch.name!r}")
for row in batch.failures:
    print(f"{row.picture}: {row.error} {row.fix}")

# The rows know more: seconds, faces, size in metres, the file's own notes.
for row in batch.rows:
    if row.state == "done":
        width, depth, height = row.size
        print(f"{row.name}: {row.faces} faces, {height:.2f} m high, {row.seconds:.1f} s")

if bpy.app.background:
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(OUTPUT).resolve() / f"{batch.name}.blend"))
