"""The scene's settings: one property group that mirrors GenerateSettings."""

from typing import Any

import bpy

from ..inference import settings as inference
from ..operators import jobs
from ..operators.insert_result import LOCATION
from ..operators.shape_properties import (
    DELIGHT,
    FACE_BUDGET,
    NAMES,
    SMOOTHING,
    TEXTURE,
    TOPOLOGY,
    write_shape,
)
from ..scene import matte_preview

_CATEGORIES = tuple(
    (name, name.capitalize(), "The network decides" if name == inference.AUTOMATIC else "")
    for name in inference.CATEGORIES
)
_ENGINES = {
    "pixel": ("Pixel-Aligned", "Any object, true to the picture's outline"),
    "imnet": ("IM-NET", "A usual shape of the object's class, whole from all sides"),
    "triposr": ("TripoSR", "Any object, by a large network whose weights are downloaded first"),
}
_RESOLUTIONS = (
    ("64", "Draft (64)", "Fewest faces, fastest"),
    ("128", "Standard (128)", "A good base mesh"),
    ("256", "Fine (256)", "Four times the faces of Standard"),
    ("512", "Very Fine (512)", "Sixteen times the faces of Standard"),
)
_BACKGROUNDS = (
    ("automatic", "Automatic", "Use the picture's transparency, else cut the object out"),
    ("keep", "Keep", "The whole picture is the object, unless it is transparent"),
    ("remove", "Remove", "Cut the object out even if the picture is transparent"),
)
_FACINGS = (
    ("automatic", "Automatic", "The network decides; unsure, the side that is seen is the front"),
    ("toward", "Toward Us", "The picture shows the front"),
    ("toward_left", "Toward Us, Left", "The front points to us and to the left"),
    ("left", "Left", "The front points to the left of the picture"),
    ("away_left", "Away, Left", "The front points away from us and to the left"),
    ("away", "Away", "The picture shows the back"),
    ("away_right", "Away, Right", "The front points away from us and to the right"),
    ("right", "Right", "The front points to the right of the picture"),
    ("toward_right", "Toward Us, Right", "The front points to us and to the right"),
)
_SYMMETRIES = (
    ("automatic", "Automatic", "Where that helps such objects and the shape agrees"),
    ("on", "On", "The side that the picture shows completes the other one"),
    ("off", "Off", "Only what the network makes of the picture"),
)
_SUBJECTS = (
    ("automatic", "Automatic", "All that a transparent picture shows, else the largest object"),
    ("largest", "Largest", "The object with the most pixels"),
    ("central", "Central", "The object nearest to the picture's middle"),
    ("point", "At Point", "The object at the point below, even where others stand out more"),
)


class BozzettoHistoryEntry(bpy.types.PropertyGroup):
    """One generation of the file; `scene.history` fills it. `name` is that of its object."""

    identity: bpy.props.StringProperty(description="Of the generation; its object's record has it")
    engine: bpy.props.StringProperty()
    category: bpy.props.StringProperty()
    seed: bpy.props.IntProperty()
    when: bpy.props.StringProperty(description="Local time")
    seconds: bpy.props.FloatProperty(description="Seconds that it took")
    record: bpy.props.StringProperty(description="Settings, picture and shape, as JSON")
    thumbnail: bpy.props.StringProperty(description="The object as it was cut out")


def _note_change(group: bpy.types.PropertyGroup, context: bpy.types.Context) -> None:
    """The shown preview of the cut follows picture and settings."""
    if matte_preview.preview is None or group != context.scene.bozzetto:
        return
    if matte_preview.refresh(find_chosen(group), read_settings(group)):
        jobs.start_pump()


class BozzettoSettings(bpy.types.PropertyGroup):
    """Everything that the panel shows and a generation depends on."""

    image: bpy.props.PointerProperty(
        name="Picture",
        description="Image that shows one whole object",
        type=bpy.types.Image,
        update=_note_change,
    )
    filepath: bpy.props.StringProperty(
        name="File",
        description="Picture file, used when no image is chosen",
        subtype="FILE_PATH",
        update=_note_change,
    )
    engine: bpy.props.EnumProperty(
        name="Engine",
        description="The network that makes the shape",
        items=tuple((name, *_ENGINES[name]) for name in inference.ENGINES),
        default=inference.ENGINES[0],
    )
    category: bpy.props.EnumProperty(
        name="Class",
        description="What kind of object the picture shows",
        items=_CATEGORIES,
        default=inference.AUTOMATIC,
    )
    resolution: bpy.props.EnumProperty(
        name="Detail",
        description="How finely the surface is sampled",
        items=_RESOLUTIONS,
        default="128",
    )
    seed: bpy.props.IntProperty(
        name="Seed",
        description="The same seed, settings and picture give the same mesh",
        default=0,
        min=0,
        max=2**31 - 1,
    )
    background: bpy.props.EnumProperty(
        name="Background",
        description="How the object is cut out of the picture",
        items=_BACKGROUNDS,
        default="automatic",
        update=_note_change,
    )
    facing: bpy.props.EnumProperty(
        name="Facing",
        description="Where the object's front points in the picture",
        items=_FACINGS,
        default="automatic",
    )
    symmetry: bpy.props.EnumProperty(
        name="Symmetry",
        description="Whether left and right mirror each other; completes the hidden side",
        items=_SYMMETRIES,
        default="automatic",
    )
    subject: bpy.props.EnumProperty(
        name="Object",
        description="Which object becomes a mesh when the picture shows several",
        items=_SUBJECTS,
        default="automatic",
        update=_note_change,
    )
    point: bpy.props.FloatVectorProperty(
        name="Point",
        description="Place of the object: right and down from the picture's top left corner, "
        "as parts of its width and height",
        size=2,
        default=(0.5, 0.5),
        min=0.0,
        max=1.0,
        step=1,
        precision=2,
        update=_note_change,
    )
    size: bpy.props.FloatProperty(
        name="Size (m)",
        description="Length of the longest side in metres; 0 gives the usual size of such objects",
        default=0.0,
        min=0.0,
        max=10_000.0,
        precision=3,
    )
    checkpoint: bpy.props.StringProperty(
        name="Checkpoint",
        description="Weights to use instead of the engine's bundled or installed ones",
        subtype="FILE_PATH",
    )
    device: bpy.props.StringProperty(
        name="Device",
        description="Device of torch for this file; automatic asks the extension's preferences",
        default=inference.AUTOMATIC,
    )
    topology: bpy.props.EnumProperty(**TOPOLOGY)
    face_budget: bpy.props.IntProperty(**FACE_BUDGET)
    smooth_angle: bpy.props.FloatProperty(**SMOOTHING)
    texture: bpy.props.EnumProperty(**TEXTURE)
    delight: bpy.props.FloatProperty(**DELIGHT)
    location: bpy.props.EnumProperty(**LOCATION)
    frame: bpy.props.BoolProperty(
        name="Frame the Result",
        description="Move the view to the new object, unless you have turned to something else",
        default=True,
    )
    history: bpy.props.CollectionProperty(type=BozzettoHistoryEntry)
    history_index: bpy.props.IntProperty(name="Generation", description="What the buttons act on")


def find_chosen(group: bpy.types.PropertyGroup) -> bpy.types.Image | str:
    """The picture that the panel shows: an image, a path, or an empty text."""
    return group.image if group.image is not None else group.filepath


def write_settings(
    group: bpy.types.PropertyGroup,
    settings: inference.GenerateSettings,
    shape: dict[str, Any] | None = None,
) -> None:
    """Show these settings in the panel; the device stays what it is here.

    shape: of a record.
    """
    for name in ("engine", "category", "background", "facing", "symmetry", "subject", "point"):
        setattr(group, name, getattr(settings, name))
    detail = min(
        (int(item[0]) for item in _RESOLUTIONS), key=lambda n: abs(n - settings.resolution)
    )
    group.resolution = str(detail)
    group.seed, group.size = settings.seed, settings.size
    group.checkpoint = settings.checkpoint
    for name, value in write_shape(shape or {}).items():
        if name != "size":  # that is the settings'
            setattr(group, name, value)


def read_settings(group: bpy.types.PropertyGroup) -> inference.GenerateSettings:
    """The settings of a generation, as the panel shows them. Raises SettingsError."""
    return inference.GenerateSettings(
        engine=group.engine,
        category=group.category,
        resolution=int(group.resolution),
        seed=group.seed,
        background=group.background,
        facing=group.facing,
        symmetry=group.symmetry,
        subject=group.subject,
        point=tuple(round(value, 6) for value in group.point),
        size=group.size,
        checkpoint=bpy.path.abspath(group.checkpoint) if group.checkpoint else "",
        device=group.device or inference.AUTOMATIC,
    )


def read_insertion(group: bpy.types.PropertyGroup) -> dict[str, Any]:
    """Properties for `bozzetto.insert_result`."""
    shape = {name: getattr(group, name) for name in NAMES if name != "size"}
    return {**shape, "location": group.location, "frame": group.frame}


CLASSES = (BozzettoHistoryEntry, BozzettoSettings)
