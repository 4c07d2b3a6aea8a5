"""Both engines learn on one trunk, go on where they stopped, and their export is what they load."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from bozzetto.inference.engines import create_engine
from bozzetto.inference.engines.imnet.checkpoint import load_bundled as load_imnet
from bozzetto.inference.engines.pixel.checkpoint import load_bundled as load_pixel
from bozzetto.training.engines import train
from bozzetto.training.engines.export import export_weights
from bozzetto.training.engines.measure import measure
from bozzetto.training.engines.pictures import PictureTraining, Plan, load_networks
from bozzetto.training.engines.sheet import read_view, sample_field, shade_grid
from bozzetto.training.shared.run import Average, Clock, Curve, learning_rate, read_curve

SHORT = Plan(minutes=1, pictures=4, near=64, uniform=64)
PROGRESS = 0.3


def start(pack, tiny):
    return PictureTraining(pack, *tiny, SHORT, imagenet=False)


def test_both_engines_learn(pack, tiny):
    training = start(pack, tiny)
    errors = [training.step(PROGRESS) for _ in range(25)]
    for name in ("occupancy", "seen", "latent", "pose", "box"):
        values = [error[name] for error in errors]
        assert np.mean(values[-5:]) < np.mean(values[:5]), name


def test_what_both_engines_share_is_one(pack, tiny):
    training = start(pack, tiny)
    training.step(PROGRESS)
    mine = training.model.pixel.trunk.state_dict()
    for key, value in training.model.imnet.img_encoder.trunk.state_dict().items():
        assert value is mine[key] or torch.equal(value, mine[key])
    average = training.average.module
    assert average.pixel.trunk is average.imnet.img_encoder.trunk
    assert average.pixel.canonical.decoder is average.imnet.generator
    assert average.pixel.canonical.latent is average.imnet.img_encoder.latent


def test_training_goes_on_exactly(pack, tiny, tmp_path):
    whole = start(pack, tiny)
    whole.step(PROGRESS)
    whole.save(tmp_path / "p.pt")
    expected = whole.step(PROGRESS)
    resumed = start(pack, tiny)
    resumed.load(tmp_path / "p.pt")
    assert resumed.steps == 1
    assert resumed.step(PROGRESS) == pytest.approx(expected, rel=1e-4)


def test_alpha_has_no_influence_on_imagenet_weights_at_first(pack, tiny):
    training = PictureTraining(pack, *tiny, SHORT)
    stem = training.model.pixel.trunk._conv_stem.weight
    assert stem.shape[1] == 4
    assert not stem[:, 3].any()
    assert stem[:, :3].any()


@pytest.fixture
def exported(pack, tiny, tmp_path):
    training = start(pack, tiny)
    curve = Curve(tmp_path / "curve.jsonl")
    training.step(PROGRESS)
    curve.add(phase="pictures", minutes=1.0, steps=1, **training.measure(PROGRESS))
    training.save(tmp_path / "pictures.pt")
    folder = tmp_path / "weights"
    export_weights(pack, tmp_path / "pictures.pt", folder, curve.path)
    return folder


def test_export_is_what_the_engines_load(pack, tiny, exported, tmp_path):
    trained = load_networks(tmp_path / "pictures.pt")
    pixel, imnet = (
        load_pixel(exported / "pixel.safetensors"),
        load_imnet(exported / "imnet.safetensors"),
    )
    assert (pixel.network.architecture, imnet.architecture) == tiny
    assert pixel.diagonals == {pack.names[1]: pytest.approx(1.0)}
    assert sorted(set(imnet.bank.diagonals.tolist())) == [0.0, 1.0]
    assert len(imnet.bank.latents) == len(pack.rows["train"])
    pictures = torch.rand(2, 4, 128, 128)
    with torch.no_grad():
        expected, latents, _ = trained(pictures)
        found = pixel.network(pictures)
        z = imnet.model.img_encoder(pictures)
    assert torch.allclose(found.code, expected.code, atol=5e-2, rtol=5e-2)  # float16
    assert torch.allclose(z, latents, atol=2e-2)
    for name in ("pixel", "imnet"):
        card = (exported / f"{name}.md").read_text()
        record = json.loads((exported / f"{name}.json").read_text())
        assert record["sha256"] in card
        assert record["bytes"] == (exported / f"{name}.safetensors").stat().st_size
        assert "| **all** | 2 |" in card
    credit = (exported / "ATTRIBUTION").read_text()
    assert "box 0" in credit
    assert "box 3" not in credit  # a validation object: nothing was learned from it


def test_exported_imnet_makes_a_field(pack, exported):
    engine = create_engine("imnet", checkpoint=str(exported / "imnet.safetensors"), device="cpu")
    candidates = read_view(engine, np.asarray(pack.views[0]))
    assert candidates[0].category in pack.names
    assert sample_field(candidates[0].field, 4).shape == (16, 16, 16)


def test_next_run_starts_from_the_published_weights(pack, tiny, exported):
    training = start(pack, tiny)
    first = training.rng.bit_generator.state
    assert training.start_from_weights(exported)
    assert training.rng.bit_generator.state != first  # it draws other pictures
    assert training.pictures_seen == SHORT.pictures
    training.step(0.5)
    assert training.pictures_seen == 2 * SHORT.pictures
    pixel, imnet = tiny
    other = start(pack, (replace(pixel, hidden=8), imnet))
    assert not other.start_from_weights(exported)


def test_command_line_trains_and_exports(pack_folder, tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(train, "bundled_architectures", lambda classes: tiny)
    monkeypatch.setattr(Plan, "__init__", _small_plan(Plan.__init__))
    status = train.main(
        ["--pack", str(pack_folder), "--run", str(tmp_path / "run"), "--minutes", "0.01",
         "--weights", str(tmp_path / "weights")]
    )  # fmt: skip
    assert status == 0
    assert (tmp_path / "weights" / "pixel.safetensors").exists()
    assert (tmp_path / "weights" / "imnet.safetensors").exists()
    last = read_curve(tmp_path / "run" / "curve.jsonl")[-1]
    assert {"iou_validation", "iou_imnet_validation", "yaw_validation"} <= last.keys()


def test_command_line_measures_published_weights(
    pack, pack_folder, tiny, exported, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(train, "bundled_architectures", lambda classes: tiny)
    command = ["--phase", "measure", "--pack", str(pack_folder), "--run", str(tmp_path / "run")]
    assert train.main([*command, "--weights", str(exported)]) == 0
    printed = dict(line.rsplit(" ", 1) for line in capsys.readouterr().out.splitlines())
    network = start(pack, tiny)
    network.start_from_weights(exported)
    expected = measure(pack, network.model, "validation", views=2)
    assert {name: float(value) for name, value in printed.items()} == pytest.approx(
        expected, abs=6e-4
    )
    assert train.main([*command, "--weights", str(tmp_path / "nowhere")]) == 1
    assert "holds no weights" in capsys.readouterr().out
    assert not list((tmp_path / "run").glob("*.pt"))


def test_azimuths_count_by_the_side_that_is_seen(pack, tiny, monkeypatch):
    monkeypatch.setattr(pack, "views_camera", pack.views_camera.copy())
    network = start(pack, tiny).model.eval()
    # whatever the pictures show: the middle of the first bin
    network.pixel.camera_2.weight.data.zero_()
    network.pixel.camera_2.bias.data.zero_()[0] = 9
    one, other = (pack.views_of[row] for row in pack.rows["validation"])
    for view, azimuth in zip((*one, *other), (0.0, 55.0, -90.0, 170.0), strict=True):
        pack.views_camera[view, 0] = azimuth
    found = measure(pack, network, "validation", views=2)
    sides = {name: found[f"yaw_{name}"] for name in ("front", "side", "behind")}
    assert sides == {"front": 0.5, "side": 0.0, "behind": 0.0}
    assert found["yaw"] == 0.25


def _small_plan(original):
    def make(self, **values):
        original(self, **{"pictures": 2, "near": 16, "uniform": 16, **values})

    return make


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
