"""Everything about this machine and this Blender that helps whoever is asked for help."""

from __future__ import annotations

import platform
import sys

import bpy

from ..inference.errors import BozzettoError
from ..inference.settings import GenerateSettings
from . import runtime, runtime_setup, weights
from .error_report import find_version
from .private_paths import hide_paths


def make_system_report(settings: GenerateSettings | None, errors: tuple[str, ...] = ()) -> str:
    """Versions, worker, device, weights, preferences, settings and the last errors, as text.

    Of the artist's own folders it tells nothing: paths are cut to their last name.
    """
    lines = [
        f"Bozzetto {find_version()}, Blender {bpy.app.version_string}",
        f"System: {platform.platform()}, {platform.machine()}",
        f"Blender's Python: {sys.version.split()[0]}, online access: {bpy.app.online_access}",
        f"Worker's Python: {describe_worker()}",
        f"Preferences: {describe_preferences()}",
        "Weights:",
    ]
    for item in weights.list_weights():
        condition = weights.find_condition(item).value
        lines.append(f"  {item.name}: {condition}, {item.size} bytes, sha256 {item.sha256[:12]}")
    if settings is not None:
        lines.append(f"Settings: {settings.to_dict()}")
    for error in errors:
        lines += ["", "Last error:", error]
    return hide_paths("\n".join(lines))


def describe_worker() -> str:
    """Which interpreter, its versions and device, and whether a worker is warm, as one line."""
    try:
        words = [str(runtime.find_worker_python())]
    except BozzettoError as error:
        words = [error.message]
    if runtime.is_named_by_hand():
        words.append("named by hand")
    elif record := runtime_setup.find_status().record:
        words.append(runtime_setup.describe_record(record))
    queue = runtime.find_queue()
    if queue is not None and queue.ready:
        words.append(describe_ready(queue.ready))
    return "; ".join(words)


def describe_ready(ready: dict) -> str:
    """A warm worker's own words on its versions and device."""
    words = [f"Python {ready.get('python', '?')}", f"torch {ready.get('torch', '?')}"]
    return f"running: {', '.join(words)}, device {ready.get('device', '?')}"


def find_device_note() -> str:
    """What to know when the device that the preferences name is not there; else empty."""
    preferences = runtime.find_preferences()
    wanted = (preferences.device if preferences else "").partition(":")[0]
    if wanted in ("", "automatic", "cpu"):
        return ""
    queue = runtime.find_queue()
    known = (queue.ready or {}).get("device") if queue is not None else None
    if known is None and not runtime.is_named_by_hand():
        known = runtime_setup.find_status().record.get("device")
    if known is None or str(known).partition(":")[0] == wanted:
        return ""
    return f"There is no {wanted} here; the processor will be used, and the result says so."


def describe_preferences() -> str:
    """The preferences that decide how something is computed, as one line."""
    preferences = runtime.find_preferences()
    if preferences is None:
        return "none"
    return (
        f"device {preferences.device or 'automatic'}, torch build {preferences.torch_build}, "
        f"memory limit {preferences.memory_limit:g} GB, "
        f"idle release {preferences.idle_minutes:g} min"
    )
