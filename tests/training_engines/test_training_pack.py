"""What training draws from a pack says the truth about the shapes in it."""

import json
import shutil

import numpy as np
import pytest
import torch

from bozzetto.training.engines.fields import best_level, grid_points, truth_at
from bozzetto.training.shared.pack import Pack


def cell_of(points, level):
    return ((points + 0.5) * level).long().clamp(0, level - 1)


def test_boxes_hold_the_solid(pack):
    rows = np.array([0, 5])
    low, high = pack.boxes(rows)
    for grid, first, last in zip(pack.voxels(rows), low, high, strict=True):
        cells = grid.nonzero().numpy()
        assert (cells.min(0) == first).all()
        assert (cells.max(0) == last - 1).all()


def test_splits_and_views(pack):
    assert pack.rows["train"].tolist() == [0, 1, 2, 4, 5, 6]
    assert pack.rows["validation"].tolist() == [3, 7]
    assert pack.views_of[3].tolist() == [6, 7]


def test_rare_classes_are_drawn_more_often(pack):
    rows = np.array([0, 2, 4, 1])  # three of one class, one of another
    assert pack.sampling_weights(rows, power=0.0).tolist() == pytest.approx([1 / 6] * 3 + [0.5])
    assert pack.sampling_weights(rows, power=1.0).tolist() == pytest.approx([0.25] * 4)


def test_deformed_copies_do_not_crowd_out_the_rest(pack_folder, tmp_path):
    warped = tmp_path / "pack"
    shutil.copytree(pack_folder, warped)
    index = json.loads((warped / "index.json").read_text())
    for row in (2, 4, 6):  # of the same class as row 0
        index["objects"][row]["variant_of"] = index["objects"][0]["id"]
    (warped / "index.json").write_text(json.dumps(index))
    original, *copies = Pack(warped).sampling_weights(np.array([0, 2, 4, 6]))
    assert original == pytest.approx(sum(copies))


def test_arrays_that_do_not_fit_are_refused(pack_folder, tmp_path):
    broken = tmp_path / "pack"
    shutil.copytree(pack_folder, broken)
    index = json.loads((broken / "index.json").read_text())
    index["objects"].pop()
    (broken / "index.json").write_text(json.dumps(index))
    with pytest.raises(ValueError, match=r"occupancy\.npy has shape"):
        Pack(broken)


def test_grid_points_are_where_truth_is(pack):
    truth = truth_at(pack.voxels(np.array([0])), 4)[0]
    points = grid_points(4)
    assert points.shape == (16**3, 3)
    cells = cell_of(points, 64)
    assert torch.equal(truth, pack.voxels(np.array([0]))[0][tuple(cells.T)])


def test_best_level_finds_the_threshold():
    truth = torch.rand(3, 500) < 0.3
    values = torch.where(truth, 0.65, 0.55)
    level, ious = best_level(values, truth, (0.3, 0.5, 0.6, 0.7))
    assert level == 0.6
    assert ious.tolist() == [1.0, 1.0, 1.0]


def test_only_the_classes_asked_for_are_used(pack_folder):
    pack = Pack(pack_folder, ["table", "boat"])
    assert pack.names == ("table",)
    kinds = [pack.objects[row]["class"] for rows in pack.rows.values() for row in rows]
    assert set(kinds) == {"table"}
    assert set(pack.classes.tolist()) == {-1, 0}


def test_generated_objects_train_but_do_not_count(pack):
    generated = {row for row, item in enumerate(pack.objects) if item["generated"]}
    assert generated
    assert generated <= set(pack.rows["train_original"].tolist())
    assert not generated & set(pack.rows["train_real"].tolist())
