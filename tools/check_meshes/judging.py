"""Hands files to the validators that have not judged them yet. Standard library only."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..environments import say
from .plan import Key
from .results import Folder
from .validators.controls import find_blindness
from .validators.tool import MissingToolError, Validator

_BATCH = 12


@dataclass
class Bench:
    """What the validators are: versions by name, why some are left out, what some are blind to."""

    versions: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    blind: list[str] = field(default_factory=list)


def judge_files(
    validators: Sequence[Validator], folder: Folder, lines: Sequence[dict[str, Any]]
) -> Bench:
    """Append a verdict for each file and validator that has none; what the validators are.

    A validator is first given files with known faults. One that misses them, or faults a sound
    file, is named in `blind`, which fails the run; its verdicts are kept all the same.
    """
    bench = Bench()
    for validator in validators:
        try:
            versions = validator.prepare()
        except MissingToolError as error:
            for name in validator.names:
                bench.missing[name] = str(error)
            say(f"{', '.join(validator.names)} left out: {error}")
            continue
        with tempfile.TemporaryDirectory(prefix="bozzetto-controls-") as controls:
            bench.blind += find_blindness(validator, Path(controls))
        bench.versions |= versions
        _judge(validator, versions, folder, lines)
    for text in bench.blind:
        say(text)
    return bench


def _judge(
    validator: Validator,
    versions: dict[str, str],
    folder: Folder,
    lines: Sequence[dict[str, Any]],
) -> None:
    known = folder.read_verdicts()
    missing: dict[Path, str] = {}
    for line in lines:
        file_hash = line.get("files", {}).get(validator.kind)
        if file_hash is None:
            continue
        if any((f"{name} {versions[name]}", file_hash) not in known for name in validator.names):
            missing[folder.file(Key.from_dict(line["key"]), validator.kind)] = file_hash
    started, files = time.monotonic(), list(missing)
    for start in range(0, len(files), _BATCH):
        for path, name, facts in validator.judge(files[start : start + _BATCH]):
            verdict = {"validator": f"{name} {versions[name]}", "file_hash": missing[path]}
            folder.verdicts.append({**verdict, "file": path.name, "facts": facts})
    if files:
        names = ", ".join(validator.names)
        say(f"{names}: {len(files)} files, {time.monotonic() - started:.0f} s")
