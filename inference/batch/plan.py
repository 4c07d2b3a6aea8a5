"""Which pictures a batch takes, in which order, and what its results are called."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import PictureError
from .summary import STEM, Row

PICTURE_SUFFIXES: tuple[str, ...] = (
    ".png", ".jpg", ".jpeg", ".webp", ".avif", ".bmp", ".tif", ".tiff", ".tga", ".gif", ".exr",
    ".hdr",
)  # fmt: skip
"""What counts as a picture in a folder, lower case."""
_LITTER = ("thumbs.db", "desktop.ini")  # what systems leave in folders of pictures
_SHOWN = 3


@dataclass(frozen=True)
class Found:
    """The pictures of a batch, in its order. notes: what was left out, for the artist."""

    pictures: tuple[Path, ...]
    notes: tuple[str, ...] = ()


def find_pictures(paths: str | Path | Iterable[str | Path]) -> Found:
    """The picture files of folders and files, as absolute paths, each once.

    Folders give the pictures directly inside, in natural order; hidden files are passed over, and
    what is no picture is noted. A file that was named is always taken: if it is missing or no
    picture, it fails by itself later, without stopping the others.

    Raises PictureError when a folder cannot be read or when there is nothing to do.
    """
    named = [Path(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    if not named:
        raise PictureError("No picture was chosen.", "Name a folder, or picture files.")
    pictures: dict[str, Path] = {}
    notes: list[str] = []
    for path in named:
        path = Path(os.path.abspath(path))
        inside, left_out = _list_folder(path) if path.is_dir() else ([path], [])
        notes += left_out
        for picture in inside:
            pictures.setdefault(os.path.normcase(os.path.realpath(picture)), picture)
    if not any(picture.exists() for picture in pictures.values()):
        _refuse(named, pictures)
    return Found(tuple(pictures.values()), tuple(notes))


@dataclass(frozen=True)
class Plan:
    """A batch before it starts: a row for each picture, its name, and what was left out."""

    rows: tuple[Row, ...]
    name: str
    notes: tuple[str, ...]


def plan_batch(paths: str | Path | Iterable[str | Path]) -> Plan:
    """What a batch of these folders and files will do. Raises PictureError as `find_pictures`."""
    found = find_pictures(paths)
    names = name_results(found.pictures, taken=(STEM,))
    pairs = zip(found.pictures, names, strict=True)
    rows = tuple(Row(str(picture), name) for picture, name in pairs)
    return Plan(rows, name_batch(found.pictures), found.notes)


def _refuse(named: Sequence[Path], pictures: Collection[str]) -> None:
    names = _shorten([str(path) for path in named])
    if pictures:
        raise PictureError(f"{names}: no such file or folder.", "Check the spelling.")
    kinds = ", ".join(suffix[1:].upper() for suffix in PICTURE_SUFFIXES)
    raise PictureError(f"No picture was found in {names}.", f"Choose a folder with {kinds} files.")


def _list_folder(folder: Path) -> tuple[list[Path], list[str]]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: file_key(entry.name))
    except OSError as error:
        raise PictureError(
            f"The folder {str(folder)!r} cannot be read: {error.strerror or error}.",
            "Check its permissions.",
        ) from error
    shown = [e for e in entries if not e.name.startswith(".") and e.name.lower() not in _LITTER]
    folders = [entry.name for entry in shown if entry.is_dir()]
    files = [entry.name for entry in shown if not entry.is_dir()]
    pictures = [name for name in files if name.lower().endswith(PICTURE_SUFFIXES)]
    others = [name for name in files if not name.lower().endswith(PICTURE_SUFFIXES)]
    notes = []
    if others:
        count = _count(others, "file")
        notes.append(f"{folder.name}: {count} left out, no picture: {_shorten(others)}.")
    if folders:
        count = _count(folders, "folder")
        notes.append(f"{folder.name}: {count} inside not looked into: {_shorten(folders)}.")
    return [folder / name for name in pictures], notes


def _count(things: Sequence[str], noun: str) -> str:
    return f"{len(things)} {noun}{'s' if len(things) != 1 else ''}"


def _shorten(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def natural_key(name: str) -> list[tuple[int, int, str]]:
    """Sorts chair 2 before chair 10, whatever the case; equal but for the case stays apart."""
    parts = [part for part in re.split(r"(\d+)", name.casefold()) if part]
    key = [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]
    return [*key, (-1, 0, name)]


def file_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sorts names of files naturally by their stems: chair.png before chair10.png."""
    stem, suffix = os.path.splitext(name)
    return natural_key(stem), suffix


def name_results(
    pictures: Iterable[Path],
    *,
    taken: Iterable[str] = (),
    known: Mapping[str, str] | None = None,
) -> list[str]:
    """A name for the result of each picture, its stem where that is free, else stem_2, stem_3 ...

    No two names are equal, even where the file system ignores case. taken: names that no result
    may get. known: names given before, by picture; they stay.
    """
    known = known or {}
    used = {name.casefold() for name in (*taken, *known.values())}
    names = []
    for picture in pictures:
        name = known.get(str(picture), "")
        if not name:
            name, number = picture.stem or "picture", 2
            while name.casefold() in used:
                name, number = f"{picture.stem or 'picture'}_{number}", number + 1
            used.add(name.casefold())
        names.append(name)
    return names


def name_batch(pictures: Sequence[Path]) -> str:
    """What the batch is called: the folder that holds all the pictures."""
    folder = Path(os.path.commonpath([str(picture.parent) for picture in pictures]))
    return folder.name or "Batch"
