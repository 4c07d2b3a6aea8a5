"""Enabling and disabling leave Blender as it was."""

import multiprocessing
import os
import subprocess
import sys
import threading

import bpy
import pytest
from blender_helpers import PACKAGE, disable, enable, part

HANDLERS = ("load_pre", "load_post", "save_pre", "undo_post", "redo_post", "exit_pre")


def count_entries(menu):
    return len(getattr(bpy.types, menu)._dyn_ui_initialize())


def take_stock():
    handlers = {
        name: len(getattr(bpy.app.handlers, name))
        for name in HANDLERS
        if hasattr(bpy.app.handlers, name)
    }
    return {
        "types": {name for name in dir(bpy.types) if "ozzetto" in name.lower()},
        "operators": {name for name in dir(bpy.ops) if "bozzetto" in name},
        "properties": {"bozzetto"} & set(bpy.types.Scene.bl_rna.properties.keys()),
        "handlers": handlers,
        "menus": {name: count_entries(name) for name, _ in part("panels.menus").MENUS},
        "thumbnails": part("scene.thumbnails").count(),
        "threads": {thread.name for thread in threading.enumerate() if "bozzetto" in thread.name},
        "children": len(multiprocessing.active_children()),
    }


@pytest.mark.usefixtures("fake_worker")
def test_disabling_leaves_nothing(picture):
    enabled = take_stock()
    bpy.ops.bozzetto.generate_from_file(filepath=str(picture()))
    bpy.context.scene.bozzetto.filepath = str(picture())
    bpy.ops.bozzetto.preview_cut()
    assert part("scene.thumbnails").has("matte")
    pid = part("scene.runtime").find_queue().pid
    jobs = part("operators.jobs")
    disable()
    try:
        disabled = take_stock()
        assert not disabled["types"]
        assert not disabled["properties"]
        assert not disabled["threads"]
        assert not bpy.app.timers.is_registered(jobs.pump)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert sum(enabled["handlers"].values()) > sum(disabled["handlers"].values())
        for name, entries in enabled["menus"].items():
            assert entries == disabled["menus"][name] + 1, name
        assert disabled["thumbnails"] == 0
        assert part("scene.matte_preview").preview is None
    finally:
        enable()
    again = take_stock()
    assert again == {**enabled, "threads": set(), "thumbnails": 0}


def test_failed_registration_leaves_nothing(monkeypatch):
    disable()
    before = take_stock()
    registration = part("panels.registration")

    def fail(*_):
        raise ValueError("no")

    with monkeypatch.context() as patch:
        patch.setattr(registration.atexit, "register", fail)
        with pytest.raises(ValueError, match="no"):
            registration.register()
    assert take_stock() == before
    enable()


def test_importing_it_registers_nothing():
    """The packages are used outside Blender: the root imports nothing by itself."""
    code = f"import sys; sys.path[:0] = {sys.path!r}; import {PACKAGE}; print('bpy' in sys.modules)"
    if PACKAGE.startswith("bl_ext."):
        return  # only Blender can import it by that name
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.stdout.strip() == "False"


def test_blender_s_process_ends_with_handlers_registered(tmp_path):
    """Blender as a module hangs at exit if a handler is left registered."""
    if PACKAGE.startswith("bl_ext."):
        return  # the other package name tests it
    code = "import bpy, bozzetto; bozzetto.register(); print('up', flush=True)"
    environment = {**os.environ, "BLENDER_USER_RESOURCES": str(tmp_path)}
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60
    )
    assert "up" in answer.stdout
    assert answer.returncode == 0


def test_manifest_is_what_blender_wants():
    assert part("scene.error_report").find_version()[0].isdigit()


def test_missing_interpreter_is_said_before_the_click(monkeypatch, tmp_path):
    runtime = part("scene.runtime")
    monkeypatch.delenv("BOZZETTO_WORKER_PYTHON")
    with pytest.raises(part("inference.errors").WorkerError) as caught:
        runtime.find_worker_python()
    assert "preferences" in caught.value.fix
    assert not bpy.ops.bozzetto.generate_from_file.poll()
    monkeypatch.setenv("BOZZETTO_WORKER_PYTHON", str(tmp_path / "none"))
    with pytest.raises(part("inference.errors").WorkerError, match="not there"):
        runtime.find_worker_python()


def test_preference_comes_before_the_variable():
    preferences = bpy.context.preferences.addons[PACKAGE].preferences
    preferences.worker_python = sys.executable
    try:
        assert str(part("scene.runtime").find_worker_python()) == sys.executable
    finally:
        preferences.worker_python = ""
    named = part("scene.runtime").find_worker_python()
    assert str(named) == os.environ["BOZZETTO_WORKER_PYTHON"]


class FakeContext:
    def __init__(self, area):
        self.area = type("Area", (), {"type": area})()


def test_pictures_are_dropped_into_the_3d_view_only(picture):
    handler = part("panels.menus").BOZZETTO_FH_image
    assert handler.is_registered
    assert {".png", ".jpg", ".webp"} <= set(handler.bl_file_extensions.split(";"))
    assert handler.poll_drop(FakeContext("VIEW_3D"))
    assert not handler.poll_drop(FakeContext("IMAGE_EDITOR"))
    preferences = bpy.context.preferences.addons[PACKAGE].preferences
    preferences.use_drop = False
    try:
        assert not handler.poll_drop(FakeContext("VIEW_3D"))
    finally:
        preferences.use_drop = True


@pytest.mark.usefixtures("fake_worker")
def test_drop_calls_the_operator_with_the_file(picture):
    """What Blender does when a picture is dropped."""
    module, name = part("panels.menus").BOZZETTO_FH_image.bl_import_operator.split(".")
    operator = getattr(getattr(bpy.ops, module), name)
    assert operator("INVOKE_DEFAULT", filepath=str(picture("dropped"))) == {"FINISHED"}
    assert "dropped" in bpy.data.objects
    assert bpy.context.scene.bozzetto.filepath == ""
