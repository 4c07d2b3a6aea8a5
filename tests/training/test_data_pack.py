"""The pack's layout, and downloads that refuse what they do not know."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bozzetto.training.data import packages
from bozzetto.training.data.build import order_for_fine
from bozzetto.training.data.counts import count_groups, format_counts
from bozzetto.training.data.jobs import result_path
from bozzetto.training.data.pack import POINTS, PackRow, write_pack
from bozzetto.training.data.packages import Package, PackageError, check, fetch
from bozzetto.training.data.views import ViewSet, encode_views
from bozzetto.training.shared.pack import Pack

SIDE = 160


def row(name: str, split: str, group: int = 0, generated: bool = False) -> PackRow:
    return PackRow(
        id=f"p/{name}",
        source="made",
        package="p",
        name=name,
        label=name,
        kind="chair",
        licence="CC0-1.0",
        author="Ann",
        generated=generated,
        split=split,
        group=group,
        variant_of=None,
        size_m=[0.5, 0.6, 0.9],
        parts=["seat", "back"],
    )


def save_results(folder: Path, object_id: str, cells: np.ndarray, views: int) -> None:
    path = result_path(folder, object_id, "shape")
    path.parent.mkdir(exist_ok=True)
    np.savez(
        path,
        occupancy=np.packbits(cells.reshape(-1)),
        points=np.full((POINTS, 3), 0.25, np.float16),
        inside=np.packbits(np.ones(POINTS, bool)),
        parts=np.ones(POINTS, np.uint8),
    )
    pictures = np.full((views, SIDE, SIDE, 4), 255, np.uint8)
    pictures[..., :3] = 40 * views
    stored = ViewSet(
        pictures=pictures,
        depths=np.zeros((views, SIDE // 2, SIDE // 2), np.uint16),
        cameras=np.tile(np.arange(7, dtype=np.float32), (views, 1)),
        fine_pictures=np.zeros((0, 0, 0, 4), np.uint8),
        fine_cameras=np.zeros((0, 7), np.float32),
    )
    np.savez(result_path(folder, object_id, "views"), **encode_views(stored))


def test_pack_keeps_order_and_drops_variants_like_held_out_objects(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    first, second, third = rng.random((3, 64, 64, 64)) < 0.5
    train, test = row("a", "train"), row("b", "test", group=1)
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
    assert index["objects"][0]["class"] == "chair"
    assert index["objects"][0]["parts"] == ["seat", "back"]
    assert index["meta"]["classes"] == ["chair"]
    assert index["meta"]["counts"]["distinct"] == 2
    occupancy = np.load(pack / "occupancy.npy", mmap_mode="r")
    assert occupancy.shape == (3, 32768)
    np.testing.assert_array_equal(np.unpackbits(occupancy[1]).reshape(64, 64, 64), second)
    assert np.load(pack / "views_row.npy").tolist() == [0, 0, 1, 1, 1, 2]
    views = np.load(pack / "views.npy", mmap_mode="r")
    assert views.shape == (6, 128, 128, 4)
    assert views[:, 64, 64, 0].tolist() == [80, 80, 120, 120, 120, 40]
    assert np.load(pack / "views_camera.npy")[4].tolist() == list(range(7))
    assert np.load(pack / "points.npy", mmap_mode="r").dtype == np.float16
    assert np.load(pack / "parts.npy", mmap_mode="r").max() == 1
    assert (pack / "READY").exists()
    with pytest.raises(FileExistsError):
        write_pack([train], tmp_path, pack)


def test_pack_gathers_large_pictures_of_the_objects_that_have_some(tmp_path: Path) -> None:
    rows = [row("a", "train"), row("b", "validation", group=1), row("c", "train", group=2)]
    rng = np.random.default_rng(0)
    for entry, cells in zip(rows, rng.random((3, 64, 64, 64)) < 0.5, strict=True):
        save_results(tmp_path, entry.id, cells, 1)
    for entry, grey, count in ((rows[1], 90, 2), (rows[2], 170, 1)):
        pictures = np.full((count, 384, 384, 4), 255, np.uint8)
        pictures[..., :3] = grey
        stored = ViewSet(
            pictures=np.zeros((0, 0, 0, 4), np.uint8),
            depths=np.zeros((0, 0, 0), np.uint16),
            cameras=np.zeros((0, 7), np.float32),
            fine_pictures=pictures,
            fine_cameras=np.full((count, 7), grey, np.float32),
        )
        np.savez(result_path(tmp_path, entry.id, "fine"), **encode_views(stored))
    write_pack(rows, tmp_path, tmp_path / "pack")
    fine = Pack(tmp_path / "pack").fine
    assert fine is not None
    assert [views.tolist() for views in fine.views_of] == [[], [0, 1], [2]]
    assert fine.pictures(np.array([2, 0]))[:, 5, 5, 0].tolist() == [170, 90]
    assert fine.views_camera[:, 0].tolist() == [90, 90, 170]


def test_large_pictures_are_made_of_every_class_before_any_is_done() -> None:
    rows = [row(str(n), "train", n, generated=n > 3) for n in range(6)]
    rows += [replace(row(f"t{n}", "train", 10 + n), kind="table") for n in range(2)]
    rows += [row("v", "validation", 20), row("held", "test", 21)]
    order = [one.name for one in order_for_fine(rows)]
    assert order[0] == "v"
    assert "held" not in order
    kinds = {row.name: (row.kind, row.generated) for row in rows}
    assert {kinds[name] for name in order[1:4]} == {
        ("chair", False), ("table", False), ("chair", True),
    }  # fmt: skip


def test_counts_are_of_groups_and_know_what_is_generated() -> None:
    rows = [
        row("a", "train", 0),
        row("a, other pose", "train", 0),
        row("b", "test", 1),
        row("c", "train", 2, generated=True),
        row("a", "train", 0).variant("p/a#0", None),
    ]
    counts = count_groups(rows)
    assert (counts["distinct"], counts["real"], counts["generated"]) == (3, 2, 1)
    assert counts["originals"] == 4
    assert counts["sources"] == {"made": 3}
    found = counts["classes"]["chair"]
    assert (found["real"], found["train"], found["test"], found["variants"]) == (2, 1, 1, 1)
    assert "3 distinct shapes (2 real, 1 generated)" in format_counts(rows)


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
