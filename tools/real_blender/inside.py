"""What runs in Blender's own process: the steps, and the hands and eyes that they use.

    blender … --python inside.py -- STEPS.py OUT PARAMETERS

STEPS.py defines `steps(ui)`, a generator. Every `yield SECONDS` gives control back to Blender's
event loop for that long, so the window lives on; nothing here waits in another way. Steps record
facts with `ui.record`; whoever started the run judges them.
"""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import bpy

Steps = Generator[float, None, Any]
ROW = 14  # pixels between rows of points; a button is 20 high
PREVIEW = 170  # pixels; a picture's preview has no command or data path


class Heartbeat:
    """A timer that asks for a redraw every 0.1 s, notes how late it comes, and may watch a value.

    watched: value of `watch()` at every beat.
    """

    interval = 0.1

    def __init__(self, watch: Callable[[], Any] | None = None) -> None:
        self.gaps: list[float] = []
        self.watched: list[Any] = []
        self._watch = watch
        self._last = time.monotonic()
        self._stopped = False
        bpy.app.timers.register(self._beat, first_interval=self.interval, persistent=True)

    def _beat(self) -> float | None:
        now = time.monotonic()
        self.gaps.append(now - self._last)
        self._last = now
        if self._stopped:
            return None
        if self._watch is not None:
            self.watched.append(self._watch())
        for window in bpy.context.window_manager.windows:
            for area in window.screen.areas:
                if area.type == "VIEW_3D":
                    area.tag_redraw()
        return self.interval

    def stop(self) -> float:
        """Let it end; the largest gap in seconds, the one that is still open included."""
        self._stopped = True
        return max([*self.gaps, time.monotonic() - self._last])


class UI:
    """The window as an artist has it: pointer, keys, screenshots; and facts for the judge."""

    def __init__(self, out: Path, parameters: dict[str, Any]) -> None:
        self.out = out
        self.parameters = parameters
        self.facts: dict[str, Any] = {"version": bpy.app.version_string, "finished": False}
        self._begin = time.monotonic()
        self.pointer = (0, 0)  # where it was put last, as `move` counts
        self.editor = "VIEW_3D"  # whose sidebar is looked at, and where the pointer rests
        self._shots = 0
        self._known_places: dict[str, tuple[int, int]] = {}

    def log(self, *words: object) -> None:
        """One line with the time into blender.log."""
        print(f"UI {time.monotonic() - self._begin:6.2f}", *words, flush=True)

    def record(self, name: str, value: object) -> None:
        """Note a fact (JSON) for the tests; written at once, as Blender may be killed next."""
        self.facts[name] = value
        self.log(name, "=", value)
        (self.out / "facts.json").write_text(json.dumps(self.facts))

    def start_heartbeat(self, watch: Callable[[], Any] | None = None) -> Heartbeat:
        """Note from now on how late Blender's timers come, and what `watch()` says at each."""
        return Heartbeat(watch)

    # --- the outer world -----------------------------------------------------------------

    def _run(self, *command: object) -> Steps:
        process = subprocess.Popen([str(word) for word in command])
        while process.poll() is None:
            yield 0.02
        if process.returncode:
            raise RuntimeError(f"{command} ended with {process.returncode}")

    def shot(self, name: str) -> Steps:
        """Photograph the screen: bpy.ops.screen.screenshot() is black under Xvfb."""
        self._shots += 1
        path = self.out / f"{self._shots:02d}_{name}.png"
        yield from self._run("import", "-window", "root", path)
        self.log("screenshot", path.name)

    def move(self, x: float, y: float) -> Steps:
        """Pointer to Blender's window pixel (x, y), counted from the lower left corner."""
        window = bpy.context.window_manager.windows[0]
        self.pointer = (round(x), round(y))
        for offset in (1, 0):  # a button takes clicks only under a pointer that moved over it
            yield from self._run(
                "xdotool", "mousemove", round(x) + offset, window.height - 1 - round(y)
            )
            yield 0.1

    def click(self, x: float, y: float) -> Steps:
        """Move there and click."""
        yield from self.move(x, y)
        yield from self.press_button()

    def press_button(self) -> Steps:
        """Click where the pointer is."""
        yield from self._run("xdotool", "mousedown", 1)
        yield 0.08
        yield from self._run("xdotool", "mouseup", 1)
        yield 0.25

    def scroll_down(self, x: float, y: float, notches: int = 8) -> Steps:
        """Turn the wheel over a place; buttons are elsewhere afterwards."""
        yield from self.move(x, y)
        yield from self._run("xdotool", "click", "--repeat", notches, "--delay", 40, 5)
        self._known_places.clear()
        yield 0.4

    def key(self, name: str) -> Steps:
        """Press a key as xdotool names it: "n", "ctrl+z", "F9", "Return"."""
        yield from self._run("xdotool", "key", name)
        yield 0.3

    def type_text(self, text: str) -> Steps:
        """Type text."""
        yield from self._run("xdotool", "type", "--delay", 60, text)
        yield 0.2

    def wait(self, condition: Callable[[], bool], limit: float = 30.0) -> Steps:
        """Wait until the condition holds; it is returned whether it did within the limit."""
        end = time.monotonic() + limit
        while not condition():
            if time.monotonic() > end:
                return False
            yield 0.05
        return True

    # --- Blender's window ----------------------------------------------------------------

    def area(self, kind: str) -> bpy.types.Area:
        """First area of a type, such as VIEW_3D."""
        window = bpy.context.window_manager.windows[0]
        return next(area for area in window.screen.areas if area.type == kind)

    def region(self, area_kind: str, kind: str) -> bpy.types.Region:
        """First region of a type in the first area of a type."""
        return next(region for region in self.area(area_kind).regions if region.type == kind)

    def open_sidebar(self, category: str) -> Steps:
        """Show the editor's sidebar at a tab; its region."""
        area = self.area(self.editor)
        area.spaces.active.show_region_ui = True
        yield 0.5  # tabs exist once the region was drawn
        self.region(self.editor, "UI").active_panel_category = category
        area.tag_redraw()
        yield 0.5
        return self.region(self.editor, "UI")

    def rest_pointer(self) -> Steps:
        """Pointer to the middle of the editor: no tooltip, keys go to the view."""
        region = self.region(self.editor, "WINDOW")
        yield from self.move(region.x + region.width * 0.4, region.y + region.height * 0.55)
        yield 0.2

    def button_under_pointer(self, region_kind: str = "UI") -> str:
        """What the button under the pointer is: "bpy.ops.x.y()", a data path, or ""."""
        window = bpy.context.window_manager.windows[0]
        area, region = self.area(self.editor), self.region(self.editor, region_kind)
        manager = bpy.context.window_manager
        with bpy.context.temp_override(window=window, area=area, region=region):
            for copy, arguments in (
                (bpy.ops.ui.copy_python_command_button, {}),
                (bpy.ops.ui.copy_data_path_button, {"full_path": True}),
            ):
                if not copy.poll():
                    continue
                manager.clipboard = ""
                copy(**arguments)
                if manager.clipboard:
                    return manager.clipboard
        return ""

    def find_button(self, text: str, near: str = "", region_kind: str = "UI") -> Steps:
        """Move over the region until the button under the pointer has `text` in its command.

        There is no API for a button's position. near: a button found earlier, where to begin.
        The pointer stays there: True when found.
        """
        known = self._known_places.get(text) or self._known_places.get(near)
        for place in self._places(region_kind, known):
            yield from self._hover(*place)
            if text in self.button_under_pointer(region_kind):
                self._known_places[text] = place
                return True
        return False

    def known_place(self, text: str) -> tuple[int, int]:
        """Where `find_button` found that button. Raises KeyError."""
        return self._known_places[text]

    def list_buttons(self, region_kind: str = "UI") -> Steps:
        """Distinct buttons down the middle of the region, from the top.

        Ends where nothing was found for longer than a picture's preview is high.
        """
        found: list[str] = []
        last = None
        for x, y in self._places(region_kind, columns=(0.5,)):
            yield from self._hover(x, y)
            button = self.button_under_pointer(region_kind)
            if button:
                last = y
            if button and button not in found:
                found.append(button)
            if last is not None and last - y > PREVIEW:
                break
        return found

    def set_number(self, old: str, new: str, region_kind: str) -> Steps:
        """Copy `new` onto the number field that shows `old`, by Ctrl-C and Ctrl-V over it.

        It works for an operator's properties too, which have no data path. True when done.
        """
        manager = bpy.context.window_manager
        for place in self._places(region_kind):
            manager.clipboard = ""
            yield from self._hover(*place)
            yield from self.key("ctrl+c")
            if _are_equal(manager.clipboard, old):
                manager.clipboard = new
                yield from self.key("ctrl+v")
                return True
        return False

    def click_button(self, text: str, region_kind: str = "UI") -> Steps:
        """Find a button of the sidebar and click it with the real pointer. Raises LookupError."""
        if not (yield from self.find_button(text, region_kind=region_kind)):
            raise LookupError(f"no button with {text!r} in the region {region_kind}")
        yield from self.press_button()

    def _hover(self, x: int, y: int) -> Steps:
        self.pointer = (x, y)
        row = bpy.context.window_manager.windows[0].height - 1 - y
        yield from self._run("xdotool", "mousemove", x, row - 1, "mousemove", x, row)
        yield 0.06

    def _places(
        self,
        region_kind: str,
        first: tuple[int, int] | None = None,
        columns: tuple[float, ...] = (0.5, 0.8, 0.15),
    ) -> list[tuple[int, int]]:
        """Points that meet every button of usual height: columns (shares), each from the top.

        With `first`, that point, then the rows by their distance from it.
        """
        region = self.region(self.editor, region_kind)
        rows = list(range(region.y + region.height - 8, region.y + 4, -ROW))
        if first:
            rows.sort(key=lambda y: abs(y - first[1]))
        places = [(region.x + round(region.width * share), y) for share in columns for y in rows]
        return ([first] if first else []) + places


def _are_equal(one: str, other: str) -> bool:
    """Whether two texts are the same, or the same number."""
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other


def _prepare_preferences() -> None:
    preferences = bpy.context.preferences
    preferences.view.show_splash = False
    preferences.view.filebrowser_display_type = "SCREEN"  # there is no window manager
    preferences.view.ui_scale = 1.0
    preferences.use_preferences_save = False


def main(steps_file: str, out: str, parameters: str) -> None:
    """Prepare the window and let a timer go through the steps, then quit Blender."""
    _prepare_preferences()
    ui = UI(Path(out), json.loads(parameters))
    sys.path.insert(0, str(Path(steps_file).parent))  # steps may share modules
    running = runpy.run_path(steps_file)["steps"](ui)

    def tick() -> float | None:
        try:
            return float(next(running))
        except StopIteration:
            ui.record("finished", True)
        except Exception:
            traceback.print_exc()
            ui.record("error", traceback.format_exc())
        sys.stdout.flush()
        bpy.ops.wm.quit_blender()
        return None

    bpy.app.timers.register(tick, first_interval=1.5, persistent=True)


main(*sys.argv[sys.argv.index("--") + 1 :])
