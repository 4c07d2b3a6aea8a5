"""What an artist can send when something went wrong."""

from __future__ import annotations

import platform
import tomllib
import traceback
from pathlib import Path

import bpy

from ..inference.errors import BozzettoError
from ..inference.settings import GenerateSettings
from .private_paths import hide_paths

_ROOT = Path(__file__).resolve().parents[1]


def find_version() -> str:
    """Version of the extension, from its manifest."""
    with (_ROOT / "blender_manifest.toml").open("rb") as stream:
        return tomllib.load(stream)["version"]


def format_report(error: BaseException, settings: GenerateSettings | None = None) -> str:
    """Error, fix, versions, settings and where it happened, as text to paste."""
    lines = [f"Bozzetto {find_version()}, Blender {bpy.app.version_string}, {platform.platform()}"]
    if isinstance(error, BozzettoError):
        lines += [f"{error.kind}: {error.message}", f"Fix: {error.fix}"]
    if settings is not None:
        lines.append(f"Settings: {settings.to_dict()}")
    lines += ["", "".join(traceback.format_exception(error)).strip()]
    return hide_paths("\n".join(lines))
