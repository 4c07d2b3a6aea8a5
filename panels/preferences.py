"""The extension's preferences."""

import bpy

from ..inference.errors import BozzettoError
from ..scene import runtime
from .runtime_box import draw_box


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
        description="Device of torch, such as cpu, cuda or mps; automatic takes the fastest",
        default="automatic",
    )
    idle_minutes: bpy.props.FloatProperty(
        name="Release Memory After",
        description="Minutes without work after which the network's memory is given back; 0: never",
        default=10.0,
        min=0.0,
        soft_max=120.0,
        precision=1,
    )
    use_drop: bpy.props.BoolProperty(
        name="Pictures Dropped into the 3D View Become Base Meshes",
        description="Off: Blender makes an image empty of them, as without this extension",
        default=True,
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Show the properties and which interpreter is used."""
        layout = self.layout
        layout.use_property_split = True
        draw_box(layout, self)
        layout.prop(self, "worker_python")
        try:
            python = runtime.find_worker_python()
        except BozzettoError as error:
            layout.label(text=error.message, icon="ERROR")
            layout.label(text=error.fix)
        else:
            layout.label(text=f"In use: {python}", icon="CHECKMARK")
        layout.prop(self, "device")
        layout.prop(self, "idle_minutes")
        layout.prop(self, "use_drop")


CLASSES = (BozzettoPreferences,)
