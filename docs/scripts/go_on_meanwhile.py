"""Start two generations and do something else until they are there.

In Blender's window the script ends at once: Blender stays usable, a timer looks at the handles, and
the objects come when they are done. Without a window the script itself has to look.
Without a window: blender --background --python go_on_meanwhile.py -- chair.png
"""

import sys
import time

import bpy
from bl_ext.user_default.bozzetto import api

arguments = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
PICTURE = arguments[0] if arguments else "//chair.png"

# Nothing is generated yet when these calls return; the second waits for the first.
handles = [
    api.generate(PICTURE, wait=False, engine="imnet"),
    api.generate(PICTURE, wait=False, engine="pixel", location=(2, 0, 0)),
]
# handles[1].cancel() would take one of them back.


def look() -> float | None:
    """Say how far they are; the seconds until the next look, None at the end."""
    finished = [handle.poll() for handle in handles]
    for handle in handles:
        print(f"{handle.job.settings.engine}: {handle.state}, {handle.progress:.0%}")
    if not all(finished):
        return 0.5
    for handle in handles:
        if handle.error is None:
            print(f"{handle.result.name} has {len(handle.result.data.polygons)} faces")
        else:
            print(f"It did not work: {handle.error}")
    return None


if bpy.app.background:
    while (seconds := look()) is not None:
        time.sleep(seconds)
else:
    bpy.app.timers.register(look)
