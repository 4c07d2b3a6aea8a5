"""The pack's layout, and downloads that refuse what they do not know."""

import json
from pathlib import Path

import numpy as np
import pytest

from bozzetto.training.data import packages
from bozzetto.training.data.jobs import result_path
from bozzetto.training.data.pack import POINTS, PackRow, write_pack
from bozzetto.training.data.packages import Package, PackageError, check, fetch


def row(name: str, split: str) -> PackRow:
    return PackRow(
        id=f"p/{name}",
        package="p",
        name=name,
        label=name,
        kind="chair",
        licence="CC0-1.0",
        author="Ann",
        split=split,
        group=0,
        variant_of=None,
        size_m=[0.5, 0.6, 0.9],
    )


def save_results(folder: Path, object_id: str, cells: np.ndarray, views: int) -> None:
    np.savez(
        result_path(folder, object_id, "shape"),
        occupancy=np.packbits(cells.reshape(-1)),
        points=np.full((POINTS, 3), 0.25, np.float16),
        inside=np.packbits(np.ones(POINTS, bool)),
    )
    np.savez(
        result_path(folder, object_id, "views"),
        views=np.full((views, 128, 128, 4), views, np.uint8),
        cameras=np.tile(np.float32([10, 20, 30]), (views, 1)),
    )


def test_pack_keeps_order_and_drops_variants_like_held_out_objects(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    first, second, third = rng.random((3, 64, 64, 64)) < 0.5
    train, test = row("a", "train"), row("b", "test")
    good, leak = train.variant("p/a#0", [1, 1, 1]), train.variant("p/a#1", None)
    for entry, cells, views in (
        (train, first, 2),
        (test, second, 3),
        (good, third, 1),
        (leak, second, 1),
    ):
        save_results(tmp_path, entry.id, cells, views)
    pack = tmp_path / "pack"
    write_pack([train, test, good, leak], tmp_path, pack)

    index = json.loads((pack / "index.json").read_text())
    assert [entry["id"] for entry in index["objects"]] == ["p/a", "p/b", "p/a#0"]
    assert index["objects"][2]["variant_of"] == "p/a"
    assert index["meta"]["counts"]["chair"] == {
        "train": 1,
        "validation": 0,
        "test": 1,
        "train variants": 1,
    }
    occupancy = np.load(pack / "occupancy.npy", mmap_mode="r")
    assert occupancy.shape == (3, 32768)
    np.testing.assert_array_equal(np.unpackbits(occupancy[1]).reshape(64, 64, 64), second)
    assert np.load(pack / "views_row.npy").tolist() == [0, 0, 1, 1, 1, 2]
    assert np.load(pack / "views.npy", mmap_mode="r")[:, 0, 0, 0].tolist() == [2, 2, 3, 3, 3, 1]
    assert np.load(pack / "points.npy", mmap_mode="r").dtype == np.float16
    assert (pack / "READY").exists()
    with pytest.raises(FileExistsError):
        write_pack([train], tmp_path, pack)


def test_a_changed_download_is_refused(tmp_path: Path) -> None:
    package = Package("name", "1:2-3", "0" * 64)
    file = tmp_path / package.file_name
    assert file.name == "name_1%3a2-3_all.deb"
    file.write_bytes(b"other")
    with pytest.raises(PackageError, match="delete"):
        check(package, file)


def test_without_apt_the_error_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages.shutil, "which", lambda tool: None)
    with pytest.raises(PackageError, match="install apt"):
        fetch(Package("name", "1", "0" * 64), tmp_path)
