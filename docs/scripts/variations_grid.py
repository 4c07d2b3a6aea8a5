"""One picture, both bundled engines and several classes: all results in a grid, to choose from.

The engines draw nothing by chance today, so that other seeds give the same mesh; what changes it is
the engine, the class that the picture is taken for, and symmetry or facing ("pixel" only).

In Blender: open this file in the Text Editor, write your picture below, Run Script.
Without a window: blender --background --python variations_grid.py -- chair.png
"""

import sys

from bl_ext.user_default.bozzetto import api

arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
PICTURE = arguments[0] if arguments else "//chair.png"
CLASSES = ("automatic", "chair", "sofa")  # api.CATEGORIES lists them all
SPACING = 1.6  # metres between two objects

for row, engine in enumerate(api.BUNDLED_ENGINES):
    for column, category in enumerate(CLASSES):
        item = api.generate(
            PICTURE,
            engine=engine,
            category=category,
            resolution=64,  # a draft is enough to choose
            size=1.0,
            location=(column * SPACING, row * SPACING, 0.0),
        )
        item.name = f"{engine} {category}"
        print(item.name, len(item.data.polygons), "faces")
