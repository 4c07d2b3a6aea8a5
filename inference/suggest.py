"""What somebody meant who mistyped a name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def suggest(word: object, known: Iterable[str]) -> str:
    """ "Did you mean 'chair'? " when one of the known words is close; else an empty string."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(str(word).lower(), list(by_lower), n=1, cutoff=0.6)
    return f"Did you mean {by_lower[close[0]]!r}? " if close else ""
