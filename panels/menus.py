"""Where else a generation starts: menus of meshes and images, pictures dropped into the 3D view."""

import os
from pathlib import Path

import bpy

from ..inference.batch.plan import PICTURE_SUFFIXES
from ..operators.sources import find_menu_image
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


def draw_image_menu(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Entry of the Image Editor's menu Image, and of context menus, where they are of an image."""
    image = find_menu_image(context)
    if image is None:
        return
    self.layout.separator()
    self.layout.operator_context = "INVOKE_DEFAULT"
    self.layout.operator("bozzetto.generate_from_image", icon="MESH_MONKEY").image = image.name


def draw_context_menu(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Entry of a context menu that is of an image: in the Outliner, on a picture's field."""
    if isinstance(getattr(context, "id", None), bpy.types.Image) or isinstance(
        getattr(context, "button_pointer", None), bpy.types.Image
    ):
        draw_image_menu(self, context)


def draw_file_menu(self: bpy.types.Menu, context: bpy.types.Context) -> None:
    """Entry of the File Browser's context menu on a picture, where no operator asks for a file."""
    space, file = context.space_data, getattr(context, "active_file", None)
    if file is None or space is None or getattr(space, "active_operator", None) is not None:
        return
    if Path(file.name).suffix.lower() not in EXTENSIONS.split(";"):
        return
    self.layout.separator()
    self.layout.operator_context = "EXEC_DEFAULT"  # the path is known
    folder = space.params.directory.decode(errors="replace")
    self.layout.operator("bozzetto.generate_from_file", icon="MESH_MONKEY").filepath = os.path.join(
        folder, file.name
    )


MENUS = (
    ("VIEW3D_MT_mesh_add", draw_add_menu),
    ("IMAGE_MT_image", draw_image_menu),
    ("OUTLINER_MT_context_menu", draw_context_menu),
    ("UI_MT_button_context_menu", draw_context_menu),
    ("FILEBROWSER_MT_context_menu", draw_file_menu),
)
"""Blender's menus and what is added to them."""


def append() -> None:
    """Add the entries."""
    for name, draw in MENUS:
        getattr(bpy.types, name).append(draw)


def remove() -> None:
    """Take them away again; safe when they were not added."""
    for name, draw in MENUS:
        getattr(bpy.types, name).remove(draw)


CLASSES = (BOZZETTO_FH_image,)
