"""The extension's preferences."""

import bpy

from ..inference.errors import BozzettoError
from ..scene import cache, runtime
from ..scene.system_report import describe_ready, find_device_note
from .lines import draw_lines
from .runtime_box import draw_box
from .weights_box import draw_weights

DEVICES = ("automatic", "cpu", "cuda", "mps", "xpu")
_COLUMNS = 90


def _apply(preferences: bpy.types.AddonPreferences, context: bpy.types.Context) -> None:
    """A changed limit holds for the worker that is there already."""
    runtime.apply_preferences()


class BozzettoPreferences(bpy.types.AddonPreferences):
    """What belongs to the machine, not to the file."""

    bl_idname = __package__.rpartition(".")[0]

    worker_python: bpy.props.StringProperty(
        name="Python",
        description="Interpreter of an environment with torch, made by hand; empty: the one above",
        subtype="FILE_PATH",
    )
    torch_build: bpy.props.EnumProperty(
        name="Torch",
        description="Which build of torch Set Up downloads",
        items=(
            ("automatic", "Automatic", "CUDA where an NVIDIA driver is found, otherwise CPU"),
            ("cpu", "CPU", "About 1.2 GB on the disk"),
            ("cuda", "CUDA", "For NVIDIA cards: several times as large"),
        ),
        default="automatic",
    )
    base_python: bpy.props.StringProperty(
        name="Made from",
        description="Python 3.11 or 3.12 to set up with; empty: Blender's own or one that is found",
        subtype="FILE_PATH",
    )
    device: bpy.props.StringProperty(
        name="Device",
        description="Device of torch, such as cpu, cuda or mps; automatic takes the fastest. "
        "Where it is not there, the processor is used and you are told",
        default="automatic",
        search=lambda self, context, text: list(DEVICES),
        search_options={"SUGGESTION"},
    )
    memory_limit: bpy.props.FloatProperty(
        name="Memory Limit (GB)",
        description="What the network's process may take of the computer's memory; 0: no limit. "
        "A generation that needs more ends with a message. A graphics card's memory is not limited",
        default=0.0,
        min=0.0,
        soft_max=64.0,
        precision=1,
        update=_apply,
    )
    idle_minutes: bpy.props.FloatProperty(
        name="Release Memory After (min)",
        description="Minutes without work after which the network's memory is given back; 0: never",
        default=10.0,
        min=0.0,
        soft_max=120.0,
        precision=1,
        update=_apply,
    )
    use_drop: bpy.props.BoolProperty(
        name="Pictures Dropped into the 3D View Become Base Meshes",
        description="Off: Blender makes an image empty of them, as without this extension",
        default=True,
    )

    def draw(self, context: bpy.types.Context) -> None:
        """The runtime, what it may take, the weights, the files, and a report of it all."""
        layout = self.layout
        layout.use_property_split = True
        draw_box(layout, self)
        layout.prop(self, "worker_python")
        _draw_interpreter(layout)
        column = layout.column()
        column.prop(self, "device")
        if note := find_device_note():
            draw_lines(column, note, icon="INFO", columns=_COLUMNS)
        column.prop(self, "memory_limit")
        column.prop(self, "idle_minutes")
        column.prop(self, "use_drop")
        header, body = layout.panel("BOZZETTO_preferences_weights")
        header.label(text="Weights")
        if body is not None:
            draw_weights(body)
        header, body = layout.panel("BOZZETTO_preferences_files", default_closed=True)
        header.label(text="Files")
        if body is not None:
            _draw_files(body)
        layout.operator("bozzetto.copy_system_report", icon="COPYDOWN")


def _draw_interpreter(layout: bpy.types.UILayout) -> None:
    """Which Python is in use, and what a warm worker says of itself."""
    try:
        python = runtime.find_worker_python()
    except BozzettoError as error:
        layout.label(text=error.message, icon="ERROR")
        layout.label(text=error.fix)
        return
    layout.label(text=f"In use: {python}", icon="CHECKMARK")
    queue = runtime.find_queue()
    ready = queue.ready if queue is not None else None
    row = layout.row()
    text = describe_ready(ready).capitalize() if ready else "Not running; it starts when needed"
    row.label(text=text, icon="PLAY" if ready else "PAUSE")
    row.operator("bozzetto.release", icon="TRASH")


def _draw_files(layout: bpy.types.UILayout) -> None:
    folder = cache.find_folder()
    if folder is None:
        layout.label(text="Only an installed extension has a folder of its own", icon="INFO")
        return
    draw_lines(layout, f"Folder: {folder}", icon="FILE_FOLDER", columns=_COLUMNS)
    layout.label(text=f"Cache (downloads kept for another try): {cache.measure() / 1e6:.0f} MB")
    row = layout.row()
    row.operator("bozzetto.open_folder", icon="FILE_FOLDER")
    row.operator("bozzetto.clear_cache", icon="TRASH")


CLASSES = (BozzettoPreferences,)
