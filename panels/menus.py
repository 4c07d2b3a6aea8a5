"""Where else a generation starts: Add > Mesh, and pictures dropped into the 3D view."""

import bpy

from ..inference.batch.plan import PICTURE_SUFFIXES
from ..scene import runtime

EXTENSIONS = ";".join(PICTURE_SUFFIXES)


class BOZZETTO_FH_image(bpy.types.FileHandler):
    """Pictures dropped into the 3D view"""

    bl_idname = "BOZZETTO_FH_image"
    bl_label = "Base Mesh from Image"
    bl_import_operator = "bozzetto.generate_from_file"
    bl_file_extensions = EXTENSIONS

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """In the 3D view, unless the artist wants Blender's own way there."""
        preferences = runtime.find_preferences()
        wanted = preferences is None or preferences.use_drop
        return wanted and context.area is not None and context.area.type == "VIEW_3D"


def draw_add_menu(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Entry of the menu Add > Mesh."""
    self.layout.separator()
    self.layout.operator_context = "INVOKE_REGION_WIN"
    self.layout.operator("bozzetto.generate_from_file", icon="IMAGE_DATA")


CLASSES = (BOZZETTO_FH_image,)
