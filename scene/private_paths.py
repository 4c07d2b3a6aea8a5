"""Keeps an artist's folders out of a text that goes to strangers.

Folders of Blender, of the extension and of the Pythons become short tags, as they say where
something happened; of every other absolute path only the last name stays.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import bpy

from . import runtime

_ROOT = Path(__file__).resolve().parents[1]
_NAME = r"[^\s'\"<>|:;,()\[\]{}\\/]+"
# After a quote anything up to the same quote is the path; elsewhere it ends at the first blank.
_QUOTED = re.compile(
    r"(?P<quote>['\"])(?P<path>(?:~|[A-Za-z]:)?[\\/](?:(?!(?P=quote)).)+)(?P=quote)"
)
_BARE = re.compile(
    rf"(?<![\w:/.<>~\\'\"])(?P<path>(?:~|[A-Za-z]:)?[\\/](?:{_NAME}[\\/]+)+(?:{_NAME})?)"
)


def hide_paths(text: str) -> str:
    """The text with tags and names instead of absolute paths."""
    for folder, tag in _find_tags():
        for spelling in {folder, folder.replace("\\", "\\\\"), folder.replace("\\", "/")}:
            text = re.sub(re.escape(spelling) + r"(?![\w-])", lambda _, tag=tag: tag, text)
    text = _QUOTED.sub(lambda m: f"{m['quote']}{_shorten(m['path'])}{m['quote']}", text)
    return _BARE.sub(lambda m: _shorten(m["path"]), text)


def _shorten(path: str) -> str:
    names = [name for name in re.split(r"[\\/]+", path) if name]
    return f".../{names[-1]}" if names else path


def _find_tags() -> list[tuple[str, str]]:
    """Folders and their tags, the deepest first."""
    tags = {
        str(_ROOT): "<extension>",
        sys.prefix: "<blender's python>",
        str(Path(os.__file__).parent): "<blender's python>/lib",
        bpy.utils.resource_path("LOCAL"): "<blender>",
        bpy.utils.resource_path("SYSTEM"): "<blender>",
    }
    if bpy.app.binary_path:
        tags[str(Path(bpy.app.binary_path).parent)] = "<blender>"
    folder = runtime.find_runtime_folder()
    if folder is not None:
        tags[str(folder.path)] = "<runtime>"
    if named := _find_named_python():
        tags[str(named.parent.parent)] = "<worker's python>"
    short = {"/", "/usr", "/usr/bin", str(Path.home()), ""}
    found = [(place, tag) for place, tag in tags.items() if place not in short]
    return sorted(found, key=lambda pair: -len(pair[0]))


def _find_named_python() -> Path | None:
    preferences = runtime.find_preferences()
    named = preferences.worker_python if preferences else ""
    named = bpy.path.abspath(named) if named else os.environ.get(runtime.VARIABLE, "")
    return Path(named) if named else None
