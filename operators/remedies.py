"""The buttons below an error: for each kind of error the operators that do what its fix says.

Every class of error has a decision here, if only that no button helps; a test holds new ones to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import bpy

from ..inference import errors
from ..inference.protocol import TruncatedMessageError
from ..inference.settings import AUTOMATIC, BUNDLED_ENGINES, RESOLUTIONS, GenerateSettings
from ..scene import runtime, shelves


@dataclass(frozen=True)
class Remedy:
    """A button: an operator with properties, drawn with this text."""

    operator: str
    text: str
    icon: str = "NONE"
    properties: Mapping[str, Any] = field(default_factory=dict)


Decide = Callable[[errors.BozzettoError, GenerateSettings], tuple[Remedy, ...]]

PREFERENCES = Remedy(
    "preferences.addon_show", "Open Preferences", "PREFERENCES", {"module": runtime.PACKAGE}
)
SYSTEM = Remedy("screen.userpref_show", "Allow Online Access...", "INTERNET", {"section": "SYSTEM"})
ANOTHER_PICTURE = Remedy("bozzetto.generate_from_file", "Choose Another Picture...", "FILE_IMAGE")
AGAIN = Remedy("bozzetto.apply_fix", "Generate Again", "FILE_REFRESH", {"fix": "AGAIN"})
SET_UP = Remedy("bozzetto.set_up_runtime", "Set Up", "IMPORT")
REPAIR = Remedy("bozzetto.set_up_runtime", "Repair", "FILE_REFRESH")
VERIFY = Remedy("bozzetto.verify_runtime", "Verify", "CHECKMARK")
LOG = Remedy("bozzetto.show_set_up_log", "Open Log", "TEXT")
REINSTALL = Remedy("extensions.package_install_files", "Install the Zip Again...", "PACKAGE")
EXPORT = Remedy("bozzetto.export", "Export Again...", "EXPORT")
VERIFY_WEIGHTS = Remedy("bozzetto.verify_weights", "Verify Weights", "CHECKMARK")
DOWNLOAD = Remedy("bozzetto.download_weights", "Download Weights", "IMPORT")
IMPORT = Remedy("bozzetto.import_weights", "Import Checkpoint...", "FILE_FOLDER")


def find_remedies(
    error: BaseException, settings: GenerateSettings | None = None
) -> tuple[Remedy, ...]:
    """The buttons for an error, the likeliest first. settings: of the generation that failed."""
    decide = DECISIONS.get(type(error))
    if decide is None:  # an error of ours that is none of the artist's business: only the report
        return ()
    return decide(error, settings or GenerateSettings())


def _fix(name: str, text: str, icon: str = "NONE") -> Remedy:
    return Remedy("bozzetto.apply_fix", text, icon, {"fix": name})


def _none(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    return ()


def _picture(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    return (ANOTHER_PICTURE,)


def _no_object(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    chosen = []
    if settings.subject == "point":
        chosen.append(_fix("ANY_OBJECT", "Take Any Object", "OBJECT_DATA"))
    else:
        chosen.append(_fix("POINT", "Point at the Object", "RESTRICT_SELECT_OFF"))
    if settings.background != "keep":
        chosen.append(_fix("KEEP_BACKGROUND", "Keep the Background", "IMAGE_BACKGROUND"))
    return (*chosen, ANOTHER_PICTURE)


def _settings(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    preferences = runtime.find_preferences()
    asked = settings.device != AUTOMATIC or bool(
        preferences and preferences.device not in ("", AUTOMATIC)
    )
    return (_fix("DEVICE", "Device: Automatic", "MEMORY"),) if asked else ()


def _weights(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    if settings.engine not in BUNDLED_ENGINES:
        return _installed_weights(settings)
    if settings.checkpoint:
        return (_fix("BUNDLED", "Use the Bundled Weights", "PACKAGE"), PREFERENCES)
    return (REINSTALL, VERIFY_WEIGHTS)


def _installed_weights(settings: GenerateSettings) -> tuple[Remedy, ...]:
    """Of an engine whose weights do not ship."""
    if settings.checkpoint:
        return (_fix("BUNDLED", "Use the Installed Weights", "PACKAGE"), PREFERENCES)
    if not shelves.find_lack(settings.engine, ""):  # there, and refused: the preferences remove it
        return (VERIFY_WEIGHTS, PREFERENCES)
    return (DOWNLOAD, IMPORT) if bpy.app.online_access else (SYSTEM, DOWNLOAD, IMPORT)


def _empty(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    return (_fix("OTHER_ENGINE", "Try the Other Engine", "FILE_REFRESH"), ANOTHER_PICTURE)


def _worker(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    return (AGAIN,)


def _runtime_missing(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    if runtime.is_named_by_hand() or runtime.find_runtime_folder() is None:
        return (PREFERENCES,)
    return (SET_UP,) if bpy.app.online_access else (SYSTEM, SET_UP)


def _runtime_damaged(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    if runtime.is_named_by_hand() or runtime.find_runtime_folder() is None:
        return (PREFERENCES,)
    return (REPAIR, VERIFY) if bpy.app.online_access else (SYSTEM, REPAIR, VERIFY)


def _memory(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    preferences = runtime.find_preferences()
    limited = bool(preferences and preferences.memory_limit)
    lower = find_lower_detail(settings.resolution)
    chosen = (_fix("LOWER_DETAIL", "Generate with Lower Detail", "MOD_DECIM"),) if lower else ()
    return (*chosen, PREFERENCES) if limited else (*chosen, AGAIN)


def _set_up(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    return (SET_UP, LOG)


def _offline(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    return (SYSTEM,)


def _insertion(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    return (AGAIN,)


def _export(error: errors.BozzettoError, settings: GenerateSettings) -> tuple[Remedy, ...]:
    return (EXPORT,)


DECISIONS: dict[type[errors.BozzettoError], Decide] = {
    errors.BozzettoError: _none,  # a defect: the report is the remedy
    errors.PictureError: _picture,
    errors.NoObjectError: _no_object,
    errors.SettingsError: _settings,
    errors.WeightsError: _weights,
    errors.EmptyFieldError: _empty,
    errors.WorkerError: _worker,
    TruncatedMessageError: _worker,
    errors.RuntimeMissingError: _runtime_missing,
    errors.RuntimeDamagedError: _runtime_damaged,
    errors.OutOfMemoryError: _memory,
    errors.RuntimeSetUpError: _set_up,
    errors.OfflineError: _offline,
    errors.InsertError: _insertion,
    errors.ExportError: _export,
    errors.Cancelled: _none,  # not a failure
}


def find_lower_detail(resolution: int) -> int:
    """The next lower Detail; 0: there is none."""
    return max((value for value in RESOLUTIONS if value < resolution), default=0)
