"""What the commands without a window write: reports and files."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bpy

from .scene.error_report import find_version
from .scene.export import FORMATS, export_objects
from .scene.record import read_record


@contextlib.contextmanager
def messages_on_stderr() -> Iterator[None]:
    """What Blender prints goes to stderr meanwhile: stdout holds the report alone."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        library = ctypes.cdll.ucrtbase if sys.platform == "win32" else ctypes.CDLL(None)
        library.fflush(None)  # Blender prints through C's buffer
        os.dup2(kept, 1)
        os.close(kept)


def make_report(item: bpy.types.Object, seconds: float) -> dict[str, Any]:
    """What was made and how, in plain JSON types. seconds: whole time, start of worker included."""
    bpy.context.view_layer.update()  # dimensions are the evaluated object's
    record = read_record(item)
    info = record["info"]
    return {
        "bozzetto": find_version(),
        "blender": bpy.app.version_string,
        "object": item.name,
        "picture": record["picture"],
        "settings": record["settings"],
        "shape": record["shape"],
        "seed": record["seed"],
        "engine": record["engine"],
        "weights_hash": record["weights_hash"],
        "timings": {**info.get("timings", {}), "total": round(seconds, 3)},
        "mesh": {
            "vertices": len(item.data.vertices),
            "faces": len(item.data.polygons),
            "dimensions": [round(length, 5) for length in item.dimensions],
        },
        "info": info,
    }


def _write_blend(path: Path, item: bpy.types.Object, report: dict[str, Any]) -> None:
    bpy.ops.wm.save_as_mainfile(filepath=str(path.absolute()), copy=True, check_existing=False)


def _write_mesh(path: Path, item: bpy.types.Object, report: dict[str, Any]) -> None:
    export_objects([item], path.absolute())


def _write_json(path: Path, item: bpy.types.Object, report: dict[str, Any]) -> None:
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


WRITERS: dict[str, Callable[[Path, bpy.types.Object, dict[str, Any]], None]] = {
    ".blend": _write_blend,
    **{f".{suffix}": _write_mesh for suffix in FORMATS},
    ".json": _write_json,
}
"""What writes a file with that ending: its path, the object, its report. Raise ExportError,
OSError or RuntimeError."""
