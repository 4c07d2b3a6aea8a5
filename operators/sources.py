"""Operators that choose a picture: the clipboard's, the Image Editor's, one of a menu."""

import bpy

from ..inference.errors import BozzettoError
from ..scene import clipboard
from . import jobs
from .generate import find_scene_reason, run


def find_editor_image(context: bpy.types.Context) -> bpy.types.Image | None:
    """The image of this Image Editor, else of the first one that shows one."""
    space = context.space_data
    if space is not None and space.type == "IMAGE_EDITOR":
        return space.image
    for window in context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "IMAGE_EDITOR" and area.spaces.active.image is not None:
                return area.spaces.active.image
    return None


def find_menu_image(context: bpy.types.Context) -> bpy.types.Image | None:
    """The image that a context menu is about: of the Outliner, a button, or an Image Editor."""
    for name in ("id", "button_pointer", "edit_image"):
        found = getattr(context, name, None)
        if isinstance(found, bpy.types.Image):
            return found
    return find_editor_image(context)


class BOZZETTO_OT_paste_picture(bpy.types.Operator):
    """Choose the picture that the clipboard holds; it becomes an image of the file"""

    bl_idname = "bozzetto.paste_picture"
    bl_label = "Paste Picture"
    bl_options = {"UNDO"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Paste and choose it."""
        try:
            context.scene.bozzetto.image = clipboard.paste_picture(context)
        except BozzettoError as error:
            jobs.record_failure(error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        jobs.forget_messages()
        return {"FINISHED"}


class BOZZETTO_OT_use_editor_image(bpy.types.Operator):
    """Choose the image that the Image Editor shows"""

    bl_idname = "bozzetto.use_editor_image"
    bl_label = "Use Image Editor's Image"
    bl_options = {"UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """One must be shown."""
        if find_editor_image(context) is None:
            cls.poll_message_set("No Image Editor shows an image")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Choose it."""
        context.scene.bozzetto.image = find_editor_image(context)
        return {"FINISHED"}


class BOZZETTO_OT_generate_from_image(bpy.types.Operator):
    """Generate an editable base mesh from this image, with the settings of the 3D view's sidebar"""

    bl_idname = "bozzetto.generate_from_image"
    bl_label = "Generate Base Mesh"
    bl_options = set()

    image: bpy.props.StringProperty(
        name="Image",
        description="Name of the image; empty: the one that the menu or editor is about",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be an image, an interpreter and weights."""
        reason = find_scene_reason(context)
        if find_menu_image(context) is None and not bpy.data.images:
            reason = "Open an image first"
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """From a button or menu: queue it and let the artist go on."""
        return self._run(context, wait=bpy.app.background)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """From a script: wait for the object."""
        return self._run(context, wait=True)

    def _run(self, context: bpy.types.Context, *, wait: bool) -> set[str]:
        named = bpy.data.images.get(self.image)
        image = named if self.image else find_menu_image(context)
        if image is None:
            self.report({"ERROR"}, f"There is no image {self.image!r}. Open one first.")
            return {"CANCELLED"}
        return run(self, context, image, wait=wait)


CLASSES = (
    BOZZETTO_OT_paste_picture,
    BOZZETTO_OT_use_editor_image,
    BOZZETTO_OT_generate_from_image,
)
