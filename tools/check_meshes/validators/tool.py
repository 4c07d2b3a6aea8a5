"""What every validator is to the command. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol


class Validator(Protocol):
    """Somebody else's tool that reads files.

    names: of the rules it serves. kind: ending of the files it reads.
    """

    names: tuple[str, ...]
    kind: str

    def prepare(self) -> dict[str, str]:
        """Make it usable; the version by name, kept with verdicts. Raises MissingToolError."""
        ...

    def judge(self, paths: Sequence[Path]) -> Iterator[tuple[Path, str, dict[str, Any]]]:
        """(file, name of the rule, facts) for every file; facts with "error" where it failed."""
        ...


class MissingToolError(RuntimeError):
    """A validator cannot be had; the text says what to do."""
