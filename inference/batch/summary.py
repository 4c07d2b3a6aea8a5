"""What became of each picture of a batch, as CSV for people and JSON for programs."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from ..errors import SettingsError

VERSION = 1
STEM = "summary"
"""Of the two files; no result of a batch is called so."""
QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
COLUMNS = (
    *("picture", "state", "engine", "seed", "seconds", "faces", "width", "depth", "height"),
    *("outputs", "error", "fix", "messages"),
)


@dataclass
class Row:
    """One picture of a batch.

    picture: its absolute path. name: of the result, unique in the batch. state: queued, running,
    done, failed or cancelled. seconds: of the generation, without waiting for its turn. size:
    width, depth, height in metres. outputs: files, relative to the summary's folder. messages:
    what the artist should know about the result. error, fix: what went wrong and what helps.
    settings, shape: what was asked for. picture_hash: SHA-256 of the file. kept: whether an
    earlier run has made it; not written.
    """

    picture: str
    name: str
    state: str = QUEUED
    engine: str = ""
    seed: int = 0
    seconds: float = 0.0
    faces: int = 0
    size: tuple[float, float, float] = (0.0, 0.0, 0.0)
    outputs: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    error: str = ""
    fix: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    shape: dict[str, Any] = field(default_factory=dict)
    picture_hash: str = ""
    kept: bool = False

    @property
    def ended(self) -> bool:
        """Whether its state is final."""
        return self.state in (DONE, FAILED, CANCELLED)


def count_states(rows: Sequence[Row]) -> dict[str, int]:
    """How many rows are in each state; all states are there."""
    counts = Counter(row.state for row in rows)
    return {state: counts[state] for state in (QUEUED, RUNNING, DONE, FAILED, CANCELLED)}


def describe_counts(rows: Sequence[Row]) -> str:
    """Such as "10 done, 2 failed, 1 left"."""
    counts = count_states(rows)
    kept = sum(row.kept for row in rows)
    words = [f"{counts[DONE] - kept} done"]
    words += [f"{kept} kept"] if kept else []
    words += [f"{counts[state]} {state}" for state in (FAILED, CANCELLED) if counts[state]]
    left = counts[QUEUED] + counts[RUNNING]
    return ", ".join([*words, f"{left} left"] if left else words)


def write_summary(
    folder: Path, rows: Sequence[Row], *, head: dict[str, Any] | None = None
) -> tuple[Path, Path]:
    """Write summary.csv and summary.json into the folder, which is made; their paths.

    head: further facts for the JSON file, such as versions and notes. Whoever reads meanwhile sees
    the old files or the new ones, never half of one. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = folder / f"{STEM}.csv"
    record = folder / f"{STEM}.json"
    # The mark at the beginning tells spreadsheets that names are UTF-8.
    _replace(table, format_csv(rows), "utf-8-sig")
    _replace(record, format_json(rows, head or {}), "utf-8")
    return table, record


def format_csv(rows: Sequence[Row]) -> str:
    """One line a picture, below a line of `COLUMNS`."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        sizes = [f"{side:.4f}" if row.state == DONE else "" for side in row.size]
        made = row.state == DONE
        writer.writerow(
            [
                *(row.picture, row.state, row.engine, row.seed, f"{row.seconds:.2f}"),
                *(row.faces if made else "", *sizes, "; ".join(row.outputs)),
                *(row.error, row.fix, " ".join(row.messages)),
            ]
        )
    return text.getvalue()


def format_json(rows: Sequence[Row], head: dict[str, Any]) -> str:
    """All that is known, as JSON: `head`, the counts and the pictures."""
    pictures = [
        {name: value for name, value in asdict(row).items() if name != "kept"} for row in rows
    ]
    content = {"version": VERSION, **head, "counts": count_states(rows), "pictures": pictures}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def read_summary(folder: Path) -> list[Row]:
    """The rows of the folder's summary.json; none if there is no such file.

    Raises SettingsError when the file is damaged.
    """
    path = folder / f"{STEM}.json"
    names = {item.name for item in fields(Row)}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["version"] != VERSION:
            raise ValueError(f"version {content['version']!r}")
        rows = [
            Row(**{name: _restore(value) for name, value in entry.items() if name in names})
            for entry in content["pictures"]
        ]
        for row in rows:
            if not row.picture or Path(row.name).name != row.name:  # names become files
                raise ValueError(f"a picture {row.picture!r} named {row.name!r}")
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"The summary {str(path)!r} cannot be used: {error}.",
            "Choose another output folder, or move that file away.",
        ) from error
    return rows


def _restore(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value  # JSON has no tuples


def _replace(path: Path, text: str, encoding: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding=encoding, newline="") as stream:
            stream.write(text)
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
