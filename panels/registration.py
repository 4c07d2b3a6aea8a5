"""What Blender is told when the extension is enabled, and untold when it is disabled."""

import atexit

import bpy

from .. import cli
from ..operators import (
    batch,
    batch_handle,
    control,
    export,
    fixes,
    generate,
    insert_result,
    jobs,
    lods,
    matte,
    reports,
    setup,
    sources,
    weights,
)
from ..operators import compare as comparing
from ..operators import history as past
from ..scene import thumbnails
from . import compare, history, image_editor, main, menus, preferences, properties, weights_box

MODULES = (
    *(properties, preferences, insert_result, generate, batch, control, fixes, setup),
    *(weights, reports, weights_box, sources, matte, past, comparing),
    *(export, lods, menus, main, image_editor, compare, history),
)
_registered = False
_command: object = None


def register() -> None:
    """Register everything; on an error nothing stays registered."""
    global _registered, _command
    _registered = True
    try:
        for module in MODULES:
            for cls in module.CLASSES:
                bpy.utils.register_class(cls)
        bpy.types.Scene.bozzetto = bpy.props.PointerProperty(type=properties.BozzettoSettings)
        menus.append()
        for handlers in _find_handler_lists():
            handlers.append(stop_jobs)
        atexit.register(unregister)  # Blender as a module hangs at exit otherwise
        _command = bpy.utils.register_cli_command("bozzetto", cli.run)
    except BaseException:
        unregister()
        raise


def unregister() -> None:
    """Stop jobs and worker, then take back all that was registered. Safe to call again."""
    global _registered, _command
    if not _registered:
        return
    _registered = False
    setup.stop()
    weights.stop()
    batch_handle.forget_batches()
    jobs.stop()
    if _command is not None:
        bpy.utils.unregister_cli_command(_command)
        _command = None
    for handlers in _find_handler_lists():
        if stop_jobs in handlers:
            handlers.remove(stop_jobs)
    atexit.unregister(unregister)
    menus.remove()
    thumbnails.close()
    if hasattr(bpy.types.Scene, "bozzetto"):
        del bpy.types.Scene.bozzetto
    for module in reversed(MODULES):
        for cls in reversed(module.CLASSES):
            if cls.is_registered:
                bpy.utils.unregister_class(cls)


@bpy.app.handlers.persistent
def stop_jobs(*_arguments: object) -> None:
    """Before another file is opened, or Blender quits: jobs belong to the file that is left."""
    batch_handle.forget_batches()
    jobs.stop()


def _find_handler_lists() -> list[list]:
    names = ("load_pre", "exit_pre")  # exit_pre: Blender 5.2 and later
    lists = [getattr(bpy.app.handlers, name, None) for name in names]
    return [handlers for handlers in lists if handlers is not None]
