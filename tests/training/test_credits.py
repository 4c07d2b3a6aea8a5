"""What is written beside the weights about the runs that led to them."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bozzetto.training.engines.card import CURVE_HEAD, _curve_table, read_curve_rows
from bozzetto.training.engines.credits import read_attribution, write_attribution


def pack_of(*objects: dict[str, Any]) -> Any:
    return SimpleNamespace(objects=objects, rows={"train_original": range(len(objects))})


def an_object(name: str, author: str = "Ada | Co", **more: Any) -> dict[str, Any]:
    return {"package": "kit", "licence": "CC0-1.0", "author": author, "name": name, **more}


def test_authors_of_earlier_runs_stay_credited(tmp_path: Path) -> None:
    path = tmp_path / "ATTRIBUTION"
    write_attribution(path, pack_of(an_object("chair"), an_object("table", "Eve")))
    write_attribution(path, pack_of(an_object("sofa"), an_object("made", "Gen", generated=True)))
    names, made = read_attribution(path)
    assert names["kit", "CC0-1.0", "Ada | Co"] == ["chair", "sofa"]
    assert names["kit", "CC0-1.0", "Eve"] == ["table"]
    assert made == {("kit", "CC0-1.0", "Gen"): 1}


def test_a_run_from_scratch_owes_earlier_ones_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ATTRIBUTION"
    write_attribution(path, pack_of(an_object("chair")))
    write_attribution(path, pack_of(an_object("sofa")), keep=False)
    assert read_attribution(path)[0] == {("kit", "CC0-1.0", "Ada | Co"): ["sofa"]}


def test_another_file_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "ATTRIBUTION"
    path.write_text("something else", encoding="utf-8")
    with pytest.raises(ValueError, match="no list of attributions"):
        write_attribution(path, pack_of(an_object("chair")))
    assert path.read_text(encoding="utf-8") == "something else"


def test_the_curve_of_earlier_runs_stays_in_the_card() -> None:
    keys = ("iou_validation", "iou_imnet_validation", "iou_train", "iou_imnet_train")
    keys += ("yaw_validation", "classes_validation")

    def report(pictures: int, value: float) -> dict[str, Any]:
        return {"pictures": pictures, **dict.fromkeys(keys, value)}

    first = _curve_table([report(100, 0.1), report(200, 0.2)], {})
    card = f"# A card\n\n{first}\n\nMore text\n\n| class | pictures |\n"
    second = _curve_table([report(300, 0.3)], read_curve_rows(card))
    assert list(read_curve_rows(second)) == [100, 200, 300]
    # exported again, the run's own rows are not there twice, nor stale
    again = _curve_table([report(300, 0.4)], read_curve_rows(second))
    assert list(read_curve_rows(again)) == [100, 200, 300]
    assert "0.400" in again
    assert second.startswith(CURVE_HEAD)
