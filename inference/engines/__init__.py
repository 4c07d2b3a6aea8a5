"""The engines by name, imported when one is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import SettingsError
from ..store.installed import find_checkpoint

if TYPE_CHECKING:
    from ..types import Engine


def create_engine(engine_id: str, *, checkpoint: str = "", device: str = "automatic") -> Engine:
    """The engine called `engine_id`, its weights loaded.

    checkpoint: path of a checkpoint; empty: the bundled weights, or the installed ones of an engine
        whose weights do not ship (`find_checkpoint`).
    device: torch device string or "automatic".

    Raises SettingsError for an unknown engine or device, WeightsError for bad weights.
    """
    if engine_id == "imnet":
        from .imnet.engine import ImnetEngine

        return ImnetEngine(checkpoint, device)
    if engine_id == "pixel":
        from .pixel.engine import PixelEngine

        return PixelEngine(checkpoint, device)
    if engine_id == "triposr":
        from .triposr.engine import TriposrEngine

        return TriposrEngine(find_checkpoint(engine_id, checkpoint), device)
    raise SettingsError(
        f"There is no engine called {engine_id!r}.", "Choose pixel, imnet or triposr."
    )
