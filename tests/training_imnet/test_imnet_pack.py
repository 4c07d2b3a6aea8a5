"""What training draws from a pack says the truth about the shapes in it."""

import json
import shutil

import numpy as np
import pytest
import torch

from bozzetto.training.imnet.evaluate import best_level, grid_points, truth_at
from bozzetto.training.imnet.pack import Pack, pool_any
from bozzetto.training.imnet.pictures_input import augment, pictures_from_views


def cell_of(points, level):
    return ((points + 0.5) * level).long().clamp(0, level - 1)


@pytest.mark.parametrize("level", [16, 32, 64])
@pytest.mark.parametrize("mirrored", [False, True])
def test_points_carry_the_value_of_their_shape(pack, level, mirrored):
    rows = np.array([0, 5])
    mirror = np.full(2, mirrored)
    batch = pack.shapes(rows, 100, 200, level, np.random.default_rng(0), mirror)
    coarse = pool_any(batch.occupancy, level)
    cells = cell_of(batch.points, level)
    values = coarse[torch.arange(2)[:, None], cells[..., 0], cells[..., 1], cells[..., 2]].float()
    uniform = slice(100, None)
    assert torch.equal(values[:, uniform], batch.inside[:, uniform])
    agreement = (values == batch.inside).float().mean()
    assert agreement == 1 if level < 64 else agreement > 0.95  # exact points within a mixed cell
    assert 0 < batch.inside.mean() < 1


def test_mirroring_flips_x_only(pack):
    rows = np.array([2])
    plain, mirrored = (
        pack.shapes(rows, 64, 64, 64, np.random.default_rng(0), np.array([mirror]))
        for mirror in (False, True)
    )
    assert not torch.equal(plain.occupancy, mirrored.occupancy)
    assert torch.equal(plain.occupancy.flip(1), mirrored.occupancy)
    assert torch.equal(plain.points * torch.tensor([-1.0, 1.0, 1.0]), mirrored.points)
    assert torch.equal(plain.inside, mirrored.inside)


def test_pooling_keeps_single_cells():
    grid = torch.zeros(1, 64, 64, 64, dtype=torch.bool)
    grid[0, 5, 60, 33] = True
    assert pool_any(grid, 16).nonzero().tolist() == [[0, 1, 15, 8]]
    assert pool_any(grid, 64) is grid


def test_splits_and_views(pack):
    assert pack.rows["train"].tolist() == [0, 1, 2, 4, 5, 6]
    assert pack.rows["validation"].tolist() == [3, 7]
    assert pack.views_of[3].tolist() == [6, 7]


def test_rare_classes_are_drawn_more_often(pack):
    rows = np.array([0, 2, 4, 1])  # three of one class, one of another
    assert pack.sampling_weights(rows, power=0.0).tolist() == pytest.approx([1 / 6] * 3 + [0.5])
    assert pack.sampling_weights(rows, power=1.0).tolist() == pytest.approx([0.25] * 4)


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


def test_augmented_pictures_stay_pictures(pack):
    views = pack.views[:4]
    mirror = np.array([False, True, False, True])
    pictures = augment(views, mirror, torch.Generator().manual_seed(0))
    again = augment(views, mirror, torch.Generator().manual_seed(0))
    other = augment(views, mirror, torch.Generator().manual_seed(1))
    assert pictures.shape == (4, 2, 128, 128)
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    assert torch.equal(pictures, again)
    assert not torch.equal(pictures, other)
    plain = pictures_from_views(views)[:, 1]
    for number in range(4):  # the outline moves a little and is mirrored where asked
        wanted = plain[number].flip(-1) if mirror[number] else plain[number]
        overlap = (pictures[number, 1] * wanted).sum() / wanted.sum()
        assert overlap > 0.6


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
