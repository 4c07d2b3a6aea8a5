"""Generate one base mesh and write it as .glb, for game engines, the web or another program.

In Blender: open this file in the Text Editor, write your picture below, Run Script.
Without a window: blender --background --python export_glb.py -- chair.png out

For files alone there is a command without any script:
blender --command bozzetto generate chair.png --output chair.glb
"""

import sys
from pathlib import Path

import bpy
from bl_ext.user_default.bozzetto import api

arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
PICTURE = arguments[0] if arguments else "//chair.png"
OUTPUT = Path(bpy.path.abspath(arguments[1] if len(arguments) > 1 else "//")).resolve()

item = api.generate(PICTURE, face_budget=2000)

# The new object alone is selected now; nothing else of the scene goes into the file.
OUTPUT.mkdir(parents=True, exist_ok=True)
path = OUTPUT / f"{item.name}.glb"
bpy.ops.export_scene.gltf(filepath=str(path), export_format="GLB", use_selection=True)
print(f"{path}: {path.stat().st_size / 1000:.0f} kB")
