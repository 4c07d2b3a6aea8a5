"""Worker processes that die or hang do not stop what they work for."""

import os
import time
from pathlib import Path

import pytest

from bozzetto.training.data.workers import work_through

PATIENCE = 10.0  # a process starts within this on a busy machine


def write(item: tuple[Path, str]) -> str:
    """Does what the name says, then leaves a file."""
    folder, name = item
    first = not (folder / f"{name}.tried").exists()
    (folder / f"{name}.tried").touch()
    if name.startswith("dies") or (name.startswith("died") and first):
        os._exit(1)
    if name.startswith("hangs"):
        time.sleep(600)
    (folder / name).touch()
    return name


def is_done(item: tuple[Path, str]) -> bool:
    return (item[0] / item[1]).exists()


def run(folder: Path, names: list[str], patience: float = PATIENCE) -> list[str]:
    items = [(folder, name) for name in names]
    lost = lambda item: f"lost {item[1]}"  # noqa: E731
    results = work_through(write, items, 2, is_done=is_done, lost=lost, patience=patience)
    return sorted(results)


def test_what_died_once_is_done_by_another_process(tmp_path: Path) -> None:
    assert run(tmp_path, ["a", "died once", "b", "c"]) == ["a", "b", "c", "died once"]


def test_what_dies_always_is_given_up(tmp_path: Path) -> None:
    names = ["a", "dies", "b", "hangs", "c"]
    assert run(tmp_path, names) == ["a", "b", "c", "lost dies", "lost hangs"]
    assert not (tmp_path / "dies").exists()


def test_when_nothing_works_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="3 items are left"):
        run(tmp_path, ["hangs 1", "hangs 2", "hangs 3"], patience=1.0)
