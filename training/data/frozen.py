"""Splits that published weights were trained with, kept while the data set grows.

A group of like shapes takes the split of its smallest hash, and how small a class is decides how
much of it is held out. Both change when more objects are built, and weights that are trained on
would then be judged on what they have seen. So the splits of the objects that the bundled weights
know are in a file, eight digits of the id's MD5 and the split's first letter a line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_name("frozen_splits.txt")
LETTERS = {"t": "train", "v": "validation", "x": "test"}
STRICTEST = ("train", "test", "validation")
"""Which split a group gets whose members have several: what was trained on stays trained on."""


def digest_of(object_id: str) -> str:
    """The object's name in the file."""
    return hashlib.md5(object_id.encode()).hexdigest()[:8]


def read_frozen(path: Path = FILE) -> dict[str, str]:
    """Splits by digest; empty without a file. Raises ValueError for a file of another form."""
    if not path.exists():
        return {}
    splits = {}
    for line in path.read_text(encoding="ascii").split():
        digest, letter = line[:8], line[8:]
        if letter not in LETTERS:
            raise ValueError(f"{path} has a line {line!r}")
        splits[digest] = LETTERS[letter]
    return splits


def write_frozen(splits: Mapping[str, str], path: Path = FILE) -> None:
    """Write the splits by id, beside those that the file has of other objects."""
    letters = {split: letter for letter, split in LETTERS.items()}
    lines = {digest: letters[split] for digest, split in read_frozen(path).items()}
    lines |= {digest_of(name): letters[split] for name, split in splits.items()}
    text = "".join(f"{digest}{letter}\n" for digest, letter in sorted(lines.items()))
    path.write_text(text, encoding="ascii")


def keep_frozen(
    ids: Sequence[str], groups: np.ndarray, splits: Iterable[str], frozen: Mapping[str, str]
) -> list[str]:
    """The splits [N], but groups that hold a frozen object get its split (see `STRICTEST`)."""
    known: dict[int, set[str]] = {}
    for name, group in zip(ids, groups.tolist(), strict=True):
        if split := frozen.get(digest_of(name)):
            known.setdefault(group, set()).add(split)
    decided = {
        group: next(split for split in STRICTEST if split in found)
        for group, found in known.items()
    }
    return [decided.get(group, split) for group, split in zip(groups.tolist(), splits, strict=True)]
