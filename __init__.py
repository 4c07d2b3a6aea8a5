"""Bozzetto: one picture becomes an editable base mesh.

Nothing is imported at module level: the worker process and the tools use the same packages outside
Blender, where bpy does not exist.
"""


def register() -> None:
    """Called by Blender when the extension is enabled."""
    from .panels import registration

    registration.register()


def unregister() -> None:
    """Called by Blender when the extension is disabled; stops jobs and worker first."""
    from .panels import registration

    registration.unregister()
