"""The fine level begins silent, learns to correct the coarse one, and is exported with it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from bozzetto.inference.engines.pixel.checkpoint import load_checkpoint
from bozzetto.training.engines import train
from bozzetto.training.engines.export import export_fine, export_weights
from bozzetto.training.engines.fine import FinePlan, FineTraining, add_fine_level, fine_record
from bozzetto.training.engines.measure_fine import measure_fine
from bozzetto.training.engines.pictures import PictureTraining, Plan
from bozzetto.training.shared.fine_views import FineViews
from bozzetto.training.shared.pack import Pack
from bozzetto.training.shared.run import read_curve

SHORT = FinePlan(minutes=1, pictures=4, near=64, uniform=64)
PROGRESS = 0.3


@pytest.fixture
def weights(pack, tiny, tmp_path):
    """A folder with hardly trained weights of both engines, without a fine level."""
    training = PictureTraining(
        pack, *tiny, Plan(minutes=1, pictures=2, near=16, uniform=16), imagenet=False
    )
    training.step(PROGRESS)
    training.save(tmp_path / "pictures.pt")
    export_weights(pack, tmp_path / "pictures.pt", tmp_path / "weights", tmp_path / "curve.jsonl")
    return tmp_path / "weights"


@pytest.fixture
def coarse(weights):
    return load_checkpoint(weights / "pixel.safetensors")


def test_it_begins_silent_and_then_corrects(fine_pack, coarse):
    training = FineTraining(fine_pack, coarse, SHORT)
    figures = training.measure(0.0)
    assert figures["near_validation"] == figures["near_coarse_validation"]
    errors = [training.step(PROGRESS) for _ in range(30)]
    assert errors[0]["occupancy"] == pytest.approx(errors[0]["coarse"], abs=1e-5)
    gains = [error["coarse"] - error["occupancy"] for error in errors]
    assert np.mean(gains[-5:]) > 0.01
    before = coarse.network.points.state_dict()
    for key, value in training.network.points.state_dict().items():
        assert torch.equal(value, before[key])


def test_it_goes_on_exactly(fine_pack, coarse, tmp_path):
    whole = FineTraining(fine_pack, coarse, SHORT)
    whole.step(PROGRESS)
    whole.save(tmp_path / "f.pt")
    expected = whole.step(PROGRESS)
    resumed = FineTraining(fine_pack, coarse, SHORT)
    resumed.load(tmp_path / "f.pt")
    assert resumed.step(PROGRESS) == pytest.approx(expected, rel=1e-4)
    assert resumed.fits(tmp_path / "f.pt")
    other = FineTraining(fine_pack, replace(coarse, sha256="0" * 64), SHORT)
    assert not other.fits(tmp_path / "f.pt")
    with pytest.raises(ValueError, match="other coarse weights"):
        other.load(tmp_path / "f.pt")


def test_a_pack_without_large_pictures_says_what_to_run(pack, coarse):
    with pytest.raises(ValueError, match="--stage fine"):
        FineTraining(pack, coarse, SHORT)


def test_command_line_trains_and_exports_it(fine_folder, weights, coarse, tmp_path, monkeypatch):
    monkeypatch.setattr(FinePlan, "__init__", _small(FinePlan.__init__))
    status = train.main(
        ["--phase", "fine", "--pack", str(fine_folder), "--run", str(tmp_path / "run"),
         "--minutes", "0.02", "--weights", str(weights)]
    )  # fmt: skip
    assert status == 0
    found = load_checkpoint(weights / "pixel.safetensors")
    assert found.network.fine is not None
    assert fine_record(found)["pictures"] >= 2
    assert fine_record(found)["coarse_pictures"] == 2
    assert found.metadata["training"]["pictures"] == coarse.metadata["training"]["pictures"]
    picture = torch.rand(1, 4, 128, 128)
    assert torch.equal(found.network(picture).code, coarse.network(picture).code)
    last = read_curve(tmp_path / "run" / "curve.jsonl")[-1]
    assert {"iou_validation", "iou_coarse_validation"} <= last.keys()
    assert "fine level" in (weights / "pixel.md").read_text()


def test_next_coarse_run_leaves_the_fine_level_behind(fine_pack, weights, coarse, tiny, tmp_path):
    """It corrected other weights: a card must not claim it of those that come."""
    fine = FineTraining(fine_pack, coarse, SHORT)
    fine.step(PROGRESS)
    export_fine(fine_pack, fine, coarse, weights, tmp_path / "curve.jsonl")
    assert "corrects their sum" in (weights / "pixel.md").read_text()
    training = PictureTraining(
        fine_pack, *tiny, Plan(minutes=1, pictures=2, near=16, uniform=16), imagenet=False
    )
    assert training.start_from_weights(weights)
    training.step(PROGRESS)
    training.save(tmp_path / "next.pt")
    export_weights(fine_pack, tmp_path / "next.pt", weights, tmp_path / "curve.jsonl")
    assert load_checkpoint(weights / "pixel.safetensors").network.fine is None
    assert "corrects their sum" not in (weights / "pixel.md").read_text()


def test_measure_tells_what_the_fine_level_changes(fine_pack, coarse):
    network = add_fine_level(coarse.network)
    fine = network.fine
    assert fine is not None
    silent = measure_fine(fine_pack, network, fine, "train", limit=4)
    assert silent["iou"] == silent["iou_coarse"]
    assert silent["near"] == silent["near_coarse"]
    fine.requires_grad_(False)
    told = {}
    for bias in (50.0, -50.0):  # what is near even odds, here nearly all, is inside, or outside
        fine.linear_3.bias.fill_(bias)
        told[bias] = measure_fine(fine_pack, network, fine, "train", limit=4)
        assert told[bias]["iou_coarse"] == silent["iou_coarse"]
        assert told[bias]["near_coarse"] == silent["near_coarse"]
    assert told[50.0]["near"] + told[-50.0]["near"] == pytest.approx(1, abs=0.01)
    assert told[50.0]["near"] < told[-50.0]["near"]  # most of the points are outside
    assert told[50.0]["iou"] > told[-50.0]["iou"]


def test_large_pictures_are_those_of_their_objects(fine_pack, fine_folder, tmp_path):
    fine = fine_pack.fine
    assert [len(views) for views in fine.views_of] == [1] * 7 + [0]
    for row in (0, 6):
        large = fine.pictures(fine.views_of[row])[0]
        small = fine_pack.pictures(fine_pack.views_of[row][1:])[0]
        assert (large[::3, ::3, 3] == small[..., 3]).all()
    for name in ("fine", "fine_ends", "fine_camera"):
        np.save(tmp_path / f"{name}.npy", np.load(fine_folder / f"{name}.npy")[:-1])
    with pytest.raises(ValueError, match="differ in number"):
        FineViews(tmp_path, fine.views_of)
    np.save(tmp_path / "fine_ends.npy", np.load(fine_folder / "fine_ends.npy"))
    np.save(tmp_path / "fine_camera.npy", np.load(fine_folder / "fine_camera.npy"))
    with pytest.raises(ValueError, match="does not end"):
        FineViews(tmp_path, fine.views_of)
    assert Pack(fine_folder).fine is not None


def _small(original):
    def make(self, **values):
        original(self, **{"pictures": 2, "near": 16, "uniform": 16, **values})

    return make
