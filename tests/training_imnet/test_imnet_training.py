"""Both phases learn, go on where they stopped, and what they export is what the engine loads."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from bozzetto.inference.engines.imnet.checkpoint import load_bundled
from bozzetto.inference.engines.imnet.engine import ImnetEngine
from bozzetto.training.imnet import train
from bozzetto.training.imnet.autoencoder import (
    AutoEncoderPlan,
    AutoEncoderTraining,
    load_autoencoder,
    stage_level,
)
from bozzetto.training.imnet.export import export_weights
from bozzetto.training.imnet.pictures import PicturePlan, PictureTraining, load_pictures
from bozzetto.training.imnet.run import Average, Clock, Curve, learning_rate, read_curve
from bozzetto.training.imnet.sheet import read_view, sample_field, shade_grid

SHORT = AutoEncoderPlan(minutes=1, shapes=4, surface=128, uniform=128, rate=3e-3)
PICTURES = PicturePlan(minutes=1, pictures=4, surface=32, uniform=32)


PROGRESS = 0.3


def train_autoencoder(pack, tiny, steps):
    training = AutoEncoderTraining(pack, tiny, SHORT)
    return training, [training.step(PROGRESS)["loss"] for _ in range(steps)]


def start_from_phase_1(pack, path):
    autoencoder, architecture = load_autoencoder(path)
    training = PictureTraining(pack, architecture, PICTURES)
    training.start_from_autoencoder(autoencoder)
    return training


@pytest.fixture
def checkpoints(pack, tiny, tmp_path):
    first, _ = train_autoencoder(pack, tiny, 3)
    first.save(tmp_path / "autoencoder.pt")
    second = start_from_phase_1(pack, tmp_path / "autoencoder.pt")
    second.step(0.5)
    second.save(tmp_path / "pictures.pt")
    return tmp_path


def test_stages_go_from_coarse_to_fine():
    levels = [stage_level(progress) for progress in np.linspace(0, 1, 50)]
    assert levels == sorted(levels)
    assert set(levels) == {16, 32, 64}


def test_autoencoder_learns(pack, tiny):
    _, losses = train_autoencoder(pack, tiny, 30)
    assert np.mean(losses[-5:]) < 0.8 * np.mean(losses[:5])


def test_autoencoder_goes_on_exactly(pack, tiny, tmp_path):
    whole, _ = train_autoencoder(pack, tiny, 2)
    whole.save(tmp_path / "a.pt")
    torch.manual_seed(9)
    expected = whole.step(PROGRESS)["loss"]
    resumed = AutoEncoderTraining(pack, tiny, SHORT)
    resumed.load(tmp_path / "a.pt")
    torch.manual_seed(9)
    assert resumed.steps == 2
    assert resumed.step(PROGRESS)["loss"] == pytest.approx(expected, rel=1e-5)


def test_picture_encoder_and_decoder_learn_together(pack, checkpoints):
    training = start_from_phase_1(pack, checkpoints / "autoencoder.pt")
    before = {k: v.clone() for k, v in training.model.generator.state_dict().items()}
    errors = [training.step(PROGRESS) for _ in range(25)]
    assert set(errors[0]) == {"decoded_error", "class_error"}
    for name in errors[0]:
        values = [error[name] for error in errors]
        assert np.mean(values[-5:]) < np.mean(values[:5]), name
    for key, value in training.model.generator.state_dict().items():
        assert not torch.equal(value, before[key])


def test_picture_training_goes_on_exactly(pack, checkpoints):
    whole = start_from_phase_1(pack, checkpoints / "autoencoder.pt")
    whole.step(PROGRESS)
    whole.save(checkpoints / "p.pt")
    expected = whole.step(PROGRESS)
    resumed = start_from_phase_1(pack, checkpoints / "autoencoder.pt")
    resumed.load(checkpoints / "p.pt")
    assert resumed.steps == 1
    assert resumed.step(PROGRESS) == pytest.approx(expected, rel=1e-4)


def test_next_run_starts_from_the_published_weights(pack, tiny, checkpoints, tmp_path):
    weights = export_weights(
        pack, checkpoints / "pictures.pt", tmp_path / "weights", write_curve(tmp_path),
        checkpoints / "autoencoder.pt",
    )  # fmt: skip
    training = PictureTraining(pack, tiny, PICTURES)
    assert training.start_from_weights(weights)
    assert training.pictures_seen == 12
    training.step(0.5)
    assert training.pictures_seen == 12 + PICTURES.pictures
    exported, _ = load_pictures(checkpoints / "pictures.pt")
    for key, value in training.average.module.state_dict().items():
        wanted = exported.state_dict()[key]
        assert value.shape == wanted.shape
    other = PictureTraining(pack, replace(tiny, planes=2), PICTURES)
    assert not other.start_from_weights(weights)


def write_curve(folder):
    curve = Curve(folder / "curve.jsonl")
    for phase in ("autoencoder", "pictures"):
        curve.add(
            phase=phase, minutes=1.0, steps=3, iou_train=0.5, iou_validation=0.25, pictures=12
        )
    return curve.path


def test_export_is_what_the_engine_loads(pack, tiny, checkpoints, tmp_path):
    path = export_weights(
        pack, checkpoints / "pictures.pt", tmp_path / "weights", write_curve(tmp_path),
        checkpoints / "autoencoder.pt",
    )  # fmt: skip
    loaded = load_bundled(path)
    assert loaded.architecture == tiny
    assert loaded.diagonals == {pack.names[1]: pytest.approx(1.0)}
    assert sorted(set(loaded.bank.diagonals.tolist())) == [0.0, 1.0]
    assert len(loaded.bank.latents) == len(pack.rows["train"])
    trained, _ = load_pictures(checkpoints / "pictures.pt")
    points = torch.rand(1, 300, 3) - 0.5
    z = torch.rand(1, 16)
    with torch.no_grad():
        expected = trained.generator(points, z)
        stored = loaded.model.generator(points, z)
    assert torch.allclose(expected, stored, atol=2e-2)  # float16
    engine = ImnetEngine(str(path), "cpu")
    candidates = read_view(engine, np.asarray(pack.views[0]))
    assert candidates[0].category in pack.names
    assert sample_field(candidates[0].field, 4).shape == (16, 16, 16)
    card = path.with_suffix(".md").read_text()
    assert loaded.sha256 in card
    assert "| **all** | 4 |" in card
    credit = (path.parent / "ATTRIBUTION").read_text()
    assert "box 0" in credit
    assert "box 3" not in credit  # a validation object: nothing was learned from it


def test_command_line_runs_both_phases_and_exports(pack_folder, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(train, "bundled_architecture", lambda classes: tiny)
    monkeypatch.setattr(train.AutoEncoderPlan, "shapes", 2)
    status = train.main(
        ["--pack", str(pack_folder), "--run", str(tmp_path / "run"), "--minutes", "0.01",
         "--weights", str(tmp_path / "weights")]
    )  # fmt: skip
    assert status == 0
    assert (tmp_path / "weights" / "imnet.safetensors").exists()
    phases = {line["phase"] for line in read_curve(tmp_path / "run" / "curve.jsonl")}
    assert phases == {"autoencoder", "pictures"}
    record = json.loads((tmp_path / "weights" / "imnet.json").read_text())
    assert record["bytes"] == (tmp_path / "weights" / "imnet.safetensors").stat().st_size


def test_clock_counts_over_restarts():
    clock = Clock(minutes=1, spent=30)
    assert 0.5 <= clock.tick() < 0.51
    assert Clock(minutes=1, spent=70).tick() == 1.0


def test_learning_rate_rises_and_falls():
    rates = [learning_rate(p, 1.0) for p in (0.0, 0.02, 0.5, 1.0)]
    assert rates[0] < rates[1]
    assert rates[1] == pytest.approx(1.0)
    assert rates[1] > rates[2] > rates[3] > 0


def test_average_follows_the_module():
    module = torch.nn.Linear(2, 2)
    average = Average(module, 0.5)
    start = average.module.weight.clone()
    with torch.no_grad():
        module.weight += 1
    average.update(module)
    assert (average.module.weight > start).all()
    for _ in range(60):
        average.update(module)
    assert torch.allclose(average.module.weight, module.weight, atol=1e-4)


def test_shading_shows_where_the_shape_is():
    values = np.zeros((32, 32, 32))
    values[14:18, 14:18, 4:28] = 1  # an upright bar
    picture = shade_grid(values, 0.5, 0, 0)
    dark = picture < 250
    assert dark[:, 40:88].sum() == dark.sum()
    assert dark.any(1).sum() > 2 * dark.any(0).sum()
    assert (shade_grid(np.zeros((8, 8, 8)), 0.5, 0, 0) == 255).all()
