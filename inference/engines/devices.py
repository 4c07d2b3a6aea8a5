"""Which device an engine computes on."""

from __future__ import annotations

import torch

from ..errors import SettingsError
from ..settings import AUTOMATIC


def choose_device(name: str) -> tuple[torch.device, tuple[str, ...]]:
    """The device to compute on, and messages where it is not the one that was asked for.

    "automatic" takes CUDA, Apple's MPS or Intel's XPU where there is one, otherwise the processor.
    Raises SettingsError for a name that torch does not know.
    """
    if name == AUTOMATIC:
        found = next((kind for kind in ("cuda", "mps", "xpu") if count_devices(kind)), "cpu")
        return torch.device(found), ()
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise SettingsError(
            f"There is no kind of device called {name!r}.", "Choose automatic or cpu."
        ) from error
    if (device.index or 0) < count_devices(device.type):
        return device, ()
    message = f"The device {name!r} is not available; the processor was used instead."
    return torch.device("cpu"), (message,)


def count_devices(kind: str) -> int:
    """How many devices of a kind this machine has; 0 for kinds that no engine here uses."""
    if kind == "cuda":
        return torch.cuda.device_count() if torch.cuda.is_available() else 0
    if kind == "xpu":
        return torch.xpu.device_count() if torch.xpu.is_available() else 0
    if kind == "mps":
        return int(torch.backends.mps.is_available())
    return int(kind == "cpu")
