"""`./bozzetto weights ...`: the extension's command of that name, on the checkout's own weights."""

from __future__ import annotations

import os

from .headless import run_command


def run(arguments: list[str]) -> int:
    """The command; its exit status. Whoever types "download" wants to go online."""
    given = [os.path.abspath(word) if os.path.exists(word) else word for word in arguments]
    return run_command(["weights", *given], online="download" in arguments[:1])
