"""The baselines do what they claim on packs made by hand."""

import json

import numpy as np
import pytest
import torch
from analytic_shapes import ball

from bozzetto.evaluation.baselines.grids import open_pack, shape_of_values
from bozzetto.evaluation.baselines.inflation import (
    USUAL_ELEVATION,
    Profile,
    half_depths,
    inflate,
    tune_profile,
)
from bozzetto.evaluation.baselines.mean_shape import LEVELS, build_mean_shapes
from bozzetto.evaluation.baselines.retrieval import (
    Bank,
    build_bank,
    compute_features,
    prepare_query,
    retrieve,
)
from bozzetto.evaluation.metrics.alignment import camera_frame
from bozzetto.evaluation.metrics.shape import Shape, fit_box
from bozzetto.evaluation.metrics.volume import unit_points, volume_iou
from bozzetto.inference.engines.efficientnet import EfficientNetLite0

SIDE = 64
POINTS = unit_points(40_000, np.random.default_rng(0))


def grid(low, high):
    """A box of cells, as shares of the cube."""
    cells = np.zeros((SIDE,) * 3, bool)
    a, b = (np.round(np.array(v) * SIDE).astype(int) for v in (low, high))
    cells[a[0] : b[0], a[1] : b[1], a[2] : b[2]] = True
    return cells


def ball_grid(radius):
    steps = (np.arange(SIDE) + 0.5) / SIDE - 0.5
    x, y, z = np.meshgrid(steps, steps, steps, indexing="ij")
    return x**2 + y**2 + z**2 < radius**2


def disc(radius=0.4, side=128):
    steps = (np.arange(side) + 0.5) / side - 0.5
    x, y = np.meshgrid(steps, steps)
    return (x**2 + y**2 < radius**2).astype(np.float32)


def write_pack(folder, objects, views=()):
    """objects: (class, split, grid); views: (row, uint8 [128, 128, 4], camera)."""
    folder.mkdir()
    index = {
        "meta": {"resolution": SIDE},
        "objects": [
            {"id": f"p/{i}", "class": kind, "split": split, "variant_of": None}
            for i, (kind, split, _) in enumerate(objects)
        ],
    }
    (folder / "index.json").write_text(json.dumps(index))
    packed = np.stack([np.packbits(cells.reshape(-1)) for *_, cells in objects])
    np.save(folder / "occupancy.npy", packed)
    empty = np.zeros((0, 128, 128, 4), np.uint8)
    np.save(folder / "views.npy", np.stack([v for _, v, _ in views]) if views else empty)
    np.save(folder / "views_row.npy", np.array([row for row, *_ in views], np.int32))
    cameras = np.array([camera for *_, camera in views], np.float32).reshape(-1, 3)
    np.save(folder / "views_camera.npy", cameras)
    (folder / "READY").write_text("2026-01-01T00:00:00Z\n")
    return open_pack(folder)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return EfficientNetLite0().eval()


def test_the_mean_shape_s_level_is_the_one_that_fits_held_out_objects(tmp_path):
    wide, narrow = grid((0.2, 0.2, 0.2), (0.8, 0.8, 0.8)), grid((0.4, 0.2, 0.2), (0.6, 0.8, 0.8))
    # three of ten training objects are wide; what is held out is wide too: a low level is best
    train = [("chair", "train", wide)] * 3 + [("chair", "train", narrow)] * 7
    pack = write_pack(tmp_path / "pack", train + [("chair", "validation", wide)] * 5)
    shapes = build_mean_shapes(pack)
    assert shapes.levels["chair"] in LEVELS
    assert shapes.levels["chair"] < 0.3
    exact = shape_of_values(wide.astype(np.float32), 0.5)
    assert volume_iou(exact, shapes.predict("chair"), POINTS) > 0.95
    assert shapes.predict("lamp") is None


def test_the_mean_shape_of_a_class_with_few_held_out_objects_gets_the_level_of_all(tmp_path):
    wide, narrow = grid((0.2, 0.2, 0.2), (0.8, 0.8, 0.8)), grid((0.4, 0.2, 0.2), (0.6, 0.8, 0.8))
    train = [(kind, "train", g) for kind in ("chair", "lamp") for g in [wide] * 3 + [narrow] * 7]
    held = [("chair", "validation", narrow)] * 8 + [("lamp", "validation", wide)]
    levels = build_mean_shapes(write_pack(tmp_path / "pack", train + held)).levels
    assert levels["lamp"] == levels["chair"] >= 0.3


def test_retrieval_finds_the_picture_itself_and_delivers_that_object(tmp_path, network):
    rng = np.random.default_rng(0)
    pictures = []
    for _ in range(6):
        coarse = rng.integers(0, 255, (8, 8, 3), np.uint8)
        picture = np.full((128, 128, 4), 255, np.uint8)
        picture[..., :3] = coarse.repeat(16, axis=0).repeat(16, axis=1)
        pictures.append(picture)
    grids = [grid((0.1, 0.1, 0.1), (0.9, 0.3 + 0.1 * i, 0.5)) for i in range(6)]
    objects = [("chair", "test" if i == 0 else "train", g) for i, g in enumerate(grids)]
    views = [(row, picture, (0, 10, 30)) for row, picture in enumerate(pictures)]
    pack = write_pack(tmp_path / "pack", objects, views)
    bank = build_bank(pack, network, tmp_path / "cache")
    assert bank.rows.tolist() == [1, 2, 3, 4, 5]  # never what is held out
    for row in range(1, 6):
        shape, found = retrieve(pack, bank, network, pictures[row].astype(np.float32) / 255)
        assert found == row
        exact = shape_of_values(grids[row].astype(np.float32), 0.5)
        assert volume_iou(exact, shape, POINTS) > 0.95
    again = build_bank(pack, network, tmp_path / "cache")
    assert np.array_equal(again.features, bank.features)


def test_the_cosine_of_a_picture_with_itself_is_one(network):
    picture = np.random.default_rng(1).integers(0, 255, (1, 128, 128, 4), np.uint8)
    features = compute_features(network, picture)
    assert Bank(features, np.array([7])).nearest(features[0]) == (7, pytest.approx(1.0, abs=1e-5))


def test_a_query_is_made_like_the_pack_s_pictures():
    rgba = np.zeros((512, 512, 4), np.float32)
    rgba[128:384, 128:384] = (1.0, 0.5, 0.0, 1.0)
    small = prepare_query(rgba, 128)
    assert small.shape == (128, 128, 4)
    assert small[64, 64].tolist() == [255, 128, 0, 255]
    assert small[0, 0, 3] == 0


def test_a_disc_blown_up_round_is_a_ball():
    shape = inflate(disc(), Profile(scale=1.0, roundness=0.5))
    truth = Shape(*ball(0.4))
    placed = shape.placed(fit_box(shape.mesh.vertices, truth))
    assert volume_iou(truth, placed, POINTS) > 0.93


def test_a_slab_has_one_depth():
    depths = half_depths(disc() > 0, Profile(scale=2.0, roundness=0.0))
    inside = depths[disc() > 0]
    assert inside.min() == pytest.approx(inside.max())
    assert not depths[disc() == 0].any()


def test_a_blown_up_outline_stands_as_seen_from_the_front():
    # an upright post in the picture, with a knob at the top right
    alpha = np.zeros((128, 128), np.float32)
    alpha[20:110, 58:70] = 1
    alpha[20:40, 58:100] = 1
    shape = inflate(alpha, Profile(scale=1.0, roundness=0.5))
    seen = shape.mesh.vertices @ camera_frame(0.0, USUAL_ELEVATION).T
    knob = seen[seen[:, 0] > 0.9 * seen[:, 0].max()]
    assert knob[:, 1].mean() > 0  # high in the picture
    assert shape.high[2] - shape.low[2] > 1.3 * (shape.high[0] - shape.low[0])  # it stands


def test_the_depth_is_chosen_by_what_fits_the_held_out_solids(tmp_path):
    picture = np.zeros((128, 128, 4), np.uint8)
    picture[..., 3] = disc() * 255
    views = [(row, picture, (40.0 * row, 15.0, 30.0)) for row in range(4)]
    pack = write_pack(tmp_path / "balls", [("toy", "validation", ball_grid(0.25))] * 4, views)
    assert tune_profile(pack) == Profile(scale=1.0, roundness=0.5)


def test_a_pack_that_is_not_finished_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="bozzetto data"):
        open_pack(tmp_path)
