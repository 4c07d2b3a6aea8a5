"""The extension's preferences."""

import bpy

from ..inference.errors import BozzettoError
from ..scene import runtime


class BozzettoPreferences(bpy.types.AddonPreferences):
    """What belongs to the machine, not to the file."""

    bl_idname = __package__.rpartition(".")[0]

    worker_python: bpy.props.StringProperty(
        name="Python",
        description="Python interpreter of an environment that has torch; it runs the network",
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
