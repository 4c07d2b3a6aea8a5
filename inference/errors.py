"""The errors a user may meet. Each says what happened and what to do about it.

They cross the process boundary by name (`kind`), so that Blender's process reports what the
worker process found.
"""

from __future__ import annotations


class BozzettoError(Exception):
    """Base of all domain errors.

    Parameters
    ----------
    message: what happened, one sentence.
    fix: what the user can do about it, one sentence.
    """

    default_fix = "Please report this with the text above."

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix or self.default_fix

    @property
    def kind(self) -> str:
        """Name of the class: what crosses the process boundary."""
        return type(self).__name__

    def __str__(self) -> str:
        return f"{self.message} {self.fix}"


class PictureError(BozzettoError):
    """The picture cannot be read or holds nothing to model."""

    default_fix = "Choose another picture."


class NoObjectError(PictureError):
    """Nothing in the picture stands out as an object."""

    default_fix = "Keep the background, point at the object, or choose another picture."


class SettingsError(BozzettoError):
    """A setting has a value that is not allowed."""

    default_fix = "Change the setting and generate again."


class WeightsError(BozzettoError):
    """Weights or a checkpoint are missing, damaged, unsafe or of another network."""

    default_fix = "Reinstall the extension, or choose another checkpoint."


class EmptyFieldError(BozzettoError):
    """The engine's field holds no surface: nothing was reconstructed."""

    default_fix = "Choose a picture that shows one whole object, or set its class."


class WorkerError(BozzettoError):
    """The worker process does not start, crashed, hung, or speaks another protocol."""

    default_fix = "Generate again; the worker starts anew."


class RuntimeMissingError(WorkerError):
    """There is no Python that could run the worker: never set up, or named and not there."""

    default_fix = "Click Set Up, here or in the extension's preferences."


class RuntimeDamagedError(WorkerError):
    """The worker's Python is there, but lacks libraries or does not start."""

    default_fix = "Click Repair in the extension's preferences."


class OutOfMemoryError(WorkerError):
    """The worker process ran out of memory."""

    default_fix = "Lower the resolution or close other programs, then generate again."


class RuntimeSetUpError(BozzettoError):
    """The worker's Python environment cannot be made, checked or removed."""

    default_fix = "Open the log, and set up again."


class OfflineError(RuntimeSetUpError):
    """Something must be downloaded, and Blender is not allowed to go online."""

    default_fix = "Tick Preferences > System > Network > Allow Online Access."


class InsertError(BozzettoError):
    """Blender's scene cannot take the result now."""

    default_fix = "Leave Edit or Sculpt mode and insert again."


class ExportError(BozzettoError):
    """Objects cannot be written into a file."""

    default_fix = "Choose another file."


class Cancelled(BozzettoError):
    """The user cancelled the job. Not a failure: report it as information."""

    default_fix = "Nothing was changed."


KINDS: dict[str, type[BozzettoError]] = {
    cls.__name__: cls
    for cls in (
        BozzettoError,
        PictureError,
        NoObjectError,
        SettingsError,
        WeightsError,
        EmptyFieldError,
        WorkerError,
        RuntimeMissingError,
        RuntimeDamagedError,
        OutOfMemoryError,
        RuntimeSetUpError,
        OfflineError,
        InsertError,
        ExportError,
        Cancelled,
    )
}


def error_from_kind(kind: str, message: str, fix: str = "") -> BozzettoError:
    """The error named `kind` (an unknown name gives the base class)."""
    return KINDS.get(kind, BozzettoError)(message, fix)
