"""The button below an error that changes one setting and generates again."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ..inference.settings import AUTOMATIC, BUNDLED_ENGINES
from ..scene import runtime
from . import jobs
from .generate import find_reason
from .remedies import find_lower_detail


def _lower_detail(group: bpy.types.PropertyGroup) -> None:
    group.resolution = str(find_lower_detail(int(group.resolution)) or group.resolution)


def _keep_background(group: bpy.types.PropertyGroup) -> None:
    group.background, group.subject = "keep", AUTOMATIC


def _any_object(group: bpy.types.PropertyGroup) -> None:
    group.subject = AUTOMATIC


def _point(group: bpy.types.PropertyGroup) -> None:
    group.subject = "point"


def _bundled(group: bpy.types.PropertyGroup) -> None:
    group.checkpoint = ""


def _other_engine(group: bpy.types.PropertyGroup) -> None:
    group.engine = next(name for name in BUNDLED_ENGINES if name != group.engine)
    group.checkpoint = ""


def _device(group: bpy.types.PropertyGroup) -> None:
    group.device = AUTOMATIC
    preferences = runtime.find_preferences()
    if preferences is not None:
        preferences.device = AUTOMATIC


def _nothing(group: bpy.types.PropertyGroup) -> None:
    pass


FIXES: dict[str, tuple[str, str, Callable[[bpy.types.PropertyGroup], None]]] = {
    "AGAIN": ("Again", "Generate again with the same settings", _nothing),
    "LOWER_DETAIL": ("Lower Detail", "Set Detail one step lower and generate again", _lower_detail),
    "KEEP_BACKGROUND": (
        "Keep the Background",
        "Take the whole picture for the object and generate again",
        _keep_background,
    ),
    "ANY_OBJECT": ("Any Object", "Set Object to Automatic and generate again", _any_object),
    "POINT": ("Point", "Set Object to At Point; then set the point and generate", _point),
    "BUNDLED": ("Bundled Weights", "Drop the checkpoint and generate again", _bundled),
    "OTHER_ENGINE": ("Other Engine", "Change the engine and generate again", _other_engine),
    "DEVICE": ("Automatic Device", "Set Device to automatic and generate again", _device),
}
_SETS_ONLY = ("POINT",)
"""After these the artist has something to do first."""


class BOZZETTO_OT_apply_fix(bpy.types.Operator):
    """Change what the error asks for and generate again"""

    bl_idname = "bozzetto.apply_fix"
    bl_label = "Fix and Generate"
    bl_options = {"INTERNAL"}

    fix: bpy.props.EnumProperty(
        items=tuple((key, name, text) for key, (name, text, _) in FIXES.items()),
        options={"HIDDEN", "SKIP_SAVE"},
    )

    @classmethod
    def description(
        cls, context: bpy.types.Context, properties: bpy.types.OperatorProperties
    ) -> str:
        """What this button does."""
        return FIXES[properties.fix][1]

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Set it, and generate from the picture that failed."""
        origin = (jobs.failure.picture if jobs.failure else None) or {}
        group = context.scene.bozzetto
        FIXES[self.fix][2](group)
        if self.fix in _SETS_ONLY:
            jobs.forget_messages()
            return {"FINISHED"}
        image, path = origin.get("image", ""), origin.get("path", "")
        if path and not image and path != bpy.path.abspath(group.filepath or "//"):
            return bpy.ops.bozzetto.generate_from_file("INVOKE_DEFAULT", filepath=path)
        if not bpy.ops.bozzetto.generate.poll():
            self.report({"INFO"}, f"Changed. {find_reason(context)}")
            return {"FINISHED"}
        return bpy.ops.bozzetto.generate("INVOKE_DEFAULT")


CLASSES = (BOZZETTO_OT_apply_fix,)
