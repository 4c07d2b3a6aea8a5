"""What a generated object remembers about how it was made."""

from __future__ import annotations

import json
from typing import Any

import bpy

from ..inference.errors import SettingsError
from ..inference.settings import GenerateSettings

MARK = "bozzetto"
"""Key of the custom property, on objects (JSON) and on the collection."""
VERSION = 1


def make_record(
    settings: GenerateSettings,
    info: dict[str, Any],
    picture: dict[str, Any],
    shape: dict[str, Any],
    identity: str,
) -> dict[str, Any]:
    """All that is needed to make the object again, in plain JSON types.

    info: of the BaseMesh. picture: where the picture came from. shape: the shape settings.
    identity: of the generation, the record's "id"; history finds the object by it.
    """
    return {
        "version": VERSION,
        "id": identity,
        "settings": settings.to_dict(),
        "seed": settings.seed,
        "engine": settings.engine,
        "weights_hash": info.get("weights_hash", ""),
        "picture": picture,
        "shape": shape,
        "info": info,
    }


def write_record(item: bpy.types.Object, record: dict[str, Any]) -> None:
    """Store the record on the object, as JSON in its custom property."""
    item[MARK] = json.dumps(record, ensure_ascii=False)


def read_record(item: bpy.types.Object) -> dict[str, Any]:
    """The record of a generated object.

    Raises SettingsError when the object was not generated or its record is damaged.
    """
    text = item.get(MARK)
    if not isinstance(text, str):
        raise SettingsError(
            f"The object {item.name!r} was not made by Bozzetto.", "Choose a generated object."
        )
    try:
        record = json.loads(text)
        GenerateSettings.from_dict(record["settings"])
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"The record of the object {item.name!r} is damaged: {error}.", "Generate it again."
        ) from error
    return record


def find_identity(item: bpy.types.Object) -> str:
    """Of the generation that made the object; "" where none did, or its record is damaged."""
    try:
        return str(read_record(item).get("id", ""))
    except SettingsError:
        return ""


def read_settings(item: bpy.types.Object) -> GenerateSettings:
    """The settings that made the object. Raises SettingsError."""
    return GenerateSettings.from_dict(read_record(item)["settings"])
