"""Operators around the worker's own Python: set up, cancel, verify, remove, log, report."""

from __future__ import annotations

from collections.abc import Callable

import bpy

from ..inference.errors import BozzettoError, Cancelled
from ..inference.runtime.folder import State
from ..inference.runtime.tasks import Progress, Task
from ..scene import runtime, runtime_setup

INTERVAL = 0.2  # seconds between two looks at the running task


def begin(operator: bpy.types.Operator, make_task: Callable[[], Task]) -> set[str]:
    """Make a task and begin it; wait for it where there is no window. Maps errors to reports."""
    try:
        task = make_task()
        if bpy.app.background:
            operator.report({"INFO"}, runtime_setup.run(task, print_progress))
        else:
            runtime_setup.start(task)
            start_pump()
    except Cancelled as error:
        operator.report({"INFO"}, error.message)
        return {"CANCELLED"}
    except BozzettoError as error:
        runtime_setup.failure = error
        redraw()
        operator.report({"ERROR"}, str(error))
        return {"CANCELLED"}
    redraw()
    return {"FINISHED"}


def print_progress(progress: Progress) -> None:
    """One line on stdout."""
    print(f"[bozzetto] {progress.fraction:4.0%} {progress.phase}: {progress.line}", flush=True)


def start_pump() -> None:
    """See to it that somebody looks at the running task."""
    if not bpy.app.background and not bpy.app.timers.is_registered(pump):
        bpy.app.timers.register(pump, first_interval=0.0, persistent=True)


def pump() -> float | None:
    """Blender's timer: show how far the task is; None ends it."""
    running = runtime_setup.find_task() is not None and not runtime_setup.collect()
    redraw()
    return INTERVAL if running else None


def stop() -> None:
    """End the running task and the timer: the extension is disabled or Blender quits."""
    if bpy.app.timers.is_registered(pump):
        bpy.app.timers.unregister(pump)
    runtime_setup.close()


def redraw() -> None:
    """Draw the sidebars and the preferences again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            shown = {"VIEW_3D": "UI", "IMAGE_EDITOR": "UI", "PREFERENCES": "WINDOW"}.get(area.type)
            for region in area.regions:
                if region.type == shown:
                    region.tag_redraw()


class _Worked:
    """Polls of operators that need the runtime for themselves."""

    online = False

    @staticmethod
    def find_lack() -> str:
        """What the operator lacks to work on, as words for the button; empty: nothing."""
        missing = runtime_setup.find_status().state is State.MISSING
        return "No Python is set up" if missing else ""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Nothing else may run, and what it works on must be there."""
        reason = runtime_setup.find_obstacle(online=cls.online)
        reason = reason or cls.find_lack()
        if reason:
            cls.poll_message_set(reason)
        return not reason


class BOZZETTO_OT_set_up_runtime(_Worked, bpy.types.Operator):
    """Download the libraries that run the network, into a Python of the extension's own.

    What is set up already is made anew and serves until that has worked"""

    bl_idname = "bozzetto.set_up_runtime"
    bl_label = "Set Up"
    bl_options = set()
    online = True

    python: bpy.props.StringProperty(
        name="Python",
        description="Interpreter to make it from; empty: the preferences', or one that is found",
        options={"SKIP_SAVE"},
    )
    torch: bpy.props.StringProperty(
        name="Torch",
        description="automatic, cpu or cuda; empty: as the preferences say",
        options={"SKIP_SAVE"},
    )

    @staticmethod
    def find_lack() -> str:
        """It needs nothing."""
        return ""

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Begin it in the window, do it in background."""
        return begin(self, lambda: runtime_setup.make_set_up(python=self.python, torch=self.torch))


class BOZZETTO_OT_cancel_set_up(bpy.types.Operator):
    """Stop at once; what was set up before stays"""

    bl_idname = "bozzetto.cancel_set_up"
    bl_label = "Cancel"
    bl_options = set()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Something must be running."""
        return runtime_setup.find_task() is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Cancel it."""
        runtime_setup.cancel()
        return {"FINISHED"}


class BOZZETTO_OT_verify_runtime(_Worked, bpy.types.Operator):
    """Start the extension's Python and import every library"""

    bl_idname = "bozzetto.verify_runtime"
    bl_label = "Verify"
    bl_options = set()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Begin it in the window, do it in background."""
        return begin(self, runtime_setup.make_check)


class BOZZETTO_OT_remove_runtime(_Worked, bpy.types.Operator):
    """Delete the extension's Python and its libraries from the disk"""

    bl_idname = "bozzetto.remove_runtime"
    bl_label = "Remove"
    bl_options = set()

    @staticmethod
    def find_lack() -> str:
        """Something must be there, if only the downloads of a set-up that failed."""
        return "" if runtime_setup.get_folder().holds_anything() else "No Python is set up"

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Begin it in the window, do it in background."""
        return begin(self, runtime_setup.make_removal)


class BOZZETTO_OT_show_set_up_log(bpy.types.Operator):
    """Open the log of the last set-up in the system's editor"""

    bl_idname = "bozzetto.show_set_up_log"
    bl_label = "Open Log"
    bl_options = set()

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """There must be a log."""
        folder = runtime.find_runtime_folder()
        if folder is None or not folder.log.is_file():
            cls.poll_message_set("Nothing was set up yet")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Open it."""
        return bpy.ops.wm.path_open(filepath=str(runtime_setup.get_folder().log))


class BOZZETTO_OT_copy_set_up_report(bpy.types.Operator):
    """Copy state, versions, the last error and the end of the log"""

    bl_idname = "bozzetto.copy_set_up_report"
    bl_label = "Copy Report"
    bl_options = set()

    def execute(self, context: bpy.types.Context) -> set[str]:
        """To the clipboard."""
        context.window_manager.clipboard = runtime_setup.make_report()
        self.report({"INFO"}, "Report copied")
        return {"FINISHED"}


CLASSES = (
    BOZZETTO_OT_set_up_runtime,
    BOZZETTO_OT_cancel_set_up,
    BOZZETTO_OT_verify_runtime,
    BOZZETTO_OT_remove_runtime,
    BOZZETTO_OT_show_set_up_log,
    BOZZETTO_OT_copy_set_up_report,
)
