"""One generation, three levels of detail: the network runs once.

In Blender: open this file in the Text Editor, write your picture below, Run Script.
Without a window: blender --background --python reshape.py -- chair.png
"""

import sys

import bpy
from bl_ext.user_default.bozzetto import api

arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
PICTURE = arguments[0] if arguments else "//chair.png"
BUDGETS = (4000, 1000, 250)  # triangles

item = api.generate(PICTURE)
meshes = []
for budget in BUDGETS:
    # The object keeps its name, place, modifiers and materials; its mesh is made anew.
    api.reshape(item, face_budget=budget)
    mesh = item.data.copy()
    mesh.name = f"{item.name} {budget}"
    meshes.append(mesh)
    print(f"wanted {budget} faces, got {len(mesh.polygons)}")

for number, mesh in enumerate(meshes[1:], start=1):
    level = bpy.data.objects.new(mesh.name, mesh)
    level.location.x = 1.5 * number * item.dimensions.x
    item.users_collection[0].objects.link(level)
item.data = meshes[0]
