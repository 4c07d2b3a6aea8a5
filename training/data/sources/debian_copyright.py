"""Licence and author of a file, from the machine-readable copyright file of its Debian package.

The format is Debian's `copyright-format/1.0`: stanzas with patterns of files, of which the last
that fits a file holds.
"""

from __future__ import annotations

import fnmatch
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_PUBLIC = {
    "CC0": "CC0-1.0",
    "public-domain": "LicenseRef-public-domain",
    "GPL-2": "GPL-2.0-only",
    "GPL-2+": "GPL-2.0-or-later",
    "GPL-3": "GPL-3.0-only",
    "GPL-3+": "GPL-3.0-or-later",
}


@dataclass(frozen=True)
class Stanza:
    """patterns: shell patterns where `*` also stands for slashes. licence: SPDX-like."""

    patterns: tuple[str, ...]
    licence: str
    holders: tuple[str, ...]


@lru_cache(maxsize=8)
def read_copyright(path: Path) -> tuple[Stanza, ...]:
    """The stanzas of a copyright file, in its order."""
    stanzas = []
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8", errors="replace")):
        fields = _fields(block)
        if "files" in fields and "license" in fields:
            licence = fields["license"].split("\n")[0].strip()
            stanzas.append(
                Stanza(
                    patterns=tuple(fields["files"].split()),
                    licence=spdx(licence),
                    holders=_holders(fields.get("copyright", "")),
                )
            )
    return tuple(stanzas)


def licence_of(name: str, stanzas: tuple[Stanza, ...]) -> tuple[str, str]:
    """Licence and holders (joined by commas) of a file, or of a folder by what it contains.

    Raises ValueError where no stanza fits.
    """
    for stanza in reversed(stanzas):
        for pattern in stanza.patterns:
            if fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(f"{name}/", pattern):
                return stanza.licence, ", ".join(stanza.holders[:4])
    raise ValueError(f"{name}: no stanza of the copyright file fits")


def spdx(text: str) -> str:
    """Debian's short name of a licence as an SPDX expression."""
    words = (_PUBLIC.get(word, word) for word in text.split())
    return " ".join(word.upper() if word in ("and", "or") else word for word in words)


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    key = ""
    for line in block.splitlines():
        head = re.match(r"([A-Za-z-]+):(.*)", line)
        if head and not line[0].isspace():
            key = head.group(1).lower()
            fields[key] = head.group(2).strip()
        elif key:
            fields[key] += "\n" + line.strip()
    return fields


def _holders(text: str) -> tuple[str, ...]:
    """Names without years and addresses."""
    names = []
    for line in text.split("\n"):
        name = re.sub(r"<[^>]*>|\(c\)|©|\b\d{4}\b[\s,\u2013-]*", "", line, flags=re.IGNORECASE)
        name = name.strip(" ,;-")
        if name and name not in names:
            names.append(name)
    return tuple(names)
