"""What was generated in a file, newest first: enough to do it again when the object is gone.

Entries live on the scene (`Scene.bozzetto.history`), so they are saved, and undone with the object.
"""

from __future__ import annotations

import base64
import binascii
import json
import time
import zlib
from typing import Any

import bpy
import numpy as np

from ..inference.errors import SettingsError
from ..inference.settings import GenerateSettings
from ..inference.types import BaseMesh
from .record import MARK

MAX_ENTRIES = 50
_KEPT = ("settings", "picture", "shape")
_MAX_THUMBNAIL = 1 << 20  # bytes that a thumbnail of a file from elsewhere may unpack to


def add_entry(
    scene: bpy.types.Scene,
    item: bpy.types.Object,
    record: dict[str, Any],
    mesh: BaseMesh,
    *,
    again: bool = False,
) -> None:
    """Note a generation as the first entry; the oldest go beyond `MAX_ENTRIES`.

    record: as on the object. again: it is another shape of the generation that the object is of,
    whose entry goes.
    """
    group = scene.bozzetto
    if again:
        _remove_identity(group, record["id"])
    entry = group.history.add()
    entry.name = item.name
    entry.identity = record["id"]
    entry.engine, entry.seed = record["engine"], record["seed"]
    entry.category = mesh.category
    entry.when = time.strftime("%Y-%m-%d %H:%M")
    entry.seconds = sum(record["info"].get("timings", {}).values())
    entry.record = json.dumps({key: record[key] for key in _KEPT}, ensure_ascii=False)
    entry.thumbnail = "" if mesh.thumbnail is None else pack_pixels(mesh.thumbnail)
    group.history.move(len(group.history) - 1, 0)
    group.history_index = 0
    while len(group.history) > MAX_ENTRIES:
        group.history.remove(len(group.history) - 1)


def remove_entry(scene: bpy.types.Scene, index: int) -> None:
    """Forget one entry; objects stay. Raises SettingsError when there is none."""
    find_entry(scene, index)
    group = scene.bozzetto
    group.history.remove(group.history_index if index < 0 else index)
    group.history_index = max(0, min(group.history_index, len(group.history) - 1))


def clear(scene: bpy.types.Scene) -> int:
    """Forget all entries; how many there were."""
    count = len(scene.bozzetto.history)
    scene.bozzetto.history.clear()
    scene.bozzetto.history_index = 0
    return count


def _remove_identity(group: bpy.types.PropertyGroup, identity: str) -> None:
    for index in reversed(range(len(group.history))):
        if group.history[index].identity == identity:
            group.history.remove(index)


def find_entry(scene: bpy.types.Scene, index: int) -> bpy.types.PropertyGroup:
    """The entry at that place; below 0: the chosen one. Raises SettingsError."""
    group = scene.bozzetto
    index = group.history_index if index < 0 else index
    if not 0 <= index < len(group.history):
        raise SettingsError("There is no such entry.", "Choose one of the list.")
    return group.history[index]


def find_object(scene: bpy.types.Scene, entry: bpy.types.PropertyGroup) -> bpy.types.Object | None:
    """The object of the scene that an entry made, whatever it is called now; None: it is gone."""
    if not entry.identity:
        return None
    first = scene.objects.get(entry.name)
    others = (item for item in scene.objects if item != first)
    for item in (*([first] if first else []), *others):
        text = item.get(MARK)
        if isinstance(text, str) and entry.identity in text:
            return item
    return None


def read_entry(
    entry: bpy.types.PropertyGroup,
) -> tuple[GenerateSettings, dict[str, Any], dict[str, Any]]:
    """Settings, where the picture came from, shape. Raises SettingsError where it is damaged."""
    try:
        record = json.loads(entry.record)
        settings = GenerateSettings.from_dict(record["settings"])
        picture, shape = record["picture"], record["shape"]
        if not isinstance(picture, dict) or not isinstance(shape, dict):
            raise TypeError("not an object")
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"This entry is damaged: {error}.", "Remove it.") from error
    return settings, picture, shape


def find_picture(picture: dict[str, Any]) -> bpy.types.Image | str:
    """The image or the file that a record names: what `read_picture` takes.

    Raises SettingsError when the image is no longer in the file (files are looked for later).
    """
    name = picture.get("image", "")
    image = bpy.data.images.get(name) if name else None
    if picture.get("kind") == "file":
        return picture.get("path", "")
    if image is None:
        raise SettingsError(
            f"The image {name!r} is no longer in the file.", "Open it again under that name."
        )
    return image


def pack_pixels(rgba: np.ndarray) -> str:
    """uint8 [side, side, 4] as text."""
    return base64.b64encode(zlib.compress(np.ascontiguousarray(rgba).tobytes(), 9)).decode()


def unpack_pixels(text: str) -> np.ndarray | None:
    """Inverse of `pack_pixels`; None where it is damaged."""
    try:
        data = zlib.decompressobj().decompress(
            base64.b64decode(text, validate=True), _MAX_THUMBNAIL
        )
    except (binascii.Error, zlib.error, ValueError):
        return None
    side = round((len(data) / 4) ** 0.5)
    if not data or side * side * 4 != len(data):
        return None
    return np.frombuffer(data, np.uint8).reshape(side, side, 4)
